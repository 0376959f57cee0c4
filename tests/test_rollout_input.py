"""What collecting refuses, and how it ends when an episode does not."""

import sys

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete
from pgbook.config import Config
from pgbook.rollout import Rollout, collect, find_spec, make_envs, time_limit
from pgbook.trainer import Trainer
from toy_envs import Bandit, Endless, Script, Target, registered

RNG = np.random.default_rng
LINES = {"lines": [(2, True, False)], "shared": {"next": 0}}


def always(value):
    return lambda observations, rng: value


@pytest.mark.parametrize(
    ("env_id", "message"),
    [
        ("no_such_module:Toy-v0", "got 'no_such_module:Toy-v0' .*No module named"),
        ("json:Toy-v0", "got 'json:Toy-v0'"),
        (":CartPole-v1", "got ':CartPole-v1'"),
        ("a:b:Toy-v0", "got 'a:b:Toy-v0'"),
        ("CartPole", "got 'CartPole'"),
        (" ", "got ' '"),
        (7, "by its id, got 7"),
        (Bandit, r"by its id, got <class 'toy_envs.Bandit'>; a class needs an id .*register\("),
        (Bandit(), r"by its id, got <.*Bandit.*>; a class needs an id"),
    ],
)
def test_an_environment_that_is_not_there_is_refused(env_id, message):
    for use in (find_spec, lambda name: make_envs(name, 2), lambda name: Config(env_id=name)):
        with pytest.raises(ValueError, match="env_id: expected a registered .*" + message):
            use(env_id)


def test_a_module_can_register_its_environment(tmp_path, monkeypatch):
    """`gymnasium.make` takes such an id, and so do a Config and all that is made of it."""
    (tmp_path / "pgbook_toy_module.py").write_text(
        "import gymnasium\nfrom toy_envs import Bandit\n"
        "gymnasium.register('FromModule-v0', Bandit, max_episode_steps=5)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        trainer = Trainer(Config(env_id="pgbook_toy_module:FromModule-v0", episodes=4))
        assert trainer.step().env_steps == 4
        assert find_spec("pgbook_toy_module:FromModule-v0").max_episode_steps == 5
    finally:
        gymnasium.registry.pop("FromModule-v0", None)
        sys.modules.pop("pgbook_toy_module", None)


@pytest.mark.parametrize("episodes", [0, -1, 2.5, "3", None, True])
def test_the_number_of_environments_is_an_integer(episodes):
    with pytest.raises(ValueError, match="episodes: expected a whole number >= 1, got"):
        make_envs("CartPole-v1", episodes)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (np.zeros(3, int), r"expected shape \(2,\) of int64, got shape \(3,\)"),
        (np.zeros((2, 1), int), r"expected shape \(2,\) of int64, got shape \(2, 1\)"),
        (np.zeros((), int), r"expected shape \(2,\) of int64, got shape \(\)"),
        (np.zeros(2), r"expected shape \(2,\) of int64, got shape \(2,\) of float64"),
        (np.array(["0", "1"]), "expected shape .* of int64, got .* of <U1"),
        (np.array([0, 3]), r"expected those of Discrete\(3\), got 3"),
        (np.array([-1, 0]), r"expected those of Discrete\(3\), got -1"),
    ],
)
def test_choices_of_another_shape_or_range_are_refused(action, message):
    with registered(Script, **LINES) as env_id:
        with pytest.raises(ValueError, match="actions: " + message):
            collect(make_envs(env_id, 2), always(action), RNG(0))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_choices_of_any_integer_type_are_taken(dtype):
    with registered(Script, **LINES) as env_id:
        rollout = collect(make_envs(env_id, 2), always(np.array([2, 1], dtype)), RNG(0))
    assert rollout.actions.dtype == dtype and rollout.actions[:, 0].tolist() == [2, 1]


class Pair(Target):
    """Two continuous actions."""

    action_space = Box(-1, 1, (2,), np.float32)


