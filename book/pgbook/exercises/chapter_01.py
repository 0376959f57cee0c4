"""Chapter 1: a mean over trajectories, and the same number without listing them."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip
from pgbook.mdp import (
    FiniteMDP,
    enumerate_trajectories,
    random_mdp,
    rewards,
    trajectory_prob,
)
from pgbook.policies import random_theta, softmax_policy

# --- 1.4 a mean over a list ----------------------------------------------------------------------


def _lists():
    rng = np.random.default_rng(0)
    yield Case("two trajectories of one step", (np.array([0.25, 0.75]), np.array([[4.0], [8.0]])))
    yield Case("one trajectory", (np.array([1.0]), np.array([[1.0, 2.0, 4.0]])))
    yield Case("five of three steps", (rng.dirichlet(np.ones(5)), rng.normal(size=(5, 3))))
    whole = np.array([[1, 0, 2, 0], [0, 0, 3, 1], [5, 1, 1, 1]])
    yield Case("rewards that are whole numbers", (np.array([0.5, 0.2, 0.3]), whole))
    rare = np.array([0.0, 0.9, 0.1])
    yield Case("one that cannot happen", (rare, np.array([[100.0, 100.0], [1.0, 2.0], [3.0, 4.0]])))


MEAN_RETURN = Exercise(
    id="1.4",
    asks="Return J, the mean of the returns over a list of trajectories.",
    call="mean_return(prob, rewards)",
    cases=lambda: tuple(_lists()),
    answer=lambda prob, rewards: sum(
        p * r for p, row in zip(prob, rewards, strict=True) for r in row
    ),
    slips=(
        Slip(
            "unweighted",
            "it averages as if all trajectories were equally likely",
            "weigh each return with its probability: (prob * returns).sum()",
            lambda prob, rewards: rewards.sum(axis=1).mean(),
        ),
        Slip(
            "mean-over-steps",
            "it takes the mean reward of a trajectory where the return is the sum",
            "rewards.sum(axis=1), not .mean(axis=1)",
            lambda prob, rewards: prob @ rewards.mean(axis=1),
        ),
        Slip(
            "mean-over-everything",
            "it averages over the steps and over the list, and uses no probability",
            "(prob * rewards.sum(axis=1)).sum()",
            lambda prob, rewards: rewards.mean(),
        ),
        Slip(
            "weighted-and-averaged",
            "it weighs with the probabilities and then divides by the number of trajectories too",
            "the probabilities already add up to 1: a sum, not a mean",
            lambda prob, rewards: (prob * rewards.sum(axis=1)).mean(),
        ),
        Slip(
            "most-likely-only",
            "it is the return of the likeliest trajectory alone",
            "every trajectory counts, as often as it happens",
            lambda prob, rewards: rewards[prob.argmax()].sum(),
        ),
        Slip(
            "last-reward-only",
            "it counts the last reward of each trajectory alone",
            "rewards.sum(axis=1) adds all of them",
            lambda prob, rewards: prob @ rewards[:, -1],
        ),
        Slip(
            "last-reward-lost",
            "the last reward of each trajectory is missing",
            "a slice [:T - 1] or a range that ends one early: there are T rewards",
            lambda prob, rewards: prob @ rewards[:, :-1].sum(axis=1),
        ),
    ),
)

# --- 1.5 the same without a list -----------------------------------------------------------------


def _worlds():
    yield Case("one step", _parts(0, num_states=2, horizon=1))
    yield Case("three steps", _parts(1, num_states=2, horizon=3))
    yield Case("three states, three actions", _parts(2, num_states=3, num_actions=3, horizon=3))
    yield Case("one action only", _parts(3, num_states=2, num_actions=1, horizon=4))


def _parts(seed, **sizes):
    mdp = random_mdp(seed, **sizes)
    return mdp.start, mdp.transition, mdp.reward, softmax_policy(random_theta(seed, mdp))


def _listed(start, transition, reward, policy):
    """J by listing every trajectory: another route than the recursion that is asked for."""
    mdp = FiniteMDP(start, transition, reward, len(policy))
    every = enumerate_trajectories(mdp)
    return trajectory_prob(mdp, policy, every) @ rewards(mdp, every).sum(axis=1)


def _recursion(start, transition, reward, policy, last=None, best=False):
    value = np.zeros(len(start)) if last is None else last
    for table in policy[::-1]:
        q = reward + transition @ value
        value = q.max(axis=1) if best else (table * q).sum(axis=1)
    return start @ value


WITHOUT_A_LIST = Exercise(
    id="1.5",
    asks="Return J by going backwards from the last step, without listing a trajectory.",
    call="backwards(start, transition, reward, policy)",
    cases=lambda: tuple(_worlds()),
    answer=_listed,
    slips=(
        Slip(
            "best-action",
            "it takes the best action's value: that is the optimum, not the value of this policy",
            "(policy[t] * q).sum(axis=1), the mean over the policy's actions",
            lambda *parts: _recursion(*parts, best=True),
        ),
        Slip(
            "clock-backwards",
            "the policy's tables are used in the order of the recursion, first table last",
            "at step t the table is policy[t], and t runs from T - 1 down to 0",
            lambda start, P, r, pi: _recursion(start, P, r, pi[::-1]),
        ),
        Slip(
            "first-table-only",
            "it uses policy[0] at every step",
            "policy[t]: the table depends on the step",
            lambda start, P, r, pi: _recursion(start, P, r, np.repeat(pi[:1], len(pi), axis=0)),
        ),
        Slip(
            "uniform-start",
            "it averages the values of the states as if every start were equally likely",
            "start @ value",
            lambda start, P, r, pi: _recursion(np.full(len(start), 1 / len(start)), P, r, pi),
        ),
        Slip(
            "first-state-only",
            "it is the value of state 0, as if every episode began there",
            "start @ value",
            lambda start, P, r, pi: _recursion(np.eye(len(start))[0], P, r, pi),
        ),
        Slip(
            "uniform-actions",
            "it takes the plain mean over the actions, and so the value of another policy",
            "(policy[t] * q).sum(axis=1)",
            lambda start, P, r, pi: _recursion(start, P, r, np.full_like(pi, 1 / pi.shape[2])),
        ),
        Slip(
            "one-step-short",
            "one step is missing: the last of the T rewards is never counted",
            "the recursion starts with zeros and takes T steps, t = T - 1, ..., 0",
            lambda start, P, r, pi: _recursion(start, P, r, pi[:-1]),
        ),
        Slip(
            "final-state-pays",
            "the final state is paid for, too: T + 1 rewards in place of T",
            "start the recursion with zeros: nothing is paid after the last action",
            lambda start, P, r, pi: _recursion(start, P, r, pi, (pi[-1] * r).sum(axis=1)),
        ),
        Slip(
            "dynamics-transposed",
            "the dynamics are read the wrong way round, from the next state to this one",
            "transition[s, a, s'] is P(s' | s, a): reward + transition @ value",
            lambda start, P, r, pi: _recursion(start, P.transpose(2, 1, 0), r, pi),
        ),
    ),
)

EXERCISES = (MEAN_RETURN, WITHOUT_A_LIST)
