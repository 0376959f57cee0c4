"""Exercises that answer: each slip is named, each right answer passes, each failure is explained.

What is tested is the registry as it ships: every exercise, every slip of it, every pair of slips.
"""

import json
import re
from itertools import combinations

import numpy as np
import pytest
import torch
from book_pages import BOOK
from exercises_right import RIGHT
from pgbook.exercises import try_it
from pgbook.exercises.exercise import Case, Exercise, Slip
from pgbook.exercises.judging import expectation, judge
from pgbook.exercises.losses import LossExercise
from pgbook.exercises.recognise import scales, what_slips_do
from pgbook.exercises.registry import CHAPTERS, every

EVERY = every()
FUNCTIONS = {id: one for id, one in EVERY.items() if isinstance(one, Exercise)}
SLIPS = [(one, slip) for one in FUNCTIONS.values() for slip in one.slips]


def named(value):
    return getattr(value, "id", None) or getattr(value, "name", "")


@pytest.mark.parametrize(("exercise", "slip"), SLIPS, ids=named)
def test_a_slip_is_called_by_its_name(exercise, slip):
    verdict = try_it(exercise.id, slip.does)
    assert not verdict.right and verdict.slip == slip.name, str(verdict)
    assert slip.instead in str(verdict)


@pytest.mark.parametrize("exercise", FUNCTIONS.values(), ids=named)
def test_slips_and_answer_are_far_apart(exercise):
    """By a hundred times the tolerance: no slip is another, and none is right."""
    _, expected = expectation(exercise)
    results = {slip.name: theirs for theirs, slip in what_slips_do(exercise)}
    results["the-answer"] = expected
    far = exercise.tolerance * (2 if exercise.observe else 100)
    for one, other in combinations(results, 2):
        triples = zip(results[one], results[other], scales(expected), strict=True)
        assert not all(a.same(b, far, scale) for a, b, scale in triples), f"{one} is {other}"


@pytest.mark.parametrize("id", EVERY)
def test_right_answers_of_different_hands_pass(id):
    assert len(RIGHT[id]) >= 3
    for function in RIGHT[id]:
        verdict = try_it(id, function)
        assert verdict.right and verdict.slip is None and not verdict.more, str(verdict)


def one_return(batch):
    return (batch.rewards * batch.mask).sum(1, keepdim=True)


def token_mean(batch):
    return -(batch.log_prob * one_return(batch) * batch.mask).sum() / batch.mask.sum()


def uphill(batch):
    return (batch.log_prob * one_return(batch) * batch.mask).sum() / len(batch.mask)


def forgets_the_mask(batch):
    return -(batch.log_prob * batch.rewards.sum(1, keepdim=True)).sum() / len(batch.mask)


def no_scalar(batch):
    return -(batch.log_prob * one_return(batch)).sum(1)


@pytest.mark.parametrize(
    ("id", "loss", "slip", "says"),
    [
        ("7.4", token_mean, "token-mean", "(log_prob * psi * mask).sum() / K"),
        ("7.4", uphill, "wrong-sign", "downhill"),
        ("7.4", forgets_the_mask, "padded-rewards + mask-forgotten", "after"),
        ("7.4", no_scalar, None, "cannot be audited"),
        ("7.4", lambda batch: exit(), None, "it raises SystemExit"),
    ],
)
def test_the_audit_judges_a_loss(id, loss, slip, says):
    verdict = try_it(id, loss)
    assert not verdict.right and verdict.slip == slip and says in str(verdict), str(verdict)


def test_a_loss_is_judged_by_the_objective_that_the_chapter_has():
    said = str(try_it("7.4", RIGHT["7.4"][0]))
    assert said == "7.4: right. The gradient of J, the undiscounted return."


def test_no_right_answer_is_left_over():
    assert set(RIGHT) == set(EVERY)


@pytest.mark.parametrize("exercise", EVERY.values(), ids=named)
def test_its_words_are_whole(exercise):
    assert exercise.asks.endswith(".") and re.fullmatch(r"\w+\([\w, ]+\)", exercise.call)
    assert exercise.names and exercise.id.split(".")[0] in map(str, CHAPTERS)
    if isinstance(exercise, LossExercise):
        return
    names = [slip.name for slip in exercise.slips]
    assert len(names) == len(set(names)) >= 4
    for slip in exercise.slips:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slip.name)
        assert slip.says[-1] != "." and not slip.says[0].isupper() and slip.instead
    cases = exercise.cases()
    assert len(cases) >= 3 and len({case.why for case in cases}) == len(cases)
    assert all(len(case.given) == len(exercise.names) for case in cases)


