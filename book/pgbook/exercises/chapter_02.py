"""Chapter 2: a gradient by differences, and the gradient of a mean over the faces of a die."""

import numpy as np
from scipy.special import softmax

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 2.5 central differences ---------------------------------------------------------------------


def _cubic(theta):
    """θ₀² θ₁ + θ₁³."""
    return theta[0] ** 2 * theta[1] + theta[1] ** 3


def _one_knob(theta):
    """θ₀³."""
    return theta[0] ** 3


def _waves(theta):
    """Σ k sin(θ_k) + Π θ_k, over all entries k = 1, 2, ..."""
    k = np.arange(1, theta.size + 1)
    return (k * np.sin(theta.ravel())).sum() + theta.prod()


def _functions():
    rng = np.random.default_rng(0)
    yield Case("one knob", (_one_knob, np.array([0.5]), 0.1))
    yield Case("two knobs", (_cubic, np.array([1.0, -2.0]), 0.1))
    yield Case("a table of knobs", (_waves, rng.normal(size=(2, 3)), 0.25))
    yield Case("knobs that are whole numbers", (_cubic, np.array([2, 1]), 0.5))


def _quotient(f, theta, h, *, ahead=1, behind=1, width=None):
    width = ahead + behind if width is None else width
    theta = np.asarray(theta, dtype=float)
    knobs = np.eye(theta.size).reshape(-1, *theta.shape)
    rise = [f(theta + ahead * h * k) - f(theta - behind * h * k) for k in knobs]
    return np.reshape(rise, theta.shape) / (width * h)


def _moved_together(f, theta, h):
    return np.full(theta.shape, (f(theta + h) - f(theta - h)) / (2 * h))


def _not_put_back(f, theta, h):
    theta, result = np.array(theta, dtype=float), np.zeros(theta.shape)
    for k in np.ndindex(theta.shape):
        theta[k] += h
        up = f(theta)
        theta[k] -= 2 * h
        result[k] = (up - f(theta)) / (2 * h)
    return result


def _integers_stay(f, theta, h):
    result = np.zeros(theta.shape)
    for k in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[k] += h
        down[k] -= h
        result[k] = (f(up) - f(down)) / (2 * h)
    return result


def _integers_in_place(f, theta, h):
    result = np.zeros(theta.shape)
    for k in np.ndindex(theta.shape):
        theta[k] += h
        up = f(theta)
        theta[k] -= 2 * h
        result[k] = (up - f(theta)) / (2 * h)
        theta[k] += h
    return result


DIFFERENCES = Exercise(
    id="2.5",
    asks="Return the gradient of f at theta by central differences with the step h.",
    call="differences(f, theta, h)",
    cases=lambda: tuple(_functions()),
    answer=_quotient,
    slips=(
        Slip(
            "one-sided",
            "it takes the difference between theta + h and theta: its error is of order h, not h²",
            "(f(theta + h k) - f(theta - h k)) / (2 h)",
            lambda f, theta, h: _quotient(f, theta, h, behind=0),
        ),
        Slip(
            "backward",
            "it takes the difference between theta and theta - h: its error is of order h, not h²",
            "(f(theta + h k) - f(theta - h k)) / (2 h)",
            lambda f, theta, h: _quotient(f, theta, h, ahead=0),
        ),
        Slip(
            "divided-by-h",
            "the two points are 2 h apart and it divides by h",
            "divide by 2 * h",
            lambda f, theta, h: _quotient(f, theta, h, width=1),
        ),
        Slip(
            "not-divided",
            "it returns the rise, and a slope is rise over run",
            "divide by 2 * h",
            lambda f, theta, h: _quotient(f, theta, h, width=1 / h),
        ),
        Slip(
            "all-knobs-at-once",
            "it moves all knobs together: that is one slope, along the diagonal",
            "move one knob and leave the others where they are",
            _moved_together,
        ),
        Slip(
            "knob-not-put-back",
            "a knob that was moved is not put back before the next one is tried",
            "restore theta[k], or work on a copy for each knob",
            _not_put_back,
        ),
        Slip(
            "one-point-twice",
            "it returns 0 everywhere, as it does if both points are one array: up = theta copies "
            "nothing",
            "a copy for each point: up, down = theta.copy(), theta.copy()",
            lambda f, theta, h: np.zeros(theta.shape),
        ),
        Slip(
            "whole-numbers-stay",
            "a knob in an array of integers cannot move by less than 1: theta[k] += h is cut off",
            "theta = np.array(theta, dtype=float)",
            _integers_stay,
        ),
        Slip(
            "whole-numbers-in-place",
            "a knob in an array of integers cannot move by less than 1, nor come back from there",
            "theta = np.array(theta, dtype=float)",
            _integers_in_place,
        ),
        Slip(
            "own-step",
            "it is the slope at a tiny step, or the exact one: h is not used",
            "move by h itself, and divide by 2 * h",
            lambda f, theta, h: _quotient(f, theta, 1e-5),
        ),
    ),
)

# --- 2.6 the gradient of a mean over a die's faces -----------------------------------------------


def _dice():
    rng = np.random.default_rng(0)
    yield Case("two faces", (np.array([0.0, 1.0]), np.array([1.0, 3.0])))
    yield Case("one face only", (np.array([0.7]), np.array([2.0])))
    yield Case("six faces", (rng.normal(size=6), rng.normal(size=6)))
    yield Case("all rewards equal", (rng.normal(size=3), np.full(3, 4.0)))
    yield Case("logits near 800", (np.array([800.0, 801.0, 799.0]), np.array([1.0, 0.0, 2.0])))


def _jacobian(theta, R):
    """By the whole Jacobian of the softmax: another route than the closed form."""
    p = softmax(theta)
    return (np.diag(p) - np.outer(p, p)) @ R


def _overflowing(theta, R):
    p = np.exp(theta) / np.exp(theta).sum()
    return p * (R - p @ R)


DIE = Exercise(
    id="2.6",
    asks="Return the gradient of J, the mean reward of a die with softmax probabilities.",
    call="die_gradient(theta, R)",
    cases=lambda: tuple(_dice()),
    answer=_jacobian,
    slips=(
        Slip(
            "denominator-forgotten",
            "it differentiates the numerator exp(theta) alone: theta is in the sum below it, too",
            "p * (R - J), where J = (p * R).sum()",
            lambda theta, R: softmax(theta) * R,
        ),
        Slip(
            "own-face-only",
            "it lets each knob move its own face only, and the faces share one probability of 1",
            "p * (R - J), where J = (p * R).sum()",
            lambda theta, R: softmax(theta) * (1 - softmax(theta)) * R,
        ),
        Slip(
            "no-probability",
            "it says how much better than the mean each face is, and not how often it comes up",
            "multiply by p: p * (R - J)",
            lambda theta, R: R - softmax(theta) @ R,
        ),
        Slip(
            "plain-mean",
            "it takes off the plain mean of the rewards, as if the die were fair",
            "J = (p * R).sum(), not R.mean()",
            lambda theta, R: softmax(theta) * (R - R.mean()),
        ),
        Slip(
            "probability-twice",
            "it multiplies by the probability twice",
            "p * (R - J)",
            lambda theta, R: softmax(theta) ** 2 * (R - softmax(theta) @ R),
        ),
        Slip(
            "overflow",
            "exp(800) is infinite, and infinite over infinite is not a number",
            "take theta - theta.max() before exp: the probabilities stay what they are",
            _overflowing,
        ),
    ),
)

EXERCISES = (DIFFERENCES, DIE)
