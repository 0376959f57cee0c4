r"""Group rules: the weights that K answers of one prompt give one another, by three switches.

Every rule is $\hat g=\sum_x\sum_i w_{x,i}\sum_t\nabla\log\pi_\theta(y^i_t\mid x,y^i_{<t})$: one
weight an answer, the same for all of its tokens. What is taken off the reward, what divides it, and
what each token's share is, are the three switches. P prompts a batch, K answers a prompt.
"""

from typing import NamedTuple

import numpy as np

from pgbook import expect

CENTRES = ("none", "own", "others", "tokens")
DEVIATIONS = ("none", "group", "tokens", "mean")
LENGTHS = ("none", "answer", "batch")
TINY = 1e-12  # a variance below this part of the mean square is what rounding leaves of none

RULES: dict[str, dict[str, str]] = {
    "REINFORCE": {"centre": "none", "deviation": "none", "length": "none"},
    "RLOO": {"centre": "others", "deviation": "none", "length": "none"},
    "Dr. GRPO": {"centre": "own", "deviation": "none", "length": "none"},
    "GRPO": {"centre": "own", "deviation": "group", "length": "answer"},
    "DAPO": {"centre": "own", "deviation": "group", "length": "batch"},
    "REINFORCE++": {"centre": "tokens", "deviation": "tokens", "length": "batch"},
    "MaxRL": {"centre": "own", "deviation": "mean", "length": "none"},
}
"""Published rules by name, as chapter 14 cites them. What they clip is not part of the weight."""


class Sums(NamedTuple):
    """What a rule needs to know of the rest of a batch; two sets of prompts add up, [..., 1, 1].

    Attributes:
        answers: P K, the number of answers.
        tokens: Σ|y|.
        reward: Σ|y| R, each token counts.
        square: Σ|y| R².
    """

    answers: np.ndarray
    tokens: np.ndarray
    reward: np.ndarray
    square: np.ndarray

    @classmethod
    def of(cls, rewards: np.ndarray, lengths: np.ndarray) -> "Sums":
        """Return the sums of a batch, [..., P, K] both."""
        parts = np.ones_like(rewards), lengths, lengths * rewards, lengths * rewards**2
        return cls(*(part.sum(axis=(-2, -1), keepdims=True) for part in parts))

    def beside(self, other: "Sums") -> "Sums":
        """Return the sums of both."""
        return Sums(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def group_weights(
    rewards: np.ndarray,
    lengths: np.ndarray,
    *,
    centre: str = "none",
    deviation: str = "none",
    length: str = "none",
    rest: Sums | None = None,
) -> np.ndarray:
    r"""Return w, what stands before each token's score, so that the loss is -Σ w log π.

    w = (R - centre) / deviation · share; without deviation and lengths the share is 1 / (P K).

    Args:
        rewards: R of each answer, [..., P, K].
        lengths: |y|, the tokens of each answer, at least 1, [..., P, K].
        centre: "none"; "own": the mean of the prompt's K answers; "others": the mean of the other
            K - 1; "tokens": the mean over all tokens of the batch.
        deviation: "none"; "group": the population deviation of the K rewards; "tokens": that over
            all tokens of the batch; "mean": the mean reward of the K. Where it is 0, w is 0.
        length: "none": an answer counts once, 1 / (P K); "answer": its own tokens share it,
            1 / (P K |y|); "batch": every token of the batch counts alike, 1 / Σ|y|.
        rest: sums over prompts of the same batch that are not among these, if there are any.

    Returns:
        w, [..., P, K], float64.

    Raises:
        ValueError: shapes that differ or have no [P, K], a reward that is not finite, an answer
            without a token, an unknown switch, K = 1 where answers are compared, or a mean reward
            below 0 as the deviation.
    """
    rewards, lengths = _checked(rewards, lengths)
    chosen = {"centre": (centre, CENTRES), "deviation": (deviation, DEVIATIONS)}
    for name, (value, known) in {**chosen, "length": (length, LENGTHS)}.items():
        if value not in known:
            raise ValueError(f"{name}: expected one of {', '.join(known)}, got {value!r}")
    if centre == "others" and rewards.shape[-1] < 2:
        raise ValueError("centre: expected at least 2 answers a prompt to leave one out, got 1")
    sums = Sums.of(rewards, lengths)
    sums = sums if rest is None else sums.beside(rest)
    advantage = _less(rewards, _centre(rewards, sums, centre))
    share = {"none": 1 / sums.answers, "answer": 1 / (sums.answers * lengths)}
    share["batch"] = 1 / sums.tokens
    return _over(advantage, _deviation(rewards, sums, deviation)) * share[length]


def mixed(rewards: np.ndarray) -> np.ndarray:
    """Return which groups teach something: those whose rewards are not all equal, [..., P].

    DAPO draws prompts until a batch has only such groups ("dynamic sampling").

    Args:
        rewards: R of each answer, [..., P, K].

    Raises:
        ValueError: no [..., P, K], or a reward that is not finite.
    """
    rewards, _ = _checked(rewards, np.ones(np.shape(rewards)))
    return rewards.max(axis=-1) > rewards.min(axis=-1)


def _centre(rewards: np.ndarray, sums: Sums, name: str) -> np.ndarray:
    """What is taken off the reward."""
    count, total = rewards.shape[-1], rewards.sum(axis=-1, keepdims=True)
    if name == "none":
        return np.zeros(1)
    if name == "own":
        return total / count
    if name == "others":
        return (total - rewards) / (count - 1)
    return sums.reward / sums.tokens


def _deviation(rewards: np.ndarray, sums: Sums, name: str) -> np.ndarray:
    """What the difference is divided by; 0 where it is only rounding."""
    if name == "none":
        return np.ones(1)
    mean, square = rewards.mean(-1, keepdims=True), (rewards**2).mean(-1, keepdims=True)
    if name == "mean":
        if (mean < 0).any():
            raise ValueError(f"rewards: expected group means >= 0 to divide by, got {mean.min()}")
        return mean
    if name == "group":
        variance = ((rewards - mean) ** 2).mean(-1, keepdims=True)
    else:
        square = sums.square / sums.tokens
        variance = square - (sums.reward / sums.tokens) ** 2
    return np.sqrt(np.where(variance > TINY * square, variance, 0.0))


def _less(rewards: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """The difference; 0 where it is only rounding."""
    difference = rewards - centre
    real = np.abs(difference) > TINY * np.maximum(np.abs(rewards), np.abs(centre))
    return np.where(real, difference, 0.0)


def _over(advantage: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """The quotient; 0 where there is nothing to divide by."""
    shape = np.broadcast_shapes(advantage.shape, deviation.shape)
    return np.divide(advantage, deviation, out=np.zeros(shape), where=deviation > 0)


def _checked(rewards: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rewards = expect.numbers("rewards", rewards, finite=True)
    if rewards.ndim < 2 or 0 in rewards.shape[-2:]:
        raise ValueError(f"rewards: expected shape [..., prompts, K], got {rewards.shape}")
    lengths = expect.numbers("lengths", lengths, rewards.shape, finite=True)
    if (lengths < 1).any():
        raise ValueError(f"lengths: expected at least 1 token an answer, got {lengths.min():g}")
    return rewards, lengths
