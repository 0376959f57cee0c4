"""Observations that are no rows of numbers: flattened by Gymnasium, learned from, refused."""

import dataclasses
import itertools

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.spaces import (
    Box,
    Dict,
    Discrete,
    Graph,
    MultiBinary,
    MultiDiscrete,
    OneOf,
    Sequence,
    Text,
    Tuple,
    flatdim,
    flatten,
    unflatten,
)
from pgbook.loss import policy_loss
from pgbook.mdp import FiniteMDP, gradient
from pgbook.mlp import CategoricalMLP
from pgbook.policies import random_theta, softmax_policy
from pgbook.rollout import collect, flat, make_envs
from pgbook.sweep import sweep
from pgbook.trainer import Config, Trainer
from toy_envs import Shows, World, registered

RNG = np.random.default_rng
BOX = Box(-1, 1, (3,))
STEPS, STATES, ACTIONS = 3, 3, 2


def lottery():
    """A world of 3 states without dice: where an action leads, and what it pays."""
    rng = RNG(0)
    arrives = np.eye(STATES)[rng.integers(STATES, size=(STATES, ACTIONS))]
    return FiniteMDP([1, 0, 0], arrives, rng.normal(size=(STATES, ACTIONS)), STEPS)


def every_course(envs):
    """All sequences of actions, each played by one environment."""
    courses = np.array(list(itertools.product(range(ACTIONS), repeat=STEPS)))
    step = iter(courses.T)
    return collect(envs, lambda observations, rng: next(step), RNG(0))


def test_a_linear_policy_on_a_choice_is_the_softmax_table_and_so_is_its_gradient():
    """Against dynamic programming: the mean of the loss's gradient over all that can happen."""
    mdp = lottery()
    theta = random_theta(0, mdp)
    table = softmax_policy(theta)
    policy = CategoricalMLP((STEPS * STATES, ACTIONS), rng=RNG(0)).double()
    with torch.no_grad():
        policy.layers[0].copy_(torch.tensor(theta.reshape(-1, ACTIONS)))
    with registered(World, mdp=mdp) as env_id:
        rollout = every_course(make_envs(env_id, ACTIONS**STEPS))
    seen = rollout.observations[:, :-1]
    spots = seen.reshape(*seen.shape[:2], STEPS, STATES).sum(2).argmax(-1)
    t = np.arange(STEPS)
    np.testing.assert_allclose(policy.probabilities(seen), table[t, spots], rtol=1e-12)
    chance = table[t, spots, rollout.actions].prod(1)
    assert chance.sum() == pytest.approx(1)
    log_prob = policy.log_prob(torch.tensor(seen), torch.tensor(rollout.actions))
    psi = torch.tensor((chance * rollout.returns)[:, None]).expand(log_prob.shape)
    policy_loss(log_prob, psi, 1).backward()
    slope = -policy.layers[0].grad.numpy().reshape(theta.shape)
    np.testing.assert_allclose(slope, gradient(mdp, table), atol=1e-12)


FLAT = [
    Discrete(5),
    Discrete(5, start=2),
    MultiDiscrete([2, 3]),
    MultiBinary((2, 2)),
    Box(0, 255, (2, 2, 3), np.uint8),
    Box(0, 1, ()),
    Text(4),
    OneOf((BOX, Discrete(2))),
    Tuple((BOX, Discrete(2))),
    Dict(speed=BOX, gear=Discrete(4), inner=Dict(z=Discrete(2), a=Box(0, 1, (2, 2)))),
]
STUCK = [
    (Graph(BOX, None), "observation, Graph"),
    (Sequence(BOX), "observation, Sequence"),
    (Dict(), r"observation, Dict\(\)"),
    (Dict(a=BOX, q=Tuple((BOX, Sequence(Discrete(2))))), r"observation\['q'\]\[1\], Sequence"),
    (Dict(a=BOX, none=Dict()), r"observation\['none'\], Dict\(\)"),
    (OneOf((Discrete(2), Graph(BOX, None))), r"observation\[1\], Graph"),
]


def kind(value):
    return str(value)[:20] if isinstance(value, gymnasium.Space) else None


