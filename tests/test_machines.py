"""What runs the tests: as on other machines, in timed stages, with or without a browser."""

import os
import re
import subprocess
import sys
from pathlib import Path

import machines
import pytest
from machines import Setting

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent


def test_every_setting_takes_away_one_thing_or_says_what_is_lacking():
    found = {s.name: s for s in machines.settings(["V2", "V3"], ["V4"], "avx2", cores=1)}
    assert {name: s.sets for name, s in found.items() if not s.lacks} == {
        "numpy-without-V3": {"NPY_DISABLE_CPU_FEATURES": "V3"},
        "numpy-baseline": {"NPY_DISABLE_CPU_FEATURES": "V2 V3"},
        "torch-default": {"ATEN_CPU_CAPABILITY": "default"},
        "torch-avx2": {"ATEN_CPU_CAPABILITY": "avx2"},
        "threads-1": {"OMP_NUM_THREADS": "1"},
        "surroundings": {"CI": "true", "COLUMNS": "60"},
    }
    assert {name: s.lacks for name, s in found.items() if s.lacks} == {
        "numpy-without-V4": "this processor has no V4",
        "torch-avx512": "torch goes no further than avx2 here",
        "threads-2": "this machine has 1 core",
    }
    none = {s.name: s for s in machines.settings([], ["V2"], "default", cores=2)}
    assert none["numpy-baseline"].lacks and not none["torch-default"].lacks


def test_no_setting_names_a_kernel_of_blas():
    told = {key for s in machines.settings(["V2"], [], "avx512", cores=2) for key in s.sets}
    known = {"NPY_DISABLE_CPU_FEATURES", "ATEN_CPU_CAPABILITY", "OMP_NUM_THREADS"}
    assert told == known | {"CI", "COLUMNS"}


def test_this_machines_settings_are_seen_to_take_hold():
    """NumPy and torch themselves say so; one of each kind, since each asks a new process."""
    listed = {setting.name: setting for setting in machines.here()}
    for name in ("numpy-baseline", "torch-default", "threads-1", "surroundings"):
        setting = listed[name]
        if setting.lacks:
            continue
        says = machines.probe(**{"OMP_NUM_THREADS": "1", **setting.sets})
        assert says[setting.line] == setting.says, setting


def test_the_command_runs_in_the_setting_and_its_failure_counts(monkeypatch):
    monkeypatch.setattr(machines, "probe", lambda **sets: ["a", "b", sets["OMP_NUM_THREADS"]])
    look = "import os, sys; sys.exit(os.environ['OMP_NUM_THREADS'] != '2')"
    command = [sys.executable, "-c", look]
    assert machines.run(Setting("x", {"OMP_NUM_THREADS": "2"}, 2, "2"), command)[:6] == "passed"
    assert machines.run(Setting("x", {"OMP_NUM_THREADS": "1"}, 2, "1"), command)[:6] == "failed"
    assert machines.run(Setting("x", {"OTHER": "2"}, 2, "2"), command) == (
        "failed: expected 2, got 1"
    )
    skipped = Setting("x", lacks="this machine has 1 core")
    assert machines.run(skipped, command) == "skipped: this machine has 1 core"


@pytest.mark.parametrize(("word", "code"), [("passed in 1 s", 0), ("failed in 1 s", 1)])
def test_one_failure_is_a_failure(monkeypatch, capsys, word, code):
    two = [Setting("one", lacks="nothing here"), Setting("two")]
    monkeypatch.setattr(machines, "here", lambda: two)
    monkeypatch.setattr(machines, "run", lambda s, command: "skipped: no" if s.lacks else word)
    monkeypatch.setattr(sys, "argv", ["machines.py", "true"])
    assert machines.main() == code
    assert re.search(f"one +skipped: no\ntwo +{word}\n", capsys.readouterr().out)
    monkeypatch.setattr(sys, "argv", ["machines.py", "--only", "one", "true"])
    assert machines.main() == 0 and "two" not in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["machines.py", "--only", "three", "true"])
    with pytest.raises(SystemExit):
        machines.main()
    assert "expected one of one, two, got three" in capsys.readouterr().err


def stage(*words, **environment):
    """Run a stage; return how it ended."""
    command = ["sh", ROOT / "tools" / "stage.sh", *words]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True
    )


def test_a_stage_says_its_time_and_keeps_the_exit_code(tmp_path):
    times = tmp_path / "times"
    done = stage("one", "sh", "-c", "echo said", STAGES=str(times))
    assert done.returncode == 0
    assert re.fullmatch(r"== one\nsaid\n== one +\d+ s\n", done.stdout)
    broken = stage("two", "sh", "-c", "exit 3", STAGES=str(times))
    assert broken.returncode == 3
    assert re.fullmatch(r"== one +\d+ s\n== two +\d+ s, failed\n", times.read_text("utf-8"))


def browser(tmp_path, **environment):
    """Ask for the browser on a machine that has only a shell."""
    command = ["/bin/sh", ROOT / "tools" / "browser.sh"]
    bare = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path), **environment}
    return subprocess.run(command, env=bare, capture_output=True, text=True)


def executable(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_which_browser(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "cat").symlink_to("/bin/cat")
    playwrights = executable(tmp_path / ".cache/ms-playwright/chromium-1/chrome-linux64/chrome")
    assert browser(tmp_path).stdout.strip() == playwrights
    found = executable(tmp_path / "bin" / "google-chrome")
    assert browser(tmp_path).stdout.strip() == found
    mine = executable(tmp_path / "mine")
    assert browser(tmp_path, CHROMIUM=mine).stdout.strip() == mine
    gone = browser(tmp_path, CHROMIUM=str(tmp_path / "gone"))
    assert gone.returncode and str(tmp_path / "gone") in gone.stderr


def test_no_browser_is_said_before_anything_else_is_done(tmp_path):
    """`make test` needs nothing but a shell to say what is missing, and what runs without it."""
    (tmp_path / "bin").mkdir()
    for name in ("cat", "sh", "make", "awk"):
        found = next(p for p in ("/bin", "/usr/bin") if Path(p, name).exists())
        (tmp_path / "bin" / name).symlink_to(Path(found, name))
    for name in ("Makefile", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    command = [str(tmp_path / "bin" / "make"), "test"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode and "make test-unit" in done.stderr
    assert "apt-get install chromium" in done.stderr and "python3" not in done.stderr
    assert not done.stdout and not (tmp_path / ".venv").exists()
