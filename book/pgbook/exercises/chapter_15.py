"""Chapter 15: the third estimate of a divergence, and the divergence itself."""

import numpy as np
from scipy.special import log_softmax, rel_entr, softmax

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 15.4 k3 -------------------------------------------------------------------------------------


def _tokens():
    rng = np.random.default_rng(0)
    yield Case("one token", (np.array([-1.0]), np.array([-0.5])))
    yield Case("the reference itself", (np.array([-0.3, -2.0]), np.array([-0.3, -2.0])))
    yield Case("six tokens", (-rng.exponential(size=6), -rng.exponential(size=6)))
    yield Case("almost the reference", (np.array([-1.0, -1.0]), np.array([-1.1, -0.9])))


def _k3(log_prob, ref_log_prob):
    ratio = np.exp(ref_log_prob) / np.exp(log_prob)
    return ratio - 1 - np.log(ratio)


K3 = Exercise(
    id="15.4",
    asks="Return the estimate k3 of KL(p || p_ref) for each token that p has drawn.",
    call="third_estimate(log_prob, ref_log_prob)",
    cases=lambda: tuple(_tokens()),
    answer=_k3,
    slips=(
        Slip(
            "other-way-round",
            "policy and reference have changed places: its mean is no divergence",
            "ell = log_prob - ref_log_prob; exp(-ell) - 1 + ell",
            lambda p, q: _k3(q, p),
        ),
        Slip(
            "k1",
            "it is k1, the log-ratio alone",
            "add exp(-ell) - 1",
            lambda p, q: p - q,
        ),
        Slip(
            "k2",
            "it is k2, half the squared log-ratio",
            "exp(-ell) - 1 + ell",
            lambda p, q: (p - q) ** 2 / 2,
        ),
        Slip(
            "one-forgotten",
            "the 1 is not taken off: it is not 0 where both agree",
            "exp(-ell) - 1 + ell",
            lambda p, q: _k3(p, q) + 1,
        ),
        Slip(
            "log-ratio-subtracted",
            "the log-ratio has the wrong sign: exp(-ell) - 1 - ell can be negative",
            "exp(-ell) - 1 + ell",
            lambda p, q: np.exp(q - p) - 1 - (p - q),
        ),
        Slip(
            "log-ratio-forgotten",
            "the log-ratio is not added: exp(-ell) - 1 is 0 on average",
            "exp(-ell) - 1 + ell",
            lambda p, q: np.exp(q - p) - 1,
        ),
        Slip(
            "exponent-turned",
            "exp(ell) stands for exp(-ell): the reference's probability belongs above",
            "np.exp(ref_log_prob - log_prob)",
            lambda p, q: np.exp(p - q) - 1 + (p - q),
        ),
        Slip(
            "exp-forgotten",
            "the ratio is not taken out of its logarithm",
            "np.exp(ref_log_prob - log_prob) - 1 + ell",
            lambda p, q: np.full_like(p, -1.0),
        ),
    ),
)

# --- 15.5 the divergence itself ------------------------------------------------------------------


def _pairs():
    rng = np.random.default_rng(1)
    yield Case("one place, two tokens", (np.array([[0.0, 1.0]]), np.array([[0.0, 0.0]])))
    same = rng.normal(size=(2, 3))
    yield Case("the reference itself", (same, same + 1.5))
    yield Case("as many places as tokens", (rng.normal(size=(3, 3)), rng.normal(size=(3, 3))))
    yield Case("five tokens", (2 * rng.normal(size=(4, 5)), 2 * rng.normal(size=(4, 5))))


def _by_scipy(logits, ref_logits):
    return rel_entr(softmax(logits, axis=1), softmax(ref_logits, axis=1)).sum(axis=1)


def _mean_log_ratio(logits, ref_logits, *, weight=None, axis=1, log=log_softmax):
    p = softmax(logits, axis=axis) if weight is None else weight
    return (p * (log(logits, axis=axis) - log(ref_logits, axis=axis))).sum(axis=1)


KL = Exercise(
    id="15.5",
    asks="Return KL(p || p_ref) at each place, from the logits of both.",
    call="token_kl(logits, ref_logits)",
    cases=lambda: tuple(_pairs()),
    answer=_by_scipy,
    slips=(
        Slip(
            "other-way-round",
            "it is the divergence the other way round, KL(p_ref || p)",
            "weigh log p - log p_ref with p",
            lambda x, y: _by_scipy(y, x),
        ),
        Slip(
            "weighed-with-the-reference",
            "the log-ratio is weighed with the reference: the policy draws the tokens",
            "weigh with p",
            lambda x, y: _mean_log_ratio(x, y, weight=softmax(y, axis=1)),
        ),
        Slip(
            "unweighted",
            "the log-ratios are added up without a weight",
            "weigh with p",
            lambda x, y: _mean_log_ratio(x, y, weight=np.ones_like(x)),
        ),
        Slip(
            "logits-as-they-are",
            "it takes the difference of the logits: each needs its own log Σ exp",
            "log_softmax of both",
            lambda x, y: _mean_log_ratio(x, y, log=lambda z, axis: z),
        ),
        Slip(
            "softmax-over-places",
            "the softmax runs over the places, not over the tokens",
            "axis=-1",
            lambda x, y: _mean_log_ratio(x, y, axis=0),
        ),
        Slip(
            "tokens-not-summed",
            "the tokens are not summed: a place has one divergence",
            ".sum(axis=-1)",
            lambda x, y: rel_entr(softmax(x, axis=1), softmax(y, axis=1)),
        ),
        Slip(
            "mean-over-tokens",
            "it averages over the tokens: the weights add up to 1 already",
            ".sum(axis=-1)",
            lambda x, y: _by_scipy(x, y) / x.shape[1],
        ),
        Slip(
            "cross-entropy",
            "it is the cross-entropy: the policy's own entropy is not taken off",
            "weigh log p - log p_ref with p",
            lambda x, y: -(softmax(x, axis=1) * log_softmax(y, axis=1)).sum(axis=1),
        ),
    ),
)

EXERCISES = (K3, KL)
