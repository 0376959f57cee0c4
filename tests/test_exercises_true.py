"""What an exercise says of a wrong function is true of it, for every exercise there is.

What is tested is a kind of mistake, made from an exercise's own answer: a stub of zeros, one axis
too many, a slip with a factor.
"""

import re
from functools import partial

import numpy as np
import pytest
from pgbook.exercises import try_it
from pgbook.exercises.exercise import Case, Exercise
from pgbook.exercises.judging import expectation, judge
from pgbook.exercises.registry import every

FUNCTIONS = {id: one for id, one in every().items() if isinstance(one, Exercise)}
EXACT = {id: one for id, one in FUNCTIONS.items() if one.observe is None}


def named(value):
    return getattr(value, "id", None) or getattr(value, "name", "")


def from_answer(exercise, change):
    """A function that returns what the answer returns, after a change."""
    return lambda *given: change(np.asarray(exercise.answer(*given), dtype=float))


@pytest.mark.parametrize("exercise", EXACT.values(), ids=named)
@pytest.mark.parametrize("stub", [np.zeros_like, lambda right: 0], ids=["array", "number"])
def test_a_stub_of_zeros_hears_that_it_returns_zeros(exercise, stub):
    said = str(try_it(exercise.id, from_answer(exercise, stub)))
    assert "0 everywhere" in said, said
    for untrue in ("zeros_like", "added up", "0 times"):
        assert untrue not in said, said


def scaled(does, factor, *given):
    return factor * np.asarray(does(*given))


def is_wrong_in_its_numbers(exercise, function):
    pairs = [
        (function(*case.given), right.value)
        for case, right in zip(*expectation(exercise), strict=True)
    ]
    return any(
        np.size(given) != right.size or not np.allclose(np.ravel(given), right.ravel())
        for given, right in pairs
    )


@pytest.mark.parametrize("exercise", EXACT.values(), ids=named)
@pytest.mark.parametrize(
    "change",
    [
        lambda right: right.ravel()[:1],
        lambda right: right.ravel()[0],
        lambda right: 3 * right[None] * np.ones((2, *(1 for _ in right.shape))),
        lambda right: np.atleast_2d(right)[:, :1],
    ],
    ids=["first", "first-number", "stacked", "first-column"],
)
def test_numbers_are_called_right_only_if_they_are_on_every_input(exercise, change):
    function = from_answer(exercise, change)
    said = str(try_it(exercise.id, function))
    if is_wrong_in_its_numbers(exercise, function):
        assert "numbers are right" not in said, said


@pytest.mark.parametrize("exercise", EXACT.values(), ids=named)
def test_numbers_in_another_shape_are_called_right(exercise):
    said = str(try_it(exercise.id, from_answer(exercise, lambda right: right[None])))
    assert "numbers are right, their shape is not" in said, said


GROWING = Exercise(
    id="0.2",
    asks="Return x twice.",
    call="double(x)",
    cases=lambda: (
        Case("one number", (np.array([3.0]),)),
        Case("three numbers", (np.array([1.0, -2.0, 4.5]),)),
    ),
    answer=lambda x: x + x,
    slips=(),
)


def test_the_input_that_is_shown_is_one_on_which_the_numbers_fail():
    said = str(judge(GROWING, lambda x: 2 * x[0]))
    assert "Expected shape (3,), got ()" in said and "for example (three numbers)" in said, said


@pytest.mark.parametrize("exercise", EXACT.values(), ids=named)
def test_a_factor_on_top_of_a_slip_is_measured_against_the_slip(exercise):
    heard = 0
    for slip in exercise.slips:
        for factor in (0.37, -1):
            does = partial(scaled, slip.does, factor)
            verdict = try_it(exercise.id, does)
            if verdict.slip and verdict.slip.startswith(f"{slip.name} + "):
                assert verdict.says.endswith(f"every number is {factor} times that."), verdict.says
                heard += 1
    assert heard


def test_numbers_that_are_cut_hear_of_int_too():
    said = str(try_it("1.4", lambda prob, rewards: int(prob @ rewards.sum(axis=1))))
    assert "int()" in said and "astype(int)" in said, said


@pytest.mark.parametrize("exercise", FUNCTIONS.values(), ids=named)
def test_no_slip_says_the_next_reward(exercise):
    """It is r_t to one reader and r_{t+1} to another: an index is plain."""
    for slip in exercise.slips:
        assert not re.search(r"next reward\b(?!-)|after next", f"{slip.says} {slip.instead}")


