"""Arguments and how they come bent: in another form that means the same, or wrong.

An `Argument` holds a sound value and its bends: name -> (value, whether it still means the same).
What means the same must give the same answer; what is wrong must be refused. A bend that happens
to change nothing (an array of one entry, turned round) leaves itself out.
"""

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from pgbook.mdp import Trajectory


class Argument(NamedTuple):
    """A sound value, and the value bent: {name: (bent value, does it mean the same)}."""

    value: Any
    bends: dict


def fixed(value):
    """An argument that is not bent: an object, words."""
    return Argument(value, {})


def _with(array, entry):
    """The array with one entry replaced, the last: whoever looks at the first alone misses it."""
    changed = array.astype(np.result_type(array, type(entry)), copy=True)
    changed.flat[-1] = entry
    return changed


def _forms(array, dtypes):
    with np.errstate(over="ignore"):  # what does not fit is left out below
        forms = {str(dtype): array.astype(dtype) for dtype in dtypes}
    forms |= {"a list": array.tolist(), "in Fortran's order": np.asfortranarray(array)}
    if array.ndim:
        forms["every second of a larger one"] = np.repeat(array, 2, axis=-1)[..., ::2]
    return {
        name: (form, True)
        for name, form in forms.items()
        if np.shape(form) == array.shape and np.array_equal(np.asarray(form), array)
    }


def _wrong_kinds(array):
    wrong = {
        "text": array.astype(str),
        "complex": array + 1j,
        "complex without an imaginary part": array + 0j,
        "objects": array.astype(object),
        "masked": np.ma.masked_array(array, mask=np.zeros(array.shape, dtype=bool)),
        "ragged": [array.tolist(), [array.tolist()]],
        "nothing": None,
        "a dictionary": {0: array},
    }
    return {name: (value, False) for name, value in wrong.items()}


def wrong_shapes(array):
    """The array in shapes that NumPy might stretch or cut to fit."""
    wrong = {"one axis more": array[None], "turned round": array.T}
    if array.size and array.ndim:
        wrong["the last entry left out"] = array[..., :-1]
        wrong["the last entry twice"] = np.concatenate([array, array[..., -1:]], axis=-1)
        wrong["the first row alone"] = array[0]
        wrong["the first row alone, as a row"] = array[:1]
    return {name: (x, False) for name, x in wrong.items() if x.shape != array.shape}


def reals(array, *, finite=True, shaped=True):
    """Real numbers; `shaped`: of a shape that the other arguments settle."""
    array = np.asarray(array, dtype=float)
    bends = _forms(array, ["f2", "f4", ">f8", "longdouble"]) | _wrong_kinds(array)
    if finite and array.size:
        bends |= {f"{x} in it": (_with(array, x), False) for x in (np.nan, np.inf, -np.inf)}
    return Argument(array, bends | (wrong_shapes(array) if shaped else {}))


def flags(array):
    """Ones and zeros of a fixed shape."""
    array = np.asarray(array, dtype=float)
    bends = _forms(array, ["f2", "i1", "u1", "?", "i8"]) | wrong_shapes(array)
    bends |= _wrong_kinds(array)
    for entry in (0.5, 2.0, -1.0, np.nan):
        bends[f"{entry} in it"] = (_with(array, entry), False)
    return Argument(array, bends)


def distributions(array, *, shaped=True):
    """Probabilities along the last axis."""
    bends = _forms(array, ["f4", ">f8"]) | _wrong_kinds(array)
    bends |= wrong_shapes(array) if shaped else {}
    wrong = {
        "half of it": array / 2,
        "a millionth too much": array * (1 + 1e-6),
        "logits": np.log(array + 0.5),
        "NaN in it": _with(array, np.nan),
        "infinity in it": _with(array, np.inf),
    }
    negative = array.copy()
    negative[..., -1] -= 1.5
    negative[..., 0] += 1.5
    wrong |= {"a negative probability": negative} if array.shape[-1] > 1 else {}
    return Argument(array, bends | {name: (x, False) for name, x in wrong.items()})


def indices(array, size, *, shaped=True):
    """Integers from 0 to size - 1."""
    bends = _forms(array, ["i1", "u1", "i4", "u8", ">i8"]) | _wrong_kinds(array)
    bends |= wrong_shapes(array) if shaped else {}
    wrong = {"whole floats": array.astype(float), "floats": array + 0.5, "bools": array > 0}
    if array.size:
        for entry in (-1, size, -size, 2**40, -(2**40)):
            wrong[f"{entry} in it"] = _with(array, entry)
        wrong["a large number without a sign in it"] = _with(array.astype("u8"), np.uint64(2**63))
    return Argument(array, bends | {name: (x, False) for name, x in wrong.items()})


def trajectories(trajectory, shape):
    """A trajectory of a process of (T, S, A), or a batch."""
    states, actions = trajectory
    bends = {"another type": (SimpleNamespace(states=states, actions=actions), True)}
    bends |= {"a pair": ((states, actions), False), "nothing": (None, False)}
    bends["a step less"] = (Trajectory(states[..., :-1], actions[..., :-1]), False)
    longer = [np.concatenate([part[..., :1], part], axis=-1) for part in trajectory]
    bends["a step more"] = (Trajectory(*longer), False)
    empty = Trajectory(states[..., :0], actions[..., :0])
    bends["no step"] = (empty, False)
    for name, (value, fine) in indices(states, shape[1]).bends.items():
        bends[f"states: {name}"] = (Trajectory(value, actions), fine)
    for name, (value, fine) in indices(actions, shape[2]).bends.items():
        bends[f"actions: {name}"] = (Trajectory(states, value), fine)
    return Argument(trajectory, bends)


def whole(value, least):
    """One whole number, at least `least`."""
    same = {kind: np.array(value).astype(kind)[()] for kind in ("i1", "u1", "i8", "u8")}
    wrong = [least - 1, least - 0.5, float(value), value + 0.5, np.nan, np.inf, str(value), None]
    wrong += [True, np.True_, [value], np.array([value, value]), complex(value), -1]
    return _scalar(value, same, wrong)


def number(value, low, high, *, ends=True):
    """One real number between two bounds."""
    same = {kind: np.array(value).astype(kind)[()] for kind in ("f2", "f4", "f8")}
    wrong = [low - 1e-9, high + 1e-9, np.nan, np.inf, -np.inf, str(value), None, True, np.True_]
    wrong += [[value], np.array([value, value]), complex(value), -1.0]
    return _scalar(value, same, wrong if ends else [*wrong, low, high])


def _scalar(value, same, wrong):
    bends = {name: (x, True) for name, x in same.items() if x == value}
    return Argument(value, bends | {repr(x): (x, False) for x in wrong})


def generator(make):
    """A source of randomness; `make()` returns a fresh one in a fixed state."""
    wrong = [0, None, np.random.RandomState(0), np.random.PCG64(0), np.random]
    return Argument(make, {repr(x): (lambda x=x: x, False) for x in wrong})
