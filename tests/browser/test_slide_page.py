"""One figure or derivation alone on the screen: `?slide#its-id`."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from harness import settle

pytestmark = pytest.mark.browser

CHAPTER = "book/05_dropping_the_dynamics.html"
DERIVATION, FIGURE = "proof-eq-policy-gradient", "explore-dynamics"
# What can be seen, of the page's own text: the first letters of each place.
SEEN = """() => [...document.querySelectorAll('body *')].filter((el) => el.checkVisibility({
  visibilityProperty: true, opacityProperty: true }) && !el.closest('.pg-slide'))
  .filter((el) => [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((el) => el.textContent.trim().slice(0, 30))"""
BOX = "() => document.querySelector('.pg-slide').getBoundingClientRect().toJSON()"
LINE = "() => document.querySelector('.pg-slide .pg-now p').textContent"


def test_a_derivation_fills_the_screen_and_its_keys_go_on(watch, address):
    page = watch.open(f"{address}/{CHAPTER}?slide#{DERIVATION}")
    for size in ({"width": 1280, "height": 800}, {"width": 320, "height": 560}):
        page.set_viewport_size(size)
        settle(page)
        box = page.evaluate(BOX)
        assert (box["x"], box["y"]) == (0, 0)
        assert (box["width"], box["height"]) == (size["width"], size["height"])
        assert page.evaluate(SEEN) == [], "something else is in sight"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    first = page.evaluate(LINE)
    page.keyboard.press("ArrowRight")
    second = page.evaluate(LINE)
    assert second != first
    for _ in range(6):  # Tab goes round in the slide and the browser, never behind it
        page.keyboard.press("Tab")
        inside = "!!document.activeElement.closest('.pg-slide, body:not(.pg-slide *)')"
        assert page.evaluate(inside)
        assert page.evaluate(
            "document.activeElement.checkVisibility({visibilityProperty: true})"
            " || document.activeElement === document.body"
        )
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/{CHAPTER}#{DERIVATION}")
    assert page.locator(".pg-slide, .pg-slide-end, html.pg-slides").count() == 0
    assert page.get_by_role("heading", level=1).is_visible()


def test_a_figure_is_shown_larger_and_another_address_shows_another(watch, address):
    page = watch.open(f"{address}/{CHAPTER}#{FIGURE}")
    page.set_viewport_size({"width": 1280, "height": 800})
    width = "() => document.querySelector('#explore-dynamics svg').getBoundingClientRect().width"
    element = page.locator("pg-dynamics")
    element.scroll_into_view_if_needed()
    settle(page)
    on_the_page = page.evaluate(width)
    page.goto(f"{address}/{CHAPTER}?slide#{FIGURE}")
    settle(page)
    assert page.evaluate(BOX)["height"] == 800 and page.evaluate(width) > on_the_page * 1.2
    assert page.locator("#explore-dynamics figcaption").is_visible()
    slider = element.locator("input[type=range]").first
    before = slider.input_value()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert slider.input_value() != before
    page.emulate_media(color_scheme="dark")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert not [v["id"] for v in Axe().run(page, ".pg-slide").response["violations"]]
    page.evaluate(f"location.hash = '{DERIVATION}'")
    page.wait_for_function("() => document.querySelector('.pg-slide').matches('.pg-lines')")
    assert page.locator(".pg-slide").count() == page.locator(".pg-slide-end").count() == 1
    page.evaluate("location.hash = 'nothing-of-that-name'")
    page.wait_for_function("() => !document.querySelector('.pg-slide, .pg-slides')")
    page.go_back()
    page.wait_for_function("() => document.querySelector('.pg-slide').matches('.pg-lines')")
    page.get_by_role("button", name="Back to the page").click()
    page.wait_for_url(f"**/{CHAPTER}#{DERIVATION}")


def test_the_slides_of_the_teachers_page_open(watch, address):
    """Those of every fifth page; the first by its address, the others by their names."""
    page = watch.open(f"{address}/book/teacher.html")
    links = page.evaluate(
        "[...document.querySelectorAll('a[href*=\"?slide\"]')].map((a) => a.href)"
    )
    of_page = {}
    for link in dict.fromkeys(links):
        of_page.setdefault(link.partition("?")[0], []).append(link.partition("#")[2])
    assert len(links) > 40 and len(of_page) > 14
    for where, names in list(of_page.items())[::5]:
        page.goto(f"{where}?slide#{names[0]}")
        for name in names:
            page.evaluate("(name) => { location.hash = name; }", name)
            page.wait_for_function(
                "(name) => { const el = document.querySelector('.pg-slide'); const at ="
                " document.getElementById(name); return el && (el === at || el.contains(at) ||"
                " !!(at.compareDocumentPosition(el) & Node.DOCUMENT_POSITION_FOLLOWING)); }",
                arg=name,
            )
