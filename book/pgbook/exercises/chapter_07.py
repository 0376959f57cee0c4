"""Chapter 7: the loss of REINFORCE, and the mask from the two flags of an environment."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip
from pgbook.exercises.losses import LossExercise

REINFORCE = LossExercise(
    id="7.4",
    asks="Return a loss whose expected gradient is minus that of J.",
    call="my_loss(batch)",
    objective="J",
)

# --- 7.5 the mask --------------------------------------------------------------------------------


def _flags():
    none = np.zeros((1, 3), dtype=bool)
    end = np.array([[False, True, False]])
    yield Case("an end at the second step", (end, none))
    yield Case("a cut at the second step", (none, end))
    yield Case("no flag at all", (none, none))
    yield Case("the flag at the last step", (none, np.array([[False, False, True]])))
    first = np.array([[1, 0, 0, 0, 1], [0, 0, 0, 1, 0], [0, 1, 0, 1, 0]], dtype=bool)
    cuts = np.array([[0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 1, 1, 0, 0]], dtype=bool)
    yield Case("further flags of the next episode", (first, cuts))


def _by_loops(terminated, truncated):
    mask = np.zeros(terminated.shape)
    for row, ended, cut in zip(mask, terminated, truncated, strict=True):
        for t in range(len(row)):
            row[t] = 1
            if ended[t] or cut[t]:
                break
    return mask


def _running(done):
    """1 up to the first flag, and there."""
    before = np.pad(done[:, :-1], ((0, 0), (1, 0)))
    return (np.cumsum(before, axis=1) == 0).astype(float)


MASK = Exercise(
    id="7.5",
    asks="Return the mask: 1 for the steps of the first episode, 0 for all that come later.",
    call="first_episode(terminated, truncated)",
    cases=lambda: tuple(_flags()),
    answer=_by_loops,
    slips=(
        Slip(
            "last-step-lost",
            "the step that ends the episode is masked: its action was taken and its reward paid",
            "the mask falls one step after the flag",
            lambda ended, cut: (np.cumsum(ended | cut, axis=1) == 0).astype(float),
        ),
        Slip(
            "comes-back",
            "the mask is 1 again after the end, where another episode has begun",
            "once it is 0 it stays 0: a cumulative product or sum",
            lambda ended, cut: 1.0 - np.pad((ended | cut)[:, :-1], ((0, 0), (1, 0))),
        ),
        Slip(
            "not-done",
            "it is 0 where the flag is, and 1 again after it",
            "1 at the flag's step, 0 at all later ones",
            lambda ended, cut: 1.0 - (ended | cut),
        ),
        Slip(
            "truncation-ignored",
            "an episode that a time limit has cut goes on in this mask",
            "terminated | truncated: both end the sum",
            lambda ended, cut: _running(ended),
        ),
        Slip(
            "termination-ignored",
            "an episode that has come to its end goes on in this mask",
            "terminated | truncated: both end the sum",
            lambda ended, cut: _running(cut),
        ),
        Slip(
            "both-flags",
            "it waits until both flags are up at once",
            "terminated | truncated, or in place of and",
            lambda ended, cut: _running(ended & cut),
        ),
        Slip(
            "one-step-late",
            "one step after the end is counted, too",
            "the mask is 0 at the step after the flag",
            lambda ended, cut: _running(np.pad((ended | cut)[:, :-1], ((0, 0), (1, 0)))),
        ),
        Slip(
            "no-flag-ends-at-once",
            "a row without a flag ends at its first step: argmax of all zeros is 0",
            "a cumulative sum, which needs no first flag",
            lambda ended, cut: (
                np.arange(ended.shape[1]) <= (ended | cut).argmax(axis=1)[:, None]
            ).astype(float),
        ),
        Slip(
            "inverted",
            "it is 1 where it should be 0: it marks what is over",
            "1 - mask",
            lambda ended, cut: 1 - _running(ended | cut),
        ),
    ),
)

EXERCISES = (REINFORCE, MASK)
