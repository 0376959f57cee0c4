"""Policy gradient on answers: one loop for every group rule and every task."""

import math
from dataclasses import dataclass

import numpy as np
import torch

from pgbook.loop import Loop, TrainingStopped
from pgbook.settings import RATE, Check, between, make_plain, one_of, optional, steps, whole
from pgbook.tokens.groups import RULES, group_weights
from pgbook.tokens.tasks import TASKS, TOKENS
from pgbook.tokens.transformer import Transformer

__all__ = ["Config", "Progress", "Trainer", "TrainingStopped"]

RECENT = 1000  # answers that the share of exact ones is taken over, in whole updates


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that decides a run; the same Config gives the same run."""

    task: str = "reverse"  # a name in pgbook.tokens.tasks.TASKS
    rule: str = "RLOO"  # a name in pgbook.tokens.groups.RULES
    seed: int = 0  # of the first weights, the prompts and the answers
    prompts: int = 16  # P, of an update
    answers: int = 8  # K, of a prompt
    learning_rate: float = 0.003  # of Adam
    scale: float = 0.15  # standard deviation of the first weights
    width: int = 32  # numbers that carry a token
    layers: int = 2
    heads: int = 2
    max_answers: int = 50_000  # no update starts after that many
    threshold: float | None = None  # stop once that share of the last 1,000 answers is exact

    def __post_init__(self) -> None:
        """Refuse settings that make no sense, saying what was expected and what came."""
        make_plain(self, PLAIN)
        if RULES[self.rule]["centre"] in ("own", "others") and self.answers < 2:
            raise ValueError(
                f"answers: expected at least 2 with rule={self.rule!r}, which compares the "
                f"answers of a prompt, got {self.answers}"
            )


PLAIN: dict[str, Check] = {
    "task": one_of(TASKS),
    "rule": one_of(RULES),
    "seed": whole(0),
    "prompts": whole(1),
    "answers": whole(1),
    "learning_rate": RATE,
    "scale": between(0, 1e30),
    "width": whole(1),
    "layers": whole(1),
    "heads": whole(1),
    "max_answers": steps,
    "threshold": optional(between(0, 1)),
}
"""For each setting: what makes a plain value of it, or says what is wrong."""


@dataclass(frozen=True)
class Progress:
    """What one update saw and did."""

    update: int  # 1, 2, 3, ...
    answers: int  # drawn so far
    tokens: int  # drawn so far, end tokens counted
    mean_reward: float  # of this update's answers
    exact: float  # the share of them with a reward of 1
    recent_exact: float  # that share of the last 1,000 answers (of all, while fewer)
    length: float  # mean |y|
    wrong_length: float | None  # mean |y| of those with less than 1; None: there was none
    surprise: float  # mean of -log π(y|x), in nats: an estimate of the entropy of an answer
    level: float  # the share of prompts whose answers were all paid alike
    loss: float
    gradient_norm: float


class Trainer(Loop):
    """Policy gradient on answers: iterate it for one `Progress` per update.

    Stop whenever you like and iterate again to go on. An interrupt or an error in the middle of an
    update undoes that update: `policy` and `records` are those of the last finished one.
    """

    settings, record = Config, Progress

    def __init__(self, config: Config) -> None:
        """Make the policy and its optimiser.

        Raises:
            ValueError: no Config, or a width that its heads cannot share.
        """
        super().__init__(config)
        self.task = TASKS[config.task]
        self.policy = Transformer(
            tokens=TOKENS,
            places=self.task.digits + self.task.longest - 1,
            width=config.width,
            layers=config.layers,
            heads=config.heads,
            scale=config.scale,
            rng=np.random.default_rng((config.seed, 0)),
        )
        rate = config.learning_rate
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=rate, fused=True)

    @property
    def solved(self) -> bool:
        """Whether the share of exact ones among the last 1,000 answers reaches the threshold."""
        last, threshold = self.records[-1:], self.config.threshold
        return bool(last and threshold is not None) and (
            last[0].answers >= RECENT and last[0].recent_exact >= threshold
        )

    @property
    def finished(self) -> bool:
        """Whether the threshold or the limit of answers is reached."""
        last = self.records[-1:]
        return self.solved or bool(last and last[0].answers >= self.config.max_answers)

    def _update(self, update: int) -> Progress:
        """Draw, weigh, step, report."""
        config, rng = self.config, np.random.default_rng((self.config.seed, update))
        prompts = self.task.prompts(config.prompts, rng)
        answers, lengths = self.policy.sample(prompts, config.answers, self.task.longest, rng)
        rewards = self.task.reward(prompts, answers, lengths)
        self._require_finite(update, "rewards", rewards)
        weights = group_weights(rewards, lengths, **RULES[config.rule])

        log_prob = self.policy.log_prob(prompts, answers)
        mask = np.arange(answers.shape[2]) < lengths[..., None]
        log_prob = torch.where(torch.from_numpy(mask), log_prob, 0.0).sum(-1)
        loss = -(torch.from_numpy(weights).to(log_prob.dtype) * log_prob).sum()
        gradient = self._descend(update, "", loss, self.optimizer)
        surprise = -log_prob.detach().mean().item()
        found = {"loss": loss.item(), "gradient_norm": gradient.norm().item()}
        self.records.append(self._progress(update, rewards, lengths, surprise=surprise, **found))
        return self.records[-1]

    def _progress(self, update: int, rewards, lengths, **found: float) -> Progress:
        """Return the record of this update."""
        last = self.records[-1] if self.records else None
        right = rewards == 1
        exact = float(right.mean())
        earlier = math.ceil(RECENT / rewards.size) - 1  # updates that count beside this one
        before = self.records[-earlier:] if earlier else []
        return Progress(
            update=update,
            answers=rewards.size + (last.answers if last else 0),
            tokens=int(lengths.sum()) + (last.tokens if last else 0),
            mean_reward=float(rewards.mean()),
            exact=exact,
            recent_exact=float(np.mean([*(record.exact for record in before), exact])),
            length=float(lengths.mean()),
            wrong_length=None if right.all() else float(lengths[~right].mean()),
            level=float((rewards == rewards[:, :1]).all(axis=1).mean()),
            **found,
        )

    def _parts(self) -> dict:
        """Return what learns."""
        return {"policy": self.policy, "optimizer": self.optimizer}
