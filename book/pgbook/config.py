"""The settings of a training run, each with its range."""

import math
from dataclasses import dataclass

import numpy as np

from pgbook.rollout import find_spec
from pgbook.weights import WEIGHTS


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that decides a training run; the same Config gives the same run."""

    env_id: str = "CartPole-v1"
    seed: int = 0  # of the first weights, the environments and the actions
    episodes: int = 32  # N, whole episodes per update
    psi: str = "total_return"  # Ψ, a name in pgbook.weights.WEIGHTS
    gamma: float = 1.0  # γ, the discount inside Ψ
    learning_rate: float = 0.01  # of Adam
    hidden: tuple[int, ...] = (32,)  # widths of the hidden tanh layers; () is a linear policy
    observation_scale: tuple[float, ...] | None = None  # observations are divided by it, [D]
    max_env_steps: int = 1_000_000  # no update starts after that many steps
    threshold: float | None = None  # stop once 100 finished episodes have this mean return
    # for the weights that need a critic, n_step and gae
    n: int = 1  # rewards before the critic's value, in n_step
    lam: float = 1.0  # λ, in gae; 0 is one-step TD, 1 is Monte Carlo minus V
    critic_learning_rate: float = 0.01  # of its Adam; it has the widths of the policy
    critic_epochs: int = 10  # steps of the critic on each batch
    # for PPO
    standardise: bool = False  # Ψ less its mean, divided by its standard deviation, per batch
    clip: float | None = None  # ε: the ratio counts up to 1 ± ε; inf: without end; None: no ratio
    epochs: int = 1  # steps of the policy on each batch; without a ratio only the first is sound

    def __post_init__(self) -> None:
        """Refuse settings that make no sense, saying what was expected and what came."""
        find_spec(self.env_id)
        _expect("seed", self.seed, "an integer >= 0", _is_count(self.seed, 0))
        _expect("episodes", self.episodes, "an integer >= 1", _is_count(self.episodes, 1))
        _expect("psi", self.psi, f"one of {', '.join(WEIGHTS)}", self.psi in WEIGHTS)
        _expect("gamma", self.gamma, "a number in [0, 1]", 0 <= self.gamma <= 1)
        positive = 0 < self.learning_rate < math.inf
        _expect("learning_rate", self.learning_rate, "a finite number > 0", positive)
        widths = all(_is_count(width, 1) for width in self.hidden)
        _expect("hidden", self.hidden, "a tuple of integers >= 1", widths)
        scale = self.observation_scale or ()
        _expect("observation_scale", scale, "numbers > 0", all(0 < x < math.inf for x in scale))
        _expect("max_env_steps", self.max_env_steps, "at least 1", self.max_env_steps >= 1)
        for name in ("n", "epochs", "critic_epochs"):
            _expect(name, getattr(self, name), "an integer >= 1", _is_count(getattr(self, name), 1))
        _expect("lam", self.lam, "a number in [0, 1]", 0 <= self.lam <= 1)
        positive = 0 < self.critic_learning_rate < math.inf
        _expect("critic_learning_rate", self.critic_learning_rate, "a finite number > 0", positive)
        _expect("clip", self.clip, "None or a number > 0", self.clip is None or self.clip > 0)
        flag = isinstance(self.standardise, bool)
        _expect("standardise", self.standardise, "True or False", flag)


def _is_count(value: object, least: int) -> bool:
    """Whether a value is an integer of at least `least`."""
    return isinstance(value, int | np.integer) and value >= least


def _expect(name: str, value: object, expected: str, holds: bool) -> None:
    """Raise a ValueError that says what was expected and what came."""
    if not holds:
        raise ValueError(f"{name}: expected {expected}, got {value!r}")
