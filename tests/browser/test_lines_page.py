"""Derivations, line by line, in the built pages: what the reader sees, hears and pushes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from book_pages import ROOT
from harness import settle
from test_pages import OUTSIDE_MATHS

pytestmark = pytest.mark.browser

PAGES = sorted(
    path.stem
    for path in (ROOT / "book").glob("*.[im][pd]*")
    if '"lines"' in path.read_text("utf-8") or "```{lines}" in path.read_text("utf-8")
)
SHOWN = """box => [...box.querySelectorAll("li")].filter((line) =>
    getComputedStyle(line.querySelector(".pg-display")).visibility === "visible" &&
    getComputedStyle(line.querySelector("p")).opacity === "1").length"""
PARTS = "li, li > p, .pg-display, button, input"
PLACES = f"""box => [box, ...box.querySelectorAll("{PARTS}")].map((el) => {{
    const {{ x, y, width, height }} = el.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(" ");
}})"""
SIGNS = """box => [...box.querySelectorAll(".pg-now .pg-sign")].map((el) => {
    const text = document.createRange();
    text.selectNodeContents(el);
    const { x, y } = text.getBoundingClientRect();
    return [x, y].map((at) => Math.round(2 * at) / 2).join(" ");
})"""
OPTIONS = {"preload": False, "resultTypes": ["violations"]}
AT_REST = "() => !document.querySelector('.pg-moving')"


def rest(page):
    """Wait for the end of a motion."""
    page.wait_for_function(AT_REST)
    settle(page, 2)


def current(box):
    """The number of the line that is shown, by each sign of it; they must agree."""
    at = box.evaluate("box => [...box.querySelectorAll('li')].map((li) => li.className)")
    shown = [i for i, name in enumerate(at, 1) if "pg-now" in name]
    said = box.locator("li[aria-current=step]")
    assert len(shown) == 1 and said.count() == 1 and box.evaluate(SHOWN) == 1
    assert box.locator("input").input_value() == str(shown[0])
    assert box.locator(".pg-lines-count b").text_content() == str(shown[0])
    return shown[0]


@pytest.mark.parametrize("name", PAGES)
def test_without_a_script_and_on_paper_all_lines_stand_there(browser, address, name):
    for options, medium in (({"java_script_enabled": False}, "screen"), ({}, "print")):
        context = browser.new_context(**options)
        page = context.new_page()
        page.goto(f"{address}/book/{name}.html")
        page.emulate_media(media=medium)
        boxes = page.locator(".pg-lines").all()
        assert boxes
        for box in boxes:
            lines = box.locator("li")
            assert box.evaluate(SHOWN) == lines.count() >= 3
            tops = [line.bounding_box() for line in lines.all()]
            for above, below in zip(tops, tops[1:], strict=False):
                assert above["y"] + above["height"] <= below["y"] + 1
            assert not box.locator(".pg-lines-bar").is_visible()
        context.close()


def test_each_line_can_be_reached_and_nothing_else_moves(leaf):
    name, page = leaf
    boxes = page.locator(".pg-lines").all()
    assert bool(boxes) == (name in PAGES)
    for box in boxes:
        box.scroll_into_view_if_needed()
        count, ahead = box.locator("li").count(), box.locator("[data-step='1']")
        settle(page)
        before = box.evaluate(PLACES)
        for line in range(1, count):
            assert current(box) == line
            ahead.click()
            rest(page)
            assert box.evaluate(PLACES) == before, f"line {line + 1} moves something else"
        ahead.dispatch_event("click")  # there is no further line
        assert current(box) == count and ahead.get_attribute("aria-disabled") == "true"
        box.locator("[data-step='-1']").click()
        rest(page)
        assert current(box) == count - 1
        assert (
            box.locator(".pg-lines-said").text_content()
            == box.locator(".pg-now > p").first.text_content()
        )


def test_keys_dots_and_links(watch, address):
    page = watch.open(f"{address}/book/05_dropping_the_dynamics.html")
    box = page.locator(".pg-lines").first
    dots = box.get_by_role("slider", name="Line of the derivation")
    dots.focus()
    for key, line in (("ArrowRight", 2), ("End", 4), ("ArrowLeft", 3), ("Home", 1)):
        page.keyboard.press(key)
        assert current(box) == line and dots.get_attribute("aria-valuetext") == f"{line} of 4"
    box.get_by_role("button", name="Next line").focus()
    for key, line in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        assert current(box) == line
    reached = box.evaluate(
        "box => [...box.querySelectorAll('a')].filter((a) => a.tabIndex >= 0)"
        ".map((a) => [...box.querySelectorAll('li')].indexOf(a.closest('li')) + 1)"
    )
    assert set(reached) == {2}, "only links that can be seen are reached by the tab key"
    spoken = box.locator("li math")
    assert spoken.count() >= 4
    for i in range(spoken.count()):
        visible = spoken.nth(i).evaluate("el => getComputedStyle(el).visibility")
        assert visible == "visible", "each line can be read aloud"


def test_all_lines_and_back(watch, address):
    page = watch.open(f"{address}/book/03_log_derivative_trick.html")
    box = page.locator(".pg-lines").nth(1)
    everything = box.get_by_role("button", name="All lines")
    box.get_by_role("button", name="Next line").click()
    everything.click()
    assert box.evaluate(SHOWN) == box.locator("li").count() == 4
    assert not box.get_by_role("slider").is_visible(), "there is no line to choose"
    everything.click()
    assert current(box) == 2 and box.get_by_role("slider").is_visible()


def test_the_way_of_a_sign_begins_where_it_was_and_ends_where_it_is(watch, address):
    page = watch.open(f"{address}/book/index.html")
    box = page.locator(".pg-lines")
    box.locator("[data-step='1']").click()  # signs are looked for when they are first needed
    rest(page)
    for line in range(3, box.locator("li").count() + 1):
        still = box.evaluate(SIGNS)
        box.locator("[data-step='1']").evaluate(
            "(button) => { button.click(); document.getAnimations().forEach((move) => {"
            " move.pause(); move.currentTime = 0; }); }"
        )
        started = set(box.evaluate(SIGNS)) & set(still)
        assert len(started) >= 5, f"line {line}: {len(started)} signs begin where they were"
        assert box.evaluate("box => box.classList.contains('pg-moving')")
        page.evaluate("document.getAnimations().forEach((move) => move.finish())")
        rest(page)
        moved = box.evaluate(SIGNS)
        box.evaluate("box => box.classList.add('pg-moving')")  # as a sign is set while it moves
        assert box.evaluate(SIGNS) == moved, f"line {line}: signs jump when they start to move"
        box.evaluate("box => box.classList.remove('pg-moving')")


def test_who_wants_less_motion_gets_none(browser, address):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/book/index.html")
    box = page.locator(".pg-lines")
    for line in range(2, 9):
        moving = box.locator("[data-step='1']").evaluate(
            "(button) => { button.click(); return document.getAnimations().length; }"
        )
        assert moving == 0 and current(box) == line
    context.close()


def test_stepping_shifts_no_layout(watch, address):
    page = watch.open(f"{address}/book/index.html")
    page.set_viewport_size({"width": 390, "height": 800})
    box = page.locator(".pg-lines")
    box.scroll_into_view_if_needed()
    settle(page)
    page.evaluate(
        "() => { window.shifts = []; new PerformanceObserver((list) => list.getEntries()"
        ".forEach((entry) => window.shifts.push(entry.value))).observe({ type: 'layout-shift' }); }"
    )
    for _ in range(7):
        box.locator("[data-step='1']").click()
        rest(page)
    assert page.evaluate("window.shifts") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_at_any_line(watch, address, theme):
    page = watch.open(f"{address}/book/index.html")
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    box = page.locator(".pg-lines")
    for _ in range(3):
        context = {"include": [[".pg-lines"]], **OUTSIDE_MATHS}
        found = Axe().run(page, context=context, options=OPTIONS)
        assert found.violations_count == 0, found.generate_report()
        box.locator("[data-step='1']").click()
        rest(page)
    box.locator(".pg-lines-all").click()
    found = Axe().run(page, context=context, options=OPTIONS)
    assert found.violations_count == 0, found.generate_report()
