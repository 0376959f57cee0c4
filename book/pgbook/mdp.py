r"""A finite Markov decision process small enough to know everything about.

Every trajectory can be listed, so an expectation is a plain sum; backward dynamic programming
gives the same numbers by another route. That makes this module the referee of the book: what an
estimator does on average is not argued here, it is added up.

Shapes: T steps, S states, A actions. Arrays are float64; `policy[t, s, a]` is
$\pi_\theta(a \mid s)$ at step t; gradients are with respect to the softmax logits `theta`,
[T, S, A].
"""

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import torch

from pgbook import expect

ENUMERATION_LIMIT = 2_000_000


class Trajectory(NamedTuple):
    r"""$\tau = (s_0, a_0, \dots, s_{T-1}, a_{T-1}, s_T)$, or a batch of them.

    Attributes:
        states: integers, shape [..., T+1]: there is one state more than there are actions.
        actions: integers, shape [..., T].
    """

    states: np.ndarray
    actions: np.ndarray


@dataclass(frozen=True, eq=False)
class FiniteMDP:
    """A finite MDP with a finite horizon, checked when it is made.

    Attributes:
        start: start-state distribution rho_0(s_0), shape [S].
        transition: dynamics P(s' | s, a), shape [S, A, S].
        reward: r(s, a), shape [S, A].
        horizon: number of actions T, at least 1.

    Raises:
        ValueError: something else than real numbers, a shape does not fit, a probability is
            negative or NaN, a distribution does not sum to 1, a reward is not finite, or the
            horizon is not a whole number of at least 1.
    """

    start: np.ndarray
    transition: np.ndarray
    reward: np.ndarray
    horizon: int

    def __post_init__(self):
        object.__setattr__(self, "horizon", expect.whole("horizon", self.horizon, 1))
        reward = expect.numbers("reward", self.reward, finite=True)
        if reward.ndim != 2 or 0 in reward.shape:
            raise ValueError(f"reward: expected shape [S, A], got {reward.shape}")
        states, actions = reward.shape
        start = expect.distribution("start", self.start, (states,))
        dynamics = expect.distribution("transition", self.transition, (states, actions, states))
        for field, array in zip(fields(self), (start, dynamics, reward), strict=False):
            own = array.copy()
            own.flags.writeable = False
            object.__setattr__(self, field.name, own)

    @property
    def num_states(self):
        """The number of states S."""
        return self.reward.shape[0]

    @property
    def num_actions(self):
        """The number of actions A."""
        return self.reward.shape[1]

    @property
    def policy_shape(self):
        """The shape of a policy or of its logits, (T, S, A)."""
        return (self.horizon, self.num_states, self.num_actions)


def random_mdp(seed, *, num_states=3, num_actions=2, horizon=4):
    """Return an MDP with flat-Dirichlet start and dynamics and standard normal rewards."""
    num_states = expect.whole("num_states", num_states, 1)
    num_actions = expect.whole("num_actions", num_actions, 1)
    rng = np.random.default_rng(expect.whole("seed", seed, 0))
    return FiniteMDP(
        start=rng.dirichlet(np.ones(num_states)),
        transition=rng.dirichlet(np.ones(num_states), size=(num_states, num_actions)),
        reward=rng.normal(size=(num_states, num_actions)),
        horizon=horizon,
    )


def greedy_trap(horizon=4):
    """Return an MDP in which the largest next reward is the wrong first step.

    State 0 is a crossroads. Action 0 ("grab") pays 1 there and leads to the poor state 1; action 1
    ("walk on") pays nothing there and leads to the rich state 2, which pays 1 a step to who grabs.
    From horizon 3 on it is better to walk on.
    """
    return FiniteMDP(
        start=[1.0, 0.0, 0.0],
        transition=[
            [[0.1, 0.9, 0.0], [0.1, 0.0, 0.9]],
            [[0.1, 0.9, 0.0], [0.2, 0.8, 0.0]],
            [[0.0, 0.1, 0.9], [0.5, 0.0, 0.5]],
        ],
        reward=[[1.0, 0.0], [0.1, 0.0], [1.0, 0.0]],
        horizon=horizon,
    )


