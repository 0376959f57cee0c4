"""The reader's notebook: no hint, no solution, room for one's own; what it needs is still there."""

import ast
import json
import re
from types import SimpleNamespace

import nbformat
import notebooks
import pgbook_reader
import pytest
from book_pages import BOOK, cells_of, chapters

pytestmark = pytest.mark.once

QUESTION = """**1.** What is $1 + 1$?

<details><summary>Hint</summary>

Count, as in [(9.1)](#eq-a).

</details>
<details><summary>Solution</summary>

Two, by [(8.3)](08_other.ipynb#eq-b) and [a page](notation.md).

It is even.

</details>"""
FOLD = "Text.\n\n<details><summary>Every setting</summary>\n\nStays.\n\n</details>"


def cell(name, source, kind="markdown"):
    made = {"cell_type": kind, "id": name, "metadata": {}, "source": source.splitlines(True)}
    return {**made, "outputs": [], "execution_count": 7} if kind == "code" else made


STARTER = """```python
def mine(x):
    \"\"\"x, doubled.\"\"\"


try_it("9.2", mine)
```"""
PAGE = [
    cell("eq-a", "$$\n1 \\tag{9.1}\n$$"),
    cell("every-setting", FOLD),
    cell("exercises", "## Exercises"),
    cell("exercise-1", QUESTION),
    cell("solution-1", "two = 1 + 1", "code"),
    cell("solution-1-again", "two", "code"),
    cell("exercise-2", QUESTION.replace("\n\n<details>", f"\n\n{STARTER}\n\n<details>", 1)),
    cell("solution-2", "assert True", "code"),
    cell("exercise-10", QUESTION),
    cell("next", "On."),
]


def test_a_readers_page_has_the_questions_and_room_and_nothing_that_answers():
    before = json.dumps(PAGE)
    read = pgbook_reader.reader(PAGE)
    assert [c["id"] for c in read] == [
        *("eq-a", "every-setting", "exercises", "ask", "exercise-1", "yours-1"),
        *("exercise-2", "yours-2", "exercise-10", "yours-10", "next"),
    ]
    of = {c["id"]: c for c in read}
    assert pgbook_reader.text(of["exercise-1"]) == "**1.** What is $1 + 1$?"
    assert pgbook_reader.text(of["yours-1"]) == "# Exercise 9.1: your code"
    assert of["yours-1"]["outputs"] == [] and of["yours-1"]["execution_count"] is None
    assert 'hint("9.1")' in pgbook_reader.text(of["ask"])
    assert of["every-setting"] == PAGE[1]
    assert json.dumps(PAGE) == before, "the page that was given changed"


def test_code_that_a_question_begins_is_the_readers_cell():
    of = {c["id"]: pgbook_reader.text(c) for c in pgbook_reader.reader(PAGE)}
    assert of["exercise-2"] == "**1.** What is $1 + 1$?"
    assert of["yours-2"] == STARTER.removeprefix("```python\n").removesuffix("\n```")


def test_answers_are_what_was_folded_and_what_was_run():
    answers = pgbook_reader.answers(PAGE, "09_page")
    assert list(answers) == ["9.1", "9.2", "9.10"]
    assert answers["9.1"] == {
        "hint": "Count, as in [(9.1)](book:09_page.html#eq-a).",
        "solution": "Two, by [(8.3)](book:08_other.html#eq-b) and [a page](book:notation.html)."
        "\n\nIt is even.",
        "code": "two = 1 + 1\n\ntwo",
    }
    assert answers["9.2"]["code"] == "assert True" and answers["9.10"]["code"] == ""


@pytest.mark.parametrize(
    ("source", "begins"),
    [("$$x \\tag{12.3}$$", "12"), ('plots.show(fig, number="L.2")', "L"), ("$\\tag{H.1}$", "H")],
)
def test_a_page_is_numbered_as_its_equations_or_figures_are(source, begins):
    assert pgbook_reader.prefix([cell("text", "(4.1)"), cell("it", source)]) == begins


def test_a_page_without_a_number_is_refused():
    with pytest.raises(ValueError, match=r"expected a page with a \\tag\{9.1\} .* got none"):
        pgbook_reader.answers([cell("exercise-1", QUESTION)], "page")


WITH = [p for p in chapters() if any(c.name.startswith("exercise-") for c in cells_of(p))]


@pytest.mark.parametrize("path", WITH, ids=lambda path: path.name)
def test_no_hint_and_no_solution_of_a_chapter_is_left(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    text = pgbook_reader.notebook(path)
    assert not re.search(r"<summary>(Hint|Solution)</summary>|\"id\": \"solution-", text)
    for answer in pgbook_reader.answers(cells, path.stem).values():
        longest = max(re.split(r"[^\w ]+", answer["solution"]), key=len)
        assert longest not in text and len(longest) > 8, longest
    number = path.name[:2].lstrip("0")
    if number.isdigit():
        assert pgbook_reader.prefix(cells) == number


def test_a_page_without_exercises_stays_byte_for_byte_as_it_is():
    others = [path for path in chapters() if path not in WITH]
    assert len(others) >= 4
    for path in others:
        assert pgbook_reader.notebook(path) == path.read_text("utf-8"), path.name


def names(sources):
    """The names that code binds, and those that it reads."""
    bound, read = set(), set()
    for source in sources:
        for node in ast.walk(ast.parse(re.sub(r"^( *)%.*$", r"\1pass", source, flags=re.M))):
            if isinstance(node, ast.Name):
                (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                bound.add(node.name)
            elif isinstance(node, ast.alias):
                bound.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.arg):
                bound.add(node.arg)
    return bound, read


@pytest.mark.parametrize("path", WITH, ids=lambda path: path.name)
def test_no_cell_that_stays_needs_what_only_a_solution_defines(path):
    code = [c for c in cells_of(path) if c.kind == "code"]
    solves = {c.name for c in code if pgbook_reader.SOLUTION.fullmatch(c.name)}
    assert solves
    defined, _ = names(c.source for c in code if c.name in solves)
    bound, read = names(c.source for c in code if c.name not in solves)
    assert not (defined - bound) & read


@pytest.mark.parametrize("path", WITH, ids=lambda path: path.name)
def test_a_readers_notebook_is_a_valid_one(path):
    notebook = nbformat.reads(pgbook_reader.notebook(path), as_version=4)
    nbformat.validate(notebook)
    assert not notebooks.problems(notebook)
    assert len({c.id for c in notebook.cells}) == len(notebook.cells)


def test_the_download_button_gives_the_readers_notebook(tmp_path):
    names = {"09_baselines": ".ipynb", "notation": ".md"}
    for name, suffix in names.items():
        (tmp_path / "_sources").mkdir(exist_ok=True)
        (tmp_path / "_sources" / f"{name}{suffix}").write_text("as it was", "utf-8")
    app = SimpleNamespace(
        outdir=tmp_path,
        builder=SimpleNamespace(format="html"),
        env=SimpleNamespace(found_docs=set(names), doc2path=lambda n: BOOK / f"{n}{names[n]}"),
    )
    given = tmp_path / "_sources" / "09_baselines.ipynb"
    pgbook_reader.finish(app, ValueError("the build failed"))
    assert given.read_text("utf-8") == "as it was"
    pgbook_reader.finish(app, None)
    assert given.read_text("utf-8") == pgbook_reader.notebook(BOOK / "09_baselines.ipynb")
    assert (tmp_path / "_sources" / "notation.md").read_text("utf-8") == "as it was"
