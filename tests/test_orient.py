"""A chapter's head and end, the time it takes, and the first way through the book."""

import json
import re

import pgbook_orient
import pytest
from book_pages import BOOK, TAG, cells_of, chapters, equations
from pgbook.config import WEIGHTS, Config

pytestmark = pytest.mark.once

NUMBERED = [path for path in chapters() if re.match(r"\d\d_", path.name)]
SUMMED = [*NUMBERED, BOOK / "when_it_holds.ipynb"]
TAGS = {TAG.findall(cell.source)[0]: cell for cell in equations().values()}
LINKED = re.compile(r"\[\(([A-Z\d]+\.\d+)[ab]?\)\]\(([\w-]+\.ipynb)#(eq-[\w-]+)\)")


def named(path, name):
    return [cell for cell in cells_of(path) if cell.name == name]


# --- what the chapters must have -----------------------------------------------------------------


def with_a_head():
    others = ("update_rules", "audit_your_own", "your_own")
    return [p for p in chapters() if p in SUMMED or p.stem in others]


@pytest.mark.parametrize("path", with_a_head(), ids=lambda path: path.name)
def test_a_chapter_says_for_whom_it_is_what_it_needs_and_what_it_gives(path):
    cells = [cell.name for cell in cells_of(path)]
    (head,) = named(path, "orientation")
    assert cells.index("orientation") == cells.index("title") + 1
    lines = head.source.split("\n")
    assert [re.match(r"- \*\*(\w+)\*\* \S", line)[1] for line in lines] == ["For", "Needs", "Gives"]
    assert all(line.endswith(".") and len(line.split()) < 40 for line in lines)
    if path in SUMMED:
        own = {cell.name for cell in cells_of(path)}
        gives = [label for _, _, label in LINKED.findall(lines[2])]
        assert gives and set(gives) <= own, "what a chapter gives stands in it"
        needs = [label for _, _, label in LINKED.findall(lines[1])]
        assert not set(needs) & own, "what a chapter needs stands elsewhere"
        assert needs or "prerequisites.md" in lines[1]


@pytest.mark.parametrize("path", SUMMED, ids=lambda path: path.name)
def test_a_chapter_ends_in_what_you_have_now(path):
    (summary,) = named(path, "what-you-have-now")
    heading, _, *lines = summary.source.split("\n")
    assert heading == "## What you have now" and 3 <= len(lines) <= 5
    assert all(line.startswith("- ") for line in lines)
    assert LINKED.findall(summary.source), "a summary names its equations"
    names = [cell.name for cell in cells_of(path)]
    after = names[names.index("what-you-have-now") + 1 : names.index("exercises")]
    assert after == (["algorithm"] if int(path.name[:2] if path in NUMBERED else 0) >= 7 else [])


@pytest.mark.parametrize("path", NUMBERED[6:], ids=lambda path: path.name)
def test_an_algorithm_is_short_names_its_equations_and_is_the_librarys(path):
    (box,) = named(path, "algorithm")
    title, _, *lines = box.source.split("\n")
    assert re.fullmatch(rf"\*\*Algorithm {int(path.name[:2])}: .+\*\*", title)
    assert [line.split(".")[0] for line in lines] == [str(i + 1) for i in range(len(lines))]
    assert 5 <= len(lines) <= 9
    numbers = LINKED.findall(box.source)
    assert len(numbers) >= 3
    for number, file, label in numbers:
        of = {n: c for n, c in TAGS.items() if n.rstrip("ab") == number}
        assert (file, label) in {(c.page, c.name) for c in of.values()}, f"there is no {number}"
    code = "\n".join(cell.source for cell in cells_of(path) if cell.kind == "code")
    if int(path.name[:2]) >= 13:  # what it calls is what the chapter runs
        assert all(call in code for call in re.findall(r"`(\w+\([^`]*\))`", box.source))
        return
    settings = re.findall(r"`(\w+)=([^`]+)`", box.source)
    assert any(name == "psi" for name, _ in settings)
    for name, value in settings:
        assert hasattr(Config(psi="gae"), name) and (name != "psi" or json.loads(value) in WEIGHTS)
        assert value in code, f"{name}={value} is not what the chapter runs"


def test_a_mark_stands_right_below_the_heading_of_what_may_be_skipped():
    marked = 0
    for path in chapters():
        for cell in cells_of(path):
            for at in re.finditer(re.escape(pgbook_orient.SKIP), cell.source):
                assert re.search(r"^##? .+\n\n$", cell.source[: at.start()], re.M), str(cell)
                marked += 1
    assert marked > 15


