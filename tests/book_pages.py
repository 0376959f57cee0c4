"""The pages of the book as the tests read them: cells, equations, checks, links."""

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

import notebooks

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
CHECK = "application/vnd.pgbook.check+json"
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
TAG = re.compile(r"\\tag\{([^}]*)\}")


@dataclass(frozen=True)
class Cell:
    """One cell of one page; a Markdown file is a page of one cell."""

    page: str
    name: str
    kind: str
    source: str
    tags: tuple
    outputs: tuple

    def __str__(self):
        return f"{self.page} {self.name}"


def cells_of(path):
    """Return the cells of a page."""
    if path.suffix == ".md":
        return [Cell(path.name, "", "markdown", path.read_text("utf-8"), (), ())]
    return [
        Cell(
            path.name,
            cell["id"],
            cell["cell_type"],
            "".join(cell["source"]),
            tuple(cell["metadata"].get("tags", [])),
            tuple(cell.get("outputs", [])),
        )
        for cell in json.loads(path.read_text("utf-8"))["cells"]
    ]


def chapters():
    """Return the notebooks of the book, in its order."""
    return notebooks.chapters()


def pages():
    """Return every page of the book."""
    return [*chapters(), *sorted(BOOK.glob("*.md"))]


def all_cells():
    """Return every cell of every page."""
    return [cell for path in pages() for cell in cells_of(path)]


def equations():
    """Return the labelled equations: name -> cell."""
    return {c.name: c for c in all_cells() if c.kind == "markdown" and c.name.startswith("eq-")}


def checks():
    """Return the recorded checks with the cell that holds each."""
    return [
        (cell, output["data"][CHECK])
        for cell in all_cells()
        for output in cell.outputs
        if CHECK in output.get("data", {})
    ]


def imports(cell):
    """Return the names of the modules that a code cell imports."""
    source = re.sub(r"^\s*%.*$", "pass", cell.source, flags=re.M)
    nodes = list(ast.walk(ast.parse(source)))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module for node in nodes if isinstance(node, ast.ImportFrom)]


def bibliography_keys():
    """Return the anchors of the bibliography."""
    return re.findall(r"^\(([a-z0-9-]+)\)=$", (BOOK / "bibliography.md").read_text("utf-8"), re.M)


def without_code(text):
    """Return Markdown without fenced code and code spans, where a dollar is no maths."""
    return re.sub(r"^(`{3,})(?!\{).*?^\1|`[^`\n]*`", "", text, flags=re.DOTALL | re.M)
