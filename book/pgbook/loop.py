"""What the book's training loops share: records, undoing, checkpoints, numbers that are finite."""

import copy
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from pgbook import checkpoint


class TrainingStopped(ArithmeticError):
    """A number was not finite, or an episode did not end; the last good policy is kept."""


class Loop:
    """Training as an iterator of records: what a trainer need not say again.

    A trainer names its `settings` and its `record`, says in `finished` when iterating ends, in
    `_update` what an update does, and in `_parts` what learns.
    """

    settings: ClassVar[type]  # the dataclass of its Config
    record: ClassVar[type]  # the dataclass of what one update saw and did

    def __init__(self, config: object) -> None:
        """Keep the settings; there is no record yet.

        Raises:
            ValueError: no Config.
        """
        if not isinstance(config, self.settings):
            raise ValueError(f"config: expected a Config, got {config!r}")
        self.config = config
        self.records: list = []

    def __iter__(self) -> Iterator:
        """Train until it is finished, one record per update."""
        while not self.finished:
            yield self.step()

    def step(self):
        """Make one update; if anything stops it midway, go back to where it started."""
        before = {**copy.deepcopy(self._learned()), "records": [*self.records]}
        try:
            return self._update(len(self.records) + 1)
        except BaseException:
            self._restore(before)
            raise

    def save(self, path: str | Path) -> None:
        """Write a checkpoint from which `load` goes on with the identical result.

        The file at `path` is replaced once the new one is whole.
        """
        records = [dataclasses.asdict(record) for record in self.records]
        config = dataclasses.asdict(self.config)
        checkpoint.write(path, {"config": config, **self._learned(), "records": records})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a checkpoint that `save` wrote.

        Raises:
            OSError: there is no such file, or it cannot be read.
            ValueError: it is no checkpoint, a damaged one, one of another version or of another
                trainer, or one of an environment that is not registered here, or registered with
                other spaces.
        """
        state = checkpoint.read(path)
        try:
            trainer = cls(cls.settings(**state["config"]))
            trainer._restore({**state, "records": [cls.record(**r) for r in state["records"]]})
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"{path}: expected a checkpoint that fits, got {error}") from error
        return trainer

    def _descend(self, update: int, whose: str, loss: Tensor, optimizer) -> Tensor:
        """Take one step down a loss, if all is finite; return the gradient."""
        optimizer.zero_grad()
        loss.backward()
        parameters = optimizer.param_groups[0]["params"]
        gradient = torch.cat([p.grad.flatten() for p in parameters])
        self._require_finite(update, f"{whose}loss", loss.detach().numpy())
        self._require_finite(update, f"{whose}gradient", gradient.numpy())
        optimizer.step()
        weights = torch.cat([p.detach().flatten() for p in parameters])
        self._require_finite(update, f"{whose}weights", weights.numpy())
        return gradient

    def _require_finite(self, update: int, name: str, values: np.ndarray) -> None:
        """Stop training if a value is NaN or infinite."""
        bad = values[~np.isfinite(values)]
        if bad.size:
            raise stopped(update, f"expected finite {name}, got {bad[0]}")

    def _learned(self) -> dict:
        """Return the weights and Adam's moments; with the records, all that an update changes."""
        return {name: part.state_dict() for name, part in self._parts().items()}

    def _restore(self, state: dict) -> None:
        """Go back to a state."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.records = state["records"]


def stopped(update: int, why: object) -> TrainingStopped:
    """Return the error that ends an update, with where training stands."""
    return TrainingStopped(
        f"update {update}: {why}; trainer.policy is the last good policy, that of "
        f"update {update - 1}"
    )
