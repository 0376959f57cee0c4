"""Every page of the built book in a real browser, over HTTP and from disk, no host but this one."""

import string

import pytest
from axe_playwright_python.sync_playwright import Axe
from book_pages import pages
from harness import settle

pytestmark = pytest.mark.browser

NAMES = [path.stem for path in pages()]
# KaTeX sets each formula in hundreds of boxes that are hidden from screen readers; the palette's
# contrast is tested in test_house.py.
OUTSIDE_MATHS = {"exclude": [[".katex"]]}
# All that our copy of KaTeX's AMS font holds: `pyftsubset --unicodes=U+0041-005A --flavor=woff2`.
BLACKBOARD = set(string.ascii_uppercase)
MOUNTED = """() => [...document.querySelectorAll("main *")]
    .filter((el) => el.localName.startsWith("pg-"))
    .every((el) => customElements.get(el.localName) && el.querySelector("svg, [role=alert]"))"""


def look_through(page):
    """Scroll a page to its end, so that whatever waits to be seen is seen; check explorables."""
    page.wait_for_function(MOUNTED)
    for element in page.locator("main .pg-x").all():
        element.scroll_into_view_if_needed()
        element.locator("svg").first.wait_for()
        assert element.get_by_role("alert").count() == 0
        settle(page)
    assert set("".join(page.locator(".mathbb, .amsrm").all_inner_texts())) <= BLACKBOARD


@pytest.mark.parametrize("name", NAMES)
def test_from_disk(watch, site, name):
    look_through(watch.open((site / "book" / f"{name}.html").as_uri()))


def test_over_http_axe_finds_nothing(leaf):
    _, page = leaf
    page.set_viewport_size({"width": 900, "height": 1000})
    for theme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        look_through(page)
        options = {"preload": False, "resultTypes": ["violations"], **rules}
        found = Axe().run(page, context=OUTSIDE_MATHS, options=options)
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"


def test_the_landing_pages_trainer_reaches_the_threshold(watch, address):
    page = watch.open(f"{address}/book/index.html")
    trainer = page.locator("pg-trainer")
    trainer.get_by_text("More settings").click()
    trainer.get_by_label("its trained policy").check()
    page.wait_for_function("() => document.querySelector('pg-trainer').ensemble?.done")
    page.wait_for_function("() => document.querySelector('pg-trainer').run.done")
    settle(page)
    assert page.evaluate("document.querySelector('pg-trainer').run.learner.mean100") >= 475
    assert trainer.locator('[data-pg-value="solved"]').inner_text() == "12 of 12 seeds"


def test_without_scripts_a_sentence_and_a_link_stand_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/book/lab.html")
    figure = page.locator("main pg-lab").first
    assert "This figure moves in" in figure.inner_text() and figure.locator("a[href]").count() == 1
    context.close()
