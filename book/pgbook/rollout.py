"""Whole episodes from a Gymnasium vector environment, as one record of arrays.

N environments run side by side, one episode each; an episode that has ended is masked until the
last one ends. Taking the first K episodes to finish instead would favour the short ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

Actor = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""act(observations [N, ...], rng) -> actions [N, ...]."""


@dataclass(frozen=True, eq=False)
class Rollout:
    """N whole episodes, padded to the longest: i = 0..N-1, t = 0..T-1.

    After its end an episode stays in an absorbing end state: its last observation is repeated, its
    rewards and its mask are 0, its flags are False; the actions there were drawn but never used.
    """

    observations: np.ndarray  # s_t, [N, T+1, ...]: before action t; the last one at t = length
    actions: np.ndarray  # a_t, [N, T, ...], as drawn from the policy
    rewards: np.ndarray  # r_t, [N, T], float64
    mask: np.ndarray  # bool [N, T]: True while the episode runs
    terminated: np.ndarray  # bool [N, T]: step t reached a true end state
    truncated: np.ndarray  # bool [N, T]: step t was cut off from outside, by a time limit

    @property
    def lengths(self) -> np.ndarray:
        """Number of actions of each episode, [N]."""
        return self.mask.sum(axis=1)

    @property
    def returns(self) -> np.ndarray:
        """R(τ) = Σ_t r_t of each episode, [N]."""
        return self.rewards.sum(axis=1)

    @property
    def env_steps(self) -> int:
        """Steps that belong to an episode: what the same episodes would cost one after another."""
        return int(self.mask.sum())

    @property
    def discarded_steps(self) -> int:
        """Steps simulated and thrown away: ended episodes waiting for the last one."""
        return self.mask.size - self.env_steps


def make_envs(env_id: str, episodes: int, **kwargs: object) -> VectorEnv:
    """Make a vector environment: the environment's own vectorised version if it has one, else sync.

    Args:
        env_id: a registered Gymnasium id.
        episodes: N, the number of environments, at least 1.
        **kwargs: passed on to the environment.

    Raises:
        ValueError: an unknown id, or episodes < 1.
    """
    if episodes < 1:
        raise ValueError(f"episodes: expected at least 1, got {episodes}")
    mode = "sync" if find_spec(env_id).vector_entry_point is None else "vector_entry_point"
    return gymnasium.make_vec(env_id, num_envs=episodes, vectorization_mode=mode, **kwargs)


def find_spec(env_id: str) -> gymnasium.envs.registration.EnvSpec:
    """Return Gymnasium's record of an environment; raise ValueError for an unknown id."""
    try:
        return gymnasium.spec(env_id)
    except (gymnasium.error.Error, TypeError) as error:  # TypeError: no text at all
        raise ValueError(
            f"env_id: expected a registered Gymnasium environment, got {env_id!r} ({error})"
        ) from error


def collect(
    envs: VectorEnv,
    act: Actor,
    rng: np.random.Generator,
    *,
    options: dict | None = None,
) -> Rollout:
    """Run one whole episode in each environment.

    Args:
        envs: N environments with Gymnasium's NEXT_STEP autoreset; they are reset first.
        act: draws the actions [N, ...] from the observations [N, ...]; called for all N every step,
            for an ended episode too, on what its environment plays next.
        rng: the only source of randomness: the reset seed and then the actions come from it.
        options: passed on to the environments' reset.

    Raises:
        ValueError: another autoreset mode (the last observation of an episode would be lost).
    """
    mode = envs.metadata.get("autoreset_mode")
    if mode != AutoresetMode.NEXT_STEP:
        raise ValueError(f"expected a vector environment with NEXT_STEP autoreset, got {mode}")
    first, _ = envs.reset(seed=int(rng.integers(2**31)), options=options)
    observations, steps = [np.array(first)], []
    running = np.ones(envs.num_envs, dtype=bool)
    while running.any():
        action = np.array(act(observations[-1], rng))
        after, reward, terminated, truncated, _ = envs.step(_legal(action, envs))
        steps.append((action, np.array(reward), running, np.array(terminated), np.array(truncated)))
        observations.append(np.array(after))
        running = running & ~(terminated | truncated)
    actions, rewards, mask, *flags = (
        np.stack(column, axis=1) for column in zip(*steps, strict=True)
    )
    absorbed = np.minimum(np.arange(len(observations)), mask.sum(axis=1, keepdims=True))
    return Rollout(
        np.stack(observations, axis=1)[np.arange(len(mask))[:, None], absorbed],
        actions,
        np.where(mask, rewards, 0.0).astype(np.float64),
        mask,
        *(mask & flag for flag in flags),
    )


def _legal(action: np.ndarray, envs: VectorEnv) -> np.ndarray:
    """Clip a continuous action to the environment's bounds; the record keeps what was drawn."""
    space = envs.single_action_space
    if isinstance(space, gymnasium.spaces.Box):
        return np.clip(action, space.low, space.high)
    return action
