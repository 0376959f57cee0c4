"""Folded code, in a small book built with the real extension."""

import json
import re

import pytest
from test_ext_built import KERNEL, build

pytestmark = pytest.mark.once

CHECK = (
    '<div class="pg-check"><span class="pg-check-ok">✓</span> '
    '<span class="pg-check-control">control, <b>1</b></span></div>'
)


def code(name, source, *outputs, tags=()):
    """A code cell whose outputs are texts, or bundles of data."""
    stored = [
        {"output_type": "display_data", "metadata": {}}
        | {"data": out if isinstance(out, dict) else {"text/plain": out}}
        for out in outputs
    ]
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"tags": [*tags]},
        "execution_count": 1,
        "source": source,
        "outputs": stored,
    }


def text(name, source):
    """A Markdown cell."""
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


CELLS = [
    text("top", "# Cells"),
    code("imports", "import numpy as np"),
    code("the-world", "world = 1"),
    code("a-result", "f'J < {2}'", "'J < 2'"),
    code("a-step", "theta = theta + 1", tags=["idea"]),
    code("check-eq-a", "check(1)", {"text/html": CHECK, "text/plain": "fine"}),
    text("between", "Between."),
    code("a-drawing", "draw()", {"text/html": "<svg></svg>"}),
    code("rows", "rows", "first\nsecond"),
    code("long", "x" * 89, "y" * 161),
    code("assert-last", "assert " + "x" * 81),
    text("a-question", "Exercise."),
    code("solution-1", "1 + 1", "2", tags=["hide-cell"]),
]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The one page of the small book."""
    folder = tmp_path_factory.mktemp("folds")
    (folder / "source").mkdir()
    notebook = {"cells": CELLS, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    (folder / "source" / "index.ipynb").write_text(json.dumps(notebook))
    (folder / "source" / "plain.md").write_text("---\norphan: true\n---\n# Plain\n")
    assert build(folder) == ""
    return {
        name: (folder / "html" / f"{name}.html").read_text("utf-8") for name in ("index", "plain")
    }


@pytest.fixture
def folds(html):
    """The page's folds as (kind, line, names of the cells inside, text inside)."""
    found = re.findall(
        r'<details class="pg-fold pg-fold-(\w+)"><summary>(.*?)</summary>(.*?)</details>',
        html["index"],
        re.S,
    )
    return [
        (kind, line, re.findall(r'id="code-([\w-]+)"', inside), re.sub("<[^>]*>", "", inside))
        for kind, line, inside in found
    ]


def test_neighbours_share_a_fold_up_to_the_first_that_shows_something(folds):
    assert [names for _, _, names, _ in folds] == [
        ["imports", "the-world", "a-result"],
        ["check-eq-a"],
        ["a-drawing"],
        ["rows"],
        ["long"],
        ["assert-last"],
        ["solution-1"],
    ]


def test_the_line_of_a_fold_is_what_its_code_came_to(folds):
    lines = {names[-1]: (kind, re.sub("<[^>]*>", "", line)) for kind, line, names, _ in folds}
    assert lines == {
        "a-result": ("result", "J &lt; 2code"),
        "check-eq-a": ("check", "✓ control, 1code"),
        "a-drawing": ("bare", "Code: a drawing"),
        "rows": ("bare", "Code: rows"),
        "long": ("bare", "Code: long"),
        "assert-last": ("bare", "Checked: last"),
        "solution-1": ("bare", "Code: solution 1"),
    }
    check = next(line for kind, line, *_ in folds if kind == "check")
    assert "<div" not in check and '<span class="pg-check">' in check and "<b>1</b>" in check


def test_what_is_too_large_for_a_line_stays_in_sight_below_the_fold(html, folds):
    inside = " ".join(text for *_, text in folds)
    for shown in ("first\nsecond", "y" * 161):
        assert shown not in inside
        assert html["index"].count(shown) == 1
    assert html["index"].count("<svg></svg>") == 1
    assert html["index"].count("J &lt; 2<") == 1, "the result is shown twice"


def test_a_solution_is_folded_whole(folds):
    assert re.fullmatch(r"\s*1 \+ 1\s*2\s*", folds[-1][3])


def test_an_idea_is_shown_and_can_be_linked_to(html, folds):
    assert "a-step" not in [name for *_, names, _ in folds for name in names]
    assert re.search(r'<div class="cell_input[^>]* id="code-a-step">', html["index"])


def test_wide_code_is_marked(html):
    wide = re.findall(r'<div class="cell_input[^"]*pg-wide[^"]*" id="code-([\w-]+)"', html["index"])
    assert wide == ["long"]


def test_the_switch_and_its_script_stand_on_pages_with_code(html):
    for name, times in {"index": 1, "plain": 0}.items():
        switch = re.findall(r'<button type="button" class="[^"]*pg-code-switch"[^>]*>', html[name])
        assert len(switch) == times == len(re.findall(r'src="[^"]*code\.js', html[name])), name
    assert "Show the code" not in html["index"] and 'aria-label="Toggle hidden' not in html["index"]
