"""The map of the derivation: which equation rests on which, read from the chapters.

An equation rests on those that its own cell (its condition), the claim before it and its proof
refer to, by number, "(3.2)", or by link, "[3.2](...#eq-score-expectation)".
"""

import json
import re
from html import escape
from pathlib import Path
from typing import NamedTuple

import yaml

BOOK = Path(__file__).parent.parent
TAG = re.compile(r"\\tag\{([^}]*)\}")
PART = re.compile(r"(?:claim-|proof-)?(eq-[a-z-]*[a-z])(?:-\d+)?")
LINKED = re.compile(r"\]\([^)\s]*#(?:proof-)?(eq-[a-z-]*[a-z])\)")
WRITTEN = {"book/way", "book/teacher"}  # the pages that are written from all chapters
PLACE = '<div id="pg-map"></div>'  # where a page wants the map
WIDE, STEP, ROW = 720, 41, 62  # of the drawing, between neighbours, between chapters
BOX = (36, 22)
NUMBER = re.compile(r"(?<![\w.$\[])\(([A-Z\d]+\.\d+[ab]?)\)")


class Equation(NamedTuple):
    """One labelled equation: where it stands, its number, and the labels that it rests on."""

    label: str
    tag: str
    page: str
    rests_on: tuple[str, ...]

    @property
    def chapter(self) -> str:
        """What its number begins with: the chapter's number, or its letter."""
        return self.tag.split(".")[0]

    @property
    def name(self) -> str:
        """The label in words."""
        return self.label.removeprefix("eq-").replace("-", " ")


def order() -> list[str]:
    """The pages of the book as the table of contents has them."""
    toc = yaml.safe_load((BOOK.parent / "_toc.yml").read_text("utf-8"))
    return [Path(chapter["file"]).name for part in toc["parts"] for chapter in part["chapters"]]


def parts() -> dict[str, dict[str, str]]:
    """{page: {label: all Markdown that belongs to the equation}}, pages in the book's order."""
    found = {}
    for page in order():
        path = BOOK / f"{page}.ipynb"
        if not path.exists():
            continue
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            belongs = PART.fullmatch(cell["id"])
            if cell["cell_type"] == "markdown" and belongs:
                texts = found.setdefault(page, {})
                texts[belongs[1]] = texts.get(belongs[1], "") + "\n" + "".join(cell["source"])
    return found


def equations() -> list[Equation]:
    """Every labelled equation in the book's order, with what it rests on."""
    stands = [
        (label, TAG.search(text)[1], page, text)
        for page, texts in parts().items()
        for label, text in texts.items()
        if TAG.search(text)
    ]
    numbered = {}
    for label, tag, *_ in stands:
        numbered.setdefault(tag, []).append(label)
        if tag[-1].isalpha():  # (5.2) is (5.2a) and (5.2b)
            numbered.setdefault(tag[:-1], []).append(label)
    found = []
    for label, tag, page, text in stands:
        named = [x for number in NUMBER.findall(text) for x in numbered.get(number, [])]
        named += LINKED.findall(text)
        rests = dict.fromkeys(x for x in named if x != label)
        found.append(Equation(label, tag, page, tuple(rests)))
    return found


def title(page: str) -> str:
    """The first heading of a page."""
    cells = json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))["cells"]
    text = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return re.search(r"^# (.+)$", text, re.M)[1]


def rows(found: list[Equation]) -> dict[str, list[Equation]]:
    """{page: its equations}, in the book's order."""
    pages = {}
    for equation in found:
        pages.setdefault(equation.page, []).append(equation)
    return pages


def places(found: list[Equation]) -> dict[str, tuple[float, float]]:
    """{label: the centre of its box}: a row for each chapter, its equations from left to right."""
    return {
        equation.label: (
            WIDE / 2 + 20 + STEP * (column - (len(chapter) - 1) / 2),
            ROW * (row + 0.6),
        )
        for row, chapter in enumerate(rows(found).values())
        for column, equation in enumerate(chapter)
    }


