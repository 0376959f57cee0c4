"""Every explorable in a real browser: it mounts, answers, resets, and says what is wrong."""

import re

import pytest
import traitlets
from axe_playwright_python.sync_playwright import Axe
from harness import settle, settled

pytestmark = pytest.mark.browser

SNAPSHOT = "el => Object.fromEntries(Object.keys(el.kind.properties).map((k) => [k, el.values[k]]))"
CONTROLS = {"slider", "radio", "checkbox", "button", "combobox", "textbox", "link"}

OVERLAPS = """el => {
  const seen = [...el.querySelectorAll("svg text")].filter((text) =>
    text.textContent.trim() && text.checkVisibility({ visibilityProperty: true }));
  const boxes = seen.map((text) => text.getBoundingClientRect());
  const meet = (a, b) => a.left + 1 < b.right - 1 && b.left + 1 < a.right - 1
    && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3;
  return seen.flatMap((one, i) => seen.filter((_, k) => k > i && meet(boxes[i], boxes[k]))
    .map((other) => `${one.textContent} on ${other.textContent}`));
}"""
SLIDE = """(input, end) => {
  input.value = input[end];
  input.dispatchEvent(new Event("input", { bubbles: true }));
}"""


def readout(element, name):
    """The text of a number in view."""
    return element.locator(f'[data-pg-value="{name}"]').inner_text()


def snapshot(element):
    """The values of all properties."""
    return element.evaluate(SNAPSHOT)


def settable(properties):
    """The properties that a reader may write; text is data from Python."""
    return {name: prop for name, prop in properties.items() if prop["type"] != "text"}


def slider_of(element, row):
    """The range input of the row's property."""
    return element.locator(f'input[type=range][data-pg="{row.slider}"]')


def test_it_opens_with_numbers_and_a_picture(standing, row):
    _, element = standing
    assert readout(element, row.readout).strip()
    assert element.get_by_role("alert").count() == 0
    for svg in element.locator("svg").all():
        box = svg.bounding_box()
        assert box["width"] > 100 and box["height"] > 100 and svg.get_attribute("aria-label")
        assert "NaN" not in svg.inner_html()


def test_arrow_keys_move_it(standing, row):
    page, element = standing
    before, text = snapshot(element), readout(element, row.readout)
    slider_of(element, row).focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    settled(page, row)
    after = snapshot(element)
    assert after[row.slider] > before[row.slider]
    assert {**after, row.slider: 0} == {**before, row.slider: 0}
    assert readout(element, row.readout) != text


def test_no_words_of_a_picture_stand_on_others(standing):
    """As it opens, and with each slider at its ends: words give way to words."""
    page, element = standing
    found = {"as it opens": element.evaluate(OVERLAPS)}
    for slider in element.locator("input[type=range][data-pg]").all():
        for end in ("min", "max"):
            slider.evaluate(SLIDE, end)
            settle(page, 2)
            found[f"{slider.get_attribute('data-pg')}, {end}"] = element.evaluate(OVERLAPS)
        element.evaluate("el => el.reset()")
    assert not {where: words for where, words in found.items() if words}


@pytest.mark.parametrize("how", ["mouse", "touch"])
def test_a_pointer_moves_it(standing, row, how):
    page, element = standing
    before = snapshot(element)[row.slider]
    slider = slider_of(element, row)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    x, y = box["x"] + 0.93 * box["width"], box["y"] + box["height"] / 2
    page.touchscreen.tap(x, y) if how == "touch" else page.mouse.click(x, y)
    settled(page, row)
    assert snapshot(element)[row.slider] > before


def test_reset_goes_back_to_how_it_opened(standing, row):
    page, element = standing
    before, text = snapshot(element), readout(element, row.readout)
    slider_of(element, row).focus()
    page.keyboard.press("End")
    settled(page, row)
    assert snapshot(element) != before
    element.get_by_role("button", name="Reset").click()
    settled(page, row)
    assert snapshot(element) == before and readout(element, row.readout) == text


def test_nonsense_gives_a_message(standing, row):
    page, element = standing
    properties = element.evaluate("el => el.kind.properties")
    for name, prop in settable(properties).items():
        attribute = re.sub("([A-Z])", lambda m: "-" + m[1].lower(), name)
        good = element.get_attribute(attribute)
        numeric = prop["type"] in ("number", "integer")
        for bad in ("", "NaN", "nonsense", *(("1e99", "-1e99", "Infinity") if numeric else ())):
            element.evaluate("(el, [name, bad]) => el.setAttribute(name, bad)", [attribute, bad])
            alert = element.get_by_role("alert")
            alert.wait_for()
            assert re.search(f"{attribute}: expected .+, got ", alert.inner_text())
            element.evaluate("(el, [n, g]) => el.setAttribute(n, g)", [attribute, good or ""])
            if good is None:
                element.evaluate("(el, n) => el.removeAttribute(n)", attribute)
            alert.wait_for(state="hidden")
        for bad in ("NaN", "null", "undefined", "[]"):
            before = element.evaluate("(el, name) => el.values[name]", name)
            element.evaluate(f"(el, name) => {{ el[name] = {bad}; }}", name)
            alert.wait_for()
            element.evaluate("(el, [name, good]) => { el[name] = good; }", [name, before])
            alert.wait_for(state="hidden")
    assert readout(element, row.readout)


