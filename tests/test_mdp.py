"""The referee: every exact number by a second route, from hand-worked cases to random problems."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from naive import brute_force, in_a_loop
from pgbook import mdp as exact
from pgbook.mdp import FiniteMDP, Trajectory, greedy_trap, random_mdp
from pgbook.policies import one_hot, random_theta, score, softmax_policy
from scipy.stats import chi2
from strategies import distributions, mdps, problems, problems_with_policy

# Two states, two actions, two steps. Action 0 stays, action 1 moves to the other state for sure.
START = [0.75, 0.25]
MOVES = [[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]
REWARD = [[1.0, 2.0], [-3.0, 10.0]]
TINY = FiniteMDP(START, MOVES, REWARD, horizon=2)
# Step 0: stay with probability 0.9 in state 0, 0.5 in state 1; step 1: 0.2 and 0.6.
POLICY = np.array([[[0.9, 0.1], [0.5, 0.5]], [[0.2, 0.8], [0.6, 0.4]]])


def one(states, actions):
    return Trajectory(np.array(states), np.array(actions))


# --- by hand ------------------------------------------------------------------------------------


def test_a_trajectory_worked_by_hand():
    """From s = 0, 1, 0 with a = 1, 1: move for 2, move back for 10."""
    path = one([0, 1, 0], [1, 1])
    assert exact.rewards(TINY, path).tolist() == [2.0, 10.0]
    assert exact.returns(TINY, path) == 12.0
    assert exact.trajectory_prob(TINY, POLICY, path) == pytest.approx(0.75 * 0.1 * 0.4)
    log_prob = exact.trajectory_log_prob(TINY, POLICY, path)
    assert log_prob == pytest.approx(np.log(0.75) + np.log(0.1) + np.log(0.4))


def test_the_values_worked_by_hand():
    """V_1 = (0.2 + 1.6, -1.8 + 4) = (1.8, 2.2); Q_0 = r + V_1 of where the action leads."""
    value, action_value = exact.values(TINY, POLICY)
    np.testing.assert_allclose(value[2], [0, 0])
    np.testing.assert_allclose(value[1], [1.8, 2.2])
    np.testing.assert_allclose(action_value[1], REWARD)
    np.testing.assert_allclose(action_value[0], [[2.8, 4.2], [-0.8, 11.8]])
    np.testing.assert_allclose(value[0], [0.9 * 2.8 + 0.1 * 4.2, 5.5])
    objective = 0.75 * 2.94 + 0.25 * 5.5
    assert exact.objective(TINY, POLICY) == pytest.approx(objective)
    assert exact.enumerated_objective(TINY, POLICY) == pytest.approx(objective)
    distribution = exact.state_distribution(TINY, POLICY)
    np.testing.assert_allclose(distribution[:2], [START, [0.675 + 0.125, 0.075 + 0.125]])
    np.testing.assert_allclose(distribution[2], [0.8 * 0.2 + 0.2 * 0.4, 0.8 * 0.8 + 0.2 * 0.6])


def test_the_gradient_of_a_bandit_worked_by_hand():
    """One state, one step: dJ/dθ_b = π_b (r_b - J)."""
    bandit = FiniteMDP([1.0], np.ones((1, 3, 1)), [[1.0, 2.0, 6.0]], horizon=1)
    policy = np.array([[[0.5, 0.25, 0.25]]])  # J = 2.5
    for gradient in (exact.gradient, exact.enumerated_gradient):
        np.testing.assert_allclose(gradient(bandit, policy), [[[-0.75, -0.125, 0.875]]])


def test_optimal_values_worked_by_hand():
    """V*_1 = (2, 10): from state 0 it pays to move to state 1, which is worth 12."""
    value, action_value = exact.optimal_values(TINY)
    np.testing.assert_allclose(value, [[12, 12], [2, 10], [0, 0]])
    np.testing.assert_allclose(action_value[0], [[3, 12], [7, 12]])


def test_random_mdp_is_random_and_repeatable():
    first, again, other = random_mdp(0), random_mdp(0), random_mdp(1)
    for name in ("start", "transition", "reward"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
    assert first.policy_shape == (4, 3, 2)
    assert random_mdp(0, num_states=5, num_actions=4, horizon=7).policy_shape == (7, 5, 4)
    assert (first.transition > 0).all() and (first.start > 0).all()


# --- enumeration --------------------------------------------------------------------------------


@given(mdps(max_horizon=3))
def test_enumeration_lists_what_a_loop_over_all_tuples_lists_in_order(mdp):
    states, actions = exact.enumerate_trajectories(mdp)
    listed = list(zip(map(tuple, states.tolist()), map(tuple, actions.tolist()), strict=True))
    assert sorted(listed) == sorted(brute_force(mdp))
    in_time = [  # s0, a0, s1, a1, ...
        [x for pair in zip(states, (*actions, -1), strict=True) for x in pair]
        for states, actions in listed
    ]
    assert in_time == sorted(in_time)
    assert exact.count_trajectories(mdp) == len(listed)


def test_the_count_needs_no_listing_and_does_not_overflow():
    assert exact.count_trajectories(TINY) == 2 * 2**2
    assert exact.count_trajectories(random_mdp(0)) == 3 * 6**4
    assert exact.count_trajectories(random_mdp(0, horizon=100)) == 3 * 6**100


def test_enumeration_refuses_and_says_how_many():
    mdp = random_mdp(0, horizon=12)
    with pytest.raises(ValueError, match="at most 2,000,000 .* got 6,530,347,008"):
        exact.enumerate_trajectories(mdp)
    with pytest.raises(ValueError, match="at most 7 trajectories to enumerate, got 8"):
        exact.enumerate_trajectories(TINY, limit=7)
    assert len(exact.enumerate_trajectories(TINY, limit=8).states) == 8
    for function in (exact.enumerated_objective, exact.enumerated_gradient):
        with pytest.raises(ValueError, match="6,530,347,008"):
            function(mdp, np.full(mdp.policy_shape, 0.5))


@given(problems_with_policy())
def test_trajectory_probability_is_the_product_and_sums_to_one(problem):
    mdp, policy = problem
    every = exact.enumerate_trajectories(mdp)
    prob = exact.trajectory_prob(mdp, policy, every)
    assert prob.sum() == pytest.approx(1, abs=1e-12)
    pairs = [in_a_loop(mdp, policy, *path) for path in zip(*every, strict=True)]
    np.testing.assert_allclose(np.transpose([prob, exact.returns(mdp, every)]), pairs, atol=1e-12)
    np.testing.assert_allclose(np.exp(exact.trajectory_log_prob(mdp, policy, every)), prob)


def test_an_impossible_trajectory_has_probability_0_and_log_probability_minus_infinity():
    never = one([[0, 1, 1], [1, 1, 1]], [[0, 0], [0, 0]])  # staying does not change the state
    np.testing.assert_array_equal(exact.trajectory_prob(TINY, POLICY, never) > 0, [False, True])
    log_prob = exact.trajectory_log_prob(TINY, POLICY, never)
    assert log_prob[0] == -np.inf and np.isfinite(log_prob[1])
    stay = np.array([[[1.0, 0.0]] * 2] * 2)
    assert exact.trajectory_log_prob(TINY, stay, one([0, 1, 1], [1, 0])) == -np.inf
    elsewhere = FiniteMDP([1.0, 0.0], MOVES, REWARD, horizon=2)
    assert exact.trajectory_log_prob(elsewhere, POLICY, one([1, 1, 1], [0, 0])) == -np.inf


def test_the_sum_of_logarithms_survives_where_the_product_underflows():
    mdp = random_mdp(0, horizon=2000)
    policy = np.full(mdp.policy_shape, 0.5)
    path = exact.sample_trajectories(mdp, policy, 1, np.random.default_rng(0))
    assert exact.trajectory_prob(mdp, policy, path) == 0.0
    assert -6000 < exact.trajectory_log_prob(mdp, policy, path)[0] < -2000


def test_batches_of_any_leading_shape():
    batch = exact.sample_trajectories(TINY, POLICY, 6, np.random.default_rng(0))
    cube = Trajectory(batch.states.reshape(2, 3, 3), batch.actions.reshape(2, 3, 2))
    for function in (exact.trajectory_prob, exact.trajectory_log_prob):
        expected = function(TINY, POLICY, batch).reshape(2, 3)
        np.testing.assert_allclose(function(TINY, POLICY, cube), expected, rtol=1e-12)
    assert exact.returns(TINY, cube).shape == (2, 3)
    assert exact.rewards(TINY, cube).shape == (2, 3, 2)


# --- J and its gradient -------------------------------------------------------------------------


@given(problems_with_policy())
def test_enumeration_and_dynamic_programming_give_one_objective(problem):
    expected = exact.enumerated_objective(*problem)
    assert exact.objective(*problem) == pytest.approx(expected, abs=1e-12)


@given(problems(max_states=2, max_horizon=3))
def test_five_gradients_agree(problem):
    """Enumeration, dynamic programming, autograd, the score's moment, central differences."""
    mdp, theta = problem
    policy, h = softmax_policy(theta), 1e-5
    differences = np.empty(theta.shape)
    for index in np.ndindex(theta.shape):
        step = h * one_hot(np.ravel_multi_index(index, theta.shape), theta.size)
        step = step.reshape(theta.shape)
        up, down = (
            exact.enumerated_objective(mdp, softmax_policy(theta + sign * step)) for sign in (1, -1)
        )
        differences[index] = (up - down) / (2 * h)
    leaf = torch.tensor(theta, requires_grad=True)
    exact.torch_objective(mdp, leaf).backward()
    moment, _ = exact.exact_moments(
        mdp,
        policy,
        lambda path: score(policy, path) * exact.returns(mdp, path)[:, None, None, None],
    )
    expected = exact.gradient(mdp, policy)
    np.testing.assert_allclose(exact.enumerated_gradient(mdp, policy), expected, atol=1e-12)
    np.testing.assert_allclose(leaf.grad.numpy(), expected, atol=1e-12)
    np.testing.assert_allclose(moment, expected, atol=1e-12)
    np.testing.assert_allclose(differences, expected, atol=1e-8)


