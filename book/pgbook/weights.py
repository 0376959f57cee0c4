"""The weights Ψ_t on ∇log π_θ(a_t|s_t): pure functions of a batch of rewards.

Every function takes `rewards` and `mask`, both [N, T] (episode i = 0..N-1, step t = 0..T-1), and
returns `psi` [N, T]. `mask[i, t]` is 1 while episode i runs and 0 after its end; psi is 0 there, so
that steps after the end carry no weight. `gamma` is the discount γ; 1 means no discount.

The last two, `n_step` and `gae`, also need a critic's `values` [N, T+1] and `terminated` [N, T].
"""

from collections.abc import Callable

import numpy as np


def total_return(rewards: np.ndarray, mask: np.ndarray, *, gamma: float = 1.0) -> np.ndarray:
    """Weight every step of an episode with its whole return.

    Ψ_t = R(τ) = Σ_{k=0}^{T-1} γ^k r_k, the same number at every t: equation 6.3, Williams (1992).

    Args:
        rewards: r_t, [N, T].
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: the shapes differ or are not [N, T], the mask comes back after an end, or gamma
            lies outside [0, 1].
    """
    rewards, mask = _checked(rewards, mask, gamma)
    discounts = gamma ** np.arange(rewards.shape[1])
    return (rewards * discounts).sum(axis=1, keepdims=True) * mask


def reward_to_go(rewards: np.ndarray, mask: np.ndarray, *, gamma: float = 1.0) -> np.ndarray:
    """Weight a step with the rewards that come at it or after it.

    Ψ_t = G_t = Σ_{k=t}^{T-1} γ^{k-t} r_k, by the recursion G_t = r_t + γ G_{t+1} with G_T = 0.

    Args:
        rewards: r_t, [N, T].
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: the shapes differ or are not [N, T], the mask comes back after an end, or gamma
            lies outside [0, 1].
    """
    rewards, mask = _checked(rewards, mask, gamma)
    psi = np.zeros_like(rewards)
    to_go = np.zeros(len(rewards))
    for t in reversed(range(rewards.shape[1])):
        to_go = rewards[:, t] + gamma * to_go
        psi[:, t] = to_go
    return psi


def reward_to_go_minus_mean(
    rewards: np.ndarray, mask: np.ndarray, *, gamma: float = 1.0
) -> np.ndarray:
    """Weight a step with its reward-to-go, less the batch's mean reward-to-go at the same t.

    Ψ_t = G_t - b_t, where b_t is the mean of G_t over the n_t episodes that still run at t. Each
    episode is part of its own mean: in expectation its term at t shrinks by 1 - E[1/n_t], and an
    episode that runs alone gets weight 0.

    Args:
        rewards: r_t, [N, T].
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].

    Returns:
        psi, [N, T], float64; at each t its sum over the running episodes is 0.

    Raises:
        ValueError: the shapes differ or are not [N, T], the mask comes back after an end, or gamma
            lies outside [0, 1].
    """
    to_go = reward_to_go(rewards, mask, gamma=gamma)
    running = np.asarray(mask).sum(axis=0)
    return (to_go - to_go.sum(axis=0) / np.maximum(running, 1)) * mask


def leave_one_out(rewards: np.ndarray, mask: np.ndarray, *, gamma: float = 1.0) -> np.ndarray:
    """Weight an episode with its return, less the mean return of the other episodes.

    Ψ_t^i = R(τ^i) - 1/(N-1) Σ_{j≠i} R(τ^j). The baseline does not depend on episode i: no bias.

    Args:
        rewards: r_t, [N, T], N at least 2.
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: fewer than two episodes, shapes that differ or are not [N, T], or a bad gamma.
    """
    rewards, mask = _checked(rewards, mask, gamma)
    episodes = len(rewards)
    if episodes < 2:
        raise ValueError(f"leave_one_out: expected at least 2 episodes, got {episodes}")
    returns = (rewards * gamma ** np.arange(rewards.shape[1])).sum(axis=1)
    others = (returns.sum() - returns) / (episodes - 1)
    return (returns - others)[:, None] * mask


def n_step(
    rewards: np.ndarray,
    mask: np.ndarray,
    *,
    gamma: float = 1.0,
    n: int,
    values: np.ndarray,
    terminated: np.ndarray,
) -> np.ndarray:
    """Weight a step with n rewards and the critic's value of what follows, less its value of now.

    Ψ_t = Σ_{k=0}^{n-1} γ^k r_{t+k} + γ^n V_{t+n} - V_t = Σ_{k=0}^{n-1} γ^k δ_{t+k}, where
    δ_t = r_t + γ V_{t+1} - V_t. The sum stops with the episode; n = 1 is one-step TD, n >= T is
    Monte Carlo minus V. Mnih et al. (2016).

    Args:
        rewards: r_t, [N, T].
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].
        n: how many rewards are counted, at least 1.
        values: V_t = V(s_t), t = 0..T, [N, T+1]; the last one of episode i stands at its length.
        terminated: 1 where step t reached a true end, [N, T]. Nothing follows it: V_{t+1} counts
            as 0. An episode that was cut off (truncated) goes on: its last V_{t+1} counts.

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: shapes that do not fit, gamma outside [0, 1], or n < 1.
    """
    delta = _td_errors(rewards, mask, gamma, values, terminated)
    if not (isinstance(n, int | np.integer) and n >= 1):
        raise ValueError(f"n: expected an integer >= 1, got {n!r}")
    psi, steps = np.zeros_like(delta), delta.shape[1]
    for k in range(min(n, steps)):
        psi[:, : steps - k] += gamma**k * delta[:, k:]
    return psi


