"""Tiny environments in which every reward and every end is known, for the tests."""

import contextlib
import copy

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


class Diary(gymnasium.Env):
    """Random lengths, observations and rewards, the same for the same seed; all is written down.

    Every environment appends to `diary` a list of its episodes, each a dict: whether a seed began
    it, observations (times `factor`, of `dtype`), actions, rewards, terminated, truncated.
    """

    action_space = gymnasium.spaces.Discrete(3)

    def __init__(self, diary, factor=1.0, dtype=np.float32, least=-20, actions=3):
        """Open a page."""
        self.observation_space = gymnasium.spaces.Box(min(5 * least, 0), 100, (2,), dtype)
        if not actions:  # continuous ones, of another precision than the weights
            self.action_space = gymnasium.spaces.Box(-1, 1, (2,), np.float64)
        self.factor, self.dtype, self.least, self.page = factor, dtype, least, []
        diary.append(self.page)

    def reset(self, *, seed=None, options=None):
        """Begin an episode."""
        super().reset(seed=seed)
        self.length = int(self.np_random.integers(1, 7))
        self.page.append({"seeded": seed is not None, "observations": [], "actions": []})
        self.page[-1] |= {"rewards": [], "terminated": False, "truncated": False}
        return self._observe(), {}

    def step(self, action):
        """Take one step."""
        episode = self.page[-1]
        episode["actions"].append(action)
        episode["rewards"].append(float(self.np_random.exponential()))
        if len(episode["actions"]) == self.length:
            episode["terminated"] = bool(self.np_random.integers(2))
            episode["truncated"] = not episode["terminated"]
        ends = episode["terminated"], episode["truncated"]
        return self._observe(), episode["rewards"][-1], *ends, {}

    def _observe(self):
        observation = self.np_random.integers(self.least, 21, 2) * self.factor
        self.page[-1]["observations"].append(observation)
        return observation.astype(self.dtype)


class Endless(gymnasium.Env):
    """Pays 1 a step for ever; `shows` is what the observation holds, `pays` comes instead of 1."""

    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, shows=1.0, pays=1.0, space=None):
        """Say what it shows."""
        self.observation_space = space or gymnasium.spaces.Box(-np.inf, np.inf, (1,), np.float64)
        self.shows, self.pays = np.array([shows]), pays

    def reset(self, *, seed=None, options=None):
        """Begin an episode."""
        super().reset(seed=seed)
        return self.shows, {}

    def step(self, action):
        """Take one step."""
        return self.shows, self.pays, False, False, {}


class Shows(gymnasium.Env):
    """Shows elements of a space, pays 1 a step for ever; `shown` gets a list of each one's own."""

    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, space, shown):
        """Say of which space."""
        self.observation_space, self.page = copy.deepcopy(space), []
        shown.append(self.page)

    def reset(self, *, seed=None, options=None):
        """Begin an episode."""
        super().reset(seed=seed)
        self.observation_space.seed(seed)
        return self._observe(), {}

    def step(self, action):
        """Take one step."""
        return self._observe(), 1.0, False, False, {}

    def _observe(self):
        self.page.append(self.observation_space.sample())
        return self.page[-1]


class World(gymnasium.Env):
    """A FiniteMDP; it shows t S + s, the row of the softmax table [T, S, A] that decides."""

    def __init__(self, mdp):
        """Offer its states, one of each step, and its actions."""
        self.mdp = mdp
        self.observation_space = gymnasium.spaces.Discrete(mdp.horizon * mdp.num_states)
        self.action_space = gymnasium.spaces.Discrete(mdp.num_actions)

    def reset(self, *, seed=None, options=None):
        """Begin an episode."""
        super().reset(seed=seed)
        self.t, self.state = 0, self._draw(self.mdp.start)
        return self.state, {}

    def step(self, action):
        """Take one step."""
        reward, self.t = self.mdp.reward[self.state, action], self.t + 1
        self.state = self._draw(self.mdp.transition[self.state, action])
        last = self.t == self.mdp.horizon
        shown = (self.t - last) * self.mdp.num_states + self.state
        return shown, float(reward), last, False, {}

    def _draw(self, chances):
        return int(self.np_random.choice(len(chances), p=chances))


@contextlib.contextmanager
def registered(entry_point, limit=1_000, **kwargs):
    """Register an environment under a throw-away id, with a limit that is far away."""
    env_id = "PgbookToy-v0"
    gymnasium.register(
        env_id,
        entry_point=entry_point,
        kwargs=kwargs,
        max_episode_steps=limit,
        disable_env_checker=True,
    )
    try:
        yield env_id
    finally:
        del gymnasium.registry[env_id]
