"""The weights that lean on a critic: by hand, by a double loop, by identities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pgbook.weights import NEEDS_VALUES, WEIGHTS, gae, n_step, reward_to_go, standardise

# Episode 0 is cut off after 3 steps, 1 and 2 end after 1 and 2. No 9 may ever count.
REWARDS = np.array([[1.0, 2.0, 4.0], [5.0, 9.0, 9.0], [3.0, -1.0, 9.0]])
MASK = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0]])
VALUES = np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 9.0, 9.0, 9.0], [1.0, -1.0, 9.0, 9.0]])
ENDED = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]])
CRITIC = {"values": VALUES, "terminated": ENDED}
OWN = {"n_step": {"n": 2}, "gae": {"lam": 0.7}}


@pytest.mark.parametrize(
    ("function", "own", "gamma", "expected"),
    [
        # δ = 1+2-1, 2+3-2, 4+4-3 with the value 4 after the cut; 5-2; 3-1-1, -1+1
        (gae, {"lam": 0.0}, 1.0, [[2, 3, 5], [3, 0, 0], [1, 0, 0]]),
        (gae, {"lam": 1.0}, 1.0, [[10, 8, 5], [3, 0, 0], [1, 0, 0]]),
        (gae, {"lam": 0.5}, 1.0, [[4.75, 5.5, 5], [3, 0, 0], [1, 0, 0]]),
        # δ = 1+1-1, 2+1.5-2, 4+2-3; 3; 3-0.5-1, 0
        (gae, {"lam": 0.5}, 0.5, [[1.5625, 2.25, 3], [3, 0, 0], [1.5, 0, 0]]),
        (n_step, {"n": 1}, 0.5, [[1, 1.5, 3], [3, 0, 0], [1.5, 0, 0]]),
        (n_step, {"n": 2}, 0.5, [[1.75, 3, 3], [3, 0, 0], [1.5, 0, 0]]),
        (n_step, {"n": 9}, 0.5, [[2.5, 3, 3], [3, 0, 0], [1.5, 0, 0]]),
    ],
)
def test_hand_written_arrays(function, own, gamma, expected):
    got = function(REWARDS, MASK, gamma=gamma, **own, **CRITIC)
    np.testing.assert_allclose(got, expected, atol=1e-12)


def test_a_true_end_is_worth_nothing_and_a_cut_is_worth_the_value():
    """Episode 0 again, once as if it had ended: its last value, 4, is gone."""
    ended = ENDED.copy()
    ended[0, 2] = 1
    got = gae(REWARDS, MASK, lam=1.0, values=VALUES, terminated=ended)
    np.testing.assert_allclose(got, [[6, 4, 1], [3, 0, 0], [1, 0, 0]])


def test_an_endless_task_cut_off_anywhere_has_no_advantage():
    """Reward 1 for ever: V = 1/(1-γ). A cut changes nothing; taken for an end, it costs γ^k V."""
    gamma, ones = 0.9, np.ones((1, 7))
    critic = {"values": np.full((1, 8), 10.0), "terminated": np.zeros((1, 7))}
    for lam in (0.0, 0.5, 1.0):
        np.testing.assert_allclose(gae(ones, ones, gamma=gamma, lam=lam, **critic), 0, atol=1e-12)
    critic["terminated"] = np.eye(7)[-1:]
    got = gae(ones, ones, gamma=gamma, lam=1.0, **critic)
    np.testing.assert_allclose(got[0], -10 * gamma ** np.arange(7, 0, -1.0))


@st.composite
def batches(draw):
    episodes, steps = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    lengths = rng.integers(1, steps + 1, size=episodes)
    mask = np.arange(steps) < lengths[:, None]
    ended = np.eye(steps)[lengths - 1] * rng.integers(2, size=(episodes, 1))
    critic = {"values": rng.normal(size=(episodes, steps + 1)), "terminated": ended}
    return rng.normal(size=mask.shape), mask, draw(st.floats(0, 1)), critic


def by_definition(rewards, length, ended, values, gamma, t, n):
    """Return n rewards, then the value, less the value now; one episode, one step."""
    n = min(n, length - t)
    paid = sum(gamma**k * rewards[t + k] for k in range(n))
    follows = 0.0 if t + n == length and ended else values[t + n]
    return paid + gamma**n * follows - values[t]


@settings(max_examples=60, deadline=None)
@given(batches(), st.integers(1, 8), st.floats(0, 1))
def test_both_are_the_double_loop(batch, n, lam):
    """GAE as Schulman et al. define it: n-step advantages, mixed with weights (1-λ) λ^(n-1)."""
    rewards, mask, gamma, critic = batch
    steps, mixed = np.zeros_like(rewards), np.zeros_like(rewards)
    for i, t in np.argwhere(mask):
        length, values = mask[i].sum(), critic["values"][i]
        row = (rewards[i], length, critic["terminated"][i].any(), values, gamma, t)
        steps[i, t] = by_definition(*row, n)
        last = length - t
        mixed[i, t] = lam ** (last - 1) * by_definition(*row, last) + sum(
            (1 - lam) * lam ** (k - 1) * by_definition(*row, k) for k in range(1, last)
        )
    np.testing.assert_allclose(n_step(rewards, mask, gamma=gamma, n=n, **critic), steps, atol=1e-12)
    np.testing.assert_allclose(
        gae(rewards, mask, gamma=gamma, lam=lam, **critic), mixed, atol=1e-12
    )


@settings(max_examples=60, deadline=None)
@given(batches(), st.floats(0, 1))
def test_identities(batch, lam):
    rewards, mask, gamma, critic = batch
    values, ended = critic["values"], critic["terminated"]

    def psi(lam=lam, **changed):
        return gae(rewards, mask, gamma=gamma, lam=lam, **{**critic, **changed})

    # the two ends of λ are the two ends of n
    np.testing.assert_allclose(psi(0), n_step(rewards, mask, gamma=gamma, n=1, **critic))
    longest = n_step(rewards, mask, gamma=gamma, n=rewards.shape[1], **critic)
    np.testing.assert_allclose(psi(1), longest, atol=1e-12)
    # λ = 1 is Monte Carlo minus V: the values between now and the end cancel
    last = (mask.sum(axis=1) - 1)[:, None]
    follows = np.take_along_axis(np.where(ended, 0, values[:, 1:]), last, axis=1)
    with_follows = rewards + gamma * follows * (np.arange(rewards.shape[1]) == last)
    to_go = reward_to_go(with_follows, mask, gamma=gamma)
    np.testing.assert_allclose(psi(1), to_go - values[:, :-1] * mask, atol=1e-12)
    # without a critic, λ is one more discount
    discounted = reward_to_go(rewards, mask, gamma=gamma * lam)
    np.testing.assert_allclose(psi(values=0 * values), discounted, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(batches(), st.sampled_from(sorted(OWN)))
def test_what_stands_behind_the_end_never_counts(batch, name):
    rewards, mask, gamma, critic = batch
    psi = WEIGHTS[name](rewards, mask, gamma=gamma, **OWN[name], **critic)
    assert (psi[~mask] == 0).all() and psi.shape == rewards.shape and psi.dtype == np.float64
    lengths, ends = mask.sum(axis=1)[:, None], critic["terminated"].any(axis=1, keepdims=True)
    behind = np.arange(rewards.shape[1] + 1) > lengths - ends
    critic = {**critic, "values": np.where(behind, np.nan, critic["values"])}
    rewards = np.where(mask, rewards, np.nan)
    assert np.array_equal(WEIGHTS[name](rewards, mask, gamma=gamma, **OWN[name], **critic), psi)


def test_standardised_weights_have_mean_0_and_deviation_1_where_episodes_run():
    psi = standardise(np.where(MASK, REWARDS, 0), MASK)
    running = psi[MASK == 1]
    assert abs(running.mean()) < 1e-12 and abs(running.std() - 1) < 1e-12
    assert (psi[MASK == 0] == 0).all()
    # 1, 2, 4, 5, 3, -1: mean 7/3, variance 56/6 - 49/9
    assert psi[0, 0] == pytest.approx((1 - 7 / 3) / np.sqrt(56 / 6 - 49 / 9))
    assert (standardise(np.full((3, 3), 7.0), MASK) == 0).all()


@pytest.mark.parametrize("value", [100000.3, 20000.1, -8.1, 0.1, 37 * 0.1, 1e-300, -1e300, 0.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 640), (7, 3), (1000, 16)])
def test_equal_weights_standardise_to_0_whatever_their_size(value, shape):
    """Up to rounding: values that differ in their last digit are equal too."""
    psi, mask = np.full(shape, value), np.ones(shape)
    assert (standardise(psi, mask) == 0).all()
    if psi.size > 1:
        psi.flat[::2] = np.nextafter(value, np.inf)
        assert value == 0 or (standardise(psi, mask) == 0).all()


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1.0, 1e200])
def test_a_standardised_batch_does_not_know_its_unit(scale):
    psi, mask = np.array([[1.0, 2.0, 4.0]]), np.ones((1, 3))
    np.testing.assert_allclose(standardise(scale * psi, mask), standardise(psi, mask), rtol=1e-12)
    shifted = 1e6 + psi * 2.0**-10  # a spread of a billionth is a spread
    np.testing.assert_allclose(standardise(shifted, mask), standardise(psi, mask), rtol=1e-5)


def test_a_value_of_nan_that_counts_is_seen():
    values = VALUES.copy()
    values[1, 0] = np.nan
    for name, own in OWN.items():
        psi = WEIGHTS[name](REWARDS, MASK, **own, values=values, terminated=ENDED)
        assert np.isnan(psi[1, 0]) and np.isfinite(psi[[0, 2]]).all()


def test_the_table_of_needs_names_the_settings():
    assert NEEDS_VALUES == {name: next(iter(own)) for name, own in OWN.items()}
    assert set(NEEDS_VALUES) < set(WEIGHTS)


SHAPES = [
    ({"values": VALUES[:, 1:]}, r"values: expected shape \(3, 4\), got \(3, 3\)"),
    ({"terminated": VALUES}, r"terminated: expected shape \(3, 3\), got \(3, 4\)"),
    ({"mask": MASK[:, 1:]}, r"expected .* got \(3, 3\) and \(3, 2\)"),
    ({"gamma": 1.1}, r"gamma: expected a number in \[0, 1\], got 1.1"),
]


@pytest.mark.parametrize(
    ("name", "changed", "message"),
    [
        *((name, *row) for name in sorted(OWN) for row in SHAPES),
        ("n_step", {"n": 0}, "n: expected a whole number >= 1, got 0"),
        ("n_step", {"n": 1.5}, "n: expected a whole number >= 1, got 1.5"),
        ("gae", {"lam": -0.1}, r"lam: expected a number in \[0, 1\], got -0.1"),
        ("gae", {"lam": np.nan}, r"lam: expected a number in \[0, 1\], got nan"),
    ],
)
def test_nonsense_is_refused(name, changed, message):
    sound = {"rewards": REWARDS, "mask": MASK, "gamma": 1.0, **OWN[name], **CRITIC}
    with pytest.raises(ValueError, match=message):
        WEIGHTS[name](**{**sound, **changed})


def test_what_cannot_be_standardised_is_refused():
    with pytest.raises(ValueError, match=r"got \(3, 3\) and \(3, 2\)"):
        standardise(np.ones((3, 3)), np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"expected a running step, got \(3, 3\) without one"):
        standardise(np.ones((3, 3)), np.zeros((3, 3)))
