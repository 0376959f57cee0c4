"""The weights Ψ against hand-written arrays, identities and a direct double loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pgbook.weights import (
    NEEDS_VALUES,
    WEIGHTS,
    leave_one_out,
    reward_to_go,
    reward_to_go_minus_mean,
    standardise,
    total_return,
)

FROM_REWARDS = sorted(set(WEIGHTS) - set(NEEDS_VALUES))

# Three episodes of 3, 1 and 2 steps. The 9s stand behind an end and must never count.
REWARDS = np.array([[1.0, 2.0, 4.0], [5.0, 9.0, 9.0], [3.0, -1.0, 9.0]])
MASK = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0]])


@pytest.mark.parametrize(
    ("function", "gamma", "expected"),
    [
        (total_return, 1.0, [[7, 7, 7], [5, 0, 0], [2, 2, 0]]),
        (total_return, 0.5, [[3, 3, 3], [5, 0, 0], [2.5, 2.5, 0]]),
        (reward_to_go, 1.0, [[7, 6, 4], [5, 0, 0], [2, -1, 0]]),
        (reward_to_go, 0.5, [[3, 4, 4], [5, 0, 0], [2.5, -1, 0]]),
        # G_0 = 7, 5, 2: mean 14/3; G_1 = 6, -1 of the two that run: mean 2.5; alone: weight 0.
        (reward_to_go_minus_mean, 1.0, [[7 / 3, 3.5, 0], [1 / 3, 0, 0], [-8 / 3, -3.5, 0]]),
        # returns 7, 5, 2; the others' means 3.5, 4.5, 6
        (leave_one_out, 1.0, [[3.5, 3.5, 3.5], [0.5, 0, 0], [-4, -4, 0]]),
        # discounted returns 3, 5, 2.5; the others' means 3.75, 2.75, 4
        (leave_one_out, 0.5, [[-0.75, -0.75, -0.75], [2.25, 0, 0], [-1.5, -1.5, 0]]),
    ],
)
def test_hand_written_arrays(function, gamma, expected):
    np.testing.assert_allclose(function(REWARDS, MASK, gamma=gamma), expected, atol=1e-12)


@st.composite
def batches(draw, least=1):
    episodes, steps = draw(st.integers(least, 5)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    lengths = rng.integers(1, steps + 1, size=episodes)
    mask = np.arange(steps) < lengths[:, None]
    return rng.normal(size=(episodes, steps)), mask, draw(st.floats(0, 1))


@settings(max_examples=60, deadline=None)
@given(batches())
def test_reward_to_go_is_the_double_sum(batch):
    rewards, mask, gamma = batch
    expected = np.zeros_like(rewards)
    for i, t in np.argwhere(mask):
        expected[i, t] = sum(gamma ** (k - t) * rewards[i, k] for k in range(t, mask[i].sum()))
    np.testing.assert_allclose(reward_to_go(rewards, mask, gamma=gamma), expected, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(batches(least=2))
def test_identities(batch):
    rewards, mask, gamma = batch
    total = total_return(rewards, mask, gamma=gamma)
    assert np.allclose(total[:, 0], reward_to_go(rewards, mask, gamma=gamma)[:, 0])
    assert np.allclose(reward_to_go_minus_mean(rewards, mask, gamma=gamma).sum(axis=0), 0)
    # leave-one-out: the return less the mean of all returns, times N/(N-1)
    episodes = len(rewards)
    centred = (total[:, 0] - total[:, 0].mean()) * episodes / (episodes - 1)
    assert np.allclose(leave_one_out(rewards, mask, gamma=gamma), centred[:, None] * mask)


@settings(max_examples=60, deadline=None)
@given(batches(least=2), st.sampled_from(FROM_REWARDS))
def test_what_stands_behind_the_end_never_counts(batch, name):
    rewards, mask, gamma = batch
    psi = WEIGHTS[name](rewards, mask, gamma=gamma)
    broken = np.where(mask, rewards, np.nan)
    assert np.array_equal(WEIGHTS[name](broken, mask, gamma=gamma), psi)
    assert (psi[~mask] == 0).all() and psi.shape == rewards.shape and psi.dtype == np.float64


def test_a_constant_added_to_every_return_cancels_in_the_baselines():
    mask = np.ones((4, 3))
    rewards = np.random.default_rng(0).normal(size=(4, 3))
    for function in (reward_to_go_minus_mean, leave_one_out):
        np.testing.assert_allclose(function(rewards + 10, mask), function(rewards, mask))


@pytest.mark.parametrize("name", FROM_REWARDS)
def test_bad_shapes_and_discounts_are_refused(name):
    with pytest.raises(ValueError, match=r"expected .* got \(3, 3\) and \(3, 2\)"):
        WEIGHTS[name](REWARDS, MASK[:, :2])
    with pytest.raises(ValueError, match=r"\[episodes, steps\], got \(3,\)"):
        WEIGHTS[name](REWARDS[0], MASK[0])
    with pytest.raises(ValueError, match="gamma: expected a number in .* got 1.5"):
        WEIGHTS[name](REWARDS, MASK, gamma=1.5)
    for row in ([1, 0, 1], [0, 1, 1], [1, 2, 0]):
        with pytest.raises(ValueError, match="mask: expected 1 while an episode runs and 0 ever"):
            WEIGHTS[name](REWARDS, np.vstack([MASK[:2], row]))


def test_leave_one_out_needs_another_episode():
    with pytest.raises(ValueError, match="expected at least 2 episodes, got 1"):
        leave_one_out(REWARDS[:1], MASK[:1])


@pytest.mark.parametrize("episodes", [3, 10, 3000])
@pytest.mark.parametrize("reward", [0.1, 8.1, 20000.1])
@pytest.mark.parametrize("function", [reward_to_go_minus_mean, leave_one_out])
def test_equal_returns_teach_nothing_not_even_noise(function, reward, episodes):
    """In another order of the same rewards too; standardised, the noise of a mean would be ±1."""
    row = reward * np.array([1.0, 3.0, 7.0, 0.1])
    rewards = np.tile(row, (episodes, 1))
    mask = np.ones_like(rewards)
    psi = function(rewards, mask, gamma=0.9)
    assert (psi == 0).all() and (standardise(psi, mask) == 0).all()
    shuffled = np.random.default_rng(0).permuted(rewards, axis=1)
    assert (leave_one_out(shuffled, mask) == 0).all()


def test_a_small_difference_between_large_returns_is_kept():
    rewards, mask = np.array([[1e6], [1e6 + 2.0**-20]]), np.ones((2, 1))
    half = [[-(2.0**-21)], [2.0**-21]]
    np.testing.assert_allclose(reward_to_go_minus_mean(rewards, mask), half, rtol=1e-3)
    np.testing.assert_allclose(leave_one_out(rewards, mask), np.multiply(half, 2), rtol=1e-3)


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "f2", "f4", "f8"])
def test_a_narrow_mask_counts_all_episodes(dtype):
    """3000 episodes: a float16 stops counting at 2048, an int8 at 127."""
    rewards = np.arange(3000.0)[:, None]
    psi = reward_to_go_minus_mean(rewards, np.ones((3000, 1), dtype=dtype))
    np.testing.assert_allclose(psi, rewards - 1499.5)
