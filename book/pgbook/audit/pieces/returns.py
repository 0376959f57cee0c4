"""Returns of every kind: what an action is weighed with before anything is taken off."""

import torch
from torch import Tensor

from pgbook.audit.batch import Batch
from pgbook.audit.pieces.centres import over_steps
from pgbook.audit.pieces.piece import Function


def powers(b: Batch, gamma: float) -> Tensor:
    """γ^t, [T]."""
    steps = torch.arange(b.rewards.shape[-1], dtype=b.rewards.dtype)
    return torch.as_tensor(gamma, dtype=b.rewards.dtype) ** steps


def whole(b: Batch, gamma: float) -> Tensor:
    """The whole return at every step, R = Σ_k γ^k r_k."""
    total = (b.rewards * b.mask * powers(b, gamma)).sum(-1, keepdim=True)
    return total.expand_as(b.rewards)


def to_go(b: Batch, gamma: float) -> Tensor:
    """The rewards to go, G_t = Σ_{k≥t} γ^{k-t} r_k; 0 after the end."""
    return backwards(b, b.rewards * b.mask, gamma)


def backwards(b: Batch, parts: Tensor, decay: float) -> Tensor:
    """Σ_{k≥t} decay^{k-t} parts_k, each episode by itself."""
    found, after = [], torch.zeros_like(parts[..., 0])
    for t in reversed(range(parts.shape[-1])):
        after = parts[..., t] + decay * after
        found.append(after)
    return torch.stack(found[::-1], dim=-1)


def front(b: Batch, gamma: float) -> Tensor:
    """γ^t G_t, the rewards to go of the discounted return."""
    return powers(b, gamma) * to_go(b, gamma)


def errors(b: Batch, gamma: float, ends: bool = True) -> Tensor:
    """δ_t = r_t + γ V_{t+1} - V_t; without `ends` the critic is asked beyond a true end."""
    following = b.next_values * (1 - b.terminated) if ends else b.next_values
    return (b.rewards + gamma * following - b.values) * b.mask


def believed(lam: float, ends: bool = True, in_front: bool = False) -> Function:
    """The generalised advantage estimate as a function of (batch, γ)."""

    def make(b, gamma):
        psi = backwards(b, errors(b, gamma, ends), gamma * lam)
        return powers(b, gamma) * psi if in_front else psi

    return make


def two_steps(b: Batch, gamma: float) -> Tensor:
    """Two errors, and the critic after them."""
    delta = errors(b, gamma)
    return delta + gamma * torch.nn.functional.pad(delta[..., 1:], (0, 1))


def target(b: Batch, gamma: float) -> Tensor:
    """A critic's target, r_t + γ V_{t+1}, with nothing taken off."""
    return (b.rewards + gamma * b.next_values * (1 - b.terminated)) * b.mask


def excluding(b: Batch, gamma: float) -> Tensor:
    """The rewards to go that begin after the own reward."""
    return gamma * torch.nn.functional.pad(to_go(b, gamma)[..., 1:], (0, 1))


def past(b: Batch, gamma: float) -> Tensor:
    """What was paid so far."""
    return (b.rewards * b.mask).cumsum(-1)


def first_reward(b: Batch, gamma: float) -> Tensor:
    """The first step's reward, at every step."""
    return b.rewards[..., :1].expand_as(b.rewards)


def ends(b: Batch) -> Tensor:
    """1 at the last step that runs, [..., K, T]."""
    return b.mask - torch.nn.functional.pad(b.mask[..., 1:], (0, 1))


def last_reward(b: Batch, gamma: float) -> Tensor:
    """The last step's reward, at every step."""
    return (b.rewards * ends(b)).sum(-1, keepdim=True).expand_as(b.rewards)


def mean_reward(b: Batch, gamma: float) -> Tensor:
    """The return over the length."""
    return whole(b, 1.0) / b.mask.sum(-1, keepdim=True)


def padded_return(b: Batch, gamma: float) -> Tensor:
    """The return with what stands after the end."""
    return b.rewards.sum(-1, keepdim=True).expand_as(b.rewards)


def bootstrapped(b: Batch, gamma: float) -> Tensor:
    """The rewards to go, and at a window's end the critic's word: the estimate plus V_t."""
    return backwards(b, errors(b, gamma), gamma) + b.values * b.mask


def whitened(centred: bool, shifted: bool, ddof: int) -> Function:
    """The rewards to go, each reward over the deviation of the batch's rewards."""

    def make(b):
        mean, count = over_steps(b.rewards, b), b.mask.sum((-1, -2), keepdim=True)
        square = ((b.rewards - mean) ** 2 * b.mask).sum((-1, -2), keepdim=True)
        below = (square / (count - ddof).clamp(min=1) + 1e-8).sqrt()
        rewards = (b.rewards - mean * centred) / below + mean * shifted
        return backwards(b, rewards * b.mask, 1.0)

    return make


def reversed_discount(b: Batch, gamma: float) -> Tensor:
    """The return whose discount runs backwards in the padded time."""
    return (
        (b.rewards * b.mask * powers(b, gamma).flip(-1)).sum(-1, keepdim=True).expand_as(b.rewards)
    )
