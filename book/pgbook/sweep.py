"""Many training runs side by side: a grid of settings, several seeds, results that survive a kill.

Every run is one file, named by its Config and written in one step. A sweep that was killed finds
the finished files when it is started again, trains the rest and repeats nothing.
"""

import dataclasses
import functools
import hashlib
import itertools
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, nullcontext
from importlib.metadata import version
from pathlib import Path
from pickle import PicklingError

import gymnasium
import joblib
import numpy as np
import torch

from pgbook import (
    checkpoint,
    expect,
    files,
    loop,
    loss,
    mlp,
    network,
    rollout,
    settings,
    trainer,
    weights,
)
from pgbook import config as fields
from pgbook.config import Config
from pgbook.files import write_whole
from pgbook.rollout import find_spec
from pgbook.trainer import Trainer, TrainingStopped

PACKAGES = ("gymnasium", "numpy", "torch")
TRAINER = (
    *(checkpoint, expect, fields, files, loop, loss),
    *(mlp, network, rollout, settings, trainer, weights),
)
CURVES = ("env_steps", "mean_return", "mean_100")


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
    columns = {}
    for name, values in axes.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise ValueError(f"{name}: expected the values that it takes, got {values!r}")
        columns[name] = list(values)
        if not columns[name]:
            raise ValueError(f"{name}: expected at least one value, got none")
    return [
        dataclasses.replace(base, **dict(zip(columns, row, strict=True)))
        for row in itertools.product(*columns.values())
    ]


def train(config: Config) -> Run:
    """Train once, to the threshold or the step limit; `TrainingStopped` ends the run."""
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
    curves = (tuple(getattr(r, name) for r in learner.records) for name in CURVES)
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
    cannot be read, with a warning. Of an environment only the id is compared: when you change one
    of your own, register it as -v1, -v2, ... or take another folder.

    An environment that your script or notebook registers is sent along to worker processes.

    Args:
        configs: the runs, all different; `grid` makes them.
        folder: where the results are kept, one file a run; made if it is not there.
        backend: a joblib backend. None means processes on this machine, or what an enclosing
            `joblib.parallel_config` says; "dask" means the cluster of the current Dask client.
        jobs: runs at a time; -1 means one for each core, or the whole cluster.
        watch: is given the finished runs as they come and `total=`, their number: `tqdm` fits.
            What it is given is on the disk.

    Returns:
        One Run per Config, in the order of `configs`.

    Raises:
        ValueError: no Config, the same one twice, a file where the folder should be or a folder
            where a result should be, an environment that cannot be sent to other processes, or a
            `watch` that stops before the last run.
    """
    configs = _expect_configs(configs)
    folder = Path(folder)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"folder: expected a folder or a new name, got the file {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    runs = {config: load(folder, config) for config in configs}
    missing = [config for config, run in runs.items() if run is None]
    with closing(_trained(missing, backend, jobs)) as finished:
        for _ in watch(_kept(finished, folder, runs), total=len(missing)):
            pass
    if left := sum(run is None for run in runs.values()):
        raise ValueError(
            f"watch: expected it to pass all {len(missing)} runs on, got {len(missing) - left}; "
            f"these are in {folder}, and the same call trains the rest"
        )
    return list(runs.values())


def save(folder: Path, run: Run, made_with: dict) -> None:
    """Write one result; a kill at any moment leaves the whole file or none."""
    content = {"made_with": made_with, "run": _plain(run)}
    content["digest"] = _digest([content["made_with"], content["run"]])
    write_whole(_path(folder, run.config), json.dumps(content).encode())


def load(folder: Path, config: Config) -> Run | None:
    """Read the result of one Config; None if there is none that counts.

    Raises:
        ValueError: a folder stands where the file should be.
    """
    path = _path(folder, config)
    if path.is_dir():
        raise ValueError(f"{path}: expected the file of a run, got a folder; move it away")
    try:
        content = json.loads(path.read_text("utf-8"))
        made_with, plain = content["made_with"], content["run"]
        if content["digest"] != _digest([made_with, plain]):
            raise ValueError("the content does not match its digest")
        if plain["config"] != _plain(config):
            raise ValueError("it holds the run of another Config")
        run = Run(config, *(tuple(plain[name]) for name in CURVES), stopped=plain["stopped"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        warnings.warn(f"{path.name}: unreadable, trained again ({error})", stacklevel=3)
        return None
    return run if made_with == versions() else None


def on_grid(run: Run, steps: Sequence[float], curve: str = "mean_100") -> np.ndarray:
    """Return one curve of a run at the given numbers of environment steps, [len(steps)].

    Straight lines between updates; before the first update its value, behind the last one NaN.

    Raises:
        ValueError: another curve than `mean_return` and `mean_100`.
    """
    if curve not in CURVES[1:]:
        raise ValueError(f"curve: expected one of {CURVES[1:]}, got {curve!r}")
    if not run.env_steps:
        return np.full(len(steps), np.nan)
    return np.interp(steps, run.env_steps, getattr(run, curve), right=np.nan)


@functools.cache
def versions() -> dict[str, str]:
    """Return what decides a run's numbers beside its Config: packages and the trainer's code."""
    code = [Path(module.__file__).read_text("utf-8") for module in TRAINER]
    return {**{name: version(name) for name in PACKAGES}, "trainer": _digest(code)}


def _expect_configs(configs: object) -> list[Config]:
    """Return the Configs as a list; refuse none, and the same one twice."""
    several = isinstance(configs, Iterable) and not isinstance(configs, str)
    found = list(configs) if several else [configs]
    if not several or not all(isinstance(config, Config) for config in found):
        raise ValueError(f"configs: expected a list of Config, got {configs!r}")
    if not found or len(set(found)) < len(found):
        raise ValueError(f"configs: expected at least one, all different, got {len(found)}")
    return found


def _labelled(
    config: Config, spec: gymnasium.envs.registration.EnvSpec
) -> tuple[Run, dict[str, str]]:
    """Train where the worker is, on the environment that the caller has; say with what."""
    if ":" not in config.env_id:  # else the worker imports the module that registers it
        gymnasium.registry[spec.id] = spec  # what a worker knows may be nothing, or an older one
    return train(config), versions()


def _trained(missing: list[Config], backend: str | None, jobs: int | None) -> Iterator[tuple]:
    """Train side by side; yield each run in the order of arrival, and what it was made with."""
    with joblib.parallel_config(backend) if backend else nullcontext():
        parallel = joblib.Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")
        tasks = (joblib.delayed(_labelled)(config, find_spec(config.env_id)) for config in missing)
        with closing(parallel(tasks)) as finished:  # broken off: call back what runs elsewhere
            try:
                yield from finished
            except PicklingError as error:
                ids = sorted({config.env_id for config in missing})
                raise ValueError(
                    f"env_id: expected environments that can be sent to other processes, got {ids} "
                    '(register in a module and say "module:id", or use jobs=1)'
                ) from error


def _kept(finished: Iterable, folder: Path, runs: dict) -> Iterator[Run]:
    """Yield the finished runs, each as soon as it is on the disk."""
    for run, made_with in finished:
        save(folder, run, made_with)
        runs[run.config] = run
        yield run


def _plain(record: Config | Run) -> dict:
    """Return a record as what JSON gives back: tuples are lists."""
    return json.loads(json.dumps(dataclasses.asdict(record)))


def _digest(content: object) -> str:
    """Return 16 hexadecimal digits that stand for the content."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _path(folder: Path, config: Config) -> Path:
    """Return the file of one Config."""
    return folder / f"{_digest(_plain(config))}.json"
