"""The softmax table: probabilities, logarithms, the closed-form score."""

import numpy as np
import pytest
import torch
from hypothesis import given
from pgbook import mdp as exact
from pgbook.mdp import Trajectory, random_mdp
from pgbook.policies import log_softmax_policy, one_hot, random_theta, score, softmax_policy
from strategies import problems


def test_probabilities_by_hand():
    """Logits 0 and log 3 give 1/4 and 3/4; so do logits shifted by any constant."""
    theta = np.array([[[0.0, np.log(3)], [1000.0, 1000.0 + np.log(3)]]])
    np.testing.assert_allclose(softmax_policy(theta), [[[0.25, 0.75], [0.25, 0.75]]])
    np.testing.assert_allclose(log_softmax_policy(theta), np.log([[[0.25, 0.75], [0.25, 0.75]]]))


def test_logarithms_do_not_underflow():
    theta = [[[0.0, 1000.0]]]
    assert softmax_policy(theta).tolist() == [[[0.0, 1.0]]]
    assert log_softmax_policy(theta).tolist() == [[[-1000.0, 0.0]]]


@given(problems())
def test_probabilities_are_positive_and_sum_to_one(problem):
    _, theta = problem
    policy = softmax_policy(theta)
    assert policy.shape == theta.shape and (policy > 0).all()
    np.testing.assert_allclose(policy.sum(axis=-1), 1)
    np.testing.assert_allclose(np.log(policy), log_softmax_policy(theta), atol=1e-12)


def test_the_score_by_hand():
    """One trajectory of two steps: s = 0, 1 and a = 1, 0; the rows of other states stay 0."""
    policy = np.array([[[0.9, 0.1], [0.5, 0.5]], [[0.2, 0.8], [0.6, 0.4]]])
    path = Trajectory(np.array([0, 1, 0]), np.array([1, 0]))
    expected = [[[-0.9, 0.9], [0, 0]], [[0, 0], [0.4, -0.4]]]
    np.testing.assert_allclose(score(policy, path), expected, atol=1e-15)


@given(problems(max_horizon=3))
def test_the_score_is_the_gradient_of_the_log_probability(problem):
    """Closed form against autograd of the sum of log-softmax entries along the trajectory."""
    mdp, theta = problem
    policy = softmax_policy(theta)
    paths = exact.sample_trajectories(mdp, policy, 4, np.random.default_rng(0))
    closed = score(policy, paths)
    assert closed.shape == (4, *mdp.policy_shape)
    for states, actions, expected in zip(*paths, closed, strict=True):
        leaf = torch.tensor(theta, requires_grad=True)
        log_policy = torch.log_softmax(leaf, dim=-1)
        sum(log_policy[t, states[t], actions[t]] for t in range(mdp.horizon)).backward()
        np.testing.assert_allclose(leaf.grad.numpy(), expected, atol=1e-12)


@given(problems(max_states=2, max_horizon=3))
def test_the_score_is_the_central_difference_of_the_trajectory_log_probability(problem):
    mdp, theta = problem
    every, h = exact.enumerate_trajectories(mdp), 1e-5
    closed = score(softmax_policy(theta), every).reshape(len(every.states), -1)
    for k in range(theta.size):
        step = h * one_hot(k, theta.size).reshape(theta.shape)
        up, down = (
            exact.trajectory_log_prob(mdp, softmax_policy(theta + sign * step), every)
            for sign in (1, -1)
        )
        np.testing.assert_allclose((up - down) / (2 * h), closed[:, k], atol=1e-8)


@given(problems())
def test_the_score_has_mean_zero(problem):
    mdp, theta = problem
    policy = softmax_policy(theta)
    mean, _ = exact.exact_moments(mdp, policy, lambda path: score(policy, path))
    np.testing.assert_allclose(mean, np.zeros(mdp.policy_shape), atol=1e-12)


def test_one_hot_adds_an_axis():
    assert one_hot([[2, 0]], 3).tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert one_hot(1, 2).tolist() == [0, 1]


def test_random_theta_fits_the_process_and_repeats():
    mdp = random_mdp(0)
    assert random_theta(3, mdp).shape == mdp.policy_shape
    assert np.array_equal(random_theta(3, mdp), random_theta(3, mdp))
    assert not np.array_equal(random_theta(3, mdp), random_theta(4, mdp))


@pytest.mark.parametrize("function", [softmax_policy, log_softmax_policy])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite_are_refused(function, bad):
    with pytest.raises(ValueError, match="theta: expected finite numbers, got 1 of 4 NaN or inf"):
        function([[[0.0, 1.0], [bad, 0.0]]])
