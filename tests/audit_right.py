"""Right losses in the styles in which people write them: none may be accused.

`styles()` composes a loss from six choices of how to write a thing; `pieces_of_work()` are losses
that follow no grid.
"""

import itertools
import math

import torch
import torch.nn.functional as F
from torch.distributions import Categorical

# --- the log-probability -------------------------------------------------------------------------

LOG_PROBS = {
    "given": lambda b: b.log_prob,
    "gathered": lambda b: F.log_softmax(b.logits, -1).gather(-1, b.actions.unsqueeze(-1))[..., 0],
    "categorical": lambda b: Categorical(logits=b.logits).log_prob(b.actions),
    "cross entropy": lambda b: (
        -F.cross_entropy(b.logits.flatten(0, 1), b.actions.flatten(), reduction="none").view(
            b.actions.shape
        )
    ),
    "one hot": lambda b: torch.einsum(
        "kta,kta->kt",
        F.one_hot(b.actions, b.logits.shape[-1]).to(b.logits),
        b.logits - b.logits.logsumexp(-1, keepdim=True),
    ),
    "table": lambda b: torch.log_softmax(b.theta, 1)[b.states, b.actions],
    "probability": lambda b: (
        torch.softmax(b.logits, -1).gather(-1, b.actions[..., None])[..., 0].log()
    ),
}

# --- the weights, [K, T] or [K, 1] ---------------------------------------------------------------


def loop_to_go(b):
    rows = []
    for rewards, mask in zip(b.rewards, b.mask, strict=True):
        to_go, row = 0.0, []
        for reward, on in zip(reversed(rewards), reversed(mask), strict=True):
            to_go = (reward + to_go) * on
            row.append(to_go)
        rows.append(torch.stack(row[::-1]))
    return torch.stack(rows)


def numbers_to_go(b):
    table = []
    for rewards, mask in zip(b.rewards.tolist(), b.mask.tolist(), strict=True):
        length = int(sum(mask))
        row = [sum(rewards[t:length]) for t in range(length)]
        table.append(row + [0.0] * (len(rewards) - length))
    return torch.tensor(table, dtype=torch.float64)


RETURNS = {
    "sum": lambda b: (b.rewards * b.mask).sum(1, keepdim=True),
    "einsum": lambda b: torch.einsum("kt,kt->k", b.rewards, b.mask)[:, None],
    "where": lambda b: torch.where(b.mask.bool(), b.rewards, 0.0).sum(-1)[:, None],
    "flips": lambda b: (b.rewards * b.mask).flip(1).cumsum(1).flip(1),
    "totals less past": lambda b: (
        (b.rewards * b.mask).sum(1, True) - (b.rewards * b.mask).cumsum(1) + b.rewards * b.mask
    ),
    "triangle": lambda b: (
        (b.rewards * b.mask)
        @ torch.ones(b.rewards.shape[1], b.rewards.shape[1], dtype=b.rewards.dtype).tril()
    ),
    "loop": loop_to_go,
    "numbers": numbers_to_go,
    "filled": lambda b: b.rewards.masked_fill(b.mask == 0, 0.0).sum(dim=1).unsqueeze(1),
}

# --- the baseline --------------------------------------------------------------------------------


def others_loop(psi, b):
    out = []
    for i in range(len(psi)):
        rest = [psi[j] for j in range(len(psi)) if j != i]
        out.append(psi[i] - sum(rest) / len(rest))
    return torch.stack(out)


def others_matrix(psi, b):
    K = len(psi)
    off = (1 - torch.eye(K, dtype=psi.dtype)) / (K - 1)
    return psi - off @ psi


BASELINES = {
    "none": lambda psi, b: psi,
    "others": lambda psi, b: psi - (psi.sum(0, keepdim=True) - psi) / (len(psi) - 1),
    "stretched mean": lambda psi, b: (psi - psi.mean(0)) * len(psi) / (len(psi) - 1),
    "loop over others": others_loop,
    "matrix of others": others_matrix,
    "critic": lambda psi, b: psi - b.values,
    "constant": lambda psi, b: psi - 0.37,
    "of the state": lambda psi, b: psi - torch.tensor([0.3, -1.2, 0.7]).to(psi)[b.states],
    "the next one's": lambda psi, b: psi - psi.roll(1, 0),
    "of the step": lambda psi, b: psi - 0.2 * torch.arange(b.mask.shape[1]).to(psi),
}

# --- what is differentiated ----------------------------------------------------------------------


