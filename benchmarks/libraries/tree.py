r"""The second route for whole episodes: a world of short completions, listed from first principles.

Nothing here comes from `pgbook.audit`: other world, other code, other truth. A completion is a
sequence of at most two tokens from {stop, a, b}, so each prompt has seven of them; the policy is a
table with one row of logits for each prompt and prefix. The objective is written down as a sum over
completions and autograd differentiates it; a loss's expected update is a sum over every
batch. Probabilities are multiples of 1/64, so one batch can hold the completions in exactly the
policy's proportions: its update is what a group without end would give.
"""

import itertools
import math
from types import SimpleNamespace

import torch

TOKENS, LENGTH, WHOLE = 3, 2, 64
COMPLETIONS = [(0,), *[(first, second) for first in (1, 2) for second in range(3)]]
POLICY = torch.tensor(
    [[3.0, 4, 1], [2, 5, 1], [4, 1, 3], [2, 1, 5], [1, 3, 4], [5, 2, 1]], dtype=torch.float64
).log()
REFERENCE = torch.tensor(
    [[1.0, 2, 3], [4, 2, 3], [1, 1, 2], [5, 2, 2], [3, 1, 1], [1, 2, 2]], dtype=torch.float64
).log()
FIRST_PAYS = torch.tensor([0.0, 0.7, -0.2], dtype=torch.float64)  # for the first of two tokens
PAYS = torch.tensor(
    [[0.3, 1.0, -0.5, 0.8, 0.2, 1.7, -1.1], [2.0, -0.4, 0.6, 0.1, 1.2, -0.9, 0.5]],
    dtype=torch.float64,
)  # at the end of each completion; one total is 0 on purpose, some losses count those
KINDS = ("reverse", "frozen", "forward", "frozen forward")


def rewards(pay):
    """Return the rewards of every completion of both prompts, [2, 7, 2]; `pay` = 0 takes them."""
    paid = torch.zeros(2, len(COMPLETIONS), LENGTH, dtype=torch.float64)
    for y, text in enumerate(COMPLETIONS):
        paid[:, y, len(text) - 1] = PAYS[:, y]
        if len(text) > 1:
            paid[:, y, 0] = FIRST_PAYS[text[0]]
    return pay * paid


def log_probs(theta, prompt):
    """Return log pi(y|x) of a prompt's seven completions, [7], with gradient."""
    rows = torch.log_softmax(theta, -1)[3 * prompt : 3 * prompt + 3]
    second = [rows[y[0], y[1]] if len(y) > 1 else 0 * rows[0, 0] for y in COMPLETIONS]
    return torch.stack([rows[0, y[0]] for y in COMPLETIONS]) + torch.stack(second)


def objective(theta, *, prompts=1, gamma=1.0, pay=1.0, beta=0.0, kl="reverse"):
    """Return the mean over prompts of E[return] - beta KL, with gradient.

    `kl` is "reverse", KL(pi || pi_ref) of whole completions; "forward", KL(pi_ref || pi) of them;
    "frozen" or "frozen forward", the divergences of single tokens, summed, under prefixes that
    come from pi and whose distribution is held fixed.
    """
    discount = torch.tensor([1.0, gamma], dtype=torch.float64)
    total = theta.new_zeros(())
    for prompt in range(prompts):
        new, ref = log_probs(theta, prompt), log_probs(REFERENCE, prompt)
        divergence = {
            "reverse": (new.exp() * (new - ref)).sum(),
            "forward": (ref.exp() * (ref - new)).sum(),
            "frozen": _tokens_divergence(theta, prompt, forward=False),
            "frozen forward": _tokens_divergence(theta, prompt, forward=True),
        }[kl]
        value = (new.exp() * (rewards(pay)[prompt] @ discount)).sum()
        total = total + value - beta * divergence
    return total / prompts


def _tokens_divergence(theta, prompt, forward):
    rows = slice(3 * prompt, 3 * prompt + 3)
    new, ref = torch.log_softmax(theta, -1)[rows], torch.log_softmax(REFERENCE, -1)[rows]
    one, other = (ref, new) if forward else (new, ref)
    reached = torch.cat([new.new_ones(1), new[0, 1:].exp().detach()])  # root, a, b
    return (reached * (one.exp() * (one - other)).sum(-1)).sum()


def gradient(**settings):
    """Return the gradient of `objective` at the policy, [6, 3]."""
    theta = POLICY.clone().requires_grad_()
    return torch.autograd.grad(objective(theta, **settings), theta)[0]


def batch(ids, chosen, *, gamma=1.0, pay=1.0):
    """Return what a loss gets, with the names of `pgbook.audit.Batch`.

    Args:
        ids: the prompt of each completion.
        chosen: which completion it is.
        gamma: the discount.
        pay: a factor of all rewards.
    """
    theta = POLICY.clone().requires_grad_()
    texts = [COMPLETIONS[y] for y in chosen]
    actions = torch.tensor([[*y, *[1] * (LENGTH - len(y))] for y in texts])
    mask = torch.tensor([[1.0] * len(y) + [0.0] * (LENGTH - len(y)) for y in texts]).double()
    prompts = torch.tensor(ids)
    states = torch.stack([3 * prompts, 3 * prompts + actions[:, 0].clamp(min=1)], 1)
    logits, picked = theta[states], actions[..., None]
    every = torch.log_softmax(logits, -1)
    ref = torch.log_softmax(REFERENCE[states], -1).gather(-1, picked)[..., 0]
    log_prob = every.gather(-1, picked)[..., 0]
    wrong = (0.3 * torch.arange(len(theta), dtype=torch.float64)).cos()  # a critic, far off
    return SimpleNamespace(
        theta=theta,
        logits=logits,
        log_prob=log_prob,
        old_log_prob=log_prob.detach(),
        ref_log_prob=ref,
        entropy=-(every.exp() * every).sum(-1),
        actions=actions,
        states=states,
        next_states=torch.cat([states[:, 1:], torch.full_like(states[:, :1], len(theta))], 1),
        prompts=prompts,
        rewards=rewards(pay)[prompts, torch.tensor(chosen)],
        mask=mask,
        terminated=(torch.diff(mask, append=torch.zeros(len(ids), 1)) < 0).double(),
        truncated=torch.zeros_like(mask),
        values=wrong[states],
        next_values=torch.cat([wrong[states[:, 1:]], 0.4 + 0 * wrong[states[:, :1]]], 1),
        gamma=gamma,
    )


def batches(prompts, group, **settings):
    """Yield (probability, batch) for every batch: `group` completions for each prompt.

    A batch stands for all orders of each prompt's completions, with the number of them.
    """
    chances = [log_probs(POLICY, prompt).exp().tolist() for prompt in range(prompts)]
    ids = [k // group for k in range(prompts * group)]
    collections = list(itertools.combinations_with_replacement(range(len(COMPLETIONS)), group))
    for chosen in itertools.product(collections, repeat=prompts):
        orders = math.prod(len(set(itertools.permutations(each))) for each in chosen)
        pairs = [(x, y) for x, each in enumerate(chosen) for y in each]
        chance = orders * math.prod(chances[x][y] for x, y in pairs)
        yield chance, batch(ids, [y for _, y in pairs], **settings)


def in_proportion(prompts, times, **settings):
    """Return one batch of 64 `times` completions, each as often as the policy says."""
    ids, chosen = [], []
    for prompt in range(prompts):
        counts = (WHOLE * times * log_probs(POLICY, prompt).exp()).round().long().tolist()
        chosen += [y for y, count in enumerate(counts) for _ in range(count)]
        ids += [prompt] * sum(counts)
    return batch(ids, chosen, **settings)
