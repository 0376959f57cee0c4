"""Kinds of return: what an action is weighed with before anything is taken off."""

import itertools
from dataclasses import replace

import torch
from torch import Tensor

from pgbook.audit.batch import Batch
from pgbook.audit.pieces.centres import over_steps
from pgbook.audit.pieces.piece import Function, Piece


def powers(b: Batch, gamma: float) -> Tensor:
    """γ^t, [T]."""
    steps = torch.arange(b.rewards.shape[-1], dtype=b.rewards.dtype)
    return torch.as_tensor(gamma, dtype=b.rewards.dtype) ** steps


def whole(b: Batch, gamma: float) -> Tensor:
    """The whole return at every step, R = Σ_k γ^k r_k."""
    total = (b.rewards * b.mask * powers(b, gamma)).sum(-1, keepdim=True)
    return total.expand_as(b.rewards)


def to_go(b: Batch, gamma: float) -> Tensor:
    """The rewards to go, G_t = Σ_{k≥t} γ^{k-t} r_k; 0 after the end."""
    return backwards(b, b.rewards * b.mask, gamma)


def backwards(b: Batch, parts: Tensor, decay: float) -> Tensor:
    """Σ_{k≥t} decay^{k-t} parts_k, each episode by itself."""
    found, after = [], torch.zeros_like(parts[..., 0])
    for t in reversed(range(parts.shape[-1])):
        after = parts[..., t] + decay * after
        found.append(after)
    return torch.stack(found[::-1], dim=-1)


def front(b: Batch, gamma: float) -> Tensor:
    """γ^t G_t, the rewards to go of the discounted return."""
    return powers(b, gamma) * to_go(b, gamma)


def errors(b: Batch, gamma: float, ends: bool = True) -> Tensor:
    """δ_t = r_t + γ V_{t+1} - V_t; without `ends` the critic is asked beyond a true end."""
    following = b.next_values * (1 - b.terminated) if ends else b.next_values
    return (b.rewards + gamma * following - b.values) * b.mask


def believed(lam: float, ends: bool = True, in_front: bool = False) -> Function:
    """The generalised advantage estimate as a function of (batch, γ)."""

    def make(b, gamma):
        psi = backwards(b, errors(b, gamma, ends), gamma * lam)
        return powers(b, gamma) * psi if in_front else psi

    return make


def _two_steps(b, gamma):
    delta = errors(b, gamma)
    return delta + gamma * torch.nn.functional.pad(delta[..., 1:], (0, 1))


def _target(b, gamma):
    return (b.rewards + gamma * b.next_values * (1 - b.terminated)) * b.mask


def _excluding(b, gamma):
    return gamma * torch.nn.functional.pad(to_go(b, gamma)[..., 1:], (0, 1))


def _past(b, gamma):
    return (b.rewards * b.mask).cumsum(-1)


def _first(b, gamma):
    return b.rewards[..., :1].expand_as(b.rewards)


def ends(b: Batch) -> Tensor:
    """1 at the last step that runs, [..., K, T]."""
    return b.mask - torch.nn.functional.pad(b.mask[..., 1:], (0, 1))


def _last(b, gamma):
    return (b.rewards * ends(b)).sum(-1, keepdim=True).expand_as(b.rewards)


def _mean_reward(b, gamma):
    return whole(b, 1.0) / b.mask.sum(-1, keepdim=True)


def _padded(b, gamma):
    return b.rewards.sum(-1, keepdim=True).expand_as(b.rewards)


def _bootstrapped(b, gamma):
    """The rewards to go, and at a window's end the critic's word: the estimate plus V_t."""
    return backwards(b, errors(b, gamma), gamma) + b.values * b.mask


def _whitened(centred: bool, shifted: bool, ddof: int) -> Function:
    """The rewards to go, each reward over the deviation of the batch's rewards."""

    def make(b):
        mean, count = over_steps(b.rewards, b), b.mask.sum((-1, -2), keepdim=True)
        square = ((b.rewards - mean) ** 2 * b.mask).sum((-1, -2), keepdim=True)
        below = (square / (count - ddof).clamp(min=1) + 1e-8).sqrt()
        rewards = (b.rewards - mean * centred) / below + mean * shifted
        return backwards(b, rewards * b.mask, 1.0)

    return make


def _reversed(b, gamma):
    return (
        (b.rewards * b.mask * powers(b, gamma).flip(-1)).sum(-1, keepdim=True).expand_as(b.rewards)
    )


_CRITIC_KINDS = (
    ("minus critic", (), lambda b, g: (to_go(b, g) - b.values) * b.mask),
    ("minus next value", ("next-value-baseline",), lambda b, g: to_go(b, g) - b.next_values),
    ("one step", ("one-step-critic",), believed(0.0)),
    ("two steps", ("two-step-critic",), _two_steps),
    ("all", (), believed(1.0)),
    ("bootstrapped", (), _bootstrapped),
    ("target", ("one-step-critic",), _target),
    ("one step, no end", ("one-step-critic", "end-forgotten"), believed(0.0, False)),
    ("all, no end", ("end-forgotten",), believed(1.0, False)),
    *(
        (f"GAE {lam}", ("gae-lambda",), believed(lam))
        for lam in (0.5, 0.8, 0.9, 0.92, 0.95, 0.96, 0.97, 0.98, 0.99)
    ),
    *(
        (f"GAE {lam}, no end", ("gae-lambda", "end-forgotten"), believed(lam, False))
        for lam in (0.9, 0.95, 0.97, 0.98, 0.99)
    ),
)
_FRONT_KINDS = (
    ("minus critic", (), believed(1.0, in_front=True)),
    ("one step", ("one-step-critic",), believed(0.0, in_front=True)),
    ("one step, no end", ("one-step-critic", "end-forgotten"), believed(0.0, False, True)),
    ("all, no end", ("end-forgotten",), believed(1.0, False, True)),
    *(
        (f"GAE {lam}", ("gae-lambda",), believed(lam, in_front=True))
        for lam in (0.9, 0.95, 0.97, 0.98, 0.99)
    ),
)
_COMMON = (
    "minus critic",
    "all",
    "bootstrapped",
    "one step",
    "GAE 0.95",
    "GAE 0.9",
    "GAE 0.97",
    "GAE 0.98",
    "GAE 0.99",
)
CRITIC_GAMMAS = (0.9, 0.95, 0.98, 0.99, 0.995)
OWN_GAMMAS = (0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)


