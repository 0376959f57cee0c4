"""What moves under the reader's hand moves nothing else, and a page does not jump as it opens."""

import pytest
from harness import PATIENCE, settle, settled

pytestmark = pytest.mark.browser

WIDTHS = pytest.mark.parametrize("width", [390, 1300])
WATCH = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.shifts.push(
    [entry.value, entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? String(node))],
  ))).observe({ type: "layout-shift", buffered: true });
}"""
# fonts come first: what they move is the page's business, not the explorables'
FONTS_FIRST = """() => {
  const define = customElements.define.bind(customElements);
  customElements.define = (...given) => {
    addEventListener("load", () => Promise.allSettled([...document.fonts].map((f) => f.load()))
      .then(() => requestAnimationFrame(() => requestAnimationFrame(() => define(...given)))));
  };
}"""
# where every visible part of the explorable stands; what is inside its picture may move
PLACES = """(el) => [...el.querySelectorAll("*")]
  .filter((part) => !part.ownerSVGElement && part.offsetParent !== null &&
    !part.closest(".x-said, [role=alert], .x-ends > *"))
  .map((part) => {
    const box = part.getBoundingClientRect(), root = el.getBoundingClientRect();
    const at = [box.top - root.top, box.height].map(Math.round);
    return [part.className || part.localName, ...at, Math.round(root.height)].join(" ");
  })"""
SWEEP = """async ([el, name]) => {
  const input = el.querySelector(`input[type=range][data-pg="${name}"]`);
  const low = Number(input.min), high = Number(input.max), step = Number(input.step);
  const many = Math.min(12, Math.round((high - low) / step));
  for (let i = 0; i <= many; i++) {
    input.value = String(low + Math.round((i * (high - low)) / many / step) * step);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
  }
}"""


@WIDTHS
def test_a_drag_moves_nothing_outside_the_picture(standing, row, width):
    page, element = standing
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(reduced_motion="reduce")
    settled(page, row)
    element.evaluate("el => el.querySelectorAll('details').forEach((each) => each.open = true)")
    names = element.evaluate(
        "el => [...el.querySelectorAll('input[type=range][data-pg]')]"
        ".filter((input) => input.offsetParent).map((input) => input.dataset.pg)"
    )
    assert names
    settle(page, 12)
    before = element.evaluate(PLACES)
    handle = element.element_handle()
    for name in names:
        page.evaluate(SWEEP, [handle, name])
        assert element.evaluate(PLACES) == before, name


@WIDTHS
def test_nothing_jumps_when_it_comes_to_life(show, row, width):
    page = show(f"<p>Before.</p>{row.make().to_html()}<p>What follows.</p>")
    page.set_viewport_size({"width": width, "height": 1600})
    page.emulate_media(reduced_motion="reduce")
    page.add_init_script(f"({WATCH})();({FONTS_FIRST})()")
    page.reload()
    settled(page, row)
    settle(page, 12)
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _ in shifts) < 0.05, shifts


def test_a_slider_selects_no_text(standing, row):
    page, element = standing
    slider = element.locator(f'input[type=range][data-pg="{row.slider}"]')
    slider.scroll_into_view_if_needed(timeout=PATIENCE)
    box = slider.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] - 120, steps=5)
    page.mouse.up()
    assert page.evaluate("String(getSelection())") == ""
