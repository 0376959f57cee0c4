"""The normaliser on notebooks that are not normal: what varies goes, what is meant stays."""

import copy
import string
import uuid

import nbformat
import notebooks
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

pytestmark = pytest.mark.once

VIEW = "application/vnd.jupyter.widget-view+json"
NAMES = st.from_regex(r"[a-z]{3,8}(-[a-z0-9]{1,3}){0,2}", fullmatch=True)
LINES = st.text(string.ascii_letters + "= +(é", min_size=1, max_size=8).map(lambda s: "x" + s + "y")
SOURCES = st.lists(st.one_of(LINES, st.just("")), min_size=1, max_size=4).map(
    lambda lines: "\n".join(["first", *lines, "last"])
)
TAGS = st.lists(st.sampled_from(sorted(notebooks.ALLOWED_TAGS)), unique=True, max_size=3)
DATA = st.fixed_dictionaries({"text/plain": LINES}, optional={"text/html": LINES})


@st.composite
def clean_outputs(draw, count):
    """Outputs as they are stored: one stream of each name, no metadata."""
    results = [
        new_output("execute_result", data, execution_count=count)
        for data in draw(st.lists(DATA, max_size=1))
    ]
    shown = [new_output("display_data", data) for data in draw(st.lists(DATA, max_size=2))]
    streams = [
        new_output("stream", name=name, text=draw(LINES) + "\n" + draw(LINES))
        for name in draw(st.lists(st.sampled_from(["stdout", "stderr"]), unique=True))
    ]
    errors = [
        new_output("error", ename="ValueError", evalue=text, traceback=[f"ValueError: {text}"])
        for text in draw(st.lists(LINES, max_size=1))
    ]
    return draw(st.permutations([*results, *shown, *streams, *errors]))


@st.composite
def clean_notebooks(draw):
    """Notebooks as they are stored."""
    cells, count = [], 0
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        tags = draw(TAGS)
        common = {"id": name, "metadata": {"tags": tags} if tags else {}}
        if draw(st.booleans()):
            cells.append(new_markdown_cell(draw(SOURCES), **common))
        else:
            count += 1
            outputs = draw(clean_outputs(count))
            code = {"outputs": outputs, "execution_count": count}
            cells.append(new_code_cell(draw(SOURCES), **common, **code))
    return new_notebook(cells=cells, metadata=notebooks.METADATA)


def dirty_outputs(draw, outputs):
    """The same outputs as a kernel may send them."""
    sent, rest = [], []
    for output in copy.deepcopy(outputs):
        if output.output_type == "stream":
            cut = draw(st.integers(0, len(output.text)))
            sent.append(new_output("stream", name=output.name, text=output.text[:cut]))
            rest.append(new_output("stream", name=output.name, text=output.text[cut:]))
            continue
        if output.output_type == "error":
            output.traceback = ["\x1b[31m----", f"/home/me/{draw(NAMES)}.py", *output.traceback]
        else:
            output.metadata = draw(st.sampled_from([{}, {"needs_background": "light"}]))
            if draw(st.booleans()):
                output.data[VIEW] = {"model_id": draw(NAMES)}
        if output.output_type == "execute_result":
            output.execution_count = draw(st.integers(1, 99))
        sent.append(output)
    if draw(st.booleans()):
        sent.append(new_output("display_data", {VIEW: {"model_id": "of-a-widget"}}))
    return sent + rest  # the second halves come late, among others


@st.composite
def dirty(draw, clean):
    """The same notebook as an editor may leave it."""
    notebook = copy.deepcopy(clean)
    notebook.nbformat_minor = draw(st.sampled_from([4, 5]))
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": {"name": draw(NAMES)}, "language_info": {"version": "3.12.1"}, "toc": {}}
    )
    cells = []
    for cell in notebook.cells:
        lines = [line + draw(st.sampled_from(["", " ", "\t"])) for line in cell.source.split("\n")]
        above, below = ("\n" * draw(st.integers(0, 2)) for _ in range(2))
        cell.source = above + "\n".join(lines) + below
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"execution": {"iopub": "now"}, "collapsed": True})
        if tags or draw(st.booleans()):
            cell.metadata["tags"] = tags + draw(st.permutations(tags))
        if cell.cell_type == "code":
            cell.execution_count = draw(st.none() | st.integers(1, 99))
            cell.outputs = dirty_outputs(draw, cell.outputs)
        else:
            cell.attachments = {"a.png": {"image/png": "aGk="}}
        cells.append(cell)
        if draw(st.booleans()):
            cells.append(draw(st.sampled_from([new_code_cell, new_markdown_cell]))(" \n\t\n"))
    notebook.cells = cells
    return notebook


PAIRS = clean_notebooks().flatmap(lambda clean: st.tuples(st.just(clean), dirty(clean)))


@given(PAIRS)
def test_what_an_editor_and_a_kernel_add_is_taken_out_and_nothing_else(pair):
    clean, changed = pair
    before = copy.deepcopy(changed)
    assert notebooks.normalise(changed) == clean
    assert changed == before, "the notebook given was changed"


@given(clean_notebooks())
def test_a_normal_notebook_stays_as_it_is(clean):
    assert notebooks.normalise(clean) == clean
    nbformat.validate(clean)


