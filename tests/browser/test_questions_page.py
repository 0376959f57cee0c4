"""Questions in the built pages: answered by keyboard, kept, told in the table, without a script."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_pages import OUTSIDE_MATHS

pytestmark = pytest.mark.browser

OPTIONS = {"preload": False, "resultTypes": ["violations"]}
SMALL = """els => els.map((el) => [el, el.closest("label") ?? el])
    .map(([el, box]) => [el.outerHTML.slice(0, 60), box.getBoundingClientRect()])
    .filter(([, box]) => box.width && Math.min(box.width, box.height) < 24).map(([name]) => name)"""
WHOLE = "document.documentElement.classList.add('pg-whole')"  # far from the screen is no text
PARTS = ".pg-question :is(button, input, summary), .pg-tick input"


def said(question):
    """What stands in the status of a question."""
    return question.get_by_role("status").inner_text()


def test_a_reader_answers_leaves_and_comes_back(watch, address):
    page = watch.open(f"{address}/book/01_objective.html")
    page.evaluate(WHOLE)
    choice, formula, number = (page.locator(f"#question-{letter}") for letter in "abc")
    tally = page.locator(".pg-tally [data-of]")
    of = tally.inner_text().partition(" of ")[2]

    group = choice.get_by_role("group")
    assert group.get_by_role("radio").count() == 3
    group.get_by_role("radio", name="how likely a trajectory is").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # sends the form
    assert said(choice).startswith("Not yet. θ decides")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert said(choice).startswith("Right. A policy changes")

    field = formula.get_by_role("textbox", name="Your answer")
    height = formula.evaluate("el => el.getBoundingClientRect().height")
    field.fill("(p(r0 + r1))/2")
    assert formula.locator(".pg-read math mfrac").count() == 1
    assert formula.evaluate("el => el.getBoundingClientRect().height") == height, "it moves"
    field.fill("p*(r0+r1")
    field.press("Enter")
    assert "At character 9: expected an operator or “)”, got the end." in said(formula)
    for text in ("p r0", "r0"):
        assert not formula.locator("summary").is_visible()
        field.fill(text)
        field.press("Enter")
    formula.locator("summary").click()
    assert "p*r0 + (1-p)*r1" in formula.locator("details").inner_text()

    number.get_by_role("textbox").fill("4*100")
    number.get_by_role("button", name="Check").click()
    assert said(number).startswith("Right. The error of a mean")
    page.get_by_role("checkbox", name="Exercise 1.2: I did it").check()
    assert tally.inner_text() == f"3 of {of}"

    page.reload()
    page.evaluate(WHOLE)
    assert tally.inner_text() == f"3 of {of}"
    assert said(choice).startswith("Right.") and field.input_value() == "r0"
    assert page.locator(PARTS).evaluate_all(SMALL) == []
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        found = Axe().run(
            page, context={"include": [["#exercises"]], **OUTSIDE_MATHS}, options=OPTIONS
        )
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320

    page.set_viewport_size({"width": 900, "height": 1000})
    page.locator(".pg-tally a").click()
    page.wait_for_url("**/way.html#what-you-have-done")
    manages(page, of)


def manages(page, of):
    """The table of what was done: told, exported, forgotten, imported."""
    row = page.get_by_role("row", name="1 The objective")
    assert row.get_by_role("link", name="Question 1.a, done", exact=True).is_visible()
    assert row.get_by_role("link", name="Question 1.b", exact=True).is_visible()
    assert row.locator("td").last.inner_text() == f"3 of {of}"
    assert page.locator(".pg-items a, .pg-progress button").evaluate_all(SMALL) == []
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename == "policy-gradients-progress.json"
    saved = download.value.path().read_text("utf-8")
    assert set(json.loads(saved)["done"]) == {"1.a", "1.b", "1.c", "1.2"}
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget all").click()
    assert row.locator("td").last.inner_text() == f"0 of {of}"
    status = page.locator(".pg-progress").get_by_role("status")
    for text, words in (("{}", "expected the format"), (saved, "Imported: 3 answers done.")):
        given = {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Import").click()
        chooser.value.set_files(given)
        status.get_by_text(words).wait_for()
    assert row.locator("td").last.inner_text() == f"3 of {of}"
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        context = {"include": [["#what-you-have-done"]]}
        found = Axe().run(page, context=context, options=OPTIONS)
        assert found.violations_count == 0, f"{theme}: {found.generate_report()}"
    row.get_by_role("link", name="Exercise 1.2, done", exact=True).click()
    page.wait_for_url("**/01_objective.html#exercise-2")
    # A link leads to its exercise, by a smooth scroll.
    page.wait_for_function(
        "() => { const { top } = document.querySelector('#exercise-2').getBoundingClientRect();"
        " return top >= 0 && top < 500; }"
    )


def test_without_a_script_and_on_paper_a_question_is_text_with_its_answer_folded(browser, address):
    for options, medium in (({"java_script_enabled": False}, "screen"), ({}, "print")):
        context = browser.new_context(**options)
        page = context.new_page()
        page.goto(f"{address}/book/01_objective.html")
        page.emulate_media(media=medium)
        choice = page.locator("#question-a")
        assert choice.get_by_text("what a trajectory returns").first.is_visible()
        assert not page.get_by_role("button", name="Check").first.is_visible()
        assert not page.locator("#exercise-1 input").is_visible()
        assert not page.locator(".pg-tally").is_visible(), "nobody has counted"
        assert choice.locator("summary").is_visible() == (medium == "screen")
        assert not choice.get_by_text("A policy changes how likely").is_visible()
        context.close()
