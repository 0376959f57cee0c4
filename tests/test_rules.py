"""The update rules against the library's weights, closed forms and hand-worked batches."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from pgbook import rules, weights
from pgbook.audit import audit
from pgbook.audit.batch import make_batch
from pgbook.audit.listing import every_batch
from pgbook.audit.measure import measure
from pgbook.audit.subject import Subject
from pgbook.audit.truth import Objective, gradient
from pgbook.audit.worlds import COMPASS, PASSES, level, right_critic
from pgbook.rules import published


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


# --- the losses that are more than a weight and a mean --------------------------------------------


def slope(loss, b):
    """Minus the gradient of a loss for each step's log π, [N, T]."""
    log_prob = b.log_prob.detach().requires_grad_()
    (found,) = torch.autograd.grad(loss(replace(b, log_prob=log_prob)), log_prob)
    return -found.numpy()


@pytest.mark.parametrize("epsilon", [1e-4, 0.5])
def test_the_deviation_in_code_is_numpys_sample_deviation(listing, epsilon):
    for b in batches(listing):
        returns = (b.rewards * b.mask).sum(1).numpy().reshape(2, 3)
        centred = returns - returns.mean(1, keepdims=True)
        weight = centred / (returns.std(1, ddof=1, keepdims=True) + epsilon)
        mask = b.mask.numpy()
        expected = weight.reshape(-1, 1) * mask / mask.sum()
        np.testing.assert_allclose(slope(published.grpo_in_code(epsilon), b), expected, atol=1e-12)


def test_reinforce_pp_and_pytorchs_example_by_numpy(listing):
    for b in batches(listing):
        on, r = b.mask.numpy() > 0, b.rewards.numpy()
        whole = weights.standardise(weights.total_return(r, on), on) / on.sum()
        np.testing.assert_allclose(slope(published.reinforce_pp, b), whole, atol=1e-12)
        togo, found = (
            weights.reward_to_go(r, on, gamma=b.gamma),
            slope(published.pytorch_example, b),
        )
        for g, m, each in zip(togo, on, found, strict=True):
            if m.sum() == 1:
                assert np.isnan(each[0])
            else:
                np.testing.assert_allclose(each, (g - g.mean()) / g.std(ddof=1) / 6, rtol=1e-5)


def moved(b, by):
    """The same batch as a policy collected it that liked each action less by `by`, [N, T]."""
    return replace(b, old_log_prob=b.log_prob.detach() - torch.as_tensor(by))


def test_clips_let_go_on_the_right_side(listing):
    b = next(b for b in batches(listing) if (b.mask == 1).all())
    up, down = lambda b: torch.ones_like(b.mask), lambda b: -torch.ones_like(b.mask)
    far = np.log([[0.7, 1.25]] * 5 + [[1.5, 4.0]])  # ratios of the steps
    rho, steps = np.exp(far), b.mask.sum().item()
    for weight, sign, options, kept in (
        (up, 1, {}, rho < 1.2),
        (up, 1, {"high": 0.28}, rho < 1.28),
        (up, 1, {"dual": 3.0}, rho < 1.2),
        (down, -1, {}, rho > 0.8),
        (down, -1, {"dual": 3.0}, (rho > 0.8) & (rho < 3.0)),
    ):
        found = slope(published.clipped(weight, **options), moved(b, far))
        np.testing.assert_allclose(found, sign * rho * kept / steps, atol=1e-12)


def test_ratios_of_answers(listing):
    for b in batches(listing, 10):
        far = np.random.default_rng(1).normal(scale=0.1, size=b.mask.shape)
        mask, weight = b.mask.numpy(), rules.ADVANTAGES["group-deviation"](b).numpy()
        own = mask.sum(1, keepdims=True)
        rho = np.exp((far * mask).sum(1, keepdims=True) / own)
        stays = np.where(weight > 0, rho < 1.2, rho > 0.8)
        gspo = rho * weight * stays / own / len(mask)
        cispo = np.minimum(np.exp(far), 1.28) * weight * mask / mask.sum()
        returns = rules.ADVANTAGES["total-return"](b).numpy()
        whole = np.exp((far * mask).sum(1, keepdims=True)) * returns
        for loss, expected in (
            (published.gspo, gspo),
            (published.cispo, cispo),
            (published.whole_ratio, whole * mask / len(mask)),
        ):
            np.testing.assert_allclose(slope(loss, moved(b, far)), expected, atol=1e-12)


def test_minibatches_are_halves(listing):
    b = next(batches(listing))
    halves, found = [*itertools.combinations(range(6), 3)], np.zeros(b.mask.shape)
    advantage, on = rules.ADVANTAGES["gae"](b).numpy(), b.mask.numpy() > 0
    for rows in map(list, halves):
        own = advantage[rows][on[rows]]
        weight = (advantage[rows] - own.mean()) / (own.std(ddof=1) + 1e-8) * on[rows]
        found[rows] += weight / len(own) / len(halves)
    np.testing.assert_allclose(slope(published.minibatches, b), found, atol=1e-12)


@pytest.mark.parametrize("size", [2, 3])
def test_goals_of_right_and_wrong_answers(size):
    critic = right_critic(PASSES, discounted=False)
    listing = every_batch(PASSES, size, critic=critic)
    passes = {k: gradient(PASSES, Objective(passes=k)) for k in range(1, size + 1)}
    for loss, truth in (
        (published.best_of_two, passes[2]),
        (published.maxrl(centred=False), sum(passes[k] / k for k in passes)),
        (published.maxrl(centred=True), sum(passes[k] / k for k in passes if k < size)),
    ):
        np.testing.assert_allclose(measure(Subject(loss), listing).mean, truth, atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "term"),
    [
        (published.kl_in_reward("k1"), {"kl": 1.0}),
        (published.entropy_in_reward, {"entropy": 1.0}),
        (published.entropy_with_states, {"entropy": 1.0}),
    ],
)
def test_terms_that_are_exact(listing, loss, term):
    truth = gradient(COMPASS, Objective(**term)) - gradient(COMPASS, Objective())
    np.testing.assert_allclose(measure(Subject(loss), listing).mean, truth, atol=1e-12)


def test_terms_that_are_not(listing):
    mean = {k: measure(Subject(published.kl_as_loss(k)), listing).mean for k in ("k1", "k2", "k3")}
    told, p = listing.parts, COMPASS.policy()
    ref, visits = COMPASS.policy(COMPASS.ref), np.zeros(4)
    taken = np.where(told["mask"] == 1, p[told["states"], told["actions"]], 1.0).prod(1)
    chance = taken / 4  # one of two prompts, and a coin decides whether there is a second step
    for t in (0, 1):
        on = told["mask"][:, t].numpy() > 0
        np.add.at(visits, told["states"][on, t].numpy(), chance[on])
    x = np.log(p / ref)
    frozen = -visits[:, None] * p * (x - (p * x).sum(1, keepdims=True))  # Σ_s of -∇KL(π_s‖ref_s)
    other = -visits[:, None] * (p - ref)  # of -∇KL(ref_s‖π_s)
    assert np.abs(mean["k1"]).max() < 1e-14
    np.testing.assert_allclose(mean["k2"], frozen, atol=1e-12)
    np.testing.assert_allclose(mean["k3"], other, atol=1e-12)