# --- what readers hand in, as they write it ------------------------------------------------------


def carried_in_integers(rewards, gamma):
    G = np.zeros_like(rewards)
    for t in range(len(rewards) - 1, -1, -1):
        G[t] = rewards[t] + (gamma * G[t + 1] if t + 1 < len(G) else 0)
    return G


def begins_after(r, gamma):
    return [sum(gamma ** (k - t) * r[k] for k in range(t + 1, len(r))) for t in range(len(r))]


def moved_in_place(f, theta, h):
    slopes = np.zeros(theta.shape)
    for k in np.ndindex(theta.shape):
        theta[k] += h
        above = f(theta)
        theta[k] -= 2 * h
        below = f(theta)
        theta[k] += h
        slopes[k] = (above - below) / (2 * h)
    return slopes


def one_array(f, theta, h):
    slopes = np.zeros(theta.shape)
    for k in np.ndindex(theta.shape):
        up = theta
        down = theta
        up[k] += h
        down[k] -= h
        slopes[k] = (f(up) - f(down)) / (2 * h)
    return slopes


def fixed_step(f, theta, h):
    theta, h = theta.astype(float), 1e-4
    knobs = np.eye(theta.size).reshape(-1, *theta.shape)
    return np.reshape([(f(theta + h * k) - f(theta - h * k)) / (2 * h) for k in knobs], theta.shape)


def fancy_rows(policy, states, actions):
    g = np.zeros(policy.shape)
    np.add.at(g, (states[:-1], actions), 1)
    g[states[:-1]] -= policy[states[:-1]]
    return g


def own_entries(policy, states, actions):
    g = np.zeros(policy.shape)
    for s, a in zip(states, actions, strict=False):
        g[s, a] += 1 - policy[s, a]
    return g


def value_of_state_0(start, transition, reward, policy):
    v = np.zeros(len(start))
    for t in range(len(policy) - 1, -1, -1):
        v = (policy[t] * (reward + transition @ v)).sum(1)
    return v[0]


def gaussian(a, mean, log_std, constant, sign):
    std = np.exp(log_std)
    return (-(((a - mean) / std) ** 2) / 2 - sign * log_std - constant).sum(1)


def squashed(u, mean, log_std, jacobian):
    a = np.arctanh(u)
    return gaussian(a, mean, log_std, np.log(2 * np.pi) / 2, 1) - jacobian


def first_flag(terminated, truncated):
    first = np.argmax(terminated | truncated, axis=1)
    return np.arange(terminated.shape[1])[None] <= first[:, None]


def mean_surrogate(log_prob, old, psi, eps):
    w = np.exp(log_prob - old)
    return np.minimum(w * psi, np.clip(w, 1 - eps, 1 + eps) * psi).mean()


@pytest.mark.parametrize(
    ("id", "function", "slip"),
    [
        ("8.4", carried_in_integers, "whole-numbers-carried"),
        ("8.4", begins_after, "own-reward-left-out"),
        ("2.5", moved_in_place, "whole-numbers-in-place"),
        ("2.5", one_array, "one-point-twice"),
        ("2.5", fixed_step, "own-step"),
        ("5.4", fancy_rows, "probabilities-once"),
        ("5.4", own_entries, "own-entry-only"),
        ("1.5", value_of_state_0, "first-state-only"),
        ("11.5", lambda *x: gaussian(*x, np.log(2 * np.pi), 1), "constant-doubled"),
        ("11.5", lambda *x: gaussian(*x, np.log(2 * np.pi) / 2, -1), "log-std-added"),
        ("11.6", lambda u, *x: squashed(u, *x, np.log(1 - u**2).sum()), "jacobian-of-the-batch"),
        (
            "11.6",
            lambda u, *x: squashed(u, *x, np.log(1 - u**2 + 1e-6).sum(1)),
            "small-number-added",
        ),
        ("7.5", first_flag, "no-flag-ends-at-once"),
        ("12.5", mean_surrogate, "averaged"),
    ],
)
def test_what_readers_hand_in_has_a_name(id, function, slip):
    verdict = try_it(id, function)
    assert not verdict.right and verdict.slip == slip, str(verdict)
