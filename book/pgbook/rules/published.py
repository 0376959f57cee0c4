r"""Losses that are more than a weight and a mean: as programs have them, ratios, KL, pass@k."""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

from pgbook.audit.batch import Batch
from pgbook.rules import psi

Loss = Callable[[Batch], Tensor]


# --- as programs have them ------------------------------------------------------------------------


def grpo_in_code(epsilon: float) -> Loss:
    """GRPO with the *sample* deviation plus ε, over all tokens: TRL has ε = 1e-4, verl 1e-6."""

    def loss(b: Batch) -> Tensor:
        centred, count = psi.group_mean(b), psi.in_group(b, torch.ones_like(b.mask[:, :1]))
        deviation = (psi.in_group(b, centred[:, :1] ** 2) / (count - 1)).sqrt()
        return -psi.over_tokens(b.log_prob * centred / (deviation + epsilon), b.mask)

    return loss


def reinforce_pp(b: Batch) -> Tensor:
    """REINFORCE++: returns less their mean over the batch, over their deviation. Hu (2025)."""
    returns, tokens = psi.total_return(b), b.mask.sum()
    weight = psi.standardised(returns, returns.sum() / tokens, b.mask, tokens, (0, 1))
    return -psi.over_tokens(b.log_prob * weight, b.mask)


def pytorch_example(b: Batch) -> Tensor:
    """PyTorch's: discounted, each episode by its own mean and sample deviation, summed."""
    togo, steps = psi.discounted(b), b.mask.sum(1, keepdim=True)
    centred = (togo - togo.sum(1, keepdim=True) / steps) * b.mask
    deviation = ((centred**2).sum(1, keepdim=True) / (steps - 1)).sqrt()
    return -psi.over_episodes(b.log_prob * centred / (deviation + 1.2e-7), b.mask)


