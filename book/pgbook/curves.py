"""Recorded learning curves: how they are stored, and how a setting's are looked up.

A file holds one row for each setting and in it one text for each seed: two letters of base 64 for
each point, a count of half points. So 675 curves of 61 points take 85 kB.
"""

import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import trim_mean

LAB = Path(__file__).parent / "data" / "lab_sweep.json"
LADDER = Path(__file__).parent / "data" / "ladder.json"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
STEP = 0.5  # what one count is worth


def pack(values: np.ndarray) -> str:
    """Return the text of one curve, [X]; values from 0 to 2047.5, rounded to half points.

    Raises:
        ValueError: a value outside that range, or NaN.
    """
    counts = np.round(np.asarray(values, dtype=float) / STEP)
    if not ((counts >= 0) & (counts < 64**2)).all():  # NaN fails too
        raise ValueError(f"expected values from 0 to {(64**2 - 1) * STEP}, got {values}")
    high, low = np.divmod(counts.astype(int), 64)
    return "".join(LETTERS[i] + LETTERS[j] for i, j in zip(high, low, strict=True))


def unpack(text: str) -> np.ndarray:
    """Return the curve, [X], that `pack` made a text of."""
    digits = np.array([LETTERS.index(letter) for letter in text]).reshape(-1, 2)
    return (digits @ [64, 1]) * STEP


def interquartile(samples: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, ...]:
    """Return the interquartile mean over the first axis and a bootstrap interval for it.

    A quarter of the samples at either end does not count, so one lucky or lost seed does not decide
    (Agarwal and others, 2021). The interval is the percentile one of 2,000 resamples, seed 0.

    Args:
        samples: one row a seed, [seeds, ...].
        level: coverage of the interval, between 0 and 1.

    Returns:
        Three arrays of shape [...]: interquartile mean, lower end, upper end.

    Raises:
        ValueError: no sample, or a level that is not between 0 and 1.
    """
    samples = np.asarray(samples, dtype=float)
    if not len(samples) or not 0 < level < 1:
        raise ValueError(f"expected samples and a level in (0, 1), got {len(samples)} and {level}")
    picks = np.random.default_rng(0).integers(len(samples), size=(len(samples), 2_000))
    means = trim_mean(samples[picks], 0.25, axis=0)
    lower, upper = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return trim_mean(samples, 0.25, axis=0), lower, upper


@dataclass(frozen=True, eq=False)
class Recorded:
    """The learning curves of a whole grid of settings."""

    axes: dict[str, list]  # field of Config -> its values, in the order of the curves' axes
    config: dict  # the fields of Config that all settings share
    seeds: list[int]
    steps: np.ndarray  # numbers of environment steps, [X]
    curves: np.ndarray  # mean return of the last 100 episodes, [*axes, seeds, X]

    def at(self, **setting: object) -> np.ndarray:
        """Return the curves of one setting, [seeds, X]; a field left out keeps its axis.

        Raises:
            ValueError: a field that is no axis, or a value that is not on the grid.
        """
        if extra := setting.keys() - self.axes.keys():
            raise ValueError(f"expected fields among {list(self.axes)}, got {sorted(extra)}")
        index = [slice(None)] * len(self.axes)
        for i, (name, values) in enumerate(self.axes.items()):
            if name in setting:
                if setting[name] not in values:
                    raise ValueError(f"{name}: expected one of {values}, got {setting[name]!r}")
                index[i] = values.index(setting[name])
        return self.curves[tuple(index)]

    def settings(self) -> list[dict]:
        """Return every setting of the grid, the last axis varying fastest."""
        rows = itertools.product(*self.axes.values())
        return [dict(zip(self.axes, row, strict=True)) for row in rows]


def load(path: Path = LAB) -> Recorded:
    """Read a file that `tools/run_lab_sweep.py` wrote."""
    content = json.loads(path.read_text("utf-8"))
    rows = content["settings"]
    names = [name for name in rows[0] if name != "curves"]
    axes = {name: list(dict.fromkeys(row[name] for row in rows)) for name in names}
    steps = np.array(content["steps"])
    shape = (*(len(values) for values in axes.values()), len(content["seeds"]), len(steps))
    curves = np.array([[unpack(text) for text in row["curves"]] for row in rows])
    shared = content["config"].items()
    config = {name: tuple(x) if isinstance(x, list) else x for name, x in shared}
    recorded = Recorded(axes, config, content["seeds"], steps, curves.reshape(shape))
    if recorded.settings() != [{name: row[name] for name in names} for row in rows]:
        raise ValueError(f"{path.name}: expected every setting of a grid, in order")
    return recorded


def dump(path: Path, recorded: Recorded, **origin: object) -> None:
    """Write a file that `load` reads; `origin` says where the numbers come from."""
    rows = [
        json.dumps({**setting, "curves": [pack(curve) for curve in recorded.at(**setting)]})
        for setting in recorded.settings()
    ]
    head = {
        **origin,
        "config": recorded.config,
        "seeds": recorded.seeds,
        "steps": [int(x) for x in recorded.steps],
        "settings": [],
    }
    lines = ",\n".join(rows)
    text = json.dumps(head).removesuffix("[]}") + f"[\n{lines}\n]}}\n"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
