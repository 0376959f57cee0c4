"""Names for what a loss does: its update of every batch beside those of all known compositions.

The mean update alone would not do: different slips may share it. A composition is recognised when
its update is a constant times the loss's own on every batch that is looked at, here and in a second
world, and when the constants of the two worlds and of two group sizes follow one rule.
"""

from dataclasses import dataclass, replace

import numpy as np

from pgbook.audit.compositions import Composition, compositions
from pgbook.audit.constants import constant_rules
from pgbook.audit.lambdas import with_lambda
from pgbook.audit.measure import Setting
from pgbook.audit.tables import UNPAID, Paid, frame_of, rows_to_compare, squares_of, tables_of

LEAST = 8  # the fewest batches that will do
NEAR = 1e-5  # how much of the square may be left when single precision looks through the tables
EXTRA_SLIPS = {
    "entropy": "entropy-bonus",
    "entropy-penalty": "entropy-penalty",
    "k2": "kl-k2-loss",
    "k3": "kl-k3-loss",
}
TERM_SLIPS = {*EXTRA_SLIPS.values()}
EXTRA_MEANS = ("episodes", "tokens", "own length", "unmasked", "unmasked tokens")


@dataclass(frozen=True)
class Recognition:
    """What a loss was recognised as.

    Attributes:
        slips: the names of its slips, the fewest that explain it.
        same: other sets of slips that are the same function.
        compositions: what it is put together from, each another way to write it.
    """

    slips: tuple[str, ...] = ()
    same: tuple[tuple[str, ...], ...] = ()
    compositions: tuple[Composition, ...] = ()


def recognise(
    settings: list[Setting], *, objective: str, tolerance: float, paid: Paid = UNPAID
) -> Recognition | None:
    """Return what a loss is put together from, or None if it is not in the catalogue.

    Args:
        settings: the main enumeration first; one of another group size and one of another horizon
            settle the constants.
        objective: one of `pieces.OBJECTIVES`.
        tolerance: relative; how near two updates are the same.
        paid: what the objective takes off the rewards. A loss that knows nothing of it is looked
            for too.
    """
    found = _recognised(settings, objective, tolerance, paid)
    if found or paid == UNPAID:
        return found
    found = _recognised(settings, objective, tolerance, UNPAID)
    if found and not any(TERM_SLIPS & {*slips} for slips in (found.slips, *found.same)):
        sets = [(*slips, "penalty-left-out") for slips in (found.slips, *found.same)]
        found = replace(found, slips=sets[0], same=tuple(sets[1:]))
    return found


def _recognised(settings, objective, tolerance, paid):
    """What a loss is if rewards are paid so."""
    views = [view for view in (_view(each, paid) for each in settings) if view is not None]
    if not views or not views[0].update.any():
        return None
    main = views[0]
    found = (
        _exact(views, _near(main, main.update, None), tolerance)
        or _with_extras(views, tolerance)
        or _exact(views, with_lambda(main.frame, main.each, tolerance), tolerance)
    )
    sizes, horizons = [view.size for view in views], [view.horizon for view in views]
    named = []
    for one, factors, extras in found:
        slips = (*one.named(objective), *extras)
        named += constant_rules(sizes, horizons, factors, slips, max(1e-6, tolerance))
    if not named:
        return None
    named.sort(key=lambda pair: len(pair[0]))  # stable: the order of the pieces decides a tie
    every = tuple(dict.fromkeys(slips for slips, _ in named))
    pure = tuple(one for one, _, extras in found if not extras)
    return Recognition(every[0], every[1:], pure)


@dataclass(frozen=True, eq=False)
class _View:
    """One setting as the search sees it."""

    setting: Setting
    paid: Paid
    rows: np.ndarray
    finite: np.ndarray  # [rows * P] bools
    update: np.ndarray  # [of the finite ones]

    @property
    def size(self):
        return self.setting.listing.index.shape[1]

    @property
    def horizon(self):
        return self.setting.listing.world.horizon

    @property
    def each(self):
        """The update of each batch, [rows, P]; NaN where there is none."""
        return self.setting.updates.each[self.rows].reshape(len(self.rows), -1)

    @property
    def frame(self):
        return frame_of(self.setting.listing, self.paid)


def _view(setting, paid):
    rows = rows_to_compare(setting.listing)
    there = setting.updates.finite[rows]
    if there.sum() < LEAST:
        return None
    each = setting.updates.each[rows]
    finite = np.repeat(there, each[0].size)
    return _View(setting, paid, rows, finite, each.reshape(-1)[finite])


def _exact(views, tried, tolerance):
    """Those of some compositions that the loss is a constant times: (composition, factors, ())."""
    kept = []
    for one in tried:
        factors = [_factor(view, one, tolerance) for view in views]
        if None not in factors:
            kept.append((one, factors, ()))
    return kept


def _near(view, update, basis):
    """Yield compositions that are nearly multiples of an update, what `basis` spans apart."""
    size = update @ update
    tables = tables_of(view.setting.listing, view.paid)
    for several, (own, squares) in zip(compositions(), tables, strict=True):
        if not view.finite.all():
            own = own[:, view.finite]
            squares = squares_of(own)
        along = own @ update.astype(np.float32)
        if basis is not None:
            squares = squares - ((own @ basis.astype(np.float32)) ** 2).sum(axis=1)
        usable = squares > 1e-8
        across = size - np.divide(along**2, squares, out=np.zeros_like(along), where=usable)
        for i in np.flatnonzero(usable & (across <= NEAR * size)):
            yield several[i]


def _factor(view, one, tolerance):
    """The constant between a loss and a composition in one setting; None if there is none."""
    own = view.frame.composed(one)[view.finite]
    square, size = own @ own, np.linalg.norm(view.update)
    if square <= 1e-20 * size**2:
        return None
    factor = own @ view.update / square
    return factor if np.linalg.norm(view.update - factor * own) <= tolerance * size else None


def _with_extras(views, tolerance):
    """The same, with a bonus, a penalty or a constant baseline beside the weighed term."""
    main, kept = views[0], []
    for mean in EXTRA_MEANS:
        _, extras = main.frame.extras(mean)
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
    keys, extras = view.frame.extras(mean)
    table = np.vstack([view.frame.composed(one), extras])[:, view.finite]
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
        if there and key in EXTRA_SLIPS:
            names += [EXTRA_SLIPS[key], *["mask-forgotten"] * mean.startswith("unmasked")]
    return part[0], tuple(names)
