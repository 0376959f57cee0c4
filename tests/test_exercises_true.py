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
