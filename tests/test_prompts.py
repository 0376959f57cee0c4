"""Prompts of the explorables: one wording, and a guess wherever a figure asks for one."""

import json
import re

import pytest
from book_pages import BOOK

pytestmark = pytest.mark.once

ELEMENTS = BOOK / "pgbook" / "explorables" / "js" / "elements"
GUESS, TRY = "**Guess first, then reveal.** ", "**Try it.** "
OTHERS = re.compile(r"\*\*(Try\.|What to move|What to look for|What you should see|Guess first\.)")


def asking():
    """Tags of the elements that let the reader guess, and what they ask."""
    found = {}
    for path in ELEMENTS.rglob("*.js"):
        tag = re.search(r'static tag = "(pg-[a-z-]+)"', path.read_text("utf-8"))
        ask = re.search(r'ask: "(.+?)"', path.read_text("utf-8"))
        if tag and ask:
            found[tag[1]] = ask[1]
    return found


def prompts():
    """Every explorable of a chapter: page, tag, and the cell below it."""
    for path in sorted(BOOK.glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        for cell, below in zip(cells, cells[1:], strict=False):
            tag = re.search(r"<(pg-[a-z-]+) ", json.dumps(cell.get("outputs", [])))
            if tag:
                yield path.stem, tag[1], "".join(below["source"])


PROMPTS = list(prompts())


def test_every_question_ends_in_a_question_mark():
    questions = asking()
    assert len(questions) >= 5 and all(ask.endswith("?") for ask in questions.values())


@pytest.mark.parametrize("page, tag, text", PROMPTS, ids=[page for page, _, _ in PROMPTS])
def test_a_prompt_has_the_books_wording(page, tag, text):
    assert TRY.strip() in text
    assert text.startswith(GUESS if tag in asking() else TRY.strip())
    assert (GUESS in text) == (tag in asking())
    assert not OTHERS.search(text)