# --- every trajectory -------------------------------------------------------------------------


def count_trajectories(mdp):
    """Return how many trajectories start and dynamics allow, without listing them."""
    branches = (mdp.transition > 0).sum(axis=1)
    ways = (mdp.start > 0).astype(object)  # Python integers do not overflow
    for _ in range(mdp.horizon):
        ways = ways @ branches.astype(object)
    return int(ways.sum())


def enumerate_trajectories(mdp, limit=ENUMERATION_LIMIT):
    """Return every trajectory that start and dynamics allow, in lexicographic order.

    Args:
        mdp: the process.
        limit: the largest number of trajectories to list.

    Returns:
        A `Trajectory` with states [M, T+1] and actions [M, T].

    Raises:
        ValueError: there are more than `limit`, and the message gives the count; or the limit is
            no whole number.
    """
    count = count_trajectories(mdp)
    if count > expect.whole("limit", limit, 0):
        raise ValueError(f"expected at most {limit:,} trajectories to enumerate, got {count:,}")
    source, action, target = np.nonzero(mdp.transition)  # sorted by source, then action
    fanout = np.bincount(source, minlength=mdp.num_states)
    first = np.cumsum(fanout) - fanout
    last, edges, parents = np.flatnonzero(mdp.start), [], []
    roots = last
    for _ in range(mdp.horizon):  # breadth first: each path grows by every edge out of its end
        width = fanout[last]
        parent = np.repeat(np.arange(len(last)), width)
        edge = np.arange(len(parent)) + np.repeat(first[last] - np.cumsum(width) + width, width)
        last = target[edge]
        edges.append(edge)
        parents.append(parent)
    states = np.empty((mdp.horizon + 1, count), dtype=np.intp)
    actions = np.empty((mdp.horizon, count), dtype=np.intp)
    path = np.arange(count)
    for t in reversed(range(mdp.horizon)):  # walk back from each leaf to its root
        edge = edges[t].take(path)
        target.take(edge, out=states[t + 1], mode="clip")  # "clip" lets take write in place
        action.take(edge, out=actions[t], mode="clip")
        path = parents[t].take(path)
    states[0] = roots[path]
    return Trajectory(states.T, actions.T)


def sample_trajectories(mdp, policy, episodes, rng):
    """Draw trajectories by running the policy in the process, all episodes at once.

    Args:
        mdp: the process.
        policy: probabilities, shape [T, S, A].
        episodes: how many, N, at least 1.
        rng: a `numpy.random.Generator`, the only source of randomness.

    Returns:
        A `Trajectory` with states [N, T+1] and actions [N, T].

    Raises:
        ValueError: the policy does not fit the process, `episodes` is no whole number of at least
            1, or `rng` is no generator.
    """
    policy, rng = _expect_policy(mdp, policy), expect.generator(rng)
    episodes = expect.whole("episodes", episodes, 1)
    states = np.empty((mdp.horizon + 1, episodes), dtype=np.intp)
    actions = np.empty((mdp.horizon, episodes), dtype=np.intp)
    states[0] = _draw(mdp.start[None], np.zeros(episodes, dtype=np.intp), rng)
    dynamics = mdp.transition.reshape(-1, mdp.num_states)
    for t in range(mdp.horizon):
        actions[t] = _draw(policy[t], states[t], rng)
        states[t + 1] = _draw(dynamics, states[t] * mdp.num_actions + actions[t], rng)
    return Trajectory(states.T, actions.T)


def rewards(mdp, trajectory):
    """Return r_t = r(s_t, a_t), shape [..., T]; the final state earns nothing.

    Raises:
        ValueError: the trajectory is not one of this process: its length, a state or an action.
    """
    return _rewards(mdp, *expect.trajectory(trajectory, mdp.policy_shape))


