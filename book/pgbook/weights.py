"""The weights Ψ_t on ∇log π_θ(a_t|s_t): pure functions of a batch of rewards.

Every function takes `rewards` and `mask`, both [N, T] (episode i = 0..N-1, step t = 0..T-1), and
returns `psi` [N, T]. `mask[i, t]` is 1 while episode i runs and 0 after its end; psi is 0 there, so
that steps after the end carry no weight. `gamma` is the discount γ; 1 means no discount.

The last two, `n_step` and `gae`, also need a critic's `values` [N, T+1] and `terminated` [N, T].

Where the mask is 0, the numbers in the other arrays do not count and may be anything, NaN too.
"""

from collections.abc import Callable

import numpy as np

from pgbook import expect


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
        ValueError: the shapes differ or are not [N, T], a reward is no finite number, the mask
            comes back after an end, or gamma lies outside [0, 1].
    """
    rewards, mask, gamma = _checked(rewards, mask, gamma)
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
        ValueError: the shapes differ or are not [N, T], a reward is no finite number, the mask
            comes back after an end, or gamma lies outside [0, 1].
    """
    rewards, mask, gamma = _checked(rewards, mask, gamma)
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
    episode that runs alone gets weight 0. Differences that are mere rounding count as 0.

    Args:
        rewards: r_t, [N, T].
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].

    Returns:
        psi, [N, T], float64; at each t its sum over the running episodes is 0.

    Raises:
        ValueError: the shapes differ or are not [N, T], a reward is no finite number, the mask
            comes back after an end, or gamma lies outside [0, 1].
    """
    rewards, mask, gamma = _checked(rewards, mask, gamma)
    to_go = reward_to_go(rewards, mask, gamma=gamma)
    running = mask.sum(axis=0)
    return _less(to_go, to_go.sum(axis=0) / np.maximum(running, 1), rewards) * mask


def leave_one_out(rewards: np.ndarray, mask: np.ndarray, *, gamma: float = 1.0) -> np.ndarray:
    """Weight an episode with its return, less the mean return of the other episodes.

    Ψ_t^i = R(τ^i) - 1/(N-1) Σ_{j≠i} R(τ^j). The baseline does not depend on episode i: no bias.
    Differences that are mere rounding count as 0.

    Args:
        rewards: r_t, [N, T], N at least 2.
        mask: 1 while the episode runs, [N, T].
        gamma: the discount γ in [0, 1].

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: fewer than two episodes, or what `total_return` raises.
    """
    rewards, mask, gamma = _checked(rewards, mask, gamma)
    episodes = len(rewards)
    if episodes < 2:
        raise ValueError(f"leave_one_out: expected at least 2 episodes, got {episodes}")
    returns = (rewards * gamma ** np.arange(rewards.shape[1])).sum(axis=1)
    others = (returns.sum() - returns) / (episodes - 1)
    return _less(returns, others, rewards)[:, None] * mask


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
        values: V_t = V(s_t), t = 0..T, [N, T+1]; the last one of episode i stands at its length. A
            NaN that counts shows up as NaN.
        terminated: 1 where step t reached a true end, [N, T], so at an episode's last step or
            nowhere. Nothing follows it: V_{t+1} counts as 0. An episode that was cut off
            (truncated) goes on: its last V_{t+1} counts.

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: shapes that do not fit, a reward that is no finite number, an end elsewhere
            than at a last step, gamma outside [0, 1], or n < 1.
    """
    n = expect.whole("n", n, 1)
    delta, gamma = _td_errors(rewards, mask, gamma, values, terminated)
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
        values: V_t = V(s_t), t = 0..T, [N, T+1]; the last one of episode i stands at its length. A
            NaN that counts shows up as NaN.
        terminated: 1 where step t reached a true end, [N, T], so at an episode's last step or
            nowhere. Nothing follows it: V_{t+1} counts as 0. An episode that was cut off
            (truncated) goes on: its last V_{t+1} counts.

    Returns:
        psi, [N, T], float64.

    Raises:
        ValueError: shapes that do not fit, a reward that is no finite number, an end elsewhere
            than at a last step, or gamma or lam outside [0, 1].
    """
    lam = expect.number("lam", lam, 0, 1)
    delta, gamma = _td_errors(rewards, mask, gamma, values, terminated)
    psi, to_come = np.zeros_like(delta), np.zeros(len(delta))
    for t in reversed(range(delta.shape[1])):
        to_come = delta[:, t] + gamma * lam * to_come
        psi[:, t] = to_come
    return psi


def standardise(psi: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return (psi - mean) / standard deviation over all running steps of the batch, 0 elsewhere.

    This is no baseline: it scales with the batch, and its mean is pooled over the time steps. A
    batch in which all psi are equal gives 0; so does one whose spread is no more than the rounding
    of a sum of n numbers of that size, n ε max|psi|.

    Raises:
        ValueError: the shapes differ or are not [N, T], a psi that counts is not finite, the mask
            comes back after an end, or no step is running.
    """
    psi, running = _masked("psi", psi, mask)
    if not running.any():
        raise ValueError(f"mask: expected a running step, got {running.shape} without one")
    _, exponent = np.frexp(np.abs(psi).max())
    psi = np.ldexp(psi, -exponent)  # a power of two: nothing is rounded, and no square overflows
    centred, spread = np.where(running, psi - psi[running].mean(), 0.0), psi[running].std()
    rounding = running.sum() * np.finfo(np.float64).eps * np.abs(psi).max()
    return centred / spread if spread > rounding else np.zeros_like(psi)


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


