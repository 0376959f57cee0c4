"""What the teacher's page says of every chapter and every slide, read from the chapters."""

import json
import re
from html import escape
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pgbook_cells
import pgbook_map
import pgbook_orient
import pgbook_reader

BOOK = Path(__file__).parent.parent
CHAPTERS, SLIDES = '<div id="pg-chapters"></div>', '<div id="pg-slides"></div>'
MINUTES = "{minutes}"  # how long the pages take that the same item of a list links to
ITEM = re.compile(r"^- .*?(?=\n- |\n\n)", re.S | re.M)
PAGE_LINK = re.compile(r"\]\((\w+)\.ipynb\)")
CAPTION = re.compile(r"<figcaption><b>(Figure [A-Z\d]+\.\d+)\.</b> (.+?)</figcaption>", re.S)
EXPLORABLE = re.compile(r"<pg-[a-z]")
LINES = re.compile(r"proof-(eq-[a-z0-9-]*[a-z])(?:-\d+)?")


class Slide(NamedTuple):
    """Something that moves: the page, the cell, what it is called and what it shows."""

    page: str
    cell: str
    name: str
    shows: str


def pages() -> dict[str, list[dict]]:
    """{page: its cells}, every notebook of the book, in the book's order."""
    found = {}
    for page in pgbook_map.order():
        path = BOOK / f"{page}.ipynb"
        if path.exists():
            found[page] = json.loads(path.read_text("utf-8"))["cells"]
    return found


def text(cells: list[dict], name: str) -> str:
    """What stands in a page's cell of that name, or nothing."""
    return next(("".join(cell["source"]) for cell in cells if cell["id"] == name), "")


def title(cells: list[dict]) -> str:
    """A page's heading."""
    return text(cells, "title").split("\n")[0].removeprefix("# ")


def entry(page: str, cells: list[dict]) -> str:
    """A chapter in a list of definitions: what it needs, gives and takes, and its exercises."""
    lines = [f"[{title(cells)}]({page}.ipynb)"]
    lines += [line.replace("- ", ": ", 1) for line in text(cells, "orientation").split("\n")[1:]]
    lines.append(f": **Takes** {pgbook_orient.reading_time(cells)}")
    if names := list(pgbook_reader.answers(cells, page)):
        lines.append(f": [**Exercises**]({page}.ipynb#exercises) {names[0]} to {names[-1]}.")
    return "\n".join(lines)


def html(cell: dict) -> str:
    """The HTML that a cell shows."""
    shown = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
    return "".join("".join(part) for part in shown)


def slides(page: str, cells: list[dict]) -> list[Slide]:
    """The explorables and the moving derivations of a page, in its order."""
    number_of = pgbook_cells.numbers(cells)
    found = []
    for cell in cells:
        caption = CAPTION.search(html(cell))
        if caption and EXPLORABLE.search(html(cell)):
            found.append(Slide(page, cell["id"], caption[1], caption[2]))
        proves = LINES.fullmatch(cell["id"])
        if proves and "lines" in cell["metadata"].get("tags", []):
            words = proves[1].removeprefix("eq-").replace("-", " ")
            number = f"({number_of[proves[1]]})"
            found.append(Slide(page, cell["id"], number, f"{words}, line by line."))
    return found


def listed(slide: Slide) -> str:
    """One slide in a list; its address is HTML, since it goes through a script of the page."""
    address = f"{slide.page}.html?slide#{slide.cell}"
    return f'- <a href="{address}">{escape(slide.name)}</a> {slide.shows}'


def timed(item: str) -> str:
    """An item of a list that says how long its pages take, without what may be skipped."""
    if MINUTES not in item:
        return item
    parts = [part for name in PAGE_LINK.findall(item) for part in pgbook_orient.of_page(name)]
    minutes = sum(part.minutes for part in parts if not part.skipped)
    return item.replace(MINUTES, f"{pgbook_orient.whole(minutes)} minutes")


def page(markdown: str) -> str:
    """A page with its lists and its times in their places."""
    markdown = ITEM.sub(lambda item: timed(item[0]), markdown)
    if CHAPTERS in markdown:
        headed = {name: cells for name, cells in pages().items() if text(cells, "orientation")}
        lists = "\n\n".join(entry(name, cells) for name, cells in headed.items())
        markdown = markdown.replace(CHAPTERS, lists)
    if SLIDES in markdown:
        found = [slide for name, cells in pages().items() for slide in slides(name, cells)]
        lists = [
            "\n".join([f"**{title(pages()[name])}**", "", *map(listed, of_page)])
            for name, of_page in groupby(found, key=lambda slide: slide.page)
        ]
        markdown = markdown.replace(SLIDES, "\n\n".join(lists))
    return markdown
