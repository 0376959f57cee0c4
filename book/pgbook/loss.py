"""The loss whose gradient is the policy gradient, with PPO's clip or without."""

import torch
from torch import Tensor

from pgbook import expect


def policy_loss(
    log_prob: Tensor,
    psi: Tensor,
    episodes: int,
    old_log_prob: Tensor | None = None,
    clip: float | None = None,
) -> Tensor:
    """Return the loss whose gradient is minus the policy gradient; with a clip, PPO's.

    -(1/N) Σ log π_θ Ψ without a clip. With one, log π_θ makes way for the ratio
    ω = π_θ / π_old, which counts only while it stays inside 1 ± ε:
    -(1/N) Σ min(ω Ψ, clamp(ω, 1 - ε, 1 + ε) Ψ). Schulman et al. (2017).

    Args:
        log_prob: log π_θ(a_t|s_t) of every running step, [M].
        psi: Ψ_t, [M].
        episodes: N.
        old_log_prob: the same under the policy that collected, [M].
        clip: ε > 0.

    Raises:
        ValueError: shapes that differ, episodes that is no integer >= 1, a clip that is not > 0, or
            only one of `old_log_prob` and `clip`.
    """
    _expect_steps(log_prob, psi, episodes, old_log_prob, clip)
    if clip is None:
        return -(log_prob * psi).sum() / episodes
    ratio = (log_prob - old_log_prob).exp()
    bounded = ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(ratio * psi, bounded * psi).sum() / episodes


def _expect_steps(log_prob, psi, episodes, old_log_prob, clip) -> None:
    """Refuse what would be broadcast, divided by nothing or left out without a word."""
    others = {"psi": psi, "old_log_prob": log_prob if old_log_prob is None else old_log_prob}
    for name, other in others.items():
        if other.shape != log_prob.shape:
            raise ValueError(
                f"{name}: expected the shape of log_prob, {tuple(log_prob.shape)}, "
                f"got {tuple(other.shape)}"
            )
    expect.whole("episodes", episodes, 1)
    if (clip is None) != (old_log_prob is None) or (clip is not None and not clip > 0):
        given = "None" if old_log_prob is None else "a tensor"
        raise ValueError(
            "expected both old_log_prob and a clip > 0, or neither, "
            f"got old_log_prob={given} and clip={clip}"
        )