def returns(mdp, trajectory):
    """Return R(tau), the sum of the T rewards, shape [...]; raises what `rewards` raises."""
    return rewards(mdp, trajectory).sum(axis=-1)


def trajectory_prob(mdp, policy, trajectory):
    """Return p_theta(tau) = rho_0(s_0) prod_t pi(a_t|s_t) P(s_{t+1}|s_t,a_t), shape [...].

    Raises:
        ValueError: the policy or the trajectory does not fit the process.
    """
    expected = expect.trajectory(trajectory, mdp.policy_shape)
    return _probability(mdp, _expect_policy(mdp, policy), *expected)


def trajectory_log_prob(mdp, policy, trajectory):
    """Return log p_theta(tau) as a sum of logarithms, in nats, shape [...]; log 0 is -inf.

    Raises:
        ValueError: the policy or the trajectory does not fit the process.
    """
    states, actions = expect.trajectory(trajectory, mdp.policy_shape)
    policy = _expect_policy(mdp, policy)
    with np.errstate(divide="ignore"):
        log_start, log_dynamics = np.log(mdp.start), np.log(mdp.transition)
        log_policy = np.log(policy)
    log_prob = log_start[states[..., 0]]
    for t in range(mdp.horizon):
        state, action = states[..., t], actions[..., t]
        log_prob = log_prob + log_policy[t][state, action]
        log_prob = log_prob + log_dynamics[state, action, states[..., t + 1]]
    return log_prob


def exact_moments(mdp, policy, estimator):
    """Return the exact mean and covariance of an estimator that sees one trajectory.

    Args:
        mdp: the process, small enough to enumerate.
        policy: probabilities, shape [T, S, A].
        estimator: a function of a `Trajectory` batch of M that returns M estimates, shape [M, ...].

    Returns:
        The mean, shape [...], and the covariance of the D flattened components, shape [D, D].

    Raises:
        ValueError: too many trajectories, or the estimates are not real numbers, M of them.
    """
    trajectory = enumerate_trajectories(mdp)
    prob = trajectory_prob(mdp, policy, trajectory)
    estimates = expect.numbers("estimator", estimator(trajectory))
    if estimates.shape[:1] != prob.shape:
        raise ValueError(f"estimator: expected shape [{len(prob)}, ...], got {estimates.shape}")
    flat = estimates.reshape(len(prob), -1)
    mean = prob @ flat
    centred = flat - mean
    return mean.reshape(estimates.shape[1:]), centred.T @ (prob[:, None] * centred)


def enumerated_objective(mdp, policy):
    """Return J = sum over all trajectories of p_theta(tau) R(tau)."""
    policy, every = _expect_policy(mdp, policy), enumerate_trajectories(mdp)
    return float(_probability(mdp, policy, *every) @ _rewards(mdp, *every).sum(axis=-1))


def enumerated_gradient(mdp, policy):
    """Return the gradient of J, shape [T, S, A]: the sum of p_theta(tau) score(tau) R(tau).

    The score of one trajectory has T non-zero rows, so the M x T x S x A array of
    `policies.score` is never built: its weighted sum is T histograms.
    """
    policy, every = _expect_policy(mdp, policy), enumerate_trajectories(mdp)
    weight = _probability(mdp, policy, *every) * _rewards(mdp, *every).sum(axis=-1)
    result = np.empty(mdp.policy_shape)
    for t in range(mdp.horizon):
        pair = every.states[:, t] * mdp.num_actions + every.actions[:, t]
        mass = np.bincount(pair, weight, policy[t].size).reshape(policy[t].shape)
        result[t] = mass - policy[t] * mass.sum(axis=-1, keepdims=True)
    return result


# --- backward dynamic programming -------------------------------------------------------------


def values(mdp, policy):
    """Return V [T+1, S] and Q [T, S, A], the expected reward still to come under the policy."""
    policy = _expect_policy(mdp, policy)
    return _backward(mdp, lambda t, q: (policy[t] * q).sum(axis=-1))


