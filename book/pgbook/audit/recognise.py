"""Names for what a loss does: its update of every batch beside those of all known compositions.

The mean update alone would not do: different slips may share it. A composition is recognised when
its update is a constant times the loss's own on every batch that is looked at, here and in a second
world, and when the constants of the two worlds and of two group sizes follow one rule.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch.func import jacrev, vmap

from pgbook.audit import pieces
from pgbook.audit.batch import make_batch
from pgbook.audit.listing import Listing
from pgbook.audit.measure import Setting
from pgbook.audit.pieces import Piece

ROWS = 32  # batches that are compared
LEAST = 8  # and the fewest that will do
NEAR = 1e-5  # how much of the square may be left when single precision looks through the tables
EXTRA_SLIPS = {
    "entropy": "entropy-bonus",
    "entropy-penalty": "entropy-penalty",
    "k2": "kl-k2-loss",
    "k3": "kl-k3-loss",
}
EXTRA_MEANS = ("episodes", "tokens", "own length", "unmasked")


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


def frame(listing: Listing, rows: np.ndarray) -> Frame:
    """Return some batches of a listing side by side."""
    world, parts = listing.world, listing.fields(rows)
    theta = torch.tensor(world.theta)
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
    """Frames and tables of the worlds that were met; they do not change."""

    frames: dict[tuple, Frame] = {}
    tables: dict[tuple, list[tuple[np.ndarray, np.ndarray]]] = {}


def _key(listing):
    return listing.world.name, listing.index.shape, listing.parts["values"].numpy().tobytes()


def _frame_of(listing):
    key = _key(listing)
    if key not in _Kept.frames:
        _Kept.frames[key] = frame(listing, rows_to_compare(listing))
    return _Kept.frames[key]


def _tables_of(listing):
    """For each term the updates of its compositions and their squares, to look through.

    In single precision: what looks near is measured again.
    """
    key = _key(listing)
    if key not in _Kept.tables:
        found = _frame_of(listing)
        every = (found.all_composed(several) for several in compositions())
        tables = [updates.astype(np.float32) for updates in every]
        _Kept.tables[key] = [(table, _squares(table)) for table in tables]
    return _Kept.tables[key]


def _squares(table):
    return np.einsum("nd,nd->n", table, table)


@dataclass(frozen=True)
class Recognition:
    """What a loss was recognised as.

    Attributes:
        slips: the names of its slips, the fewest that explain it.
        same: other sets of slips that are the same function.
        constant: what is left of the factor when the slips are accounted for.
    """

    slips: tuple[str, ...]
    same: tuple[tuple[str, ...], ...]
    constant: float


def recognise(settings: list[Setting], *, objective: str, tolerance: float) -> Recognition | None:
    """Return what a loss is put together from, or None if it is not in the catalogue.

    Args:
        settings: the main enumeration first; one of another group size and one of another horizon
            settle the constants.
        objective: one of `pieces.OBJECTIVES`.
        tolerance: relative; how near two updates are the same.
    """
    views = [view for view in map(_view, settings) if view is not None]
    if not views or not views[0].update.any():
        return None
    found = _exact(views, tolerance) or _with_extras(views, tolerance)
    sizes, horizons = [view.size for view in views], [view.horizon for view in views]
    named = []
    for one, factors, extras in found:
        slips = (*one.named(objective), *extras)
        named += constant_rules(sizes, horizons, factors, slips, max(1e-6, tolerance))
    if not named:
        return None
    named.sort(key=lambda pair: len(pair[0]))  # stable: the order of the pieces decides a tie
    every = tuple(dict.fromkeys(slips for slips, _ in named))
    return Recognition(every[0], every[1:], named[0][1])


@dataclass(frozen=True, eq=False)
class _View:
    """One setting as the search sees it."""

    setting: Setting
    rows: np.ndarray
    finite: np.ndarray  # [rows * P] bools
    update: np.ndarray  # [of the finite ones]

    @property
    def size(self):
        return self.setting.listing.index.shape[1]

    @property
    def horizon(self):
        return self.setting.listing.world.horizon


def _view(setting):
    rows = rows_to_compare(setting.listing)
    there = setting.updates.finite[rows]
    if there.sum() < LEAST:
        return None
    each = setting.updates.each[rows]
    finite = np.repeat(there, each[0].size)
    return _View(setting, rows, finite, each.reshape(-1)[finite])


def _exact(views, tolerance):
    """Compositions whose update is a constant times the loss's: (composition, factors, ())."""
    kept = []
    for one in _near(views[0], views[0].update, None):
        factors = [_factor(view, one, tolerance) for view in views]
        if None not in factors:
            kept.append((one, factors, ()))
    return kept


