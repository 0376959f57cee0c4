"""Chapter 11: the log-density of a Gaussian in several dimensions, plain and squashed."""

import numpy as np
from scipy.stats import norm

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 11.5 a Gaussian -----------------------------------------------------------------------------


def _actions():
    for why, seed, count, size in (
        ("one action, one dimension", 0, 1, 1),
        ("two dimensions", 1, 3, 2),
        ("as many actions as dimensions", 2, 3, 3),
        ("five actions of four dimensions", 3, 5, 4),
    ):
        rng = np.random.default_rng(seed)
        mean, log_std = rng.normal(size=(count, size)), rng.normal(size=size) - 0.5
        a = mean + np.exp(log_std) * rng.normal(size=(count, size))
        yield Case(why, (a, mean, log_std))


def _by_scipy(a, mean, log_std):
    return norm.logpdf(a, mean, np.exp(log_std)).sum(axis=1)


def _density(a, mean, log_std, *, std=np.exp, scale=1.0, constant=1.0, half=0.5):
    z = (a - mean) / std(log_std)
    return -(half * z**2 + scale * log_std + 0.5 * constant * np.log(2 * np.pi))


LOG_DENSITY = Exercise(
    id="11.5",
    asks="Return the log-density of each action of several dimensions.",
    call="gaussian_log_density(a, mean, log_std)",
    cases=lambda: tuple(_actions()),
    answer=_by_scipy,
    slips=(
        Slip(
            "dimensions-not-summed",
            "the dimensions are not summed: an action has one log-density, not one a dimension",
            ".sum(axis=1)",
            _density,
        ),
        Slip(
            "mean-over-dimensions",
            "it averages over the dimensions: densities multiply, so their logarithms add up",
            ".sum(axis=1), not .mean(axis=1)",
            lambda *given: _density(*given).mean(axis=1),
        ),
        Slip(
            "summed-over-actions",
            "it sums over the actions of the batch, and keeps the dimensions apart",
            ".sum(axis=1)",
            lambda *given: _density(*given).sum(axis=0),
        ),
        Slip(
            "log-std-missing",
            "- log σ is missing: harmless to the mean's gradient, wrong for the width's",
            "- log_std in each dimension",
            lambda *given: _density(*given, scale=0.0).sum(axis=1),
        ),
        Slip(
            "log-std-as-std",
            "it divides by log σ in the place of σ",
            "np.exp(log_std)",
            lambda *given: _density(*given, std=lambda x: x).sum(axis=1),
        ),
        Slip(
            "std-as-variance",
            "it takes exp(log_std) for the variance: it is the deviation",
            "(a - mean) ** 2 / np.exp(2 * log_std)",
            lambda *given: _density(*given, std=lambda x: np.exp(x / 2)).sum(axis=1),
        ),
        Slip(
            "constant-missing",
            "½ log 2π a dimension is missing: no gradient sees it, and a density without it "
            "does not add up to 1",
            "- 0.5 * np.log(2 * np.pi) in each dimension",
            lambda *given: _density(*given, constant=0.0).sum(axis=1),
        ),
        Slip(
            "constant-once",
            "½ log 2π is taken off once: each dimension has one",
            "- 0.5 * np.log(2 * np.pi) in each dimension",
            lambda *given: _density(*given, constant=0.0).sum(axis=1) - 0.5 * np.log(2 * np.pi),
        ),
        Slip(
            "constant-doubled",
            "it takes off log 2π a dimension: the root over 2π makes it half of that",
            "- 0.5 * np.log(2 * np.pi) in each dimension",
            lambda *given: _density(*given, constant=2.0).sum(axis=1),
        ),
        Slip(
            "log-std-added",
            "log σ is added: a wider bell is a lower one",
            "- log_std in each dimension",
            lambda *given: _density(*given, scale=-1.0).sum(axis=1),
        ),
        Slip(
            "half-missing",
            "½ before the squared distance is missing",
            "-0.5 * ((a - mean) / std) ** 2",
            lambda *given: _density(*given, half=1.0).sum(axis=1),
        ),
        Slip(
            "density",
            "it is the density, not its logarithm",
            "do not take exp",
            lambda *given: np.exp(_by_scipy(*given)),
        ),
    ),
)

# --- 11.6 squashed with tanh ---------------------------------------------------------------------


