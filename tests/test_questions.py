"""Questions that the page answers: formulas, answers computed anew, slips told apart, cells."""

import gzip
import html
import json
import math
import re
from types import SimpleNamespace

import numpy as np
import pgbook_ask
import pytest
from book_pages import BOOK, ROOT, cells_of, chapters
from pgbook.exercises import try_it
from pgbook.exercises.formula import FUNCTIONS, SPELT, Unread, plain, read, value
from pgbook.exercises.questions import points, questions, same
from question_answers import COMPUTED
from test_ext_built import KERNEL, build

pytestmark = pytest.mark.once

VECTORS = json.loads((ROOT / "tests" / "js" / "formulas.json").read_text("utf-8"))
AT = VECTORS["at"]
NAMES = {**{name.replace("γ", "g"): number for name, number in AT.items()}, "math": math}
ASKED = {
    f"{pgbook_ask.number(path.stem)}.{cell.name[-1]}": cell
    for path in chapters()
    for cell in cells_of(path)
    if re.fullmatch("question-[a-z]", cell.name)
}
CHOICE = re.compile(r"^(\d)\. ", re.M)


# --- formulas ------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda vector: vector[0])
def test_a_formula_is_read_as_python_reads_it_or_refused_where_it_goes_wrong(vector):
    text, python, *error = vector
    if python:
        expected = eval(python, {}, NAMES)
        assert value(read(text, list(AT)), AT) == pytest.approx(expected, rel=1e-12)
    elif error[0]:
        with pytest.raises(Unread, match=re.escape(error[0])):
            read(text, list(AT))
    else:  # it can be read and has no value
        assert not math.isfinite(value(read(text, list(AT)), AT))


def test_a_formula_is_of_modest_length():
    with pytest.raises(Unread, match="expected at most 200 characters"):
        read("(" * 201, [])


def test_without_names_a_name_is_no_number():
    with pytest.raises(Unread, match="At character 1: “p” is no number"):
        read("p", [])


# --- the questions -------------------------------------------------------------------------------


def test_each_question_stands_in_its_chapter_and_each_cell_has_its_answer():
    assert list(ASKED) == list(questions())
    for id, cell in ASKED.items():
        assert cell.source.startswith(f"**{id[-1]}.** "), id
        line = f'In a notebook: `from pgbook.exercises import try_it`, then `try_it("{id}", ...)`.'
        assert cell.source.split("\n")[-1] == line, id


def test_questions_stand_below_the_heading_of_the_exercises():
    for path in chapters():
        names = [cell.name for cell in cells_of(path)]
        letters = [name[-1] for name in names if re.fullmatch("question-[a-z]", name)]
        assert letters == sorted(letters) and len(letters) == len(set(letters))
        if letters:
            start = names.index("exercises") + 1
            assert names[start : start + len(letters)] == [f"question-{x}" for x in letters]


@pytest.mark.parametrize("id", questions())
def test_a_question_is_whole(id):
    question = questions()[id]
    keys = {
        "choice": set(),
        "number": {"within", "hint"},
        "formula": {"variables", "hint"},
    }[question["kind"]]
    assert set(question) == {"kind", "answer", "why", "wrong"} | keys
    said = [question["why"], *(says for _, says in question["wrong"])]
    said += [question["hint"]] if "hint" in question else []
    for sentence in said:
        assert re.fullmatch(r"[A-Zα-ω∇Ψ].{15,260}[.?]", sentence), sentence
        assert not re.search(r"[$\\]", sentence), "plain text, for a page and a notebook"
    assert len(set(said)) == len(said)
    places = [int(place) for place in CHOICE.findall(ASKED[id].source)]
    if question["kind"] == "choice":
        answers = [question["answer"], *(answer for answer, _ in question["wrong"])]
        assert sorted(answers) == places == list(range(1, len(places) + 1)) and len(places) >= 2
    else:
        assert not places and len(question["wrong"]) >= 2
        for name, (low, high) in question.get("variables", {}).items():
            assert plain(name) == name not in FUNCTIONS and low < high
            spelt = next((word for word, sign in SPELT.items() if sign == name[0]), name[0])
            assert name in ASKED[id].source or spelt in ASKED[id].source, name