def solutions():
    """The cells of the book that hand in a solution: page, id, source, what was answered."""
    for path in sorted(BOOK.glob("[01]*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source = "".join(cell["source"])
            for id in re.findall(r'^try_it\("(\d+\.\d+)"', source, re.M):
                if cell["cell_type"] == "code":
                    said = "".join(cell["outputs"][-1]["data"]["text/plain"])
                    yield path.stem, cell["id"], id, said


def test_each_stands_in_its_chapter_with_a_solution_that_is_right():
    seen = {}
    for page, cell, id, said in solutions():
        chapter, number = id.split(".")
        assert int(page[:2]) == int(chapter) and cell == f"solution-{number}", (page, cell, id)
        assert said.startswith(f"{id}: right"), said
        seen[id] = page
    assert set(seen) == set(EVERY)
    for id, page in seen.items():
        cells = json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))["cells"]
        (asked,) = [c for c in cells if c["id"] == f"exercise-{id.split('.')[1]}"]
        name = EVERY[id].call.partition("(")[0]
        code = re.search(r"```python\n(.*?)```", "".join(asked["source"]), re.S)[1]
        assert "from pgbook.exercises import try_it" in code
        assert re.search(rf"^def {re.escape(EVERY[id].call)}:", code, re.M), code
        assert f'try_it("{id}", {name})' in code


def test_each_of_the_first_twelve_chapters_has_two():
    ids = [int(id.split(".")[0]) for id in EVERY]
    assert {n for n in CHAPTERS if ids.count(n) < (2 if n <= 12 else 1)} == set()


# --- what is no slip: a small exercise of its own ------------------------------------------------

DOUBLE = Exercise(
    id="0.1",
    asks="Return x twice.",
    call="double(x)",
    cases=lambda: (
        Case("one number", (np.array([3]),)),
        Case("three numbers", (np.array([1.0, -2.0, 4.5]),)),
        Case("numbers below 1", (np.array([0.5, 0.25, 0.75]),)),
    ),
    answer=lambda x: x + x,
    slips=(Slip("squared", "it takes the square", "x + x", lambda x: x**2),),
)


def wrong_place(x):
    return x[len(x)]


def in_place(x):
    x *= 2
    return x


def own_integers(x):
    result = np.zeros(len(x), dtype=int)
    result[:] = 2 * x
    return result


@pytest.mark.parametrize(
    ("function", "slip", "says"),
    [
        (lambda x: -2 * x, "wrong-sign", "wrong sign"),
        (lambda x: x, "constant-factor", "0.5 times"),
        (lambda x: 2 * x + 3, "constant-added", "the same 3"),
        (lambda x: 2 * x[::-1], "reversed", "reverse order"),
        (lambda x: 2 * x.sum(), "already-summed", "added up"),
        (own_integers, "cut-to-integers", "cut to integers"),
        (lambda x: np.stack([x, x]), "not-summed", "sum(axis=0)"),
        (lambda x: -(x**2), "squared + wrong-sign", "square; and then every number"),
        (lambda x: x.reshape(7), None, "raises ValueError: cannot reshape"),
        (lambda x: None, None, "returns None"),
        (lambda x: abs, None, "returns a function"),
        (lambda x: {"x": x}, None, "returns dict"),
        (lambda x: [x, [x]], None, "no array of numbers"),
        (lambda x: "2x", None, "expected real numbers"),
        (lambda x: 2 * x[None], None, "right, their shape is not: expected shape (1,), got (1, 1)"),
        (lambda x: np.zeros(7), None, "Expected shape (1,), got (7,)"),
        (lambda x: 2 * x + np.nan, None, "NaN or infinite"),
        (lambda x: 2 * np.abs(x), None, "wrong on: three numbers"),
        (wrong_place, None, "return x[len(x)]"),
        (lambda x: exit("done"), None, "raises SystemExit: done"),
        (lambda x: torch.tensor(x, dtype=torch.bfloat16), None, "no array of numbers"),
        (lambda x: x @ np.ones((9, 9)), None, "raises ValueError: matmul"),
    ],
)
def test_what_is_wrong_is_said_in_words(function, slip, says):
    verdict = judge(DOUBLE, function)
    assert not verdict.right and verdict.slip == slip, str(verdict)
    assert says in str(verdict) and not re.search(r"(?<!\.)\.\.(?!\.)", str(verdict))


