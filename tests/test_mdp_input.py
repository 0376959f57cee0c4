"""What the finite MDP refuses, and what its errors say: what was expected and what came."""

import numpy as np
import pytest
import torch
from pgbook import mdp as exact
from pgbook.mdp import FiniteMDP, Trajectory

START = [0.75, 0.25]
HALF = [[[0.5, 0.5], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]]
REWARD = [[1.0, 2.0], [-3.0, 10.0]]
MDP = FiniteMDP(START, HALF, REWARD, horizon=2)
POLICY = np.full((2, 2, 2), 0.5)


def one(states, actions):
    return Trajectory(np.array(states), np.array(actions))


def test_the_record_is_frozen_and_its_arrays_are_its_own_and_read_only():
    start = np.array(START)
    mdp = FiniteMDP(start, HALF, REWARD, horizon=2)
    start[:] = [0, 1]
    assert mdp.start.tolist() == START and mdp.start.dtype == np.float64
    with pytest.raises(AttributeError):
        mdp.horizon = 3
    assert mdp == mdp and mdp != MDP and len({mdp, MDP}) == 2  # one process is one object
    for array in (mdp.start, mdp.transition, mdp.reward):
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 0.5


BAD = {
    "start sums to 0.9": ({"start": [0.4, 0.5]}, "start: .* sum to 1, got a sum of 0.9"),
    "start negative": ({"start": [1.5, -0.5]}, "start: .*>= 0, got a least value of -0.5"),
    "start NaN": ({"start": [np.nan, 1.0]}, "start: .*>= 0, got .* nan"),
    "start shape": ({"start": [1.0]}, r"start: expected shape \(2,\), got \(1,\)"),
    "dynamics sum": (
        {"transition": [*HALF[:1], [[0.5, 0.5], [0.5, 0.7]]]},
        "transition: .* sum to 1, got a sum of 1.2",
    ),
    "dynamics sum too small": (
        {"transition": [*HALF[:1], [[0.5, 0.5], [0.5, 0.2]]]},
        "transition: .* sum to 1, got a sum of 0.7",
    ),
    "dynamics negative": ({"transition": np.array(HALF) * [3, -1]}, "least value of -0.5"),
    "dynamics NaN": ({"transition": np.full((2, 2, 2), np.nan)}, "transition: .* got .* nan"),
    "dynamics shape": (
        {"transition": np.ones((2, 2, 1))},
        r"transition: expected shape \(2, 2, 2\), got \(2, 2, 1\)",
    ),
    "reward NaN": ({"reward": [[0, np.nan], [0, 0]]}, "reward: expected finite .* got 1 of 4 NaN"),
    "reward infinite": (
        {"reward": [[0, np.inf], [0, 0]]},
        "reward: expected finite .* 1 of 4 NaN or inf",
    ),
    "reward shape": ({"reward": [0.0, 1.0]}, r"reward: expected shape \[S, A\], got \(2,\)"),
    "no actions": ({"reward": np.ones((2, 0))}, r"reward: expected shape \[S, A\], got \(2, 0\)"),
    "horizon 0": ({"horizon": 0}, "horizon: expected a whole number >= 1, got 0"),
    "horizon 2.0": ({"horizon": 2.0}, "horizon: expected a whole number >= 1, got 2.0"),
}


@pytest.mark.parametrize("changes, message", BAD.values(), ids=BAD)
def test_a_bad_process_is_refused_with_what_was_expected_and_what_came(changes, message):
    settings = {"start": START, "transition": HALF, "reward": REWARD, "horizon": 2} | changes
    with pytest.raises(ValueError, match=message):
        FiniteMDP(**settings)


USES = {
    "values": lambda policy: exact.values(MDP, policy),
    "objective": lambda policy: exact.objective(MDP, policy),
    "gradient": lambda policy: exact.gradient(MDP, policy),
    "state_distribution": lambda policy: exact.state_distribution(MDP, policy),
    "enumerated_objective": lambda policy: exact.enumerated_objective(MDP, policy),
    "enumerated_gradient": lambda policy: exact.enumerated_gradient(MDP, policy),
    "exact_moments": lambda policy: exact.exact_moments(MDP, policy, lambda path: path.states),
    "sample": lambda policy: exact.sample_trajectories(MDP, policy, 3, np.random.default_rng(0)),
    "prob": lambda policy: exact.trajectory_prob(MDP, policy, one([0, 0, 0], [0, 0])),
    "log_prob": lambda policy: exact.trajectory_log_prob(MDP, policy, one([0, 0, 0], [0, 0])),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_bad_policy_is_refused_wherever_one_is_used(use):
    with pytest.raises(ValueError, match=r"policy: expected shape \(2, 2, 2\), got \(2, 2\)"):
        use(POLICY[0])
    with pytest.raises(ValueError, match="policy: .* sum to 1, got a sum of 0.5"):
        use(POLICY / 2)
    with pytest.raises(ValueError, match="policy: .*>= 0, got a least value of -1"):
        use(np.broadcast_to([2.0, -1.0], (2, 2, 2)))
    with pytest.raises(ValueError, match="policy: .*>= 0, got a least value of nan"):
        use(np.full((2, 2, 2), np.nan))


@pytest.mark.parametrize("function", [exact.trajectory_prob, exact.trajectory_log_prob])
def test_a_trajectory_of_another_length_is_refused(function):
    message = r"trajectory: expected states \[..., 3\] and actions \[..., 2\] .* got "
    with pytest.raises(ValueError, match=message + r"\(2,\) and \(1,\)"):
        function(MDP, POLICY, one([0, 0], [0]))
    with pytest.raises(ValueError, match=message + r"\(4,\) and \(3,\)"):
        function(MDP, POLICY, one([0, 0, 0, 0], [0, 0, 0]))


def test_other_bad_shapes_are_refused():
    with pytest.raises(ValueError, match=r"theta: .* shape \(2, 2, 2\), got .* \(2, 2\)"):
        exact.torch_objective(MDP, torch.zeros(2, 2, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"estimator: expected shape \[32, ...\], got \(3,\)"):
        exact.exact_moments(MDP, POLICY, lambda path: np.zeros(3))
