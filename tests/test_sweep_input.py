"""Sweeps: folders for files, watchers that look away, environments of the user's own, staleness."""

import ast
import dataclasses
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from pgbook import config, trainer
from pgbook import sweep as sweep_module
from pgbook.config import Config
from pgbook.sweep import CURVES, Run, grid, load, on_grid, save, sweep, train, versions
from toy_envs import Bandit, Endless, registered

BASE = Config(hidden=(), episodes=2, max_env_steps=40)
CONFIGS = grid(BASE, seed=range(4))
PACKAGE = Path(trainer.__file__).parent


def path_of(folder, config):
    return sweep_module._path(folder, config)


def fails(*args):
    raise AssertionError("trained, though the call should have been refused first")


def test_a_folder_in_place_of_a_result_is_refused_before_any_training(tmp_path, monkeypatch):
    path_of(tmp_path, CONFIGS[2]).mkdir()
    monkeypatch.setattr(sweep_module, "train", fails)
    with pytest.raises(ValueError, match=r"\.json: expected the file of a run, got a folder"):
        sweep(CONFIGS, tmp_path, jobs=1)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="folder: expected a folder or a new name, got the file"):
        sweep(CONFIGS, tmp_path / "file", jobs=1)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"run":' * 100_000, "[" * 100_000 + "]" * 100_000, "1" * 100_000, "NaN", "{}"],
    ids=lambda text: text[:4],
)
def test_a_record_of_any_text_is_trained_again_with_a_warning(tmp_path, text):
    path_of(tmp_path, CONFIGS[0]).write_text(text)
    with pytest.warns(UserWarning, match="unreadable, trained again"):
        [run] = sweep(CONFIGS[:1], tmp_path, jobs=1)
    assert run == load(tmp_path, CONFIGS[0]) == train(CONFIGS[0])


@pytest.mark.parametrize("name", [*CURVES, "stopped", "config"])
@pytest.mark.parametrize("change", ["gone", "a number"])
def test_a_record_with_a_fitting_digest_but_other_fields_is_trained_again(tmp_path, name, change):
    content = {"made_with": versions(), "run": sweep_module._plain(train(CONFIGS[0]))}
    if change == "gone":
        del content["run"][name]
    elif name == "stopped":
        return  # text or None: whatever it says is shown, not used
    else:
        content["run"][name] = 5
    content["digest"] = sweep_module._digest([content["made_with"], content["run"]])
    path_of(tmp_path, CONFIGS[0]).write_text(json.dumps(content))
    with pytest.warns(UserWarning, match="unreadable, trained again"):
        assert load(tmp_path, CONFIGS[0]) is None


@pytest.mark.parametrize("looks_at", [0, 1, 3])
def test_a_watcher_that_stops_early_is_an_error_and_loses_nothing(tmp_path, looks_at):
    def watch(runs, total):
        for _, run in zip(range(looks_at), runs, strict=False):
            yield run

    with pytest.raises(ValueError, match=f"watch: expected .* all 4 runs on, got {looks_at}"):
        sweep(CONFIGS, tmp_path, jobs=1, watch=watch)
    assert len(list(tmp_path.iterdir())) == looks_at
    assert sweep(CONFIGS, tmp_path, jobs=1) == [train(config) for config in CONFIGS]


@pytest.mark.parametrize(
    "watch", [lambda runs, total: map(str, runs), lambda runs, total: list(runs)]
)
def test_what_a_watcher_makes_of_the_runs_does_not_matter(tmp_path, watch):
    assert sweep(CONFIGS, tmp_path, jobs=1, watch=watch) == [train(config) for config in CONFIGS]


def test_a_watcher_sees_runs_that_are_on_the_disk(tmp_path):
    def watch(runs, total):
        for run in runs:
            assert isinstance(run, Run) and load(tmp_path, run.config) == run
            yield run

    sweep(CONFIGS, tmp_path, jobs=1, watch=watch)


@pytest.mark.parametrize("configs", [BASE, "CartPole-v1", None, 5, [BASE, "x"], [[BASE]], {"a": 1}])
def test_what_is_no_list_of_settings_is_refused(tmp_path, configs):
    with pytest.raises(ValueError, match="configs: expected a list of Config, got"):
        sweep(configs, tmp_path, jobs=1)


def test_a_generator_of_settings_is_a_list_of_them(tmp_path):
    runs = sweep((config for config in CONFIGS[:2]), tmp_path, jobs=1)
    assert [run.config for run in runs] == CONFIGS[:2]


@pytest.mark.parametrize("values", ["total_return", 5, None])
def test_an_axis_of_one_value_is_refused(values):
    with pytest.raises(ValueError, match="psi: expected the values that it takes, got"):
        grid(BASE, psi=values)


def test_another_curve_is_refused():
    with pytest.raises(ValueError, match="curve: expected one of .*, got 'returns'"):
        on_grid(Run(BASE, (1,), (1.0,), (1.0,)), [0], "returns")


