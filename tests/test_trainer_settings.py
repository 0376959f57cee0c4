"""What a `Config` says reaches the loss, the randomness and the limits."""

import dataclasses

import numpy as np
import pytest
from gymnasium.envs.classic_control import CartPoleEnv
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


def test_a_warning_points_at_the_line_that_made_the_trainer():
    with registered(Bandit, limit=None) as env_id:
        with pytest.warns(UserWarning, match="without max_episode_steps") as told:
            linear(env_id=env_id)
    assert [warning.filename for warning in told] == [__file__]


class LargeCartPole(CartPoleEnv):
    """CartPole that reports four times what it is."""

    def reset(self, **options):
        """Report it at the start."""
        observation, info = super().reset(**options)
        return 4 * observation, info

    def step(self, action):
        """Report it after each step."""
        observation, *rest = super().step(action)
        return 4 * observation, *rest


@pytest.mark.parametrize("psi", ["reward_to_go", "gae"])
def test_other_units_with_another_scale_train_alike_to_the_last_bit(psi):
    """All that looks at observations divides them first: the policy, and the critic if any."""
    settings = dict(episodes=3, hidden=(4,), psi=psi, max_env_steps=300)
    found = []
    for entry_point, scale in ((CartPoleEnv, 0.5), (LargeCartPole, 2.0)):
        with registered(entry_point, limit=50) as env_id:
            trainer = Trainer(Config(env_id=env_id, observation_scale=(scale,) * 4, **settings))
            found.append([dataclasses.astuple(record) for record in trainer])
    assert len(found[0]) > 2 and found[0] == found[1]


# Beside what the setting needs in order to count at all.
BASE = dict(episodes=4, hidden=(4,), psi="gae", max_env_steps=200, clip=0.001, epochs=2)
OTHER = {
    "env_id": {"env_id": "Acrobot-v1"},
    "seed": {"seed": 1},
    "episodes": {"episodes": 5},
    "psi": {"psi": "n_step"},
    "gamma": {"gamma": 0.9},
    "learning_rate": {"learning_rate": 0.02},
    "hidden": {"hidden": (5,)},
    "observation_scale": {"observation_scale": (1.0, 1.0, 1.0, 0.5)},
    "max_env_steps": {"max_env_steps": 1},
    "threshold": {"threshold": -1.0, "episodes": 100, "max_env_steps": 10_000},
    "n": {"n": 2, "psi": "n_step"},
    "lam": {"lam": 0.5},
    "critic_learning_rate": {"critic_learning_rate": 0.02},
    "critic_epochs": {"critic_epochs": 9},
    "standardise": {"standardise": True},
    "clip": {"clip": None},
    "epochs": {"epochs": 3},
}


def outcome(settings):
    trainer = Trainer(Config(**BASE | settings))
    records = [dataclasses.astuple(record) for record in trainer]
    return records, [part.tolist() for part in trainer.policy.parameters()]


def test_every_setting_makes_a_difference():
    assert set(OTHER) == {field.name for field in dataclasses.fields(Config)}
    for name, settings in OTHER.items():
        without = {key: value for key, value in settings.items() if key != name}
        assert outcome(settings) != outcome(without), f"{name} changes nothing"
