"""The update in a group without end, from batches that hold every story at its exact share."""

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from pgbook.audit.batch import make_batch
from pgbook.audit.listing import endless_batch
from pgbook.audit.subject import Subject, update_of
from pgbook.audit.worlds import World

SAME = 1e-9  # relative: what does not change with the size has its limit
CALLS = (
    400_000  # of torch functions: a loop over all pairs of a few hundred episodes takes millions
)


class _Count(TorchFunctionMode):
    """Counts the calls of torch functions."""

    calls = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        return func(*args, **(kwargs or {}))


def endless_update(subject: Subject, world: World, critic: np.ndarray) -> np.ndarray | None:
    """Return the update in a group without end, [S, A], or None where it cannot be said.

    Every mean over the episodes of a batch of exact shares is an expectation. What leaves an
    episode out differs from that by powers of one over the size; three sizes take off two of them.
    A loss whose loops would take minutes in so large a batch is not asked.

    Args:
        subject: what is audited.
        world: where.
        critic: V̂_t(s), [T + 1, S + 1].
    """
    parts = endless_batch(world, critic=critic)
    if parts is None or _calls(subject, world, parts) > CALLS:
        return None
    order = np.random.default_rng(0).permutation(len(parts["rewards"]))
    if len(world.starts) > 1:
        order.sort()  # a prompt's answers stay together
    once = _update(subject, world, parts)
    mixed = _update(subject, world, {name: part[order] for name, part in parts.items()})
    if once is None or mixed is None:
        return None
    scale = np.abs(once).max()
    if np.abs(once - mixed).max() > 1e-4 * scale:
        return None
    found = [once, *(_update(subject, world, _times(parts, times)) for times in (2,))]
    if found[1] is None or np.abs(found[1] - once).max() <= SAME * scale:
        return once
    found.append(_update(subject, world, _times(parts, 4)))
    return once if found[2] is None else _limit(found)


def _calls(subject, world, parts):
    """How many calls of torch functions the batches would take: a parabola through three sizes."""
    sizes = np.array([4, 8, 16])
    counts = []
    for size in sizes:
        places = np.linspace(0, len(parts["rewards"]) - 1, size).astype(int)
        with _Count() as count:
            _update(subject, world, {name: part[places] for name, part in parts.items()})
        counts.append(count.calls)
    at = np.polynomial.Polynomial.fit(sizes, counts, 2)
    return sum(float(at(times * len(parts["rewards"]))) for times in (1, 1, 2, 4))


def _times(parts, times):
    return {name: part.repeat_interleave(times, 0) for name, part in parts.items()}


def _update(subject, world, parts):
    theta = torch.tensor(world.theta, requires_grad=True)
    try:
        found = update_of(subject, make_batch(theta, parts, world.gamma))
    except Exception:  # a loss may be made for few episodes; the limit is an extra
        return None
    return found if np.isfinite(found).all() else None


def _limit(found):
    """The limit of the direction, and of the length, unless that grows with the size."""
    lengths = np.array([np.linalg.norm(update) for update in found])
    weights = np.array([1 / 3, -2.0, 8 / 3])
    direction = np.einsum("n,nsa->sa", weights / lengths, np.array(found))
    grows = lengths[2] > 1.5 * lengths[1]
    return direction * (lengths[0] if grows else weights @ lengths)
