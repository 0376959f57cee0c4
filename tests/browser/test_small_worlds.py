"""What only the explorables of chapters 4 and 5 do: paths to click, indices to break, walks."""

import pytest
import small_worlds
from harness import FRAMES
from pgbook.explorables import Dynamics, TrajectoryTree
from test_explorables import readout

pytestmark = pytest.mark.browser


def leaf(element, n):
    """The middle of the bar beside path n, counted from 1."""
    bar = element.locator('[data-layer="leaves"] rect').nth(n - 1)
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    return box["x"] + 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("how", ["mouse", "touch"])
def test_a_path_is_chosen_where_it_is_touched(show, how):
    page = show(TrajectoryTree(theta=1.0).to_html())
    element = page.locator("pg-tree")
    p = small_worlds.cat_products(1.0)
    for n in (1, 20, 32):
        x, y = leaf(element, n)
        page.touchscreen.tap(x, y) if how == "touch" else page.mouse.click(x, y)
        page.evaluate(FRAMES)
        assert element.evaluate("el => el.values.trajectory") == n
        assert readout(element, "probability") == f"{p[n - 1]:.4f}"
        assert element.locator('input[data-pg="trajectory"]').input_value() == str(n)


def test_a_drag_with_the_mouse_walks_through_the_paths(show):
    page = show(TrajectoryTree().to_html())
    element = page.locator("pg-tree")
    leaf(element, 20)
    start, end = leaf(element, 10), leaf(element, 17)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.evaluate(FRAMES)
    assert element.evaluate("el => el.values.trajectory") == 17
    page.mouse.up()


def test_the_posts_indices_strike_out_two_factors_and_the_sum_leaves_1(show):
    page = show(TrajectoryTree().to_html())
    element = page.locator("pg-tree")
    struck = element.locator('[data-layer="product"] text.value[text-decoration="line-through"]')
    assert (readout(element, "sum"), struck.count()) == ("1.000", 0)
    switch = element.get_by_label("the post’s indices")
    switch.focus()
    page.keyboard.press("Space")
    page.evaluate(FRAMES)
    assert (readout(element, "sum"), struck.count()) == ("4.000", 2)
    element.get_by_role("button", name="Reset").click()
    page.evaluate(FRAMES)
    assert (readout(element, "sum"), struck.count()) == ("1.000", 0)


def test_another_walk_has_another_score_and_the_slopes_stay(show):
    page = show(Dynamics(leak=-1.0).to_html())
    element = page.locator("pg-dynamics")
    walk = element.evaluate("el => el.values.walk")
    numbers = [readout(element, name) for name in ("truth", "reported", "bias")]
    world = readout(element, "world")
    assert world != "0" and numbers[0].startswith("−") and not numbers[1].startswith("−")
    element.get_by_role("button", name="Another walk").click()
    page.evaluate(FRAMES)
    assert element.evaluate("el => el.values.walk") != walk and readout(element, "world") != world
    assert [readout(element, name) for name in ("truth", "reported", "bias")] == numbers
