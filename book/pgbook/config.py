"""The settings of a training run, each with its range."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

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
        for name, (expected, plain) in EXPECTED.items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, plain(value))
            except (TypeError, ValueError, OverflowError):
                raise ValueError(f"{name}: expected {expected}, got {value!r}") from None
        if self.psi in COMPARING and self.episodes < 2:
            raise ValueError(
                f"episodes: expected at least 2 with psi={self.psi!r}, which compares the "
                f"episodes of a batch, got {self.episodes}"
            )


def _count(least: int) -> Callable[[object], int]:
    """Return what makes a plain integer of at least `least`, or raises."""

    def plain(value: object) -> int:
        if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
            raise ValueError
        return int(value)

    return plain


def _number(fits: Callable[[float], bool]) -> Callable[[object], float]:
    """Return what makes a plain float for which `fits` holds, or raises."""

    def plain(value: object) -> float:
        if not isinstance(value, Real) or isinstance(value, bool) or not fits(float(value)):
            raise ValueError
        return float(value)

    return plain


def _optional(plain: Callable) -> Callable[[object], object]:
    """Return what also takes None."""
    return lambda value: None if value is None else plain(value)


def _each(plain: Callable) -> Callable[[object], tuple]:
    """Return what makes a tuple of plain values of a tuple, or raises."""

    def plain_tuple(values: object) -> tuple:
        if not isinstance(values, tuple):
            raise TypeError
        return tuple(plain(value) for value in values)

    return plain_tuple


def _weight(name: object) -> str:
    """Return the name of a weight as plain text, or raise."""
    if name not in WEIGHTS:
        raise ValueError
    return str(name)


def _flag(value: object) -> bool:
    """Return a plain bool, or raise."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError
    return bool(value)


def _steps(value: object) -> float:
    """Return a whole number of at least 1 as an integer, infinity as it is, or raise."""
    number = _number(lambda x: x >= 1 and (x == math.inf or x == int(x)))(value)
    return number if number == math.inf else int(value)


_FRACTION = ("a number in [0, 1]", _number(lambda x: 0 <= x <= 1))
# Beyond these a float32 step is 0 or overflows.
_RATE = ("a number from 1e-30 to 1e30", _number(lambda x: 1e-30 <= x <= 1e30))

EXPECTED: dict[str, tuple[str, Callable[[object], object]]] = {
    "seed": ("an integer >= 0", _count(0)),
    "episodes": ("an integer >= 1", _count(1)),
    "psi": (f"one of {', '.join(WEIGHTS)}", _weight),
    "gamma": _FRACTION,
    "learning_rate": _RATE,
    "hidden": ("a tuple of integers >= 1", _each(_count(1))),
    "observation_scale": (
        "None or a tuple of numbers from 1e-30 to 1e30",
        _optional(_each(_RATE[1])),
    ),
    "max_env_steps": ("a whole number >= 1, or infinity", _steps),
    "threshold": ("None or a finite number", _optional(_number(math.isfinite))),
    "n": ("an integer >= 1", _count(1)),
    "lam": _FRACTION,
    "critic_learning_rate": _RATE,
    "critic_epochs": ("an integer >= 1", _count(1)),
    "standardise": ("True or False", _flag),
    "clip": (
        "None, infinity or a number > 0 and <= 1e30",
        _optional(_number(lambda x: 0 < x <= 1e30 or x == math.inf)),
    ),
    "epochs": ("an integer >= 1", _count(1)),
}
"""For each setting but the environment: what is expected, and what makes a plain value of it."""
