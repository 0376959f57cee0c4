"""The compass: a link keeps its setting, from a folder too; menus move it, words follow."""

import pytest
from harness import settled, write_page
from pgbook.explorables import Compass
from registry import ROWS
from test_explorables import readout, snapshot

pytestmark = pytest.mark.browser
ROW = ROWS["compass"]


def opened(page):
    """The compass on a page, at rest."""
    return settled(page, ROW)


def test_a_menu_moves_one_arrow_and_its_number(show):
    page = show(Compass().to_html())
    element = opened(page)
    arrows = "el => [...el.querySelectorAll('[data-layer^=arm]')].map((g) => g.innerHTML)"
    before, text = element.evaluate(arrows), readout(element, "angleA")
    element.get_by_label("A, solid: its Ψ").select_option("reward-to-go")
    element.get_by_label("A: its mean is over").select_option("episodes")
    opened(page)
    after = element.evaluate(arrows)
    assert after[0] != before[0] and after[1] == before[1]
    assert (text, readout(element, "angleA")) == ("21.0°", "0°")
    assert element.locator(".x-says").inner_text().startswith("A, reward-to-go: the gradient.")


def test_a_link_keeps_the_setting(watch, tmp_path):
    address = write_page(tmp_path, Compass().to_html()).as_uri()
    page = watch.open(address)
    element = opened(page)
    first = snapshot(element)
    element.get_by_label("B, dashed: its Ψ").select_option("one-step-td")
    element.get_by_label("all episodes equally long").check()
    element.get_by_role("button", name="Copy link").click()
    element.get_by_role("status").get_by_text("link").or_(
        element.get_by_role("status").get_by_text("Copied")
    ).wait_for()
    assert page.url == f"{address}#pg-compass?other=one-step-td&equal=true"
    wanted, numbers = snapshot(element), readout(element, "angleB")
    again = watch.open(page.url)
    element = opened(again)
    assert snapshot(element) == wanted != first and readout(element, "angleB") == numbers
    element.get_by_role("button", name="Reset").click()
    opened(again)
    assert snapshot(element) == first


def test_what_does_not_fit_in_a_link_is_left_out(watch, tmp_path):
    address = write_page(tmp_path, Compass().to_html()).as_uri()
    page = watch.open(f"{address}#pg-compass?rule=nonsense&size=3&error=9&prompts=&equal=maybe&x=1")
    element = opened(page)
    assert snapshot(element) == {**element.evaluate("el => el.first"), "size": "3"}
    assert element.get_by_role("alert").count() == 0
