"""The map of the derivation: all equations are on it, a line is a reference, none goes round."""

import re
import xml.etree.ElementTree as ElementTree
from graphlib import TopologicalSorter

import pgbook_map
import pytest
from book_pages import TAG, all_cells, chapters, equations
from test_notebooks import LETTERS

pytestmark = pytest.mark.once

FOUND = pgbook_map.equations()
KNOWN = {equation.label: equation for equation in FOUND}


def test_every_labelled_equation_is_on_the_map_once_in_the_books_order():
    order = [path.stem for path in chapters()]
    labelled = sorted(equations().values(), key=lambda cell: order.index(cell.page[:-6]))
    assert [e.label for e in FOUND] == [cell.name for cell in labelled]
    for equation in FOUND:
        cell = equations()[equation.label]
        assert (equation.page, equation.tag) == (cell.page[:-6], TAG.findall(cell.source)[0])


def test_every_line_of_the_map_is_a_reference_in_the_chapter():
    """Read by another route: the number, or a link to the label, somewhere in the same page."""
    text = {}
    for cell in all_cells():
        if cell.kind == "markdown":
            text[cell.page] = text.get(cell.page, "") + cell.source
    lines = [(equation, KNOWN[name]) for equation in FOUND for name in equation.rests_on]
    assert len(lines) > 80
    for equation, other in lines:
        page = text[f"{equation.page}.ipynb"]
        number = other.tag.rstrip("ab")
        said = [f"({other.tag})", f"({number})", f"#{other.label})", f"#proof-{other.label})"]
        assert any(way in page for way in said), f"{equation.tag} rests on {other.tag}"


def test_nothing_rests_on_what_comes_later_and_nothing_on_itself():
    place = {equation.label: i for i, equation in enumerate(FOUND)}
    for equation in FOUND:
        for name in equation.rests_on:
            assert place[name] < place[equation.label], (
                f"the proof, claim or condition of {equation.tag} names {KNOWN[name].tag}, which "
                "comes later: a look ahead stands in a cell of its own"
            )
    assert list(TopologicalSorter({e.label: e.rests_on for e in FOUND}).static_order())


def test_the_policy_gradient_rests_on_the_whole_first_part():
    above, todo = set(), ["eq-policy-gradient"]
    while todo:
        rests = KNOWN[todo.pop()].rests_on
        todo += [name for name in rests if name not in above]
        above |= set(rests)
    assert {KNOWN[name].chapter for name in above} == {"1", "2", "3", "4", "5"}


def test_a_reference_is_a_number_in_brackets_or_a_link():
    text = (
        r"By (3.2), [5.4](05_a.ipynb#eq-policy-gradient) and $f(1.5)$, not 7.1, (H.1) or (10.12)."
    )
    assert pgbook_map.NUMBER.findall(text) == ["3.2", "H.1", "10.12"]
    assert pgbook_map.LINKED.findall(text) == ["eq-policy-gradient"]
    assert pgbook_map.LINKED.findall("[a](#proof-eq-swap) [b](x.md#other)") == ["eq-swap"]
    parts = ["eq-a-b", "claim-eq-a-b", "proof-eq-a-b", "proof-eq-a-b-2"]
    assert [pgbook_map.PART.fullmatch(name)[1] for name in parts] == ["eq-a-b"] * 4
    assert not any(map(pgbook_map.PART.fullmatch, ("check-eq-a", "the-eq-a", "exercise-1")))


@pytest.fixture(scope="module")
def drawn():
    return ElementTree.fromstring(pgbook_map.drawing(FOUND))


def test_each_box_is_a_link_that_says_where_and_what_it_rests_on(drawn):
    links = {link.get("href"): link for link in drawn.iter("a")}
    assert list(links) == [f"{e.page}.html#{e.label}" for e in FOUND]
    for equation, link in zip(FOUND, links.values(), strict=True):
        words = link.get("aria-label")
        assert words == link.find("title").text
        assert words.startswith(f"{equation.tag} {equation.name}")
        rests = re.findall(r"\b[\dH]+\.\d+[ab]?\b", words.partition("rests on")[2])
        assert rests == [KNOWN[name].tag for name in equation.rests_on]
        assert link.find("text").text == equation.tag


def test_boxes_are_apart_and_on_the_paper(drawn):
    width, height = (float(x) for x in drawn.get("viewBox").split()[2:])
    boxes = [
        tuple(float(rect.get(side)) for side in ("x", "y", "width", "height"))
        for rect in drawn.iter("rect")
    ]
    for i, (x, y, w, h) in enumerate(boxes):
        assert 25 < x and x + w < width and 0 < y and y + h < height
        for u, v, *_ in boxes[:i]:
            assert abs(x - u) > w or abs(y - v) > h


def tagged(page):
    """Whether a page states equations: a chapter, or a page with a letter."""
    return page in LETTERS or page[:2].isdigit()


def test_each_chapter_is_a_row_with_an_anchor(drawn):
    anchors = [row.get("id") for row in drawn.iter("g") if row.get("id")]
    pages = [path.name for path in chapters()]
    numbers = [LETTERS.get(page) or page[:2].lstrip("0") for page in pages]
    expected = [f"map-{n}" for n, page in zip(numbers, pages, strict=True) if tagged(page)]
    assert len(anchors) >= 14 and anchors == expected


def test_the_list_says_the_same_as_the_drawing():
    tree = ElementTree.fromstring(pgbook_map.listing(FOUND))
    lines = [line for chapter in tree for line in chapter.find("ul")]
    assert len(lines) == len(FOUND)
    for equation, line in zip(FOUND, lines, strict=True):
        own, *rests = line.findall("a")
        assert own.text == f"{equation.tag} {equation.name}"
        assert own.get("href") == f"{equation.page}.html#{equation.label}"
        assert [link.text for link in rests] == [KNOWN[name].tag for name in equation.rests_on]


def test_the_map_stands_where_a_page_wants_it_and_nowhere_else():
    assert pgbook_map.page("<p>no map</p>") == "<p>no map</p>"
    page = pgbook_map.page(f"<p>a</p>{pgbook_map.PLACE}<p>b</p>")
    assert page.startswith('<p>a</p><div class="pg-derivation"><svg')
    assert page.endswith("</ul><p>b</p>") and pgbook_map.PLACE not in page


def test_the_pages_that_are_written_from_all_are_written_again_when_a_chapter_changes():
    class Env:
        found_docs = {"book/way", "book/teacher", "book/a"}

    both = ["book/teacher", "book/way"]
    assert pgbook_map.outdated(None, Env, set(), {"book/a"}, set()) == both
    assert pgbook_map.outdated(None, Env, {"book/a"}, set(), set()) == both
    assert pgbook_map.outdated(None, Env, set(), set(), set()) == []
    Env.found_docs = {"book/a", "book/way"}
    assert pgbook_map.outdated(None, Env, {"book/a"}, set(), set()) == ["book/way"]
