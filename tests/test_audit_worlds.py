"""The audit's worlds and truths, each by a second route."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from pgbook.audit import truth, worlds
from pgbook.audit.batch import FIELDS, Batch, fields_read, make_batch
from pgbook.audit.listing import endless_batch, every_batch, stories
from pgbook.audit.truth import Objective, parse_objective

EVERY = (
    worlds.EPISODES,
    worlds.SHORT,
    worlds.PROMPTS,
    worlds.PASSES,
    worlds.CUT,
    worlds.WINDOWS,
)


def name(value):
    return getattr(value, "name", str(value))


def critic_of(world):
    return worlds.right_critic(world, discounted=True) + world.error


def with_logits(world, logits):
    return dataclasses.replace(world, theta=logits)


def central_differences(function, at, step=1e-5):
    slope = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        nudge = np.zeros_like(at)
        nudge[place] = step
        slope[place] = (function(at + nudge) - function(at - nudge)) / (2 * step)
    return slope


def enumerated(world, objective, logits, cut=None):
    """The objective as a sum over stories, which dynamic programming never sees."""
    told = stories(world, critic_of(world))
    chance = told.probability(world.policy(logits)) / len(world.starts)
    part = {key: value.numpy() for key, value in told.parts.items()}
    policy = world.policy(logits)
    ratio = np.log(policy / world.policy(world.ref))[part["states"], part["actions"]]
    surprise = -np.log(policy)[part["states"], part["actions"]]
    pay = part["rewards"] - objective.kl * ratio + objective.entropy * surprise
    gamma = world.gamma if objective.discounted else 1.0
    discounts = gamma ** np.arange(world.horizon)
    worth = (pay * part["mask"] * discounts).sum(axis=1)
    if cut is not None:
        length = part["mask"].sum(axis=1)
        follows = (part["truncated"] * cut[part["next_states"]]).sum(axis=1)
        worth = worth + gamma**length * follows
    if not objective.passes:
        return chance @ worth
    right = [chance[told.prompt == p] @ worth[told.prompt == p] for p in (0, 1)]
    right = np.array(right) * len(world.starts)
    return np.mean(1 - (1 - right) ** objective.passes)


@pytest.mark.parametrize(
    ("world", "text"),
    [
        *itertools.product(EVERY[:5], ("J", "J_gamma", "J - 0.3 KL", "J_γ - 0.3 KL + 0.2 entropy")),
        (worlds.PASSES, "pass@1"),
        (worlds.PASSES, "pass@3"),
    ],
    ids=name,
)
def test_the_truth_is_the_slope_of_the_enumerated_objective(world, text):
    objective = parse_objective(text)
    slope = central_differences(lambda x: enumerated(world, objective, x), world.theta)
    np.testing.assert_allclose(truth.gradient(world, objective), slope, atol=1e-8)


def test_the_truth_of_a_cut_episode_counts_what_the_critic_says():
    objective, cut = Objective(discounted=True), critic_of(worlds.CUT)[-1]
    slope = central_differences(
        lambda x: enumerated(worlds.CUT, objective, x, cut), worlds.CUT.theta
    )
    with_critic = truth.gradient(worlds.CUT, objective, cut)
    np.testing.assert_allclose(with_critic, slope, atol=1e-8)
    assert np.abs(with_critic - truth.gradient(worlds.CUT, objective)).max() > 1e-2


def test_the_truth_of_a_stream_is_the_slope_with_its_distribution_held():
    world = worlds.WINDOWS
    slope = central_differences(lambda x: truth.stream_objective(world, x), world.theta)
    np.testing.assert_allclose(truth.gradient(world, Objective(discounted=True)), slope, atol=1e-8)
    mu = worlds.stationary(world)
    np.testing.assert_allclose(mu @ worlds.chain(world, world.policy())[:, :-1], mu, atol=1e-12)


@pytest.mark.parametrize("world", (worlds.EPISODES, worlds.SHORT, worlds.PROMPTS), ids=name)
@pytest.mark.parametrize("discounted", [False, True])
def test_the_right_critic_is_the_mean_of_what_comes(world, discounted):
    value = worlds.right_critic(world, discounted=discounted)
    for p, start in enumerate(world.starts):
        alone = dataclasses.replace(world, starts=(start,))
        mean = enumerated(alone, Objective(discounted=discounted), world.theta)
        assert value[0, start] == pytest.approx(mean, abs=1e-12), p
    assert not value[:, -1].any()


@pytest.mark.parametrize("world", (worlds.CUT, worlds.WINDOWS), ids=name)
def test_the_right_critic_looks_past_a_limit(world):
    value = worlds.right_critic(world, discounted=True)
    policy = world.policy()
    q = (world.transition * (world.reward + world.gamma * value[0])).sum(axis=2)
    np.testing.assert_allclose(value[0, :-1], (policy * q).sum(axis=1), atol=1e-12)
    np.testing.assert_array_equal(value, np.tile(value[0], (len(value), 1)))


@pytest.mark.parametrize("world", EVERY, ids=name)
def test_the_listed_batches_are_all_there_are(world):
    critic = critic_of(world)
    for stale in (False, True):
        once = every_batch(world, 2, critic=critic, stale=stale)
        every = every_batch(world, 2, critic=critic, stale=stale, ordered=True)
        assert once.weight.sum() == pytest.approx(1, abs=1e-12)
        assert every.weight.sum() == pytest.approx(1, abs=1e-12)
        orders = {}
        for row, weight in zip(every.index, every.weight, strict=True):
            key = tuple(tuple(sorted(pair)) for pair in row.reshape(-1, 2))
            orders[key] = orders.get(key, 0) + weight
        listed = [tuple(map(tuple, row.reshape(-1, 2))) for row in once.index]
        assert len(set(listed)) == len(listed) and set(listed) == set(orders)
        for key, weight in zip(listed, once.weight, strict=True):
            assert weight == pytest.approx(orders[key], abs=1e-12)
        assert ("old_log_prob" in once.parts) == stale


@pytest.mark.parametrize("world", (worlds.EPISODES, worlds.PASSES, worlds.WINDOWS), ids=name)
def test_an_endless_batch_holds_every_story_at_its_share(world):
    told, batch = stories(world, critic_of(world)), endless_batch(world, critic=critic_of(world))
    chance, size = told.probability(world.policy()), len(batch["rewards"])
    rows = np.hstack([told.parts[key].numpy() for key in ("states", "actions", "mask", "rewards")])
    held = np.hstack([batch[key].numpy() for key in ("states", "actions", "mask", "rewards")])
    for row, p in zip(rows, chance / len(world.starts), strict=True):
        assert (held == row).all(axis=1).sum() == pytest.approx(p * size, abs=1e-6)


def test_a_world_of_other_numbers_has_no_endless_batch():
    assert endless_batch(worlds.SHORT, critic=critic_of(worlds.SHORT)) is None


def test_a_story_worked_by_hand():
    world = worlds.EPISODES
    told = stories(world, critic_of(world))
    steps = [(0, 0), (0, 1), (1, 1)]  # stays, moves to 1, goes back
    states, actions = told.parts["states"].tolist(), told.parts["actions"].tolist()
    lengths = told.parts["mask"].sum(1).tolist()
    found = [
        m
        for m, length in enumerate(lengths)
        if length == 3 and list(zip(states[m], actions[m], strict=True)) == steps
    ]
    assert len(found) == 1
    m, policy = found[0], world.policy()
    expected = np.prod([policy[s, a] for s, a in steps])
    expected *= world.transition[0, 0, 0] * world.transition[0, 1, 1]  # the horizon ends the third
    assert told.probability(policy)[m] == pytest.approx(expected, abs=1e-15)
    paid = [world.reward[0, 0, 0], world.reward[0, 1, 1], world.reward[1, 1, -1]]
    np.testing.assert_array_equal(told.parts["rewards"][m], paid)
    np.testing.assert_array_equal(told.parts["terminated"][m], [0, 0, 1])
    np.testing.assert_array_equal(told.parts["next_states"][m], [0, 1, 3])


@pytest.mark.parametrize("world", EVERY, ids=name)
def test_the_fields_fit_together(world):
    critic = critic_of(world)
    part = {key: value.numpy() for key, value in stories(world, critic).parts.items()}
    on, after = part["mask"] > 0, part["mask"] == 0
    assert (on[:, 1:] <= on[:, :-1]).all() and on[:, 0].all()
    pairs = on[:, 1:]
    np.testing.assert_array_equal(part["values"][:, 1:][pairs], part["next_values"][:, :-1][pairs])
    np.testing.assert_array_equal(part["states"][:, 1:][pairs], part["next_states"][:, :-1][pairs])
    ends = part["terminated"] + part["truncated"]
    last = on & ~np.pad(on[:, 1:], ((0, 0), (0, 1)))
    np.testing.assert_array_equal(ends, np.zeros_like(ends) if world.kind == "stream" else last)
    assert (part["truncated"].any()) == (world.kind == "cut")
    over = (part["terminated"] > 0).nonzero()
    assert (part["next_states"][over] == len(world.theta)).all()
    assert (np.abs(part["next_values"][over]) > 1e-3).all(), "a forgotten end must be seen"
    for key in ("rewards", "values", "next_values"):
        assert (np.abs(part[key][after]) > 0.1).all(), "a forgotten mask must be seen"


@pytest.mark.parametrize("world", (worlds.EPISODES, worlds.SHORT, worlds.PROMPTS), ids=name)
def test_equal_returns_are_equal_on_every_processor(world):
    part = stories(world, worlds.dyadic(critic_of(world))).parts
    for numbers in (part["rewards"], part["values"], part["next_values"]):
        assert (numbers * 64 == (numbers * 64).round()).all()
    assert (world.gamma * 4) % 1 == 0


def test_a_batch_is_made_of_the_policy():
    world = worlds.EPISODES
    listing = every_batch(world, 2, critic=critic_of(world), stale=True)
    theta = torch.tensor(world.theta, requires_grad=True)
    batch = make_batch(theta, listing.fields(17), world.gamma)
    policy, s, a = world.policy(), batch.states.numpy(), batch.actions.numpy()
    np.testing.assert_allclose(batch.log_prob.detach(), np.log(policy[s, a]), atol=1e-12)
    entropy = -(policy * np.log(policy)).sum(axis=1)[s]
    np.testing.assert_allclose(batch.entropy.detach(), entropy, atol=1e-12)
    np.testing.assert_allclose(batch.logits.detach(), world.theta[s], atol=0)
    np.testing.assert_allclose(batch.old_log_prob, np.log(world.policy(world.old)[s, a]))
    np.testing.assert_allclose(batch.ref_log_prob, np.log(world.policy(world.ref)[s, a]))
    assert batch.log_prob.requires_grad and batch.entropy.requires_grad
    assert not batch.old_log_prob.requires_grad
    fresh = make_batch(theta, every_batch(world, 2, critic=critic_of(world)).fields(17), 0.5)
    assert torch.equal(fresh.old_log_prob, fresh.log_prob) and not fresh.old_log_prob.requires_grad


def test_a_batch_knows_what_was_read():
    world = worlds.SHORT
    parts = every_batch(world, 2, critic=critic_of(world)).fields(0)
    batch = make_batch(torch.tensor(world.theta), parts, world.gamma)
    assert fields_read(batch) == set()
    _ = batch.rewards * batch.mask
    assert fields_read(batch) == {"rewards", "mask"}
    vars(batch)
    assert fields_read(batch) == set(FIELDS)
    with pytest.raises(AttributeError, match="expected a field of the batch .*got 'advantages'"):
        _ = batch.advantages
    assert {field.name for field in dataclasses.fields(Batch)} == set(FIELDS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        batch.rewards = batch.mask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J", Objective()),
        ("J_gamma", Objective(discounted=True)),
        ("J_γ - .1*KL", Objective(discounted=True, kl=0.1)),
        ("J + 1e-2 entropy - 2 KL", Objective(entropy=0.01, kl=2.0)),
        ("pass@4", Objective(passes=4)),
    ],
)
def test_an_objective_is_read(text, expected):
    assert parse_objective(text) == expected


@pytest.mark.parametrize("text", ["", "K", "Jx", "J - KL", "pass@0", "pass@", "J - 0.1 KLL", 3])
def test_a_wrong_objective_is_refused(text):
    with pytest.raises(ValueError, match="objective: expected 'J'.*got"):
        parse_objective(text)


def test_every_prompt_can_go_right_and_wrong():
    world = worlds.PASSES
    told = stories(world, critic_of(world))
    rights = (told.parts["rewards"] * told.parts["mask"]).sum(1).numpy()
    assert set(rights) == {0.0, 1.0}
    for prompt in (0, 1):
        chance = told.probability(world.policy())[told.prompt == prompt]
        assert 0.1 < chance @ rights[told.prompt == prompt] < 0.9
