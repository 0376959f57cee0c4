"""One piece of a loss, right or a slip, and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

Function = Callable[..., Tensor]
OBJECTIVES = ("J", "J_gamma", "windows")


@dataclass(frozen=True, eq=False)
class Piece:
    """One piece.

    Attributes:
        key: its name among its like.
        slips: the names of the slips that it is, for the objective J.
        make: the function: of a batch, or of weights and a batch.
        discounted_slips: the names for the objective J_γ, where they differ.
        stream_slips: the names for windows of a stream, whose critic is right, where they differ.
        common: whether scales and other terms are tried with it too.
    """

    key: str
    slips: tuple[str, ...]
    make: Function
    discounted_slips: tuple[str, ...] | None = None
    common: bool = False
    stream_slips: tuple[str, ...] | None = None

    def named(self, objective: str) -> tuple[str, ...]:
        """Return the slips under an objective, one of `OBJECTIVES`."""
        others = {"J_gamma": self.discounted_slips, "windows": self.stream_slips}
        other = others.get(objective)
        return self.slips if other is None else other