def line(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A curve from the top of a box to the bottom of one above, or over the row to a neighbour."""
    (x, y), (u, v) = start, end
    half = BOX[1] / 2
    if y == v:
        lift = half + 6 + abs(x - u) / 14
        return f"M{x:g} {y - half:g}C{x:g} {y - lift:.3g} {u:g} {v - lift:.3g} {u:g} {v - half:g}"
    bend = ROW / 2
    return f"M{x:g} {y - half:g}C{x:g} {y - bend:g} {u:g} {v + bend:g} {u:g} {v + half:g}"


def link(equation: Equation, inside: str, words: str = "") -> str:
    """A link to the equation in its chapter."""
    label = f' aria-label="{escape(words)}"' if words else ""
    return f'<a href="{equation.page}.html#{equation.label}"{label}>{inside}</a>'


def box(equation: Equation, tags: dict[str, str], at: dict[str, tuple[float, float]]) -> str:
    """One equation of the drawing with the lines to what it rests on."""
    x, y = at[equation.label]
    lines = "".join(f'<path d="{line((x, y), at[name])}"/>' for name in equation.rests_on)
    width, height = BOX
    inside = (
        f'<rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width}" height="{height}" '
        f'rx="4"/><text x="{x:g}" y="{y + 4:g}">{equation.tag}</text>'
    )
    rests = ", ".join(tags[name] for name in equation.rests_on)
    words = f"{equation.tag} {equation.name}" + (f", rests on {rests}" if rests else "")
    return f"<g>{lines}{link(equation, f'<title>{escape(words)}</title>{inside}', words)}</g>"


def drawing(found: list[Equation]) -> str:
    """The map as SVG, whose boxes are links.

    All lines lie under all boxes; a box has its own once more, for when it is pointed at.
    """
    tags, at = {e.label: e.tag for e in found}, places(found)
    under = "".join(line(at[e.label], at[name]) for e in found for name in e.rests_on)
    chapters = "".join(
        f'<g class="pg-map-row" id="map-{number}"><text class="pg-map-chapter" x="0" '
        f'y="{ROW * (row + 0.6) + 4:g}">{number}</text>'
        f"{''.join(box(equation, tags, at) for equation in chapter)}</g>"
        for row, chapter in enumerate(rows(found).values())
        for number in [chapter[0].chapter]
    )
    height = ROW * (len(rows(found)) + 0.2)
    return (
        f'<svg viewBox="0 0 {WIDE} {height:g}" role="group" aria-label="Which equation rests on '
        f'which: a row for each chapter, a line to what each one uses"><path d="{under}"/>'
        f"{chapters}</svg>"
    )


def listing(found: list[Equation]) -> str:
    """The map as a nested list."""
    known = {e.label: e for e in found}
    chapters = []
    for page, chapter in rows(found).items():
        lines = []
        for equation in chapter:
            rests = ", ".join(link(known[name], known[name].tag) for name in equation.rests_on)
            own = link(equation, f"{equation.tag} {escape(equation.name)}")
            lines.append(f"<li>{own}{f', rests on {rests}' if rests else ''}</li>")
        head = f'<a href="{page}.html">{escape(title(page))}</a>'
        chapters.append(f"<li>{head}<ul>{''.join(lines)}</ul></li>")
    return f'<ul class="pg-map-list">{"".join(chapters)}</ul>'


def page(body: str) -> str:
    """The page with the map where it wants one."""
    if PLACE not in body:
        return body
    found = equations()
    return body.replace(PLACE, f'<div class="pg-derivation">{drawing(found)}</div>{listing(found)}')


def outdated(_app, env, added: set, changed: set, removed: set) -> list[str]:
    """What must be read anew when a chapter has changed: the pages written from all of them."""
    return sorted(WRITTEN & set(env.found_docs)) if added | changed | removed else []
