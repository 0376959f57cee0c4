r"""Larger groups and longer answers: batches counted by classes of (return, length).

Most losses of language models see an answer's return and its length and nothing else. Then all
answers of one class are pulled alike, and an expectation over batches is one over classes:
$E[\hat g]=\sum_b p(b)\sum_k c_k(b)\,E[\sum_t\nabla\log\pi\mid\text{class}_k]$, with $c_k$ the
loss's pull on answer k. That a loss is one of these is tested, not assumed.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pgbook.audit import truth, worlds
from pgbook.audit.batch import Batch, make_batch
from pgbook.audit.compare import Comparison, compare
from pgbook.audit.listing import Listing, stories
from pgbook.audit.measure import Updates
from pgbook.audit.subject import DOUBLE, expect_scalar
from pgbook.audit.truth import Objective
from pgbook.audit.worlds import World

CHUNK = 4096  # batches that go through `vmap` together
POLICY = ("logits", "entropy", "theta")  # the ways to the policy that a pull does not show
NEEDED = "by_class: expected a loss that pulls an answer by returns and lengths only, got"


@dataclass(frozen=True, eq=False)
class Classes:
    """The classes of a world's stories.

    Attributes:
        chance: the probability of each, [C].
        slope: its mean score, E[Σ_t ∇log π | class], [C, S, A].
        members: two stories of each, [2, C]; the same one twice if there is one only.
    """

    chance: np.ndarray
    slope: np.ndarray
    members: np.ndarray


def classes_of(world: World) -> tuple[dict[str, Tensor], Classes]:
    """Return the stories' fields, each [M, ...], and their classes."""
    told = stories(world, worlds.right_critic(world, discounted=False))
    part = {name: field.numpy() for name, field in told.parts.items()}
    policy, mask = world.policy(), part["mask"]
    chance = told.probability(policy)
    score = np.zeros((len(chance), *world.theta.shape))
    for m, t in np.argwhere(mask > 0):
        state, action = part["states"][m, t], part["actions"][m, t]
        score[m, state] += np.eye(policy.shape[1])[action] - policy[state]
    kinds = np.column_stack([(part["rewards"] * mask).sum(axis=1), mask.sum(axis=1)])
    _, which = np.unique(kinds, axis=0, return_inverse=True)
    total = np.bincount(which, chance)
    slope = np.zeros((len(total), *world.theta.shape))
    np.add.at(slope, which, chance[:, None, None] * score)
    rows = [np.flatnonzero(which == c) for c in range(len(total))]
    members = np.array([[row[0] for row in rows], [row[-1] for row in rows]])
    return told.parts, Classes(total, slope / total[:, None, None], members)


def by_class(
    loss: Callable[[Batch], Tensor], *, size: int = 6, world: World = worlds.LONG
) -> Comparison:
    """Compare a loss's expected update with the gradient of J, in larger groups.

    Args:
        loss: a function of a `Batch`; it must reach the policy through `log_prob`.
        size: the number of answers K in a group.
        world: one prompt, rewards at the end.

    Returns:
        A `Comparison`; its noise is not known, NaN.

    Raises:
        ValueError: the loss pulls answers of one return and length differently, or reaches the
            policy on another way.
    """
    parts, found = classes_of(world)
    count = len(found.chance)
    groups = np.array([*itertools.combinations_with_replacement(range(count), size)])
    copies = np.tril(groups[:, :, None] == groups[:, None, :]).sum(axis=2)
    weight = math.factorial(size) / copies.prod(axis=1) * found.chance[groups].prod(axis=1)
    _expect_classes(loss, world, parts, found, groups)
    pull = _pulls(loss, Listing(world, parts, found.members[0][groups], weight, size))
    each = np.einsum("bk,bksa->bsa", pull[..., 0], found.slope[groups])
    each[~np.isfinite(pull[..., 0]).all(axis=1)] = np.nan
    updates = Updates(each, weight, "" if np.isfinite(each).all() else "NaN or infinite", True)
    result = compare(updates, truth.gradient(world, Objective()), DOUBLE)
    return replace(result, noise=math.nan)


def _expect_classes(loss, world, parts, found, groups):
    """Refuse a loss whose pull is not one of returns and lengths, on two stories of each class."""
    some = groups[np.unique(np.linspace(0, len(groups) - 1, 40).astype(int))]
    pulls = []
    for members in found.members:
        for group in some:
            fields = {name: part[members[group]] for name, part in parts.items()}
            pull, others = _pull_of(loss, world, fields)
            if any(bool((other != 0).any()) for other in others):
                raise ValueError(f"{NEEDED} one that reaches the policy through {POLICY}")
            on = fields["mask"] > 0
            spread = (pull - pull[:, :1]).abs()[on]
            if (spread > 1e-9 * pull.abs().max() + 1e-12).any() or (pull[~on] != 0).any():
                raise ValueError(f"{NEEDED} one that pulls the steps of an answer differently")
            pulls.append(pull[:, 0])
    one, other = torch.stack(pulls).chunk(2)
    if not torch.allclose(one, other, rtol=1e-9, atol=1e-12, equal_nan=True):
        raise ValueError(f"{NEEDED} one that tells answers of one return and length apart")


def _leaves(world, fields):
    """A batch whose ways to the policy are leaves, each with a gradient of its own."""
    batch = make_batch(torch.tensor(world.theta), fields, world.gamma)
    ways = ("log_prob", *POLICY)
    free = {name: getattr(batch, name).clone().requires_grad_() for name in ways}
    return replace(batch, **free), list(free.values())


def _pull_of(loss, world, fields):
    """Minus the loss's gradient for log_prob, [K, T], and for the other ways to the policy."""
    batch, leaves = _leaves(world, fields)
    value = loss(batch)
    expect_scalar(value)
    if not value.requires_grad:
        return torch.zeros_like(leaves[0]), []
    slopes = torch.autograd.grad(value, leaves, allow_unused=True)
    slopes = [torch.zeros(1) if slope is None else slope for slope in slopes]
    pull = slopes[0] if slopes[0].shape == leaves[0].shape else torch.zeros_like(leaves[0])
    return -pull, slopes[1:]


def _pulls(loss, listing):
    """The pull on every step of every batch, [B, K, T]."""

    def value(log_prob, fields):
        batch = make_batch(torch.tensor(listing.world.theta), fields, listing.world.gamma)
        return loss(replace(batch, log_prob=log_prob)).reshape(())

    found, rows = [], np.arange(len(listing.index))
    try:
        for start in range(0, len(rows), CHUNK):
            fields = listing.fields(rows[start : start + CHUNK])
            log_prob = make_batch(torch.tensor(listing.world.theta), fields, 1.0).log_prob
            slope = torch.func.vmap(torch.func.grad(value))(log_prob, fields)
            found.append(-slope.numpy())
        return np.concatenate(found)
    except Exception:  # what vmap forbids is called plainly, as in `measure`
        each = (_pull_of(loss, listing.world, listing.fields(row))[0] for row in rows)
        return torch.stack([*each]).numpy()
