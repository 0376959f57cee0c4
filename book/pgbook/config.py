"""The settings of a training run, each with its range."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import numpy as np

from pgbook import expect
from pgbook.rollout import find_spec
from pgbook.weights import WEIGHTS

COMPARING = ("reward_to_go_minus_mean", "leave_one_out")
"""The weights that set an episode against the others of its batch: one alone teaches nothing."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that decides a training run; the same Config gives the same run.

    Numbers are kept as plain Python numbers of one type, whatever came: NumPy's become Python's,
    and `gamma=1` is `gamma=1.0`.
    """

    env_id: str = "CartPole-v1"
    seed: int = 0  # of the first weights, the environments and the actions
    episodes: int = 32  # N, whole episodes per update
    psi: str = "total_return"  # Ψ, a name in pgbook.weights.WEIGHTS
    gamma: float = 1.0  # γ, the discount inside Ψ
    learning_rate: float = 0.01  # of Adam
    hidden: tuple[int, ...] = (32,)  # widths of the hidden tanh layers; () is a linear policy
    observation_scale: tuple[float, ...] | None = None  # observations are divided by it, [D]
    # No update starts after that many steps. One that has started is finished: to throw it away
    # would throw away long episodes more often than short ones.
    max_env_steps: float = 1_000_000
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
        object.__setattr__(self, "env_id", str(self.env_id))  # NumPy's texts are another type
        for name, plain in PLAIN.items():
            object.__setattr__(self, name, plain(name, getattr(self, name)))
        if self.psi in COMPARING and self.episodes < 2:
            raise ValueError(
                f"episodes: expected at least 2 with psi={self.psi!r}, which compares the "
                f"episodes of a batch, got {self.episodes}"
            )


def _whole(least: int) -> Callable[[str, object], int]:
    """Return the check of a setting that is a whole number."""
    return lambda name, value: expect.whole(name, value, least)


def _between(low: float, high: float) -> Callable[[str, object], float]:
    """Return the check of a setting that is a number."""
    return lambda name, value: expect.number(name, value, low, high)


def _optional(plain: Callable) -> Callable[[str, object], object]:
    """Return the check that takes None as well."""
    return lambda name, value: None if value is None else plain(name, value)


def _each(plain: Callable) -> Callable[[str, object], tuple]:
    """Return the check of a tuple."""

    def plain_tuple(name: str, values: object) -> tuple:
        if not isinstance(values, tuple):
            raise ValueError(f"{name}: expected a tuple, got {values!r}")
        return tuple(plain(name, value) for value in values)

    return plain_tuple


def _weight(name: str, value: object) -> str:
    """Return the name of a weight as plain text."""
    if not isinstance(value, str) or value not in WEIGHTS:
        raise ValueError(f"{name}: expected one of {', '.join(WEIGHTS)}, got {value!r}")
    return str(value)


def _flag(name: str, value: object) -> bool:
    """Return a plain bool."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def _or_infinity(plain: Callable) -> Callable[[str, object], float]:
    """Return the check that takes infinity as well."""

    def plain_or_infinity(name: str, value: object) -> float:
        if isinstance(value, Real) and value == math.inf:
            return math.inf
        return plain(name, value)

    return plain_or_infinity


def _steps(name: str, value: object) -> int:
    """Return a whole number of at least 1, which may be written 1e6."""
    if isinstance(value, float | np.floating) and value.is_integer():
        value = int(value)
    return expect.whole(name, value, 1)


_FRACTION = _between(0, 1)
_RATE = _between(1e-30, 1e30)  # beyond, a float32 step is 0 or overflows

PLAIN: dict[str, Callable[[str, object], object]] = {
    "seed": _whole(0),
    "episodes": _whole(1),
    "psi": _weight,
    "gamma": _FRACTION,
    "learning_rate": _RATE,
    "hidden": _each(_whole(1)),
    "observation_scale": _optional(_each(_RATE)),
    "max_env_steps": _or_infinity(_steps),
    "threshold": _optional(_between(-1e300, 1e300)),
    "n": _whole(1),
    "lam": _FRACTION,
    "critic_learning_rate": _RATE,
    "critic_epochs": _whole(1),
    "standardise": _flag,
    "clip": _optional(_or_infinity(_RATE)),
    "epochs": _whole(1),
}
"""For each setting but the environment: what makes a plain value of it, or says what is wrong."""
