"""The trainer in a real browser: it learns, can be slowed down, compared, paused and stepped."""

import pytest
from harness import settle

pytestmark = pytest.mark.browser

TRAINED = '<pg-trainer mode="trained"></pg-trainer>'
DONE = "() => document.querySelector('pg-trainer').ensemble?.done"
MEAN = 'pg-trainer g[data-layer="mean"] path'
CURVE = f"document.querySelector('{MEAN}')"
ROOM = '<div style="height: 4000px"></div>'


def value(page, name):
    return page.locator(f'pg-trainer [data-pg-value="{name}"]').inner_text()


def test_it_reaches_the_threshold_in_all_seeds(show):
    page = show(TRAINED)
    page.wait_for_function(DONE)
    page.wait_for_function("() => document.querySelector('pg-trainer').run.done")
    settle(page)
    assert value(page, "solved") == "12 of 12 seeds"
    assert page.evaluate("document.querySelector('pg-trainer').run.learner.mean100") >= 475


def test_while_a_slider_is_dragged_curves_follow(show):
    page = show("<pg-trainer></pg-trainer>")
    page.wait_for_function(DONE)
    slider = page.locator('[data-pg="learningRate"]')
    box = slider.bounding_box()
    y, curve = box["y"] + box["height"] / 2, page.locator(MEAN)
    page.mouse.move(box["x"] + box["width"] * 0.6, y)
    page.mouse.down()
    for part in (0.5, 0.4, 0.3, 0.2, 0.1):
        before = curve.get_attribute("d")
        page.mouse.move(box["x"] + box["width"] * part, y)
        page.wait_for_function(f"before => {CURVE}.getAttribute('d') !== before", arg=before)
    page.mouse.up()
    page.wait_for_function(DONE)
    settle(page)
    assert value(page, "solved") == "0 of 12 seeds"  # learning breaks where the steps are too small


def test_one_run_is_slowed_down_paused_and_stepped(show):
    page = show("<pg-trainer></pg-trainer>")
    updates = "() => document.querySelector('pg-trainer').run.learner.updates"
    page.wait_for_function(f"({updates})() >= 2")
    page.get_by_role("button", name="Pause").click()
    settle(page)
    before = page.evaluate(updates)
    settle(page, 30)
    assert page.evaluate(updates) == before
    page.get_by_text("More settings").click()
    page.get_by_role("button", name="One update").click()
    assert page.evaluate(updates) == before + 1
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"({updates})() >= {before + 2}")


def test_runs_are_laid_over_each_other(show):
    page = show(TRAINED)
    page.wait_for_function(DONE)
    kept = page.locator('pg-trainer g[data-layer="kept"] path')
    page.get_by_text("More settings").click()
    for count in (1, 2, 3, 3):
        page.get_by_role("button", name="Keep to compare").click()
        settle(page)
        assert kept.count() == count
    assert "rate 0.2, 16 episodes" in page.locator("pg-trainer").inner_text()
    page.get_by_role("button", name="Reset").click()
    settle(page)
    assert kept.count() == 0


def test_it_shows_where_learning_works(show):
    page = show('<pg-trainer psi="total_return"></pg-trainer>')
    trails = {}
    for psi, label in (("total_return", "total return"), ("reward_to_go", "reward-to-go")):
        page.get_by_label(label, exact=True).check()
        trail = f"document.querySelector('pg-trainer').survey.trails.get('{psi}')"
        page.wait_for_function(f"() => {trail}?.has(2) && {trail}.has(0.2)")
        trails[psi] = dict(page.evaluate(f"[...{trail}]"))
    assert trails["total_return"][0.002] == trails["reward_to_go"][0.002] == 0
    assert trails["total_return"][2] < 6 and 0 < trails["total_return"][0.2] < 12
    assert max(trails["total_return"].values()) < 12
    assert sum(arrived == 12 for arrived in trails["reward_to_go"].values()) >= 2
    settle(page)
    marks = page.locator('pg-trainer g[data-layer="reward_to_go"] path.x-fill')
    assert marks.count() == len(trails["reward_to_go"])
    assert "● total return, ■ reward-to-go" in page.locator("pg-trainer").inner_text().replace(
        "\xa0", " "
    )


def test_off_screen_it_rests(show):
    page = show(f"<pg-trainer></pg-trainer>{ROOM}")
    clock = "() => JSON.stringify([...document.querySelector('pg-trainer').demo.state])"
    page.wait_for_function(DONE)
    page.evaluate("scrollTo(0, 3500)")
    settle(page, 12)
    before = page.evaluate(clock)
    settle(page, 18)
    assert page.evaluate(clock) == before
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function(f"({clock})() !== {before!r}")


def test_two_trainers_of_one_seed_learn_the_same(show):
    page = show(TRAINED * 2)
    page.wait_for_function(
        "() => [...document.querySelectorAll('pg-trainer')].every((el) => el.ensemble?.done)"
    )
    ends = "[...document.querySelectorAll('pg-trainer')].map((el) => JSON.stringify(el.shown.mean))"
    one, two = page.evaluate(ends)
    assert one == two