@pytest.mark.parametrize("id", questions())
def test_the_right_answer_is_right_and_each_slip_is_told_apart(id):
    question = questions()[id]
    right = try_it(id, question["answer"])
    assert right.right and right.slip is None and right.says == question["why"]
    for answer, says in question["wrong"]:
        wrong = try_it(id, answer)
        assert not wrong.right and wrong.says == says and wrong.slip == str(answer)
    if question["kind"] != "choice":
        other = try_it(id, 77.7)
        assert not other.right and other.says == question["hint"] and other.slip is None


@pytest.mark.parametrize("id", [id for id, one in questions().items() if one["kind"] != "choice"])
def test_an_answer_and_its_slips_are_those_that_are_computed(id):
    question = questions()[id]
    stored = [question["answer"], *(answer for answer, _ in question["wrong"])]
    names = list(question.get("variables", {}))
    places = points(question["variables"]) if names else [{}]
    for point in places:
        computed = COMPUTED[id](*point.values())
        assert len(computed) == len(stored), "the answer, then the slips in their order"
        for text, number in zip(stored, computed, strict=True):
            near = question.get("within", 1e-6)
            assert number is None or abs(value(read(str(text), names), point) - number) <= near


def test_answers_are_computed_for_questions_that_exist():
    assert set(COMPUTED) <= set(questions())


def test_points_are_spread_over_the_ranges():
    found = np.array([list(point.values()) for point in points({"a": [0, 1], "b": [2, 4]})])
    assert found.shape == (8, 2) and (found >= [0, 2]).all() and (found <= [1, 4]).all()
    assert np.ptp(found, axis=0).min() > 0.5 and abs(np.corrcoef(found.T)[0, 1]) < 0.9


def test_what_is_no_answer_is_refused():
    with pytest.raises(ValueError, match=r"id: expected one of 1\.a, .*, got '1\.z'"):
        try_it("1.z", 1)
    with pytest.raises(ValueError, match=r"expected one of the choices \[1, 2, 3\], got 4"):
        try_it("1.a", 4)
    with pytest.raises(ValueError, match="At character 1: “Ellipsis” is none of p, r0, r1"):
        try_it("1.b", ...)


def test_a_formula_may_be_written_in_another_way():
    question = questions()["1.b"]
    assert same(question, "r1 + p(r0 - r1)", question["answer"])
    assert not same(question, "r1 + p(r0 - r1) + 1e-6", question["answer"])
    assert not same(question, "r1/0", question["answer"])


# --- the built page ------------------------------------------------------------------------------


def test_a_cell_of_the_exercises_as_myst_reads_it():
    dressed = pgbook_ask.dressed
    assert dressed("exercises", "## Exercises") == "## Exercises\n\n```{tally}\n```"
    assert dressed("exercise-3", "**3.** Do.") == "```{tick} 3\n```\n\n**3.** Do."
    assert dressed("question-a", "**a.** Why?") == "````{question} a\n**a.** Why?\n````"
    assert dressed("solution-3", "x") == dressed("question-ab", "x") == "x"


def test_each_page_with_exercises_has_a_number_of_its_own():
    pages = [path.stem for path in chapters() if "exercises" in {c.name for c in cells_of(path)}]
    assert len({pgbook_ask.number(page) for page in pages}) == len(pages) > 18
    assert pgbook_ask.number("09_baselines") == "9" and pgbook_ask.number("lab") == "L"


def test_the_table_leads_to_every_question_and_exercise():
    table = pgbook_ask.table()
    ids = re.findall(r'data-id="([^"]+)"', table)
    assert set(questions()) < set(ids) and len(ids) == len(set(ids)) >= 70
    assert " ".join(ids) == " ".join(re.findall(r'data-of="([^"]+)"', table))
    link = '<a href="01_objective.html#question-a" data-id="1.a" aria-label="Question 1.a">a</a>'
    assert link in table and 'aria-label="Exercise H.1">1</a>' in table


def test_the_script_of_the_questions_is_small():
    script = (BOOK / "static" / "questions.js").read_bytes()
    assert len(gzip.compress(script, 9)) <= 4096
    assert not re.search(rb"\beval\b|\bFunction\(|innerHTML|https?://(?!www\.w3\.org)", script)


