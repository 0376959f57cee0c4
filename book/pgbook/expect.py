"""What a function may be given: each check returns its value in the form that the code counts on.

NumPy wraps a negative index, stretches a shape, drops an imaginary part and overflows a narrow
integer without a word, and the result is a plausible wrong number. Here each of them is a
ValueError that says what was expected and what came.
"""

from numbers import Integral, Real

import numpy as np


def numbers(name, value, shape=None, *, finite=False):
    """Return real numbers as a float64 array; a masked array, text or complex numbers are refused.

    Args:
        name: what the error calls the value.
        value: a number or numbers, an array or lists.
        shape: the shape that they must have, if any.
        finite: whether NaN and infinity are refused as well.

    Raises:
        ValueError: something else than real numbers, another shape, or not finite.
    """
    array = _array(name, value, "biuf", "real numbers").astype(np.float64, copy=False)
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    if finite and not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise ValueError(
            f"{name}: expected finite numbers, got {bad} of {array.size} NaN or infinite"
        )
    return array


def indices(name, value, size):
    """Return integers from 0 to size - 1 as an array of full width, which no product overflows.

    Raises:
        ValueError: something else than integers, or one outside the range; -1 does not wrap.
    """
    array = _array(name, value, "iu", "integers")
    wide = array.astype(np.int64, copy=False)
    if wide.size and wide.view(np.uint64).max() >= size:  # one pass: below 0 is huge without a sign
        worst = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{name}: expected integers from 0 to {size - 1}, got {worst}")
    return wide.astype(np.intp, copy=False)


def distribution(name, value, shape):
    """Return probabilities along the last axis as a float64 array.

    Raises:
        ValueError: another shape, a negative entry or NaN, or a sum off 1 by more than 1e-9.
    """
    array = numbers(name, value, shape)
    if not (array >= 0).all():  # NaN fails this too
        raise ValueError(f"{name}: expected probabilities >= 0, got a least value of {array.min()}")
    total = array.sum(axis=-1)
    if np.abs(total - 1).max() > 1e-9:
        worst = total.flat[np.abs(total - 1).argmax()]
        raise ValueError(f"{name}: expected the last axis to sum to 1, got a sum of {worst:.12g}")
    return array


def trajectory(value, shape):
    """Return states [..., T+1] and actions [..., T] of a trajectory or of a batch of them.

    Args:
        value: anything with `states` and `actions`.
        shape: (T, S, A), the shape of a policy: steps, states and actions of the process.

    Raises:
        ValueError: another number of steps, leading axes that differ, or an index out of range.
    """
    if not (hasattr(value, "states") and hasattr(value, "actions")):
        raise ValueError(f"trajectory: expected states and actions, got {type(value).__name__}")
    steps, num_states, num_actions = shape
    states = indices("states", value.states, num_states)
    actions = indices("actions", value.actions, num_actions)
    if actions.shape[-1:] != (steps,) or states.shape != (*actions.shape[:-1], steps + 1):
        raise ValueError(
            f"trajectory: expected states [..., {steps + 1}] and actions [..., {steps}] with the "
            f"same leading axes, got {states.shape} and {actions.shape}"
        )
    return states, actions


def whole(name, value, least):
    """Return a whole number, at least `least`, as a Python integer; True is no number.

    Raises:
        ValueError: something else.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number >= {least}, got {value!r}")
    return int(value)


def number(name, value, low, high, *, ends=True):
    """Return a number between two bounds as a Python float; NaN and True are refused.

    Args:
        name: what the error calls the value.
        value: one real number, not an array.
        low: the lower bound.
        high: the upper bound.
        ends: whether the bounds themselves are allowed.

    Raises:
        ValueError: something else.
    """
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not (low <= value <= high if ends else low < value < high):
        span = f"[{low}, {high}]" if ends else f"({low}, {high})"
        raise ValueError(f"{name}: expected a number in {span}, got {value!r}")
    return float(value)


def generator(value):
    """Return a source of randomness; a seed is none, since it would start again at every call.

    Raises:
        ValueError: something else than a `numpy.random.Generator`.
    """
    if not isinstance(value, np.random.Generator):
        raise ValueError(f"rng: expected a numpy.random.Generator, got {value!r}")
    return value


def samples(value):
    """Return finite samples [seeds, ...] as a float64 array, at least one row.

    Raises:
        ValueError: no row, or a sample that is not finite.
    """
    array = numbers("samples", value, finite=True)
    if array.ndim == 0 or len(array) == 0:
        raise ValueError(f"samples: expected shape [seeds >= 1, ...], got {array.shape}")
    return array


def _array(name, value, kinds, what):
    """Return the value as an array whose dtype is of one of the kinds."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # ragged lists, tensors with a gradient
        raise ValueError(f"{name}: expected {what}, got {type(value).__name__}: {error}") from None
    if array.dtype.kind not in kinds or isinstance(value, np.ma.MaskedArray):
        came = "a masked array" if isinstance(value, np.ma.MaskedArray) else f"dtype {array.dtype}"
        raise ValueError(f"{name}: expected {what}, got {came}")
    return array