def gae(
    rewards: np.ndarray,
    mask: np.ndarray,
    *,
    gamma: float = 1.0,
    lam: float,
    values: np.ndarray,
    terminated: np.ndarray,
) -> np.ndarray:
    """Weight a step with its generalised advantage estimate.

    Ψ_t = Σ_{k=0}^{T-1-t} (γλ)^k δ_{t+k}, where δ_t = r_t + γ V_{t+1} - V_t, by the recursion
    Ψ_t = δ_t + γλ Ψ_{t+1} with Ψ_T = 0. λ = 0 is one-step TD, λ = 1 is Monte Carlo minus V.
    Schulman et al. (2016).

    Args:
        rewards: r_t, [N, T].
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].
        lam: the mixing λ in [0, 1].
        values: V_t = V(s_t), t = 0..T, [N, T+1]; the last one of episode i stands at its length.
        terminated: 1 where step t reached a true end, [N, T]. Nothing follows it: V_{t+1} counts
            as 0. An episode that was cut off (truncated) goes on: its last V_{t+1} counts.

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: shapes that do not fit, or gamma or lam outside [0, 1].
    """
    delta = _td_errors(rewards, mask, gamma, values, terminated)
    if not 0.0 <= lam <= 1.0:
        raise ValueError(f"lam: expected a number in [0, 1], got {lam}")
    psi, to_come = np.zeros_like(delta), np.zeros(len(delta))
    for t in reversed(range(delta.shape[1])):
        to_come = delta[:, t] + gamma * lam * to_come
        psi[:, t] = to_come
    return psi


def standardise(psi: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return (psi - mean) / standard deviation over all running steps of the batch, 0 elsewhere.

    This is no baseline: it scales with the batch, and its mean is pooled over the time steps. A
    batch in which all psi are equal gives 0.

    Raises:
        ValueError: the shapes differ, or no step is running.
    """
    psi, running = np.asarray(psi), np.asarray(mask) != 0
    if psi.shape != running.shape or not running.any():
        raise ValueError(
            "expected psi and mask of one shape with a running step, "
            f"got {psi.shape} and {running.shape} with {running.sum()}"
        )
    centred = np.where(running, psi - psi[running].mean(), 0.0)
    return centred / max(psi[running].std(), 1e-12)


WEIGHTS: dict[str, Callable[..., np.ndarray]] = {
    function.__name__: function
    for function in (
        total_return,
        reward_to_go,
        reward_to_go_minus_mean,
        leave_one_out,
        n_step,
        gae,
    )
}
"""Every weight by its name: what `Config.psi` may say. Call it (rewards, mask, gamma=..., ...)."""

NEEDS_VALUES = {"n_step": "n", "gae": "lam"}
"""The weights that also need `values` and `terminated`, each with the setting of its own."""


def _td_errors(rewards, mask, gamma, values, terminated) -> np.ndarray:
    """Return δ_t = r_t + γ V_{t+1} - V_t, [N, T], without V_{t+1} at a true end; 0 after it."""
    rewards, mask = _checked(rewards, mask, gamma)
    values, terminated = np.asarray(values, dtype=np.float64), np.asarray(terminated)
    episodes, steps = rewards.shape
    if values.shape != (episodes, steps + 1):
        raise ValueError(f"values: expected shape {(episodes, steps + 1)}, got {values.shape}")
    if terminated.shape != (episodes, steps):
        raise ValueError(f"terminated: expected shape {(episodes, steps)}, got {terminated.shape}")
    following = np.where(terminated, 0.0, values[:, 1:])
    return np.where(mask, rewards + gamma * following - values[:, :-1], 0.0)


def _checked(rewards: np.ndarray, mask: np.ndarray, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """Return float64 rewards, 0 where the mask is 0, and the mask, of bools; refuse bad input."""
    rewards, mask = np.asarray(rewards, dtype=np.float64), np.asarray(mask)
    if rewards.ndim != 2 or rewards.shape != mask.shape:
        raise ValueError(
            "expected rewards and mask of one shape [episodes, steps], "
            f"got {rewards.shape} and {mask.shape}"
        )
    if not 0.0 <= gamma <= 1.0:
        raise ValueError(f"gamma: expected a discount in [0, 1], got {gamma}")
    running = mask.astype(bool)
    if (running != mask).any() or (running[:, 1:] > running[:, :-1]).any():
        raise ValueError("mask: expected 1 while an episode runs and 0 ever after, got other rows")
    return np.where(running, rewards, 0.0), running