@pytest.mark.parametrize("shape", [(2,), (2, 1), (1, 2), (2, 2, 1)])
def test_continuous_actions_that_would_be_broadcast_are_refused(shape):
    """With two environments and two components [N] would have passed."""
    with registered(Pair) as env_id:
        with pytest.raises(ValueError, match=r"actions: expected shape \(2, 2\) of float32, got"):
            collect(make_envs(env_id, 2), always(np.zeros(shape, np.float32)), RNG(0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_continuous_actions_that_are_not_finite_are_refused(bad):
    class Lenient(Pair):
        def step(self, action):
            return np.zeros(1, np.float32), 0.0, True, False, {}

    with registered(Lenient) as env_id:
        with pytest.raises(ValueError, match=f"actions: expected those of Box.*, got {bad}"):
            collect(make_envs(env_id, 2), always(np.full((2, 2), bad, np.float32)), RNG(0))


def test_a_choice_for_each_of_several_wheels_is_checked_too():
    class Wheels(Script):
        action_space = MultiDiscrete([2, 3])

    with registered(Wheels, **LINES) as env_id:
        envs = make_envs(env_id, 2)
        assert collect(envs, always(np.array([[1, 2], [0, 0]])), RNG(0)).mask.all()
        with pytest.raises(ValueError, match="actions: expected those of MultiDiscrete.*, got 3"):
            collect(envs, always(np.array([[1, 3], [0, 0]])), RNG(0))


def test_what_is_no_row_of_numbers_or_no_vector_environment_is_refused():
    class Labelled(Target):
        observation_space = Dict({"x": Box(-1, 1, (1,), np.float32)})

        def reset(self, *, seed=None, options=None):
            return {"x": super().reset(seed=seed)[0]}, {}

    with registered(Labelled) as env_id:
        with pytest.raises(
            ValueError, match="expected 2 rows of numbers, got those of Dict.*; .*make_envs"
        ):
            collect(
                gymnasium.make_vec(env_id, 2, "sync"), always(np.zeros((2, 1), np.float32)), RNG(0)
            )
    one, two = gymnasium.make("CartPole-v1"), make_envs("CartPole-v1", 2)
    for envs in (one, None, "CartPole-v1"):
        with pytest.raises(ValueError, match="expected a vector environment .*, got"):
            collect(envs, always(np.zeros(2, int)), RNG(0))
    for rng in (0, None, np.random.RandomState(0)):
        with pytest.raises(ValueError, match=r"rng: expected a numpy.random.Generator, got"):
            collect(two, always(np.zeros(2, int)), rng)


def test_the_time_limit_is_the_registered_one_or_the_one_asked_for():
    with registered(Endless, limit=None) as env_id:
        assert time_limit(make_envs(env_id, 2)) is None
        assert time_limit(make_envs(env_id, 2, max_episode_steps=7)) == 7
        rollout = collect(
            make_envs(env_id, 2, max_episode_steps=7), always(np.zeros(2, int)), RNG(0)
        )
        assert rollout.lengths.tolist() == [7, 7] and rollout.truncated[:, -1].all()
    assert time_limit(make_envs("CartPole-v1", 2)) == 500
    assert time_limit(make_envs("CartPole-v1", 2, max_episode_steps=9)) == 9


class Counting(Endless):
    """Ends one copy of two after a step; counts the steps of both."""

    def __init__(self, taken):
        """Share the counter."""
        super().__init__()
        self.taken, self.number = taken, taken["made"]
        taken["made"] += 1

    def step(self, action):
        """Take one step."""
        self.taken["steps"] += 1
        return self.shows, 1.0, self.number == 0, False, {}


@pytest.mark.parametrize(("most", "each"), [(1, 1), (10, 5), (11, 6)])
def test_an_episode_that_does_not_end_is_given_up(most, each):
    taken = {"made": 0, "steps": 0}
    with registered(lambda: Counting(taken), limit=None) as env_id:
        envs = make_envs(env_id, 2)
        with pytest.raises(RuntimeError, match=f"got 1 of 2 .* {each} steps .*max_episode_steps"):
            collect(envs, always(np.zeros(2, int)), RNG(0), max_steps=most)
    assert each <= taken["steps"] <= 2 * each


@pytest.mark.parametrize("asked", [12, 10**9, np.inf])
def test_training_without_an_end_stops_and_says_what_to_do(monkeypatch, asked):
    """After `max_env_steps`, or after the stated number if that is less; said at the start too."""
    monkeypatch.setattr("pgbook.trainer.ENDLESS", 40)
    taken = {"made": 1, "steps": 0}
    with registered(lambda: Counting(taken), limit=None) as env_id:
        with pytest.warns(UserWarning, match=f"without max_episode_steps.*passes {min(asked, 40)}"):
            trainer = Trainer(Config(env_id=env_id, episodes=2, max_env_steps=asked))
        with pytest.raises(ArithmeticError, match="update 1: .* max_episode_steps.*update 0"):
            list(trainer)
    assert taken["steps"] == min(asked, 40) and not trainer.records


def test_a_batch_within_its_time_limit_is_finished_whatever_the_step_limit():
    """To drop it would drop long episodes more often than short ones."""
    [record] = Trainer(Config(env_id="Pendulum-v1", episodes=2, max_env_steps=3))
    assert record.env_steps == 400


ARRAYS = {
    "observations": np.zeros((2, 4, 1)),
    "actions": np.zeros((2, 3, 1)),
    "rewards": np.zeros((2, 3)),
    "mask": np.ones((2, 3), bool),
    "terminated": np.zeros((2, 3), bool),
    "truncated": np.zeros((2, 3), bool),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("shape", [(3,), (2, 2), (3, 3), (3, 2), (2, 5), (2, 3, 1), (2, 3, 1, 1)])
def test_a_rollout_of_arrays_that_do_not_belong_together_is_refused(name, shape):
    fits = name == "actions" and shape[:3] == (2, 3, 1)
    if not fits:
        with pytest.raises(ValueError, match="expected shape .*, got"):
            Rollout(**ARRAYS | {name: np.zeros(shape)})
    assert Rollout(**ARRAYS).env_steps == 6


def test_the_recipe_for_a_refused_action_works():
    class Shifted(Bandit):
        action_space = Discrete(2, start=1)

        def step(self, action):
            assert action in self.action_space
            return super().step(action)

    with registered(Shifted) as env_id:
        with pytest.raises(ValueError, match="start=1.*TransformAction.env, func, space."):
            Trainer(Config(env_id=env_id))
    entry = lambda: gymnasium.wrappers.TransformAction(Shifted(), lambda a: a + 1, Discrete(2))  # noqa: E731
    with registered(entry) as env_id:
        assert Trainer(Config(env_id=env_id, episodes=3)).step().episodes == 3


def test_the_recipe_for_wide_actions_works():
    """Bounds of ±1000: without it, σ = 1 hardly moves; with it the policy explores them all."""

    class Wide(Target):
        action_space = Box(-1000, 1000, (1,), np.float32)

    spread = []
    for entry in (Wide, lambda: gymnasium.wrappers.RescaleAction(Wide(), -1, 1)):
        with registered(entry) as env_id:
            record = Trainer(Config(env_id=env_id, episodes=64)).step()
        spread.append(np.abs(record.returns).mean())
    assert spread[0] < 3 and spread[1] > 300
