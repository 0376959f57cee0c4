"""Chapter 12: PPO's clipped surrogate, and its slope."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 12.5 the clipped surrogate ------------------------------------------------------------------


def _steps():
    old = np.log(np.array([0.5, 0.5, 0.5, 0.5]))
    new = np.log(np.array([0.9, 0.9, 0.2, 0.2]))
    yield Case("near the old policy", (old + [0.05, -0.05, 0, 0.1], old, new, 0.2))
    yield Case("far off, both signs", (new, old, np.array([1.0, -1.0, 1.0, -1.0]), 0.2))
    yield Case("the data's own policy", (old, old, np.array([2.0, -3.0, 0.5, 1.0]), 0.2))
    rng = np.random.default_rng(0)
    yield Case("a narrow clip", (rng.normal(size=7), rng.normal(size=7), rng.normal(size=7), 0.05))


def _by_cases(log_prob, old_log_prob, psi, eps):
    result = []
    for new, old, weight in zip(log_prob, old_log_prob, psi, strict=True):
        ratio = np.exp(new - old)
        if weight >= 0:
            ratio = min(ratio, 1 + eps)
        else:
            ratio = max(ratio, 1 - eps)
        result.append(ratio * weight)
    return result


def _clipped(new, old, psi, eps, *, ratio=lambda new, old: np.exp(new - old), pick=np.minimum):
    w = ratio(new, old)
    return pick(w * psi, w.clip(1 - eps, 1 + eps) * psi)


CLIPPED = Exercise(
    id="12.5",
    asks="Return PPO's clipped surrogate of each step, to be maximised.",
    call="ppo_surrogate(log_prob, old_log_prob, psi, eps)",
    cases=lambda: tuple(_steps()),
    answer=_by_cases,
    slips=(
        Slip(
            "minimum-forgotten",
            "the ratio is clipped on both sides, and a good action that became rare is stuck there",
            "np.minimum(ratio * psi, clipped_ratio * psi)",
            lambda *given: _clipped(*given, pick=lambda plain, bounded: bounded),
        ),
        Slip(
            "maximum",
            "it takes the larger of the two, which promises more and more",
            "np.minimum, the cautious one",
            lambda *given: _clipped(*given, pick=np.maximum),
        ),
        Slip(
            "clip-forgotten",
            "nothing is clipped",
            "np.minimum(ratio * psi, ratio.clip(1 - eps, 1 + eps) * psi)",
            lambda *given: _clipped(*given, pick=lambda plain, bounded: plain),
        ),
        Slip(
            "ratio-upside-down",
            "the ratio stands upside down: the new policy belongs above",
            "np.exp(log_prob - old_log_prob)",
            lambda *given: _clipped(*given, ratio=lambda new, old: np.exp(old - new)),
        ),
        Slip(
            "exp-forgotten",
            "it takes the difference of the logarithms for the ratio",
            "np.exp(log_prob - old_log_prob)",
            lambda *given: _clipped(*given, ratio=lambda new, old: new - old),
        ),
        Slip(
            "ratio-of-logs",
            "it divides logarithms: the ratio is the exponential of their difference",
            "np.exp(log_prob - old_log_prob)",
            lambda *given: _clipped(*given, ratio=lambda new, old: new / old),
        ),
        Slip(
            "product-clipped",
            "it clips the product of ratio and psi",
            "clip the ratio, then multiply",
            lambda new, old, psi, eps: np.minimum(
                np.exp(new - old) * psi, (np.exp(new - old) * psi).clip(1 - eps, 1 + eps)
            ),
        ),
        Slip(
            "minimum-before-psi",
            "it takes the minimum of the ratios and multiplies after it: wrong where psi < 0",
            "multiply both with psi first",
            lambda new, old, psi, eps: np.minimum(np.exp(new - old), 1 + eps) * psi,
        ),
        Slip(
            "averaged",
            "it is the mean over the steps: one number a step is asked",
            "do not take the mean",
            lambda *given: np.mean(_by_cases(*given)),
        ),
        Slip(
            "clip-around-zero",
            "it clips the ratio to -eps ... eps",
            "ratio.clip(1 - eps, 1 + eps)",
            lambda new, old, psi, eps: np.minimum(
                np.exp(new - old) * psi, np.exp(new - old).clip(-eps, eps) * psi
            ),
        ),
    ),
)

# --- 12.6 its slope ------------------------------------------------------------------------------


def _ratios():
    yield Case("near the old policy", (np.array([1.05, 0.95]), np.array([1.0, -1.0]), 0.2))
    yield Case("a good action, too frequent", (np.array([1.5]), np.array([2.0]), 0.2))
    yield Case("a good action, too rare", (np.array([0.5]), np.array([2.0]), 0.2))
    yield Case("a bad action, too frequent", (np.array([1.5]), np.array([-2.0]), 0.2))
    yield Case("a bad action, too rare", (np.array([0.5]), np.array([-2.0]), 0.2))
    ratios = np.array([0.4, 0.85, 1.0, 1.15, 2.5, 0.95])
    yield Case("a mixed batch", (ratios, np.array([1.0, -1.5, 0.5, 2.0, -3.0, 0.0]), 0.1))


def _by_differences(ratio, psi, eps):
    """By differences of the surrogate in log π: another route than the three cases."""
    h = 1e-4
    old = np.zeros_like(ratio)

    def surrogate(shift):
        return np.array(_by_cases(np.log(ratio) + shift, old, psi, eps))

    def slope(h):
        return (surrogate(h) - surrogate(-h)) / (2 * h)

    return (4 * slope(h / 2) - slope(h)) / 3


def _slope(ratio, psi, eps, *, free=None, factor=None):
    up, down = ratio > 1 + eps, ratio < 1 - eps
    free = ~((psi > 0) & up | (psi < 0) & down) if free is None else free(psi, up, down)
    return (ratio if factor is None else factor) * psi * free


SLOPE = Exercise(
    id="12.6",
    asks="Return the derivative of the clipped surrogate of each step in log pi.",
    call="clip_slope(ratio, psi, eps)",
    cases=lambda: tuple(_ratios()),
    answer=_by_differences,
    slips=(
        Slip(
            "flat-on-both-sides",
            "it is 0 wherever the ratio is outside: nothing would pull a good action back",
            "0 only where the step goes further away",
            lambda *given: _slope(*given, free=lambda psi, up, down: ~(up | down)),
        ),
        Slip(
            "never-flat",
            "the clip does nothing",
            "0 where psi > 0 and ratio > 1 + eps, and where psi < 0 and ratio < 1 - eps",
            lambda *given: _slope(*given, free=lambda psi, up, down: np.ones_like(up)),
        ),
        Slip(
            "psi-positive-only",
            "it stops good actions, and lets bad ones become rarer without a limit",
            "0 where psi < 0 and ratio < 1 - eps, too",
            lambda *given: _slope(*given, free=lambda psi, up, down: ~((psi > 0) & up)),
        ),
        Slip(
            "psi-negative-only",
            "it stops bad actions, and lets good ones become more frequent without a limit",
            "0 where psi > 0 and ratio > 1 + eps, too",
            lambda *given: _slope(*given, free=lambda psi, up, down: ~((psi < 0) & down)),
        ),
        Slip(
            "sides-swapped",
            "it is 0 where the way back should be free, and free where it should be 0",
            "0 where psi > 0 and ratio > 1 + eps, and where psi < 0 and ratio < 1 - eps",
            lambda *given: _slope(
                *given, free=lambda psi, up, down: ~((psi > 0) & down | (psi < 0) & up)
            ),
        ),
        Slip(
            "psi-alone",
            "the ratio is missing: d ratio / d log pi is the ratio",
            "ratio * psi where it is free",
            lambda *given: _slope(*given, factor=1.0),
        ),
        Slip(
            "in-the-ratio",
            "what is clipped still moves with the bound",
            "a bound is a constant, its slope is 0",
            lambda ratio, psi, eps: _slope(
                ratio,
                psi,
                eps,
                free=lambda psi, up, down: np.ones_like(up),
                factor=ratio.clip(1 - eps, 1 + eps),
            ),
        ),
    ),
)

EXERCISES = (CLIPPED, SLOPE)
