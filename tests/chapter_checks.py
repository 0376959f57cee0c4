"""A chapter's checks, one by one, against the package that is imported and the chapter beside it.

The chapters' comparison runs them all, so pytest does not collect this file. The planted bugs name
its tests: what a check is worth shows when the library or one of its two routes is wrong.
"""

import ast
import json
import re
from pathlib import Path

import pgbook
import pytest
from pgbook.ledger import CheckFailed

BOOK = Path(pgbook.__file__).resolve().parents[1]  # planted copies of chapters lie beside pgbook
MUTATORS = {"append", "extend", "update", "add", "insert"}  # methods that change their object
CHECK = re.compile(r"check-eq-[a-z-]*[a-z](-\d+)?")


def code_cells(path):
    """Return a notebook's code cells, name -> source, without the one for Colab."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [(cell["id"], "".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    return dict(code[1:])


def names(statement):
    """Return the names that a statement sets or changes, and those that it uses."""
    nodes = list(ast.walk(statement))
    uses = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}, uses
    if isinstance(statement, ast.ImportFrom):
        return {alias.asname or alias.name for alias in statement.names}, uses
    if isinstance(statement, ast.Import):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}, uses
    own = {id(n) for c in nodes if isinstance(c, ast.comprehension) for n in ast.walk(c.target)}
    sets = set()
    for node in nodes:
        changed = isinstance(getattr(node, "ctx", None), ast.Store) and id(node) not in own
        if changed or (isinstance(node, ast.Attribute) and node.attr in MUTATORS):
            sets |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return sets, uses


def one_by_one(source):
    """Return the statements of a cell, an import of several names as several."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                yield ast.ImportFrom(statement.module, [alias], statement.level)
        else:
            yield statement


def from_outside(source):
    """Return the names that a cell takes from earlier ones; its functions find its own."""
    statements = [(*names(statement), statement) for statement in ast.parse(source).body]
    own, needed = set().union(*(sets for sets, _, _ in statements)), set()
    before = set()
    for sets, uses, statement in statements:
        needed |= uses - (own if isinstance(statement, ast.FunctionDef) else before)
        before |= sets
    return needed


def preparation(cells, name):
    """Return what the earlier cells must have run for this one: the statements it stands on."""
    earlier = list(cells)[: list(cells).index(name)]
    statements = [statement for cell in earlier for statement in one_by_one(cells[cell])]
    needed, kept, size = from_outside(cells[name]), set(), -1
    while size != len(kept):
        size = len(kept)
        for index, statement in enumerate(statements):
            sets, uses = names(statement)
            if sets & needed and not isinstance(statement, ast.Assert):
                kept.add(index)
                needed |= uses
    return ast.Module([statements[index] for index in sorted(kept)], [])


def every_check():
    """Return the checks of the chapters: (file, cell)."""
    found = [(path, name) for path in sorted(BOOK.glob("*.ipynb")) for name in code_cells(path)]
    return [(path.name, name) for path, name in found if CHECK.fullmatch(name)]


@pytest.fixture
def prepared(request):
    """The cell's source and a namespace in which what it stands on has run."""
    chapter, name = request.param
    cells, namespace = code_cells(BOOK / chapter), {}
    tree = ast.fix_missing_locations(preparation(cells, name))
    exec(compile(tree, chapter, "exec"), namespace)
    return cells[name], namespace


@pytest.mark.parametrize(
    "prepared",
    every_check(),
    ids=lambda check: f"{check[0][:2]}-{check[1].removeprefix('check-')}",
    indirect=True,
)
def test_check(prepared):
    """The check passes; only a wrong number fails it, not a cell that does not run."""
    source, namespace = prepared
    try:
        exec(compile(source, "check", "exec"), namespace)
    except (CheckFailed, AssertionError):
        raise
    except Exception as error:
        pytest.skip(f"no verdict: {error!r}")
