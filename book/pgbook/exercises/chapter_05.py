"""Chapter 5: the score of a trajectory, and the exact gradient without a list."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip
from pgbook.mdp import (
    FiniteMDP,
    enumerated_gradient,
    optimal_values,
    random_mdp,
    state_distribution,
    values,
)
from pgbook.policies import random_theta, softmax_policy

# --- 5.4 the score of a trajectory ---------------------------------------------------------------


def _paths():
    policy = softmax_policy(np.random.default_rng(0).normal(size=(3, 2)))
    one = softmax_policy(np.random.default_rng(1).normal(size=(2, 1)))
    four = softmax_policy(np.random.default_rng(2).normal(size=(4, 3)))
    yield Case("one step", (policy, np.array([1, 0]), np.array([0])))
    yield Case("every state once", (policy, np.array([0, 2, 1, 0]), np.array([1, 0, 1])))
    yield Case("a state twice", (policy, np.array([0, 1, 0, 2]), np.array([1, 1, 0])))
    yield Case(
        "a state and its action twice", (policy, np.array([2, 2, 1, 2]), np.array([0, 0, 1]))
    )
    yield Case("one action only", (one, np.array([0, 1, 0]), np.array([0, 0])))
    yield Case(
        "six steps, three actions",
        (four, np.array([3, 1, 3, 0, 3, 1, 2]), np.array([2, 0, 2, 1, 0, 0])),
    )


def _trajectory_score(policy, states, actions, *, steps=slice(None), ours=1, shared=1):
    result = np.zeros_like(policy)
    for s, a in list(zip(states[: len(actions)], actions, strict=True))[steps]:
        result[s] -= shared * policy[s]
        result[s, a] += ours
    return result


def _visited_once(policy, states, actions):
    visited = np.zeros_like(policy)
    visited[states[:-1]] = 1
    result = -policy * visited
    result[states[:-1], actions] += 1
    return result


def _pair_once(policy, states, actions):
    result = -policy * np.bincount(states[:-1], minlength=len(policy))[:, None]
    result[states[:-1], actions] += 1  # NumPy adds once to an entry that comes twice
    return result


def _everywhere(policy, states, actions):
    result = -policy * len(actions)
    np.add.at(result, (states[:-1], actions), 1)
    return result


def _last_visit(policy, states, actions):
    result = np.zeros_like(policy)
    for s, a in zip(states[:-1], actions, strict=True):
        result[s] = np.eye(policy.shape[1])[a] - policy[s]
    return result


TRAJECTORY_SCORE = Exercise(
    id="5.4",
    asks="Return the score of a trajectory, if one table of logits serves all steps.",
    call="trajectory_score(policy, states, actions)",
    cases=lambda: tuple(_paths()),
    answer=_trajectory_score,
    slips=(
        Slip(
            "pair-counted-once",
            "result[states, actions] += 1 adds 1 only once to an entry that comes twice",
            "np.add.at(result, (states, actions), 1), or a loop over the steps",
            _pair_once,
        ),
        Slip(
            "visit-counted-once",
            "a state that is visited twice is counted once",
            "each visit adds one_hot(a) - policy[s]",
            _visited_once,
        ),
        Slip(
            "probabilities-once",
            "result[states] -= policy[states] takes off only once where a state comes twice",
            "np.subtract.at(result, states, policy[states]), or a loop over the steps",
            lambda policy, s, a: (
                _trajectory_score(policy, s, a, shared=0)
                - policy * np.isin(np.arange(len(policy)), s[:-1])[:, None]
            ),
        ),
        Slip(
            "own-entry-only",
            "only the entry of the action that was taken moves: the others of its row move, too",
            "each visit adds one_hot(a) - policy[s], a whole row",
            lambda policy, s, a: _trajectory_score(policy, s, a, shared=0) * (1 - policy),
        ),
        Slip(
            "overwritten",
            "each visit overwrites the one before it in the same state",
            "result[s] += ..., not result[s] = ...",
            _last_visit,
        ),
        Slip(
            "last-step-only",
            "it is the score of the last step: the sum over the steps is missing",
            "add the scores of all T steps",
            lambda *given: _trajectory_score(*given, steps=slice(-1, None)),
        ),
        Slip(
            "every-state",
            "the probabilities are taken off in every state, visited or not",
            "at step t only the row of states[t] moves",
            _everywhere,
        ),
        Slip(
            "next-state",
            "it fills the row of the state that follows, states[t + 1]",
            "the agent acts in states[t]",
            lambda policy, s, a: _trajectory_score(policy, s[1:], a),
        ),
        Slip(
            "probabilities-forgotten",
            "it counts the actions, and the probabilities are not taken off",
            "one_hot(a) - policy[s]",
            lambda *given: _trajectory_score(*given, shared=0),
        ),
        Slip(
            "one-hot-forgotten",
            "the one-hot of the action that was taken is missing",
            "one_hot(a) - policy[s]",
            lambda *given: _trajectory_score(*given, ours=0),
        ),
        Slip(
            "mean-over-steps",
            "it divides by the number of steps",
            "log p is a sum over the steps, and so is its gradient",
            lambda *given: _trajectory_score(*given) / len(given[-1]),
        ),
    ),
)

# --- 5.5 the exact gradient ----------------------------------------------------------------------


def _worlds():
    for why, seed, sizes in (
        ("one step", 0, {"num_states": 2, "horizon": 1}),
        ("three steps", 1, {"num_states": 2, "horizon": 3}),
        ("three states, three actions", 2, {"num_actions": 3, "horizon": 3}),
        ("one action only", 3, {"num_states": 2, "num_actions": 1, "horizon": 3}),
    ):
        mdp = random_mdp(seed, **sizes)
        policy = softmax_policy(random_theta(seed, mdp))
        yield Case(why, (mdp.start, mdp.transition, mdp.reward, policy))


def _listed(start, transition, reward, policy):
    return enumerated_gradient(FiniteMDP(start, transition, reward, len(policy)), policy)


def _parts(start, transition, reward, policy):
    """Visits d [T + 1, S], values V [T, S, 1], Q [T, S, A], by dynamic programming."""
    mdp = FiniteMDP(start, transition, reward, len(policy))
    V, Q = values(mdp, policy)
    return state_distribution(mdp, policy), V[:-1, :, None], Q


def _of_best(start, transition, reward, policy):
    d, _, _ = _parts(start, transition, reward, policy)
    V, Q = optimal_values(FiniteMDP(start, transition, reward, len(policy)))
    return d[:-1, :, None] * policy * (Q - V[:-1, :, None])


def _from(combine):
    return lambda start, P, r, pi: combine(pi, r, *_parts(start, P, r, pi))


EXACT = Exercise(
    id="5.5",
    asks="Return the exact gradient of J in the logits, without listing a trajectory.",
    call="exact_gradient(start, transition, reward, policy)",
    cases=lambda: tuple(_worlds()),
    answer=_listed,
    slips=(
        Slip(
            "visits-missing",
            "it moves a state as if every episode came through it",
            "multiply by the probability of being in s at step t",
            _from(lambda pi, r, d, V, Q: pi * (Q - V)),
        ),
        Slip(
            "value-not-taken-off",
            "it uses the value of the action alone: raising one logit lowers the other actions",
            "policy * (Q - V)",
            _from(lambda pi, r, d, V, Q: d[:-1, :, None] * pi * Q),
        ),
        Slip(
            "plain-mean",
            "it takes off the plain mean of Q, as if all actions were equally likely",
            "V = (policy[t] * Q).sum(axis=1)",
            _from(
                lambda pi, r, d, V, Q: d[:-1, :, None] * pi * (Q - Q.mean(axis=2, keepdims=True))
            ),
        ),
        Slip(
            "policy-missing",
            "the probability of the action is missing",
            "policy * (Q - V)",
            _from(lambda pi, r, d, V, Q: d[:-1, :, None] * (Q - V)),
        ),
        Slip(
            "next-reward-only",
            "it looks at the reward of step t alone, and not at what comes after it",
            "Q = reward + transition @ V of the next step",
            _from(
                lambda pi, r, d, V, Q: (
                    d[:-1, :, None] * pi * (r - (pi * r).sum(axis=2, keepdims=True))
                )
            ),
        ),
        Slip(
            "best-values",
            "it uses the values of the best policy where it should use those of this one",
            "V = (policy[t] * Q).sum(axis=1)",
            _of_best,
        ),
        Slip(
            "one-step-late",
            "it weighs step t with where the agent is at t + 1",
            "d[t], the distribution of states[t]",
            _from(lambda pi, r, d, V, Q: d[1:, :, None] * pi * (Q - V)),
        ),
        Slip(
            "start-only",
            "it weighs every step with the distribution of the start",
            "d[t + 1] follows from d[t] by policy and dynamics",
            _from(lambda pi, r, d, V, Q: d[:1, :, None] * pi * (Q - V)),
        ),
    ),
)

EXERCISES = (TRAJECTORY_SCORE, EXACT)
