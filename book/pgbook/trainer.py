"""One training loop for every policy gradient of the book: collect, weigh, step, report."""

import copy
import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from pgbook.mlp import make_policy
from pgbook.rollout import Rollout, collect, find_spec, make_envs
from pgbook.weights import WEIGHTS


class TrainingStopped(ArithmeticError):
    """A reward, the loss or the gradient was not finite; the last good policy is kept."""


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


@dataclass(frozen=True)
class Progress:
    """What one update saw and did."""

    update: int  # 1, 2, 3, ...
    episodes: int  # finished so far
    env_steps: int  # taken so far in those episodes
    discarded_steps: int  # simulated so far beside them, behind the end of an episode
    returns: tuple[float, ...]  # R(τ) of this update's episodes
    mean_return: float  # their mean
    mean_100: float  # mean return of the last 100 finished episodes (of all, while fewer)
    loss: float
    gradient_norm: float


class Trainer:
    """Policy gradient on whole episodes: iterate it for one `Progress` per update.

    Stop whenever you like and iterate again to go on. An interrupt or an error in the middle of an
    update undoes that update: `policy` and `records` are those of the last finished one.
    """

    def __init__(self, config: Config) -> None:
        """Make the environments, the policy and the optimiser."""
        self.config = config
        self.envs = make_envs(config.env_id, config.episodes)
        self.policy = make_policy(
            self.envs.single_observation_space,
            self.envs.single_action_space,
            hidden=config.hidden,
            rng=np.random.default_rng((config.seed, 0)),
            scale=config.observation_scale,
        )
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=config.learning_rate)
        self.records: list[Progress] = []

    @property
    def solved(self) -> bool:
        """Whether the last 100 finished episodes, and no fewer, reach the threshold."""
        last, threshold = self.records[-1:], self.config.threshold
        return bool(last and threshold is not None) and (
            last[0].episodes >= 100 and last[0].mean_100 >= threshold
        )

    def __iter__(self) -> Iterator[Progress]:
        """Train until the threshold or the step limit, one record per update."""
        while not self.solved and (
            not self.records or self.records[-1].env_steps < self.config.max_env_steps
        ):
            yield self.step()

    def step(self) -> Progress:
        """Make one update; if anything stops it midway, go back to where it started."""
        before = {**copy.deepcopy(self._learned()), "records": [*self.records]}
        try:
            return self._update(len(self.records) + 1)
        except BaseException:
            self._restore(before)
            raise

    def _update(self, update: int) -> Progress:
        """Collect, weigh, step, report."""
        config, rng = self.config, np.random.default_rng((self.config.seed, update))
        rollout = collect(self.envs, self.policy.actor(), rng)
        self._require_finite(update, "rewards", rollout.rewards)
        psi = WEIGHTS[config.psi](rollout.rewards, rollout.mask, gamma=config.gamma)

        running = rollout.mask
        observations = torch.from_numpy(rollout.observations[:, :-1][running])
        actions = torch.from_numpy(rollout.actions[running])
        log_prob = self.policy.log_prob(observations, actions)
        loss = -(log_prob * torch.from_numpy(psi[running])).sum() / config.episodes

        self.optimizer.zero_grad()
        loss.backward()
        gradient = torch.cat([p.grad.flatten() for p in self.policy.parameters()])
        self._require_finite(update, "loss", loss.detach().numpy())
        self._require_finite(update, "gradient", gradient.numpy())
        self.optimizer.step()
        weights = torch.cat([p.detach().flatten() for p in self.policy.parameters()])
        self._require_finite(update, "weights", weights.numpy())
        self.records.append(self._progress(update, rollout, loss, gradient))
        return self.records[-1]

    def _progress(self, update, rollout: Rollout, loss, gradient) -> Progress:
        """Return the record of this update."""
        last = self.records[-1] if self.records else Progress(0, 0, 0, 0, (), 0, 0, 0, 0)
        returns = tuple(rollout.returns.tolist())
        recent = [r for record in self.records[-100:] for r in record.returns] + [*returns]
        return Progress(
            update=update,
            episodes=last.episodes + len(returns),
            env_steps=last.env_steps + rollout.env_steps,
            discarded_steps=last.discarded_steps + rollout.discarded_steps,
            returns=returns,
            mean_return=float(np.mean(returns)),
            mean_100=float(np.mean(recent[-100:])),
            loss=loss.item(),
            gradient_norm=gradient.norm().item(),
        )

    def _require_finite(self, update: int, name: str, values: np.ndarray) -> None:
        """Stop training if a value is NaN or infinite."""
        bad = values[~np.isfinite(values)]
        if bad.size:
            raise TrainingStopped(
                f"update {update}: expected finite {name}, got {bad[0]}; trainer.policy is "
                f"the last good policy, that of update {update - 1}"
            )

    def save(self, path: str | Path) -> None:
        """Write a checkpoint from which `Trainer.load` goes on with the identical result."""
        records = [dataclasses.asdict(record) for record in self.records]
        config = dataclasses.asdict(self.config)
        torch.save({"config": config, **self._learned(), "records": records}, path)

    @classmethod
    def load(cls, path: str | Path) -> "Trainer":
        """Read a checkpoint that `save` wrote."""
        state = torch.load(path, weights_only=True)
        trainer = cls(Config(**state.pop("config")))
        trainer._restore({**state, "records": [Progress(**r) for r in state["records"]]})
        return trainer

    def _learned(self) -> dict:
        """Return the weights and Adam's moments; with the records, all that an update changes."""
        return {"policy": self.policy.state_dict(), "optimizer": self.optimizer.state_dict()}

    def _restore(self, state: dict) -> None:
        """Go back to a state."""
        self.policy.load_state_dict(state["policy"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.records = state["records"]


def _is_count(value: object, least: int) -> bool:
    """Whether a value is an integer of at least `least`."""
    return isinstance(value, int | np.integer) and value >= least


def _expect(name: str, value: object, expected: str, holds: bool) -> None:
    """Raise a ValueError that says what was expected and what came."""
    if not holds:
        raise ValueError(f"{name}: expected {expected}, got {value!r}")
