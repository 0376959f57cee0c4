"""The answers of the questions, and of their slips, computed: closed forms, enumeration, slopes.

Each function takes a question's variables and gives the right answer, then what each slip comes to
in the order of `questions.json`; None where a slip is a misreading that no computation makes.
"""

import numpy as np
from scipy.integrate import quad


def slope(f, x, h=1e-6):
    """A central difference."""
    return (f(x + h) - f(x - h)) / (2 * h)


# --- 1 The objective -----------------------------------------------------------------------------


def mean_of_two(p, r0, r1):
    """1.b: the mean over both actions, listed."""
    listed = np.dot([p, 1 - p], [r0, r1])
    return [listed, np.mean([r0, r1]), p * r0, p * (r0 + r1), np.dot([1 - p, p], [r0, r1]), r0 + r1]


def episodes_for_half():
    """1.c: the error is σ/√N; 0.13 at N = 100 gives σ."""
    sigma = 0.13 * np.sqrt(100)
    return [(sigma / 0.065) ** 2, 100 * 2, 100 / 2, 100 * 10]


# --- 2 The gradient of an expectation ------------------------------------------------------------


def moving_edge():
    """2.b: J by quadrature and its slope by differences; the slope inside; J; the edge."""

    def J(theta):
        return quad(lambda a: a**2 / theta, 0, theta)[0]

    inside = quad(lambda a: -(a**2), 0, 1)[0]
    return [slope(J, 1.0), inside, J(1.0), 1.0, slope(np.square, 1.0)]


# --- 3 The log-derivative trick ------------------------------------------------------------------


def score_of_tails(theta):
    """3.a: the slope of the logarithm, by differences."""
    score = slope(lambda x: np.log(1 - x), theta)
    heads = slope(np.log, theta)
    return [score, -score, heads, -heads, slope(lambda x: 1 - x, theta), np.log(1 - theta)]


COMPUTED = {
    "1.b": mean_of_two,
    "1.c": episodes_for_half,
    "2.b": moving_edge,
    "3.a": score_of_tails,
}