def clipped(log_prob, psi, b):
    ratio = torch.exp(log_prob - b.old_log_prob)
    return torch.min(ratio * psi, torch.clamp(ratio, 0.8, 1.2) * psi)


def dual_clipped(log_prob, psi, b):
    gain = clipped(log_prob, psi, b)
    return torch.where(psi < 0, torch.maximum(gain, 3 * psi), gain)


SURROGATES = {
    "log": lambda log_prob, psi, b: log_prob * psi.detach(),
    "ratio to itself": lambda log_prob, psi, b: (log_prob - log_prob.detach()).exp() * psi,
    "ratio to old": lambda log_prob, psi, b: (log_prob - b.old_log_prob).exp() * psi,
    "clipped": clipped,
    "dual clipped": dual_clipped,
    "clipped weight": lambda log_prob, psi, b: (
        (log_prob - b.old_log_prob).exp().clamp(max=5.0).detach() * log_prob * psi
    ),
    "over its probability": lambda log_prob, psi, b: log_prob.exp() / log_prob.detach().exp() * psi,
}

# --- the mean ------------------------------------------------------------------------------------


def mean_of_loops(gain, b):
    losses = []
    for k in range(len(gain)):
        losses.append(sum(gain[k, t] * b.mask[k, t] for t in range(gain.shape[1])))
    return torch.stack(losses).mean()


def mean_of_lengths(gain, b):
    lengths = [int(n) for n in b.mask.sum(1).tolist()]
    return sum(row[:n].sum() for row, n in zip(gain, lengths, strict=True)) / len(lengths)


MEANS = {
    "over K": lambda gain, b: (gain * b.mask).sum() / len(gain),
    "of sums": lambda gain, b: (gain * b.mask).sum(dim=1).mean(),
    "of where": lambda gain, b: torch.where(b.mask > 0, gain, torch.zeros_like(gain)).sum(1).mean(),
    "selected": lambda gain, b: gain[b.mask.bool()].sum() / gain.size(0),
    "einsum": lambda gain, b: torch.einsum("kt,kt->", gain, b.mask) / b.mask.shape[0],
    "filled": lambda gain, b: gain.masked_fill(~b.mask.bool(), 0.0).mean() * gain.shape[1],
    "loops": mean_of_loops,
    "lengths": mean_of_lengths,
    "guarded": lambda gain, b: (gain * b.mask).sum() / (len(gain) + 1e-10),
}


