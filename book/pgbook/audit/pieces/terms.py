"""Means over steps and episodes, and the terms that are weighed and added up."""

import torch

from pgbook.audit.pieces.piece import Function, Piece
from pgbook.audit.pieces.returns import ends


def _count(b):
    return b.mask.sum((-1, -2), keepdim=True)


def _episodes(b):
    return b.mask / b.mask.shape[-2]


def _first_step(b):
    return _episodes(b) * (torch.arange(b.mask.shape[-1]) == 0)


def _late(first: float) -> Function:
    """A mask that lags a step; its first entry is 1 or 0."""

    def make(b):
        return torch.nn.functional.pad(b.mask[..., :-1], (1, 0), value=first)

    return make


def _mean_late(b):
    late = _late(0.0)(b)
    return late / late.sum((-1, -2), keepdim=True).clamp(min=1)


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
    Piece("late", ("mask-late",), lambda b: _late(1.0)(b) / b.mask.shape[-2]),
    Piece("late, 0 first", ("mask-late",), lambda b: _late(0.0)(b) / b.mask.shape[-2]),
    Piece("late tokens", ("mask-late", "token-mean"), _mean_late),
    Piece("first", ("first-step-only",), _first_step),
    Piece("last", ("last-step-only",), lambda b: ends(b) / b.mask.shape[-2]),
    Piece("no first", ("first-step-dropped",), lambda b: _episodes(b) - _first_step(b)),
    Piece("no last", ("last-step-dropped",), lambda b: (b.mask - ends(b)) / b.mask.shape[-2]),
)


def _all_logs(b):
    return torch.log_softmax(b.logits, dim=-1)


def _shifted(b):
    following = torch.roll(b.actions, -1, -1).unsqueeze(-1)
    return _all_logs(b).gather(-1, following).squeeze(-1)


def _other_axis(axis: int) -> Function:
    """The softmax along another axis of [K, T, A] than the actions'."""

    def make(b):
        return torch.log_softmax(b.logits, axis).gather(-1, b.actions.unsqueeze(-1)).squeeze(-1)

    return make


def _bare_logit(b):
    return b.logits.gather(-1, b.actions.unsqueeze(-1)).squeeze(-1)


TERMS = (
    Piece("log", (), lambda b: b.log_prob),
    Piece("probability", ("probability",), lambda b: b.log_prob.exp()),
    Piece("squared", ("squared-log-prob",), lambda b: -(b.log_prob**2) / 2),
    Piece("greedy", ("greedy-action",), lambda b: _all_logs(b).amax(-1)),
    Piece("shifted", ("shifted-actions",), _shifted),
    Piece("over episodes", ("softmax-axis",), _other_axis(-3)),
    Piece("over steps", ("softmax-axis",), _other_axis(-2)),
    Piece("logit", ("bare-logit",), _bare_logit),
)
EXTRAS = (
    Piece("entropy", ("entropy-bonus",), lambda b: b.entropy),
    Piece("k2", ("kl-k2-loss",), lambda b: -((b.log_prob - b.ref_log_prob) ** 2) / 2),
    Piece("k3", ("kl-k3-loss",), lambda b: -b.log_prob - (b.ref_log_prob - b.log_prob).exp()),
)
"""Terms that are added with a coefficient and no weight; what is written down is *gained*."""
