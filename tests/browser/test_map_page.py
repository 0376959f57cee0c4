"""The map of the derivation in the page: reached by key, lit by a link, a list on a phone."""

import pytest

pytestmark = pytest.mark.browser

SEEN = """g => [...g.querySelectorAll("path")].map(
    (line) => getComputedStyle(line).visibility)"""


def test_a_box_that_the_tab_key_reaches_shows_its_own_lines_and_leads_to_its_equation(watch, site):
    page = watch.open((site / "book" / "way.html").as_uri())
    box = page.get_by_role("link", name="5.4 policy gradient, rests on")
    group = box.locator("..")
    lines = group.evaluate(SEEN)
    assert len(lines) >= 2 and set(lines) == {"hidden"}
    page.get_by_role("link", name="5.3 trajectory score", exact=False).first.focus()
    page.keyboard.press("Tab")
    assert set(group.evaluate(SEEN)) == {"visible"}
    assert page.locator(".pg-derivation path").evaluate_all(
        "all => all.filter((p) => p.closest('.pg-map-row') && "
        "getComputedStyle(p).visibility === 'visible').length"
    ) == len(lines)
    page.keyboard.press("Enter")
    page.wait_for_url("**/05_dropping_the_dynamics.html#eq-policy-gradient")


def test_a_chapters_head_leads_to_its_own_row(watch, site):
    page = watch.open((site / "book" / "05_dropping_the_dynamics.html").as_uri())
    page.get_by_role("link", name="Its place on the map").click()
    page.wait_for_url("**/way.html#map-5")
    fill = "row => getComputedStyle(row.querySelector('rect')).fill"
    here, other = (page.locator(f"#map-{n}").evaluate(fill) for n in (5, 6))
    assert here != other
    assert page.locator("#map-5").bounding_box()["y"] > 0


def test_on_a_phone_the_list_stands_in_for_the_drawing(watch, site):
    page = watch.open((site / "book" / "way.html").as_uri())
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.locator(".pg-derivation a").first.is_visible()
    assert page.locator(".pg-map-list a").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    wide = page.locator(".pg-map-list li").evaluate_all(
        "all => all.filter((li) => li.getBoundingClientRect().right > 390).length"
    )
    assert wide == 0


def test_the_crossroads_are_not_shrunk_on_a_phone(watch, site):
    page = watch.open((site / "book" / "01_objective.html").as_uri())
    page.set_viewport_size({"width": 390, "height": 844})
    drawing = page.locator(".pg-fits svg").first
    box = drawing.bounding_box()
    assert 330 < box["width"] <= 360 and box["x"] + box["width"] <= 390
    words = drawing.locator("text").evaluate_all(
        "all => all.map((t) => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a)"
    )
    assert min(words) > 11
