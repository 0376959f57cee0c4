"""Compare a cell's outputs with the stored ones: what is claimed, not the last digit.

A processor's vector units, its BLAS kernel and its threads decide the last digits of a sum, and a
number close to a tie is then printed one unit higher or lower. So:

- words, integers, keys, tags, colours, the number and order of outputs are the same;
- a decimal number differs by at most one unit of its last printed place, and by nothing if it has
  fewer than two significant digits; numbers printed in full agree to nine digits;
- a figure's coordinates differ by at most a thousandth of a point, its pixels by two of 255;
- the names that Matplotlib makes from coordinates may differ, but not what they refer to.

`conftest.py` at the top puts it in the place of nbval's own comparison.
"""

import base64
import io
import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from itertools import zip_longest

import matplotlib.image
import notebooks
import numpy as np

RELATIVE = Decimal("1e-9")
POINTS = 1e-3
LEVELS = 2 / 255
# Not 2.4.6, not #0.5, and not an equation's number, which stands alone in brackets: (5.4), [5.4].
DECIMAL = re.compile(
    r"(?<![\w.#])(?!(?<=[(\[])[1-9]\d?\.\d{1,2}[)\]])"
    r"([-+−]?\d+\.\d+(?:[eE][-+]?\d+)?)(?!\w|\.\d)"
)
COORDINATE = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
GEOMETRY = {"d", "x", "y", "width", "height", "transform", "viewBox", "points"}
HREF = "{http://www.w3.org/1999/xlink}href"
HASHED = re.compile(r"(?:^|(?<=#))\w+?[0-9a-f]{10}$|(?<=url\(#)\w+?[0-9a-f]{10}(?=\))")


def differences(stored: list, fresh: list) -> list[str]:
    """Say where the fresh outputs of a cell claim something else than the stored ones.

    Args:
        stored: the outputs in the notebook, as `notebooks.normalise` leaves them.
        fresh: the outputs that the kernel has just sent.

    Returns:
        One line a difference, with what was expected and what came; empty where there is none.
    """
    fresh = notebooks.stable_outputs(fresh)
    kinds = [[output.output_type for output in outputs] for outputs in (stored, fresh)]
    if kinds[0] != kinds[1]:
        return [f"outputs: expected {kinds[0]}, got {kinds[1]}"]
    pairs = enumerate(zip(stored, fresh, strict=True))
    return [line for i, (a, b) in pairs for line in _values(f"output {i}", _said(a), _said(b))]


def _said(output) -> dict:
    """What an output says; its count and metadata are the normaliser's business."""
    keys = {"stream": ("name", "text"), "error": ("ename", "evalue")}
    return {key: output[key] for key in keys.get(output.output_type, ("data",))}


def _values(where: str, old, new) -> list[str]:
    """Differences between two JSON values."""
    if isinstance(old, dict) and isinstance(new, dict) and set(old) == set(new):
        return [line for key in old for line in _values(f"{where}, {key}", old[key], new[key])]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [line for i, (a, b) in pairs for line in _values(f"{where}, {i}", a, b)]
    if isinstance(old, str) and isinstance(new, str):
        if where.endswith("svg+xml"):
            return _figures(where, old, new)
        return _texts(where, DECIMAL, _same_decimal, old, new)
    if isinstance(old, float) and isinstance(new, float):
        same = _close(Decimal(old), Decimal(new))
    else:
        same = type(old) is type(new) and old == new
    return [] if same else [f"{where}: expected {old!r}, got {new!r}"]


def _texts(where: str, number: re.Pattern, same, old: str, new: str) -> list[str]:
    """The first difference between two texts: `same` judges their numbers, all else is equal."""
    for a, b in zip_longest(number.split(old), number.split(new), fillvalue=""):
        numbers = number.fullmatch(a) and number.fullmatch(b)
        if a != b and not (numbers and same(a, b)):
            return [f"{where}: expected {a!r}, got {b!r}"]
    return []


def _same_decimal(old: str, new: str) -> bool:
    """Whether two printed numbers may be one number, rounded on either side of a tie."""
    a, b = (Decimal(text.replace("−", "-")) for text in (old, new))
    unit = min(Decimal(1).scaleb(x.as_tuple().exponent) for x in (a, b))
    digits = min(0 if x == 0 else len(x.as_tuple().digits) for x in (a, b))
    return _close(a, b) or (digits >= 2 and abs(a - b) <= unit)


def _close(a: Decimal, b: Decimal) -> bool:
    """Whether two numbers agree to nine digits; NaN and infinities only with themselves."""
    if not (a.is_finite() and b.is_finite()):
        return str(a) == str(b)
    return abs(a - b) <= RELATIVE * max(abs(a), abs(b))


def _same_coordinate(old: str, new: str) -> bool:
    """Whether two coordinates are one to the eye."""
    return abs(float(old) - float(new)) <= POINTS


def _figures(where: str, old: str, new: str) -> list[str]:
    """Differences between two drawings, element by element, in the order of drawing."""
    nodes = [list(ET.fromstring(svg).iter()) for svg in (old, new)]
    names: list[dict] = [{}, {}]
    found = []
    for a, b in zip(*nodes, strict=False):
        place = f"{where}, {a.get('id') or a.tag.split('}')[-1]}"
        if _shape(a) != _shape(b):
            return [*found, f"{place}: expected {_shape(a)}, got {_shape(b)}"]
        pairs = [("text", a.text or "", b.text or ""), ("tail", a.tail or "", b.tail or "")]
        for key, value in a.items():
            pairs.append((key, _named(names[0], value), _named(names[1], b.get(key))))
        found += [line for pair in pairs for line in _drawn(f"{place}, {pair[0]}", *pair)]
    return found


def _shape(node) -> tuple:
    """What an element is: its tag, its attributes and the number of its children."""
    return node.tag.split("}")[-1], sorted(node.keys()), len(node)


def _named(names: dict, value: str) -> str:
    """The value, with a name that is a hash of coordinates replaced by its rank of appearance."""
    return HASHED.sub(lambda match: names.setdefault(match[0], f"name-{len(names)}"), value)


def _drawn(where: str, key: str, old: str, new: str) -> list[str]:
    """Differences between two attributes or texts of one element."""
    if key in GEOMETRY:
        return _texts(where, COORDINATE, _same_coordinate, old, new)
    if key == HREF and old.startswith("data:") and new.startswith("data:"):
        a, b = _pixels(old), _pixels(new)
        same = a.shape == b.shape and np.abs(a - b).max() <= LEVELS
        return [] if same else [f"{where}: the pixels differ, {a.shape} and {b.shape}"]
    return _texts(where, DECIMAL, _same_decimal, old, new)


def _pixels(address: str) -> np.ndarray:
    """The colours of an image that is written into the figure, shape [rows, columns, 4]."""
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(address.split(",", 1)[1])))


def replace_nbvals() -> None:
    """Put this comparison in the place of nbval's."""
    from nbval.plugin import IPyNbCell

    def compare_outputs(cell, fresh, stored, skip_compare=None) -> bool:
        cell.comparison_traceback = differences(stored, fresh)
        return not cell.comparison_traceback

    IPyNbCell.compare_outputs = compare_outputs
