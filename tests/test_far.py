"""What a section's height is guessed from, and the style that takes the guess."""

import re

import pgbook_far
import pytest
from book_pages import BOOK
from docutils import nodes
from pgbook_fold import Fold

pytestmark = pytest.mark.once

CSS = (BOOK / "static" / "book.css").read_text("utf-8")
FIGURE = '<figure class="pg-shown"><div><svg viewBox="0 0 400 100"></svg></div></figure>'


def words(count):
    """A paragraph of so many characters."""
    return nodes.paragraph("", "x" * count)


@pytest.mark.parametrize(
    ("part", "px"),
    [
        (words(1), 17 + 29),
        (words(85), 17 + 2 * 29),
        (nodes.paragraph("", "x" * 80, nodes.math("", "y" * 12)), 17 + 29),
        (nodes.paragraph("", "x" * 80, nodes.math("", "y" * 15)), 17 + 2 * 29),
        (nodes.math_block("", "y" * 400), 85),
        (Fold("", nodes.literal_block("", "a\nb\nc")), 42),
        (nodes.literal_block("", "a\nb\nc"), 45 + 3 * 21),
        (nodes.raw("", '<pg-tree theta="1"><p></p></pg-tree>'), 650),
        (nodes.raw("", "<figure class='pg-shown'>\n<pg-tree></pg-tree></figure>"), 650),
        (nodes.raw("", FIGURE), 176),
        (nodes.raw("", "<table><tr><td></td></tr><tr></tr></table>"), 2 * 41),
        (nodes.raw("", '<div class="pg-check">'), 29),
        (nodes.container("", words(1), nodes.container("", words(1))), 2 * 46),
    ],
)
def test_a_part_is_as_high_as_its_kind_says(part, px):
    assert pgbook_far.height(part) == px


def test_what_a_hint_hides_has_no_height():
    parts = [words(1), nodes.raw("", "<details><summary>Hint</summary>"), words(900)]
    parts += [nodes.raw("", "</details>"), words(1)]
    assert pgbook_far.height(nodes.container("", *parts)) == 2 * 46 + 42


def test_the_style_knows_each_class_of_heights():
    rules = re.findall(r"\.pg-tall-(\d+) \{\n  --pg-tall: ([\d.]+)rem;", CSS)
    assert [int(step) for step, _ in rules] == list(range(len(rules))) and len(rules) > 15
    for step, rem in rules:
        px = pgbook_far.LOWEST * pgbook_far.STEP ** int(step)
        assert abs(16 * float(rem) - px) < 1, step
