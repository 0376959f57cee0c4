"""`try_it`: run what the reader wrote on unseen inputs, and say what came of it."""

import re
from collections.abc import Callable
from functools import cache

import numpy as np

from pgbook.exercises import questions
from pgbook.exercises.attempt import Outcome, attempt, wrong_call
from pgbook.exercises.exercise import Case, Exercise
from pgbook.exercises.losses import LossExercise, judge_loss
from pgbook.exercises.recognise import recognise, scales
from pgbook.exercises.registry import find, plain
from pgbook.exercises.show import shown
from pgbook.exercises.verdict import Verdict

ALIKE = 2


def try_it(id: str | float, given: Callable | str | float) -> Verdict:
    """Say whether an answer to an exercise is right and, if not, what it does instead.

    Args:
        id: of the exercise, "8.4", or of a question, "8.a".
        given: the function that the exercise asks for; the number, the formula or the place of the
            choice that answers the question.

    Returns:
        A `Verdict`: its text is the answer.

    Raises:
        ValueError: there is no such exercise; the message names those that there are.
    """
    if re.fullmatch(r"\w+\.[a-z]", plain(id)):
        return questions.judge(plain(id), given)
    exercise = find(id)
    if fault := wrong_call(exercise, given):
        return Verdict(exercise.id, False, f"{fault}.", "not-called-so")
    if isinstance(exercise, LossExercise):
        return judge_loss(exercise, given)
    return judge(exercise, given)


def judge(exercise: Exercise, function: Callable) -> Verdict:
    """Compare a function with the exercise's answer on its cases.

    Raises:
        RuntimeError: the exercise's own answer fails, so it can judge nothing.
    """
    cases, expected = expectation(exercise)
    outcomes = [attempt(exercise, function, case) for case in cases]
    agrees = [
        one.same(right, exercise.tolerance, scale)
        for one, right, scale in zip(outcomes, expected, scales(expected), strict=True)
    ]
    if all(agrees):
        return Verdict(exercise.id, True, _passed(cases), None, tuple(_changes(outcomes)))
    failing = [
        (_likeness(right, outcome), _size(case), n)
        for n, (case, right, outcome) in enumerate(zip(cases, expected, outcomes, strict=True))
        if not agrees[n]
    ]
    *_, plainest = min(failing)
    example = _example(exercise, cases[plainest], expected[plainest], outcomes[plainest])
    if found := recognise(exercise, expected, outcomes):
        name, says, instead = found
        more = (f"instead: {instead}", *example)
        return Verdict(exercise.id, False, f"{_sentence(says)}.", name, more)
    more = (*_where(cases, agrees), *example)
    says = _fault(expected[plainest], outcomes[plainest]) or "the numbers are not the right ones."
    return Verdict(exercise.id, False, _sentence(says), None, more)


@cache
def expectation(exercise: Exercise) -> tuple[tuple[Case, ...], tuple[Outcome, ...]]:
    """Return the cases of an exercise, and what is expected on each.

    Raises:
        RuntimeError: the exercise's own answer is not finite, so it can judge nothing.
    """
    cases, expected = tuple(exercise.cases()), []
    for case in cases:
        value = np.array(exercise.answer(*case.given), dtype=np.float64)
        if not np.isfinite(value).all():
            said = f"{exercise.id}: expected a finite answer on {case.why!r}, got {value}"
            raise RuntimeError(said)
        expected.append(Outcome(value))
    for right in expected:  # nobody is to read -2.22e-16 as what is expected
        right.value[np.abs(right.value) < 1e-14 * max(scales(expected))] = 0.0
    return cases, tuple(expected)


def _sentence(words):
    return words[0].upper() + words[1:]


def _size(case):
    return sum(np.size(given) for given in case.given)


def _likeness(right, outcome):
    """How like the right numbers these are: 0 if there is not one for each, ALIKE but for a shape.

    The input that is shown is the least alike, and of those the smallest: on an input of one step,
    one agent, one number, a great deal looks like a matter of shape.
    """
    if outcome.value is None or outcome.value.size != right.value.size:
        return 0
    return ALIKE if np.allclose(outcome.value.ravel(), right.value.ravel()) else 1


def _passed(cases):
    return f"Compared on {len(cases)} unseen inputs: {'; '.join(case.why for case in cases)}."


def _changes(outcomes):
    names = sorted({name for one in outcomes for name in one.changed})
    for name in names:
        yield f"note: it changes {name} in place, and whoever calls it may still need that"


def _where(cases, agrees):
    """On which inputs it is right and on which it is not, if that tells something."""
    right = [case.why for case, agreed in zip(cases, agrees, strict=True) if agreed]
    wrong = [case.why for case, agreed in zip(cases, agrees, strict=True) if not agreed]
    if right:
        yield f"right on: {'; '.join(right)}"
        yield f"wrong on: {'; '.join(wrong)}"
    else:
        yield f"wrong on each of the {len(cases)} inputs"


def _fault(right, outcome):
    """What keeps numbers from being compared, a sentence; "" if nothing does."""
    if outcome.fault:
        return f"{outcome.fault.rstrip('.')}."
    value, wanted = outcome.value, right.value
    if value.shape != wanted.shape:
        alike = _likeness(right, outcome) == ALIKE
        said = f"expected shape {wanted.shape}, got {value.shape}"
        return f"{'The numbers are right, their shape is not: ' * alike}{said}."
    if not np.isfinite(value).all():
        bad = int((~np.isfinite(value)).sum())
        return f"{bad} of {value.size} numbers are NaN or infinite."
    return ""


def _example(exercise, case, right, outcome):
    """The smallest input that shows it."""
    given = ", ".join(
        f"{name} = {shown(value)}" for name, value in zip(exercise.names, case.given, strict=True)
    )
    yield f"for example ({case.why}): {given}"
    wanted, value = right.value, outcome.value
    got = f", got {shown(value)}" if value is not None else ""
    if value is not None and wanted.shape == value.shape and shown(wanted) == shown(value):
        got += f", off by up to {np.abs(value - wanted).max(initial=0.0):.2g}"
    yield f"  expected {shown(wanted)}{got}"
