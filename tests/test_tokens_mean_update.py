"""The exact mean of a group rule: by classes against the listing, that against a plain loop."""

import itertools

import numpy as np
import pytest
from pgbook.tokens import mean_update
from pgbook.tokens.groups import RULES, group_weights
from pgbook.tokens.mean_update import by_class, by_listing

LENGTHS = np.array([1, 2, 2, 3, 3])
RIGHT = np.array([[0.0, 1, 0, 1, 0], [1, 0, 0, 0, 1]])
GRADED = np.array([[0.0, 0.5, 0.5, 2, 0.1], [1, 0.3, 0, 0.3, 0.3]])
CHANCES = np.random.default_rng(0).dirichlet(np.ones(5), size=2)
SWITCHED = [pytest.param(switches, id=name) for name, switches in RULES.items()]


def in_a_loop(chances, rewards, K, switches):
    """Every ordered batch, one after the other."""
    prompts, kinds = rewards.shape
    mean = np.zeros_like(chances)
    for flat in itertools.product(range(kinds), repeat=prompts * K):
        drawn = np.array(flat).reshape(prompts, K)
        each = np.arange(prompts)[:, None]
        weights = group_weights(rewards[each, drawn], LENGTHS[drawn], **switches)
        chance = chances[each, drawn].prod()
        for x, i in np.ndindex(drawn.shape):
            mean[x, drawn[x, i]] += chance * weights[x, i]
    return mean


@pytest.mark.parametrize("switches", SWITCHED)
def test_the_listing_is_the_loop_over_ordered_batches(switches):
    expected = in_a_loop(CHANCES[:1], GRADED[:1], 3, switches)
    got = by_listing(CHANCES[:1], GRADED[:1], LENGTHS, 3, **switches)
    np.testing.assert_allclose(got, expected, atol=1e-14)


@pytest.mark.parametrize("rewards", [RIGHT, GRADED], ids=["right", "graded"])
@pytest.mark.parametrize("switches", SWITCHED)
def test_classes_are_the_listing(switches, rewards):
    for prompts, K in ((1, 2), (1, 4), (2, 2), (2, 3)):
        given = CHANCES[:prompts], rewards[:prompts], LENGTHS, K
        np.testing.assert_allclose(
            by_class(*given, **switches), by_listing(*given, **switches), atol=1e-13
        )


@pytest.mark.parametrize("switches", SWITCHED)
def test_a_copy_is_one_more_prompt(switches):
    twice = by_listing(CHANCES[[0, 0]], RIGHT[[0, 0]], LENGTHS, 3, **switches).sum(axis=0)
    (copied,) = by_class(CHANCES[:1], RIGHT[:1], LENGTHS, 3, copies=2, **switches)
    np.testing.assert_allclose(copied, twice, atol=1e-13)


def test_a_long_rest_is_taken_in_parts(monkeypatch):
    given = CHANCES, GRADED, LENGTHS, 3
    whole = by_class(*given, copies=2, **RULES["REINFORCE++"])
    monkeypatch.setattr(mean_update, "CHUNK", 7)
    np.testing.assert_allclose(
        by_class(*given, copies=2, **RULES["REINFORCE++"]), whole, atol=1e-14
    )


def test_what_cannot_be_said_weighs_nothing():
    chances = np.array([[0.5, 0.5, 0, 0, 0]])
    mean = by_class(chances, RIGHT[:1], LENGTHS, 3, **RULES["GRPO"])
    assert not mean[0, 2:].any() and mean[0, :2].all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: by_listing(CHANCES, RIGHT, LENGTHS, 40),
        lambda: by_class(CHANCES, RIGHT, LENGTHS, 4000),
        lambda: by_class(CHANCES * 2, RIGHT, LENGTHS, 2),
        lambda: by_class(CHANCES, RIGHT[0], LENGTHS, 2),
        lambda: by_class(CHANCES, RIGHT, LENGTHS[:2], 2),
        lambda: by_class(CHANCES, RIGHT, LENGTHS, 0),
        lambda: by_class(CHANCES, RIGHT, LENGTHS, 2, copies=0),
        lambda: by_class(CHANCES, RIGHT, LENGTHS, 2, centre="mean"),
    ],
)
def test_bad_input_is_refused_with_a_reason(call):
    with pytest.raises(ValueError, match="expected .*got "):
        call()