def test_it_becomes_format_4_5_with_the_books_kernel_whatever_it_was():
    normal = notebooks.normalise(nbformat.from_dict({**new_notebook(), "nbformat": 3}))
    assert (normal.nbformat, normal.nbformat_minor) == (4, 5)
    assert normal.metadata.kernelspec == {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    assert normal.metadata.language_info == {"name": "python", "pygments_lexer": "ipython3"}


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("my-cell-2", True),
        ("deadbeef", True),  # a word, no digit
        ("step-12345678", True),
        ("3fa9b2c1", False),
        ("12345678", False),
        ("3fa9b2c14", True),
        (str(uuid.UUID(int=0x3FA9B2C1_1234_4234_8234_123456789ABC)), False),
        ("My-Cell", False),
        ("my_cell", False),
        ("-cell", False),
        ("cell-", False),
        ("a--b", False),
    ],
)
def test_an_id_that_a_person_chose_is_kept(given_, kept):
    cells = [new_markdown_cell("## What it says", id=given_)]
    notebooks.stable_ids(cells)
    assert cells[0].id == (given_ if kept else "what-it-says")


def test_ids_are_unique_and_the_first_keeps_its_own():
    wanted = ["same", "same", "same-2", "same", "other", "same-2"]
    sources = ["a", "Same", "Same", "Same!", "a", "Last one"]
    cells = [new_markdown_cell(s, id=i) for s, i in zip(sources, wanted, strict=True)]
    notebooks.stable_ids(cells)
    assert [c.id for c in cells] == ["same", "same-2", "same-3", "same-4", "other", "last-one"]


def test_a_cell_without_an_id_gets_one():
    cells = [new_code_cell("x = 1")]
    del cells[0]["id"]
    notebooks.stable_ids(cells)
    assert cells[0].id == "x"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("# One two, THREE!\nfour five six seven", "one-two-three-four-five"),
        ("The agent's $x + y$ score <b>of</b> [5.4](05_a.ipynb#eq-b)", "the-agents-score-of-5"),
        ("a $x$b$y$ c", "a-b-c"),
        ("averylongword" * 5, ("averylongword" * 5)[:48]),
        ("seventeen-letters " * 3, "seventeen-letters-seventeen-letters-seventeen"[:48].strip("-")),
        ("a" * 47 + " b", "a" * 47),
        ("!!!", "markdown"),
    ],
)
def test_a_markdown_cell_is_named_by_its_first_words(source, name):
    assert notebooks.slug(new_markdown_cell(source)) == name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import numpy\nimport torch", "imports"),
        ("# nothing", "code"),
        ("x = 1\ndef my_function(a):\n    return a\n", "my-function"),
        ("def f():\n    pass\nmy_value = f()\nfor i in []:\n    pass", "my-value"),
        ("class My_Class:\n    a = 1", "my-class"),
        ("a = b = 1", "a"),
        ("plots.show_me(fig, alt='x')", "plots-show-me-fig-alt"),
        ("%matplotlib inline", "matplotlib-inline"),
        ("1 +", "1"),
        ("...", "code"),
    ],
)
def test_a_code_cell_is_named_by_what_it_ends_in(source, name):
    assert notebooks.slug(new_code_cell(source)) == name


def test_streams_are_joined_where_they_first_appear():
    def stream(name, text):
        return new_output("stream", name=name, text=text)

    shown = new_output("display_data", {"text/plain": "1"})
    sent = [stream("stderr", "a"), shown, stream("stdout", "b"), stream("stderr", "c\n")]
    kept = notebooks.stable_outputs([*sent, stream("stdout", "d")])
    assert kept == [stream("stderr", "ac\n"), shown, stream("stdout", "bd")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<object at 0x7f3a2b>", "at 0x7f3a2b"),
        ("an address at 0x12345 of five digits", None),
        ("flat 0x7f3a2b1c", None),
        ("/home/me/book", "/home/m"),
        ("/root/x and /work/y", "/root/x"),
        ("/Users/me", "/Users/m"),
        ("/tmp/ab", "/tmp/a"),
        ("in /work/a", "/work/a"),
        ("https://example.org/home/page", None),
        ("a/tmp/b", None),
        ("./tmp/b", None),
        ("/tmp alone", None),
        ("C:\\Users\\me", "C:\\Users\\"),
        ("D:\\Data\\me", None),
    ],
)
@pytest.mark.parametrize("kind", ["stream", "error", "text/plain", "image/svg+xml"])
def test_an_address_or_a_path_of_this_machine_is_named(text, found, kind):
    output = {
        "stream": lambda: new_output("stream", text=text),
        "error": lambda: new_output("error", ename="OSError", evalue=text, traceback=[]),
    }.get(kind, lambda: new_output("display_data", {"a/b": "before", kind: text}))()
    cell = new_code_cell("1", id="where", outputs=[new_output("stream", text="fine"), output])
    told = notebooks.problems(new_notebook(cells=[new_markdown_cell("a"), cell]))
    expected = [f"where: the output holds {found!r}, other on each machine"] if found else []
    assert told == expected


def test_a_picture_holds_no_path():
    cell = new_code_cell("1", outputs=[new_output("display_data", {"image/png": "/tmp/abc"})])
    assert not notebooks.problems(new_notebook(cells=[cell]))


def test_only_the_books_tags_may_stand():
    allowed = {"nbval-ignore-output", "nbval-skip", "raises-exception", "margin", "idea", "lines"}
    allowed |= {"long-proof", "hide-cell", "remove-cell", "remove-output"}
    cell = new_markdown_cell("x", id="tagged", metadata={"tags": sorted(allowed)})
    assert not notebooks.problems(new_notebook(cells=[cell]))
    for tag in ("hide_input", "Margin", "skip-execution"):
        cell.metadata["tags"] = ["margin", tag]
        (told,) = notebooks.problems(new_notebook(cells=[cell]))
        assert told.startswith(f"tagged: tag {tag!r} is not one of ['hide-cell', ")
