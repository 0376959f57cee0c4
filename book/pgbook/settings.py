"""What a setting may be: each check makes a plain Python value of it, or says what is wrong."""

import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Real

import numpy as np

from pgbook import expect

Check = Callable[[str, object], object]


def make_plain(config: object, checks: Mapping[str, Check]) -> None:
    """Replace the named fields of a frozen dataclass by what the checks make of them.

    Numbers become Python's own, of one type, so that `1`, `1.0` and NumPy's are one setting.

    Raises:
        ValueError: a field that makes no sense, with what was expected and what came.
    """
    for name, plain in checks.items():
        object.__setattr__(config, name, plain(name, getattr(config, name)))


def whole(least: int) -> Check:
    """Return the check of a setting that is a whole number."""
    return lambda name, value: expect.whole(name, value, least)


def between(low: float, high: float) -> Check:
    """Return the check of a setting that is a number."""
    return lambda name, value: expect.number(name, value, low, high)


def optional(plain: Check) -> Check:
    """Return the check that takes None as well."""
    return lambda name, value: None if value is None else plain(name, value)


def each(plain: Check) -> Check:
    """Return the check of a tuple."""

    def plain_tuple(name: str, values: object) -> tuple:
        if not isinstance(values, tuple):
            raise ValueError(f"{name}: expected a tuple, got {values!r}")
        return tuple(plain(name, value) for value in values)

    return plain_tuple


def one_of(names: Iterable[str]) -> Check:
    """Return the check of a name, which comes back as plain text."""

    def plain_name(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"{name}: expected one of {', '.join(names)}, got {value!r}")
        return str(value)

    return plain_name


def flag(name: str, value: object) -> bool:
    """Return a plain bool."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def or_infinity(plain: Check) -> Check:
    """Return the check that takes infinity as well."""

    def plain_or_infinity(name: str, value: object) -> float:
        if isinstance(value, Real) and value == math.inf:
            return math.inf
        return plain(name, value)

    return plain_or_infinity


def steps(name: str, value: object) -> int:
    """Return a whole number of at least 1, which may be written 1e6."""
    if isinstance(value, float | np.floating) and value.is_integer():
        value = int(value)
    return expect.whole(name, value, 1)


FRACTION = between(0, 1)
RATE = between(1e-30, 1e30)  # beyond, a float32 step is 0 or overflows
