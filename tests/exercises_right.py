"""Right answers to the book's programming exercises, each written in three ways or more."""

import numpy as np
import torch

RIGHT = {}


def answers(id):
    """Register a function that returns right answers to an exercise."""

    def keep(make):
        RIGHT[id] = make()
        return make

    return keep


@answers("1.4")
def mean_return():
    def loops(prob, rewards):
        total = 0.0
        for chance, row in zip(prob, rewards, strict=True):
            total += chance * sum(row)
        return total

    def by_torch(prob, rewards):
        return torch.as_tensor(prob).float() @ torch.as_tensor(rewards).float().sum(1)

    return loops, by_torch, lambda p, r: np.average(r.sum(axis=1), weights=p)


@answers("1.5")
def objective():
    def backwards(start, transition, reward, policy):
        value = np.zeros(len(start))
        for t in reversed(range(len(policy))):
            value = np.einsum("sa,sa->s", policy[t], reward + transition @ value)
        return start @ value

    def forwards(start, transition, reward, policy):
        total, here = 0.0, start.copy()
        for table in policy:
            both = here[:, None] * table
            total += (both * reward).sum()
            here = np.einsum("sa,san->n", both, transition)
        return [total][0]

    def recursive(start, transition, reward, policy):
        def value(t, s):
            if t == len(policy):
                return 0.0
            after = [value(t + 1, n) for n in range(len(start))]
            q = reward[s] + transition[s] @ np.array(after)
            return policy[t, s] @ q

        return sum(chance * value(0, s) for s, chance in enumerate(start))

    return backwards, forwards, recursive
