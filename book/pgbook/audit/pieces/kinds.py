"""Kinds of return as pieces: their names under every objective."""

import itertools
from dataclasses import replace

from pgbook.audit.pieces.piece import Piece
from pgbook.audit.pieces.returns import (
    backwards,
    believed,
    bootstrapped,
    excluding,
    first_reward,
    front,
    last_reward,
    mean_reward,
    padded_return,
    past,
    powers,
    reversed_discount,
    target,
    to_go,
    two_steps,
    whitened,
    whole,
)

_CRITIC_KINDS = (
    ("minus critic", (), lambda b, g: (to_go(b, g) - b.values) * b.mask),
    ("minus next value", ("next-value-baseline",), lambda b, g: to_go(b, g) - b.next_values),
    ("one step", ("one-step-critic",), believed(0.0)),
    ("two steps", ("two-step-critic",), two_steps),
    ("all", (), believed(1.0)),
    ("bootstrapped", (), bootstrapped),
    ("target", ("one-step-critic",), target),
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
    yield Piece("γ reversed", ("reversed-discount",), _batches(reversed_discount))
    plain = (
        ("immediate-reward", lambda b, g: b.rewards * b.mask),
        ("past-rewards", past),
        ("last-reward-only", last_reward),
        ("first-reward-only", first_reward),
        ("mean-reward", mean_reward),
        ("padded-rewards", padded_return),
        ("padded-rewards", lambda b, g: backwards(b, b.rewards, 1.0)),
        ("own-reward-left-out", excluding),
    )
    for name, make in plain:
        yield Piece(name, (name,), _fixed(make, 1.0), common=True)
    front_of = _batches(lambda b, g: powers(b, g) * b.rewards * b.mask)
    yield Piece("γ immediate", ("discounted", "immediate-reward"), front_of, ("immediate-reward",))
    late = _batches(excluding)
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
        yield Piece(key, ("rewards-normalised",), whitened(*ways), common=ways[0])


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
