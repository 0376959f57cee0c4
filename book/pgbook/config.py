"""The settings of a training run, each with its range."""

import math
from collections.abc import Callable
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
        for name, (expected, holds) in EXPECTED.items():
            value = getattr(self, name)
            try:
                fine = holds(value)
            except (TypeError, ValueError):  # of a type that cannot even be asked
                fine = False
            if not fine:
                raise ValueError(f"{name}: expected {expected}, got {value!r}")


def _is_count(value: object, least: int) -> bool:
    """Whether a value is an integer of at least `least`."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= least


EXPECTED: dict[str, tuple[str, Callable[[object], bool]]] = {
    "seed": ("an integer >= 0", lambda x: _is_count(x, 0)),
    "episodes": ("an integer >= 1", lambda x: _is_count(x, 1)),
    "psi": (f"one of {', '.join(WEIGHTS)}", lambda x: x in WEIGHTS),
    "gamma": ("a number in [0, 1]", lambda x: 0 <= x <= 1),
    "learning_rate": ("a finite number > 0", lambda x: 0 < x < math.inf),
    "hidden": (
        "a tuple of integers >= 1",
        lambda x: isinstance(x, tuple) and all(_is_count(width, 1) for width in x),
    ),
    "observation_scale": (
        "None or a tuple of finite numbers > 0",
        lambda x: x is None or (isinstance(x, tuple) and all(0 < y < math.inf for y in x)),
    ),
    "max_env_steps": ("a number >= 1", lambda x: x >= 1),
    "threshold": ("None or a finite number", lambda x: x is None or math.isfinite(x)),
    "n": ("an integer >= 1", lambda x: _is_count(x, 1)),
    "lam": ("a number in [0, 1]", lambda x: 0 <= x <= 1),
    "critic_learning_rate": ("a finite number > 0", lambda x: 0 < x < math.inf),
    "critic_epochs": ("an integer >= 1", lambda x: _is_count(x, 1)),
    "standardise": ("True or False", lambda x: isinstance(x, bool)),
    "clip": ("None or a number > 0", lambda x: x is None or x > 0),
    "epochs": ("an integer >= 1", lambda x: _is_count(x, 1)),
}
"""For each setting but the environment: what is expected, and whether a value is that."""