def minibatches(b: Batch) -> Tensor:
    """GAE standardised in each half of the batch: sample deviation + 1e-8, mean over steps.

    The mean over every way to halve the batch, each minibatch a step of the same policy.
    """
    advantage, losses = psi.gae(b), []
    for half in itertools.combinations(range(len(b.mask)), len(b.mask) // 2):
        rows = list(half)
        mask, own, steps = b.mask[rows], advantage[rows], b.mask[rows].sum()
        centred = (own - own.sum() / steps) * mask
        deviation = ((centred**2).sum() / (steps - 1)).sqrt()
        weight = centred / (deviation + 1e-8)
        losses.append(-psi.over_tokens(b.log_prob[rows] * weight, mask))
    return torch.stack(losses).mean()


# --- from the second step on: the data are older than the policy ----------------------------------


def ratio(b: Batch) -> Tensor:
    """ω_t = π_θ / π_old of each step, [N, T]."""
    return ((b.log_prob - b.old_log_prob) * b.mask).exp()


def clipped(weight: psi.Weight, low: float = 0.2, high: float = 0.2, dual: float = 0.0) -> Loss:
    """The clipped surrogate over tokens: Schulman and others (2017).

    Args:
        weight: Ψ.
        low: how far below 1 a ratio counts.
        high: how far above; DAPO's clip-higher has 0.28 (Yu and others 2025).
        dual: where Ψ < 0, no step counts for less than this times Ψ: Ye and others (2020); 0: off.
    """

    def loss(b: Batch) -> Tensor:
        rho, advantage = ratio(b), weight(b)
        kept = torch.minimum(rho * advantage, rho.clamp(1 - low, 1 + high) * advantage)
        if dual:
            kept = torch.where(advantage < 0, torch.maximum(kept, dual * advantage), kept)
        return -psi.over_tokens(kept, b.mask)

    return loss


def gspo(b: Batch) -> Tensor:
    """GSPO: one ratio an answer, the geometric mean of its tokens'. Zheng and others (2025).

    Clipped at 0.8 and 1.2 like the others here; the paper has 1 - 3e-4 and 1 + 4e-4.
    """
    log_ratio = ((b.log_prob - b.old_log_prob) * b.mask).sum(1, keepdim=True)
    rho, advantage = (log_ratio / b.mask.sum(1, keepdim=True)).exp(), psi.group_deviation(b)[:, :1]
    kept = torch.minimum(rho * advantage, rho.clamp(0.8, 1.2) * advantage)
    return -kept.mean()


def cispo(b: Batch) -> Tensor:
    """CISPO: log π with a clipped, constant ratio in front, over tokens. MiniMax (2025)."""
    rho = ratio(b).detach().clamp(max=1.28)
    return -psi.over_tokens(rho * psi.group_deviation(b) * b.log_prob, b.mask)


def whole_ratio(b: Batch) -> Tensor:
    """The ratio of the whole episode in front of its return: exact, and loud."""
    rho = ((b.log_prob - b.old_log_prob) * b.mask).sum(1).exp()
    return -(rho * psi.total_return(b)[:, 0]).mean()


# --- a divergence or an entropy beside the return: these terms alone ------------------------------


def log_ratio(b: Batch) -> Tensor:
    """The log-ratio of policy and reference, whose mean is KL(π‖π_ref), [N, T]."""
    return (b.log_prob - b.ref_log_prob) * b.mask


ESTIMATES: dict[str, Callable[[Tensor], Tensor]] = {
    "k1": lambda x: x,
    "k2": lambda x: x**2 / 2,
    "k3": lambda x: (-x).exp() - 1 + x,
}
"""Schulman's (2020) estimates of a divergence from x = log π - log π_ref."""


def kl_in_reward(name: str) -> Loss:
    """The estimate, held constant, is taken off the rewards."""

    def loss(b: Batch) -> Tensor:
        paid = -ESTIMATES[name](log_ratio(b)).detach() * b.mask
        return -psi.over_episodes(b.log_prob * psi.backwards(paid), b.mask)

    return loss


def kl_as_loss(name: str) -> Loss:
    """The estimate is added to the loss and differentiated, the states held as they came."""
    return lambda b: psi.over_episodes(ESTIMATES[name](log_ratio(b)), b.mask)


def entropy_as_loss(b: Batch) -> Tensor:
    """The closed-form entropy at each state that came: what programs call the entropy bonus."""
    return -psi.over_episodes(b.entropy, b.mask)


def entropy_in_reward(b: Batch) -> Tensor:
    """-log π, held constant, is paid as a reward."""
    paid = -b.log_prob.detach() * b.mask
    return -psi.over_episodes(b.log_prob * psi.backwards(paid), b.mask)


def entropy_with_states(b: Batch) -> Tensor:
    """The closed form at each state, and it is paid from the next step on as a reward as well."""
    later = psi.backwards(b.entropy.detach() * b.mask) - b.entropy.detach() * b.mask
    return -psi.over_episodes(b.entropy + b.log_prob * later, b.mask)


# --- right or wrong -------------------------------------------------------------------------------


def best_of_two(b: Batch) -> Tensor:
    """The gradient of pass@2 from K answers: every pair that an answer is in. Walder (2025)."""
    right = psi.total_return(b)[:, :1]
    count, wins = psi.in_group(b, torch.ones_like(right)), psi.in_group(b, right)
    others_wrong = (count - 1) - (wins - right)
    pairs = (count - 1) - (1 - right) * others_wrong
    return -psi.over_episodes(b.log_prob * pairs / ((count - 1) / 2), b.mask)


def maxrl(centred: bool) -> Loss:
    """Reward over the group's mean reward, less 1 where `centred`. Tajwar and others (2026)."""

    def loss(b: Batch) -> Tensor:
        right = psi.total_return(b)[:, :1]
        mean = psi.in_group(b, right) / psi.in_group(b, torch.ones_like(right))
        solved = mean > 0
        weight = torch.where(solved, right / torch.where(solved, mean, 1.0) - float(centred), 0.0)
        return -psi.over_episodes(b.log_prob * weight, b.mask)

    return loss
