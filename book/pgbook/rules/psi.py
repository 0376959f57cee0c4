r"""The weights Ψ and the means of update rules.

Nearly every rule is $-\frac1N\sum_i\sum_t\log\pi_\theta(a_t^i\mid s_t^i)\,\Psi_t^i$ with a
$\Psi$ of its own (`ADVANTAGES`: of a batch, [N, T]) and a mean of its own (`MEANS`). γ is 1 unless
the rule is about it.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from pgbook.audit.batch import Batch

LAMBDA = 0.95  # of GAE
TINY = 1e-12  # a variance below this part of the mean square is what rounding leaves of none

Weight = Callable[[Batch], Tensor]
Mean = Callable[[Tensor, Tensor], Tensor]


# --- one episode at a time ------------------------------------------------------------------------


def backwards(x: Tensor, decay: float = 1.0) -> Tensor:
    """Return x_t + decay · x_{t+1} + decay² · x_{t+2} + ..., [N, T]."""
    step = torch.arange(x.shape[1], dtype=x.dtype)
    ahead = step[:, None] - step
    return x @ torch.where(ahead >= 0, decay ** ahead.clamp(min=0), 0.0)


def total_return(b: Batch) -> Tensor:
    """R(τ) at every step. Williams (1992)."""
    return (b.rewards * b.mask).sum(1, keepdim=True) * b.mask


def reward_to_go(b: Batch) -> Tensor:
    """G_t, the rewards from t on."""
    return backwards(b.rewards * b.mask)


def minus_critic(b: Batch) -> Tensor:
    """G_t less a critic's V̂(s_t)."""
    return (reward_to_go(b) - b.values) * b.mask


def one_step_td(b: Batch) -> Tensor:
    """r_t + V̂(s_{t+1}) - V̂(s_t), nothing after the end. Sutton and Barto (2018)."""
    return (b.rewards + b.next_values * (1 - b.terminated) - b.values) * b.mask


def gae(b: Batch) -> Tensor:
    """Generalised advantage estimation, λ = 0.95. Schulman and others (2016)."""
    return backwards(one_step_td(b), LAMBDA) * b.mask


def discounted(b: Batch) -> Tensor:
    """Rewards to go with γ inside and no γ^t in front, as nearly every program has it."""
    return backwards(b.rewards * b.mask, b.gamma)


def own_episode(b: Batch) -> Tensor:
    """G_t less its mean over the episode's own steps, over their own deviation."""
    togo, steps = reward_to_go(b), b.mask.sum(1, keepdim=True)
    return standardised(togo, togo.sum(1, keepdim=True) / steps, b.mask, steps, 1)


# --- compared with others -------------------------------------------------------------------------


def in_group(b: Batch, x: Tensor) -> Tensor:
    """Sum x, [N, 1], over the episodes that answer the same prompt, [N, 1]."""
    return (b.prompts[:, None] == b.prompts).to(x.dtype) @ x


def standardised(x: Tensor, mean: Tensor, mask: Tensor, count: Tensor, dim: object) -> Tensor:
    """Return (x - mean) / deviation where the mask is 1; all 0 where nothing differs."""
    centred, square = (x - mean) * mask, (x * mask) ** 2
    variance = (centred**2).sum(dim, keepdim=True) / count
    differs = variance > TINY * square.sum(dim, keepdim=True) / count
    return torch.where(differs, centred / torch.where(differs, variance, 1.0).sqrt(), 0.0)


def group_mean(b: Batch) -> Tensor:
    """R less the mean of the prompt's answers, its own included. Liu and others (2025)."""
    returns = total_return(b)[:, :1]
    return (returns - in_group(b, returns) / in_group(b, torch.ones_like(returns))) * b.mask


def leave_one_out(b: Batch) -> Tensor:
    """R less the mean of the prompt's *other* answers. Kool and others (2019)."""
    count = in_group(b, torch.ones_like(b.mask[:, :1]))
    return group_mean(b) * count / (count - 1)


def group_deviation(b: Batch) -> Tensor:
    """The group mean's, over the deviation of the prompt's answers. Shao and others (2024)."""
    centred, returns = group_mean(b), total_return(b)[:, :1]
    count = in_group(b, torch.ones_like(returns))
    variance = in_group(b, centred[:, :1] ** 2) / count
    differs = variance > TINY * in_group(b, returns**2) / count
    return torch.where(differs, centred / torch.where(differs, variance, 1.0).sqrt(), 0.0)


def mean_at_t(b: Batch) -> Tensor:
    """G_t less its mean over the episodes of the batch that still run at t."""
    togo = reward_to_go(b)
    return (togo - togo.sum(0) / b.mask.sum(0).clamp(min=1)) * b.mask


def standardised_batch(b: Batch) -> Tensor:
    """GAE less its mean over all steps of the batch, over their deviation."""
    advantage, steps = gae(b), b.mask.sum()
    return standardised(advantage, advantage.sum() / steps, b.mask, steps, (0, 1))


ADVANTAGES: dict[str, Weight] = {
    "total-return": total_return,
    "reward-to-go": reward_to_go,
    "minus-critic": minus_critic,
    "gae": gae,
    "one-step-td": one_step_td,
    "discounted": discounted,
    "leave-one-out": leave_one_out,
    "group-mean": group_mean,
    "group-deviation": group_deviation,
    "mean-at-t": mean_at_t,
    "standardised": standardised_batch,
    "own-episode": own_episode,
}
"""Every Ψ by its name."""


# --- the mean -------------------------------------------------------------------------------------


def over_episodes(x: Tensor, mask: Tensor) -> Tensor:
    """The sum of an episode's steps, then the mean over episodes: what the theorem has."""
    return (x * mask).sum() / len(mask)


def over_tokens(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over all steps of the batch. DAPO: Yu and others (2025)."""
    return (x * mask).sum() / mask.sum()


def over_answers(x: Tensor, mask: Tensor) -> Tensor:
    """The mean over an answer's own steps, then over answers. Shao and others (2024)."""
    return ((x * mask).sum(1) / mask.sum(1)).mean()


MEANS: dict[str, Mean] = {
    "episodes": over_episodes,
    "tokens": over_tokens,
    "answers": over_answers,
}
"""Every mean by its name."""


def loss(advantage: str, mean: str = "episodes") -> Callable[[Batch], Tensor]:
    """Return the loss of a rule: what an audit takes.

    Args:
        advantage: one of `ADVANTAGES`.
        mean: one of `MEANS`.
    """
    weight, average = ADVANTAGES[advantage], MEANS[mean]

    def of(b: Batch) -> Tensor:
        return -average(b.log_prob * weight(b), b.mask)

    return of
