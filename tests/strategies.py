"""Random problems for the property tests: distributions, MDPs, logits and policies."""

import numpy as np
from hypothesis import strategies as st
from pgbook.mdp import FiniteMDP
from pgbook.policies import softmax_policy


@st.composite
def distributions(draw, shape):
    """Draw distributions along the last axis of `shape`; about half of them are sparse."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = rng.exponential(size=shape)
    if draw(st.booleans()):
        keep = rng.random(shape) < 0.5
        keep |= np.arange(shape[-1]) == rng.integers(shape[-1], size=(*shape[:-1], 1))
        weights = weights * keep
    return weights / weights.sum(axis=-1, keepdims=True)


@st.composite
def mdps(draw, max_states=3, max_actions=3, max_horizon=4):
    """Draw an MDP small enough to enumerate; start and dynamics may hold zeros."""
    states, actions = draw(st.integers(1, max_states)), draw(st.integers(1, max_actions))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return FiniteMDP(
        start=draw(distributions((states,))),
        transition=draw(distributions((states, actions, states))),
        reward=rng.normal(size=(states, actions)),
        horizon=draw(st.integers(1, max_horizon)),
    )


@st.composite
def thetas(draw, mdp):
    """Draw logits for an MDP, from nearly uniform to nearly deterministic."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return draw(st.sampled_from([0.1, 1.0, 5.0])) * rng.normal(size=mdp.policy_shape)


@st.composite
def problems(draw, **sizes):
    """Draw an MDP and the logits of a softmax policy for it."""
    mdp = draw(mdps(**sizes))
    return mdp, draw(thetas(mdp))


@st.composite
def problems_with_policy(draw, **sizes):
    """Draw an MDP and a softmax policy for it."""
    mdp, theta = draw(problems(**sizes))
    return mdp, softmax_policy(theta)