@pytest.mark.parametrize("space", FLAT, ids=kind)
def test_rows_are_gymnasiums_own_and_lead_back_to_what_was_shown(space):
    shown = []
    with registered(lambda: Shows(space, shown), limit=3) as env_id:
        envs = make_envs(env_id, 2)
        rollout = collect(envs, lambda observations, rng: np.zeros(2, int), RNG(0))
    assert envs.single_observation_space == flat(space)
    assert rollout.observations.shape == (2, 4, flatdim(space)) and not rollout.terminated.any()
    for rows, elements in zip(rollout.observations, shown, strict=True):
        assert len(elements) == 4
        for row, element in zip(rows, elements, strict=True):
            assert np.array_equal(row, flatten(space, element))
            assert np.array_equal(flatten(space, unflatten(space, row)), row)


def test_the_parts_of_a_dict_stand_in_the_order_of_its_keys_whatever_the_observations_order():
    space = Dict({"b": Box(0, 9, (2,)), "a": Discrete(3)})

    class Backwards(Shows):
        def _observe(self):
            return {"b": np.array([7, 8], np.float32), "a": 1}

    with registered(lambda: Backwards(space, []), limit=1) as env_id:
        rollout = collect(make_envs(env_id, 1), lambda observations, rng: np.zeros(1, int), RNG(0))
    assert rollout.observations[0, 0].tolist() == [0, 1, 0, 7, 8]


def test_rows_stay_as_they_are():
    """No wrapper, no cost: CartPole steps as it did."""
    assert isinstance(make_envs("CartPole-v1", 2), gymnasium.vector.VectorEnv)
    assert not isinstance(make_envs("CartPole-v1", 2), gymnasium.vector.VectorWrapper)


@pytest.mark.parametrize(("space", "message"), STUCK, ids=kind)
def test_what_cannot_be_flattened_is_refused_by_its_name_and_place(space, message):
    with registered(lambda: Shows(space, []), limit=3) as env_id:
        with pytest.raises(ValueError, match=f"observations: expected a Box .*; .* {message}"):
            Trainer(Config(env_id=env_id, episodes=2))
        with pytest.raises(ValueError, match="observations: expected 2 rows of numbers, got"):
            collect(make_envs(env_id, 2), lambda observations, rng: np.zeros(2, int), RNG(0))


def test_a_space_of_another_make_is_refused_too():
    class Mine(gymnasium.Space):
        def __eq__(self, other):
            return isinstance(other, Mine)

    with registered(lambda: Shows(Mine(), [])) as env_id:
        with pytest.raises(ValueError, match="observations: expected a Box .*; nothing .* <.*Mine"):
            Trainer(Config(env_id=env_id, episodes=2))


def test_the_scale_has_one_number_for_each_of_the_flat_row():
    space = Dict(speed=Box(-50, 50, (1,)), gear=Discrete(4))
    with registered(lambda: Shows(space, []), limit=3) as env_id:
        config = Config(env_id=env_id, episodes=2, hidden=(), observation_scale=(1, 1, 1, 1, 50))
        assert Trainer(config).policy.scale.tolist() == [1, 1, 1, 1, 50]
        with pytest.raises(ValueError, match=r"observation_scale: expected shape \(5,\), got"):
            Trainer(dataclasses.replace(config, observation_scale=(50, 1)))


@pytest.mark.parametrize("psi", ["reward_to_go_minus_mean", "gae"])
def test_training_on_choices_continues_from_its_file_and_from_a_sweeps_folder(psi, tmp_path):
    """Policy, critic, checkpoint and sweep see one and the same flat observation."""
    config = Config(env_id="FrozenLake-v1", episodes=8, psi=psi, max_env_steps=500)
    whole = Trainer(config)
    records = list(whole)
    half = Trainer(config)
    half.step()
    half.save(tmp_path / "half.pt")
    assert list(Trainer.load(tmp_path / "half.pt")) == records[1:]
    [run] = sweep([config], tmp_path / "runs", jobs=1)
    assert run.env_steps == tuple(record.env_steps for record in records)
    played = [collect(make_envs("FrozenLake-v1", 8), whole.policy.greedy(), RNG(0)) for _ in "12"]
    assert np.array_equal(played[0].actions, played[1].actions)
