"""A chapter's checks, one by one, against the package that is imported and the chapter beside it.

The chapters' comparison runs them all, so pytest does not collect this file. The planted bugs name
its tests: what a check is worth shows when the library or one of its two routes is wrong.
"""

import ast
import json
import re
import symtable
from pathlib import Path

import matplotlib.pyplot as plt
import pgbook
import pytest

BOOK = Path(pgbook.__file__).resolve().parents[1]  # planted copies of chapters lie beside pgbook
MUTATES = re.compile(r"\w+\.(append|extend|update|add|insert)\(")
CHECK = re.compile(r"check-eq-[a-z-]*[a-z](-\d+)?")


def code_cells(path):
    """Return a notebook's code cells, name -> source, without the one for Colab."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = [(cell["id"], "".join(cell["source"])) for cell in cells if cell["cell_type"] == "code"]
    return dict(code[1:])


def scopes(table):
    """Yield a symbol table and all that are nested in it."""
    yield table
    for child in table.get_children():
        yield from scopes(child)


def names(statement):
    """Return the names of the notebook that a statement sets or changes, and that it uses."""
    top, *inner = scopes(symtable.symtable(ast.unparse(statement), "cell", "exec"))
    own = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    uses |= {s.get_name() for table in inner for s in table.get_symbols() if s.is_global()}
    for node in ast.walk(statement):  # x[i] = 1, x.y = 1 and a line x.append(1) change x
        stored = isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store)
        if stored or (isinstance(node, ast.Expr) and MUTATES.match(ast.unparse(node))):
            own.add(re.match(r"\w*", ast.unparse(node))[0])
    return own, uses


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
    """Return the checks of the chapters: `05-eq-policy-gradient` -> (file, cell)."""
    found = [(path, name) for path in sorted(BOOK.glob("*.ipynb")) for name in code_cells(path)]
    return {
        f"{path.name[:2]}-{name.removeprefix('check-')}": (path.name, name)
        for path, name in found
        if CHECK.fullmatch(name)
    }


@pytest.fixture
def prepared(request):
    """The cell's source and a namespace in which what it stands on has run."""
    chapter, name = every_check()[request.param]
    cells, namespace = code_cells(BOOK / chapter), {}
    tree = ast.fix_missing_locations(preparation(cells, name))
    exec(compile(tree, chapter, "exec"), namespace)
    yield cells[name], namespace
    plt.close("all")  # pictures among what the check stands on


@pytest.mark.parametrize("prepared", every_check(), indirect=True)
def test_check(prepared):
    """The check passes; only a wrong number fails it, not a cell that does not run."""
    source, namespace = prepared
    try:
        exec(compile(source, "check", "exec"), namespace)
    except AssertionError:  # CheckFailed and ControlPassed are two
        raise
    except Exception as error:
        pytest.skip(f"no verdict: {error!r}")
