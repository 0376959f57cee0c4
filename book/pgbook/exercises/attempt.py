"""One call of a function that a reader wrote, and what can be wrong with what it returns."""

import copy
import inspect
import linecache
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pgbook.exercises.exercise import Case, Exercise

SINGLE = 1e-5  # the tolerance for numbers in single precision


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a call.

    Attributes:
        value: the numbers that it returned, or None.
        fault: why there are none, a sentence; "" if there are.
        kind: the exception's type, or what came in place of numbers; "" for numbers.
        changed: the names of the arguments that the function changed.
    """

    value: np.ndarray | None = None
    fault: str = ""
    kind: str = ""
    changed: tuple[str, ...] = ()

    def same(self, other: "Outcome", tolerance: float, scale: float) -> bool:
        """Whether two calls did the same: the same numbers, or the same way to fail."""
        if self.value is None or other.value is None:
            return self.kind == other.kind
        return close(self.value, other.value, tolerance, scale)


def close(value: np.ndarray, other: np.ndarray, tolerance: float, scale: float) -> bool:
    """Whether two arrays have one shape and agree up to `tolerance * scale`; NaN agrees with NaN.

    Numbers in single precision are as good as that precision.
    """
    if np.float32 in (value.dtype, other.dtype):
        tolerance = max(tolerance, SINGLE)
    given = {"rtol": 0.0, "atol": tolerance * scale, "equal_nan": True}
    return value.shape == other.shape and np.allclose(value, other, **given)


def attempt(exercise: Exercise, function: Callable, case: Case) -> Outcome:
    """Call a function on a case, on a copy of its arguments."""
    given = copy.deepcopy(case.given)
    try:
        with np.errstate(all="ignore"):
            value = exercise.observe(function, *given) if exercise.observe else function(*given)
    except (Exception, SystemExit) as error:  # what the reader's code raises is part of the answer
        return Outcome(fault=_raised(error, function), kind=type(error).__name__)
    pairs = zip(exercise.names, case.given, given, strict=False)
    changed = tuple(
        name
        for name, before, after in pairs
        if isinstance(before, np.ndarray) and not np.array_equal(before, after, equal_nan=True)
    )
    return _numbers(value, changed)


def wrong_call(exercise: Exercise, function: Callable) -> str:
    """Why the function cannot be called as the exercise calls it; "" if it can."""
    if not callable(function):
        came, name = type(function).__name__, exercise.call.partition("(")[0]
        own = f'try_it("{exercise.id}", {name})'
        return f"Expected a function, got {came}: hand over {name} itself, {own}"
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a function of C, which does not say
        return ""
    try:
        signature.bind(*exercise.names)
    except TypeError:
        return f"Expected a function {exercise.call}, got one that takes {signature}"
    return ""


def _raised(error: BaseException, function: Callable) -> str:
    """An exception in words, with the reader's own line."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if code and frame.filename == code.co_filename]
    said = f"it raises {type(error).__name__}: {error}" if str(error) else f"it raises {error!r}"
    if not own:
        return said
    line = (own[-1].line or linecache.getline(own[-1].filename, own[-1].lineno)).strip()
    return f"{said}, in line {own[-1].lineno}: {line}" if line else said


def _numbers(value, changed) -> Outcome:
    """Take what a function returned as numbers, from NumPy, torch or lists."""
    if value is None:
        return Outcome(fault="it returns None, where a return is missing", kind="None")
    if callable(value):
        return Outcome(fault="it returns a function, expected numbers", kind="function")
    try:
        array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
    except Exception as error:  # ragged lists, lists of tensors with a gradient, bfloat16
        said = f"it returns a {type(value).__name__} that is no array of numbers: {error}"
        return Outcome(fault=said, kind="no array")
    if array.dtype.kind not in "biuf":
        said = f"it returns {type(value).__name__} of dtype {array.dtype}, expected real numbers"
        return Outcome(fault=said, kind="no numbers")
    exact = array if array.dtype == np.float32 else array.astype(np.float64)
    return Outcome(value=exact, changed=changed)
