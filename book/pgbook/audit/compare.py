"""A mean update beside the true gradient: length, angle, bias, verdict."""

import math
from dataclasses import dataclass

import numpy as np

from pgbook.audit.measure import Updates
from pgbook.audit.subject import SINGLE, Precision

VERDICTS = ("gradient", "scaled", "turned", "nothing", "invalid")  # from good to bad


@dataclass(frozen=True)
class Comparison:
    """What a mean update is.

    Attributes:
        rest: the verdict on the batches that have an update: "gradient", "scaled" (a positive
            multiple), "turned", "nothing" (its mean is zero); "invalid" if there are none.
        factor: its length along the gradient, in units of the gradient.
        angle: between the two, in degrees.
        bias: the length of their difference, in units of the gradient.
        noise: the trace of the covariance once the update has the gradient's length, in units of
            the gradient's square; infinite for an update that does not climb.
        lost: the probability of the batches without an update.
        failure: why they have none, in words.
        batches: how many were listed.
        vectorised: whether they went through in one call.
    """

    rest: str
    factor: float
    angle: float
    bias: float
    noise: float
    lost: float
    failure: str
    batches: int
    vectorised: bool

    @property
    def verdict(self) -> str:
        """The verdict on all batches."""
        return "invalid" if self.lost > 0 else self.rest


def angle_between(one: np.ndarray, other: np.ndarray) -> float:
    """Return the angle between two arrays in degrees, exact near 0 and 180 too."""
    one, other = one.ravel(), other.ravel()
    lengths = np.linalg.norm(one) * np.linalg.norm(other)
    along = one @ other
    across = np.linalg.norm(one * (other @ other) - along * other)
    return math.degrees(math.atan2(across, along * np.linalg.norm(other))) if lengths else math.nan


def compare(updates: Updates, truth: np.ndarray, precision: Precision) -> Comparison:
    """Compare the mean update with the true gradient.

    Args:
        updates: the update of every batch.
        truth: the gradient, [S, A].
        precision: what is closer than its tolerance is exact.
    """
    facts = {
        "lost": updates.lost,
        "failure": updates.failure,
        "batches": len(updates.weight),
        "vectorised": updates.vectorised,
    }
    if not updates.finite.any():
        nan = dict.fromkeys(("factor", "angle", "bias", "noise"), math.nan)
        return Comparison("invalid", **nan, **facts)
    mean, size = updates.mean, np.linalg.norm(truth)
    factor = float((mean * truth).sum() / size**2)
    spread = updates.square - (mean**2).sum()
    numbers = {
        "factor": factor,
        "angle": angle_between(mean, truth),
        "bias": float(np.linalg.norm(mean - truth) / size),
        "noise": float(spread / (factor * size) ** 2) if factor > 0 else math.inf,
    }
    rest = _verdict(mean, truth, factor, math.sqrt(updates.square), precision)
    return Comparison(rest, **numbers, **facts)


def _verdict(mean, truth, factor, typical, precision):
    """The verdict on the batches that have an update; `typical` is the length of one update."""
    length, rounding = np.linalg.norm(mean), precision.rounding * typical
    floor = min(precision.rounding, SINGLE.rounding) * np.linalg.norm(truth)
    if length <= 10 * rounding or typical <= floor:  # every update is what rounding leaves of 0
        return "nothing"
    across = np.linalg.norm(mean - factor * truth)
    if across > precision.tolerance * length + rounding or factor < 0:
        return "turned"
    slack = 10 * precision.tolerance + rounding / np.linalg.norm(truth)
    return "gradient" if abs(factor - 1) <= slack else "scaled"
