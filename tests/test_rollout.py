"""Rollouts on environments whose every reward and end is known."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from pgbook.rollout import collect, make_envs
from toy_envs import Script, Target, registered

LINES = [(3, True, False), (1, True, False), (4, False, True), (2, True, True)]


def uniform(observations, rng):
    return rng.integers(0, 3, size=len(observations))


def balance(observations, rng):
    """Push the cart to the side to which the pole falls: no randomness."""
    return (observations[:, 2] + observations[:, 3] > 0).astype(int)


def push_left(observations, rng):
    return np.zeros(len(observations), dtype=int)


def script_rollout(lines=LINES, seed=0, act=uniform):
    with registered(Script, lines=lines, shared={"next": 0}) as env_id:
        return collect(make_envs(env_id, len(lines)), act, np.random.default_rng(seed))


def test_every_reward_length_and_end_of_the_script():
    rollout = script_rollout()
    assert rollout.rewards.tolist() == [
        [0, 1, 2, 0],
        [10, 0, 0, 0],
        [20, 21, 22, 23],
        [30, 31, 0, 0],
    ]
    assert rollout.lengths.tolist() == [3, 1, 4, 2]
    assert rollout.returns.tolist() == [3, 10, 86, 61]
    assert rollout.mask.astype(int).tolist() == [
        [1, 1, 1, 0],
        [1, 0, 0, 0],
        [1, 1, 1, 1],
        [1, 1, 0, 0],
    ]


def test_terminated_and_truncated_stay_apart_and_stand_at_the_last_step():
    rollout = script_rollout()
    assert np.argwhere(rollout.terminated).tolist() == [[0, 2], [1, 0], [3, 1]]
    assert np.argwhere(rollout.truncated).tolist() == [[2, 3], [3, 1]]


def test_observations_end_in_an_absorbing_state():
    rollout = script_rollout()
    steps = [[0, 1, 2, 3, 3], [0, 1, 1, 1, 1], [0, 1, 2, 3, 4], [0, 1, 2, 2, 2]]
    assert rollout.observations[..., 1].tolist() == steps
    assert (rollout.observations[..., 0] == np.arange(4)[:, None]).all()
    assert rollout.actions.shape == rollout.rewards.shape == (4, 4)


def test_steps_behind_an_end_are_counted_as_discarded():
    rollout = script_rollout()
    assert (rollout.env_steps, rollout.discarded_steps) == (3 + 1 + 4 + 2, 1 + 3 + 0 + 2)


def test_the_ignored_step_after_an_end_and_the_next_episode_stay_out():
    """NEXT_STEP resets after one ignored step; by then 1-step lines have played many episodes."""
    lines = [(1, True, False), (9, True, False)]
    rollout = script_rollout(lines)
    assert rollout.lengths.tolist() == [1, 9] and rollout.returns.tolist() == [0, 126]
    assert rollout.terminated.sum() == 2 and rollout.rewards[0, 1:].tolist() == [0] * 8


def test_the_horizon_ends_with_the_longest_episode():
    assert script_rollout([(2, True, False), (2, False, True)]).mask.all()
    assert script_rollout([(1, True, False)]).mask.shape == (1, 1)


def test_an_environment_is_reset_between_rollouts():
    with registered(Script, lines=[(3, True, False)], shared={"next": 0}) as env_id:
        envs = make_envs(env_id, 2)
        for _ in range(3):
            rollout = collect(envs, uniform, np.random.default_rng(0))
            assert rollout.observations[0, :, 1].tolist() == [0, 1, 2, 3]
            assert rollout.mask.all()


def test_repetition_is_exact_and_seeds_differ():
    envs = make_envs("CartPole-v1", 5)
    first, again, other = (
        collect(envs, lambda o, rng: rng.integers(0, 2, len(o)), np.random.default_rng(seed))
        for seed in (3, 3, 4)
    )
    for name in ("observations", "actions", "rewards", "mask", "terminated", "truncated"):
        assert np.array_equal(getattr(first, name), getattr(again, name)), name
    assert not np.array_equal(first.observations[:, 0], other.observations[:, 0])
    assert len(np.unique(first.observations[:, 0, 0])) == 5  # five different starts


def test_cartpole_vectorised_equals_cartpole_one_by_one():
    """The vector entry point and sync agree from the same start state and actions."""
    sync = gymnasium.make_vec("CartPole-v1", num_envs=3, vectorization_mode="sync")
    fast = make_envs("CartPole-v1", 3)
    assert isinstance(sync, SyncVectorEnv) and not isinstance(fast, SyncVectorEnv)
    for start, act in ((0.03, balance), (-0.2, balance), (0.0, push_left)):
        bounds = {"low": start, "high": start}
        a, b = (collect(e, act, np.random.default_rng(0), options=bounds) for e in (sync, fast))
        assert a.lengths.tolist() == b.lengths.tolist() == a.returns.tolist()
        assert a.rewards.dtype == b.rewards.dtype == np.float64
        assert a.lengths.tolist() == [500 if start == 0.03 else a.lengths[0]] * 3
        np.testing.assert_allclose(a.observations, b.observations, atol=1e-4)
        assert np.array_equal(a.terminated, b.terminated)
        assert np.array_equal(a.truncated, b.truncated)


def test_cartpole_is_truncated_at_500_and_not_terminated():
    bounds = {"low": 0.03, "high": 0.03}
    rollout = collect(
        make_envs("CartPole-v1", 4), balance, np.random.default_rng(0), options=bounds
    )
    assert rollout.truncated[:, 499].all() and not rollout.terminated.any()
    assert rollout.lengths.tolist() == [500] * 4


def test_continuous_actions_are_recorded_as_drawn_and_clipped_for_the_environment():
    with registered(Target) as env_id:
        rollout = collect(
            make_envs(env_id, 3),
            lambda o, rng: np.array([[-5.0], [0.5], [3.0]], dtype=np.float32),
            np.random.default_rng(0),
        )
    assert rollout.actions[:, 0, 0].tolist() == [-5.0, 0.5, 3.0]
    assert rollout.rewards[:, 0].tolist() == [-1.0, -0.5, -1.0]


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_another_autoreset_mode_is_refused(mode):
    envs = gymnasium.make_vec(
        "CartPole-v1",
        num_envs=2,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": mode},
    )
    with pytest.raises(ValueError, match="expected .* NEXT_STEP autoreset, got"):
        collect(envs, balance, np.random.default_rng(0))


def test_bad_requests_are_refused():
    with pytest.raises(ValueError, match="episodes: expected a whole number >= 1, got 0"):
        make_envs("CartPole-v1", 0)
    with pytest.raises(ValueError, match="expected a registered .* got 'CartPol-v1'"):
        make_envs("CartPol-v1", 2)