def styles(count=180):
    """Yield (name, loss) for choices that go round at unlike speeds: every pair meets often."""
    axes = (LOG_PROBS, RETURNS, BASELINES, SURROGATES, MEANS)
    for i in range(count):
        turns = (i, i // 2, i // 3 + i, i // 5 + 2 * i, i // 7 + 3 * i)
        picks = [list(axis)[turn % len(axis)] for axis, turn in zip(axes, turns, strict=True)]
        log_prob, returns, baseline, surrogate, mean = (
            axis[pick] for axis, pick in zip(axes, picks, strict=True)
        )

        def loss(b, l=log_prob, r=returns, c=baseline, s=surrogate, m=mean):  # noqa: E741
            psi = c(r(b), b).detach().expand_as(b.mask)
            return -m(s(l(b), psi, b), b)

        yield " / ".join(picks), loss


# --- losses by themselves ------------------------------------------------------------------------


def R(b):
    return (b.rewards * b.mask).sum(1)


def score_of(b):
    return (b.log_prob * b.mask).sum(1)


def magic(x):
    return torch.exp(x - x.detach())


def dice(b):
    """Foerster and others' magic box: each reward times the box of what led to it."""
    led = (b.log_prob * b.mask).cumsum(1)
    return -(magic(led) * b.rewards * b.mask).sum(1).mean()


def loaded_dice(b):
    led = (b.log_prob * b.mask).cumsum(1)
    before = led - b.log_prob * b.mask
    baseline = ((1 - magic(b.log_prob)) * b.values * b.mask).sum(1)
    return -((magic(led) * b.rewards * b.mask).sum(1) + baseline + 0 * before.sum(1)).mean()


def packed(b):
    """One long row of tokens with the number of the episode each belongs to."""
    keep = b.mask.bool()
    episode = torch.arange(len(b.mask)).unsqueeze(1).expand_as(b.mask)[keep]
    returns = torch.zeros(len(b.mask), dtype=torch.float64)
    returns.index_add_(0, episode, b.rewards[keep])
    return -(b.log_prob[keep] * returns[episode]).sum() / len(returns)


def pairwise(b):
    """Every pair of episodes once: the difference of returns times that of scores."""
    gap, push = R(b)[:, None] - R(b)[None, :], score_of(b)[:, None] - score_of(b)[None, :]
    K = len(b.mask)
    return -(gap * push).sum() / (2 * K * (K - 1))


def covariance(b):
    """The unbiased covariance of score and return."""
    return -torch.cov(torch.stack([score_of(b), R(b)]))[0, 1]


def jackknife(b):
    K = len(b.mask)
    every = score_of(b).mean() * R(b).mean()
    return -(K / (K - 1)) * ((score_of(b) * R(b)).mean() - every)


def actor_critic(b):
    """Every reward to come less the critic; with γ^t in front."""
    delta = (b.rewards + b.gamma * b.next_values * (1 - b.terminated) - b.values) * b.mask
    psi, last = [], torch.zeros(len(delta), dtype=delta.dtype)
    for t in reversed(range(delta.shape[1])):
        last = delta[:, t] + b.gamma * last
        psi.append(last * b.gamma**t)
    return -(b.log_prob * torch.stack(psi[::-1], 1) * b.mask).sum(1).mean()


def actor_critic_two_losses(b):
    psi = loop_to_go(b) - b.values
    critic = ((loop_to_go(b) - b.values) ** 2 * b.mask).sum()
    return -(b.log_prob * psi.detach() * b.mask).sum(1).mean() + 0.5 * critic.detach()


def whole_ratio(b):
    ratio = ((b.log_prob - b.old_log_prob) * b.mask).sum(1).exp()
    return -(ratio * R(b)).mean()


def sequence_clipped(b):
    ratio = ((b.log_prob - b.old_log_prob) * b.mask).sum(1).exp()
    psi = R(b) - (R(b).sum() - R(b)) / (len(R(b)) - 1)
    return -torch.min(ratio * psi, ratio.clamp(0.9, 1.1) * psi).mean()


def q_of_all_actions(b):
    """The critic's part of the next reward summed over all actions: a control variate."""
    every = torch.log_softmax(b.logits, -1)
    fake = 0.3 * torch.arange(every.shape[-1]).to(every)  # any function of state and action
    sampled = fake[b.actions]
    expected = (every.exp() * fake).sum(-1)
    gain = b.log_prob * (loop_to_go(b) - sampled).detach() + expected
    return -(gain * b.mask).sum(1).mean()


def per_prompt_others(b):
    loss = 0.0
    for prompt in b.prompts.unique():
        mine = b.prompts == prompt
        returns, score = R(b)[mine], score_of(b)[mine]
        loss = loss - (score * (returns - (returns.sum() - returns) / (len(returns) - 1))).sum()
    return loss / len(b.prompts)


def two_halves(b):
    """The first half's mean is the second's baseline, and the other way round."""
    half = len(b.mask) // 2
    one, two = R(b)[:half], R(b)[half:]
    psi = torch.cat([one - two.mean(), two - one.mean()])
    return -(score_of(b) * psi).mean()


def causal_pairs(b):
    """A double loop over reward and earlier action."""
    total = 0.0
    for k in range(b.rewards.shape[1]):
        for t in range(k + 1):
            total = total - (b.log_prob[:, t] * b.rewards[:, k] * b.mask[:, k]).sum()
    return total / b.rewards.shape[0]


def with_the_last_reward_too(b):
    """The reward before the action is counted: more noise, no bias."""
    paid = b.rewards * b.mask
    before = F.pad(paid[:, :-1], (1, 0))
    return -(b.log_prob * (loop_to_go(b) + before) * b.mask).sum(1).mean()


def plus_a_baseline(b):
    return -(b.log_prob * (loop_to_go(b) + b.values) * b.mask).sum(1).mean()


def from_scratch(b):
    """No torch function for the policy at all."""
    top = b.logits.max(-1, keepdim=True).values.detach()
    odds = (b.logits - top).exp()
    chosen = odds.gather(-1, b.actions[..., None])[..., 0] / odds.sum(-1)
    return -((chosen.log() * b.mask).sum(1) * R(b)).sum() / len(b.mask)


def through_a_module(b):
    class Loss(torch.nn.Module):
        def forward(self, log_prob, weight):
            return -(log_prob * weight).sum()

    return Loss()(b.log_prob, b.mask * R(b)[:, None]) / len(b.mask)


def nll_loss(b):
    logs = F.log_softmax(b.logits, -1).flatten(0, 1)
    each = F.nll_loss(logs, b.actions.flatten(), reduction="none").view_as(b.mask)
    return (each * b.mask * R(b)[:, None]).sum() / len(b.mask)


def sparse(b):
    index = b.mask.nonzero(as_tuple=True)
    return -(b.log_prob[index] * R(b)[index[0]]).sum() / len(b.mask)


def split(b):
    parts = [part[:n] for part, n in zip(b.log_prob, b.mask.sum(1).long().tolist(), strict=True)]
    padded = torch.nn.utils.rnn.pad_sequence(parts, batch_first=True)
    return -(padded.sum(1) * R(b)).mean()


def discounted_whole(b):
    powers = b.gamma ** torch.arange(b.mask.shape[1], dtype=torch.float64)
    return -(score_of(b) * (b.rewards * b.mask * powers).sum(1)).mean()


def discounted_recursive(b):
    def worth(t):
        if t == b.mask.shape[1]:
            return torch.zeros(len(b.mask), dtype=torch.float64)
        return b.mask[:, t] * (b.rewards[:, t] + b.gamma * worth(t + 1))

    gains = [math.pow(b.gamma, t) * worth(t) * b.log_prob[:, t] for t in range(b.mask.shape[1])]
    return -sum(gains).mean()


def accumulated(b):
    loss = torch.zeros(())
    for k, t in itertools.product(range(b.mask.shape[0]), range(b.mask.shape[1])):
        if b.mask[k, t].item() == 0:
            continue
        loss = loss - b.log_prob[k, t] * R(b)[k]
    return loss / b.mask.shape[0]


def no_grad_weights(b):
    with torch.no_grad():
        psi = loop_to_go(b)
        psi = psi - psi.sum(0) / len(psi) * 0
    return -(b.log_prob * psi * b.mask).sum(-1).mean(0)


def zero_where_padded(b):
    log_prob = torch.where(b.mask.bool(), b.log_prob, torch.zeros(()))
    return -torch.tensordot(log_prob.sum(1), R(b), dims=1) / len(b.mask)


def kl_zero_mean(b):
    """The estimate k1 as a loss: its gradient has mean zero, it is only noise."""
    k1 = ((b.log_prob - b.ref_log_prob) * b.mask).sum(1).mean()
    return -(score_of(b) * R(b)).mean() + 0.1 * k1


def the_one_before(b):
    """A ring: each episode's baseline is the return of the one before it."""
    return -((R(b) - R(b).roll(1)) * score_of(b)).mean()


def convolved(b):
    """Rewards to go as a convolution with ones."""
    steps = b.mask.shape[1]
    paid = (b.rewards * b.mask).flip(1)[:, None]
    ones = torch.ones(1, 1, steps, dtype=paid.dtype)
    to_go = F.conv1d(F.pad(paid, (steps - 1, 0)), ones)[:, 0].flip(1)
    return -(to_go * b.log_prob * b.mask).sum(1).mean()


def score_by_hand(b):
    """The score as one-hot less probabilities, times the logits."""
    chances = b.logits.softmax(-1)
    score = (F.one_hot(b.actions, chances.shape[-1]) - chances).detach()
    return -((score * b.logits).sum(-1) * loop_to_go(b) * b.mask).sum(1).mean()


def telescoped(b):
    """Errors of the critic, all added up: the critic cancels but for its first word."""
    error = (b.rewards + b.next_values * (1 - b.terminated) - b.values) * b.mask
    return -(b.log_prob * error.flip(1).cumsum(1).flip(1) * b.mask).sum() / len(b.mask)


def sums_without_nan(b):
    log_prob = torch.where(b.mask > 0, b.log_prob, math.nan)
    return -(torch.nansum(log_prob, 1) * R(b)).mean()


def own_backward(b):
    """A function with a derivative of its own."""

    class Weigh(torch.autograd.Function):
        @staticmethod
        def forward(ctx, log_prob, weight):
            ctx.save_for_backward(weight)
            return -(log_prob * weight).sum()

        @staticmethod
        def backward(ctx, slope):
            return -slope * ctx.saved_tensors[0], None

    return Weigh.apply(b.log_prob, loop_to_go(b) * b.mask / len(b.mask))


def scattered(b):
    keep = b.mask.flatten() > 0
    episode = torch.arange(len(b.mask)).repeat_interleave(b.mask.shape[1])[keep]
    none = torch.zeros(len(b.mask), dtype=torch.float64)
    paid = none.scatter_add(0, episode, b.rewards.flatten()[keep])
    score = none.scatter_add(0, episode, b.log_prob.flatten()[keep])
    return -(paid * score).mean()


def answers_ratio_clipped(b):
    """Leave-one-out of a prompt's answers under a clipped ratio of the whole answer."""
    prompts = len(b.prompts.unique())
    paid = R(b).view(prompts, -1)
    psi = (paid - (paid.sum(1, True) - paid) / (paid.shape[1] - 1)).flatten()
    ratio = (score_of(b) - (b.old_log_prob * b.mask).sum(1)).exp()
    return torch.max(-psi * ratio, -psi * ratio.clamp(0.8, 1.2)).mean()


def geometric_ratio_times_length(b):
    """GSPO's ratio, with its answer's length in front: right on fresh data."""
    length = b.mask.sum(1)
    ratio = (((b.log_prob - b.old_log_prob) * b.mask).sum(1) / length).exp()
    return -(ratio * length * R(b)).mean()


def product_of_ratios(b):
    ratio = torch.where(b.mask > 0, (b.log_prob - b.old_log_prob).exp(), 1.0).cumprod(1)
    return -(ratio * b.rewards * b.mask).sum(1).mean()


def divergence_in_the_reward(b):
    log_ratio = (b.log_prob - b.ref_log_prob).detach()
    paid = (b.rewards - 0.1 * log_ratio) * b.mask
    return -(b.log_prob * paid.flip(1).cumsum(1).flip(1) * b.mask).sum(1).mean()


def squared_log_ratio_of_answers(b):
    """Half the square of the whole answer's log-ratio: its derivative is the divergence's."""
    log_ratio = ((b.log_prob - b.ref_log_prob) * b.mask).sum(1)
    return -(R(b) * score_of(b)).mean() + 0.1 * (log_ratio**2 / 2).mean()


def surprise_in_the_reward(b):
    powers = b.gamma ** torch.arange(b.mask.shape[1]).to(b.rewards)
    paid = (b.rewards - 0.01 * b.log_prob.detach()) * b.mask * powers
    return -(paid.sum(1) * score_of(b)).mean()


def window_errors(b):
    return (b.rewards + b.gamma * b.next_values * (1 - b.terminated) - b.values) * b.mask


def window_gae(b):
    """PPO's first step on a window of two: λ = 0.95, a clip that does not bite."""
    error = window_errors(b)
    psi = torch.stack([error[:, 0] + b.gamma * 0.95 * error[:, 1], error[:, 1]], 1)
    ratio = (b.log_prob - b.old_log_prob).exp()
    return torch.max(-psi * ratio, -psi * ratio.clamp(0.8, 1.2)).mean()


def window_returns(b):
    """Returns that are bootstrapped at the window's end, with no critic taken off."""
    second = b.rewards[:, 1] + b.gamma * b.next_values[:, 1]
    psi = torch.stack([b.rewards[:, 0] + b.gamma * second, second], 1)
    return -(b.log_prob * psi).mean()


def window_flat(b):
    """One row for each step, as a buffer has them."""
    log_prob = Categorical(logits=b.logits.flatten(0, 1)).log_prob(b.actions.flatten())
    return -(log_prob * window_errors(b).flatten()).sum() / b.mask.sum()


WINDOWS = {"sampling": "windows"}
RIGHT_OF_THEIR_KIND = (
    (divergence_in_the_reward, {"objective": "J - 0.1 KL"}),
    (squared_log_ratio_of_answers, {"objective": "J - 0.1 KL"}),
    (surprise_in_the_reward, {"objective": "J_gamma + 0.01 entropy"}),
    (window_gae, WINDOWS),
    (window_returns, WINDOWS),
    (window_flat, WINDOWS),
)
"""Right losses for another objective or sampling, with what says so."""

RIGHT = (
    dice,
    loaded_dice,
    packed,
    pairwise,
    covariance,
    jackknife,
    actor_critic,
    actor_critic_two_losses,
    whole_ratio,
    sequence_clipped,
    q_of_all_actions,
    per_prompt_others,
    two_halves,
    causal_pairs,
    with_the_last_reward_too,
    plus_a_baseline,
    from_scratch,
    through_a_module,
    nll_loss,
    sparse,
    split,
    discounted_whole,
    discounted_recursive,
    accumulated,
    no_grad_weights,
    zero_where_padded,
    kl_zero_mean,
    the_one_before,
    convolved,
    score_by_hand,
    telescoped,
    sums_without_nan,
    own_backward,
    scattered,
    answers_ratio_clipped,
    geometric_ratio_times_length,
    product_of_ratios,
)
