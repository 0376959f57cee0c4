"""Code on request: what each built page shows, and the reader's switch."""

import pytest
from book_pages import cells_of, chapters, imports, pages
from harness import PATIENCE, settle
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATHS = {path.stem: path for path in pages()}
CHAPTERS = {path.stem for path in chapters() if path.stem[:2].isdigit()} | {"when_it_holds"}
SCREEN = {"width": 1300, "height": 1000}
SWITCH = ".pg-code-switch"
# What is seen of the code, and how high the page is.
SEEN = """() => {
  document.documentElement.classList.add("pg-whole"); // no section's height is guessed
  const shown = [...document.querySelectorAll(".cell_input")].filter((e) => e.checkVisibility());
  return {
    code: shown.reduce((sum, e) => sum + e.offsetHeight, 0),
    cells: shown.map((e) => e.id.replace("code-", "")),
    page: document.documentElement.scrollHeight,
    exercises: document.getElementById("exercises")?.offsetHeight ?? 0,
  };
}"""
# Boxes of code or of printed text whose lines are longer than the box, and that do not say so.
CUT = """() => [...document.querySelectorAll(".cell pre")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1 && !e.hasAttribute("tabindex"))
    .map((e) => e.innerText.slice(0, 60))"""
WIDE = """() => [...document.querySelectorAll(".cell pre")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.innerText.slice(0, 60))"""
FOLDS = "[...document.querySelectorAll('details.pg-fold')]"
NONE_OPEN, ALL_OPEN = f"!{FOLDS}.some((d) => d.open)", f"{FOLDS}.every((d) => d.open)"


