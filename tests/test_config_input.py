"""Settings become plain Python numbers, once; what cannot is refused when the Config is made."""

import dataclasses
import json
import math
from fractions import Fraction

import numpy as np
import pytest
from pgbook.config import COMPARING, PLAIN, Config
from pgbook.sweep import _path
from pgbook.trainer import Trainer
from pgbook.weights import WEIGHTS

ODD = {  # every field, as NumPy or another kind of number has it; and what it is
    "env_id": (np.str_("Pendulum-v1"), "Pendulum-v1"),
    "seed": (np.int64(3), 3),
    "episodes": (np.uint8(4), 4),
    "psi": (np.str_("reward_to_go"), "reward_to_go"),
    "gamma": (1, 1.0),
    "learning_rate": (np.float64(0.25), 0.25),
    "hidden": ((np.int32(8), np.int64(2)), (8, 2)),
    "observation_scale": ((np.float32(0.5), 2, Fraction(1, 4)), (0.5, 2.0, 0.25)),
    "max_env_steps": (np.float64(1e3), 1000),
    "threshold": (475, 475.0),
    "n": (np.int16(2), 2),
    "lam": (np.float16(0.5), 0.5),
    "critic_learning_rate": (1, 1.0),
    "critic_epochs": (np.int8(2), 2),
    "standardise": (np.True_, True),
    "clip": (np.float32(0.5), 0.5),
    "epochs": (np.int64(3), 3),
}


def plain(value):
    return type(value) in (int, float, bool, str, type(None)) or (
        type(value) is tuple and all(plain(part) for part in value)
    )


@pytest.mark.parametrize("name", ODD)
def test_a_setting_of_another_type_is_the_same_setting(tmp_path, name):
    odd, usual = ({name: value} for value in ODD[name])
    one, other = Config(**odd), Config(**usual)
    assert one == other and hash(one) == hash(other) and repr(one) == repr(other)
    assert plain(getattr(one, name)) and type(getattr(one, name)) is type(ODD[name][1])
    assert _path(tmp_path, one) == _path(tmp_path, other)  # one file in a sweep


def test_every_field_is_in_the_table():
    names = [field.name for field in dataclasses.fields(Config)]
    assert names == list(ODD) and names[1:] == list(PLAIN)


def test_a_config_of_numpy_numbers_can_be_saved_loaded_and_written_as_json(tmp_path):
    config = Config(**{name: odd for name, (odd, _) in ODD.items()})
    trainer = Trainer(config)
    trainer.step()
    trainer.save(tmp_path / "all.pt")
    loaded = Trainer.load(tmp_path / "all.pt")
    assert loaded.config == config and loaded.records == trainer.records
    assert all(plain(value) for value in dataclasses.astuple(loaded.config))
    text = json.dumps(dataclasses.asdict(config))
    assert text == json.dumps({name: usual for name, (_, usual) in ODD.items()})


NUMBERS = {name for name in PLAIN if name not in ("psi", "hidden", "observation_scale")}
TAKEN = {("threshold", -1), ("threshold", None), ("clip", None)}
NONSENSE = ["1", None, 1j, [1], (1,), {}, object(), math.nan, -1, np.ones(2), np.nan, -math.inf]


@pytest.mark.parametrize("name", sorted(NUMBERS))
@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: type(value).__name__)
def test_nonsense_is_refused_with_what_was_expected_and_what_came(name, value):
    if isinstance(value, int | None) and (name, value) in TAKEN:
        assert getattr(Config(**{name: value}), name) == value
        return
    with pytest.raises(ValueError, match=f"^{name}: expected .*, got "):
        Config(**{name: value})


@pytest.mark.parametrize("name", sorted(NUMBERS - {"standardise"}))
def test_true_is_no_number(name):
    with pytest.raises(ValueError, match=f"^{name}: expected .*, got True"):
        Config(**{name: True})


@pytest.mark.parametrize("value", [1e300, 1e-300, 10**400, 5e-324, math.inf])
@pytest.mark.parametrize("name", ["learning_rate", "critic_learning_rate", "observation_scale"])
def test_what_float32_cannot_hold_is_refused(name, value):
    with pytest.raises(ValueError, match=rf"^{name}: expected a number in \[1e-30, 1e\+30\], got"):
        Config(**{name: (1.0, value) if name == "observation_scale" else value})


@pytest.mark.parametrize("value", [1e-30, 1e30])
def test_the_largest_and_the_least_rate_end_in_weights_or_in_a_sentence(value):
    config = Config(learning_rate=value, critic_learning_rate=value, psi="gae", episodes=2)
    trainer = Trainer(config)
    try:
        for _ in range(3):
            trainer.step()
    except ArithmeticError as error:
        assert "expected finite" in str(error) and value > 1


def test_the_largest_clip_is_no_clip():
    found = []
    for clip in (1e30, math.inf):
        trainer = Trainer(Config(clip=clip, epochs=3, episodes=2, hidden=()))
        for _ in range(3):
            trainer.step()
        found.append([p.tolist() for p in trainer.policy.parameters()])
    assert found[0] == found[1]


@pytest.mark.parametrize("value", [0.5, 1000.5, "1e6"])
def test_a_limit_that_is_no_whole_number_is_refused(value):
    with pytest.raises(ValueError, match="max_env_steps: expected a whole number >= 1, got"):
        Config(max_env_steps=value)


def test_no_limit_is_infinity():
    assert Config(max_env_steps=np.inf).max_env_steps == math.inf


@pytest.mark.parametrize("psi", COMPARING)
def test_a_weight_that_compares_needs_two_episodes(psi):
    with pytest.raises(ValueError, match=f"expected at least 2 with psi='{psi}'.*, got 1"):
        Config(psi=psi, episodes=1)
    with pytest.raises(ValueError, match="expected at least 2"):
        dataclasses.replace(Config(psi=psi), episodes=1)
    assert Config(psi=psi, episodes=2).episodes == 2


def test_the_weights_that_compare_are_those_that_are_refused_or_0_alone():
    rewards, mask = np.array([[1.0, 2.0]]), np.ones((1, 2))
    critic = {"values": np.full((1, 3), 0.5), "terminated": np.zeros((1, 2))}
    for name, weight in WEIGHTS.items():
        extra = {"n_step": {"n": 1, **critic}, "gae": {"lam": 0.5, **critic}}.get(name, {})
        try:
            alone = not weight(rewards, mask, **extra).any()
        except ValueError:
            alone = True
        assert alone == (name in COMPARING), name
