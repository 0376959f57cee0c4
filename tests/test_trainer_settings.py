"""What a `Config` says reaches the loss, the randomness and the limits."""

import dataclasses

import numpy as np
import pytest
from pgbook import trainer as trainer_module
from pgbook.rollout import collect
from pgbook.trainer import Config, Trainer
from pgbook.weights import NEEDS_VALUES, WEIGHTS
from toy_envs import Bandit, registered

FROM_REWARDS = sorted(set(WEIGHTS) - set(NEEDS_VALUES))


def linear(**settings):
    return Trainer(Config(episodes=4, hidden=(), **settings))


@pytest.mark.parametrize("gamma", [1.0, 0.9])
@pytest.mark.parametrize("psi", FROM_REWARDS)
def test_the_weight_and_the_discount_reach_the_gradient(psi, gamma):
    """The bias of a fresh linear policy: -(1/N) Σ_i Σ_t (1[a = a_t] - 1/2) Ψ_t."""
    trainer = linear(psi=psi, gamma=gamma)
    rollout = collect(trainer.envs, trainer.policy.actor(), np.random.default_rng((0, 1)))
    weight = WEIGHTS[psi](rollout.rewards, rollout.mask, gamma=gamma)
    expected = -np.einsum("nt,nta->a", weight, np.eye(2)[rollout.actions] - 0.5) / 4
    trainer.step()
    got = trainer.policy.layers[-1].grad.numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_every_update_and_every_seed_has_its_own_start_states(monkeypatch):
    starts = []

    def record(*args, **settings):
        starts.append(collect(*args, **settings).observations[:, 0].tobytes())
        return collect(*args, **settings)

    monkeypatch.setattr(trainer_module, "collect", record)
    for seed in range(2):
        trainer = linear(seed=seed)
        for _ in range(3):
            trainer.step()
    assert len(set(starts)) == 6


def test_the_seed_draws_the_first_weights():
    one, same, other = (
        Trainer(Config(episodes=1, seed=seed)).policy.layers[0].detach().numpy()
        for seed in (0, 0, 1)
    )
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_settings_are_frozen_and_named():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().seed = 1
    with pytest.raises(TypeError):
        Config("CartPole-v1")
    with pytest.raises(dataclasses.FrozenInstanceError):
        linear().step().update = 7


def test_the_least_settings_are_taken():
    config = Config(episodes=1, hidden=(1,), max_env_steps=1, gamma=0.0)
    assert len(list(Trainer(config))) == 1


def test_the_limits_are_reached_exactly():
    """8 steps are no update too many, and 100 episodes are enough to be solved."""
    with registered(Bandit, reward=0.0) as env_id:
        limited = Trainer(Config(env_id=env_id, episodes=4, max_env_steps=8))
        assert [progress.env_steps for progress in limited] == [4, 8]
        solved = Trainer(Config(env_id=env_id, episodes=50, threshold=0.0, max_env_steps=200))
        assert [progress.episodes for progress in solved] == [50, 100]


@pytest.mark.parametrize("name", FROM_REWARDS)
def test_no_weight_discounts_unless_asked(name):
    rewards, mask = np.arange(6.0).reshape(2, 3), np.ones((2, 3))
    plain = WEIGHTS[name](rewards, mask)
    np.testing.assert_array_equal(plain, WEIGHTS[name](rewards, mask, gamma=1.0))
    assert not np.array_equal(plain, WEIGHTS[name](rewards, mask, gamma=0.5))
