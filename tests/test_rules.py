"""The update rules against the library's weights, closed forms and hand-worked batches."""

import numpy as np
import pytest
import torch
from pgbook import rules, weights
from pgbook.audit import audit
from pgbook.audit.batch import make_batch
from pgbook.audit.listing import every_batch
from pgbook.audit.truth import Objective, gradient
from pgbook.audit.worlds import COMPASS, level, right_critic


@pytest.fixture(scope="module")
def listing():
    critic = right_critic(COMPASS, discounted=False) + COMPASS.error
    return every_batch(COMPASS, 3, critic=critic)


def batches(listing, count=40):
    theta = torch.tensor(COMPASS.theta)
    for row in np.random.default_rng(0).choice(len(listing.weight), count):
        yield make_batch(theta, listing.fields(row), COMPASS.gamma)


def test_each_weight_is_the_librarys(listing):
    for b in batches(listing):
        r, on = b.rewards.numpy(), b.mask.numpy() > 0
        seen = {
            "values": np.hstack([b.values.numpy(), b.next_values.numpy()[:, -1:]]),
            "terminated": b.terminated.numpy() > 0,
        }
        advantage = weights.gae(r, on, lam=rules.LAMBDA, **seen)
        togo = weights.reward_to_go(r, on)
        two = [weights.leave_one_out(r[rows], on[rows]) for rows in (slice(0, 3), slice(3, 6))]
        own = [weights.standardise(g[None], m[None])[0] for g, m in zip(togo, on, strict=True)]
        expected = {
            "total-return": weights.total_return(r, on),
            "reward-to-go": togo,
            "minus-critic": weights.gae(r, on, lam=1.0, **seen),
            "gae": advantage,
            "one-step-td": weights.n_step(r, on, n=1, **seen),
            "discounted": weights.reward_to_go(r, on, gamma=COMPASS.gamma),
            "leave-one-out": np.vstack(two),
            "mean-at-t": weights.reward_to_go_minus_mean(r, on),
            "standardised": weights.standardise(advantage, on),
            "own-episode": np.array(own),
        }
        for name, each in expected.items():
            np.testing.assert_allclose(
                rules.ADVANTAGES[name](b).numpy(), each, atol=1e-12, err_msg=name
            )
        assert expected.keys() | {"group-mean", "group-deviation"} == rules.ADVANTAGES.keys()


def test_the_group_is_the_prompts_and_its_deviation_by_numpy(listing):
    for b in batches(listing):
        returns = (b.rewards * b.mask).sum(1).numpy().reshape(2, 3)
        centred = returns - returns.mean(1, keepdims=True)
        spread = returns.std(1, keepdims=True)
        scaled = np.where(spread > 0, centred / np.where(spread > 0, spread, 1), 0)
        for name, each in (("group-mean", centred), ("group-deviation", scaled)):
            np.testing.assert_allclose(
                rules.ADVANTAGES[name](b), each.reshape(-1, 1) * b.mask.numpy(), atol=1e-12
            )


def test_means_by_hand():
    x, mask = torch.tensor([[1.0, 7.0], [2.0, 4.0]]), torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    found = {name: mean(x, mask).item() for name, mean in rules.MEANS.items()}
    assert found == {"episodes": 7 / 2, "tokens": pytest.approx(7 / 3), "answers": 2.0}


@pytest.mark.parametrize("name", ["total-return", "reward-to-go", "minus-critic", "leave-one-out"])
def test_four_are_the_gradient(name):
    assert audit(rules.loss(name), objective="J", sizes=(3,)).verdict == "gradient"


def test_a_level_world_has_one_length_and_the_same_actions():
    world = level(COMPASS)
    told = every_batch(world, 2, critic=right_critic(world, discounted=False))
    assert (told.parts["mask"] == 1).all() and len(told.parts["mask"]) == 8
    assert np.isclose(told.weight.sum(), 1) and (world.theta == COMPASS.theta).all()
    policy, reward = world.policy(), world.reward[..., 0]  # the start states by hand
    after = (policy * reward).sum(1)
    for s in (0, 1):
        q = reward[s] + after[world.transition[s].argmax(-1)]
        by_hand = policy[s] * (q - policy[s] @ q) / 2
        np.testing.assert_allclose(gradient(world, Objective())[s], by_hand, atol=1e-12)
