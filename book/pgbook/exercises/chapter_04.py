"""Chapter 4: the logarithm of a trajectory's probability, and where the agent is at step t."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip
from pgbook.mdp import (
    FiniteMDP,
    Trajectory,
    enumerate_trajectories,
    random_mdp,
    sample_trajectories,
    trajectory_prob,
)
from pgbook.policies import random_theta, softmax_policy

# --- 4.4 log p of a trajectory -------------------------------------------------------------------


def _trajectories():
    for why, seed, sizes in (
        ("one step", 0, {"num_states": 2, "horizon": 1}),
        ("four steps", 1, {"num_states": 3, "horizon": 4}),
        ("one action only", 2, {"num_states": 2, "num_actions": 1, "horizon": 3}),
        ("700 steps", 3, {"num_states": 3, "num_actions": 3, "horizon": 700}),
    ):
        mdp = random_mdp(seed, **sizes)
        policy = softmax_policy(random_theta(seed, mdp))
        drawn = sample_trajectories(mdp, policy, 1, np.random.default_rng(seed))
        path = drawn.states[0], drawn.actions[0]
        yield Case(why, (mdp.start, mdp.transition, policy, *path))


def _step_by_step(start, transition, policy, states, actions):
    total = np.log(start[states[0]])
    for t, action in enumerate(actions):
        total += np.log(policy[t, states[t], action])
        total += np.log(transition[states[t], action, states[t + 1]])
    return total


def _terms(start, P, policy, s, a, *, clock=None, own=0):
    t = np.arange(len(a)) if clock is None else clock
    here = s[:-1] if not own else s[1:]
    return np.log(start[s[0]]), np.log(policy[t, here, a]), np.log(P[s[:-1], a, s[1:]])


def _log_prob(*given, weights=(1, 1, 1), skip=0, **how):
    first, ours, moves = _terms(*given, **how)
    return weights[0] * first + weights[1] * ours[skip:].sum() + weights[2] * moves[skip:].sum()


def _product(start, P, policy, s, a):
    prob = start[s[0]]
    for t in range(len(a)):
        prob = prob * policy[t, s[t], a[t]] * P[s[t], a[t], s[t + 1]]
    return np.log(prob)


LOG_PROB = Exercise(
    id="4.4",
    asks="Return the logarithm of a trajectory's probability.",
    call="log_prob(start, transition, policy, states, actions)",
    cases=lambda: tuple(_trajectories()),
    answer=_step_by_step,
    tolerance=1e-9,  # of log(p + 1e-8), which a reader may take for harmless
    slips=(
        Slip(
            "underflow",
            "it takes the log of a product, and 1,400 factors multiply to 0 in a computer",
            "add the logarithms",
            _product,
        ),
        Slip(
            "start-missing",
            "the factor of the start is missing",
            "begin with np.log(start[states[0]])",
            lambda *given: _log_prob(*given, weights=(0, 1, 1)),
        ),
        Slip(
            "dynamics-missing",
            "the factors of the dynamics are missing: allowed in the gradient, not in log p",
            "add np.log(transition[states[t], actions[t], states[t + 1]])",
            lambda *given: _log_prob(*given, weights=(1, 1, 0)),
        ),
        Slip(
            "policy-missing",
            "the factors of the policy are missing",
            "add np.log(policy[t, states[t], actions[t]])",
            lambda *given: _log_prob(*given, weights=(1, 0, 1)),
        ),
        Slip(
            "first-step-missing",
            "the two factors of t = 0 are missing, as in the post this book is made from",
            "t runs from 0 to T - 1",
            lambda *given: _log_prob(*given, skip=1),
        ),
        Slip(
            "next-state",
            "the policy is asked in the state that follows, states[t + 1]",
            "the agent acts where it is: policy[t, states[t], actions[t]]",
            lambda *given: _log_prob(*given, own=1),
        ),
        Slip(
            "first-table-only",
            "it uses policy[0] at every step",
            "policy[t]: the table depends on the step",
            lambda *given: _log_prob(*given, clock=0),
        ),
        Slip(
            "probability",
            "it is the probability, not its logarithm",
            "add the logarithms of the factors",
            lambda *given: np.exp(_step_by_step(*given)),
        ),
        Slip(
            "mean-over-steps",
            "it divides by the number of steps",
            "log p is a sum",
            lambda *given: _step_by_step(*given) / len(given[-1]),
        ),
    ),
)

# --- 4.5 where the agent is ----------------------------------------------------------------------


def _worlds():
    for why, seed, sizes in (
        ("one step", 0, {"num_states": 2, "horizon": 1}),
        ("three steps", 1, {"num_states": 3, "horizon": 3}),
        ("one action only", 2, {"num_states": 3, "num_actions": 1, "horizon": 2}),
        ("three actions", 3, {"num_states": 2, "num_actions": 3, "horizon": 3}),
    ):
        mdp = random_mdp(seed, **sizes)
        yield Case(why, (mdp.start, mdp.transition, softmax_policy(random_theta(seed, mdp))))


def _counted(start, transition, policy):
    """By listing the trajectories and counting: another route than the recursion."""
    states, actions = transition.shape[:2]
    mdp = FiniteMDP(start, transition, np.zeros((states, actions)), len(policy))
    every = enumerate_trajectories(mdp)
    p = trajectory_prob(mdp, policy, Trajectory(*every))
    return np.stack([np.bincount(s, p, states) for s in every.states.T])


def _forwards(start, transition, policy, first=None):
    rows = [start if first is None else first]
    for table in policy:
        rows.append(np.einsum("s,sa,san->n", rows[-1], table, transition))
    return np.array(rows)


MARGINALS = Exercise(
    id="4.5",
    asks="Return the probability of each state at each step 0 to T, without a list.",
    call="marginals(start, transition, policy)",
    cases=lambda: tuple(_worlds()),
    answer=_counted,
    slips=(
        Slip(
            "final-row-missing",
            "there are T actions and T + 1 states: the row of the final state is missing",
            "T + 1 rows, the first one is start",
            lambda *given: _forwards(*given)[:-1],
        ),
        Slip(
            "start-missing",
            "the row of the start is missing",
            "T + 1 rows, the first one is start",
            lambda *given: _forwards(*given)[1:],
        ),
        Slip(
            "dynamics-transposed",
            "the dynamics are read the wrong way round, from the next state to this one",
            "transition[s, a, s'] is P(s' | s, a): add up over s and a",
            lambda start, P, pi: _forwards(start, P.transpose(2, 1, 0), pi),
        ),
        Slip(
            "uniform-actions",
            "all actions count alike, and it is another policy that walks",
            "weigh each action with policy[t, s, a]",
            lambda start, P, pi: _forwards(start, P, np.full_like(pi, 1 / pi.shape[2])),
        ),
        Slip(
            "clock-backwards",
            "the policy's tables are used from the last to the first",
            "from row t to row t + 1 leads policy[t]",
            lambda start, P, pi: _forwards(start, P, pi[::-1]),
        ),
        Slip(
            "first-table-only",
            "it uses policy[0] at every step",
            "policy[t]: the table depends on the step",
            lambda start, P, pi: _forwards(start, P, np.repeat(pi[:1], len(pi), axis=0)),
        ),
        Slip(
            "uniform-start",
            "it begins as if every start were equally likely",
            "the first row is start",
            lambda start, P, pi: _forwards(start, P, pi, np.full_like(start, 1 / len(start))),
        ),
        Slip(
            "greedy-actions",
            "it takes the likeliest action alone, and the others are drawn, too",
            "weigh each action with policy[t, s, a]",
            lambda start, P, pi: _forwards(start, P, np.eye(pi.shape[2])[pi.argmax(axis=2)]),
        ),
    ),
)

EXERCISES = (LOG_PROB, MARGINALS)
