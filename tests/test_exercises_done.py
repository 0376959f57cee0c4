"""A done exercise leaves its chapter as it was: no cell outside it knows a name that it defines."""

import ast
import json
import re
import symtable

import pytest
from book_pages import BOOK

pytestmark = pytest.mark.once

PAGES = sorted(BOOK.glob("*.ipynb"))


def code_of(page):
    """The code cells of a page by id, without what the first one asks of the shell."""
    for cell in json.loads(page.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            yield cell["id"], re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.M)


def known_to(table):
    """The names of the notebook that code binds or reads, without what is local to a function."""
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        if top or symbol.is_global():
            yield symbol.get_name()
    for inner in table.get_children():
        yield from known_to(inner)


def defined_by(source):
    body = ast.parse(source).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def clashes(cells):
    """What solutions define and other cells know; `solution-2-numbers` belongs to `solution-2`."""
    known = {id: set(known_to(symtable.symtable(cells[id], id, "exec"))) for id in cells}
    for id in cells:
        if re.fullmatch(r"solution-\d+", id):
            for other in cells:
                if other != id and not other.startswith(f"{id}-"):
                    yield from ((id, other, name) for name in defined_by(cells[id]) & known[other])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_other_cell_knows_what_a_solution_defines(page):
    assert list(clashes(dict(code_of(page)))) == []


@pytest.mark.parametrize(
    "other",
    ["from m import gae", "gae = 3", "def gae(): ...", "def f():\n    return gae(2)", "import gae"],
)
def test_whatever_knows_the_name_is_found(other):
    cells = {
        "solution-4": "def gae(r):\n    return r",
        "update": other,
        "solution-4-more": "gae(1)",
    }
    assert list(clashes(cells)) == [("solution-4", "update", "gae")]


def test_a_local_name_is_no_clash():
    cells = {"solution-4": "def gae(r): ...", "update": "def f(gae):\n    return gae(1)"}
    assert not list(clashes(cells))
