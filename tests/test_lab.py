"""The lab's widget: what the page is given, what it refuses, and training while one watches."""

import html
import json
import re

import numpy as np
import pytest
import traitlets
from pgbook import curves, plots
from pgbook.curves import Recorded, unpack
from pgbook.explorables import Lab
from pgbook.explorables.lab import packed
from pgbook.explorables.live import Controls, Growing

RECORDED = curves.load()
GRID = np.array([0, 10, 20, 30, 40])
AXES = {"psi": ["total_return"], "gamma": [1.0], "episodes": [10], "learning_rate": [0.1]}
TINY = Recorded(AXES, {}, [0, 1], GRID, np.arange(10.0).reshape(1, 1, 1, 1, 2, 5))


def straight(seed, steps=10, until=40, interrupt_at=None, **setting):
    """A stand-in for the trainer: the value is the number of steps and the seed."""
    for at in range(steps, until + steps, steps):
        if at == interrupt_at:
            raise KeyboardInterrupt
        yield at, at + seed


def test_the_page_gets_every_recorded_curve():
    lab = Lab(RECORDED, psi="reward_to_go", learning_rate=0.01)
    tag, data = re.match(r'<(pg-lab) data="([^"]*)"', lab.to_html()).groups()
    content = json.loads(html.unescape(data))
    assert content == json.loads(packed(RECORDED)) and content["axes"] == RECORDED.axes
    flat = unpack(content["curves"]).reshape(RECORDED.curves.shape)
    np.testing.assert_array_equal(flat, RECORDED.curves)
    row = RECORDED.settings().index({**setting_at(0.01), "psi": "reward_to_go"})
    _, lower, upper = plots.interval(RECORDED.at(**RECORDED.settings()[row]))
    for name, bound in (("lower", lower), ("upper", upper)):
        text = unpack(content[name]).reshape(135, -1)[row]
        assert np.abs(text - bound).max() <= 0.25
    assert 'psi="reward_to_go"' in lab.to_html() and 'learning-rate="0.01"' in lab.to_html()


def setting_at(rate):
    return {"psi": "total_return", "gamma": 1.0, "episodes": 10, "learning_rate": rate}


def test_the_repr_says_the_setting_and_not_the_data():
    expected = "Lab(psi='reward_to_go_minus_mean', learning_rate=0.1, episodes=10, gamma=1.0)"
    assert repr(Lab(RECORDED)) == expected


@pytest.mark.parametrize(
    "wrong",
    [{"learning_rate": 0.02}, {"episodes": 11}, {"gamma": 0.5}, {"psi": "other"}, {"gamma": "x"}],
)
def test_a_value_that_was_not_recorded_is_refused(wrong):
    lab, [(name, value)] = Lab(RECORDED), wrong.items()
    with pytest.raises(traitlets.TraitError, match=f"{name}: expected .*, got {value!r}"):
        setattr(lab, name, value)
    with pytest.raises(traitlets.TraitError, match=f"{name}: expected"):
        Lab(RECORDED, **wrong)


def test_growing_lets_the_last_one_go_first_and_counts_to_the_total():
    growing = Growing(GRID, [straight(0, steps=10), straight(1, steps=20), straight(2, steps=7)])
    taken = []
    for steps in growing:
        taken.append(steps)
        reached = [growing._steps(i) for i in range(3)]
        assert max(reached) - min(reached) <= 20
    assert sum(taken) == growing.total == 120
    for i, curve in enumerate(growing.curves()):
        first = (10, 20, 7)[i]  # flat before the first update, straight after it
        np.testing.assert_allclose(curve, np.maximum(GRID, first) + i)


def test_growing_has_no_curve_before_the_first_update():
    growing = Growing(GRID, [straight(0), straight(1)])
    assert growing.curves() == [[], []]
    next(iter(growing))
    assert growing.curves() == [[10.0, 10.0], []]


def test_laid_over_curves_are_the_trained_ones_with_their_interval():
    lab = Lab(TINY)
    drawn = lab.lay_over(straight, seeds=[0, 4], watch=None, learning_rate=0.5)
    assert drawn == [[10, 10, 20, 30, 40], [14, 14, 24, 34, 44]]
    live = json.loads(lab.live)
    assert live["curves"] == drawn and "learning_rate = 0.5; seeds: 2" in live["label"]
    _, lower, upper = plots.interval(drawn)
    np.testing.assert_allclose(live["lower"], lower)
    np.testing.assert_allclose(live["upper"], upper)


def test_the_bar_runs_to_its_end():
    bars = []

    class Bar:
        def __init__(self, total, unit):
            self.total, self.at, self.open = total, 0, True
            bars.append(self)

        def update(self, steps):
            self.at += steps

        def close(self):
            self.open = False

    Lab(TINY).lay_over(straight, watch=Bar, gamma=1.0)
    assert bars[0].at == bars[0].total == 120 and not bars[0].open


def test_an_interrupt_keeps_what_is_drawn():
    lab = Lab(TINY)
    drawn = lab.lay_over(straight, seeds=[0, 1], watch=None, interrupt_at=30)
    assert drawn == [[10, 10, 20], [11, 11, 21]]
    assert json.loads(lab.live)["curves"] == drawn


def test_another_error_is_not_swallowed_and_keeps_what_is_drawn():
    def broken(seed, **setting):
        yield 10, 1.0
        raise ArithmeticError("update 2")

    lab = Lab(TINY)
    with pytest.raises(ArithmeticError, match="update 2"):
        lab.lay_over(broken, seeds=[0], watch=None)
    assert json.loads(lab.live)["curves"] == [[1.0, 1.0]]


def test_an_interrupt_before_the_first_update_draws_nothing():
    lab = Lab(TINY)
    assert lab.lay_over(straight, seeds=[0, 1], watch=None, interrupt_at=10) == [[], []]
    assert json.loads(lab.live)["lower"] == []


def test_the_controls_train_what_they_are_set_to():
    calls = []

    def train(seed, **setting):
        calls.append((seed, setting))
        return straight(seed)

    lab = Lab(TINY)
    controls = lab.controls(train)
    assert isinstance(controls, Controls) and repr(controls).startswith("Controls: run this cell")
    psi, rate, episodes, gamma, number, button, _ = controls.children
    psi.value, rate.value, episodes.value, gamma.value = "leave_one_out", 0.05, 33, 0.9
    number.value = 2
    button.click()
    setting = {"psi": "leave_one_out", "learning_rate": 0.05, "episodes": 33, "gamma": 0.9}
    assert calls == [(0, setting), (1, setting)] and not button.disabled
    assert len(json.loads(lab.live)["curves"]) == 2
