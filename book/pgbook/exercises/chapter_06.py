"""Chapter 6: the estimator on episodes of unequal length, and its error bar."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 6.4 the estimator ---------------------------------------------------------------------------


def _batches():
    for why, seed, lengths in (
        ("one episode of two steps", 0, [2]),
        ("two of equal length", 1, [3, 3]),
        ("unequal lengths", 2, [1, 4, 2]),
        ("one step each", 3, [1, 1, 1]),
    ):
        rng = np.random.default_rng(seed)
        scores = rng.normal(size=(len(lengths), max(lengths) + 1, 2)).round(2)
        mask = np.arange(max(lengths) + 1) < np.array(lengths)[:, None]
        returns = rng.normal(size=len(lengths)).round(2)
        yield Case(why, (scores, mask.astype(float), returns))


def _by_loops(scores, mask, returns):
    total = np.zeros(scores.shape[2])
    for row, running, R in zip(scores, mask, returns, strict=True):
        for score, on in zip(row, running, strict=True):
            if on:
                total += score * R
    return total / len(returns)


def _votes(scores, mask, returns):
    return (scores * mask[:, :, None]).sum(axis=1) * returns[:, None]


ESTIMATOR = Exercise(
    id="6.4",
    asks="Return the estimate of the gradient that a batch of episodes gives.",
    call="gradient_estimate(scores, mask, returns)",
    cases=lambda: tuple(_batches()),
    answer=_by_loops,
    slips=(
        Slip(
            "mean-over-steps",
            "it divides by the number of steps in the batch, which the episodes themselves decide",
            "divide by the number of episodes, len(returns)",
            lambda s, m, R: _votes(s, m, R).sum(axis=0) / m.sum(),
        ),
        Slip(
            "mean-over-padding",
            "it divides by N times T, and so counts steps that never happened",
            "divide by the number of episodes, len(returns)",
            lambda s, m, R: _votes(s, m, R).sum(axis=0) / m.size,
        ),
        Slip(
            "own-length",
            "each episode is divided by its own length: long ones speak too softly",
            "sum over the steps of an episode, mean over the episodes",
            lambda s, m, R: (_votes(s, m, R) / m.sum(axis=1)[:, None]).mean(axis=0),
        ),
        Slip(
            "sum-over-episodes",
            "it adds the episodes up where it should average: more episodes, a longer step",
            "divide by the number of episodes, len(returns)",
            lambda s, m, R: _votes(s, m, R).sum(axis=0),
        ),
        Slip(
            "mask-forgotten",
            "it counts the numbers after an episode's end, which mean nothing",
            "scores * mask[:, :, None]",
            lambda s, m, R: _votes(s, np.ones_like(m), R).mean(axis=0),
        ),
        Slip(
            "mean-times-mean",
            "it multiplies the mean score with the mean return: each score has its own return",
            "multiply first, then average over the episodes",
            lambda s, m, R: _votes(s, m, np.ones_like(R)).mean(axis=0) * R.mean(),
        ),
        Slip(
            "last-step-lost",
            "the last step of each episode is not counted",
            "the mask is 1 at the last step, too",
            lambda s, m, R: _votes(s, np.pad(m[:, 1:], ((0, 0), (0, 1))), R).mean(axis=0),
        ),
        Slip(
            "no-return",
            "the returns are left out: a sum of scores, which is 0 on average",
            "multiply the score of an episode with its return",
            lambda s, m, R: _votes(s, m, np.ones_like(R)).mean(axis=0),
        ),
    ),
)

# --- 6.5 its error bar ---------------------------------------------------------------------------


def _vote_lists():
    rng = np.random.default_rng(0)
    yield Case("two votes, one component", (np.array([[1.0], [3.0]]),))
    yield Case("five votes, three components", (rng.normal(size=(5, 3)) + 2,))
    yield Case("all votes alike", (np.full((4, 2), 3.0),))
    yield Case("a hundred votes", ((rng.normal(size=(100, 2)) * [1, 5] - 1),))


def _from_pairs(votes):
    """By all pairs of votes: the sample variance is half their mean squared distance."""
    n = len(votes)
    apart = ((votes[:, None] - votes) ** 2).sum() / (n * (n - 1))
    return np.sqrt(apart / 2 / n)


ERROR_BAR = Exercise(
    id="6.5",
    asks="Return the root mean square error of the mean of N votes, estimated from them.",
    call="error_bar(votes)",
    cases=lambda: tuple(_vote_lists()),
    answer=_from_pairs,
    slips=(
        Slip(
            "spread-of-one-vote",
            "it is the spread of a single vote, not of their mean",
            "divide by the root of N",
            lambda v: np.sqrt(v.var(axis=0, ddof=1).sum()),
        ),
        Slip(
            "divided-by-n",
            "it divides the squared deviations by N, though their mean was fitted to them",
            "divide by N - 1: var(axis=0, ddof=1)",
            lambda v: np.sqrt(v.var(axis=0).sum() / len(v)),
        ),
        Slip(
            "root-forgotten",
            "it is the square of the error",
            "take the root at the end",
            lambda v: v.var(axis=0, ddof=1).sum() / len(v),
        ),
        Slip(
            "n-without-root",
            "it divides by N: the error falls with the root of N",
            "divide by np.sqrt(N)",
            lambda v: np.sqrt(v.var(axis=0, ddof=1).sum()) / len(v),
        ),
        Slip(
            "mean-over-components",
            "it averages over the components: the squared length of a vector is their sum",
            "var(axis=0, ddof=1).sum()",
            lambda v: np.sqrt(v.var(axis=0, ddof=1).mean() / len(v)),
        ),
        Slip(
            "around-zero",
            "it measures the votes from 0, not from their mean",
            "take the deviations from votes.mean(axis=0)",
            lambda v: np.sqrt((v**2).sum() / (len(v) - 1) / len(v)),
        ),
        Slip(
            "components-pooled",
            "it takes one mean for all components together",
            "votes.mean(axis=0): each component has a mean of its own",
            lambda v: np.sqrt(((v - v.mean()) ** 2).sum() / (len(v) - 1) / len(v)),
        ),
        Slip(
            "deviations-added",
            "it adds up deviations of the components: squares add up, deviations do not",
            "add the variances, then take the root",
            lambda v: v.std(axis=0, ddof=1).sum() / np.sqrt(len(v)),
        ),
    ),
)

EXERCISES = (ESTIMATOR, ERROR_BAR)
