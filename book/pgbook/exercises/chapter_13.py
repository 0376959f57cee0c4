"""Chapter 13: the log-probability of an answer, with a mask, and from a causal model's logits."""

import numpy as np
from scipy.special import log_softmax

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 13.4 answers with a mask --------------------------------------------------------------------


def _answers():
    for why, seed, lengths, tokens in (
        ("one answer of two tokens", 0, [2], 3),
        ("equal lengths", 1, [3, 3], 4),
        ("unequal lengths", 2, [1, 4, 2], 3),
        ("as many answers as tokens in each", 3, [3, 3, 3, 1], 3),
    ):
        rng = np.random.default_rng(seed)
        longest = max(lengths) + 1
        mask = np.arange(longest) < np.array(lengths)[:, None]
        drawn = rng.integers(1, tokens, size=mask.shape)
        drawn[np.arange(len(lengths)), np.array(lengths) - 1] = 0  # the end token
        yield Case(why, (2 * rng.normal(size=(*mask.shape, tokens)), drawn, mask.astype(float)))


def _by_loops(logits, tokens, mask):
    result = []
    for rows, answer, running in zip(logits, tokens, mask, strict=True):
        total = 0.0
        for row, token, on in zip(rows, answer, running, strict=True):
            if on:
                total += row[token] - np.log(np.exp(row).sum())
        result.append(total)
    return result


def _each(logits, tokens, *, of=lambda x: log_softmax(x, axis=-1)):
    return np.take_along_axis(of(logits), tokens[..., None], axis=-1)[..., 0]


def _shifted(logits, tokens, mask):
    late = np.roll(tokens, -1, axis=1)
    return (_each(logits, late) * mask).sum(axis=1)


ANSWERS = Exercise(
    id="13.4",
    asks="Return the log-probability of each answer.",
    call="answer_log_prob(logits, tokens, mask)",
    cases=lambda: tuple(_answers()),
    answer=_by_loops,
    slips=(
        Slip(
            "mask-forgotten",
            "tokens after the end of an answer are counted",
            "(log_prob * mask).sum(axis=1)",
            lambda logits, tokens, mask: _each(logits, tokens).sum(axis=1),
        ),
        Slip(
            "mean-over-tokens",
            "it divides by the length of the answer: log-probabilities of tokens add up",
            ".sum(axis=1)",
            lambda logits, tokens, mask: (
                (_each(logits, tokens) * mask).sum(axis=1) / mask.sum(axis=1)
            ),
        ),
        Slip(
            "tokens-not-summed",
            "the tokens are not summed: an answer has one log-probability, not one a token",
            ".sum(axis=1)",
            lambda logits, tokens, mask: _each(logits, tokens) * mask,
        ),
        Slip(
            "end-token-lost",
            "the end token is not counted, and it was drawn like any other",
            "the mask is 1 at the end token: use it as it is",
            lambda logits, tokens, mask: (_each(logits, tokens) * mask * (tokens != 0)).sum(axis=1),
        ),
        Slip(
            "logits-as-they-are",
            "it adds up logits: a logarithm of a probability is a logit less log Σ exp",
            "log_softmax along the last axis",
            lambda logits, tokens, mask: (_each(logits, tokens, of=lambda x: x) * mask).sum(axis=1),
        ),
        Slip(
            "softmax-over-places",
            "the softmax runs over the places of the answer, not over the tokens",
            "log_softmax along the last axis",
            lambda logits, tokens, mask: (
                _each(logits, tokens, of=lambda x: log_softmax(x, axis=1)) * mask
            ).sum(axis=1),
        ),
        Slip(
            "next-token",
            "the logits of a place are read at the token after it",
            "here logits[i, t] is what token t was drawn from",
            _shifted,
        ),
        Slip(
            "greedy-token",
            "it takes the likeliest token at each place, not the one that was drawn",
            "take the entry of tokens[i, t]",
            lambda logits, tokens, mask: (log_softmax(logits, axis=-1).max(axis=-1) * mask).sum(
                axis=1
            ),
        ),
        Slip(
            "probabilities-added",
            "it adds up probabilities, where their logarithms add up",
            "log_softmax, not softmax",
            lambda logits, tokens, mask: (np.exp(_each(logits, tokens)) * mask).sum(axis=1),
        ),
    ),
)

# --- 13.5 from a causal model --------------------------------------------------------------------


def _texts():
    for why, seed, size, start, tokens in (
        ("a prompt of one token", 0, 3, 1, 3),
        ("a prompt of four tokens", 1, 7, 4, 5),
        ("an answer of one token", 2, 4, 3, 3),
        ("as many places as tokens", 3, 4, 2, 4),
    ):
        rng = np.random.default_rng(seed)
        logits, ids = 2 * rng.normal(size=(size, tokens)), rng.integers(tokens, size=size)
        yield Case(why, (logits, ids, start))


def _one_by_one(logits, ids, start):
    return sum(
        logits[place - 1, ids[place]] - np.logaddexp.reduce(logits[place - 1])
        for place in range(start, len(ids))
    )


def _causal(logits, ids, start, *, shift=1, first=0, last=None):
    places = np.arange(len(ids))[start + first : last]
    places = places[places >= shift]
    return log_softmax(logits, axis=-1)[places - shift, ids[places]].sum()


CAUSAL = Exercise(
    id="13.5",
    asks="Return the log-probability of the answer, whose tokens begin at ids[start].",
    call="causal_log_prob(logits, ids, start)",
    cases=lambda: tuple(_texts()),
    answer=_one_by_one,
    slips=(
        Slip(
            "not-shifted",
            "the logits of a place are read at the token that stands there: the model has seen it",
            "the logits of place i - 1 say what stands at place i",
            lambda *given: _causal(*given, shift=0),
        ),
        Slip(
            "prompt-counted",
            "the prompt's tokens are counted, and nobody drew them",
            "begin at ids[start]",
            lambda logits, ids, start: _causal(logits, ids, 1),
        ),
        Slip(
            "first-token-lost",
            "the first token of the answer is not counted",
            "it is drawn from the logits of the prompt's last place, logits[start - 1]",
            lambda *given: _causal(*given, first=1),
        ),
        Slip(
            "prompt-end-counted",
            "the prompt's last token is counted with the answer",
            "begin at ids[start], with logits[start - 1]",
            lambda logits, ids, start: _causal(logits, ids, max(start - 1, 1)),
        ),
        Slip(
            "last-token-lost",
            "the last token of the answer is not counted",
            "ids[start:] with logits[start - 1 : -1]",
            lambda *given: _causal(*given, last=-1),
        ),
        Slip(
            "shifted-the-wrong-way",
            "it reads the logits of the place after the token",
            "logits[start - 1 : -1] with ids[start:]",
            lambda logits, ids, start: log_softmax(logits, axis=-1)[
                np.arange(start + 1, len(ids)), ids[start:-1]
            ].sum(),
        ),
        Slip(
            "mean-over-tokens",
            "it divides by the length of the answer",
            ".sum()",
            lambda logits, ids, start: _one_by_one(logits, ids, start) / (len(ids) - start),
        ),
    ),
)

EXERCISES = (ANSWERS, CAUSAL)