@given(problems())
def test_torch_objective_is_the_objective(problem):
    mdp, theta = problem
    value = exact.torch_objective(mdp, torch.tensor(theta))
    assert value.dtype == torch.float64 and value.shape == ()
    assert value.item() == pytest.approx(exact.objective(mdp, softmax_policy(theta)), abs=1e-12)


def test_dynamic_programming_reaches_horizon_1000():
    mdp = random_mdp(0, horizon=1000)
    theta = random_theta(0, mdp)
    leaf = torch.tensor(theta, requires_grad=True)
    exact.torch_objective(mdp, leaf).backward()
    gradient = exact.gradient(mdp, softmax_policy(theta))
    np.testing.assert_allclose(leaf.grad.numpy(), gradient, atol=1e-12)


@given(problems_with_policy())
def test_state_distribution_is_the_marginal_of_the_trajectories(problem):
    mdp, policy = problem
    every = exact.enumerate_trajectories(mdp)
    prob = exact.trajectory_prob(mdp, policy, every)
    marginal = np.tensordot(prob, one_hot(every.states, mdp.num_states), axes=1)
    np.testing.assert_allclose(exact.state_distribution(mdp, policy), marginal, atol=1e-12)


@given(problems_with_policy())
def test_values_are_conditional_expectations_of_the_reward_to_come(problem):
    mdp, policy = problem
    every = exact.enumerate_trajectories(mdp)
    prob = exact.trajectory_prob(mdp, policy, every)
    to_go = exact.rewards(mdp, every)[:, ::-1].cumsum(axis=1)[:, ::-1]
    value, action_value = exact.values(mdp, policy)
    assert not value[-1].any()
    for t in range(mdp.horizon):
        for s, a in np.ndindex(mdp.num_states, mdp.num_actions):
            here = prob * (every.states[:, t] == s)
            assert here @ to_go[:, t] == pytest.approx(here.sum() * value[t, s], abs=1e-12)
            there = here * (every.actions[:, t] == a)
            expected = there.sum() * action_value[t, s, a]
            assert there @ to_go[:, t] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_optimal_values_are_the_best_of_all_deterministic_policies(seed):
    mdp = random_mdp(seed, num_states=2, num_actions=2, horizon=3)
    tables = itertools.product(range(2), repeat=3 * 2)
    policies = (one_hot(np.reshape(table, (3, 2)), 2) for table in tables)
    every = np.array([exact.values(mdp, policy)[0][0] for policy in policies])
    value, action_value = exact.optimal_values(mdp)
    np.testing.assert_allclose(value[0], every.max(axis=0), atol=1e-12)
    best = one_hot(action_value.argmax(axis=-1), 2)
    assert exact.objective(mdp, best) == pytest.approx(mdp.start @ value[0])