def state(page):
    """What a screen reader is told of the switch: its role, its name, whether it is pressed."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    for node in nodes:
        if node.get("name", {}).get("value") == "Show all code":
            pressed = [p for p in node.get("properties", []) if p["name"] == "pressed"]
            if pressed:
                return node["role"]["value"], pressed[0]["value"]["value"]
    return None


def test_code_is_a_small_part_of_a_page_and_no_import_is_seen(leaf):
    name, page = leaf
    seen = page.evaluate(SEEN)
    assert seen["code"] <= 0.15 * seen["page"], f"{seen['code']} of {seen['page']} px is code"
    source = {cell.name: cell for cell in cells_of(PATHS[name])}
    assert not [cell for cell in seen["cells"] if imports(source[cell])]
    assert page.evaluate(NONE_OPEN)
    if name in CHAPTERS:
        assert seen["code"] > 0, "no idea is shown"
        read, done = seen["page"] - seen["exercises"], seen["exercises"]
        assert read <= 20 * SCREEN["height"], f"{read} px to read, over 20 screens"
        assert done <= 3 * SCREEN["height"], f"{done} px of exercises, over 3 screens"


def test_no_line_of_code_is_cut_off_beside_an_empty_margin_or_without_a_hint(leaf):
    _, page = leaf
    for switch in page.locator(SWITCH).all():  # a page without code has none
        switch.click()
    settle(page)
    assert page.evaluate(WIDE) == []
    page.set_viewport_size({"width": 390, "height": 844})
    settle(page)
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [320, 388, 390])
def test_the_bar_with_the_switch_fits_a_phone(watch, address, width):
    page = watch.open(f"{address}/book/01_objective.html")
    page.set_viewport_size({"width": width, "height": 844})
    settle(page)
    buttons = page.locator(".bd-header-article button:visible").all()
    boxes = sorted((button.bounding_box() for button in buttons), key=lambda box: box["x"])
    assert len(boxes) >= 5 and boxes[-1]["x"] + boxes[-1]["width"] <= width
    assert all(a["x"] + a["width"] <= b["x"] for a, b in zip(boxes, boxes[1:], strict=False))


def test_the_switch_opens_all_code_here_and_on_the_next_page(watch, address):
    page = watch.open(f"{address}/book/01_objective.html")
    assert state(page) == ("button", "false") and page.evaluate(NONE_OPEN)
    page.locator(SWITCH).focus()
    page.keyboard.press("Space")
    assert state(page) == ("button", "true") and page.evaluate(ALL_OPEN)
    page.goto(f"{address}/book/02_gradient_of_an_expectation.html")
    assert state(page) == ("button", "true") and page.evaluate(ALL_OPEN)
    page.keyboard.press("Tab")
    page.locator(SWITCH).press("Enter")
    assert state(page) == ("button", "false") and page.evaluate(NONE_OPEN)
    page.reload()
    assert state(page) == ("button", "false") and page.evaluate(NONE_OPEN)


def test_the_switch_leaves_what_is_read_where_it_is(watch, address):
    page = watch.open(f"{address}/book/10_actor_critic.html")
    line = page.get_by_text("Which critic learns faster?")
    line.evaluate("e => scrollTo(0, e.getBoundingClientRect().top - 100)")
    settle(page)
    before = line.bounding_box()["y"]
    switch = page.locator(SWITCH).bounding_box()
    for _ in range(2):  # by the mouse itself: the browser's driver may scroll before it clicks
        page.mouse.click(switch["x"] + 20, switch["y"] + 10)
        settle(page)
        assert abs(line.bounding_box()["y"] - before) <= 2


def test_a_refused_storage_leaves_the_switch_working(watch, address):
    watch.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })"
    )
    page = watch.context.new_page()  # the theme itself complains there, so nobody watches
    page.goto(f"{address}/book/01_objective.html")
    page.locator(SWITCH).click()
    assert page.evaluate(ALL_OPEN)


def test_a_fold_is_named_by_what_is_seen_of_it_and_opens_by_key(watch, address):
    page = watch.open(f"{address}/book/01_objective.html")
    page.evaluate("document.documentElement.classList.add('pg-whole')")
    names = page.locator(".pg-fold > summary").evaluate_all(
        "all => all.map((s) => [s.hasAttribute('aria-label'), s.innerText.trim()])"
    )
    assert not any(label for label, _ in names) and all(text for _, text in names)
    check = page.locator("details:has(#code-check-eq-return) > summary")
    assert "control, the final state is paid too" in check.inner_text()
    check.press("Enter")
    assert page.locator("#code-check-eq-return").is_visible()


@pytest.mark.parametrize("how", ["opened there", "followed there"])
def test_a_link_to_folded_code_opens_it(watch, address, how):
    page = watch.open(f"{address}/book/01_objective.html{'#code-one-knob' * (how[0] == 'o')}")
    if how == "followed there":
        page.evaluate("location.hash = '#code-one-knob'")
    code = page.locator("#code-one-knob")
    expect(code).to_be_in_viewport(timeout=PATIENCE)  # the page glides there
    assert page.locator("details.pg-fold[open]").count() == 1


def test_a_link_to_a_folded_proof_opens_it(watch, address):
    page = watch.open(f"{address}/book/10_actor_critic.html#proof-eq-gae")
    proof = page.locator("details.pg-proof[open]")
    proof.wait_for()
    assert "Second equality" in proof.inner_text()


def test_a_search_opens_code_only_for_words_that_stand_nowhere_else(watch, address):
    for word, opened in (("quad", 1), ("future", 0)):
        page = watch.open(f"{address}/book/01_objective.html?highlight={word}")
        page.locator(".highlighted").first.wait_for(state="attached")
        settle(page)
        folds = page.locator("details.pg-fold[open]")
        assert (folds.count() > 0) == opened, word
        assert folds.locator(".highlighted").count() >= opened


def test_after_copying_the_focus_stays_on_the_button(watch, address):
    page = watch.open(f"{address}/book/01_objective.html#code-one-knob")
    copy = page.locator("#code-one-knob .copybtn")
    copy.focus()
    copy.press("Enter")
    page.wait_for_function("() => document.querySelector('#code-one-knob .copybtn.success')")
    assert copy.evaluate("button => document.activeElement === button")


def test_without_a_script_a_fold_opens_and_no_dead_switch_stands_there(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/book/01_objective.html")
    assert not page.locator(SWITCH).is_visible()
    page.locator("details:has(#code-imports) > summary").click()
    assert page.locator("#code-imports").is_visible()
    context.close()


def test_paper_shows_checks_results_and_proofs_and_the_code_that_is_open(watch, address):
    page = watch.open(f"{address}/book/10_actor_critic.html")
    page.locator("details:has(#code-check-eq-gae) > summary").click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.pg-proof:not([open])").count() == 0
    assert page.locator("details:has(#code-check-eq-bellman) .pg-check").is_visible()
    assert not page.locator("details:has(#code-check-eq-bellman) .pg-fold-more").is_visible()
    assert page.locator("#code-check-eq-gae").is_visible()
    assert not page.locator("#code-check-eq-bellman").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.pg-proof[open]").count() == 0
