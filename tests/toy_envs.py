"""Tiny environments in which every reward and every end is known, for the tests."""

import contextlib

import gymnasium
import numpy as np


class Script(gymnasium.Env):
    """Plays a script: each reset starts a new line, dealt out in turn to the environments.

    The observation is (line, step). The reward of step t of line l is 10 l + t; the line's last
    step ends it with the flags of the line. Actions change nothing.
    """

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = gymnasium.spaces.Discrete(3)

    def __init__(self, lines, shared):
        """Take lines (length, terminated, truncated) and a counter that all copies share."""
        self.lines, self.shared = lines, shared

    def reset(self, *, seed=None, options=None):
        """Begin an episode."""
        super().reset(seed=seed)
        self.line, self.t = self.shared["next"] % len(self.lines), 0
        self.shared["next"] += 1
        return self._observe(), {}

    def step(self, action):
        """Take one step."""
        length, terminated, truncated = self.lines[self.line]
        reward, self.t = float(10 * self.line + self.t), self.t + 1
        last = self.t == length
        return self._observe(), reward, last and terminated, last and truncated, {}

    def _observe(self):
        return np.array([self.line, self.t], dtype=np.float32)


class Target(gymnasium.Env):
    """One step: the reward is -|action|, for an action in [-1, 1]; it must never see another."""

    observation_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, *, seed=None, options=None):
        """Begin an episode."""
        super().reset(seed=seed)
        return np.zeros(1, dtype=np.float32), {}

    def step(self, action):
        """Take one step."""
        assert self.action_space.contains(action), action
        return np.zeros(1, dtype=np.float32), -float(abs(action[0])), True, False, {}


class Bandit(gymnasium.Env):
    """One step: action 1 pays `reward`, action 0 pays 0; after `good` steps it pays `then`."""

    observation_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, reward=1.0, good=10**9, then=np.nan):
        """Count steps over all episodes."""
        self.reward, self.good, self.then, self.steps = reward, good, then, 0

    def reset(self, *, seed=None, options=None):
        """Begin an episode."""
        super().reset(seed=seed)
        return np.ones(1, dtype=np.float32), {}

    def step(self, action):
        """Take one step."""
        self.steps += 1
        reward = self.reward * float(action) if self.steps <= self.good else self.then
        return np.ones(1, dtype=np.float32), reward, True, False, {}


@contextlib.contextmanager
def registered(entry_point, **kwargs):
    """Register an environment under a throw-away id."""
    env_id = "PgbookToy-v0"
    gymnasium.register(env_id, entry_point=entry_point, kwargs=kwargs, disable_env_checker=True)
    try:
        yield env_id
    finally:
        del gymnasium.registry[env_id]
