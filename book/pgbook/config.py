"""The settings of a training run, each with its range."""

from dataclasses import dataclass

from pgbook.rollout import find_spec
from pgbook.settings import (
    FRACTION,
    RATE,
    Check,
    between,
    each,
    flag,
    make_plain,
    one_of,
    optional,
    or_infinity,
    steps,
    whole,
)
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
    # What the network sees is divided by it, [D]; 1 suits the one-hot part of a flat observation.
    observation_scale: tuple[float, ...] | None = None
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
        make_plain(self, PLAIN)
        if self.psi in COMPARING and self.episodes < 2:
            raise ValueError(
                f"episodes: expected at least 2 with psi={self.psi!r}, which compares the "
                f"episodes of a batch, got {self.episodes}"
            )


PLAIN: dict[str, Check] = {
    "seed": whole(0),
    "episodes": whole(1),
    "psi": one_of(WEIGHTS),
    "gamma": FRACTION,
    "learning_rate": RATE,
    "hidden": each(whole(1)),
    "observation_scale": optional(each(RATE)),
    "max_env_steps": or_infinity(steps),
    "threshold": optional(between(-1e300, 1e300)),
    "n": whole(1),
    "lam": FRACTION,
    "critic_learning_rate": RATE,
    "critic_epochs": whole(1),
    "standardise": flag,
    "clip": optional(or_infinity(RATE)),
    "epochs": whole(1),
}
"""For each setting but the environment: what makes a plain value of it, or says what is wrong."""