def _near(view, update, basis):
    """Yield compositions that are nearly multiples of an update, what `basis` spans apart."""
    size = update @ update
    tables = _tables_of(view.setting.listing)
    for several, (own, squares) in zip(compositions(), tables, strict=True):
        if not view.finite.all():
            own = own[:, view.finite]
            squares = _squares(own)
        along = own @ update.astype(np.float32)
        if basis is not None:
            squares = squares - ((own @ basis.astype(np.float32)) ** 2).sum(axis=1)
        usable = squares > 1e-8
        across = size - np.divide(along**2, squares, out=np.zeros_like(along), where=usable)
        for i in np.flatnonzero(usable & (across <= NEAR * size)):
            yield several[i]


def _factor(view, one, tolerance):
    """The constant between a loss and a composition in one setting; None if there is none."""
    own = _frame_of(view.setting.listing).composed(one)[view.finite]
    square, size = own @ own, np.linalg.norm(view.update)
    if square <= 1e-20 * size**2:
        return None
    factor = own @ view.update / square
    return factor if np.linalg.norm(view.update - factor * own) <= tolerance * size else None


def _with_extras(views, tolerance):
    """The same, with a bonus, a penalty or a constant baseline beside the weighed term."""
    main, kept = views[0], []
    for mean in EXTRA_MEANS:
        _, extras = _frame_of(main.setting.listing).extras(mean)
        basis = np.linalg.qr(extras[:, main.finite].T)[0]
        rest = main.update - basis @ (basis.T @ main.update)
        if np.linalg.norm(rest) <= 1e-9 * np.linalg.norm(main.update):
            continue
        for one in _near(main, rest, basis):
            fits = [_fit(view, one, mean, tolerance) for view in views]
            if None not in fits:
                kept.append((one, [factor for factor, _ in fits], fits[0][1]))
    return kept


def _fit(view, one, mean, tolerance):
    """The constant and the extra slips of a composition in one setting; None if it does not fit."""
    found = _frame_of(view.setting.listing)
    keys, extras = found.extras(mean)
    table = np.vstack([found.composed(one), extras])[:, view.finite]
    part = np.linalg.lstsq(table.T, view.update, rcond=None)[0]
    size = np.linalg.norm(view.update)
    if np.linalg.norm(view.update - part @ table) > tolerance * size:
        return None
    present = np.abs(part) * np.linalg.norm(table, axis=1) > 3 * tolerance * size
    if not present[0]:
        return None
    names = []
    for key, there, coefficient in zip(keys, present[1:], part[1:], strict=True):
        if there and key == "entropy" and coefficient * part[0] < 0:
            key = "entropy-penalty"
        names += [EXTRA_SLIPS[key]] if there and key in EXTRA_SLIPS else []
    return part[0], tuple(names)


def constant_rules(
    sizes: Sequence[int],
    horizons: Sequence[int],
    factors: Sequence[float],
    slips: tuple[str, ...],
    tolerance: float = 1e-6,
) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield (slips with those that the constants are, what is left) for each rule that fits.

    A rule is factor = constant × K^a × T^b in every setting.

    Args:
        sizes: the number of episodes K in each setting.
        horizons: the largest number of steps T in each.
        factors: what a composition must be multiplied with in each.
        slips: those that the composition has.
        tolerance: relative; how nearly the rule must hold.
    """
    powers = [(0, 0), (1, 0), (-1, 0), (0, -1), (1, -1), (0, 1), (1, 1), (-1, -1)]
    if len(factors) == 1:
        powers = powers[:1]
    sizes, horizons = np.array(sizes, dtype=float), np.array(horizons, dtype=float)
    for a, b in powers:
        rest = np.array(factors) / sizes**a / horizons**b
        if np.ptp(rest) > tolerance * np.abs(rest).max():
            continue
        names = list(dict.fromkeys(slips))
        names += {1: ["sum-over-batch"], -1: ["twice-averaged"], 0: []}[a]
        names += {-1: ["mean-over-padding"], 1: ["constant-factor"], 0: []}[b]
        names += ["constant-factor"] if abs(abs(rest[0]) - 1) > tolerance and b != 1 else []
        names += ["wrong-sign"] if rest[0] < 0 else []
        yield tuple(names), float(rest[0])
