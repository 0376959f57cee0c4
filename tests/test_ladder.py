"""The recorded ladder from R(τ) to PPO: whole, and what the trainer does."""

import json
from dataclasses import replace

import numpy as np
import pytest
from pgbook.curves import LADDER, load
from pgbook.sweep import on_grid, train
from pgbook.trainer import Config
from run_ladder import BASE, RUNGS, SEEDS, STEPS


def test_the_file_is_what_the_script_makes():
    content, recorded = json.loads(LADDER.read_text("utf-8")), load(LADDER)
    assert content["made_by"] == "tools/run_ladder.py" and content["rungs"] == RUNGS
    assert set(content["versions"]) == {"gymnasium", "numpy", "torch"}
    assert recorded.axes == {"rung": list(RUNGS)} and recorded.seeds == SEEDS == list(range(10))
    assert recorded.steps.tolist() == STEPS
    assert recorded.curves.shape == (len(RUNGS), 10, len(STEPS))
    assert recorded.curves.min() >= 1 and recorded.curves.max() <= 500
    for rung in RUNGS.values():
        assert Config(**recorded.config, **rung) == replace(BASE, **rung)


def test_one_rung_differs_from_the_next_in_what_it_is_about():
    plain = [{"psi": "total_return", "lam": BASE.lam, **rung} for rung in RUNGS.values()]
    for lower, upper in zip(plain, plain[1:], strict=False):
        changed = {name for name in upper if upper[name] != lower.get(name)}
        assert changed in ({"psi"}, {"psi", "lam"}, {"lam"}, {"clip", "epochs", "standardise"})


@pytest.mark.parametrize(("rung", "seed"), [("reward-to-go", 3), ("GAE", 1), ("PPO", 0)])
def test_the_curves_are_what_the_trainer_does(rung, seed):
    """Train again for a while; later, a last digit tips a draw on another processor."""
    recorded = load(LADDER)
    run = train(replace(BASE, seed=seed, max_env_steps=5_000, **RUNGS[rung]))
    difference = np.abs(on_grid(run, STEPS[:2]) - recorded.at(rung=rung)[seed, :2])
    assert difference[0] <= 0.25 and difference[1] <= 10
