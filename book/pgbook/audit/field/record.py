"""What is kept of a report: where it was made, what it says, and the loss in question."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pgbook.audit.batch import Batch

Loss = Callable[[Batch], Tensor]
GITHUB = "https://github.com/"


@dataclass(frozen=True)
class FieldReport:
    """A loss that somebody called wrong in public, written anew for a `Batch`.

    Attributes:
        name: the project and the number of the thread.
        url: the thread.
        claim: what was reported, in our words.
        loss: the loss that was reported.
        proposed: what the thread puts in its place.
        objective: what both are meant to climb, as `audit` takes it; None lets `audit` choose.
    """

    name: str
    url: str
    claim: str
    loss: Loss
    proposed: Loss
    objective: str | None = None


def to_go(b: Batch, gamma: float = 1.0, rewards: Tensor | None = None) -> Tensor:
    """Return the rewards to go, discounted from each step on, [K, T]; of the batch's or others."""
    paid = b.rewards if rewards is None else rewards
    rows, after = [], torch.zeros_like(paid[:, 0])
    for t in reversed(range(paid.shape[1])):
        after = (paid[:, t] + gamma * after) * b.mask[:, t]
        rows.append(after)
    return torch.stack(rows[::-1], dim=1)


def powers(b: Batch) -> Tensor:
    """Return γ^t, [T]."""
    return b.gamma ** torch.arange(b.rewards.shape[1], dtype=b.rewards.dtype)


def centred(b: Batch) -> Tensor:
    """Return each answer's reward less its group's mean, [K, 1]; an audit has one prompt here."""
    returns = (b.rewards * b.mask).sum(1, keepdim=True)
    return returns - returns.mean()


def per_episode(b: Batch, gain: Tensor) -> Tensor:
    """Return minus the gain, [K, T], summed over the steps that run and averaged over episodes."""
    return -(gain * b.mask).sum() / len(b.mask)