def test_two_on_a_page_do_not_disturb_each_other(show, row):
    page = show(row.make().to_html() * 2)
    one, two = settled(page, row, 0), settled(page, row, 1)
    before, text = snapshot(two), readout(two, row.readout)
    slider_of(one, row).focus()
    page.keyboard.press("End")
    settled(page, row)
    assert snapshot(one)[row.slider] > before[row.slider]
    assert snapshot(two) == before and readout(two, row.readout) == text
    checked = "el => [...el.querySelectorAll('input')].map((input) => input.checked)"
    marks = two.evaluate(checked)
    for radio in one.get_by_role("radio").all():
        radio.check()
        assert two.evaluate(checked) == marks
    one.evaluate("el => el.remove()")
    slider_of(page.locator(row.tag), row).focus()
    page.keyboard.press("End")
    settled(page, row)
    assert snapshot(page.locator(row.tag))[row.slider] > before[row.slider]


def test_a_new_width_redraws_it_and_nothing_sticks_out(standing, row):
    page, element = standing
    wide = element.locator("svg").first.bounding_box()["width"]
    page.set_viewport_size({"width": 360, "height": 800})
    settled(page, row)
    settle(page)
    assert element.locator("svg").first.bounding_box()["width"] < wide or wide < 330
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_new_theme_redraws_it(standing, row):
    page, element = standing
    colour = "el => getComputedStyle(el.querySelector('svg text')).fill"
    light = element.evaluate(colour)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    settled(page, row)
    assert element.evaluate(colour) != light and element.get_attribute("data-pg-theme") == "dark"


def test_every_control_has_a_name_of_its_own(standing, row):
    """As the browser tells a screen reader, which axe does not ask."""
    page, element = standing
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    found = [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip())
        for node in nodes
        if node.get("role", {}).get("value") in CONTROLS
    ]
    inputs = element.locator(":is(input, button, select, textarea):visible").count()
    assert len(found) >= inputs > 0
    assert all(name for _, name in found), found
    sliders = [name for role, name in found if role == "slider"]
    assert len(sliders) == element.locator("input[type=range]:visible").count()
    assert len(set(sliders)) == len(sliders) and not any(re.search(r"\d$", s) for s in sliders)


def test_a_click_on_a_sliders_label_goes_to_the_slider(standing, row):
    _, element = standing
    slider_of(element, row).locator("xpath=ancestor::label/span[1]").click()
    assert slider_of(element, row).evaluate("input => input === document.activeElement")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(standing, row, theme):
    page, _ = standing
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    settled(page, row)
    found = Axe().run(page, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()


def test_less_motion_is_respected(browser, show, row, watch):
    page = show(row.make().to_html())
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    element = settled(page, row)
    settle(page, 18)
    before = element.evaluate("el => [...el.querySelectorAll('svg')].map((s) => s.innerHTML)")
    settle(page, 12)
    assert before == element.evaluate(
        "el => [...el.querySelectorAll('svg')].map((s) => s.innerHTML)"
    )


def test_python_and_the_browser_agree_on_what_can_be_set(standing, row):
    _, element = standing
    widget = row.make()
    browser = settable(element.evaluate("el => el.kind.properties"))
    names = [re.sub("([A-Z])", lambda m: "_" + m[1].lower(), name) for name in browser]
    assert names == widget.settings()
    for name, prop in zip(names, browser.values(), strict=True):
        trait = widget.traits()[name]
        if isinstance(trait, traitlets.Bool):
            assert prop["type"] == "boolean"
        elif hasattr(trait, "choices"):
            assert tuple(prop["choices"]) == trait.choices
        else:
            assert (prop["min"], prop["max"]) == (trait.low, trait.high)
            assert (prop["type"] == "integer") == (trait.kind == "a whole number")
        assert prop["initial"] == trait.default_value


def test_it_shows_what_python_computes(show, row):
    page = show("".join(row.make(**settings).to_html() for settings, _, _ in row.values))
    for i, (_, name, expected) in enumerate(row.values):
        page.locator(row.tag).nth(i).scroll_into_view_if_needed()  # off the screen it rests
        assert readout(settled(page, row, i), name).replace("−", "-") == expected
