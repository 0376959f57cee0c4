"""The carried example: every number on its picture is what enumeration and differences say."""

import re

import numpy as np
import pytest
from pgbook import crossroads, plots
from pgbook.mdp import (
    enumerate_trajectories,
    rewards,
    trajectory_prob,
)

T = crossroads.WORLD.horizon
EVERY = enumerate_trajectories(crossroads.WORLD)
STATES, ACTIONS = crossroads.PATH
PAID = rewards(crossroads.WORLD, EVERY)
TO_GO = np.array([[row[t:].sum() for t in range(T)] for row in PAID])


def turned(h):
    """The policy after the path's knob is turned by h, from the ratio of two exponentials."""
    pi = crossroads.policy().copy()
    for t, (s, a) in enumerate(zip(STATES[:-1], ACTIONS, strict=True)):
        pi[t, s, a] *= np.exp(h)
        pi[t, s] /= pi[t, s].sum()
    return pi


def share(rows, h=0.0):
    """The probability of the listed trajectories in `rows`, with the knob turned by h."""
    return trajectory_prob(crossroads.WORLD, turned(h), EVERY)[rows].sum()


def here(t, *, action=False, after=False):
    """The listed trajectories that are where the path is at step t, and do what it does."""
    rows = EVERY.states[:, t] == STATES[t]
    rows = rows & (EVERY.actions[:, t] == ACTIONS[t]) if action or after else rows
    return rows & (EVERY.states[:, t + 1] == STATES[t + 1]) if after else rows


def so_far(t):
    """The listed trajectories that begin as the path does, up to the move of step t."""
    return (EVERY.states[:, : t + 2] == STATES[: t + 2]).all(axis=1) & (
        EVERY.actions[:, : t + 1] == ACTIONS[: t + 1]
    ).all(axis=1)


def slope(f, h=1e-5):
    return (f(h) - f(-h)) / (2 * h)


def mean_to_go(t, rows):
    p = trajectory_prob(crossroads.WORLD, crossroads.policy(), EVERY) * rows
    return p @ TO_GO[:, t] / p.sum()


CHANCE = np.array([share(here(t, action=True)) / share(here(t)) for t in range(T)])
VALUE = np.array([mean_to_go(t, here(t)) for t in range(T)])
WORTH = np.array([mean_to_go(t, here(t, action=True)) for t in range(T)])
SCORE = np.array(
    [
        slope(lambda h, t=t: np.log(share(here(t, action=True), h) / share(here(t), h)))
        for t in range(T)
    ]
)
PATHS_OWN = TO_GO[so_far(T - 1)][0]
EXPECTED = {
    "reward": np.array([0, 1, 1, 1]),
    "slope": np.array([slope(lambda h, t=t: share(so_far(t), h)) for t in range(T)]),
    "score": np.array([slope(lambda h, t=t: np.log(share(so_far(t), h))) for t in range(T)]),
    "factor": CHANCE,
    "split": SCORE,
    "return": SCORE * PATHS_OWN[0],
    "reward-to-go": SCORE * PATHS_OWN,
    "baseline": SCORE * (PATHS_OWN - VALUE),
    "advantage": SCORE * (WORTH - VALUE),
}


def texts(by):
    """The words that the drawn picture shows."""
    words = {
        "caption": "It tries what is written.",
        "alt": "the crossroads, for a test of its words",
    }
    svg = plots.show(crossroads.draw(by), number="1.1", **words).shown.svg
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg), svg


def test_every_way_is_tested():
    assert set(EXPECTED) == set(crossroads.WAYS)


@pytest.mark.parametrize("by", EXPECTED)
def test_the_numbers_are_those_of_enumeration(by):
    np.testing.assert_allclose(crossroads.numbers(by)[0], EXPECTED[by], atol=1e-8)


@pytest.mark.parametrize("by", EXPECTED)
def test_the_picture_writes_its_numbers(by):
    shown, _ = texts(by)
    written = crossroads.WAYS[by][2]
    for number in EXPECTED[by]:
        assert written.format(number).replace("-", "−") in shown, (by, number, shown)
    assert crossroads.numbers(by)[1] in shown


