"""Chapter 3: the score of a softmax, and what a sample makes of it."""

import numpy as np
from scipy.special import log_softmax, softmax

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 3.5 the score of a softmax ------------------------------------------------------------------


def _throws():
    rng = np.random.default_rng(0)
    yield Case("two faces", (np.array([0.0, 1.0]), 0))
    yield Case("one face only", (np.array([0.3]), 0))
    yield Case("six faces", (rng.normal(size=6), 4))
    yield Case("the last face", (rng.normal(size=3), 2))
    yield Case("logits near 800", (np.array([800.0, 801.0, 799.0]), 0))


def _differences(theta, x):
    """Differences of log p, with a step that is exact up to 1e-9: another route."""
    knobs, h = np.eye(len(theta)), 1e-3
    theta = theta - theta.max()

    def slope(h):
        return np.array(
            [(log_softmax(theta + h * k) - log_softmax(theta - h * k))[x] / (2 * h) for k in knobs]
        )

    return (4 * slope(h / 2) - slope(h)) / 3  # the error of order h² cancels


def _score(theta, x):
    return np.eye(len(theta))[x] - softmax(theta)


def _overflowing(theta, x):
    return np.eye(len(theta))[x] - np.exp(theta) / np.exp(theta).sum()


SCORE = Exercise(
    id="3.5",
    asks="Return the score of a softmax: the gradient of log p(x) in the logits.",
    call="softmax_score(theta, x)",
    cases=lambda: tuple(_throws()),
    answer=_differences,
    slips=(
        Slip(
            "one-hot-forgotten",
            "the one-hot of what came up is missing",
            "one_hot(x) - p",
            lambda theta, x: -softmax(theta),
        ),
        Slip(
            "probabilities-forgotten",
            "only the knob of the face that came up moves, as if the faces did not share",
            "one_hot(x) - p",
            lambda theta, x: np.eye(len(theta))[x],
        ),
        Slip(
            "own-knob-only",
            "it fills the entry of x alone; raising another face's logit makes x rarer, too",
            "the other entries are -p",
            lambda theta, x: np.eye(len(theta))[x] * _score(theta, x),
        ),
        Slip(
            "slope-of-p",
            "it is the gradient of p(x), not that of log p(x)",
            "divide by p(x)",
            lambda theta, x: softmax(theta)[x] * _score(theta, x),
        ),
        Slip(
            "log-probabilities",
            "it takes off log p in the place of p",
            "one_hot(x) - p, and p = softmax(theta)",
            lambda theta, x: np.eye(len(theta))[x] - log_softmax(theta),
        ),
        Slip(
            "greedy-face",
            "it uses the likeliest face in the place of the one that came up",
            "one_hot(x), not one_hot(theta.argmax())",
            lambda theta, x: _score(theta, theta.argmax()),
        ),
        Slip(
            "overflow",
            "exp(800) is infinite, and infinite over infinite is not a number",
            "take theta - theta.max() before exp: the probabilities stay what they are",
            _overflowing,
        ),
    ),
)

# --- 3.6 an estimate from throws -----------------------------------------------------------------


def _samples():
    rng = np.random.default_rng(1)
    for why, faces, throws in (
        ("one throw", 2, 1),
        ("three throws of a coin", 2, 3),
        ("seven throws of a die", 4, 7),
        ("all throws alike", 3, 4),
    ):
        x = rng.integers(faces, size=throws)
        x[:] = x[0] if why == "all throws alike" else x
        yield Case(why, (rng.normal(size=faces), x, rng.normal(size=throws).round(2)))


def _one_by_one(theta, x, R):
    return sum(_score(theta, face) * reward for face, reward in zip(x, R, strict=True)) / len(x)


def _scores(theta, x):
    return np.eye(len(theta))[x] - softmax(theta)


ESTIMATE = Exercise(
    id="3.6",
    asks="Return the estimate of the gradient that throws x with rewards R give.",
    call="from_throws(theta, x, R)",
    cases=lambda: tuple(_samples()),
    answer=_one_by_one,
    slips=(
        Slip(
            "sum-over-throws",
            "it adds the throws up where it should average: more throws, a longer step",
            "(scores * R[:, None]).mean(axis=0)",
            lambda theta, x, R: R @ _scores(theta, x),
        ),
        Slip(
            "weighted-again",
            "it multiplies with the probabilities once more: the throws come as often already",
            "a plain mean over the throws",
            lambda theta, x, R: (softmax(theta)[x] * R) @ _scores(theta, x) / len(x),
        ),
        Slip(
            "mean-times-mean",
            "it multiplies two means, and each score goes with its own reward",
            "(scores * R[:, None]).mean(axis=0)",
            lambda theta, x, R: _scores(theta, x).mean(axis=0) * R.mean(),
        ),
        Slip(
            "chosen-knob-only",
            "only the knob of the face that came up is moved: the score's -p is missing",
            "one_hot(x) - p for every throw",
            lambda theta, x, R: R @ np.eye(len(theta))[x] / len(x),
        ),
        Slip(
            "no-reward",
            "the rewards are left out: a mean of scores, which is 0 on average",
            "multiply the score of each throw with its reward",
            lambda theta, x, R: _scores(theta, x).mean(axis=0),
        ),
        Slip(
            "overwritten",
            "each throw overwrites the one before: only the last one counts",
            "total += ..., not total = ...",
            lambda theta, x, R: _scores(theta, x)[-1] * R[-1] / len(x),
        ),
        Slip(
            "divided-by-faces",
            "it divides by the number of faces, not by the number of throws",
            ".mean(axis=0) over the throws",
            lambda theta, x, R: R @ _scores(theta, x) / len(theta),
        ),
    ),
)

EXERCISES = (SCORE, ESTIMATE)
