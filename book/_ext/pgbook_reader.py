"""The reader's notebook: a chapter without its hints and solutions, with room for one's own.

The chapters of the repository hold them, executed. What a reader downloads, opens in Colab or gets
from a teacher is made from them here, and so is what `pgbook.exercises` answers when he asks.
"""

import json
import re
from pathlib import Path

from sphinx.application import Sphinx

EXERCISE = re.compile(r"exercise-(\d+)")
SOLUTION = re.compile(r"solution-(\d+)(?:-.+)?")
# What stands folded below a question; other folds of a page stay.
FOLDED = re.compile(r"\s*<details><summary>(Hint|Solution)</summary>\n*(.*?)\n*</details>", re.S)
# ... and code that a question begins, for the reader to go on from.
STARTER = re.compile(r"\n*^```python\n(.*?)\n```$", re.S | re.M)
NUMBERED = re.compile(r'(?:\\tag\{|\bnumber=")([A-Z]|\d+)\.')
LINK = re.compile(r"\]\((?:([\w-]+)\.(?:ipynb|md))?(#[\w-]+)?\)")
ASK = """from pgbook.exercises import hint, solution

# Stuck? hint("{0}") gives a hint, and solution("{0}") the solution."""


def text(cell: dict) -> str:
    """What stands in a cell."""
    return "".join(cell["source"])


def prefix(cells: list[dict]) -> str:
    """What the numbers of a page begin with, read from its own: "9", or a letter.

    Raises:
        ValueError: a page without a numbered equation or figure.
    """
    found = NUMBERED.search("\n".join(map(text, cells)))
    if not found:
        raise ValueError(r'expected a page with a \tag{9.1} or a number="9.1", got none')
    return found[1]


def elsewhere(markdown: str, page: str) -> str:
    """The text with its links into the book as addresses below the book's own."""

    def address(link: re.Match) -> str:
        return f"](book:{link[1] or page}.html{link[2] or ''})"

    return LINK.sub(address, markdown)


def answers(cells: list[dict], page: str) -> dict[str, dict[str, str]]:
    """{"9.1": {"hint", "solution", "code"}} of a page's exercises."""
    found: dict[str, dict[str, str]] = {}
    for cell in cells:
        if exercise := EXERCISE.fullmatch(cell["id"]):
            folds = {kind.lower(): body for kind, body in FOLDED.findall(text(cell))}
            said = {kind: elsewhere(folds[kind], page) for kind in ("hint", "solution")}
            found[f"{prefix(cells)}.{exercise[1]}"] = {**said, "code": ""}
        elif solves := SOLUTION.fullmatch(cell["id"]):
            given = found[f"{prefix(cells)}.{solves[1]}"]
            given["code"] += "\n\n" * bool(given["code"]) + text(cell)
    return found


def empty(name: str, source: str) -> dict:
    """A code cell that has not run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": name,
        "metadata": {},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def question(cell: dict, number: str) -> list[dict]:
    """An exercise without its folds, and a cell for the reader's code, which may have begun."""
    asked = FOLDED.sub("", text(cell))
    begun = STARTER.search(asked)
    code = begun[1] if begun else f"# Exercise {number}: your code"
    asked = STARTER.sub("", asked, count=1)
    room = empty(cell["id"].replace("exercise", "yours"), code)
    return [{**cell, "source": asked.splitlines(keepends=True)}, room]


def reader(cells: list[dict]) -> list[dict]:
    """The cells of a page as its reader gets them; a page without exercises stays as it is."""
    kept: list[dict] = []
    for cell in cells:
        if exercise := EXERCISE.fullmatch(cell["id"]):
            number = f"{prefix(cells)}.{exercise[1]}"
            if not any(before["id"] == "ask" for before in kept):
                kept.append(empty("ask", ASK.format(number)))
            kept += question(cell, number)
        elif not SOLUTION.fullmatch(cell["id"]):
            kept.append(cell)
    return kept


def notebook(path: Path) -> str:
    """The text of the reader's notebook for one of the repository's."""
    book = json.loads(path.read_text("utf-8"))
    book["cells"] = reader(book["cells"])
    return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def finish(app: Sphinx, error: Exception | None) -> None:
    """Put the reader's notebooks in the place of those that a page's download button gives."""
    if error or app.builder.format != "html":
        return
    for name in sorted(app.env.found_docs):
        written = Path(app.env.doc2path(name))
        copied = Path(app.outdir) / "_sources" / f"{name}.ipynb"
        if written.suffix == ".ipynb" and copied.exists():
            copied.write_text(notebook(written), "utf-8")


def setup(app: Sphinx) -> None:
    """Register what this module does."""
    app.connect("build-finished", finish)
