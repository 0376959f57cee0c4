"""Whole episodes from a Gymnasium vector environment, as one record of arrays.

N environments run side by side, one episode each; an episode that has ended is masked until the
last one ends. Taking the first K episodes to finish instead would favour the short ones.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

import gymnasium
import numpy as np
from gymnasium.spaces import Box, flatten_space
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.wrappers.vector import FlattenObservation

from pgbook import expect

Actor = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""act(observations [N, ...], rng) -> actions [N, ...]."""

ENDLESS = 1_000_000
"""Steps of a batch, of all environments together, after which an episode counts as endless."""


class EndlessEpisode(RuntimeError):
    """A batch of an environment without a time limit did not come to an end."""


_BY_STEP = ("actions", "rewards", "terminated", "truncated")  # arrays of a Rollout, [N, T, ...]


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

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        if self.mask.ndim != 2:
            raise ValueError(f"mask: expected shape [N, T], got {self.mask.shape}")
        episodes, steps = self.mask.shape
        for name, columns in {"observations": steps + 1, **dict.fromkeys(_BY_STEP, steps)}.items():
            shape = getattr(self, name).shape
            if shape[:2] != (episodes, columns) or (name in _BY_STEP[1:] and len(shape) > 2):
                raise ValueError(f"{name}: expected shape {(episodes, columns)}, got {shape}")

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

    Observations that are no rows of numbers become rows by Gymnasium's own flattening: a choice is
    one-hot, an array is written out in one row, the parts of a Dict or a Tuple stand side by side
    in the order of the space; a Dict that was made of a plain dict has sorted its keys.
    `gymnasium.spaces.unflatten` takes a row apart again. What cannot be flattened stays as it is.

    Args:
        env_id: a registered Gymnasium id, or "module:id" for one that a module registers.
        episodes: N, the number of environments, at least 1.
        **kwargs: passed on to the environment.

    Raises:
        ValueError: an unknown id, or episodes that is no integer >= 1.
    """
    episodes = expect.whole("episodes", episodes, 1)
    mode = "sync" if find_spec(env_id).vector_entry_point is None else "vector_entry_point"
    envs = gymnasium.make_vec(env_id, num_envs=episodes, vectorization_mode=mode, **kwargs)
    space = envs.single_observation_space
    return envs if flat(space) in (None, space) else FlattenObservation(envs)


def flat(space: gymnasium.Space) -> Box | None:
    """Return the Box of rows [D] that Gymnasium's flattening makes of a space; None if it cannot.

    A row has at least one number.
    """
    try:
        rows = flatten_space(space)
    except (NotImplementedError, ValueError):  # another kind of space; a part with nothing in it
        return None
    return rows if isinstance(rows, Box) and rows.shape > (0,) else None


def find_spec(env_id: str) -> gymnasium.envs.registration.EnvSpec:
    """Return Gymnasium's record of an environment; for "module:id" import the module first.

    Raises:
        ValueError: no text, an unknown id, or a module that cannot be found.
    """
    expected = "env_id: expected a registered Gymnasium environment"
    if not isinstance(env_id, str):
        raise ValueError(
            f"{expected}, by its id, got {env_id!r}; a class needs an id first: "
            'gymnasium.register("My-v0", MyEnv, max_episode_steps=...)'
        )
    module, colon, name = env_id.rpartition(":")
    try:
        if colon:
            importlib.import_module(module)
        return gymnasium.spec(name)
    except (gymnasium.error.Error, ImportError, TypeError, ValueError) as error:
        raise ValueError(f"{expected}, got {env_id!r} ({error})") from error


def time_limit(envs: VectorEnv) -> int | None:
    """Return the steps after which an episode is cut off, as registered; None if there is no limit.

    An environment may still end every episode by itself.
    """
    if envs.spec is None:
        return None
    limit = envs.spec.kwargs.get("max_episode_steps", envs.spec.max_episode_steps)
    return limit if limit is not None and limit > 0 else None


def collect(
    envs: VectorEnv,
    act: Actor,
    rng: np.random.Generator,
    *,
    options: dict | None = None,
    max_steps: float = ENDLESS,
) -> Rollout:
    """Run one whole episode in each environment.

    A trained policy plays by `collect(envs, policy.actor(), rng)`, or by `policy.greedy()` without
    chance.

    Args:
        envs: N environments with Gymnasium's NEXT_STEP autoreset; they are reset first.
        act: draws the actions [N, ...] from the observations [N, ...]; called for all N every step,
            for an ended episode too, on what its environment plays next.
        rng: the only source of randomness: the reset seed and then the actions come from it.
        options: passed on to the environments' reset.
        max_steps: of all N together, those behind an end included. Environments without a time
            limit are given up after it; with one the longest batch is N times the limit.

    Raises:
        ValueError: another autoreset mode (the last observation of an episode would be lost),
            observations that are no array of numbers, or actions that the environments do not take.
        EndlessEpisode: no time limit, and an episode still runs after `max_steps`.
    """
    _expect_batches(envs)
    limited = time_limit(envs) is not None
    first, _ = envs.reset(seed=int(expect.generator(rng).integers(2**31)), options=options)
    observations, steps = [_rows(first, envs)], []
    running = np.ones(envs.num_envs, dtype=bool)
    while running.any():
        if not limited and len(steps) * envs.num_envs >= max_steps:
            raise EndlessEpisode(
                f"expected every episode to end, got {running.sum()} of {envs.num_envs} that still "
                f"run after {len(steps)} steps each; give the environment a time limit, "
                "gymnasium.register(..., max_episode_steps=...)"
            )
        action = np.array(act(observations[-1], rng))
        after, reward, terminated, truncated, _ = envs.step(_legal(action, envs))
        steps.append((action, np.array(reward), running, np.array(terminated), np.array(truncated)))
        observations.append(np.array(after))
        running = running & ~(terminated | truncated)
    actions, rewards, mask, *flags = (
        np.stack(column, axis=1) for column in zip(*steps, strict=True)
    )
    _expect_in_range(actions, envs.single_action_space)
    absorbed = np.minimum(np.arange(len(observations)), mask.sum(axis=1, keepdims=True))
    return Rollout(
        np.stack(observations, axis=1)[np.arange(len(mask))[:, None], absorbed],
        actions,
        np.where(mask, rewards, 0.0).astype(np.float64),
        mask,
        *(mask & flag for flag in flags),
    )


def _expect_batches(envs: VectorEnv) -> None:
    """Refuse environments whose last observations would be lost."""
    mode = getattr(envs, "metadata", {}).get("autoreset_mode")
    if not isinstance(envs, VectorEnv) or mode != AutoresetMode.NEXT_STEP:
        got = mode if isinstance(envs, VectorEnv) else repr(envs)
        raise ValueError(f"expected a vector environment with NEXT_STEP autoreset, got {got}")


def _rows(observations: object, envs: VectorEnv) -> np.ndarray:
    """Return a copy of the observations, if they are numbers, one row for each environment."""
    try:
        rows = np.array(observations)
    except ValueError:  # rows of different lengths
        rows = np.array(None)
    if rows.dtype.kind not in "biuf" or rows.shape[:1] != (envs.num_envs,):
        raise ValueError(
            f"observations: expected {envs.num_envs} rows of numbers, got those of "
            f"{envs.single_observation_space}; pgbook.rollout.make_envs makes rows of what "
            "Gymnasium can flatten"
        )
    return rows


def _legal(action: np.ndarray, envs: VectorEnv) -> np.ndarray:
    """Return actions as the environments take them; the record keeps what was drawn.

    A continuous action is clipped to the environment's bounds.
    """
    space = envs.single_action_space
    if space.shape is None:
        raise ValueError(f"actions: expected a space of arrays, got {space}")
    shape, dtype = (envs.num_envs, *space.shape), space.dtype
    fits = action.dtype == dtype or np.can_cast(action.dtype, dtype, "same_kind")
    if action.shape != shape or not fits:
        raise ValueError(
            f"actions: expected shape {shape} of {dtype}, "
            f"got shape {action.shape} of {action.dtype}"
        )
    if isinstance(space, Box):
        action = np.clip(action, space.low, space.high)
    return action.astype(dtype, copy=False)


def _expect_in_range(actions: np.ndarray, space: gymnasium.Space) -> None:
    """Refuse choices that the environment does not offer, and continuous actions that are NaN."""
    if isinstance(space, gymnasium.spaces.Discrete | gymnasium.spaces.MultiDiscrete):
        count = space.n if isinstance(space, gymnasium.spaces.Discrete) else space.nvec
        fine = (actions >= space.start) & (actions - space.start < count)
    else:
        fine = np.isfinite(actions)
    if not fine.all():
        raise ValueError(f"actions: expected those of {space}, got {actions[~fine][0]}")
