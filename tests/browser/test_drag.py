"""Marks in a figure follow the mouse and the finger, and the sliders follow the marks."""

import pytest
from harness import FRAMES
from pgbook.explorables import Baseline, Density, Leash, LogDerivative, OldData, RewardToText, Swap

pytestmark = pytest.mark.browser

# explorable, layer of the mark, way to drag it, the property and where it then stands
CASES = {
    "baseline": (Baseline(), "grip", (60, 0), "baseline", (0.5, 2)),
    "bell": (LogDerivative(mean=-0.5), "grip", (60, 0), "mean", (-0.45, 2)),
    "coin": (LogDerivative(family="coin", coin=0.3), "grip", (0, -50), "coin", (0.31, 1)),
    "die": (LogDerivative(family="die", die=0.0), "grip", (0, -50), "die", (0.05, 3)),
    "a coin thrown away": (
        LogDerivative(family="coin", coin=0.3),
        "grip",
        (0, 300),
        "coin",
        (0.0, 0.0),
    ),
    "step": (Swap(h=0.1), "grip-step", (-150, 0), "h", (0.001, 0.09)),
    "drawn action": (Density(action=0.0), "grip", (60, 0), "action", (0.3, 2)),
    "start": (Leash(logit_b=0.0), "grip", (0, -60), "logitB", (0.5, 3)),
    "update": (RewardToText(answers=2, at=200), "grip", (-60, 0), "at", (100, 190)),
    "distance": (OldData(far=4.0), "grip", (60, 0), "far", (5, 32)),
    "edge": (Swap(theta=2.0, moving=True), "grip-theta", (-60, 0), "theta", (0.5, 1.95)),
}


def mouse(page, start, end):
    """Drag with the mouse."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def finger(page, start, end):
    """Drag with a finger."""
    devtools = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", start), ("touchMove", end), ("touchEnd", None)):
        points = [{"x": at[0], "y": at[1]}] if at else []
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.mark.parametrize("how", [mouse, finger], ids=lambda how: how.__name__)
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_a_mark_can_be_dragged(show, case, how):
    widget, layer, (dx, dy), name, (low, high) = case
    page = show(widget.to_html())
    element = page.locator(widget.tag)
    grip = element.locator(f'[data-layer="{layer}"] circle').last
    grip.scroll_into_view_if_needed()
    page.evaluate(FRAMES)
    scrolled = page.evaluate("scrollY")
    box = grip.bounding_box()
    start = box["x"] + box["width"] / 2 + 5, box["y"] + box["height"] / 2 + 3
    how(page, start, (start[0] + dx, start[1] + dy))
    page.evaluate(FRAMES)
    value = element.evaluate("(el, name) => el.values[name]", name)
    assert low <= value <= high
    assert page.evaluate("scrollY") == scrolled
    if name not in ("h", "far"):  # on a logarithmic slider the input counts hundredths of the way
        slider = element.locator(f'input[type=range][data-pg="{name}"]')
        assert float(slider.input_value()) == pytest.approx(value)
    moved = grip.bounding_box()
    assert abs(moved["x"] - box["x"]) > 5 or abs(moved["y"] - box["y"]) > 5


def test_the_mark_of_a_guess_is_small_and_what_a_finger_takes_is_not_seen(show):
    page = show(Baseline().to_html())
    page.get_by_role("button", name="Guess first").click()
    page.evaluate(FRAMES)
    seen = "els => els.map((el) => getComputedStyle(el).fill !== 'rgba(0, 0, 0, 0)')"
    assert page.locator('[data-layer="guess"] circle').evaluate_all(seen) == [True, False]
