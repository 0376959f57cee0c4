"""The recorded study of the group rules: whole, and what the trainer does."""

import dataclasses
import json
import sys

import numpy as np
import pytest
from book_pages import ROOT
from pgbook.curves import unpack
from pgbook.tokens.groups import RULES, group_weights
from pgbook.tokens.trainer import Config, Trainer

sys.path.insert(0, str(ROOT / "benchmarks"))

import study_tokens  # noqa: E402

RECORD = json.loads((ROOT / "book" / "pgbook" / "data" / "tokens_study.json").read_text("utf-8"))


def test_the_file_is_what_the_script_makes():
    assert RECORD["settings"] == study_tokens.TASKS and RECORD["block"] == study_tokens.BLOCK
    assert RECORD["seeds"] == study_tokens.SEEDS[: len(RECORD["seeds"])]
    assert RECORD["defaults"] == dataclasses.asdict(Config())
    for task, rules in RECORD["runs"].items():
        points = study_tokens.TASKS[task]["max_answers"] // 128 // study_tokens.BLOCK
        assert list(rules) == study_tokens.STUDIED
        for runs in rules.values():
            assert len(runs) == len(RECORD["seeds"]) >= 20
            for run in runs:
                curves = {name: unpack(text) for name, text in run.items()}
                assert {len(curve) for curve in curves.values()} == {points}
                assert curves["exact"].max() <= 1000 and curves["wrong_length"].max() <= 500


def test_the_rule_that_is_left_out_is_another_times_a_number():
    (left,) = set(RULES) - set(study_tokens.STUDIED)
    rewards = np.random.default_rng(0).normal(size=(16, 8))
    lengths = np.random.default_rng(1).integers(1, 5, size=(16, 8))
    one, other = (group_weights(rewards, lengths, **RULES[rule]) for rule in (left, "RLOO"))
    np.testing.assert_allclose(one, other * 7 / 8, rtol=1e-12)


@pytest.mark.parametrize(("task", "rule", "seed"), [("sum", "GRPO", 3), ("reverse", "MaxRL", 16)])
def test_a_run_begins_as_recorded(task, rule, seed):
    """Ten updates; later, a last digit tips a draw on another processor."""
    trainer = Trainer(Config(task=task, rule=rule, seed=seed, **RECORD["settings"][task]))
    today = study_tokens.curves([trainer.step() for _ in range(10)])
    for name, text in RECORD["runs"][task][rule][seed].items():
        assert abs(unpack(today[name])[0] - unpack(text)[0]) <= (3 if name == "exact" else 12)