@pytest.mark.parametrize("horizon", [3, 4, 6])
def test_greedy_is_worse_than_optimal_in_the_greedy_trap(horizon):
    trap = greedy_trap(horizon)
    greedy = np.broadcast_to(one_hot(trap.reward.argmax(axis=1), 2), trap.policy_shape)
    value, action_value = exact.optimal_values(trap)
    assert exact.objective(trap, greedy) < 0.9 * (trap.start @ value[0])
    assert trap.reward[0].argmax() != action_value[0, 0].argmax()


def test_the_greedy_trap_worked_by_hand():
    """Three steps. Greedy: 1 + 0.1 * 1.19 + 0.9 * 0.29; walking on: 0.1 * 1.19 + 0.9 * 1.91."""
    trap = greedy_trap(3)
    value, _ = exact.optimal_values(trap)
    np.testing.assert_allclose(value[2], [1, 0.1, 1])
    np.testing.assert_allclose(value[1], [1.19, 0.29, 1.91])
    assert value[0, 0] == pytest.approx(1.838)
    always_grab = np.broadcast_to([1.0, 0.0], trap.policy_shape)
    assert exact.objective(trap, always_grab) == pytest.approx(1.38)
    assert trap.start.tolist() == [1, 0, 0] and greedy_trap().horizon == 4


