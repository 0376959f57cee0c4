"""Chapter 16: drawing a token from logits."""

import numpy as np
from scipy.special import softmax

from pgbook.exercises.exercise import Case, Exercise, Slip

DRAWS = 4000  # a share is off by at most .008, one standard error
SIX_ERRORS = 0.05


def _logits():
    for why, logits, temperature in (
        ("two tokens", [0.0, 1.0], 1.0),
        ("five tokens", [1.0, -1.0, 0.5, 1.4, 0.0], 1.0),
        ("temperature 2", [1.0, 0.0, -1.0], 2.0),
        ("temperature ½", [0.5, 0.0, 1.0], 0.5),
        ("logits near 800", [800.0, 804.0, 799.0], 1.0),
    ):
        yield Case(why, (np.array(logits), temperature, np.random.default_rng(0)))


def _shares(function, logits, temperature, rng):
    """How often each token is drawn."""
    drawn = np.array([int(function(logits, temperature, rng)) for _ in range(DRAWS)])
    if drawn.min() < 0 or drawn.max() >= len(logits):
        worst = drawn.min() if drawn.min() < 0 else drawn.max()
        raise IndexError(f"expected tokens from 0 to {len(logits) - 1}, got {worst}")
    return np.bincount(drawn, minlength=len(logits)) / DRAWS


def _softmax(x):
    """The softmax in a few fast lines: it is called a hundred thousand times."""
    x = np.exp(x - x.max())
    return x / x.sum()


def _draw(prob, rng):
    return min(int((prob.cumsum() <= rng.random()).sum()), len(prob) - 1)


def _overflowing(logits, temperature, rng):
    prob = np.exp(logits / temperature)
    return int(rng.multinomial(1, prob / prob.sum()).argmax())  # refuses what is no number


SAMPLE = Exercise(
    id="16.4",
    asks="Return a token drawn from the softmax of the logits at a temperature.",
    call="draw(logits, temperature, rng)",
    cases=lambda: tuple(_logits()),
    answer=lambda logits, temperature, rng: softmax(logits / temperature),
    observe=_shares,
    tolerance=SIX_ERRORS,
    slips=(
        Slip(
            "argmax",
            "it takes the likeliest token each time, where a token is to be drawn",
            "rng.choice(len(prob), p=prob)",
            lambda logits, temperature, rng: logits.argmax(),
        ),
        Slip(
            "uniform",
            "it draws all tokens equally often, whatever the logits say",
            "rng.choice(len(prob), p=prob)",
            lambda logits, temperature, rng: rng.integers(len(logits)),
        ),
        Slip(
            "temperature-ignored",
            "the temperature changes nothing",
            "logits / temperature, before the softmax",
            lambda logits, temperature, rng: _draw(_softmax(logits), rng),
        ),
        Slip(
            "temperature-multiplied",
            "it multiplies by the temperature: heat makes the shares more even, not less",
            "logits / temperature",
            lambda logits, temperature, rng: _draw(_softmax(logits * temperature), rng),
        ),
        Slip(
            "softmax-twice",
            "it takes the softmax of probabilities over the temperature: a softmax of a softmax",
            "divide the logits by the temperature, and take one softmax",
            lambda logits, temperature, rng: _draw(_softmax(_softmax(logits) / temperature), rng),
        ),
        Slip(
            "least-likely",
            "the logits have the wrong sign: the likeliest token is drawn least often",
            "exp(+logits / temperature)",
            lambda logits, temperature, rng: _draw(_softmax(-logits / temperature), rng),
        ),
        Slip(
            "one-too-many",
            "the tokens are counted from 1",
            "from 0 to len(logits) - 1",
            lambda logits, temperature, rng: 1 + _draw(_softmax(logits / temperature), rng),
        ),
        Slip(
            "overflow",
            "exp(800) is infinite, and infinite over infinite is not a number",
            "take logits - logits.max() before exp",
            _overflowing,
        ),
        Slip(
            "uniform-noise",
            "it adds uniform noise before the argmax: the noise must be Gumbel's",
            "-np.log(-np.log(rng.random(len(logits))))",
            lambda logits, temperature, rng: (
                logits / temperature + rng.random(len(logits))
            ).argmax(),
        ),
    ),
)

EXERCISES = (SAMPLE,)
