"""The package's pure functions once more, the naive way: Python's numbers, loops, definitions."""

import itertools
import math

import numpy as np


def brute_force(mdp):
    """List every (states, actions) that start and dynamics allow, with loops over all tuples."""
    for states in itertools.product(range(mdp.num_states), repeat=mdp.horizon + 1):
        for actions in itertools.product(range(mdp.num_actions), repeat=mdp.horizon):
            steps = zip(states, actions, states[1:], strict=False)
            if mdp.start[states[0]] * np.prod([mdp.transition[step] for step in steps]) > 0:
                yield states, actions


def in_a_loop(mdp, policy, states, actions):
    """Return the probability and the return of one trajectory, factor by factor."""
    prob, total = mdp.start[states[0]], 0.0
    for t in range(mdp.horizon):
        here, action, there = states[t], actions[t], states[t + 1]
        prob *= policy[t, here, action] * mdp.transition[here, action, there]
        total += mdp.reward[here, action]
    return prob, total


def listed(mdp):
    """Every trajectory in the order of s_0, a_0, s_1, a_1, ..."""

    def in_time(path):
        return [x for pair in zip(path[0], (*path[1], -1), strict=True) for x in pair]

    states, actions = zip(*sorted(brute_force(mdp), key=in_time), strict=True)
    return np.array(states), np.array(actions)


def for_each(function, trajectory):
    """Apply a function of (states, actions), two tuples of integers, to each of a batch."""
    states, actions = (np.asarray(part) for part in (trajectory.states, trajectory.actions))
    batch = list(np.ndindex(states.shape[:-1]))
    answers = np.array([function(states[i].tolist(), actions[i].tolist()) for i in batch])
    return answers.reshape((*states.shape[:-1], *answers.shape[1:])) if batch else None


def rewards(mdp, trajectory):
    def one(states, actions):
        return [mdp.reward[s, a] for s, a in zip(states, actions, strict=False)]

    return for_each(one, trajectory)


def returns(mdp, trajectory):
    def one(states, actions):
        return sum(mdp.reward[s, a] for s, a in zip(states, actions, strict=False))

    return for_each(one, trajectory)


def trajectory_prob(mdp, policy, trajectory):
    return for_each(lambda *path: in_a_loop(mdp, policy, *path)[0], trajectory)


def trajectory_log_prob(mdp, policy, trajectory):
    def one(*path):
        prob = in_a_loop(mdp, policy, *path)[0]
        return math.log(prob) if prob else -math.inf

    return for_each(one, trajectory)


def score_of(policy, states, actions):
    result = np.zeros(policy.shape)
    for t, (s, a) in enumerate(zip(states, actions, strict=False)):
        for b in range(policy.shape[2]):
            result[t, s, b] = (b == a) - policy[t, s, b]
    return result


def score(policy, trajectory):
    return for_each(lambda *path: score_of(policy, *path), trajectory)


def objective(mdp, policy):
    return sum(p * total for p, total in (in_a_loop(mdp, policy, *x) for x in brute_force(mdp)))


def gradient(mdp, policy):
    result = np.zeros(policy.shape)
    for path in brute_force(mdp):
        p, total = in_a_loop(mdp, policy, *path)
        result += p * total * score_of(policy, *path)
    return result


def state_distribution(mdp, policy):
    result = np.zeros((mdp.horizon + 1, mdp.num_states))
    for path in brute_force(mdp):
        for t, s in enumerate(path[0]):
            result[t, s] += in_a_loop(mdp, policy, *path)[0]
    return result


def values(mdp, worth):
    """V and Q by the recursion; `worth(t, s, q)` makes a state's value of its actions'."""

    def q(t, s, a):
        return mdp.reward[s, a] + sum(
            mdp.transition[s, a, then] * v(t + 1, then) for then in range(mdp.num_states)
        )

    def v(t, s):
        if t == mdp.horizon:
            return 0.0
        return worth(t, s, [q(t, s, a) for a in range(mdp.num_actions)])

    steps, states, actions = map(range, mdp.policy_shape)
    value = [[v(t, s) for s in states] for t in range(mdp.horizon + 1)]
    return value, [[[q(t, s, a) for a in actions] for s in states] for t in steps]


def moments(mdp, policy, estimator):
    p = np.array([in_a_loop(mdp, policy, *path)[0] for path in zip(*listed(mdp), strict=True)])
    estimates = estimator(listed(mdp)[0])
    mean = sum(chance * x for chance, x in zip(p, estimates, strict=True))
    pairs = zip(p, (estimates - mean).reshape(len(p), -1), strict=True)
    return mean, sum(chance * np.outer(x, x) for chance, x in pairs)


def log_softmax(theta):
    def row(logits):
        most = max(logits)
        total = most + math.log(sum(math.exp(x - most) for x in logits))
        return [x - total for x in logits]

    return np.apply_along_axis(lambda logits: np.array(row(logits.tolist())), -1, theta)


def weight(name, rewards, mask, *, gamma, values=None, terminated=None, n=None, lam=None):
    """Every Ψ from its definition: a loop over episodes, steps and what comes after."""
    psi, lengths = np.zeros(np.shape(rewards)), [int(sum(row)) for row in mask]

    def total(i, t):
        return math.fsum(gamma ** (k - t) * rewards[i][k] for k in range(t, lengths[i]))

    def steps(i, t, n):
        n = min(n, lengths[i] - t)
        paid = math.fsum(gamma**k * rewards[i][t + k] for k in range(n))
        ends = t + n == lengths[i] and terminated[i][t + n - 1]
        return paid + (0.0 if ends else gamma**n * values[i][t + n]) - values[i][t]

    def mixed(i, t):
        last = lengths[i] - t
        parts = [(1 - lam) * lam ** (k - 1) * steps(i, t, k) for k in range(1, last)]
        return math.fsum(parts) + lam ** (last - 1) * steps(i, t, last)

    def less_mean(i, t):
        running = [j for j, length in enumerate(lengths) if length > t]
        return total(i, t) - math.fsum(total(j, t) for j in running) / len(running)

    def less_others(i):
        others = [total(j, 0) for j in range(len(lengths)) if j != i]
        return total(i, 0) - math.fsum(others) / len(others)

    ways = {
        "total_return": lambda i, t: total(i, 0),
        "reward_to_go": total,
        "reward_to_go_minus_mean": less_mean,
        "leave_one_out": lambda i, t: less_others(i),
        "n_step": lambda i, t: steps(i, t, n),
        "gae": mixed,
    }
    for i, length in enumerate(lengths):
        for t in range(length):
            psi[i, t] = ways[name](i, t)
    return psi


def standardise(psi, mask):
    size = np.abs(psi).max() or 1.0
    running = (psi / size)[mask == 1].tolist()
    mean = math.fsum(running) / len(running)
    spread = math.sqrt(math.fsum((x - mean) ** 2 for x in running) / len(running))
    return np.where(mask, (psi / size - mean) / (spread or 1.0), 0.0)


def z_score(samples, truth):
    worst = 0.0
    for index in np.ndindex(np.shape(truth)):
        column = [float(row[index]) for row in samples]
        mean = math.fsum(column) / len(column)
        variance = math.fsum((x - mean) ** 2 for x in column) / (len(column) - 1)
        worst = max(worst, abs(mean - truth[index]) / math.sqrt(variance / len(column)))
    return worst


def interquartile_mean(samples):
    """The mean of what is left of each column without a quarter of its entries at either end."""
    cut = len(samples) // 4
    return np.sort(samples, axis=0)[cut : len(samples) - cut].mean(axis=0)