def test_what_the_first_reading_leads_through_is_never_marked():
    text = (BOOK / "way.md").read_text("utf-8")
    parts = pgbook_orient.first_reading(text)
    assert len(parts) == len(re.findall(r"^\d+\. ", text, re.M)) >= 5
    assert not any(part.skipped for part in parts)
    assert sum(pgbook_orient.whole(part.minutes) for part in parts) <= 30
    shown = [int(m) for m in re.findall(r"\) \((\d+) minutes?\)", pgbook_orient.listed(text))]
    assert shown == [pgbook_orient.whole(part.minutes) for part in parts]
    for link in pgbook_orient.LISTED.finditer(text):  # its words are the section's title
        (part,) = [p for p in pgbook_orient.of_page(link[2]) if p.cell == link[3]]
        assert link[1].partition("[")[2] == part.title


# --- the rule ------------------------------------------------------------------------------------


def cell(source, name="a", kind="markdown", outputs=()):
    return {"cell_type": kind, "id": name, "source": source, "outputs": list(outputs)}


def shown(**data):
    return {"data": {key.replace("_", "/"): value for key, value in data.items()}}


SVG = {"data": {"image/svg+xml": "<svg/>"}}
PAGE = [
    cell("x = 1", "colab", "code"),
    cell("# 1 A title\n\nOne two three.", "title"),
    cell("## Next\n\nIt's a [link here](a.md#b), an $x + y$ and `code`.", "next"),
    cell("$$\na\n$$\n\n$$\nb\n$$", "eq-a"),
    cell("plot()", "plot", "code", [SVG, shown(text_html="<pg-swap></pg-swap>")]),
    cell("print(1)", "text", "code", [shown(text_html="<b>5</b>", text_plain="5")]),
    cell(f"Before.\n\n## Deep\n\n{pgbook_orient.SKIP}\n\nFour more words here.", "deep"),
    cell("## Exercises", "exercises"),
    cell("A thousand words. $$c$$", "exercise-1"),
]


def test_a_page_is_counted_section_by_section():
    parts = pgbook_orient.sections(PAGE)
    assert [(p.cell, p.title, p.skipped) for p in parts] == [
        ("title", "1 A title", False),
        ("next", "Next", False),
        ("deep", "Deep", True),
    ]
    assert [(p.words, p.equations, p.figures) for p in parts] == [(6, 0, 0), (10, 2, 2), (5, 0, 0)]


def test_the_minutes_are_the_rule():
    part = pgbook_orient.Section("a", "A", words=300, equations=3, figures=2)
    assert part.minutes == 300 / 150 + 3 * 0.5 + 2 * 1
    assert [pgbook_orient.whole(x) for x in (0.1, 1.0, 1.4, 1.5, 5.5)] == [1, 1, 1, 2, 6]


def test_hints_solutions_and_code_are_not_counted():
    part = pgbook_orient.Section("a", "A")
    part.read("One.\n<details><summary>Hint</summary>\n\ntwo three $$x$$\n\n</details>\nFour.")
    part.read("```python\nfive six\n```\n<b>seven</b>")
    assert part.words == 3


def test_the_time_of_a_page():
    assert pgbook_orient.reading_time(PAGE) == "3 minutes."
    long = cell(f"## B\n\n{pgbook_orient.SKIP}\n\n" + "word " * 299, "b")
    page = [cell("# A", "title"), long]
    told = "2 minutes, 1 without what is marked *skip on first reading*."
    assert pgbook_orient.reading_time(page) == told
    page[0] = cell(f"# A\n\n{pgbook_orient.SKIP}", "title")
    assert pgbook_orient.reading_time(page) == "2 minutes, none of them on a first reading."


def test_the_head_and_the_algorithm_are_boxes_in_the_built_book():
    head = pgbook_orient.dressed(cell("", "orientation"), "- **For** you", PAGE)
    assert head == "::::{container} pg-orient\n- **For** you\n- **Takes** 3 minutes.\n::::"
    tagged = [*PAGE, cell(r"$$a \tag{5.4}$$", "eq-b")]
    place = ' <a href="way.html#map-5">Its place on the map</a>.\n::::'
    assert pgbook_orient.dressed(cell("", "orientation"), "", tagged).endswith(place)
    box = pgbook_orient.dressed(cell("", "algorithm"), "1. Act.", PAGE)
    assert box == "::::{container} pg-algorithm\n1. Act.\n::::"
    skip = pgbook_orient.dressed(PAGE[6], PAGE[6]["source"], PAGE)
    assert "## Deep\n\n::::{container} pg-skip\nSkip on first reading.\n::::\n\nFour" in skip
    assert pgbook_orient.dressed(PAGE[1], "As it was.", PAGE) == "As it was."


@pytest.mark.parametrize(
    ("title", "anchor"),
    [("One line of algebra", "one-line-of-algebra"), ("How wrong is it?", "how-wrong-is-it")],
)
def test_the_anchor_of_a_heading(title, anchor):
    assert pgbook_orient.slug(title) == anchor
