r"""The exact mean of a group rule: what each answer weighs on average, over all batches.

The mean update is $\sum_x\sum_y m(x,y)\,\nabla\log p_\theta(y\mid x)$, where m is the mean of the
weights that the answer y gets in a batch. `by_listing` goes through every batch of answers;
`by_class` through every batch of *kinds* of answers, those of one reward and one length, since a
rule sees nothing else of them. The other prompts of a batch come in by their sums alone.
"""

from itertools import combinations_with_replacement

import numpy as np
from scipy.special import gammaln

from pgbook import expect
from pgbook.tokens.groups import Sums, group_weights

LIMIT = 3_000_000  # batches
CHUNK = 256  # sums of the rest of a batch that are looked at together


def by_listing(
    chances: np.ndarray, rewards: np.ndarray, lengths: np.ndarray, answers: int, **switches: str
) -> np.ndarray:
    """Return m, by going through every batch with each prompt in it once.

    Args:
        chances: p(y | x), [prompts, A].
        rewards: R(x, y), [prompts, A].
        lengths: |y|, [A].
        answers: K, how many answers each prompt gets.
        switches: those of `group_weights`.

    Returns:
        m, [prompts, A].

    Raises:
        ValueError: more than 3,000,000 batches, no distribution, or what `group_weights` raises.
    """
    chances, rewards, lengths, K = _checked(chances, rewards, lengths, answers)
    prompts, kinds = chances.shape
    groups = _groups(kinds, K, prompts)
    batch = np.indices((len(groups),) * prompts).reshape(prompts, -1)  # which group each prompt has
    drawn = groups[batch].swapaxes(0, 1)  # [batches, prompts, K]
    each = np.arange(prompts)[:, None]
    weights = group_weights(rewards[each, drawn], lengths[drawn], **switches)
    chance = np.prod([_chance(groups, row)[at] for row, at in zip(chances, batch, strict=True)], 0)
    mean = np.zeros_like(chances)
    for x in range(prompts):
        for i in range(K):
            np.add.at(mean[x], drawn[:, x, i], chance * weights[:, x, i])
    return mean


def by_class(
    chances: np.ndarray,
    rewards: np.ndarray,
    lengths: np.ndarray,
    answers: int,
    *,
    copies: int = 1,
    **switches: str,
) -> np.ndarray:
    """Return m, by reward and length; the same as `by_listing`, for larger groups and batches.

    Args:
        chances: p(y | x), [prompts, A].
        rewards: R(x, y), [prompts, A].
        lengths: |y|, [A].
        answers: K, how many answers each prompt gets.
        copies: how often each prompt stands in the batch.
        switches: those of `group_weights`.

    Returns:
        m, [prompts, A], the sum over a prompt's copies.

    Raises:
        ValueError: more than 3,000,000 groups, no distribution, or what `group_weights` raises.
    """
    chances, rewards, lengths, K = _checked(chances, rewards, lengths, answers)
    copies = expect.whole("copies", copies, 1)
    seen = _seen(switches)
    prompts = [_Prompt(*row, lengths, K, seen) for row in zip(chances, rewards, strict=True)]
    mean = np.zeros_like(chances)
    for x, own in enumerate(prompts):
        beside = [(np.zeros((1, 4)), np.ones(1))]
        for other in prompts:
            beside += [other.sums] * (copies - (other is own))
        mean[x] = copies * own.mean(_together(beside), switches)
    return mean


class _Prompt:
    """One prompt's answers by kind, its groups of K, and what they add to a batch's sums."""

    def __init__(self, chances, rewards, lengths, K, seen):
        pairs = np.stack([rewards, lengths], axis=1)
        kinds, self.kind = np.unique(pairs, axis=0, return_inverse=True)
        self.kind = self.kind.ravel()
        self.p, self.of_kind = chances, np.bincount(self.kind, chances)
        self.groups = _groups(len(kinds), K, 1)
        self.rewards, self.lengths = kinds[self.groups].transpose(2, 0, 1)[:, :, None]
        self.chance = _chance(self.groups, self.of_kind)
        sums = Sums.of(self.rewards, self.lengths)
        table = np.concatenate(sums, axis=-1).reshape(-1, 4) * seen
        self.sums = _merged(table, self.chance)

    def mean(self, beside, switches):
        """The mean weight of each answer of one copy, over its groups and the rest of the batch."""
        rows, chances = beside
        mean = np.zeros(len(self.of_kind))
        for start in range(0, len(rows), CHUNK):  # what is beside it has the first axis
            sums = Sums(*rows[start : start + CHUNK].T[..., None, None, None])
            weights = group_weights(self.rewards, self.lengths, rest=sums, **switches)
            weights = np.broadcast_to(weights, (len(sums.tokens), *self.rewards.shape))
            own = np.einsum("n,ngi->gi", chances[start : start + CHUNK], weights[:, :, 0])
            for i in range(self.groups.shape[1]):
                mean += np.bincount(self.groups[:, i], self.chance * own[:, i], len(mean))
        share = np.divide(
            self.p, self.of_kind[self.kind], out=np.zeros_like(self.p), where=self.p > 0
        )
        return mean[self.kind] * share


def _seen(switches):
    """Which of the batch's sums a rule looks at: the rest would only make the list longer."""
    whole = "tokens" in (switches.get("centre"), switches.get("deviation"))
    return np.array([1.0, whole or switches.get("length") == "batch", whole, whole])


def _groups(kinds, K, prompts):
    """Every multiset of K kinds, [groups, K]."""
    count = round(np.exp(gammaln(kinds + K) - gammaln(kinds) - gammaln(K + 1)))
    if count**prompts > LIMIT:
        raise ValueError(f"answers: expected at most {LIMIT:,} batches, got {count**prompts:,}")
    return np.array([*combinations_with_replacement(range(kinds), K)]).reshape(-1, K)


def _chance(groups, chances):
    """The multinomial probability of each multiset."""
    K = groups.shape[1]
    counts = np.stack([(groups == kind).sum(axis=1) for kind in range(len(chances))])
    orders = np.exp(gammaln(K + 1) - gammaln(counts + 1).sum(axis=0)).round()
    return orders * chances[groups].prod(axis=1)


def _merged(table, chance):
    """Rows that are equal, once, with their probability together."""
    rows, which = np.unique(table, axis=0, return_inverse=True)
    return rows, np.bincount(which.ravel(), chance)


def _together(parts):
    """The distribution of a sum of independent parts, each (rows [n, 4], chance [n])."""
    rows, chance = parts[0]
    for more, weight in parts[1:]:
        both = (rows[:, None] + more).reshape(-1, 4)
        rows, chance = _merged(both, np.outer(chance, weight).ravel())
    return rows, chance


def _checked(chances, rewards, lengths, answers):
    rewards = expect.numbers("rewards", rewards, finite=True)
    if rewards.ndim != 2:
        raise ValueError(f"rewards: expected shape [prompts, A], got {rewards.shape}")
    chances = expect.distribution("chances", chances, rewards.shape)
    lengths = expect.numbers("lengths", lengths, rewards.shape[1:], finite=True)
    return chances, rewards, lengths, expect.whole("answers", answers, 1)
