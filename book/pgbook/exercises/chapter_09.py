"""Chapter 9: leave-one-out, and the baseline of least variance."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 9.5 leave-one-out ---------------------------------------------------------------------------


def _returns():
    rng = np.random.default_rng(0)
    yield Case("two episodes", (np.array([1.0, 3.0]),))
    yield Case("three episodes", (np.array([2.0, -1.0, 5.0]),))
    yield Case("all returns equal", (np.full(4, 7.0),))
    yield Case("returns that are whole numbers", (np.array([0, 1, 1, 0, 1]),))
    yield Case("ten episodes", (rng.normal(size=10),))


def _by_loops(returns):
    n = len(returns)
    return [returns[i] - sum(returns[j] for j in range(n) if j != i) / (n - 1) for i in range(n)]


LEAVE_ONE_OUT = Exercise(
    id="9.5",
    asks="Return the weight of each episode: its return less the mean return of the others.",
    call="less_the_others(returns)",
    cases=lambda: tuple(_returns()),
    answer=_by_loops,
    slips=(
        Slip(
            "own-sample",
            "each return is part of its own baseline: the gradient shrinks by 1 - 1/N",
            "(returns.sum() - returns) / (N - 1), the mean of the others",
            lambda R: R - R.mean(),
        ),
        Slip(
            "divided-by-n",
            "it adds up the others and divides by N: they are N - 1",
            "(returns.sum() - returns) / (N - 1)",
            lambda R: R - (R.sum() - R) / len(R),
        ),
        Slip(
            "sum-of-the-others",
            "it takes off the sum of the others, not their mean",
            "(returns.sum() - returns) / (N - 1)",
            lambda R: R - (R.sum() - R),
        ),
        Slip(
            "own-return-over-all",
            "it takes the mean of all, scaled by N / (N - 1), where its own return is still inside",
            "take an episode's own return out of the sum first",
            lambda R: R - R.sum() / (len(R) - 1),
        ),
        Slip(
            "neighbour-only",
            "the baseline is the return of the episode before: right on average, and noisy",
            "the mean of all others",
            lambda R: R - np.roll(R, 1),
        ),
        Slip(
            "baseline-itself",
            "it is the baseline: what is left to do is to take it off the return",
            "returns - baseline",
            lambda R: (R.sum() - R) / (len(R) - 1),
        ),
        Slip(
            "divided-by-deviation",
            "it divides by the deviation of the batch: that is no baseline, it scales the gradient",
            "leave the division out",
            lambda R: (R - R.mean()) / (R.std() + 1e-8),
        ),
        Slip(
            "best-as-baseline",
            "it takes off the best return, and the episode itself may be the best",
            "the mean of the others",
            lambda R: R - R.max(),
        ),
    ),
)

# --- 9.6 the baseline of least variance ----------------------------------------------------------


def _lists():
    rng = np.random.default_rng(1)
    coin = np.array([0.8, 0.2])
    yield Case("a coin", (coin, np.array([[0.2, -0.2], [-0.8, 0.8]]), np.array([2.0, -1.0])))
    for why, rows, knobs in (("five trajectories", 5, 3), ("one knob", 4, 1)):
        given = rng.dirichlet(np.ones(rows)), rng.normal(size=(rows, knobs)), rng.normal(size=rows)
        yield Case(why, given)
    same = rng.dirichlet(np.ones(3)), rng.normal(size=(3, 2)), np.full(3, 2.0)
    yield Case("all returns equal", same)


def _vertex(prob, scores, returns):
    """The lowest point of the parabola b -> E|ζ(R - b)|², from three of its points."""

    def height(b):
        return prob @ ((scores * (returns - b)[:, None]) ** 2).sum(axis=1)

    low, mid, high = height(-1.0), height(0.0), height(1.0)
    return (low - high) / (2 * (low - 2 * mid + high))


def _weighted(prob, scores, returns, *, power=2.0):
    weight = prob * np.linalg.norm(scores, axis=1) ** power
    return weight @ returns / weight.sum()


BEST_BASELINE = Exercise(
    id="9.6",
    asks="Return the constant baseline that makes the variance of the estimate least.",
    call="best_baseline(prob, scores, returns)",
    cases=lambda: tuple(_lists()),
    answer=_vertex,
    slips=(
        Slip(
            "mean-return",
            "it is the mean return, which is only near the best",
            "weigh each return with the squared length of its score",
            lambda p, z, R: p @ R,
        ),
        Slip(
            "length-not-squared",
            "it weighs with the length of the score, not with its square",
            "(scores**2).sum(axis=1)",
            lambda p, z, R: _weighted(p, z, R, power=1.0),
        ),
        Slip(
            "unweighted",
            "it averages as if all trajectories were equally likely",
            "multiply both sums with prob",
            lambda p, z, R: _weighted(np.full_like(p, 1 / len(p)), z, R),
        ),
        Slip(
            "not-normalised",
            "it is the numerator alone",
            "divide by the mean squared length of the score",
            lambda p, z, R: p @ ((z**2).sum(axis=1) * R),
        ),
        Slip(
            "sum-then-square",
            "it adds the components of a score and then squares: a length squares first",
            "(scores**2).sum(axis=1)",
            lambda p, z, R: (p * z.sum(axis=1) ** 2) @ R / (p @ z.sum(axis=1) ** 2 + 1e-300),
        ),
        Slip(
            "one-a-component",
            "it has a baseline for each component: smaller still, but another thing than asked",
            "add up over the components before you divide",
            lambda p, z, R: (p @ (z**2 * R[:, None])) / (p @ z**2),
        ),
        Slip(
            "divided-by-n",
            "it divides by the number of trajectories",
            "divide by the mean squared length of the score",
            lambda p, z, R: p @ ((z**2).sum(axis=1) * R) / len(p),
        ),
    ),
)

EXERCISES = (LEAVE_ONE_OUT, BEST_BASELINE)
