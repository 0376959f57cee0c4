"""The audit's command line: what it prints and how it exits."""

import json
import os
import subprocess
import sys

import pytest
from book_pages import BOOK
from pgbook.audit.__main__ import main

MODULE = """
import torch

def returns(b):
    return (b.rewards * b.mask).sum(1, keepdim=True)

def good(b):
    return -(b.log_prob * returns(b) * b.mask).sum() / len(b.mask)

def shorter(b):
    return 0.5 * good(b)

def wrong(b):
    return -(b.log_prob * returns(b) * b.mask).mean() / b.mask.mean()

def update(b):
    good(b).backward()
    return b.theta.grad

def no_scalar(b):
    return b.log_prob

number = 3
"""


@pytest.fixture
def losses(tmp_path, monkeypatch):
    (tmp_path / "some_losses.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    yield "some_losses"
    sys.modules.pop("some_losses", None)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["good"], 0, "The gradient of J"),
        (["good", "--objective", "J_gamma"], 1, "Turned by"),
        (["shorter"], 1, "The gradient × 0.5"),
        (["shorter", "--up-to-scale"], 0, "The gradient × 0.5"),
        (["wrong"], 1, "Turned by"),
        (["wrong", "--sizes", "2"], 1, "Turned by"),
        (["update", "--update"], 0, "The gradient of J"),
        (["good", "--sampling", "windows"], 1, "μ held fixed"),
    ],
)
def test_exit_codes(losses, capsys, arguments, code, says):
    assert main([f"{losses}:{arguments[0]}", *arguments[1:]]) == code
    assert says in capsys.readouterr().out


def test_json(losses, capsys):
    assert main([f"{losses}:wrong", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "turned" and data["angle"] > 1 and data["seconds"] > 0


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("{}:no_scalar", "expected a scalar"),
        ("{}:missing", "expected to find"),
        ("{}:number", "to be a function, got int"),
        ("{}", "expected module:function"),
        ("no_such_module:f", "expected to find"),
    ],
)
def test_errors_are_one_sentence_and_code_2(losses, capsys, name, says):
    assert main([name.format(losses)]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_it_runs_as_a_module(losses, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pgbook.audit", f"{losses}:wrong"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(BOOK)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and done.stdout.startswith("Turned by"), done.stderr
    told = subprocess.run(
        [sys.executable, "-m", "pgbook.audit", "--help"],
        env={**os.environ, "PYTHONPATH": str(BOOK)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0 and "exit codes: 0" in told.stdout
