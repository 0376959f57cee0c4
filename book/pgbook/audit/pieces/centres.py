"""What is taken off the weights, and what divides them."""

import torch

from pgbook.audit.pieces.piece import Function, Piece


def over_steps(psi, b):
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
    Piece("pooled", ("pooled-mean",), lambda psi, b: psi - over_steps(psi, b), common=True),
    Piece(
        "padded",
        ("padded-mean",),
        lambda psi, b: psi - psi.mean((-1, -2), keepdim=True),
        common=True,
    ),
    Piece("own", ("own-episode-mean",), lambda psi, b: psi - _own(psi, b), common=True),
    Piece(
        "everyone",
        ("everyones-return",),
        lambda psi, b: psi.mean(-2, keepdim=True).expand_as(psi),
    ),
    Piece("every step", ("everyones-return",), lambda psi, b: over_steps(psi, b).expand_as(psi)),
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
    square = ((psi - over_steps(psi, b)) ** 2 * b.mask).sum((-1, -2), keepdim=True)
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


def _after_others(ddof: int, eps: float) -> Function:
    """Divide what was left after the others' mean by its own deviation: eps is smaller there."""

    def make(centred, psi, b):
        episodes = psi.shape[-2]
        return _over(_group_deviation, ddof, eps * (episodes - 1) / episodes)(centred, psi, b)

    return make


def _put_back(ddof: int) -> Function:
    """Divide around the mean over the batch's steps: it is taken off, and added again after."""

    def make(centred, psi, b):
        mean = over_steps(psi, b)
        return _over(_pooled_deviation, ddof, 0.0)(psi - mean, psi, b) + mean

    return make


def _largest(centred, psi, b):
    below = psi.abs().amax(-2, keepdim=True)
    return centred / torch.where(below == 0, 1.0, below)


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
    *(
        (("group",), Piece(f"left {ddof} {eps:g}", ("group-deviation",), _after_others(ddof, eps)))
        for ddof in (0, 1)
        for eps in (1e-6, 1e-5, 1e-4)
    ),
    *(
        (("none",), Piece(f"put back {ddof}", ("pooled-deviation",), _put_back(ddof)))
        for ddof in (0, 1)
    ),
    (("none", "group"), Piece("largest", ("largest-as-scale",), _largest)),
)
"""What divides, each with the keys of the centres that go with it."""
