"""Sweeps: same numbers wherever they run; a killed one goes on; no bad file is believed."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib._parallel_backends import ThreadingBackend
from pgbook import files
from pgbook import sweep as sweep_module
from pgbook.sweep import Run, grid, load, on_grid, sweep, train
from pgbook.trainer import Config, Trainer
from toy_envs import Bandit, registered

BASE = Config(hidden=(), max_env_steps=60)
CONFIGS = grid(BASE, episodes=[2, 3], seed=range(3))
WHOLE = [train(config) for config in CONFIGS]


@pytest.fixture
def trained(monkeypatch):
    """The Configs that this process trains, as they come."""
    calls = []

    def counting(config):
        calls.append(config)
        return train(config)

    monkeypatch.setattr(sweep_module, "train", counting)
    return calls


def test_a_grid_is_every_combination_the_last_axis_fastest():
    configs = grid(BASE, gamma=[0.5, 1.0], seed=range(2))
    assert [(c.gamma, c.seed) for c in configs] == [(0.5, 0), (0.5, 1), (1.0, 0), (1.0, 1)]
    assert all(c.max_env_steps == 60 and c.hidden == () for c in configs)
    assert grid(BASE) == [BASE]


def test_a_grid_refuses_nonsense():
    with pytest.raises(ValueError, match="seed: expected at least one value"):
        grid(BASE, seed=[])
    with pytest.raises(ValueError, match="gamma: expected"):
        grid(BASE, gamma=[2.0])
    with pytest.raises(TypeError, match="learning_speed"):
        grid(BASE, learning_speed=[1.0])


def test_a_run_is_what_the_trainer_records():
    trainer = Trainer(CONFIGS[0])
    records = list(trainer)
    assert WHOLE[0].env_steps == tuple(r.env_steps for r in records)
    assert WHOLE[0].mean_return == tuple(r.mean_return for r in records)
    assert WHOLE[0].mean_100 == tuple(r.mean_100 for r in records)
    assert WHOLE[0].stopped is None and WHOLE[0].config == CONFIGS[0]


def test_a_run_that_breaks_off_keeps_its_curve_and_says_why(tmp_path):
    with registered(Bandit, good=5, then=np.nan) as env_id:
        config = Config(env_id=env_id, episodes=3, max_env_steps=60)
        [run] = sweep([config], tmp_path, jobs=1)
        assert len(run.mean_return) == 5 and "finite rewards, got nan" in run.stopped
        assert load(tmp_path, config) == run


def test_processes_threads_and_one_process_give_the_same_numbers(tmp_path):
    assert sweep(CONFIGS, tmp_path / "one", jobs=1) == WHOLE
    assert sweep(CONFIGS, tmp_path / "processes", jobs=2) == WHOLE
    assert sweep(CONFIGS, tmp_path / "threads", jobs=2, backend="threading") == WHOLE
    files = [sorted(f.name for f in (tmp_path / d).iterdir()) for d in ("one", "processes")]
    assert files[0] == files[1] and len(files[0]) == len(CONFIGS)


def test_another_backend_by_one_argument_or_from_outside(tmp_path, monkeypatch):
    used = []

    class Cluster(ThreadingBackend):
        def submit(self, *args, **kwargs):
            used.append(1)
            return super().submit(*args, **kwargs)

    joblib.register_parallel_backend("cluster", Cluster)
    try:
        assert sweep(CONFIGS, tmp_path / "argument", backend="cluster", jobs=2) == WHOLE
        assert len(used) == len(CONFIGS)
        with joblib.parallel_config("cluster"):
            assert sweep(CONFIGS, tmp_path / "outside", jobs=2) == WHOLE
        assert len(used) == 2 * len(CONFIGS)
    finally:
        joblib.parallel.BACKENDS.pop("cluster")


def test_what_is_there_is_not_trained_again(tmp_path, trained):
    sweep(CONFIGS[:4], tmp_path, jobs=1)
    assert sweep(CONFIGS[::-1], tmp_path, jobs=1) == WHOLE[::-1]
    assert sorted(c.seed for c in trained[4:]) == [1, 2] and len(trained) == 6
    sweep(CONFIGS, tmp_path, jobs=1)
    assert len(trained) == 6


def test_watch_sees_every_new_run_and_their_number(tmp_path):
    sweep(CONFIGS[:2], tmp_path, jobs=1)
    seen = []

    def watch(runs, total):
        seen.append(total)
        for run in runs:
            seen.append(run)
            yield run

    sweep(CONFIGS, tmp_path, jobs=1, watch=watch)
    assert seen[0] == 4 and len(seen) == 5


def test_an_interrupt_keeps_what_is_finished(tmp_path, trained):
    def watch(runs, total):
        for number, run in enumerate(runs):
            if number == 2:
                raise KeyboardInterrupt
            yield run

    with pytest.raises(KeyboardInterrupt):
        sweep(CONFIGS, tmp_path, jobs=1, watch=watch)
    assert len(list(tmp_path.iterdir())) == 3  # the one that watch was looking at too
    del trained[:]
    assert sweep(CONFIGS, tmp_path, jobs=1) == WHOLE
    assert trained == CONFIGS[3:]


KILLED = """
import sys
folder, jobs, *sys.path[:0] = sys.argv[1:]
from test_sweep import CONFIGS, sweep

