"""One training loop for every policy gradient of the book: collect, weigh, step, report."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgbook.config import Config
from pgbook.loop import Loop, TrainingStopped, stopped
from pgbook.loss import policy_loss
from pgbook.mlp import Critic, make_policy
from pgbook.network import NotFinite
from pgbook.rollout import ENDLESS, EndlessEpisode, Rollout, collect, make_envs, time_limit
from pgbook.weights import NEEDS_VALUES, WEIGHTS, reward_to_go, standardise

__all__ = ["Config", "Progress", "Trainer", "TrainingStopped"]


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
    loss: float  # of the policy, at its first step on this batch
    gradient_norm: float  # of that loss
    critic_loss: float | None = None  # mean square of target - V before the fit; None: no critic
    # True: at every step all running episodes had the same reward-to-go, so the rewards told no
    # good action from a bad one, and what moved the weights was noise or the critic.
    taught_nothing: bool = False


class Trainer(Loop):
    """Policy gradient on whole episodes: iterate it for one `Progress` per update.

    Stop whenever you like and iterate again to go on. An interrupt or an error in the middle of an
    update undoes that update: `policy` and `records` are those of the last finished one.

    Afterwards `policy.greedy()`, or with chance `policy.actor()`, plays in `rollout.collect`.
    """

    settings, record = Config, Progress

    def __init__(self, config: Config) -> None:
        """Make the environments, the policy, its optimiser and, if Ψ needs one, a critic.

        Raises:
            ValueError: no Config, or an environment whose spaces do not fit.
        """
        super().__init__(config)
        self.envs = make_envs(config.env_id, config.episodes)
        self.most_steps = min(config.max_env_steps, ENDLESS)
        if time_limit(self.envs) is None:
            warnings.warn(
                f"{config.env_id} is registered without max_episode_steps: an episode may never "
                f"end; a batch that passes {self.most_steps:,} steps will stop training",
                stacklevel=2,
            )
        spaces = self.envs.single_observation_space, self.envs.single_action_space
        rng = np.random.default_rng((config.seed, 0))
        scale = config.observation_scale
        self.policy = make_policy(*spaces, hidden=config.hidden, rng=rng, scale=scale)
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=config.learning_rate)
        self.critic = self.critic_optimizer = None
        if config.psi in NEEDS_VALUES:
            sizes = (spaces[0].shape[0], *config.hidden)
            self.critic = Critic(sizes, rng=rng, scale=scale)
            rate = config.critic_learning_rate
            self.critic_optimizer = torch.optim.Adam(self.critic.parameters(), lr=rate)

    @property
    def solved(self) -> bool:
        """Whether the last 100 finished episodes, and no fewer, reach the threshold."""
        last, threshold = self.records[-1:], self.config.threshold
        return bool(last and threshold is not None) and (
            last[0].episodes >= 100 and last[0].mean_100 >= threshold
        )

    @property
    def finished(self) -> bool:
        """Whether the threshold or the step limit is reached."""
        limit, last = self.config.max_env_steps, self.records[-1:]
        return self.solved or bool(last and last[0].env_steps >= limit)

    def _update(self, update: int) -> Progress:
        """Collect, weigh, step, report."""
        config, rng = self.config, np.random.default_rng((self.config.seed, update))
        try:
            rollout = collect(self.envs, self.policy.actor(), rng, max_steps=self.most_steps)
        except (EndlessEpisode, NotFinite) as error:
            raise stopped(update, error) from error
        self._require_finite(update, "observations", rollout.observations)
        self._require_finite(update, "rewards", rollout.rewards)
        running = rollout.mask
        observations = torch.from_numpy(rollout.observations[:, :-1][running])
        actions = torch.from_numpy(rollout.actions[running])
        psi, critic_loss = self._weigh(update, rollout)
        psi = torch.from_numpy(psi[running])

        with torch.no_grad():
            old_log_prob = self.policy.log_prob(observations, actions) if config.clip else None
        first = None  # what the record shows: the gradient at the policy that collected
        for _ in range(config.epochs):
            log_prob = self.policy.log_prob(observations, actions)
            loss = policy_loss(log_prob, psi, config.episodes, old_log_prob, config.clip)
            gradient = self._descend(update, "", loss, self.optimizer)
            first = first or (loss.item(), gradient.norm().item())
        self.records.append(self._progress(update, rollout, *first, critic_loss))
        return self.records[-1]

    def _weigh(self, update: int, rollout: Rollout) -> tuple[np.ndarray, float | None]:
        """Return Ψ, [N, T]; if it needs a critic, fit that and return its loss too."""
        config, critic_loss = self.config, None
        weigh, rewards, mask = WEIGHTS[config.psi], rollout.rewards, rollout.mask
        if self.critic is None:
            psi = weigh(rewards, mask, gamma=config.gamma)
        else:
            if update == 1:
                self.critic.set_units(reward_to_go(rewards, mask, gamma=config.gamma)[mask])
            observations = torch.from_numpy(rollout.observations)
            with torch.no_grad():
                values = self.critic(observations).numpy()
            own = NEEDS_VALUES[config.psi]
            settings = {"gamma": config.gamma, own: getattr(config, own)}
            psi = weigh(rewards, mask, values=values, terminated=rollout.terminated, **settings)
            targets = torch.from_numpy((psi + values[:, :-1])[mask])
            critic_loss = self._fit_critic(update, observations[:, :-1][mask], targets)
        return standardise(psi, mask) if config.standardise else psi, critic_loss

    def _fit_critic(self, update: int, observations: Tensor, targets: Tensor) -> float:
        """Take some steps of least squares; return the loss before them."""
        first = None
        for _ in range(self.config.critic_epochs):
            loss = ((self.critic(observations) - targets) ** 2).mean()
            self._descend(update, "critic's ", loss, self.critic_optimizer)
            first = loss.item() if first is None else first
        return first

    def _progress(self, update, rollout: Rollout, loss, gradient_norm, critic_loss) -> Progress:
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
            loss=loss,
            gradient_norm=gradient_norm,
            critic_loss=critic_loss,
            taught_nothing=_taught_nothing(rollout, self.config.gamma),
        )

    def _parts(self) -> dict:
        """Return what learns."""
        parts = {"policy": self.policy, "optimizer": self.optimizer}
        if self.critic is not None:
            parts |= {"critic": self.critic, "critic_optimizer": self.critic_optimizer}
        return parts


def _taught_nothing(rollout: Rollout, gamma: float) -> bool:
    """Whether two or more episodes ran and never differed in what they still had to come."""
    to_go = reward_to_go(rollout.rewards, rollout.mask, gamma=gamma)
    highest = np.where(rollout.mask, to_go, -np.inf).max(axis=0)
    lowest = np.where(rollout.mask, to_go, np.inf).min(axis=0)
    return len(to_go) > 1 and bool((highest == lowest).all())
