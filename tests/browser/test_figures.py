"""A caption is read right below its picture: on a desk, on a phone, on paper, without scripts."""

import pytest
from harness import PATIENCE, settle
from playwright.sync_api import expect
from test_captions import figures

pytestmark = pytest.mark.browser

PAGES = sorted({cell.page.removesuffix(".ipynb") for cell, _, _ in figures()})
PLACES = """() => [...document.querySelectorAll("figure.pg-shown")].map((figure) => {
    const caption = figure.querySelector("figcaption").getBoundingClientRect();
    const shown = [...figure.children].find((child) => child.checkVisibility());
    const picture = shown.getBoundingClientRect();
    return {
      name: figure.id, gap: caption.top - picture.bottom, height: caption.height,
      over: Math.max(caption.right - innerWidth, -caption.left),
      words: figure.querySelector("figcaption").innerText,
    };
})"""


# A word that lies on another one by more than a third of the smaller one, or leaves the picture.
WORDS = """() => [...document.querySelectorAll(".pg-figure svg")].flatMap((svg) => {
    if (!svg.checkVisibility()) return [];
    const frame = svg.getBoundingClientRect();
    const words = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim());
    const boxes = words.map((t) => [t.textContent, t.getBoundingClientRect()]);
    const area = (w, h) => Math.max(0, w) * Math.max(0, h);
    const out = (a) => Math.max(frame.left - a.left, a.right - frame.right, frame.top - a.top);
    const scale = ({ a, b }) => Math.hypot(a, b);
    const size = (t) => parseFloat(getComputedStyle(t).fontSize) * scale(t.getScreenCTM());
    return boxes.flatMap(([word, a], i) => [
      ...(out(a) > 4 ? [[word]] : []),
      ...(size(words[i]) < 8 ? [[word, "small"]] : []),
      ...boxes.slice(i + 1).filter(([, b]) => {
        const common = area(Math.min(a.right, b.right) - Math.max(a.left, b.left),
                            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
        return common > Math.min(area(a.width, a.height), area(b.width, b.height)) / 3;
      }).map(([other]) => [word, other]),
    ].map((pair) => [svg.closest("figure").id, ...pair]));
})"""


def captions_below(page, name):
    """Every figure of the page has its caption below it, close by and inside the window."""
    found = page.evaluate(PLACES)
    assert [f["name"] for f in found] == [
        cell.name for cell, _, _ in figures() if cell.page == f"{name}.ipynb"
    ]
    for figure in found:
        assert 0 <= figure["gap"] <= 48 and figure["height"] > 15, figure
        assert figure["over"] <= 0 and figure["words"].startswith("Figure "), figure


def test_captions_stand_below_their_pictures(leaf):
    name, page = leaf
    for width in (1300, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        for element in page.locator("main .pg-x").all():
            element.scroll_into_view_if_needed()
            element.locator("svg").first.wait_for()
        settle(page)
        captions_below(page, name)
        met = page.evaluate(WORDS)
        assert not met, f"{width}: {met}"
    page.emulate_media(media="print")
    captions_below(page, name)


def test_captions_need_no_script(browser, address):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    page = context.new_page()
    for name in PAGES:
        page.goto(f"{address}/book/{name}.html", wait_until="domcontentloaded")
        shown = page.locator("figure.pg-shown > figcaption")
        assert shown.count() == sum(cell.page == f"{name}.ipynb" for cell, _, _ in figures())
        assert all(caption.is_visible() for caption in shown.all())
    context.close()


def test_a_link_to_a_figure_leads_to_it(watch, address):
    page = watch.open(f"{address}/book/09_baselines.html")
    page.set_viewport_size({"width": 1300, "height": 1000})
    page.get_by_role("link", name="Figure 9.3", exact=True).first.click()
    figure = page.locator("figure:target")
    assert figure.locator("figcaption").inner_text().startswith("Figure 9.3.")
    expect(figure).to_be_in_viewport(ratio=0.9, timeout=PATIENCE)  # the page glides there
