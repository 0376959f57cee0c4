r"""The second route for windows: two steps of a stream without end, listed from first principles.

Three states, three actions; the action is the next state. The policy's rows are (1/2, 1/4, 1/4),
turned from state to state, so each state is met a third of the time. The critic is right, and the
truth is $(1-\gamma)\nabla\sum_s\mu(s)V_\gamma(s)$ with $\mu$ held fixed, by autograd through the
linear system of the values.
"""

import itertools
from types import SimpleNamespace

import torch

GAMMA, WHOLE = 0.75, 48
POLICY = torch.tensor([[2.0, 1, 1], [1, 2, 1], [1, 1, 2]], dtype=torch.float64).log()
PAYS = torch.tensor([[0.4, -0.3, 1.1], [0.9, 0.2, -0.6], [-0.8, 1.3, 0.1]], dtype=torch.float64)
WINDOWS = list(itertools.product(range(3), repeat=3))  # the first state and two actions


def values(theta):
    """Return V(s), [3]: the solution of V = r + gamma P V."""
    policy = torch.softmax(theta, -1)  # also the chain: the action is the next state
    return torch.linalg.solve(torch.eye(3).double() - GAMMA * policy, (policy * PAYS).sum(-1))


def gradient():
    """Return the truth, [3, 3]."""
    theta = POLICY.clone().requires_grad_()
    return torch.autograd.grad((1 - GAMMA) * values(theta).mean(), theta)[0]


def chance(window):
    """Return the probability of a window."""
    state, first, second = window
    policy = torch.softmax(POLICY, -1)
    return policy[state, first] * policy[first, second] / 3


def batch(windows):
    """Return what a loss gets for a list of windows, with the names of `pgbook.audit.Batch`."""
    theta = POLICY.clone().requires_grad_()
    courses = torch.tensor(windows)
    states, actions = courses[:, :2], courses[:, 1:]
    logits = theta[states]
    every = torch.log_softmax(logits, -1)
    log_prob = every.gather(-1, actions[..., None])[..., 0]
    right, ones = values(POLICY), torch.ones(states.shape, dtype=torch.float64)
    return SimpleNamespace(
        theta=theta,
        logits=logits,
        log_prob=log_prob,
        old_log_prob=log_prob.detach(),
        ref_log_prob=log_prob.detach() - 0.1,
        entropy=-(every.exp() * every).sum(-1),
        actions=actions,
        states=states,
        next_states=actions,
        prompts=torch.zeros(len(windows), dtype=torch.int64),
        rewards=PAYS[states, actions],
        mask=ones,
        terminated=0 * ones,
        truncated=0 * ones,
        values=right[states],
        next_values=right[actions],
        gamma=GAMMA,
    )


def batches(group):
    """Yield (probability, batch) for every ordered batch of `group` windows."""
    for chosen in itertools.product(WINDOWS, repeat=group):
        yield torch.stack([chance(window) for window in chosen]).prod(), batch(chosen)


def in_proportion(times):
    """Return one batch that holds each window as often as the policy says, 48 `times` in all."""
    counts = {w: round(WHOLE * times * float(chance(w))) for w in WINDOWS}
    return batch([w for w, count in counts.items() for _ in range(count)])
