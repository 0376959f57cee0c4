"""The softmax table: a policy with one logit for each step, state and action.

`theta[t, s, a]` are the parameters, `policy[t, s, a]` the probabilities they give. The table is
indexed by the step because the state of a finite-horizon problem includes the clock; a stationary
policy is the special case in which the T tables are equal.
"""

import numpy as np
from scipy.special import log_softmax, softmax

from pgbook import expect


def softmax_policy(theta):
    r"""Return the probabilities of a softmax table.

    $\pi_\theta(a \mid s) = e^{\theta_{t,s,a}} / \sum_b e^{\theta_{t,s,b}}$ at step t.

    Args:
        theta: logits, shape [T, S, A] (any leading shape will do), dimensionless.

    Returns:
        Probabilities of the same shape; the last axis sums to 1.

    Raises:
        ValueError: a logit is NaN or infinite, or there is none.
    """
    return softmax(_logits(theta), axis=-1)


def log_softmax_policy(theta):
    r"""Return $\log \pi_\theta(a \mid s)$ for a softmax table, in nats.

    Args:
        theta: logits, shape [T, S, A].

    Raises:
        ValueError: a logit is NaN or infinite, or there is none.
    """
    return log_softmax(_logits(theta), axis=-1)


def score(policy, trajectory):
    r"""Return the closed-form score of trajectories under a softmax table.

    $\partial \log\pi_\theta(a_t \mid s_t) / \partial\theta_{t,s,b}
    = 1[s = s_t]\,(1[b = a_t] - \pi_\theta(b \mid s_t))$.
    Step t has logits of its own, so the sum over t that makes the score of a whole trajectory
    fills disjoint rows: entry [..., t, :, :] is the score of step t alone.

    Args:
        policy: probabilities $\pi_\theta$, shape [T, S, A].
        trajectory: anything with `states` [..., T+1] and `actions` [..., T].

    Returns:
        Shape [..., T, S, A].

    Raises:
        ValueError: no table of probabilities (logits, say), or a trajectory of another number of
            steps or with a state or an action that the table does not have.
    """
    policy = expect.numbers("policy", policy)
    if policy.ndim != 3 or policy.size == 0:
        raise ValueError(f"policy: expected shape [T, S, A], got {policy.shape}")
    policy = expect.distribution("policy", policy, policy.shape)
    states, actions = expect.trajectory(trajectory, policy.shape)
    visited = one_hot(states[..., :-1], policy.shape[1])[..., None]
    chosen = one_hot(actions, policy.shape[2])[..., None, :]
    return visited * (chosen - policy)


def one_hot(index, size):
    """Return a float64 array with a 1 at `index` of a new last axis of length `size`.

    Raises:
        ValueError: an index that is no integer from 0 to size - 1.
    """
    size = expect.whole("size", size, 1)
    return np.eye(size)[expect.indices("index", index, size)]


def random_theta(seed, mdp):
    """Return standard normal logits of the shape that `mdp` needs, [T, S, A]."""
    return np.random.default_rng(expect.whole("seed", seed, 0)).normal(size=mdp.policy_shape)


def _logits(theta):
    theta = expect.numbers("theta", theta, finite=True)
    if theta.ndim == 0 or theta.shape[-1] == 0:
        raise ValueError(f"theta: expected logits [..., A >= 1], got shape {theta.shape}")
    return theta