def test_the_first_line_is_the_sum_that_the_path_makes():
    p = share(so_far(T - 1))
    lines = {by: crossroads.numbers(by)[1] for by in EXPECTED}
    assert lines["reward"].endswith("= 3")
    assert lines["slope"].endswith(f": {slope(lambda h: share(so_far(T - 1), h)):.4f}")
    assert lines["score"] == f"p × score = {p:.4f} × {SCORE.sum():.2f} = {p * SCORE.sum():.4f}"
    assert lines["factor"] == f"p(τ) = {p:.4f}, log p(τ) = −{-np.log(p):.2f}"
    assert f"{SCORE.sum():.2f}" in lines["split"]
    for by in ("return", "reward-to-go", "baseline", "advantage"):
        assert f"{EXPECTED[by].sum():.2f}" in lines[by], by


def test_the_worlds_factors_are_written_beside_the_moves():
    moves = np.array([share(here(t, after=True)) / share(here(t, action=True)) for t in range(T)])
    assert [f"× {x:g}" in texts("factor")[0] for x in moves.round(9)] == [True] * T
    assert texts("split")[0].count("0") == T
    drop = slope(lambda h: np.log(share(here(3, after=True), h) / share(here(3, action=True), h)))
    assert abs(drop) < 1e-8


def test_the_votes_of_all_weights_have_one_mean():
    """What the chapters say of the path's vote: on average over all paths it is the slope of J."""
    pi, state = crossroads.policy(), EVERY.states[:, :-1]
    on_way = state == STATES[:-1]  # elsewhere the knob turns nothing
    took = EVERY.actions == ACTIONS
    score = on_way * (took - pi[np.arange(T), STATES[:-1], ACTIONS])
    V = np.array([[mean_to_go(t, EVERY.states[:, t] == s) for s in range(3)] for t in range(1, T)])
    V = np.vstack([np.full(3, VALUE[0]), V])
    p = trajectory_prob(crossroads.WORLD, pi, EVERY)
    of_J = slope(lambda h: trajectory_prob(crossroads.WORLD, turned(h), EVERY) @ PAID.sum(axis=1))
    for psi in (TO_GO[:, :1], TO_GO, TO_GO - V[np.arange(T), state]):
        assert np.isclose(p @ (score * psi).sum(axis=1), of_J, atol=1e-8)
    assert round(of_J, 2) == 0.23


GREY_LINE = re.compile(r'<path d="([^"]+)"[^>]*style="fill: none; stroke: #6b7280;([^"]*)"')


def test_every_picture_is_the_same_drawing():
    """Lines, places and words of the world stand where they stood, whatever is written on them."""
    grey = [GREY_LINE.findall(texts(by)[1]) for by in EXPECTED]
    assert len(grey[0]) > 20 and all(lines == grey[0] for lines in grey)


def test_a_line_is_as_wide_as_its_move_is_likely():
    p = trajectory_prob(crossroads.WORLD, crossroads.policy(), EVERY)
    expected = []
    for t in range(T):
        moves = EVERY.states[:, t] * 3 + EVERY.states[:, t + 1]
        expected += [0.6 + 9 * p[moves == move].sum() for move in range(9) if (moves == move).any()]
    drawn = [
        re.search(r"stroke-width: ([\d.]+)", style)
        for _, style in GREY_LINE.findall(texts("reward")[1])
    ]
    np.testing.assert_allclose([float(width[1]) for width in drawn], expected, atol=0.006)


@pytest.mark.parametrize("by", EXPECTED)
def test_the_picture_fits_a_phone_unshrunk(by):
    svg = texts(by)[1]
    assert float(re.search(r'width="([\d.]+)pt"', svg)[1]) <= 270  # 360 px
    sizes = [float(size) for size in re.findall(r"font-size: ([\d.]+)px", svg)]
    assert sizes and min(sizes) >= 9  # in points: 12 px


def test_a_way_that_does_not_exist_is_refused():
    for call in (crossroads.numbers, crossroads.draw):
        with pytest.raises(ValueError, match=r"by: expected one of reward.*got 'colour'"):
            call("colour")
    with pytest.raises(ValueError, match=r"theta: expected .* got"):
        crossroads.policy([1.0, 2.0])
    with pytest.raises(ValueError, match=r"theta: expected .* got"):
        crossroads.policy(np.nan)
