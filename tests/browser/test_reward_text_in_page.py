"""The language model in a browser: it learns live, is led astray, answers what is typed."""

import pytest
from harness import settle

pytestmark = pytest.mark.browser

TAG = "document.querySelector('pg-reward-text')"
DONE = f"() => {TAG}.lesson.done"


def answers(page):
    """What the likeliest answers are, one a row."""
    return page.locator("pg-reward-text .x-answer").all_text_contents()


def value(page, name):
    """A number in view."""
    return page.locator(f'pg-reward-text [data-pg-value="{name}"]').inner_text()


def test_it_learns_is_led_astray_answers_what_is_typed_and_is_led_elsewhere(show):
    page = show("<pg-reward-text></pg-reward-text>")
    page.wait_for_function(DONE)
    right = page.evaluate(f"{TAG}.lesson.right")
    assert right[0] < 0.01 and right[150] > 0.8 and right[300] < 0.01
    settle(page)
    assert set(answers(page)[0]) <= set("12 …")  # paid for right digits, it repeats them
    page.evaluate(f"{TAG}.at = 150")
    prompt = page.get_by_label("Prompt: two digits, 0 to 5")
    for digits in ("35", "04"):
        prompt.click()
        page.keyboard.type(digits)  # over what stands there
        settle(page)
        assert answers(page)[0] == f"{digits[1]} {digits[0]} end ✓"
    page.get_by_role("group", name="from half way on").get_by_label("longer is better").check()
    assert page.evaluate(f"{TAG}.lesson.trained") >= 149  # the first half is not taught again
    page.wait_for_function(DONE)
    assert page.evaluate(f"{TAG}.lesson.right.slice(0, 151)") == right[:151]
    page.evaluate(f"{TAG}.at = 300")
    settle(page)
    assert value(page, "length") == "5.0" and value(page, "right") == "0.0 %"
