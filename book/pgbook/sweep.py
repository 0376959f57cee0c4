"""Many training runs side by side: a grid of settings, several seeds, results that survive a kill.

Every run is one file, named by its Config and written in one step. A sweep that was killed finds
the finished files when it is started again, trains the rest and repeats nothing.
"""

import dataclasses
import functools
import hashlib
import itertools
import json
import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, nullcontext
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import torch

from pgbook import config as settings
from pgbook import mlp, rollout, trainer, weights
from pgbook.trainer import Config, Trainer, TrainingStopped

PACKAGES = ("gymnasium", "numpy", "torch")


@dataclasses.dataclass(frozen=True)
class Run:
    """What one training run recorded, one entry per update."""

    config: Config
    env_steps: tuple[int, ...]  # taken so far, discarded ones not counted
    mean_return: tuple[float, ...]  # of this update's episodes
    mean_100: tuple[float, ...]  # of the last 100 finished episodes
    stopped: str | None = None  # why training broke off, if a number was not finite


def grid(base: Config, **axes: Iterable) -> list[Config]:
    """Return `base` with every combination of the given fields, the last one varying fastest.

    Args:
        base: what all runs share.
        **axes: a Config field and the values that it takes, for example `seed=range(5)`.

    Raises:
        ValueError: an axis without values, or a setting that Config refuses.
        TypeError: a field that Config does not have.
    """
    columns = {name: list(values) for name, values in axes.items()}
    for name, values in columns.items():
        if not values:
            raise ValueError(f"{name}: expected at least one value, got none")
    return [
        dataclasses.replace(base, **dict(zip(columns, row, strict=True)))
        for row in itertools.product(*columns.values())
    ]


def train(config: Config) -> Run:
    """Train once, to the threshold or the step limit; a number that is not finite ends the run."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # these networks are too small to share out, and sums keep their order
    stopped, learner = None, Trainer(config)
    try:
        for _ in learner:
            pass
    except TrainingStopped as error:
        stopped = str(error)
    finally:
        learner.envs.close()
        torch.set_num_threads(threads)
    columns = ("env_steps", "mean_return", "mean_100")
    curves = (tuple(getattr(r, name) for r in learner.records) for name in columns)
    return Run(config, *curves, stopped=stopped)


def sweep(
    configs: Sequence[Config],
    folder: str | Path,
    *,
    backend: str | None = None,
    jobs: int | None = -1,
    watch: Callable[..., Iterable] = lambda runs, total: runs,
) -> list[Run]:
    """Train every Config that has no result in the folder yet; return the results of all.

    The same Config gives the same numbers wherever it is trained. A result made by other versions
    of the packages or of the trainer does not count: that run is trained again. So is a file that
    cannot be read, with a warning.

    Args:
        configs: the runs, all different; `grid` makes them.
        folder: where the results are kept, one file a run; made if it is not there.
        backend: a joblib backend. None means processes on this machine, or what an enclosing
            `joblib.parallel_config` says; "dask" means the cluster of the current Dask client.
        jobs: runs at a time; -1 means one for each core, or the whole cluster.
        watch: is given the finished runs as they come and `total=`, their number: `tqdm` fits.

    Returns:
        One Run per Config, in the order of `configs`.

    Raises:
        ValueError: no Config, or the same one twice.
    """
    if not configs or len(set(configs)) < len(configs):
        raise ValueError(f"configs: expected at least one, all different, got {len(configs)}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    runs = {config: load(folder, config) for config in configs}
    missing = [config for config, run in runs.items() if run is None]
    with joblib.parallel_config(backend) if backend else nullcontext():
        # one result at a time, in the order of arrival: what is finished is on the disk
        parallel = joblib.Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")
        finished = parallel(joblib.delayed(_labelled)(config) for config in missing)
        with closing(finished):  # broken off: call back what still runs elsewhere
            for run, made_with in watch(finished, total=len(missing)):
                save(folder, run, made_with)
                runs[run.config] = run
    return list(runs.values())


def save(folder: Path, run: Run, made_with: dict) -> None:
    """Write one result; a kill at any moment leaves the whole file or none."""
    content = {"made_with": made_with, "run": _plain(run)}
    content["digest"] = _digest([content["made_with"], content["run"]])
    target = _path(folder, run.config)
    half = target.with_name(f"{target.name}.{os.getpid()}.half")
    with half.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(half, target)


def load(folder: Path, config: Config) -> Run | None:
    """Read the result of one Config; None if there is none that counts."""
    path = _path(folder, config)
    try:
        content = json.loads(path.read_text("utf-8"))
        run = content["run"]
        if content["digest"] != _digest([content["made_with"], run]):
            raise ValueError("the content does not match its digest")
        if run["config"] != _plain(config):
            raise ValueError("it holds the run of another Config")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        warnings.warn(f"{path.name}: unreadable, trained again ({error})", stacklevel=3)
        return None
    if content["made_with"] != versions():
        return None
    curves = (tuple(run[name]) for name in ("env_steps", "mean_return", "mean_100"))
    return Run(config, *curves, stopped=run["stopped"])


def on_grid(run: Run, steps: Sequence[float], curve: str = "mean_100") -> np.ndarray:
    """Return one curve of a run at the given numbers of environment steps, [len(steps)].

    Straight lines between updates; before the first update its value, behind the last one NaN.
    """
    if not run.env_steps:
        return np.full(len(steps), np.nan)
    return np.interp(steps, run.env_steps, getattr(run, curve), right=np.nan)


@functools.cache
def versions() -> dict[str, str]:
    """Return what decides a run's numbers beside its Config: packages and the trainer's code."""
    modules = (settings, mlp, rollout, trainer, weights)
    code = [Path(module.__file__).read_text("utf-8") for module in modules]
    return {**{name: version(name) for name in PACKAGES}, "trainer": _digest(code)}


def _labelled(config: Config) -> tuple[Run, dict[str, str]]:
    """Train where the worker is, and say with what."""
    return train(config), versions()


def _plain(record: Config | Run) -> dict:
    """Return a record as what JSON gives back: tuples are lists."""
    return json.loads(json.dumps(dataclasses.asdict(record), default=lambda x: x.item()))


def _digest(content: object) -> str:
    """Return 16 hexadecimal digits that stand for the content."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _path(folder: Path, config: Config) -> Path:
    """Return the file of one Config."""
    return folder / f"{_digest(_plain(config))}.json"