def optimal_values(mdp):
    """Return V* [T+1, S] and Q* [T, S, A]: the same recursion with the best action's value."""
    return _backward(mdp, lambda t, q: q.max(axis=-1))


def state_distribution(mdp, policy):
    """Return d_t(s) = Pr(s_t = s), shape [T+1, S]."""
    policy = _expect_policy(mdp, policy)
    distribution = np.empty((mdp.horizon + 1, mdp.num_states))
    distribution[0] = mdp.start
    dynamics = mdp.transition.reshape(-1, mdp.num_states)
    for t in range(mdp.horizon):
        distribution[t + 1] = (distribution[t][:, None] * policy[t]).ravel() @ dynamics
    return distribution


def objective(mdp, policy):
    """Return J by dynamic programming: rho_0 times V_0. Cost grows with T, not with S**T."""
    return float(mdp.start @ values(mdp, policy)[0][0])


def gradient(mdp, policy):
    """Return the gradient of J, shape [T, S, A], by dynamic programming.

    Raising theta[t, s, a] moves probability to action a at step t in state s. That state is met
    with probability d_t(s), and the action is better than the average there by Q - V.
    """
    policy = _expect_policy(mdp, policy)
    value, action_value = values(mdp, policy)
    visited = state_distribution(mdp, policy)[:-1, :, None]
    return visited * policy * (action_value - value[:-1, :, None])


def torch_objective(mdp, theta):
    """Return J(theta) as a differentiable float64 scalar, by the Bellman recursion in torch.

    Args:
        mdp: the process.
        theta: logits, a float64 tensor of shape [T, S, A].

    Raises:
        ValueError: theta is no tensor, or of another type or shape.
    """
    dtype, shape = getattr(theta, "dtype", type(theta)), tuple(getattr(theta, "shape", ()))
    if dtype != torch.float64 or shape != mdp.policy_shape:
        raise ValueError(
            f"theta: expected a torch.float64 tensor of shape {mdp.policy_shape}, "
            f"got {dtype}, {shape}"
        )
    policy = torch.softmax(theta, dim=-1)
    dynamics, reward = torch.tensor(mdp.transition), torch.tensor(mdp.reward)
    value = torch.zeros(mdp.num_states, dtype=torch.float64)
    for t in reversed(range(mdp.horizon)):
        value = (policy[t] * (reward + dynamics @ value)).sum(dim=-1)
    return torch.tensor(mdp.start) @ value


def _backward(mdp, evaluate):
    """Run the Bellman recursion; `evaluate(t, Q_t)` says what a state's actions are worth."""
    value = np.zeros((mdp.horizon + 1, mdp.num_states))
    action_value = np.empty(mdp.policy_shape)
    for t in reversed(range(mdp.horizon)):
        action_value[t] = mdp.reward + mdp.transition @ value[t + 1]
        value[t] = evaluate(t, action_value[t])
    return value, action_value


def _rewards(mdp, states, actions):
    pair = states[..., :-1] * mdp.num_actions + actions
    return mdp.reward.ravel()[pair]


def _probability(mdp, policy, states, actions):
    prob = mdp.start[states[..., 0]]
    step_prob = policy[..., None] * mdp.transition  # [T, S, A, S]
    for t in range(mdp.horizon):  # one flat index is faster than three
        pair = states[..., t] * mdp.num_actions + actions[..., t]
        prob = prob * step_prob[t].ravel()[pair * mdp.num_states + states[..., t + 1]]
    return prob


def _draw(table, row, rng):
    """Draw one column for each entry of `row` from the distributions in `table` [rows, columns].

    The column is the number of cumulative probabilities that a uniform number has passed: a few
    gathers and comparisons of whole arrays instead of a search for every episode.
    """
    cumulative = np.cumsum(table, axis=1)
    uniform = rng.random(len(row))
    return sum(
        (uniform >= cumulative[:, column][row] for column in range(table.shape[1] - 1)),
        start=np.zeros(len(row), dtype=np.intp),
    )


def _expect_policy(mdp, policy):
    return expect.distribution("policy", policy, mdp.policy_shape)
