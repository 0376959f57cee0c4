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

from pgbook import expect

LAB = Path(__file__).parent / "data" / "lab_sweep.json"
LADDER = Path(__file__).parent / "data" / "ladder.json"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
STEP = 0.5  # what one count is worth


def pack(values: np.ndarray) -> str:
    """Return the text of one curve, [X]; values from 0 to 2047.5, rounded to half points.

    Raises:
        ValueError: a value outside that range, NaN, or another shape.
    """
    counts = np.round(expect.numbers("values", values) / STEP)
    if counts.ndim != 1 or not ((counts >= 0) & (counts < 64**2)).all():  # NaN fails too
        raise ValueError(f"expected values from 0 to {(64**2 - 1) * STEP}, got {values}")
    high, low = np.divmod(counts.astype(int), 64)
    return "".join(LETTERS[i] + LETTERS[j] for i, j in zip(high, low, strict=True))


def unpack(text: str) -> np.ndarray:
    """Return the curve, [X], that `pack` made a text of.

    Raises:
        ValueError: something else than pairs of letters of base 64.
    """
    if not isinstance(text, str) or len(text) % 2 or set(text) - set(LETTERS):
        raise ValueError(f"expected pairs of letters of base 64, got {text!r:.60}")
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
        ValueError: no sample, one that is not finite, or a level that is not between 0 and 1.
    """
    samples = expect.samples(samples)
    level = expect.number("level", level, 0, 1, ends=False)
    picks = np.random.default_rng(0).integers(len(samples), size=(len(samples), 2_000))
    means = trim_mean(samples[picks], 0.25, axis=0)
    lower, upper = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return trim_mean(samples, 0.25, axis=0), lower, upper


@dataclass(frozen=True, eq=False)
class Recorded:
    """The learning curves of a whole grid of settings.

    Raises:
        ValueError: curves that do not have an axis for each field, seeds and steps, or steps that
            do not go up.
    """

    axes: dict[str, list]  # field of Config -> its values, in the order of the curves' axes
    config: dict  # the fields of Config that all settings share
    seeds: list[int]
    steps: np.ndarray  # numbers of environment steps, [X]
    curves: np.ndarray  # mean return of the last 100 episodes, [*axes, seeds, X]

    def __post_init__(self):
        steps = expect.numbers("steps", self.steps, finite=True)
        if steps.ndim != 1 or (np.diff(steps) <= 0).any():
            raise ValueError(f"steps: expected numbers that go up, [X], got {self.steps}")
        shape = (*map(len, self.axes.values()), len(self.seeds), len(steps))
        object.__setattr__(self, "curves", expect.numbers("curves", self.curves, shape))

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
        return _grid(self.axes)


def load(path: str | Path = LAB) -> Recorded:
    """Read a file that `dump` wrote.

    Raises:
        ValueError: something else, or a damaged one.
    """
    try:
        return _recorded(json.loads(Path(path).read_text("utf-8")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        said = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path}: expected learning curves from `dump`, got {said}") from error


def _recorded(content: dict) -> Recorded:
    """Return the curves of a file's content; an error of any kind if it is something else."""
    rows, seeds = content["settings"], [expect.whole("seed", x, 0) for x in content["seeds"]]
    if len(set(seeds)) != len(seeds):
        raise ValueError(f"expected different seeds, got {seeds}")
    names = [name for name in rows[0] if name != "curves"]
    for row in rows:
        texts = row["curves"]
        if [*row] != [*names, "curves"] or not isinstance(texts, list) or len(texts) != len(seeds):
            raise ValueError(f"expected {names} and a curve for each seed, got {[*row]}")
    axes = {name: list(dict.fromkeys(row[name] for row in rows)) for name in names}
    if [{name: row[name] for name in names} for row in rows] != _grid(axes):
        raise ValueError(f"expected every setting of a grid, in order, got {len(rows)} rows")
    curves = np.array([[unpack(text) for text in row["curves"]] for row in rows])
    shape = (*map(len, axes.values()), *curves.shape[1:])
    shared = content["config"].items()
    config = {name: tuple(x) if isinstance(x, list) else x for name, x in shared}
    return Recorded(axes, config, seeds, np.array(content["steps"]), curves.reshape(shape))


def _grid(axes: dict[str, list]) -> list[dict]:
    """Return every combination of the axes' values, the last axis varying fastest."""
    return [dict(zip(axes, row, strict=True)) for row in itertools.product(*axes.values())]


def dump(path: str | Path, recorded: Recorded, **origin: object) -> None:
    """Write a file that `load` reads; `origin` says where the numbers come from.

    Raises:
        ValueError: a curve that `pack` refuses, or an origin that would hide a part of the record.
    """
    if hidden := origin.keys() & {"config", "seeds", "steps", "settings"}:
        raise ValueError(f"origin: expected other names than the record's, got {sorted(hidden)}")
    rows = [
        json.dumps({**setting, "curves": [pack(curve) for curve in recorded.at(**setting)]})
        for setting in recorded.settings()
    ]
    head = {
        **origin,
        "config": recorded.config,
        "seeds": recorded.seeds,
        "steps": np.asarray(recorded.steps).tolist(),
        "settings": [],
    }
    lines = ",\n".join(rows)
    text = json.dumps(head).removesuffix("[]}") + f"[\n{lines}\n]}}\n"
    path = Path(path)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
