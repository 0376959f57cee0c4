"""Chapter 14: the weights of a group, and an honest estimate of pass@k."""

from itertools import combinations

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 14.4 the weights of a group -----------------------------------------------------------------


def _groups():
    rng = np.random.default_rng(0)
    yield Case("one prompt", (np.array([[1.0, 0.0, 0.0, 1.0]]), 1e-4))
    yield Case("two prompts", (np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]), 1e-4))
    yield Case("as many prompts as answers", (rng.normal(size=(3, 3)), 1e-4))
    yield Case("a group of equal rewards", (np.array([[1.0, 1.0], [0.0, 1.0]]), 0.0001))
    yield Case("a large eps", (rng.normal(size=(2, 5)), 0.5))


def _by_loops(rewards, eps):
    result = []
    for group in rewards:
        mean = sum(group) / len(group)
        variance = sum((reward - mean) ** 2 for reward in group) / len(group)
        result.append([(reward - mean) / (variance**0.5 + eps) for reward in group])
    return result


def _centred(rewards, axis=1):
    return rewards - rewards.mean(axis=axis, keepdims=True)


def _spread(rewards, axis=1, **how):
    return rewards.std(axis=axis, keepdims=True, **how)


GROUPS = Exercise(
    id="14.4",
    asks="Return GRPO's weight of each answer: centred in its group, over the group's deviation.",
    call="grpo_weights(rewards, eps)",
    cases=lambda: tuple(_groups()),
    answer=_by_loops,
    slips=(
        Slip(
            "pooled",
            "mean and deviation are taken over all prompts: an easy prompt beats a hard one",
            "rewards.mean(axis=1, keepdims=True), and the deviation likewise",
            lambda R, eps: (R - R.mean()) / (R.std() + eps),
        ),
        Slip(
            "pooled-deviation",
            "the mean is the group's and the deviation is that of all answers",
            "rewards.std(axis=1, keepdims=True)",
            lambda R, eps: _centred(R) / (R.std() + eps),
        ),
        Slip(
            "across-prompts",
            "it compares the answers of different prompts with one another",
            "axis=1: the answers of one prompt stand in a row",
            lambda R, eps: _centred(R, axis=0) / (_spread(R, axis=0) + eps),
        ),
        Slip(
            "sample-deviation",
            "it divides by K - 1 under the root, as torch's std does unasked",
            "the deviation of the group as it is, ddof=0; torch: std(correction=0)",
            lambda R, eps: _centred(R) / (_spread(R, ddof=1) + eps),
        ),
        Slip(
            "deviation-missing",
            "nothing is divided: that is Dr. GRPO",
            "divide by the group's deviation plus eps",
            lambda R, eps: _centred(R),
        ),
        Slip(
            "mean-missing",
            "the mean is not taken off: every right answer is praised alike",
            "rewards - rewards.mean(axis=1, keepdims=True)",
            lambda R, eps: R / (_spread(R) + eps),
        ),
        Slip(
            "variance",
            "it divides by the variance",
            "the deviation is its root",
            lambda R, eps: _centred(R) / (_spread(R) ** 2 + eps),
        ),
        Slip(
            "eps-under-the-root",
            "eps stands under the root, beside the variance",
            "std + eps",
            lambda R, eps: _centred(R) / np.sqrt(_spread(R) ** 2 + eps),
        ),
        Slip(
            "eps-forgotten",
            "a group of equal rewards has the deviation 0, and 0 / 0 is not a number",
            "std + eps",
            lambda R, eps: _centred(R) / _spread(R),
        ),
        Slip(
            "axis-kept-short",
            "the means [P] meet the rewards [P, K] along the wrong axis",
            "keepdims=True",
            lambda R, eps: (R - R.mean(axis=1)) / (R.std(axis=1) + eps),
        ),
    ),
)

# --- 14.5 pass@k ---------------------------------------------------------------------------------


def _solved():
    for why, right, k in (
        ("k = 1", [0, 1, 0, 1, 0], 1),
        ("k = 2", [0, 1, 0, 0], 2),
        ("none is right", [0, 0, 0], 2),
        ("fewer than k are wrong", [1, 0, 1, 1], 2),
        ("k = 3 of seven", [0, 0, 1, 0, 1, 0, 0], 3),
        ("k is all of them", [0, 0, 0, 1], 4),
    ):
        yield Case(why, (np.array(right, dtype=float), k))


def _by_listing(right, k):
    """By every choice of k answers: another route than the binomials."""
    return np.mean([max(chosen) for chosen in combinations(right, k)])


PASS_AT_K = Exercise(
    id="14.5",
    asks="Return an unbiased estimate of pass@k from n answers that are right (1) or not (0).",
    call="pass_at_k(right, k)",
    cases=lambda: tuple(_solved()),
    answer=_by_listing,
    slips=(
        Slip(
            "plugged-in",
            "it puts the share of right answers into 1 - (1 - p)^k, which is too small on average",
            "count the choices of k answers without a right one: C(n - c, k) / C(n, k)",
            lambda right, k: 1 - (1 - right.mean()) ** k,
        ),
        Slip(
            "first-k-only",
            "it looks at the first k answers and wastes the others",
            "average over all choices of k answers",
            lambda right, k: right[:k].max(),
        ),
        Slip(
            "share",
            "it is the share of right answers, pass@1",
            "1 - C(n - c, k) / C(n, k)",
            lambda right, k: right.mean(),
        ),
        Slip(
            "any-of-all",
            "it asks whether any of the n answers is right",
            "average over all choices of k answers",
            lambda right, k: right.max(),
        ),
        Slip(
            "k-times-share",
            "it adds up k chances, and two right answers are no better than one",
            "1 - C(n - c, k) / C(n, k)",
            lambda right, k: min(k * right.mean(), 1.0),
        ),
        Slip(
            "all-of-k",
            "it asks for k right answers in a row: that is p^k",
            "one right answer of k is enough",
            lambda right, k: right.mean() ** k,
        ),
        Slip(
            "fails-instead",
            "it is the chance that none of the k is right",
            "1 less that",
            lambda right, k: 1 - _by_listing(right, k),
        ),
    ),
)

EXERCISES = (GROUPS, PASS_AT_K)
