"""The softmax table: a policy with one logit for each step, state and action.

`theta[t, s, a]` are the parameters, `policy[t, s, a]` the probabilities they give. The table is
indexed by the step because the state of a finite-horizon problem includes the clock; a stationary
policy is the special case in which the T tables are equal.
"""

import numpy as np
from scipy.special import log_softmax, softmax


def softmax_policy(theta):
    r"""Return the probabilities of a softmax table.

    $\pi_\theta(a \mid s) = e^{\theta_{t,s,a}} / \sum_b e^{\theta_{t,s,b}}$ at step t.

    Args:
        theta: logits, shape [T, S, A] (any leading shape will do), dimensionless.

    Returns:
        Probabilities of the same shape; the last axis sums to 1.

    Raises:
        ValueError: a logit is NaN or infinite.
    """
    return softmax(_finite(theta), axis=-1)


def log_softmax_policy(theta):
    r"""Return $\log \pi_\theta(a \mid s)$ for a softmax table, in nats.

    Args:
        theta: logits, shape [T, S, A].

    Raises:
        ValueError: a logit is NaN or infinite.
    """
    return log_softmax(_finite(theta), axis=-1)


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
    """
    policy = np.asarray(policy)
    _, num_states, num_actions = policy.shape
    visited = one_hot(trajectory.states[..., :-1], num_states)[..., None]
    chosen = one_hot(trajectory.actions, num_actions)[..., None, :]
    return visited * (chosen - policy)


def one_hot(index, size):
    """Return a float64 array with a 1 at `index` of a new last axis of length `size`."""
    return np.eye(size)[np.asarray(index)]


def random_theta(seed, mdp):
    """Return standard normal logits of the shape that `mdp` needs, [T, S, A]."""
    return np.random.default_rng(seed).normal(size=mdp.policy_shape)


def _finite(theta):
    theta = np.asarray(theta, dtype=float)
    if not np.isfinite(theta).all():
        bad = int((~np.isfinite(theta)).sum())
        raise ValueError(
            f"theta: expected finite logits, got {bad} of {theta.size} NaN or infinite"
        )
    return theta
