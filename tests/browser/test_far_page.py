"""What is far from the screen is not laid out; a link to it lands, and paper has it."""

import pytest
from harness import settle

pytestmark = pytest.mark.browser

SKIPPED = """() => [...document.querySelectorAll(".bd-article > section > section")]
  .filter((s) => !s.lastElementChild.checkVisibility({ contentVisibilityAuto: true })).length"""
SECTIONS = "document.querySelectorAll('.bd-article > section > section').length"
GUESSED = """() => [...document.querySelectorAll(".bd-article > section > section")]
  .map((section) => section.getBoundingClientRect().height)"""
WHOLE = "document.documentElement.classList.add('pg-whole')"


def still(watch, url):
    """A page that jumps without gliding."""
    page = watch.context.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(url)
    return page


def top(page, name):
    """Where an element stands on the screen, once a jump to it is over."""
    settle(page, 12)
    return page.locator(f"#{name}").evaluate("el => el.getBoundingClientRect().top")


@pytest.mark.parametrize("width", [390, 1300])
def test_a_chapter_opens_with_its_first_screens_only(watch, address, width):
    page = still(watch, f"{address}/book/09_baselines.html")
    page.set_viewport_size({"width": width, "height": 900})
    settle(page)
    assert page.evaluate(SKIPPED) >= page.evaluate(SECTIONS) - 4
    guessed = page.evaluate(GUESSED)
    page.evaluate(WHOLE)
    assert page.evaluate(SKIPPED) == 0
    for guess, real in zip(guessed, page.evaluate(GUESSED), strict=True):
        assert 0.45 < real / guess < 1.7  # exercises, whose hints are folded, are the shortest
    page.evaluate("document.documentElement.classList.remove('pg-whole')")
    page.locator("#pst-secondary-sidebar a[href='#exercises']").evaluate("link => link.click()")
    assert 0 <= top(page, "exercises") < 100
    assert page.evaluate(SKIPPED) == 0, "a link into the page lays it out"


def test_a_link_from_another_page_lands_where_it_says(watch, address):
    page = still(watch, f"{address}/book/09_baselines.html#figure-six-variances")
    assert -1 <= top(page, "figure-six-variances") < 300  # fonts may come after the jump


def test_paper_holds_every_section(watch, address):
    page = watch.open(f"{address}/book/09_baselines.html")
    page.emulate_media(media="print")
    assert page.evaluate(SKIPPED) == 0
