"""Generalised advantages whose λ is none of the catalogue's: it is solved for.

Ψ_t(λ) = Σ_l λ^l γ^l δ_{t+l}, so the update of a batch is Σ_l λ^l U_l, times what divides there. The
U_l are known: what is left are a few coefficients, which must be powers of one number.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from pgbook.audit import pieces
from pgbook.audit.batch import Batch
from pgbook.audit.compositions import Composition
from pgbook.audit.pieces.returns import believed, errors, powers
from pgbook.audit.tables import Frame

LINEAR = ("none", "others", "group", "pooled", "padded")  # what may be taken off
MODEL = "0.95"  # the λ whose pieces lend their names
FORMS = tuple(kind for kind in pieces.KINDS if f"GAE {MODEL}" in kind.key and kind.key[0] in "γG")
FEW = 8  # batches that are solved; what is found is looked at on all


def with_lambda(frame: Frame, update: np.ndarray, tolerance: float) -> Iterator[Composition]:
    """Yield compositions that may be the update, their λ solved for.

    Args:
        frame: some batches.
        update: the update of each, [B, P]; NaN where there is none.
        tolerance: relative; how nearly the coefficients must explain a batch.
    """
    rows = np.flatnonzero(np.isfinite(update).all(axis=1) & update.any(axis=1))[:FEW]
    if not len(rows):
        return
    few = torch.as_tensor(rows)
    goal, slope = torch.as_tensor(update[rows]), frame.slopes["log"][few]
    centres = [centre for centre in pieces.CENTRES if centre.key in LINEAR]
    for form, centre in itertools.product(FORMS, centres):
        parts = [centre.make(part, frame.batch) for part in _parts(form, frame.batch)]
        for mean in pieces.MEANS:
            weights = torch.stack([part * mean.make(frame.batch) for part in parts], 1)[few]
            basis = torch.bmm(weights.flatten(2), slope)  # [rows, steps, P]
            lam = _ratio(basis.transpose(1, 2), goal, tolerance)
            if lam is not None:
                yield from _scaled(_with(form, lam), centre, mean)


def _settings(form):
    """Whether a form discounts, looks at ends, and has γ^t in front."""
    return form.key.startswith("γ"), "no end" not in form.key, "front" in form.key


def _parts(form, b: Batch):
    """γ^l δ_{t+l} for l = 0, 1, ..., each [..., K, T]."""
    discounts, ends, front = _settings(form)
    gamma = b.gamma if discounts else 1.0
    delta, steps = errors(b, gamma, ends), b.rewards.shape[-1]
    before = powers(b, gamma) if front else 1.0
    for later in range(steps):
        moved = torch.nn.functional.pad(delta[..., later:], (0, later))
        yield gamma**later * moved * before


def _ratio(basis, goal, tolerance):
    """The λ whose powers the coefficients are, the same in all batches; None if there is none."""
    inverse = torch.linalg.pinv(basis, rtol=1e-9)
    found = torch.bmm(inverse, goal.unsqueeze(-1))
    left = (torch.bmm(basis, found)[..., 0] - goal).norm(dim=1)
    if (left > 10 * tolerance * goal.norm(dim=1)).any():
        return None
    sizes = torch.linalg.svdvals(basis)
    whole = sizes[:, -1] > 1e-4 * sizes[:, 0]
    if not whole.any():
        return None
    first, second, *rest = found[whole, :, 0].T
    lam = float((second / first).median())
    slack = 1e3 * tolerance * first.abs()
    geometric = (
        (part - lam**n * first).abs() <= slack for n, part in enumerate([second, *rest], 1)
    )
    return lam if 1e-3 < lam < 1 - 1e-3 and all(bool(each.all()) for each in geometric) else None


def _with(form, lam):
    """A form with another λ."""
    discounts, ends, front = _settings(form)
    make = believed(lam, ends, front)
    return replace(
        form,
        key=form.key.replace(MODEL, f"{lam:.6g}"),
        make=lambda b: make(b, b.gamma if discounts else 1.0),
    )


def _scaled(kind, centre, mean):
    scales = [None, *(scale for keys, scale in pieces.SCALES if centre.key in keys)]
    for scale in scales:
        yield Composition(kind, centre, scale, mean, pieces.TERMS[0])