def test_the_smallest_input_that_fails_is_shown():
    verdict = judge(DOUBLE, lambda x: 2 * x * (x < 4))
    assert "for example (three numbers): x = [1, -2, 4.5]" in str(verdict)
    assert "expected [2, -4, 9], got [2, -4, 0]" in str(verdict)


def test_single_precision_is_as_good_as_single_precision_can_be():
    nearly = 2 * (1 + 1e-6)
    assert judge(DOUBLE, lambda x: (nearly * x).astype(np.float32)).right
    for lost in (lambda x: nearly * x, lambda x: (nearly * x).astype(np.float32).tolist()):
        verdict = judge(DOUBLE, lost)
        assert not verdict.right and verdict.slip == "nearly" and "1e-06 of" in verdict.says


def test_numbers_that_print_alike_come_with_their_difference():
    verdict = judge(DOUBLE, lambda x: 2 * x + 2e-4 * (x > 4))
    assert "got [2, -4, 9], off by up to 0.0002" in str(verdict)


def test_a_long_input_lends_no_tolerance_to_a_short_one():
    cases = (Case("short", (np.ones(1),)), Case("long", (np.full(9, 1e6),)))
    exercise = Exercise(**{**vars(DOUBLE), "cases": lambda: cases})
    assert judge(exercise, lambda x: x + x).right
    assert not judge(exercise, lambda x: x + x + 1e-6 * (x.size == 1)).right
    assert not try_it("4.4", log_prob_kept_from_zero).right


def log_prob_kept_from_zero(start, transition, policy, states, actions):
    t, here, after = np.arange(len(actions)), states[:-1], states[1:]
    chances = start[states[:1]], policy[t, here, actions], transition[here, actions, after]
    return sum(np.log(p + 1e-8).sum() for p in chances)


def test_what_is_expected_is_no_rounding_error():
    for exercise in FUNCTIONS.values():
        for right in expectation(exercise)[1]:
            assert not ((right.value != 0) & (np.abs(right.value) < 1e-14)).any(), exercise.id


def test_a_function_is_shown_without_its_full_stop():
    assert "f = θ₀³, theta" in str(try_it("2.5", lambda f, theta, h: theta + 1))


def test_an_argument_that_is_changed_is_told_and_does_no_harm_to_the_next_input():
    verdict = judge(DOUBLE, in_place)
    assert verdict.right and "it changes x in place" in str(verdict)


def test_an_exercise_whose_own_answer_fails_judges_nothing():
    broken = Exercise(**{**vars(DOUBLE), "answer": lambda x: x / 0.0})
    with np.errstate(all="ignore"), pytest.raises(RuntimeError, match="finite answer"):
        judge(broken, DOUBLE.answer)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (3.0, 'hand over mean_return itself, try_it("1.4", mean_return)'),
        (lambda prob: prob, "Expected a function mean_return(prob, rewards), got one that takes"),
    ],
)
def test_a_function_that_cannot_be_called_so_is_told(given, says):
    verdict = try_it("1.4", given)
    assert not verdict.right and verdict.slip == "not-called-so" and says in str(verdict)


@pytest.mark.parametrize("id", ["1.9", "99.1", "nine", 4])
def test_an_exercise_that_does_not_exist_is_told_with_those_that_do(id):
    with pytest.raises(ValueError, match=r"expected one of .*1\.4.*got"):
        try_it(id, abs)


@pytest.mark.parametrize("id", [1.4, " 1.4", "1.4\n"])
def test_an_id_is_read_as_a_person_writes_it(id):
    assert try_it(id, EVERY["1.4"].answer).right
    assert str(try_it(id, 3.0)).startswith("1.4: not yet")


def test_a_question_is_found_in_capitals_too():
    assert str(try_it("8.A ", "0.123")).startswith("8.a: not yet")


def test_an_exercise_without_a_checker_says_so():
    with pytest.raises(ValueError, match="got '8.1': there is no checker for the others"):
        try_it("8.1", abs)


def test_a_verdict_reads_the_same_as_text_and_as_html():
    verdict = judge(DOUBLE, lambda x: x**2)
    assert repr(verdict).startswith("0.1: not yet. It takes the square.\n  instead: x + x\n")
    page = verdict._repr_html_()
    text = re.sub(r"<[^>]+>", " ", page)
    for line in (verdict.head, *verdict.more):
        assert line.strip() in text
    assert page.count("<li>") == len(verdict.more)
