"""How long a page takes, and what the built book shows of it at a chapter's head.

The rule: 150 words a minute, half a minute for a displayed equation, a minute for a figure. An
inline formula is a word. Code is not counted, nor are hints, solutions and exercises.
"""

import json
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BOOK = Path(__file__).parent.parent
WORDS_A_MINUTE = 150
OF_AN_EQUATION, OF_A_FIGURE = 0.5, 1.0  # minutes
SKIP = "*Skip on first reading.*"
HEADING = re.compile(r"^##? (.+)$", re.M)
FOLDED = re.compile(r"<details>.*?</details>|^```.*?^```|\$\$.+?\$\$|<[^>]+>", re.DOTALL | re.M)
INLINE = re.compile(r"\$[^$]+\$|`[^`]+`")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
DISPLAY = re.compile(r"\$\$.+?\$\$", re.DOTALL)
EXPLORABLE = re.compile(r"<pg-[a-z]")
LISTED = re.compile(r"^(\d+\. \[[^\]]+)\]\(([\w-]+)\.ipynb#(?!eq-)([\w-]+)\)(.*)$", re.M)


@dataclass
class Section:
    """A page from one heading to the next: the cell that opens it, and what there is to read."""

    cell: str
    title: str
    skipped: bool = False
    words: int = 0
    equations: int = 0
    figures: int = 0

    @property
    def minutes(self) -> float:
        """How long it takes to read."""
        shown = self.equations * OF_AN_EQUATION + self.figures * OF_A_FIGURE
        return self.words / WORDS_A_MINUTE + shown

    def read(self, text: str) -> None:
        """Count a piece of Markdown."""
        self.equations += len(DISPLAY.findall(text))
        text = INLINE.sub("formula", LINK.sub(r"\1", FOLDED.sub(" ", text)))
        self.words += len(re.findall(r"\w+", re.sub(r"(?<=\w)['’-](?=\w)", "", text)))


def figures(cell: dict) -> int:
    """The figures and explorables among a code cell's outputs."""
    shown = [output.get("data", {}) for output in cell.get("outputs", [])]
    explorables = [data for data in shown if EXPLORABLE.search("".join(data.get("text/html", "")))]
    return len(explorables) + sum("image/svg+xml" in data for data in shown)


def sections(cells: list[dict]) -> list[Section]:
    """The sections of a notebook, up to its exercises."""
    found: list[Section] = []
    for cell in cells:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            if found:
                found[-1].figures += figures(cell)
            continue
        *before, after = re.split(r"(?m)^(?=##? )", text)
        for part in (*before, after):
            if heading := HEADING.match(part):
                if heading[1] == "Exercises":
                    return found
                found.append(Section(cell["id"], heading[1], SKIP in part))
            if found:
                found[-1].read(part.replace(SKIP, ""))
    return found


@cache
def of_page(page: str) -> list[Section]:
    """The sections of a page of the book."""
    return sections(json.loads((BOOK / f"{page}.ipynb").read_text("utf-8"))["cells"])


def whole(minutes: float) -> int:
    """Minutes as they are shown: to the nearest, at least 1."""
    return max(1, math.floor(minutes + 0.5))


def reading_time(cells: list[dict]) -> str:
    """One sentence: how long the page takes, and how long without what may be skipped."""
    parts = sections(cells)
    everything = whole(sum(part.minutes for part in parts))
    first = sum(part.minutes for part in parts if not part.skipped)
    if parts[0].skipped:
        return f"{everything} minutes, none of them on a first reading."
    if whole(first) == everything:
        return f"{everything} minutes."
    return f"{everything} minutes, {whole(first)} without what is marked *skip on first reading*."


def on_the_map(cells: list[dict]) -> str:
    """A link to the chapter's row on the map of the derivation, if it has equations."""
    text = "".join("".join(c["source"]) for c in cells if c.get("id", "").startswith("eq-"))
    number = re.search(r"\\tag\{(\w+)\.", text)
    return f' <a href="way.html#map-{number[1]}">Its place on the map</a>.' if number else ""


def boxed(name: str, text: str) -> str:
    """Markdown in a box of its own."""
    return f"::::{{container}} {name}\n{text}\n::::"


def dressed(cell: dict, text: str, cells: list[dict]) -> str:
    """A Markdown cell of a chapter's head or end as the built book shows it."""
    if cell.get("id") == "orientation":
        return boxed("pg-orient", f"{text}\n- **Takes** {reading_time(cells)}{on_the_map(cells)}")
    if cell.get("id") == "algorithm":
        return boxed("pg-algorithm", text)
    return text.replace(SKIP, boxed("pg-skip", SKIP.strip("*")))


def slug(title: str) -> str:
    """The anchor that MyST gives to a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def listed(text: str) -> str:
    """Say of each section in a list of links how long it takes, and link to its heading."""

    def shown(link: re.Match) -> str:
        (section,) = [part for part in of_page(link[2]) if part.cell == link[3]]
        time = whole(section.minutes)
        to = f"]({link[2]}.ipynb#{slug(section.title)})"
        return f"{link[1]}{to} ({time} minute{'s' * (time > 1)}){link[4]}"

    return LISTED.sub(shown, text)


def first_reading(text: str) -> list[Section]:
    """The sections that a list of links leads through."""
    return [
        part for link in LISTED.finditer(text) for part in of_page(link[2]) if part.cell == link[3]
    ]