def _fixed(make, gamma):
    return lambda b: make(b, gamma)


def _batches(make):
    return lambda b: make(b, b.gamma)


def _all_kinds():
    """Every kind of return, without its names for streams."""
    none = ("undiscounted",)
    yield Piece("whole", (), _fixed(whole, 1.0), none, True)
    yield Piece("to go", (), _fixed(to_go, 1.0), none, True)
    yield Piece("γ whole", ("discounted",), _batches(whole), (), True)
    yield Piece("γ front", ("discounted",), _batches(front), (), True)
    lost = ("lost-discount",)
    yield Piece("γ to go", ("discounted",), _batches(to_go), lost, True)
    twice = _batches(lambda b, g: powers(b, g) * whole(b, g))
    yield Piece("γ twice", ("double-discount",), twice)
    yield Piece("γ reversed", ("reversed-discount",), _batches(_reversed))
    plain = (
        ("immediate-reward", lambda b, g: b.rewards * b.mask),
        ("past-rewards", _past),
        ("last-reward-only", _last),
        ("first-reward-only", _first),
        ("mean-reward", _mean_reward),
        ("padded-rewards", _padded),
        ("padded-rewards", lambda b, g: backwards(b, b.rewards, 1.0)),
        ("own-reward-left-out", _excluding),
    )
    for name, make in plain:
        yield Piece(name, (name,), _fixed(make, 1.0), common=True)
    front_of = _batches(lambda b, g: powers(b, g) * b.rewards * b.mask)
    yield Piece("γ immediate", ("discounted", "immediate-reward"), front_of, ("immediate-reward",))
    late = _batches(_excluding)
    yield Piece(
        "γ late",
        ("discounted", "own-reward-left-out"),
        late,
        ("lost-discount", "own-reward-left-out"),
    )
    padded = _batches(lambda b, g: (b.rewards * powers(b, g)).sum(-1, True).expand_as(b.rewards))
    yield Piece("γ padded", ("discounted", "padded-rewards"), padded, ("padded-rewards",))
    padded = _batches(lambda b, g: backwards(b, b.rewards, g))
    yield Piece(
        "γ padded to go",
        ("discounted", "padded-rewards"),
        padded,
        ("lost-discount", "padded-rewards"),
    )
    for key, slips, make in _CRITIC_KINDS:
        common = key in _COMMON
        yield Piece(key, slips, _fixed(make, 1.0), (*slips, *none), common)
        yield Piece("γ " + key, (*slips, "discounted"), _batches(make), (*slips, *lost), common)
    for key, slips, make in _FRONT_KINDS:
        yield Piece("γ front " + key, (*slips, "discounted"), _batches(make), slips)
    for gamma in OWN_GAMMAS:
        for make in (whole, to_go, front):
            yield Piece(f"{gamma} {make.__name__}", ("own-discount",), _fixed(make, gamma))
    for gamma, lam in itertools.product(CRITIC_GAMMAS, (0.0, 0.95, 0.97, 1.0)):
        slips = {0.0: ("one-step-critic",), 1.0: ()}.get(lam, ("gae-lambda",))
        make, common = _fixed(believed(lam), gamma), (gamma, lam) == (0.99, 0.95)
        yield Piece(f"{gamma} GAE {lam}", (*slips, "own-discount"), make, common=common)
    for ways in ((True, True, 1), (True, False, 0), (True, False, 1), (False, False, 1)):
        key = "whitened {:d} {:d} {}".format(*ways)
        yield Piece(key, ("rewards-normalised",), _whitened(*ways), common=ways[0])


_BELIEF = ("one-step-critic", "two-step-critic", "gae-lambda", "end-forgotten", "discounted")


def _in_a_stream(kind):
    """A kind's slips in a window: its critic is right and is needed beyond the window's end."""
    names = [name for name in kind.slips if name not in _BELIEF]
    base = kind.key.removeprefix("γ ").removeprefix("front ")
    asks = {key for key, _, _ in _CRITIC_KINDS} - {"minus critic", "minus next value"}
    names += [] if base in asks or " GAE " in kind.key else ["window-rest-left-out"]
    names += [] if kind.key.startswith("γ") or "own-discount" in names else ["undiscounted"]
    names += ["window-discount"] if "front" in kind.key else []
    return tuple(names)


def _kinds():
    """Every kind of return."""
    return tuple(replace(kind, stream_slips=_in_a_stream(kind)) for kind in _all_kinds())


KINDS = _kinds()
