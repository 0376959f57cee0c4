"""What every known composition does to some batches: the tables that recognition looks through."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch.func import jacrev, vmap

from pgbook.audit import pieces
from pgbook.audit.batch import make_batch
from pgbook.audit.compositions import Composition, compositions
from pgbook.audit.listing import Listing

ROWS = 32  # batches that are compared
SHELF = 4  # tables that are kept, of tens of megabytes each


class Paid(NamedTuple):
    """What an objective takes off the reward of a step.

    Attributes:
        kl: β, for β log(π / π_ref).
        entropy: c, for c log π.
    """

    kl: float = 0.0
    entropy: float = 0.0


UNPAID = Paid()


@dataclass(frozen=True, eq=False)
class Frame:
    """Some batches side by side, and what any composition does to them.

    Attributes:
        batch: with an axis of B batches in front.
        slopes: for each term's and extra's key, its gradient for theta, [B, K * T, P].
    """

    batch: object
    slopes: dict[str, torch.Tensor]

    def update(self, weight: torch.Tensor, key: str) -> np.ndarray:
        """Return the update Σ weight ∇term of each batch, [B * P]."""
        flat = weight.reshape(len(weight), 1, -1)
        return torch.bmm(flat, self.slopes[key]).numpy().ravel()

    def composed(self, one: Composition) -> np.ndarray:
        """Return the update of a composition on each batch, [B * P]."""
        return self.update(one.psi(self.batch) * one.mean.make(self.batch), one.term.key)

    def all_composed(self, several: tuple[Composition, ...]) -> np.ndarray:
        """Return the updates of all compositions with one term, [len(several), B * P]."""
        step = len(pieces.MEANS)  # the means run fastest
        weights = [one.psi(self.batch).flatten(1) for one in several[::step]]
        means = torch.stack([mean.make(self.batch).flatten(1) for mean in pieces.MEANS])
        slope = self.slopes[several[0].term.key]
        right = means.unsqueeze(-1) * slope  # [means, B, K * T, P]
        right = right.permute(1, 2, 0, 3).flatten(2)  # [B, K * T, means * P]
        every = torch.bmm(torch.stack(weights, dim=1), right)  # [B, N, means * P]
        every = every.reshape(len(every), len(weights), step, -1).permute(1, 2, 0, 3)
        return every.reshape(len(several), -1).numpy()

    def extras(self, mean: str) -> tuple[list[str], np.ndarray]:
        """Return the extra terms' keys and their updates under a mean, [E, B * P].

        The last is the term itself with a constant weight: a constant baseline.
        """
        make = next(piece.make for piece in pieces.MEANS if piece.key == mean)
        keys = [*(extra.key for extra in pieces.EXTRAS), "log"]
        weight = make(self.batch) * torch.ones_like(self.batch.mask)
        return keys, np.array([self.update(weight, key) for key in keys])


def frame(listing: Listing, rows: np.ndarray, paid: Paid = UNPAID) -> Frame:
    """Return some batches of a listing side by side.

    Args:
        listing: where they come from.
        rows: which.
        paid: what the divergence and the entropy take off the rewards.
    """
    world, parts = listing.world, listing.fields(rows)
    theta = torch.tensor(world.theta)
    log_prob = make_batch(theta, parts, world.gamma).log_prob
    penalty = paid.kl * (log_prob - parts["ref_log_prob"]) + paid.entropy * log_prob
    parts["rewards"] = parts["rewards"] - penalty
    slopes = {}
    for piece in (*pieces.TERMS, *pieces.EXTRAS):

        def term(theta, own, piece=piece):
            return piece.make(make_batch(theta, own, world.gamma))

        slope = vmap(jacrev(term), in_dims=(None, 0))(theta, parts)
        slopes[piece.key] = slope.flatten(3).flatten(1, 2)
    return Frame(make_batch(theta, parts, world.gamma), slopes)


def rows_to_compare(listing: Listing) -> np.ndarray:
    """Return rows of batches whose episodes all differ, spread over the list."""
    mixed = [row for row, one in enumerate(listing.index) if len(set(one)) == len(one)]
    spread = np.unique(np.linspace(0, len(mixed) - 1, ROWS).astype(int))
    return np.array(mixed)[spread]


class _Kept:
    """Frames and tables of the worlds that were met last; they do not change."""

    frames: dict[tuple, Frame] = {}
    tables: dict[tuple, list[tuple[np.ndarray, np.ndarray]]] = {}


def _key(listing, paid):
    critic = listing.parts["values"].numpy().tobytes()
    return listing.world.name, listing.index.shape, critic, paid


def _kept(shelf, key, make):
    """What is on a shelf under a key; the oldest makes room for the new."""
    if key not in shelf:
        shelf[key] = make()
        if len(shelf) > SHELF:
            del shelf[next(iter(shelf))]
    return shelf[key]


def frame_of(listing: Listing, paid: Paid = UNPAID) -> Frame:
    """Return the batches of a listing that are compared, as `frame` does, made once."""
    rows = rows_to_compare(listing)
    return _kept(_Kept.frames, _key(listing, paid), lambda: frame(listing, rows, paid))


def tables_of(listing: Listing, paid: Paid = UNPAID) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each term the updates of its compositions and their squares, to look through.

    In single precision: what looks near is measured again.
    """

    def make():
        found = frame_of(listing, paid)
        every = (found.all_composed(several) for several in compositions())
        tables = [updates.astype(np.float32) for updates in every]
        return [(table, squares_of(table)) for table in tables]

    return _kept(_Kept.tables, _key(listing, paid), make)


def squares_of(table: np.ndarray) -> np.ndarray:
    """Return the squared length of each row."""
    return np.einsum("nd,nd->n", table, table)
