"""The group rules: by hand, against the audit's published losses, and their identities."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pgbook.rules import loss, published
from pgbook.tokens.groups import (
    CENTRES,
    DEVIATIONS,
    LENGTHS,
    RULES,
    Sums,
    group_weights,
    mixed,
)
from pgbook.weights import leave_one_out

REWARDS = np.array([[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]])
LENGTHS_OF = np.array([[2, 4, 1, 3], [5, 2, 1, 2]])  # 10 + 10 tokens

# Group means 1/2 and 1/4, deviations 1/2 and √3/4. Tokens: 5 + 2 of 20 earn 1.
BY_HAND = {
    "REINFORCE": REWARDS / 8,
    "RLOO": np.array([[2, -2, -2, 2], [-1, -1, -1, 3]]) / 3 / 8,
    "Dr. GRPO": np.array([[2, -2, -2, 2], [-1, -1, -1, 3]]) / 4 / 8,
    "GRPO": np.array([[1, -1, -1, 1], np.array([-1, -1, -1, 3]) / 3**0.5]) / 8 / LENGTHS_OF,
    "DAPO": np.array([[1, -1, -1, 1], np.array([-1, -1, -1, 3]) / 3**0.5]) / 20,
    "REINFORCE++": (REWARDS - 0.35) / (0.35 * 0.65) ** 0.5 / 20,
    "MaxRL": np.array([[1, -1, -1, 1], [-1, -1, -1, 3]]) / 8,
}
# The same as losses of an audit's batch.
PUBLISHED = {
    "REINFORCE": loss("total-return"),
    "RLOO": loss("leave-one-out"),
    "Dr. GRPO": loss("group-mean"),
    "GRPO": loss("group-deviation", "answers"),
    "DAPO": loss("group-deviation", "tokens"),
    "REINFORCE++": published.reinforce_pp,
    "MaxRL": published.maxrl(True),
}


@pytest.mark.parametrize("name", RULES)
def test_two_prompts_worked_by_hand(name):
    weights = group_weights(REWARDS, LENGTHS_OF, **RULES[name])
    np.testing.assert_allclose(weights, BY_HAND[name], atol=1e-14)


@st.composite
def batches(draw, least=2):
    prompts, K = draw(st.integers(1, 3)), draw(st.integers(least, 5))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    kinds = [rng.integers(0, 2, size=(prompts, K)) * 1.0, rng.random((prompts, K))]
    return kinds[draw(st.integers(0, 1))], rng.integers(1, 6, size=(prompts, K))


@pytest.mark.parametrize("name", RULES)
@settings(max_examples=40)
@given(batches())
def test_the_slope_of_the_published_loss(name, batch):
    """What stands before each token's log-probability is minus the weight."""
    rewards, lengths = batch
    steps = torch.arange(5)
    mask = (steps < torch.tensor(lengths.ravel())[:, None]).double()
    log_prob = torch.zeros_like(mask, requires_grad=True)
    earned = torch.zeros_like(mask)
    earned[torch.arange(len(mask)), lengths.ravel() - 1] = torch.tensor(rewards.ravel())
    prompts = torch.arange(len(rewards)).repeat_interleave(rewards.shape[1])
    batch = SimpleNamespace(log_prob=log_prob, rewards=earned, mask=mask, prompts=prompts)
    (slope,) = torch.autograd.grad(PUBLISHED[name](batch), log_prob)
    weights = group_weights(rewards, lengths, **RULES[name])
    np.testing.assert_allclose(-slope, weights.ravel()[:, None] * mask.numpy(), atol=1e-12)


@settings(max_examples=40)
@given(batches())
def test_identities(batch):
    rewards, lengths = batch
    K = rewards.shape[1]
    own, others = (group_weights(rewards, lengths, centre=c) for c in ("own", "others"))
    np.testing.assert_allclose(others, own * K / (K - 1), atol=1e-14)
    one = group_weights(rewards[:1], lengths[:1], centre="others")
    np.testing.assert_allclose(one * K, leave_one_out(rewards[0][:, None], np.ones((K, 1))).T)
    for name in ("RLOO", "Dr. GRPO", "MaxRL"):
        sums = group_weights(rewards, lengths, **RULES[name]).sum(axis=1)
        np.testing.assert_allclose(sums, 0, atol=1e-13)
    shared = group_weights(rewards, lengths, **RULES["GRPO"]) * lengths
    np.testing.assert_allclose(shared.sum(axis=1), 0, atol=1e-13)


@settings(max_examples=40)
@given(batches(), st.sampled_from(sorted(RULES)))
def test_a_batch_may_come_in_parts(batch, name):
    """With the sums of the rest, each prompt's weights are those of the whole batch."""
    rewards, lengths = batch
    whole = group_weights(rewards, lengths, **RULES[name])
    for x in range(len(rewards)):
        others = np.delete(rewards, x, axis=0), np.delete(lengths, x, axis=0)
        rest = Sums.of(*(part.astype(float) for part in others))
        part = group_weights(rewards[x : x + 1], lengths[x : x + 1], **RULES[name], rest=rest)
        np.testing.assert_allclose(part, whole[x : x + 1], atol=1e-12)


def test_every_composition_takes_many_batches_at_once():
    rng = np.random.default_rng(0)
    rewards, lengths = rng.random((7, 2, 3)), rng.integers(1, 5, size=(7, 2, 3))
    for centre, deviation, length in itertools.product(CENTRES, DEVIATIONS, LENGTHS):
        switches = {"centre": centre, "deviation": deviation, "length": length}
        together = group_weights(rewards, lengths, **switches)
        for b in range(7):
            one = group_weights(rewards[b], lengths[b], **switches)
            np.testing.assert_allclose(together[b], one, atol=1e-14)


@pytest.mark.parametrize("reward", [0.0, 1.0, 0.1])
def test_a_group_of_equals_teaches_nothing_where_it_is_compared(reward):
    """0.1 three times has a mean that is not 0.1: rounding must not be divided by rounding."""
    rewards, lengths = np.full((2, 3), reward), np.array([[1, 2, 3], [3, 3, 1]])
    for name in set(RULES) - {"REINFORCE"}:
        assert not group_weights(rewards, lengths, **RULES[name]).any(), name
    assert mixed(np.vstack([rewards, [[0, 1, 0]]])).tolist() == [False, False, True]


@pytest.mark.parametrize(
    "call",
    [
        lambda: group_weights([1.0, 0.0], [1, 1]),
        lambda: group_weights(REWARDS, LENGTHS_OF[:1]),
        lambda: group_weights(REWARDS, LENGTHS_OF * 0),
        lambda: group_weights(REWARDS * np.nan, LENGTHS_OF),
        lambda: group_weights(REWARDS[:, :0], LENGTHS_OF[:, :0]),
        lambda: group_weights(REWARDS[:, :1], LENGTHS_OF[:, :1], centre="others"),
        lambda: group_weights(-REWARDS, LENGTHS_OF, deviation="mean"),
        lambda: group_weights(REWARDS, LENGTHS_OF, centre="mean"),
        lambda: group_weights(REWARDS, LENGTHS_OF, deviation="batch"),
        lambda: group_weights(REWARDS, LENGTHS_OF, length="tokens"),
        lambda: mixed([1.0, 0.0]),
    ],
)
def test_bad_input_is_refused_with_a_reason(call):
    with pytest.raises(ValueError, match="expected .*got "):
        call()