def _squashed():
    for case in _actions():
        a, mean, log_std = case.given
        yield Case(case.why, (np.tanh(a), mean, log_std))
    yield Case(
        "a mean near the limit", (np.array([[0.999, -0.9]]), np.array([[3.0, -1.0]]), np.zeros(2))
    )


def _by_slope(u, mean, log_std):
    """By the slope of arctanh, taken by differences: another route than the closed form."""

    def slope(h):
        return (np.arctanh(u + h) - np.arctanh(u - h)) / (2 * h)

    h = 1e-3 * (1 - u**2)
    coarse, fine = slope(h), slope(h / 2)
    stretch = np.log((4 * fine - coarse) / 3)  # the error of order h² cancels
    return (norm.logpdf(np.arctanh(u), mean, np.exp(log_std)) + stretch).sum(axis=1)


def _squash(u, mean, log_std, *, at=np.arctanh, sign=-1.0, jacobian=lambda u: np.log(1 - u**2)):
    return norm.logpdf(at(u), mean, np.exp(log_std)) + sign * jacobian(u)


SQUASHED = Exercise(
    id="11.6",
    asks="Return the log-density of actions u = tanh(a), where a is Gaussian.",
    call="squashed_log_density(u, mean, log_std)",
    cases=lambda: tuple(_squashed()),
    answer=_by_slope,
    slips=(
        Slip(
            "jacobian-missing",
            "it is the density of a, not that of u: squashing crowds the actions together",
            "- np.log(1 - u**2) in each dimension",
            lambda *given: _squash(*given, sign=0.0).sum(axis=1),
        ),
        Slip(
            "jacobian-added",
            "the Jacobian has the wrong sign: where tanh is flat, the density of u is larger",
            "minus np.log(1 - u**2)",
            lambda *given: _squash(*given, sign=1.0).sum(axis=1),
        ),
        Slip(
            "small-number-added",
            "1e-6 is added under the logarithm, which keeps off infinity and changes the density",
            "np.log(1 - u**2), or from a itself: 2 * (log 2 - a - softplus(-2 a))",
            lambda *given: _squash(*given, jacobian=lambda u: np.log(1 - u**2 + 1e-6)).sum(axis=1),
        ),
        Slip(
            "squashed-twice",
            "the Jacobian is taken at tanh(u), though u is squashed already",
            "np.log(1 - u**2)",
            lambda *given: _squash(*given, jacobian=lambda u: np.log(1 - np.tanh(u) ** 2)).sum(
                axis=1
            ),
        ),
        Slip(
            "not-unsquashed",
            "u itself is put into the bell, and the bell is one of a",
            "a = np.arctanh(u)",
            lambda *given: _squash(*given, at=lambda u: u).sum(axis=1),
        ),
        Slip(
            "dimensions-not-summed",
            "the dimensions are not summed: an action has one log-density, not one a dimension",
            ".sum(axis=1)",
            _squash,
        ),
        Slip(
            "one-jacobian-for-all",
            "the mean of the Jacobians is taken off once, and each dimension has one",
            "sum over the dimensions, Jacobians too",
            lambda u, mean, log_std: (
                _squash(u, mean, log_std, sign=0.0).sum(axis=1) - np.log(1 - u**2).mean(axis=1)
            ),
        ),
        Slip(
            "jacobian-of-the-batch",
            "it takes off the Jacobians of all actions from each: every action has its own",
            "np.log(1 - u**2).sum(axis=1)",
            lambda u, mean, log_std: (
                _squash(u, mean, log_std, sign=0.0).sum(axis=1) - np.log(1 - u**2).sum()
            ),
        ),
        Slip(
            "square-forgotten",
            "it takes off log(1 - u): the slope of tanh is 1 - u²",
            "- np.log(1 - u**2)",
            lambda *given: _squash(*given, jacobian=lambda u: np.log(1 - u)).sum(axis=1),
        ),
        Slip(
            "log-std-as-std",
            "it uses log σ in the place of σ",
            "np.exp(log_std)",
            lambda u, mean, log_std: (
                _density(np.arctanh(u), mean, log_std, std=lambda x: x) - np.log(1 - u**2)
            ).sum(axis=1),
        ),
    ),
)

EXERCISES = (LOG_DENSITY, SQUASHED)
