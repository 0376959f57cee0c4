r"""What can be said about a loss that needs its own model: its pull on each token, recorded.

A loss that cannot run in a tiny world can still tell how hard it pulls on every token of its own
batches: $-\partial L/\partial\log\pi_\theta(a_t\mid s_t)$, [K, T]. If that is a known composition
of the recorded rewards on every batch, the loss is known, and so is its expectation.

What cannot be said: nothing is averaged, since nobody knows the batches' probabilities, so a loss
that no composition explains gets no verdict; and fields that are not recorded cannot be part of
the explanation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import torch
from torch import Tensor

from pgbook.audit import pieces
from pgbook.audit.compositions import compositions
from pgbook.audit.constants import constant_rules
from pgbook.audit.slips import SLIPS

PADDED = 1e-9  # how much of the pull may rest on steps after an end


@dataclass(frozen=True, eq=False)
class Recording:
    r"""One batch, as a training run saw it.

    Attributes:
        pull: $-\partial L/\partial\log\pi$ at each step, [K, T].
        rewards: [K, T]; an answer's reward at its last token.
        mask: 1 while the episode runs, [K, T].
        terminated: [K, T]; without it every episode came to its end.
        values: the critic's, [K, T], if the loss has one.
        next_values: [K, T], if the loss has a critic.
        log_prob: [K, T], for losses of other terms than the logarithm.
        gamma: the discount γ.
    """

    pull: Tensor
    rewards: Tensor
    mask: Tensor
    terminated: Tensor | None = None
    values: Tensor | None = None
    next_values: Tensor | None = None
    log_prob: Tensor | None = None
    gamma: float = 1.0

    def __post_init__(self):
        for name in (entry.name for entry in fields(self) if entry.name != "gamma"):
            part = getattr(self, name)
            if name == "terminated" and part is None:
                part = pieces.ends(self)
            part = torch.full_like(self.pull, math.nan) if part is None else torch.as_tensor(part)
            if part.shape != self.pull.shape or part.dim() != 2:
                shape = tuple(self.pull.shape)
                raise ValueError(
                    f"{name}: expected shape [K, T] = {shape}, got {tuple(part.shape)}"
                )
            object.__setattr__(self, name, part.detach().double())


def record(loss: Tensor, log_prob: Tensor, **parts) -> Recording:
    """Return the recording of one batch, from inside a training step.

    Args:
        loss: the scalar that is about to be minimised; its graph is kept.
        log_prob: the tensor [K, T] from which it was computed.
        **parts: the other fields of a `Recording`; rewards and mask must be there.

    Raises:
        ValueError: the loss does not depend on log_prob, or shapes do not fit.
    """
    (slope,) = torch.autograd.grad(loss, log_prob, retain_graph=True, allow_unused=True)
    if slope is None:
        raise ValueError("record: expected a loss computed from this log_prob, got one that is not")
    return Recording(pull=-slope, log_prob=log_prob, **parts)


@dataclass(frozen=True)
class RecordedReport:
    """What recorded batches show.

    Attributes:
        recognised: whether a known composition explains every batch.
        slips: the names of its slips, for the objective J (or J_γ if the recordings discount).
        same: other sets of slips that explain the batches as well.
        factor: what is left of the size when the slips are accounted for.
        padded: the part of the pull that rests on steps after an end, 0 to 1.
        batches: how many were recorded.
    """

    recognised: bool
    slips: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    factor: float
    padded: float
    batches: int
    clean: bool = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "clean", self.recognised and not self.slips)

    def __str__(self):
        lines = [self._headline()]
        for slip in map(SLIPS.get, self.slips):
            lines += [f"  slip {slip.name}: {slip.says}", f"    instead: {slip.mend}"]
            lines.append(f"    {slip.link}")
        if self.padded > PADDED:
            lines.append(f"  {100 * self.padded:.2g} % of the pull rests on steps after an end")
        lines.append(f"  {self.batches} recorded batches; what no composition explains has no name")
        return "\n".join(lines)

    def _headline(self):
        if not self.recognised:
            return "Not recognised: recorded batches alone say nothing about its expectation."
        if self.clean:
            return "Every batch is explained by a composition whose expectation is the gradient."
        return "Every batch is explained by a composition with these slips."


def audit_recorded(recordings: Sequence[Recording], *, tolerance: float = 1e-4) -> RecordedReport:
    """Return what recorded batches show: the compositions that explain the pull on every token.

    Args:
        recordings: batches, best of unlike sizes and lengths, since those settle the constants.
        tolerance: relative; how near a pull is the same. Training in single precision needs 1e-4.

    Raises:
        ValueError: there are none.
    """
    if not recordings:
        raise ValueError("recordings: expected at least one, got none")
    discounts = any(recording.gamma != 1.0 for recording in recordings)
    objective = "J_gamma" if discounts else "J"
    after = sum(float((one.pull * (1 - one.mask)).abs().sum()) for one in recordings)
    every = sum(float(one.pull.abs().sum()) for one in recordings)
    named = []
    for one, factors in _explain(recordings, tolerance):
        sizes = [recording.mask.shape[0] for recording in recordings]
        steps = [recording.mask.shape[1] for recording in recordings]
        rules = constant_rules(sizes, steps, factors, one.named(objective), 10 * tolerance)
        named += list(rules)
    named.sort(key=lambda pair: len(pair[0]))
    sets = tuple(dict.fromkeys(names for names, _ in named))
    return RecordedReport(
        recognised=bool(named),
        slips=sets[0] if named else (),
        same=sets[1:],
        factor=named[0][1] if named else math.nan,
        padded=after / every if every else 0.0,
        batches=len(recordings),
    )


def _explain(recordings, tolerance):
    """Yield (composition, its factor in each batch) for those that explain every batch."""
    alive = [one for several in compositions() for one in several if one.term.key in _TERMS]
    factors = {id(one): [] for one in alive}
    for recording in sorted(recordings, key=lambda one: one.mask.numel()):
        kept, made = [], {}
        for one in alive:
            key = (one.kind.key, one.centre.key, one.scale and one.scale.key)
            if key not in made:
                made[key] = one.psi(recording)
            weight = made[key] * one.mean.make(recording) * _TERMS[one.term.key](recording)
            factor = _factor(weight.numpy().ravel(), recording.pull.numpy().ravel(), tolerance)
            if factor is not None:
                kept.append(one)
                factors[id(one)].append(factor)
        alive = kept
    order = np.argsort([one.mask.numel() for one in recordings], kind="stable")
    for one in alive:
        found = np.empty(len(recordings))
        found[order] = factors[id(one)]
        yield one, found


_TERMS = {  # how a term changes with the logarithm
    "log": lambda recording: 1.0,
    "probability": lambda recording: recording.log_prob.exp(),
    "squared": lambda recording: -recording.log_prob,
}


def _factor(own, pull, tolerance):
    """The constant between a composition and a pull on one batch; None if there is none."""
    square, size = own @ own, np.linalg.norm(pull)
    if not np.isfinite(square) or square <= 1e-20 or size == 0:
        return None
    factor = own @ pull / square
    return factor if np.linalg.norm(pull - factor * own) <= tolerance * size else None