# --- moments and samples ------------------------------------------------------------------------


def test_exact_moments_by_hand():
    """A coin of probability 1/4 that pays 8: mean 2, variance 64 * 3/16 = 12."""
    coin = FiniteMDP([1.0], np.ones((1, 2, 1)), [[0.0, 8.0]], horizon=1)
    mean, covariance = exact.exact_moments(
        coin, [[[0.75, 0.25]]], lambda path: np.outer(exact.returns(coin, path), [1, -2])
    )
    np.testing.assert_allclose(mean, [2, -4])
    np.testing.assert_allclose(covariance, [[12, -24], [-24, 48]])


def test_exact_moments_against_a_large_sample():
    """Mean and covariance within 5 standard errors of 200,000 trajectories, seed 0."""
    mdp = random_mdp(0)
    policy = softmax_policy(random_theta(0, mdp))

    def estimator(path):
        return score(policy, path) * exact.returns(mdp, path)[:, None, None, None]

    mean, covariance = exact.exact_moments(mdp, policy, estimator)
    assert mean.shape == mdp.policy_shape and covariance.shape == (24, 24)
    rng = np.random.default_rng(0)
    sample = estimator(exact.sample_trajectories(mdp, policy, 200_000, rng)).reshape(-1, 24)
    error = np.sqrt(np.diag(covariance) / len(sample))
    assert (np.abs(sample.mean(axis=0) - mean.ravel()) < 5 * error).all()
    centred = sample - mean.ravel()
    second = (centred**2).T @ centred**2 / len(sample) - covariance**2  # variance of products
    gap = np.abs(centred.T @ centred / len(sample) - covariance)
    assert (gap < 5 * np.sqrt(np.maximum(second, 0) / len(sample)) + 1e-12).all()


def test_sampled_trajectories_have_the_frequencies_of_their_probabilities():
    """Chi-square over all cells that expect at least 5 of 100,000, the rest pooled; seed 0."""
    transition = np.array(random_mdp(0, num_states=3).transition)
    transition[1, 0] = [0, 0, 1]  # and something impossible
    mdp = FiniteMDP([0.5, 0.1, 0.4], transition, np.zeros((3, 2)), horizon=3)
    policy = softmax_policy(random_theta(1, mdp))
    sample = exact.sample_trajectories(mdp, policy, 100_000, np.random.default_rng(0))
    every = exact.enumerate_trajectories(mdp)
    expected = 100_000 * exact.trajectory_prob(mdp, policy, every)
    keys = {key: i for i, key in enumerate(map(bytes, np.hstack(every).astype("u1")))}
    drawn = [keys[key] for key in map(bytes, np.hstack(sample).astype("u1"))]  # none impossible
    seen = np.bincount(drawn, minlength=len(expected))
    rare = expected < 5
    seen = np.append(seen[~rare], seen[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    statistic = ((seen - expected) ** 2 / expected).sum()
    assert len(expected) > 300 and statistic < chi2.isf(1e-6, len(expected) - 1)


@given(problems_with_policy())
def test_samples_are_possible_and_repeatable(problem):
    mdp, policy = problem
    first, again = (
        exact.sample_trajectories(mdp, policy, 20, np.random.default_rng(7)) for _ in range(2)
    )
    assert first.states.shape == (20, mdp.horizon + 1)
    assert first.actions.shape == (20, mdp.horizon)
    assert (exact.trajectory_prob(mdp, policy, first) > 0).all()
    np.testing.assert_array_equal(first.states, again.states)
    np.testing.assert_array_equal(first.actions, again.actions)


@given(distributions((3, 4)))
def test_the_strategies_draw_distributions(table):
    assert (table >= 0).all()
    np.testing.assert_allclose(table.sum(axis=-1), 1)
