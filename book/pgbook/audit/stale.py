"""What an update is on the data of an older policy: which ratio it weighs a step with."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from pgbook.audit.compositions import Composition
from pgbook.audit.measure import Setting
from pgbook.audit.tables import UNPAID, Paid, frame

ROWS = 256  # batches that are compared
LEAST = 8  # and the fewest that will do
BOUNDS = ((0.1, 0.1), (0.2, 0.2), (0.2, 0.28), (0.3, 0.3), (3e-4, 4e-4))  # below and above 1


def _step(log_ratio, mask):
    return log_ratio.exp()


def _whole(log_ratio, mask):
    return (log_ratio * mask).sum(-1, True).exp().expand_as(mask)


def _geometric(log_ratio, mask):
    """GSPO's: the geometric mean of an answer's ratios, for each of its tokens."""
    return ((log_ratio * mask).sum(-1, True) / mask.sum(-1, True)).exp().expand_as(mask)


def _free(ratio, psi):
    return ratio


def _clipped(below, above):
    """PPO's: the smaller of two gains, and where that is the clipped one, no pull."""
    return lambda ratio, psi: ratio * torch.where(psi > 0, ratio < 1 + above, ratio > 1 - below)


def _only_clipped(below, above):
    """The clipped ratio without the minimum: no pull outside, whatever the sign."""
    return lambda ratio, psi: ratio * (ratio > 1 - below) * (ratio < 1 + above)


def _cut_off(below, above):
    """CISPO's: the ratio is cut off above, and held fixed as a weight."""
    return lambda ratio, psi: ratio.clamp(max=1 + above)


RATIOS = ((("step-ratio",), _step), ((), _whole), (("geometric-ratio",), _geometric))
BRAKES = (
    ((), _free),
    *((("clipped-ratio",), _clipped(*bounds)) for bounds in BOUNDS),
    *((("clip-without-minimum",), _only_clipped(*bounds)) for bounds in BOUNDS),
    *((("clipped-weight",), _cut_off(*bounds)) for bounds in BOUNDS),
)


def pulls() -> Iterator[tuple[tuple[str, ...], Callable[[Tensor, Tensor, Tensor], Tensor]]]:
    """Yield every known way to weigh a step of old data: its names, and its pull on log π.

    The pull, in units of the weight, is a function of log-ratios, weights and mask, each [K, T].
    """
    yield ("ratio-forgotten",), lambda log_ratio, psi, mask: torch.ones_like(mask)
    for (names, ratio), (more, brake) in itertools.product(RATIOS, BRAKES):

        def pull(log_ratio, psi, mask, ratio=ratio, brake=brake):
            return brake(ratio(log_ratio, mask), psi)

        yield (*names, *more), pull


def ratio_of(
    stale: Setting, known: tuple[Composition, ...], *, tolerance: float, paid: Paid = UNPAID
) -> tuple[str, ...]:
    """Return how an update weighs old data, names of slips, or () if that is not known.

    Args:
        stale: every batch that the older policy collects.
        known: what the loss is on fresh data.
        tolerance: relative; how near two updates are the same.
        paid: what the objective takes off the rewards.
    """
    rows = np.flatnonzero(stale.updates.finite)
    if len(rows) < LEAST:
        return ()
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, ROWS).astype(int))]
    seen, update = frame(stale.listing, rows, paid), stale.updates.each[rows].ravel()
    mask, log_ratio = seen.batch.mask, seen.batch.log_prob - seen.batch.old_log_prob
    for one in known:
        if one.term.key != "log":
            continue
        psi = one.psi(seen.batch).expand_as(mask)
        weight = psi * one.mean.make(seen.batch)
        for names, pull in pulls():
            own = seen.update(weight * pull(log_ratio, psi, mask), "log")
            factor = own @ update / max(own @ own, np.finfo(float).tiny)
            if np.linalg.norm(update - factor * own) <= tolerance * np.linalg.norm(update):
                return names
    return ()
