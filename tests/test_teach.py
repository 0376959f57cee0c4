"""Teacher's page: lists that are the chapters', plans that name what exists, links that work."""

import json
import re
from urllib.parse import parse_qs, urlparse

import class_folders
import pgbook_orient
import pgbook_teach
import pytest
import solutions
import stamp
import yaml
from book_pages import BOOK, ROOT, cells_of, chapters

pytestmark = pytest.mark.once

SOURCE = (BOOK / "teacher.md").read_text("utf-8")
PAGE = pgbook_teach.page(SOURCE)
SLIDE = re.compile(r'<a href="(\w+)\.html\?slide#([\w-]+)">([^<]+)</a>')


def test_every_page_with_a_head_is_there_in_its_own_words():
    lists = PAGE.partition("## What each chapter needs and gives")[2]
    headed = 0
    for path in chapters():
        cells = {cell.name: cell.source for cell in cells_of(path)}
        if "orientation" not in cells:
            continue
        headed += 1
        (entry,) = re.findall(rf"^\[[^\]]+\]\({path.name}\)\n(?:: .+\n?)+", lists, re.M)
        assert entry.startswith(f"[{cells['title'].splitlines()[0].removeprefix('# ')}]")
        for line in cells["orientation"].split("\n"):
            assert (line.removeprefix("- ") in entry) == ("**For**" not in line)
        exercises = [c for c in cells if re.fullmatch(r"exercise-\d+", c)]
        shown = re.findall(r"\*\*Exercises\*\*\].* \S+\.(\d+) to \S+\.(\d+)\.$", entry, re.M)
        assert shown == ([("1", str(len(exercises)))] if exercises else [])
    assert headed >= 19


def test_everything_that_moves_can_be_shown():
    moves = set()
    for path in chapters():
        for cell in cells_of(path):
            shown = json.dumps(cell.outputs)
            if "lines" in cell.tags or ("<pg-" in shown and "<figcaption" in shown):
                moves.add((path.stem, cell.name))
    listed = SLIDE.findall(PAGE.partition("## Everything that moves")[2])
    assert {slide[:2] for slide in listed} == moves and len(listed) == len(moves) > 30
    lecture = SLIDE.findall(SOURCE)
    assert len(lecture) >= 9 and {slide[:2] for slide in lecture} <= moves
    assert {slide for slide in lecture if slide[2].startswith("Figure")} <= set(listed)


def test_a_derivation_has_the_number_of_its_equation_and_a_figure_its_own():
    names = {(page, cell): name for page, cell, name in SLIDE.findall(PAGE)}
    assert names["05_dropping_the_dynamics", "proof-eq-policy-gradient"] == "(5.4)"
    assert names["09_baselines", "explore-baseline"] == "Figure 9.1"


def plans():
    return re.findall(r"^- \*\*.*?week.*?(?=\n-|\n\n)", SOURCE, re.M | re.S | re.I)


def test_a_plan_names_exercises_of_its_own_chapters():
    known = json.loads(solutions.gathered())
    assert len(plans()) == 5
    for plan in plans():
        read = set(re.findall(r"\[(\d+)\]\(", plan))
        given = re.findall(r"(?<![\w.])\d+\.\d+", plan.partition("By hand:")[2])
        assert len(given) >= 3 and set(given) <= set(known)
        assert {number.partition(".")[0] for number in given} <= read
        by_hand = plan.partition("By hand:")[2].partition("At the machine:")
        assert by_hand[0].strip() and by_hand[2].strip()


def test_the_minutes_of_a_plan_are_those_of_its_chapters():
    shown = [
        int(m) for m in re.findall(r", (\d+) minutes\.", PAGE.partition("## Notebooks with")[0])
    ]
    assert len(shown) == len(plans())
    for minutes, plan in zip(shown, plans(), strict=True):
        pages = re.findall(r"\((\w+)\.ipynb\)", plan)
        parts = [p for page in pages for p in pgbook_orient.of_page(page) if not p.skipped]
        assert abs(minutes - sum(part.minutes for part in parts)) <= 0.5
    assert pgbook_teach.timed("[a](05_dropping_the_dynamics.ipynb)") == (
        "[a](05_dropping_the_dynamics.ipynb)"
    )


def test_other_pages_stay_as_they_are():
    for path in BOOK.glob("*.md"):
        text = path.read_text("utf-8")
        assert path.name == "teacher.md" or pgbook_teach.page(text) == text


def test_the_link_for_a_hub_opens_a_notebook_of_the_branch(tmp_path):
    (link,) = re.findall(r"^    (https://hub\S+)$", SOURCE, re.M)
    url, query = urlparse(link), parse_qs(urlparse(link).query, strict_parsing=True)
    assert url.path == "/hub/user-redirect/git-pull"
    branch = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["branch"]
    assert query["repo"] == [stamp.address()] and query["branch"] == [branch]
    lab, tree, repository, *rest = query["urlpath"][0].split("/")
    assert (lab, tree, repository) == ("lab", "tree", stamp.address().rpartition("/")[2])
    class_folders.write("student", tmp_path)
    assert (tmp_path / "/".join(rest)).is_file() and set(query) == {"repo", "branch", "urlpath"}


def test_the_folders_are_those_that_make_class_writes():
    for kind in class_folders.KINDS:
        assert f"`_build/class/{kind}`" in SOURCE
        assert f"class_folders.py {kind} _build/class/{kind}" in (ROOT / "Makefile").read_text(
            "utf-8"
        )
