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


@answers("2.5")
def differences():
    def knob_by_knob(f, theta, h):
        theta, slopes = np.array(theta, dtype=float), np.zeros(theta.shape)
        for k in np.ndindex(theta.shape):
            old = theta[k]
            theta[k] = old + h
            up = f(theta)
            theta[k] = old - h
            slopes[k] = (up - f(theta)) / (2 * h)
            theta[k] = old
        return slopes

    def flat(f, theta, h):
        x = theta.ravel().astype(float)
        rows = [x + sign * h * k for k in np.eye(x.size) for sign in (1, -1)]
        ups_and_downs = np.array([f(row.reshape(theta.shape)) for row in rows]).reshape(-1, 2)
        return (ups_and_downs @ [0.5, -0.5]).reshape(theta.shape) / h

    def as_lists(f, theta, h):
        if theta.ndim == 2:
            return [
                [slope(f, theta, h, (i, j)) for j in range(theta.shape[1])]
                for i in range(len(theta))
            ]
        return [slope(f, theta, h, i) for i in range(len(theta))]

    def slope(f, theta, h, k):
        step = np.zeros(theta.shape)
        step[k] = h
        return (f(theta + step) - f(theta - step)) / h / 2

    return knob_by_knob, flat, as_lists


@answers("2.6")
def die_gradient():
    def closed_form(theta, R):
        p = np.exp(theta - theta.max())
        p /= p.sum()
        return p * (R - p @ R)

    def by_torch(theta, R):
        logits = torch.tensor(theta, requires_grad=True)
        (torch.softmax(logits, 0) * torch.tensor(R)).sum().backward()
        return logits.grad

    def double_loop(theta, R):
        p = [1 / sum(np.exp(other - mine) for other in theta) for mine in theta]
        faces = range(len(p))
        return [sum(p[x] * ((x == j) - p[j]) * R[x] for x in faces) for j in faces]

    return closed_form, by_torch, double_loop


@answers("3.5")
def score():
    def closed_form(theta, x):
        p = np.exp(theta - theta.max())
        result = -p / p.sum()
        result[x] += 1
        return result

    def by_torch(theta, x):
        logits = torch.tensor(theta, requires_grad=True)
        return torch.autograd.grad(torch.log_softmax(logits, 0)[x], logits)[0]

    def by_cases(theta, x):
        p = [1 / sum(np.exp(other - mine) for other in theta) for mine in theta]
        return [1 - q if k == x else -q for k, q in enumerate(p)]

    return closed_form, by_torch, by_cases


@answers("3.6")
def estimate():
    def vectorised(theta, x, R):
        p = np.exp(theta) / np.exp(theta).sum()
        return ((np.eye(len(theta))[x] - p) * R[:, None]).mean(axis=0)

    def by_torch(theta, x, R):
        logits = torch.tensor(theta, requires_grad=True)
        log_prob = torch.distributions.Categorical(logits=logits).log_prob(torch.tensor(x))
        (log_prob * torch.tensor(R)).mean().backward()
        return logits.grad

    def by_counts(theta, x, R):
        p = np.exp(theta) / np.exp(theta).sum()
        return np.bincount(x, R, len(theta)) / len(x) - p * R.mean()

    return vectorised, by_torch, by_counts


@answers("4.4")
def log_prob():
    def vectorised(start, transition, policy, states, actions):
        here, after = states[:-1], states[1:]
        ours = policy[np.arange(len(actions)), here, actions]
        return np.log(start[states[0]]) + np.log(ours * transition[here, actions, after]).sum()

    def by_torch(*given):
        start, transition, policy, s, a = map(torch.as_tensor, given)
        factors = torch.cat([start[s[:1]], policy[torch.arange(len(a)), s[:-1], a]])
        return factors.log().sum() + transition[s[:-1], a, s[1:]].log().sum()

    def with_exponents(start, transition, policy, states, actions):
        mantissa, exponent = np.frexp(start[states[0]])
        for t, action in enumerate(actions):
            for factor in (
                policy[t, states[t], action],
                transition[states[t], action, states[t + 1]],
            ):
                mantissa, more = np.frexp(mantissa * factor)
                exponent += more
        return np.log(mantissa) + exponent * np.log(2)

    return vectorised, by_torch, with_exponents


@answers("4.5")
def marginals():
    def matrices(start, transition, policy):
        rows = [start]
        for table in policy:
            rows.append(rows[-1] @ (table[:, :, None] * transition).sum(axis=1))
        return np.stack(rows)

    def loops(start, transition, policy):
        states, actions = transition.shape[:2]
        result = np.zeros((len(policy) + 1, states))
        result[0] = start
        for t in range(len(policy)):
            for s in range(states):
                for a in range(actions):
                    result[t + 1] += result[t, s] * policy[t, s, a] * transition[s, a]
        return result

    def by_torch(start, transition, policy):
        rows = [torch.tensor(start)]
        for table in torch.tensor(policy):
            rows.append(
                torch.einsum("s,sa,san->n", rows[-1], table, torch.as_tensor(transition.copy()))
            )
        return torch.stack(rows)

    return matrices, loops, by_torch
