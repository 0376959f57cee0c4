"""Which mistake gives these numbers: the exercise's own slips first, then shapes of mistakes."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from pgbook.exercises.attempt import Outcome, attempt, close
from pgbook.exercises.exercise import Exercise, Slip

Found = tuple[str, str, str]  # name, what it does, what mends it
NEARLY = 1e-5  # in units of the largest number: what single precision leaves
ROUNDED = 1e-9  # in the same units: a number that is 0 but for rounding


def recognise(
    exercise: Exercise, expected: Sequence[Outcome], outcomes: Sequence[Outcome]
) -> Found | None:
    """Return name, words and mend of the slip that does what the reader's function does.

    Args:
        exercise: with its slips.
        expected: the right outcome of each case.
        outcomes: those of the reader's function.
    """

    def same(others, tolerance=exercise.tolerance):
        triples = zip(outcomes, others, scales(expected), strict=True)
        return all(one.same(other, tolerance, scale) for one, other, scale in triples)

    known = what_slips_do(exercise)
    for theirs, slip in known:
        if same(theirs):
            return slip.name, slip.says, slip.instead
    if same(expected, NEARLY):
        return _nearly(exercise, expected, outcomes)
    if found := shape_of_mistake(expected, outcomes, same):
        return found
    for theirs, slip in known:
        twice = shape_of_mistake(theirs, outcomes, same)
        if twice and twice[0] in ("wrong-sign", "constant-factor"):
            factor = "-1" if twice[0] == "wrong-sign" else twice[1].split()[3]
            says = f"{slip.says}; and then every number is {factor} times that"
            return f"{slip.name} + {twice[0]}", says, f"{slip.instead}; and {twice[2]}"
    return None


@cache
def what_slips_do(exercise: Exercise) -> list[tuple[list[Outcome], Slip]]:
    """Return the outcomes of each slip of an exercise on its cases."""
    cases = exercise.cases()
    return [
        ([attempt(exercise, slip.does, case) for case in cases], slip) for slip in exercise.slips
    ]


def scales(expected: Sequence[Outcome]) -> list[float]:
    """The largest number that is expected on each case, in size; where it is 0, that of all."""
    sizes = [float(np.abs(right.value).max(initial=0.0)) for right in expected]
    largest = max(sizes) or 1.0
    return [size if size > ROUNDED * largest else largest for size in sizes]


def _nearly(exercise, expected, outcomes):
    """Right to more digits than a mistake in the formula would leave."""
    triples = zip(expected, outcomes, scales(expected), strict=True)
    off = max(float(np.abs(a.value - b.value).max(initial=0.0)) / scale for a, b, scale in triples)
    says = f"it agrees up to {off:.0e} of the largest number, and {exercise.tolerance:.0e} is asked"
    return "nearly", says, "no single precision on the way, and no small number added for safety"


def shape_of_mistake(
    right: Sequence[Outcome], given: Sequence[Outcome], same: Callable
) -> Found | None:
    """Return the mistake that turns right numbers into these, if it is one of a few."""
    if any(one.value is None for one in (*right, *given)):
        return None
    if _zeros(right, given) and same([Outcome(np.zeros_like(one.value)) for one in given]):
        return ZEROS
    for name, change, says, mend in CHANGES:
        turned = [change(one.value) for one in right]
        if same([Outcome(value) for value in turned]):
            return name, says, mend
    if not all(np.isfinite(one.value).all() for one in (*right, *given)):
        return None
    for name, fit, says, mend in FITS:
        if all(a.value.shape == b.value.shape for a, b in zip(right, given, strict=True)):
            x = np.concatenate([one.value.ravel() for one in right])
            y = np.concatenate([one.value.ravel() for one in given])
            number, change = fit(x, y)
            if np.isfinite(number) and same([Outcome(change(one.value, number)) for one in right]):
                return name, says.format(number), mend
    return _without_sum(right, given, same)


def _zeros(right, given):
    """Whether these may be a stub: numbers of the right shape, or one number."""
    return all(
        b.value.size == 1 or a.value.shape == b.value.shape
        for a, b in zip(right, given, strict=True)
    )


def _without_sum(right, given, same):
    """Numbers that have an axis too many, and are right once it is added up."""
    if any(b.value.ndim <= a.value.ndim for a, b in zip(right, given, strict=True)):
        return None
    for axis in (*range(min(one.value.ndim for one in given)), None):
        added = zip([one.value.sum(axis=axis) for one in given], right, scales(right), strict=True)
        grew = any(one.value.shape[axis or 0] > 1 for one in given)
        if grew and all(close(total, one.value, 1e-7, scale) for total, one, scale in added):
            says = f"the numbers have not been summed: they come as {list(given[0].value.shape)}"
            return "not-summed", says, "sum() over all axes" if axis is None else f"sum({axis=})"
    return None


ZEROS: Found = (
    "zeros",
    "it returns 0 everywhere",
    "nothing has been put into the result, or what was put there cancels",
)

CHANGES: tuple[tuple[str, Callable, str, str], ...] = (
    ("wrong-sign", lambda x: -x, "every number has the wrong sign", "put a minus before it"),
    (
        "reversed",
        lambda x: x[::-1] if x.ndim else x,
        "the right numbers stand in the reverse order",
        "turn the result round, result[::-1]",
    ),
    ("transposed", lambda x: x.T, "rows and columns have changed places", "return result.T"),
    (
        "already-summed",
        lambda x: x.sum(),
        "the right numbers have been added up to one",
        "return them one by one",
    ),
    (
        "cut-to-integers",
        np.trunc,
        "the numbers are cut to integers, as int(), astype(int) and an array of integers do",
        "leave them floats; np.zeros(shape) holds floats, np.zeros_like of integers does not",
    ),
)
"""Name, what it makes of right numbers, what it does in words, what mends it."""

FITS: tuple[tuple[str, Callable, str, str], ...] = (
    (
        "constant-factor",
        lambda x, y: ((x @ y) / (x @ x) if x.any() else np.nan, lambda z, c: c * z),
        "every number is {:.4g} times what it should be",
        "find what it is multiplied or divided by",
    ),
    (
        "constant-added",
        lambda x, y: ((y - x).mean(), lambda z, c: z + c),
        "every number is off by the same {:.4g}",
        "find what is added or left out",
    ),
)
"""Name, the one number that fits and how it is applied, what it does in words, what mends it."""
