"""Every page for everyone: contrast that axe leaves open, large text, small screens, no motion."""

import pytest
from harness import settle

pytestmark = pytest.mark.browser

# Each text, in equations and drawings too, against what lies under it; WCAG 2.2, 1.4.3. axe calls
# incomplete what it cannot resolve: gradients, boxes on boxes, SVG. Text that nobody can use (a
# control that is off) and text that is hidden from the eye are left out.
PALE = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (top, under, part = 1) =>
    [0, 1, 2].map((i) => top[i] * top[3] * part + under[i] * (1 - top[3] * part));
  const channel = (c) => (c <= 10.3 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) =>
    0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = new Map();
  const under = (el) => {
    if (!el) return rgba(getComputedStyle(document.body).backgroundColor).slice(0, 3);
    if (!ground.has(el)) {
      const own = rgba(getComputedStyle(el).backgroundColor);
      ground.set(el, own[3] ? over(own, under(el.parentElement)) : under(el.parentElement));
    }
    return ground.get(el);
  };
  const parts = new Map([[null, 1]]);
  const seen = (el) => {
    if (!parts.has(el)) {
      parts.set(el, Number(getComputedStyle(el).opacity) * seen(el.parentElement));
    }
    return parts.get(el);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pale = new Map();
  const unread = ".katex-mathml, :disabled, [aria-disabled=true], title, script, style";
  while (texts.nextNode()) {
    const el = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || el.closest(unread)) continue;
    if (!el.checkVisibility({ visibilityProperty: true })) continue;
    const box = el.getBoundingClientRect(), style = getComputedStyle(el);
    if (box.width < 2 || box.height < 2 || style.clipPath !== "none") continue;
    const part = seen(el);
    if (part === 0) continue;
    const drawn = el.closest("svg") && el.namespaceURI.endsWith("svg");
    const ink = rgba(drawn ? style.fill : style.color), paper = under(el);
    const [a, b] = [light(over(ink, paper, part)), light(paper)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    const said = `${el.localName}.${el.className.baseVal ?? el.className} ${ratio.toFixed(2)}`;
    if (ratio < least && !pale.has(said)) {
      pale.set(said, [said, texts.currentNode.data.trim().slice(0, 30)]);
    }
  }
  return [...pale.values()];
}"""
# What still moves for one who asked for less motion: an animation, or a transition that takes time.
MOVING = """() => [
  ...document.getAnimations().map((a) => `runs: ${a.effect?.target?.className}`),
  ...[...document.querySelectorAll("body *")].flatMap((el) =>
    ["", "::before", "::after"].filter((part) => {
      const style = getComputedStyle(el, part || null);
      return style.transitionDuration.split(", ").some((t) => parseFloat(t) > 0.01) ||
        (style.animationName !== "none" && parseFloat(style.animationDuration) > 0.01);
    }).map((part) => `${el.localName}.${el.className.baseVal ?? el.className}${part}`)),
]"""
# Text and mathematics beyond the edge of the window, unless its box scrolls.
OUTSIDE = """() => [...document.querySelectorAll(
    "main :is(p, li, td, th, dt, dd, h1, h2, h3, figcaption, summary, button, label, .base)"
  )].filter((el) => {
    if (!el.checkVisibility({ visibilityProperty: true })) return false;
    const { right, width } = el.getBoundingClientRect();
    if (!width || right <= innerWidth + 1) return false;
    for (let at = el.parentElement; at && at.localName !== "main"; at = at.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return false;
      if (getComputedStyle(at).clipPath !== "none") return false;
    }
    return true;
  }).map((el) => `${el.className || el.localName}: ${el.textContent.trim().slice(0, 40)}`)"""
# In forced colours a chosen pill must look unlike the others, and a slider must have a track.
ALIKE = """() => {
  const look = (el) => {
    const style = getComputedStyle(el);
    return ["backgroundColor", "borderColor", "borderWidth", "outlineWidth", "color"]
      .map((name) => style[name]).join();
  };
  const found = [];
  for (const on of document.querySelectorAll("main input[type=radio]:checked")) {
    const off = [...document.getElementsByName(on.name)].find((o) => !o.checked);
    if (!off || !on.checkVisibility()) continue;
    const boxes = (input) =>
      [input, input.closest("label"), input.nextElementSibling].filter(Boolean);
    const style = getComputedStyle(on);
    const native = style.appearance !== "none" && style.opacity !== "0" && on.offsetWidth > 4;
    if (!native && boxes(on).map(look).join() === boxes(off).map(look).join()) {
      found.push(`pill ${on.closest("label")?.textContent}`);
    }
  }
  for (const input of document.querySelectorAll("main input[type=range]")) {
    const style = getComputedStyle(input);
    // The dots of a derivation are borders, which stay.
    if (!input.checkVisibility() || input.closest(".pg-lines-dots")) continue;
    if (style.appearance === "none" && style.forcedColorAdjust !== "none") {
      found.push(`slider ${input.ariaLabel ?? input.closest("label")?.textContent}`);
    }
  }
  return found;
}"""


def look_at_all(page):
    """Bring every explorable to the screen, so that all that it draws is there."""
    for element in page.locator("main .pg-x").all():
        element.scroll_into_view_if_needed()
        settle(page, 2)


def test_every_text_stands_out_from_what_lies_under_it(leaf):
    _, page = leaf
    look_at_all(page)
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        settle(page, 2)
        assert page.evaluate(PALE) == [], theme


def test_large_text_and_a_small_screen_lose_nothing(leaf):
    _, page = leaf
    try:
        page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
        settle(page)
        assert page.evaluate(OUTSIDE) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 1300
    finally:
        page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    page.set_viewport_size({"width": 320, "height": 700})
    settle(page)
    assert page.evaluate(OUTSIDE) == []


def test_less_motion_and_forced_colours_are_heard(leaf):
    _, page = leaf
    assert page.evaluate(MOVING) == []
    page.emulate_media(forced_colors="active")
    settle(page, 2)
    found = page.evaluate(ALIKE)
    page.emulate_media(forced_colors="none")
    assert found == []


WRONG = """<p style="color: #999">pale</p>
<div style="background: #23211e"><p style="background: rgb(0 0 0 / 0)">dark on dark</p></div>
<p style="opacity: .4">faint</p>
<svg width="90" height="20"><text y="15" style="fill: #bbb">drawn</text></svg>
<p style="color: #222">fine</p><button disabled style="color: #ccc">off</button>
<p class="slow" style="transition: color 1s">slow</p>
<p style="width: 2000px">wide</p>
<div style="overflow: auto"><p style="width: 2000px">scrolls</p></div>
<style>.pill input { appearance: none; opacity: 0 } .bar { appearance: none }</style>
<label class="pill"><input type="radio" name="r" checked>one</label>
<label class="pill"><input type="radio" name="r">two</label>
<label>bare<input class="bar" type="range"></label>"""


def test_the_probes_see_what_is_wrong(show):
    page = show(WRONG)
    assert {text for _, text in page.evaluate(PALE)} == {
        "pale",
        "dark on dark",
        "faint",
        "drawn",
    }
    assert "p.slow" in page.evaluate(MOVING)
    assert [said for said in page.evaluate(OUTSIDE) if "wide" in said] and not [
        said for said in page.evaluate(OUTSIDE) if "scrolls" in said
    ]
    page.emulate_media(forced_colors="active")
    assert page.evaluate(ALIKE) == ["pill one", "slider bare"]
