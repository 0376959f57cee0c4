"""Every known way to put a loss together from its pieces."""

import itertools
from dataclasses import dataclass
from functools import lru_cache

import torch

from pgbook.audit import pieces
from pgbook.audit.pieces import Piece


@dataclass(frozen=True)
class Composition:
    """One way to put a loss together.

    Attributes:
        kind: the kind of return.
        centre: what is taken off.
        scale: what divides, or None.
        mean: over steps and episodes.
        term: what is weighed.
    """

    kind: Piece
    centre: Piece
    scale: Piece | None
    mean: Piece
    term: Piece

    def named(self, objective: str) -> tuple[str, ...]:
        """Return the names of its slips under an objective, in the order of its pieces."""
        parts = (self.kind, self.centre, self.scale, self.mean, self.term)
        names = itertools.chain(*(part.named(objective) for part in parts if part))
        return tuple(dict.fromkeys(names))

    def psi(self, batch) -> torch.Tensor:
        """Return the weights Ψ, [..., K, T]."""
        return _weights(self.kind.make(batch), self.centre, self.scale, batch)

    def loss(self, batch) -> torch.Tensor:
        """Return the loss that it is, a scalar to be minimised."""
        weight = self.psi(batch).detach() * self.mean.make(batch)
        return -(weight * self.term.make(batch)).sum()


def _weights(returns, centre, scale, batch):
    centred = centre.make(returns, batch)
    return centred if scale is None else scale.make(centred, returns, batch)


@lru_cache(maxsize=1)
def compositions() -> tuple[tuple[Composition, ...], ...]:
    """Return every composition that is known, in a tuple for each term.

    Every kind with every centre and mean; the common kinds with scales and other terms too.
    """
    common = [kind for kind in pieces.KINDS if kind.common]
    centres = [centre for centre in pieces.CENTRES if centre.common]
    plain = [(k, c, None) for k in pieces.KINDS for c in pieces.CENTRES]
    scaled = [
        (kind, centre, scale)
        for kind in common
        for keys, scale in pieces.SCALES
        for centre in pieces.CENTRES
        if centre.key in keys
    ]
    few = [(k, c, None) for k in common for c in centres]
    return tuple(
        tuple(
            Composition(*weights, mean, term)
            for weights in (plain + scaled if term.key == "log" else few)
            for mean in pieces.MEANS
        )
        for term in pieces.TERMS
    )
