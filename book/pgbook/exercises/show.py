"""An argument or a result in a line: few digits, and never longer than a line or two."""

import numpy as np

LONGEST = 160


def shown(value) -> str:
    """Return a value as a reader would write it, with four digits."""
    if isinstance(value, np.ndarray):
        text = _array(value)
        return text if len(text) <= LONGEST else f"an array of shape {value.shape}"
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return str(value)
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if callable(value):
        said = getattr(value, "__doc__", None) or getattr(value, "__name__", "a function")
        return said.strip().rstrip(".")
    return str(value) if len(str(value)) <= LONGEST else type(value).__name__


def _array(value):
    if value.ndim == 0:
        return f"{value.item():.4g}"
    if value.ndim == 1 and value.dtype.kind == "f":
        return "[" + ", ".join(f"{number:.4g}" for number in value) + "]"
    if value.ndim == 1:
        return str(value.tolist())
    return "[" + ", ".join(_array(row) for row in value) + "]"
