"""What stands around the text: narrow screens, the focus, the search hint, paper."""

import pytest

pytestmark = pytest.mark.browser

OFF_SCREEN = """() => {
  const box = document.activeElement.getBoundingClientRect();
  return box.left >= innerWidth || box.right <= 0 || !box.width;
}"""
CUT = """() => document.fonts.ready.then(() =>
  [...document.querySelectorAll(".pg-display")]
    .filter((box) => box.scrollWidth > box.clientWidth + 1).map((box) => box.textContent))"""
CONTRAST = """(selector) => {
  const channel = (c) => (c <= 10.3 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(channel);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const el = document.querySelector(selector);
  let under = el;
  const clear = (at) => /, 0\\)$|transparent/.test(getComputedStyle(at).backgroundColor);
  while (clear(under)) under = under.parentNode;
  const [a, b] = [getComputedStyle(el).color, getComputedStyle(under).backgroundColor].map(light);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


def test_equations_fit_a_desk_and_pages_a_narrow_screen(leaf):
    _, page = leaf
    assert page.evaluate(CUT) == [], "equations that scroll on a desk"
    page.set_viewport_size({"width": 320, "height": 700})
    page.wait_for_function("() => document.documentElement.scrollWidth === 320")  # figures follow


@pytest.mark.parametrize("name", ["notation"])
def test_on_a_phone_the_focus_never_leaves_the_screen(watch, site, name):
    page = watch.open((site / "book" / f"{name}.html").as_uri())
    page.set_viewport_size({"width": 390, "height": 800})
    links = page.locator("#pst-secondary-sidebar a")
    assert links.count() > 3, "the list that the theme shows to the keyboard only"
    for _ in range(45):
        page.keyboard.press("Tab")
        where = page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
        assert not page.evaluate(OFF_SCREEN), where


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_hint_in_the_search_field_can_be_read(watch, site, theme):
    page = watch.open((site / "book" / "notation.html").as_uri())
    page.set_viewport_size({"width": 1300, "height": 800})
    page.emulate_media(reduced_motion="reduce")  # no colour is on its way
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    assert page.evaluate(CONTRAST, ".bd-sidebar-primary .search-button__kbd-shortcut") >= 4.5


def test_paper_is_light_and_the_screen_stays_dark(watch, site):
    page = watch.open((site / "book" / "01_objective.html").as_uri())
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    theme = "document.documentElement.dataset.theme"
    colours = f"({{ink: getComputedStyle(document.body).color, theme: {theme}}})"
    page.evaluate(f"addEventListener('beforeprint', () => {{ globalThis.printed = {colours}; }})")
    dark = page.evaluate(colours)
    page.pdf()
    printed = page.evaluate("printed")
    assert printed["theme"] == "light" and printed["ink"] != dark["ink"]
    assert page.evaluate(colours) == dark


def test_on_paper_nothing_that_is_one_thing_is_split(watch, site):
    page = watch.open((site / "book" / "09_baselines.html").as_uri())
    page.emulate_media(media="print")
    for selector in ("main .pg-x", ".pg-display", ".pg-figure"):
        style = "el => [getComputedStyle(el).breakInside, getComputedStyle(el).display]"
        assert page.locator(selector).first.evaluate(style)[0] == "avoid", selector
    exact = "el => getComputedStyle(el).printColorAdjust"
    assert page.locator("main .pg-x input").first.evaluate(exact) == "exact"