def _less(value: np.ndarray, baseline: np.ndarray, rewards: np.ndarray) -> np.ndarray:
    """Return value - baseline; 0 where that is no more than the rounding of sums of the rewards.

    Else equal returns, which teach nothing, would leave noise for `standardise` to blow up.
    """
    size = np.abs(rewards).sum(axis=1).max(initial=0.0)
    rounding = sum(rewards.shape) * np.finfo(np.float64).eps * size
    difference = value - baseline
    return np.where(np.abs(difference) > rounding, difference, 0.0)


def _td_errors(rewards, mask, gamma, values, terminated) -> tuple[np.ndarray, float]:
    """Return δ_t = r_t + γ V_{t+1} - V_t, [N, T], and γ; no V_{t+1} at a true end, 0 after it."""
    rewards, mask, gamma = _checked(rewards, mask, gamma)
    episodes, steps = rewards.shape
    values = expect.numbers("values", values, (episodes, steps + 1))
    ended = expect.numbers("terminated", terminated, (episodes, steps))
    goes_on = np.pad(mask[:, 1:], ((0, 0), (0, 1)))
    if not np.isin(ended, (0, 1)).all() or (ended > (mask & ~goes_on)).any():
        raise ValueError("terminated: expected 1 at an episode's last step, else 0, got other rows")
    now = np.where(mask, values[:, :-1], 0.0)
    following = np.where(mask & (ended == 0), values[:, 1:], 0.0)
    return rewards + gamma * following - now, gamma


def _checked(rewards, mask, gamma) -> tuple[np.ndarray, np.ndarray, float]:
    """Return float64 rewards, 0 where the mask is 0, the mask of bools, and gamma."""
    return *_masked("rewards", rewards, mask), expect.number("gamma", gamma, 0, 1)


def _masked(name, values, mask) -> tuple[np.ndarray, np.ndarray]:
    """Return finite values, 0 where the mask is 0, and the mask of bools; both [N, T]."""
    values, mask = expect.numbers(name, values), expect.numbers("mask", mask)
    if values.ndim != 2 or values.shape != mask.shape:
        raise ValueError(
            f"expected {name} and mask of one shape [episodes, steps], "
            f"got {values.shape} and {mask.shape}"
        )
    running = mask == 1
    if (running != mask).any() or (running[:, 1:] > running[:, :-1]).any():
        raise ValueError("mask: expected 1 while an episode runs and 0 ever after, got other rows")
    return expect.numbers(name, np.where(running, values, 0.0), finite=True), running