FOLDS = "".join(
    f"<details><summary>{kind}</summary>\n\nSo.\n\n</details>\n" for kind in ("Hint", "Solution")
)
CELLS = [
    {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
    for name, source in (
        ("title", '# 1 One\n\nAs `number="1.1"` says.'),
        ("exercises", "## Exercises"),
        *((cell.name, cell.source) for id, cell in ASKED.items() if id[:2] == "1."),
        ("exercise-1", f"**1.** Do.\n\n{FOLDS}"),
    )
]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A small book: chapter 1 with nothing but its questions, the table, and a page without any."""
    folder = tmp_path_factory.mktemp("questions")
    (folder / "source").mkdir()
    notebook = {"cells": CELLS, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    (folder / "source" / "01_objective.ipynb").write_text(json.dumps(notebook))
    (folder / "source" / "way.md").write_text(f"# Way\n\n{pgbook_ask.PLACE}\n")
    (folder / "source" / "index.md").write_text(
        "# First\n\nWords.\n\n```{toctree}\n01_objective\nway\n```\n"
    )
    (folder / "source" / "02_gradient_of_an_expectation.ipynb").write_text(
        json.dumps({**notebook, "cells": [CELLS[0], {**CELLS[2], "source": "**a.** Why?"}]})
    )
    warnings = build(folder)
    return SimpleNamespace(
        warnings=warnings,
        page=lambda name: (folder / "html" / f"{name}.html").read_text("utf-8"),
    )


def form_of(small, letter):
    """The form of a question."""
    text = small.page("01_objective")
    (form,) = re.findall(rf'<form class="pg-question" id="question-{letter}".*?</form>', text, re.S)
    return form


def test_a_choice_is_a_group_of_labelled_buttons(small):
    form = form_of(small, "a")
    assert '<fieldset aria-labelledby="question-a-text">' in form and 'id="question-a-text"' in form
    labels = re.findall(
        r'<label><input type="radio" name="answer" value="(\d)">(.*?)</label>', form, re.S
    )
    assert [place for place, _ in labels] == ["1", "2", "3"] and "a trajectory returns" in labels[
        1
    ][1]
    assert "In a notebook" not in form and "<ol" not in form
    assert re.search(r'<p class="pg-said" id="question-a-said" role="status"></p>', form)
    answer = re.search(r"<details><summary>Show the answer</summary>(.*?)</details>", form, re.S)[1]
    assert "what a trajectory returns.</strong> A policy changes how likely" in answer


def test_a_formula_and_a_number_are_typed_into_a_labelled_field(small):
    for letter, mode in (("b", "text"), ("c", "decimal")):
        form = form_of(small, letter)
        name = f"question-{letter}-answer"
        assert (
            f'<label for="{name}">' in form
            and f'id="{name}" name="answer" inputmode="{mode}"' in form
        )
        assert f'aria-describedby="question-{letter}-text question-{letter}-said"' in form
        judged = json.loads(html.unescape(re.search(r'data-question="([^"]*)"', form)[1]))
        assert judged == {"id": f"1.{letter}", **questions()[f"1.{letter}"]}


def test_the_page_counts_and_ticks_and_only_pages_that_need_it_load_the_script(small):
    text = small.page("01_objective")
    ids = " ".join(item.id for item in pgbook_ask.items("01_objective"))
    assert f'<span data-of="{ids}">0 of {len(ids.split())}</span> done' in text
    assert re.search(r'<div class="pg-tick" id="exercise-1"><label><input [^>]*data-id="1.1"', text)
    assert text.index('id="exercise-1"') < text.index("Do.")
    scripts = {
        name: small.page(name).count("questions.js") for name in ("01_objective", "way", "index")
    }
    assert scripts == {"01_objective": 1, "way": 1, "index": 0}
    assert pgbook_ask.table() + pgbook_ask.BUTTONS in small.page("way")


def test_a_question_without_its_last_line_is_a_warning(small):
    assert re.search(
        "02_gradient.*expected a last line that begins with 'In a notebook: '", small.warnings
    )
