r"""The pieces that a policy-gradient loss is put together from, right ones and slips.

A loss is $\mp\sum_{k,t}w_{kt}\,\Psi_{kt}\,\ell_{kt}$: weights $\Psi$ (a kind of return, less a
centre, over a scale), a mean $w$ over steps and episodes, and a term $\ell$, which should be
$\log\pi_\theta(a_t\mid s_t)$. All take a `Batch` whose tensors may have axes in front of [K, T].
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pgbook.audit.batch import Batch

Function = Callable[..., Tensor]
OBJECTIVES = ("J", "J_gamma", "windows")


@dataclass(frozen=True, eq=False)
class Piece:
    """One piece.

    Attributes:
        key: its name among its like.
        slips: the names of the slips that it is, for the objective J.
        make: the function: of a batch, or of weights and a batch.
        discounted_slips: the names for the objective J_γ, where they differ.
        stream_slips: the names for windows of a stream, whose critic is right, where they differ.
        common: whether scales and other terms are tried with it too.
    """

    key: str
    slips: tuple[str, ...]
    make: Function
    discounted_slips: tuple[str, ...] | None = None
    common: bool = False
    stream_slips: tuple[str, ...] | None = None

    def named(self, objective: str) -> tuple[str, ...]:
        """Return the slips under an objective, one of `OBJECTIVES`."""
        others = {"J_gamma": self.discounted_slips, "windows": self.stream_slips}
        other = others.get(objective)
        return self.slips if other is None else other


# --- kinds of return -----------------------------------------------------------------------------


def _powers(b: Batch, gamma: float) -> Tensor:
    """γ^t, [T]."""
    steps = torch.arange(b.rewards.shape[-1], dtype=b.rewards.dtype)
    return torch.as_tensor(gamma, dtype=b.rewards.dtype) ** steps


def whole(b: Batch, gamma: float) -> Tensor:
    """The whole return at every step, R = Σ_k γ^k r_k."""
    total = (b.rewards * b.mask * _powers(b, gamma)).sum(-1, keepdim=True)
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
    return _powers(b, gamma) * to_go(b, gamma)


def _errors(b: Batch, gamma: float, ends: bool = True) -> Tensor:
    """δ_t = r_t + γ V_{t+1} - V_t; without `ends` the critic is asked beyond a true end."""
    following = b.next_values * (1 - b.terminated) if ends else b.next_values
    return (b.rewards + gamma * following - b.values) * b.mask


def _believed(lam: float, ends: bool = True, in_front: bool = False) -> Function:
    """The generalised advantage estimate as a function of (batch, γ)."""

    def make(b, gamma):
        psi = backwards(b, _errors(b, gamma, ends), gamma * lam)
        return _powers(b, gamma) * psi if in_front else psi

    return make


def _two_steps(b, gamma):
    delta = _errors(b, gamma)
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


def _reversed(b, gamma):
    return (
        (b.rewards * b.mask * _powers(b, gamma).flip(-1)).sum(-1, keepdim=True).expand_as(b.rewards)
    )


_CRITIC_KINDS = (
    ("minus critic", (), lambda b, g: (to_go(b, g) - b.values) * b.mask),
    ("minus next value", ("next-value-baseline",), lambda b, g: to_go(b, g) - b.next_values),
    ("one step", ("one-step-critic",), _believed(0.0)),
    ("two steps", ("two-step-critic",), _two_steps),
    ("all", (), _believed(1.0)),
    ("target", ("one-step-critic",), _target),
    ("one step, no end", ("one-step-critic", "end-forgotten"), _believed(0.0, False)),
    ("all, no end", ("end-forgotten",), _believed(1.0, False)),
    *(
        (f"GAE {lam}", ("gae-lambda",), _believed(lam))
        for lam in (0.5, 0.8, 0.9, 0.92, 0.95, 0.96, 0.97, 0.98, 0.99)
    ),
    *(
        (f"GAE {lam}, no end", ("gae-lambda", "end-forgotten"), _believed(lam, False))
        for lam in (0.9, 0.95, 0.97, 0.98, 0.99)
    ),
)
_FRONT_KINDS = (
    ("minus critic", (), _believed(1.0, in_front=True)),
    ("one step", ("one-step-critic",), _believed(0.0, in_front=True)),
    ("one step, no end", ("one-step-critic", "end-forgotten"), _believed(0.0, False, True)),
    ("all, no end", ("end-forgotten",), _believed(1.0, False, True)),
    *(
        (f"GAE {lam}", ("gae-lambda",), _believed(lam, in_front=True))
        for lam in (0.9, 0.95, 0.97, 0.98, 0.99)
    ),
)
_COMMON = ("minus critic", "one step", "GAE 0.95", "GAE 0.9", "GAE 0.97", "GAE 0.98", "GAE 0.99")
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
    twice = _batches(lambda b, g: _powers(b, g) * whole(b, g))
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
    front_of = _batches(lambda b, g: _powers(b, g) * b.rewards * b.mask)
    yield Piece("γ immediate", ("discounted", "immediate-reward"), front_of, ("immediate-reward",))
    late = _batches(_excluding)
    yield Piece(
        "γ late",
        ("discounted", "own-reward-left-out"),
        late,
        ("lost-discount", "own-reward-left-out"),
    )
    padded = _batches(lambda b, g: (b.rewards * _powers(b, g)).sum(-1, True).expand_as(b.rewards))
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


_BELIEF = ("one-step-critic", "two-step-critic", "gae-lambda", "end-forgotten", "discounted")


def _in_a_stream(kind):
    """A kind's slips in a window: its critic is right and is needed beyond the window's end."""
    names = [name for name in kind.slips if name not in _BELIEF]
    base = kind.key.removeprefix("γ ").removeprefix("front ")
    asks = {key for key, _, _ in _CRITIC_KINDS} - {"minus critic", "minus next value"}
    names += [] if base in asks else ["window-rest-left-out"]
    names += [] if kind.key.startswith("γ") or "own-discount" in names else ["undiscounted"]
    names += ["window-discount"] if "front" in kind.key else []
    return tuple(names)


def _kinds():
    """Every kind of return."""
    return tuple(replace(kind, stream_slips=_in_a_stream(kind)) for kind in _all_kinds())


# --- what is taken off, and what divides ---------------------------------------------------------


def _over_steps(psi, b):
    """The mean over the running steps of the batch."""
    return (psi * b.mask).sum((-1, -2), keepdim=True) / b.mask.sum((-1, -2), keepdim=True)


def _at_t(psi, b):
    return (psi * b.mask).sum(-2, keepdim=True) / b.mask.sum(-2, keepdim=True).clamp(min=1)


def _own(psi, b):
    return (psi * b.mask).sum(-1, keepdim=True) / b.mask.sum(-1, keepdim=True)


def _others(psi, b):
    episodes = psi.shape[-2]
    return (psi.sum(-2, keepdim=True) - psi) / (episodes - 1)


CENTRES = (
    Piece("none", (), lambda psi, b: psi, common=True),
    Piece("others", (), lambda psi, b: psi - _others(psi, b), common=True),
    Piece(
        "group", ("own-sample-mean",), lambda psi, b: psi - psi.mean(-2, keepdim=True), common=True
    ),
    Piece("at t", ("own-sample-mean-at-t",), lambda psi, b: psi - _at_t(psi, b), common=True),
    Piece("pooled", ("pooled-mean",), lambda psi, b: psi - _over_steps(psi, b), common=True),
    Piece(
        "padded",
        ("padded-mean",),
        lambda psi, b: psi - psi.mean((-1, -2), keepdim=True),
        common=True,
    ),
    Piece("own", ("own-episode-mean",), lambda psi, b: psi - _own(psi, b), common=True),
    Piece("largest", ("largest-as-baseline",), lambda psi, b: psi - psi.amax(-2, keepdim=True)),
    Piece(
        "median",
        ("median-as-baseline",),
        lambda psi, b: psi - psi.median(-2, keepdim=True).values,
    ),
)


def _root(square, count, ddof):
    return (square / (count - ddof)).clamp(min=0).sqrt()


def _group_deviation(psi, b, ddof):
    centred = psi - psi.mean(-2, keepdim=True)
    return _root((centred**2).sum(-2, keepdim=True), psi.shape[-2], ddof)


def _pooled_deviation(psi, b, ddof):
    square = ((psi - _over_steps(psi, b)) ** 2 * b.mask).sum((-1, -2), keepdim=True)
    return _root(square, b.mask.sum((-1, -2), keepdim=True), ddof)


def _padded_deviation(psi, b, ddof):
    centred = psi - psi.mean((-1, -2), keepdim=True)
    count = psi.shape[-1] * psi.shape[-2]
    return _root((centred**2).sum((-1, -2), keepdim=True), count, ddof)


def _deviation_at_t(psi, b, ddof):
    square = ((psi - _at_t(psi, b)) ** 2 * b.mask).sum(-2, keepdim=True)
    return _root(square, b.mask.sum(-2, keepdim=True).clamp(min=1 + ddof), ddof)


def _own_deviation(psi, b, ddof):
    square = ((psi - _own(psi, b)) ** 2 * b.mask).sum(-1, keepdim=True)
    return _root(square, b.mask.sum(-1, keepdim=True).clamp(min=1 + ddof), ddof)


def _over(divisor: Function, ddof: int, eps: float) -> Function:
    """Divide centred weights by a deviation of the weights; 0 / 0 is 0."""

    def make(centred, psi, b):
        below = divisor(psi, b, ddof) + eps
        return torch.where(centred == 0, 0.0, centred / torch.where(below == 0, 1.0, below))

    return make


_DEVIATIONS = (  # name, centres with which it is tried, the deviation
    ("group-deviation", ("group", "others", "none"), _group_deviation),
    ("pooled-deviation", ("pooled", "none", "group", "others"), _pooled_deviation),
    ("padded-deviation", ("padded", "none"), _padded_deviation),
    ("deviation-at-t", ("at t",), _deviation_at_t),
    ("own-episode-deviation", ("own",), _own_deviation),
)
EPSILONS = (0.0, 1e-6, 1e-5, 1e-4, 1e-3)


def _largest(centred, psi, b):
    return centred / psi.abs().amax(-2, keepdim=True)


SCALES = (
    *(
        (
            centres,
            Piece(f"{name} {ddof} {eps:g}", (name,), _over(deviation, ddof, eps)),
        )
        for name, centres, deviation in _DEVIATIONS
        for ddof in (0, 1)
        for eps in EPSILONS
    ),
    (("none", "group"), Piece("largest", ("largest-as-scale",), _largest)),
)
"""What divides, each with the keys of the centres that go with it."""


# --- means over steps and episodes ---------------------------------------------------------------


def _count(b):
    return b.mask.sum((-1, -2), keepdim=True)


def _episodes(b):
    return b.mask / b.mask.shape[-2]


def _first_step(b):
    return _episodes(b) * (torch.arange(b.mask.shape[-1]) == 0)


MEANS = (
    Piece("episodes", (), _episodes, stream_slips=("sum-over-steps",)),
    Piece("tokens", ("token-mean",), lambda b: b.mask / _count(b), stream_slips=()),
    Piece(
        "own length",
        ("own-length-mean",),
        lambda b: _episodes(b) / b.mask.sum(-1, keepdim=True),
    ),
    Piece(
        "longest",
        ("longest-length-mean",),
        lambda b: _episodes(b) / b.mask.sum(-1, keepdim=True).amax(-2, keepdim=True),
    ),
    Piece("unmasked", ("mask-forgotten",), lambda b: torch.ones_like(b.mask) / b.mask.shape[-2]),
    Piece(
        "unmasked tokens",
        ("mask-forgotten", "token-mean"),
        lambda b: torch.ones_like(b.mask) / _count(b),
    ),
    Piece("first", ("first-step-only",), _first_step),
    Piece("last", ("last-step-only",), lambda b: ends(b) / b.mask.shape[-2]),
    Piece("no first", ("first-step-dropped",), lambda b: _episodes(b) - _first_step(b)),
    Piece("no last", ("last-step-dropped",), lambda b: (b.mask - ends(b)) / b.mask.shape[-2]),
)


# --- the term ------------------------------------------------------------------------------------


def _all_logs(b):
    return torch.log_softmax(b.logits, dim=-1)


def _shifted(b):
    following = torch.roll(b.actions, -1, -1).unsqueeze(-1)
    return _all_logs(b).gather(-1, following).squeeze(-1)


TERMS = (
    Piece("log", (), lambda b: b.log_prob),
    Piece("probability", ("probability",), lambda b: b.log_prob.exp()),
    Piece("squared", ("squared-log-prob",), lambda b: -(b.log_prob**2) / 2),
    Piece("greedy", ("greedy-action",), lambda b: _all_logs(b).amax(-1)),
    Piece("shifted", ("shifted-actions",), _shifted),
)
EXTRAS = (
    Piece("entropy", ("entropy-bonus",), lambda b: b.entropy),
    Piece("k2", ("kl-k2-loss",), lambda b: -((b.log_prob - b.ref_log_prob) ** 2) / 2),
    Piece("k3", ("kl-k3-loss",), lambda b: -b.log_prob - (b.ref_log_prob - b.log_prob).exp()),
)
"""Terms that are added with a coefficient and no weight; what is written down is *gained*."""

KINDS = _kinds()
