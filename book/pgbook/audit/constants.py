"""Constant factors, by how they change with the group and the horizon."""

from collections.abc import Iterator, Sequence

import numpy as np


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
