"""Reports about losses of language models: an answer is an episode, a token an action."""

import torch
from torch.nn.functional import pad

from pgbook.audit.field.record import GITHUB, FieldReport, centred, per_episode


def standardised(b):
    """Rewards less their mean, over their standard deviation, [K, 1]."""
    returns = (b.rewards * b.mask).sum(1, keepdim=True)
    return centred(b) / (returns.std() + 1e-4)


def group_token_mean(b):
    """GRPO's advantages, averaged over all tokens of the group."""
    return -(b.log_prob * standardised(b) * b.mask).sum() / b.mask.sum()


def own_token_mean(b):
    """GRPO's advantages, averaged over each answer's tokens, then over answers."""
    gain = (b.log_prob * standardised(b) * b.mask).sum(1) / b.mask.sum(1)
    return -gain.mean()


def sum_over_answers(b):
    """Dr. GRPO: a sum over tokens and answers, divided by the longest length allowed."""
    return -(b.log_prob * centred(b) * b.mask).sum() / b.mask.shape[1]


def mean_over_answers(b):
    """The same, divided by the number of answers too."""
    return sum_over_answers(b) / len(b.mask)


def micro_batches(b):
    """Micro-batches of one answer: the mean of their own token means."""
    gain = b.log_prob * centred(b) * b.mask
    parts = [-one.sum() / on.sum() for one, on in zip(gain, b.mask, strict=True)]
    return sum(parts) / len(parts)


def token_mean(b):
    """One mean over all tokens of the batch."""
    return -(b.log_prob * centred(b) * b.mask).sum() / b.mask.sum()


def padding_in_the_sum(b):
    """The sum runs over padded tokens too, its divisor does not."""
    return -(b.log_prob * centred(b)).sum() / b.mask.sum()


def tokens_of(b):
    """A prompt's last token and the answer, [K, T + 1], and the mask of both."""
    prompt = torch.zeros_like(b.actions[:, :1])
    return torch.cat([prompt, b.actions], dim=1), pad(b.mask, (1, 0))


def mask_at_inputs(b):
    """Log-probabilities of the next token, masked where their *input* belongs to the answer."""
    tokens, mask = tokens_of(b)
    table = torch.log_softmax(b.logits, dim=-1)
    taken = table.gather(-1, tokens[:, 1:, None])[..., 0]
    return -(taken * centred(b) * mask[:, :-1]).sum() / len(mask)


def mask_at_targets(b):
    """The same, masked where their *target* belongs to it."""
    tokens, mask = tokens_of(b)
    table = torch.log_softmax(b.logits, dim=-1)
    taken = table.gather(-1, tokens[:, 1:, None])[..., 0]
    return -(taken * centred(b) * mask[:, 1:]).sum() / len(mask)


def ratio_to_itself(b):
    """A ratio whose value is always 1: exp(log π - log π as a number)."""
    ratio = (b.log_prob - b.log_prob.detach()).exp()
    return per_episode(b, ratio * centred(b))


def difference_of_probabilities(b):
    """The difference of the probability and itself as a number."""
    difference = b.log_prob.exp() - b.log_prob.detach().exp()
    return per_episode(b, difference * centred(b))


def leave_one_out(b):
    """Rewards less the mean of the others', [K, 1]."""
    return centred(b) * len(b.mask) / (len(b.mask) - 1)


def with_penalty(b, penalty):
    """Leave-one-out, plus a tenth of a penalty [K, T] in the loss."""
    return per_episode(b, b.log_prob * leave_one_out(b) - 0.1 * penalty)


def kl_without_gradient(b):
    """The log-ratio to the reference is added to the loss as a number."""
    return with_penalty(b, (b.log_prob - b.ref_log_prob).detach())


def kl_log_ratio(b):
    """The log-ratio to the reference (k1) is added to the loss and differentiated."""
    return with_penalty(b, b.log_prob - b.ref_log_prob)


def k3(b):
    """The estimate r - 1 - log r of the divergence at each token, r = reference over policy."""
    log_ratio = b.ref_log_prob - b.log_prob
    return log_ratio.exp() - 1 - log_ratio


def kl_k3(b):
    """The estimate k3 is added to the loss and differentiated."""
    return with_penalty(b, k3(b))


def kl_k3_with_score(b):
    """The same with the token's own score: times exp(log π - log π as a number)."""
    return with_penalty(b, k3(b) * (b.log_prob - b.log_prob.detach()).exp())


def deviation_of_others(b):
    """The standard deviation of the other answers' rewards, [K, 1]."""
    returns = (b.rewards * b.mask).sum(1)
    others = [torch.cat([returns[:k], returns[k + 1 :]]) for k in range(len(returns))]
    return torch.stack([one.std(unbiased=False) for one in others])[:, None]


def left_out_deviation(b):
    """Leave-one-out, over the deviation of the other rewards, plus a millionth."""
    spread = deviation_of_others(b) + 1e-6
    return per_episode(b, b.log_prob * leave_one_out(b) / spread)


def left_out_deviation_floored(b):
    """The same, left undivided where the others have no deviation."""
    spread = deviation_of_others(b)
    return per_episode(b, b.log_prob * leave_one_out(b) / torch.where(spread > 0, spread, 1.0))


REPORTS = (
    FieldReport(
        "TRL 3187",
        GITHUB + "huggingface/trl/issues/3187",
        "GRPO's paper averages over each answer's tokens first, not over all of the group's",
        group_token_mean,
        own_token_mean,
    ),
    FieldReport(
        "verl 3741",
        GITHUB + "verl-project/verl/issues/3741",
        "Dr. GRPO's loss is a sum over answers and should be their mean",
        sum_over_answers,
        mean_over_answers,
    ),
    FieldReport(
        "verl 5625",
        GITHUB + "verl-project/verl/issues/5625",
        "token means of micro-batches do not add up to the batch's token mean",
        micro_batches,
        token_mean,
    ),
    FieldReport(
        "ROLL 444",
        GITHUB + "alibaba/ROLL/pull/444",
        "the token mean sums padded tokens too",
        padding_in_the_sum,
        token_mean,
    ),
    FieldReport(
        "mlx-lm-lora 80",
        GITHUB + "Goekdeniz-Guelmez/mlx-lm-lora/issues/80",
        "the mask is laid on inputs instead of targets",
        mask_at_inputs,
        mask_at_targets,
    ),
    FieldReport(
        "DeepSpeed-Chat 741",
        GITHUB + "deepspeedai/DeepSpeedExamples/issues/741",
        "the mask should lose its last token, not its first",
        mask_at_targets,
        mask_at_inputs,
    ),
    FieldReport(
        "TRL 2608",
        GITHUB + "huggingface/trl/issues/2608",
        "a ratio that is always 1 has no gradient",
        ratio_to_itself,
        difference_of_probabilities,
    ),
    FieldReport(
        "open-instruct 530",
        GITHUB + "allenai/open-instruct/issues/530",
        "the divergence from the reference has no gradient",
        kl_without_gradient,
        kl_log_ratio,
        "J - 0.1 KL",
    ),
    FieldReport(
        "NeMo RL 2506",
        GITHUB + "NVIDIA-NeMo/RL/pull/2506",
        "the divergence's gradient lacks the sampled token's score",
        kl_k3,
        kl_k3_with_score,
        "J - 0.1 KL",
    ),
    FieldReport(
        "NeMo RL 1518",
        GITHUB + "NVIDIA-NeMo/RL/issues/1518",
        "advantages explode where the other rewards of a group are all equal",
        left_out_deviation,
        left_out_deviation_floored,
    ),
)