def until_the_third(runs, total):
    for number, run in enumerate(runs, 1):
        yield run
        if number == 3:
            print("three", flush=True)
            sys.stdin.read()  # until the end

sweep(CONFIGS, folder, jobs=int(jobs), watch=until_the_third)
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_sweep_goes_on_and_repeats_nothing(tmp_path, trained, jobs):
    """SIGKILL half way: no chance to tidy up."""
    paths = [str(Path(__file__).parent), *sys.path]
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), str(jobs), *paths],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    hung = threading.Timer(900, os.killpg, (child.pid, signal.SIGKILL))
    hung.start()
    with child:
        assert child.stdout.readline() == b"three\n"
        os.killpg(child.pid, signal.SIGKILL)
    hung.cancel()
    stamps = {f: f.stat().st_mtime_ns for f in tmp_path.glob("*.json")}
    assert len(stamps) == 3

    assert sweep(CONFIGS, tmp_path, jobs=1) == WHOLE
    assert len(trained) == len(CONFIGS) - len(stamps)
    assert {f: f.stat().st_mtime_ns for f in stamps} == stamps


def test_a_kill_while_a_file_is_written_leaves_no_result(tmp_path, monkeypatch):
    """The moment before the rename is the last one at which it can happen."""

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep(CONFIGS[:1], tmp_path, jobs=1)
    assert not list(tmp_path.iterdir()) and load(tmp_path, CONFIGS[0]) is None
    assert sweep(CONFIGS[:1], tmp_path, jobs=1) == WHOLE[:1]


def edit(change):
    """Damage a file in its JSON."""

    def damage(text):
        content = json.loads(text)
        change(content)
        return json.dumps(content)

    return damage


def other_digit(content):
    content["run"]["mean_return"][0] += 1


DAMAGE = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "no JSON": lambda text: "\x00" * 40,
    "a list": lambda text: "[1, 2]",
    "another digit": edit(other_digit),
    "a part missing": edit(lambda content: content.pop("run")),
    "not text": None,
    "another run": "swap",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_trained_again_with_a_warning(tmp_path, trained, kind):
    sweep(CONFIGS[:2], tmp_path, jobs=1)
    victim, other = (sweep_module._path(tmp_path, config) for config in CONFIGS[:2])
    if kind == "not text":
        victim.write_bytes(b"\xff\xfe" + victim.read_bytes())
    elif kind == "another run":
        victim.write_bytes(other.read_bytes())
    else:
        victim.write_text(DAMAGE[kind](victim.read_text("utf-8")), encoding="utf-8")
    del trained[:]
    with pytest.warns(UserWarning, match="unreadable, trained again"):
        assert sweep(CONFIGS[:2], tmp_path, jobs=1) == WHOLE[:2]
    assert trained == CONFIGS[:1]
    assert load(tmp_path, CONFIGS[0]) == WHOLE[0]  # mended


@pytest.mark.parametrize("what", ["numpy", "torch", "gymnasium", "trainer"])
def test_a_result_of_other_versions_does_not_count(tmp_path, trained, monkeypatch, what):
    sweep(CONFIGS[:1], tmp_path, jobs=1)
    changed = {**sweep_module.versions(), what: "another"}
    monkeypatch.setattr(sweep_module, "versions", lambda: changed)
    sweep(CONFIGS[:1], tmp_path, jobs=1)
    assert len(trained) == 2
    sweep(CONFIGS[:1], tmp_path, jobs=1)
    assert len(trained) == 2


@pytest.mark.parametrize("configs", [[], [BASE, BASE], [BASE, replace(BASE, seed=0)]])
def test_no_config_or_the_same_twice_is_refused(tmp_path, configs):
    with pytest.raises(ValueError, match="expected at least one, all different"):
        sweep(configs, tmp_path)


def test_on_grid_draws_straight_lines_between_updates():
    run = Run(BASE, (10, 20, 40), (1.0, 3.0, 5.0), (2.0, 4.0, 8.0))
    np.testing.assert_allclose(on_grid(run, [0, 10, 15, 30, 40]), [2, 2, 3, 6, 8])
    np.testing.assert_allclose(on_grid(run, [15], "mean_return"), [2])
    assert np.isnan(on_grid(run, [41])).all()
    assert np.isnan(on_grid(Run(BASE, (), (), ()), [0, 1])).all()