def test_the_same_setting_is_one_run(tmp_path):
    """γ = 1 and 1.0, and NumPy's numbers."""
    one = dataclasses.replace(BASE, gamma=1, seed=np.int64(0))
    with pytest.raises(ValueError, match="all different"):
        sweep([one, BASE], tmp_path, jobs=1)
    sweep([one], tmp_path, jobs=1)
    assert load(tmp_path, BASE) == train(BASE) and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(("backend", "jobs"), [(None, 2), ("threading", 2), (None, 1)])
def test_an_environment_of_ones_own_works_in_worker_processes(tmp_path, backend, jobs):
    """Registered here and nowhere else; then the same id again, with another class."""
    for reward in (1.0, 3.0):
        with registered(lambda reward=reward: Bandit(reward=reward)) as env_id:
            configs = grid(dataclasses.replace(BASE, env_id=env_id), seed=range(2))
            runs = sweep(configs, tmp_path / str(reward), backend=backend, jobs=jobs)
            assert runs == [train(config) for config in configs]
            assert {r for run in runs for r in run.mean_return} <= {0.0, reward / 2, reward}


SCRIPT = """
import sys
import gymnasium
from pgbook.sweep import grid, sweep
from pgbook.trainer import Config

class Coin(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-1, 1, (1,))
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.observation_space.sample() * 0, {}

    def step(self, action):
        return self.observation_space.sample() * 0, float(action), True, False, {}

gymnasium.register("Coin-v0", Coin, max_episode_steps=5)

if __name__ == "__main__":
    base = Config(env_id="Coin-v0", hidden=(), episodes=2, max_env_steps=40)
    runs = sweep(grid(base, seed=range(3)), sys.argv[1], jobs=2)
    print([run.env_steps[-1] for run in runs])
"""


def test_a_script_that_registers_its_class_can_sweep_in_processes(tmp_path):
    """As a user writes it: the class lives in `__main__`, which no worker can import."""
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script, tmp_path / "runs"],
        env={"PYTHONPATH": str(PACKAGE.parent), "OMP_NUM_THREADS": "1", "PATH": ""},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout == "[40, 40, 40]\n", done.stderr


def test_an_environment_that_cannot_be_sent_is_said_to_be_that(tmp_path):
    lock = threading.Lock()
    with registered(lambda: (lock, Bandit())[1]) as env_id:
        configs = grid(dataclasses.replace(BASE, env_id=env_id), seed=range(2))
        with pytest.raises(ValueError, match="PgbookToy-v0.*module:id.*jobs=1"):
            sweep(configs, tmp_path, jobs=2)
        assert len(sweep(configs, tmp_path, jobs=1)) == 2


def test_a_sweep_survives_an_environment_without_an_end(tmp_path):
    with registered(Endless, limit=None) as env_id:
        config = dataclasses.replace(BASE, env_id=env_id)
        with pytest.warns(UserWarning, match="without max_episode_steps"):
            runs = sweep([config], tmp_path, jobs=1)
    assert "max_episode_steps" in runs[0].stopped and runs[0].env_steps == ()
    assert load(tmp_path, config) == runs[0]


def imported_by(name, found):
    """The names of the package's modules that a module imports, and what these import."""
    if name not in found:
        found.add(name)
        for node in ast.walk(ast.parse((PACKAGE / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "pgbook":
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module.startswith("pgbook."):
                names = [node.module.split(".")[1]]
            else:
                names = []
            for other in names:
                imported_by(other, found)
    return found


MODULES = sorted(imported_by("trainer", set()))


@pytest.mark.parametrize("module", MODULES)
def test_a_change_to_any_module_of_the_trainer_makes_results_stale(tmp_path, monkeypatch, module):
    assert {"config", "mlp", "rollout", "trainer", "weights"} <= set(MODULES)
    save(tmp_path, train(BASE), versions())
    assert load(tmp_path, BASE) is not None
    read = Path.read_text

    def changed(path, *args, **kwargs):
        return read(path, *args, **kwargs) + "#" * (path == PACKAGE / f"{module}.py")

    monkeypatch.setattr(Path, "read_text", changed)
    sweep_module.versions.cache_clear()
    try:
        assert load(tmp_path, BASE) is None
    finally:
        monkeypatch.undo()
        sweep_module.versions.cache_clear()
    assert load(tmp_path, BASE) is not None


def test_a_result_is_named_by_its_settings_alone(tmp_path):
    """The name of a file is a digest of the settings as JSON, the same in every process."""
    text = json.dumps(dataclasses.asdict(BASE), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert path_of(tmp_path, BASE).name == f"{digest}.json"
    names = {path_of(tmp_path, value) for value in [*CONFIGS, config.Config()]}
    assert len(names) == 5 and gymnasium.spec(BASE.env_id)
