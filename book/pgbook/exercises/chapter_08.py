"""Chapter 8: discounted rewards-to-go of an episode, and the weights of a batch."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 8.4 one episode -----------------------------------------------------------------------------


def _episodes():
    yield Case("gamma = 1", (np.array([1.0, 0.5, 2.0]), 1.0))
    yield Case("gamma below 1", (np.array([1.0, 0.5, 2.0, 4.0]), 0.5))
    yield Case("one step", (np.array([3.0]), 0.9))
    yield Case("gamma = 0", (np.array([1.0, -2.0, 4.0]), 0.0))
    yield Case("rewards that are whole numbers", (np.array([1, 0, 3, 1]), 0.9))
    yield Case("twenty steps", (np.random.default_rng(0).normal(size=20), 0.95))


def _by_definition(rewards, gamma):
    steps = range(len(rewards))
    return [sum(gamma ** (k - t) * rewards[k] for k in steps if k >= t) for t in steps]


def _table(rewards, gamma, *, first=0, last=None, own=0, clock=False):
    """Σ_k γ^(k - t - own) r_k over k - t from first to last; with the clock, γ^k."""
    t = np.arange(len(rewards))
    apart = t[None, :] - t[:, None]
    power = np.broadcast_to(t[None, :], apart.shape) if clock else np.abs(apart - own)
    counted = (apart >= first) & (apart <= (len(t) if last is None else last))
    return (counted * float(gamma) ** power) @ rewards


def _whole_numbers_carried(rewards, gamma):
    result = np.append(np.zeros_like(rewards), rewards[:1] * 0)
    for t in reversed(range(len(rewards))):
        result[t] = rewards[t] + gamma * result[t + 1]
    return result[:-1]


def _whole_numbers(rewards, gamma):
    result, to_go = np.zeros_like(rewards), 0.0
    for t in reversed(range(len(rewards))):
        to_go = rewards[t] + gamma * to_go
        result[t] = to_go
    return result


TO_GO = Exercise(
    id="8.4",
    asks="Return the discounted reward-to-go of each step of an episode.",
    call="discounted(rewards, gamma)",
    cases=lambda: tuple(_episodes()),
    answer=_by_definition,
    slips=(
        Slip(
            "total-return",
            "every step gets the whole return: what was paid before it counts, too",
            "sum over k >= t",
            lambda r, g: np.full(len(r), (r * float(g) ** np.arange(len(r))).sum()),
        ),
        Slip(
            "no-discount",
            "the discount is left out",
            "gamma ** (k - t)",
            lambda r, g: _table(r, 1.0),
        ),
        Slip(
            "discounted-from-the-start",
            "it discounts from the episode's start, gamma ** k: that is gamma ** t times too small",
            "gamma ** (k - t), counted from the step itself",
            lambda r, g: _table(r, g, clock=True),
        ),
        Slip(
            "own-reward-lost",
            "it begins with r_{t+1}: the action's own reward r_t is missing",
            "the sum begins at k = t",
            lambda r, g: _table(r, g, first=1, own=1),
        ),
        Slip(
            "own-reward-left-out",
            "the action's own reward r_t is missing: the sum begins at k = t + 1",
            "the sum begins at k = t",
            lambda r, g: _table(r, g, first=1),
        ),
        Slip(
            "one-discount-too-many",
            "the action's own reward is discounted, too: all is gamma times too small",
            "r_t + gamma * G_{t+1}, not gamma * (r_t + G_{t+1})",
            lambda r, g: g * _table(r, g),
        ),
        Slip(
            "past-rewards",
            "it adds up the past, from the start to t",
            "go backwards: what comes at t or after it",
            lambda r, g: _table(r, g, first=-len(r), last=0),
        ),
        Slip(
            "two-rewards-only",
            "it adds the reward r_{t+1} where the reward-to-go G_{t+1} should stand",
            "G_t = r_t + gamma * G_{t+1}",
            lambda r, g: _table(r, g, last=1),
        ),
        Slip(
            "whole-numbers-stay",
            "the array of the result holds integers, as np.zeros_like of whole rewards does",
            "np.zeros(len(rewards))",
            _whole_numbers,
        ),
        Slip(
            "whole-numbers-carried",
            "the array of the result holds integers, and what is cut off is missing in all earlier "
            "steps, too",
            "np.zeros(len(rewards))",
            _whole_numbers_carried,
        ),
    ),
)

# --- 8.5 a batch, for the discounted objective ---------------------------------------------------


def _batches():
    for why, seed, lengths, gamma in (
        ("two episodes, gamma = 1", 0, [2, 1], 1.0),
        ("equal lengths, gamma below 1", 1, [3, 3], 0.5),
        ("unequal lengths, gamma below 1", 2, [1, 4, 2], 0.9),
        ("one step each", 3, [1, 1], 0.8),
    ):
        rng = np.random.default_rng(seed)
        steps = max(lengths) + 1
        mask = np.arange(steps) < np.array(lengths)[:, None]
        rewards = rng.normal(size=mask.shape).round(2)
        yield Case(why, (rewards, mask.astype(float), gamma))


def _by_loops(rewards, mask, gamma):
    psi = np.zeros(rewards.shape)
    for i, row in enumerate(rewards):
        length = int(mask[i].sum())
        for t in range(length):
            psi[i, t] = sum(gamma**k * row[k] for k in range(t, length))
    return psi


def _tables(rewards, gamma):
    return np.array([_table(row, gamma, clock=True) for row in rewards])


def _clocks(mask, gamma):
    return gamma ** np.arange(mask.shape[1])


WEIGHTS = Exercise(
    id="8.5",
    asks="Return the weights of a batch for the gradient of the mean discounted return.",
    call="weights(rewards, mask, gamma)",
    cases=lambda: tuple(_batches()),
    answer=_by_loops,
    slips=(
        Slip(
            "clock-missing",
            "gamma ** t is missing: in J a step is discounted from the episode's start",
            "gamma ** t times the reward-to-go of step t",
            lambda r, m, g: np.array([_table(row, g) for row in r * m]),
        ),
        Slip(
            "clock-twice",
            "gamma ** t stands there twice",
            "gamma ** t times the reward-to-go that is discounted from t",
            lambda r, m, g: _clocks(m, g) * _tables(r * m, g),
        ),
        Slip(
            "mask-forgotten",
            "it counts the numbers after an episode's end, which mean nothing",
            "rewards * mask, before anything else",
            lambda r, m, g: _tables(r, g),
        ),
        Slip(
            "mask-too-late",
            "it masks the weights, but what stands after the end has come in before",
            "rewards * mask, before the sum",
            lambda r, m, g: _tables(r, g) * m,
        ),
        Slip(
            "past-rewards-too",
            "every step gets the whole return: right on average, and noisier than need be",
            "sum over k >= t",
            lambda r, m, g: m * (r * m * _clocks(m, g)).sum(axis=1, keepdims=True),
        ),
        Slip(
            "no-discount",
            "the discount is left out",
            "gamma ** k before reward k",
            lambda r, m, g: _tables(r * m, 1.0),
        ),
        Slip(
            "clock-only",
            "gamma ** t is there, but the rewards to go are not discounted",
            "gamma ** k before reward k",
            lambda r, m, g: _clocks(m, g) * _tables(r * m, 1.0),
        ),
        Slip(
            "own-reward-lost",
            "the action's own reward r_t is missing",
            "the sum begins at k = t",
            lambda r, m, g: _tables(r * m, g) - _clocks(m, g) * r * m,
        ),
    ),
)

EXERCISES = (TO_GO, WEIGHTS)
