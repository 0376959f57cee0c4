"""Losses that were reported in public: what the audit says of each, and a second route to it."""

import inspect
import itertools
import math
import re

import numpy as np
import pytest
import torch
from pgbook.audit import audit, worlds
from pgbook.audit.batch import make_batch
from pgbook.audit.compare import angle_between
from pgbook.audit.field import REPORTS
from pgbook.audit.field import episodes as rl
from pgbook.audit.field import tokens as lm
from pgbook.audit.listing import stories
from pgbook.audit.pieces import EXTRAS
from pgbook.policies import softmax_policy

# For each report, the loss and then the proposal: the verdict, its factor, its angle in degrees,
# and the slips that are named.
MEANT = ("gradient", 1, 0)
SHORTER = ("scaled", 2 / 3, 0, "own-sample-mean")
NO_FRONT = ("turned", 1.311, 19.64, "lost-discount")
EVEN = ("own-sample-mean", "group-deviation")
NO_TERM = "penalty-left-out"
LATE = ("turned", 0.5196, 59.81, "own-sample-mean", "mask-late")
EXPECTED = {
    "Gymnasium 1336": (("turned", 0.941, 31.14), MEANT),
    "Udacity 42": (MEANT, NO_FRONT),
    "easy-rl 181": (MEANT, NO_FRONT),
    "PyTorch examples 744": (NO_FRONT, MEANT),
    "PyTorch examples 385": (MEANT, ("turned", 0.2483, 42.38, "own-length-mean")),
    "PyTorch examples 1422": (("turned", 1.316, 19.16), NO_FRONT),
    "PyTorch examples 1422, γ = 1": (MEANT, MEANT),
    "ReinforcementZeroToAll 1": (("turned", -0.01413, 90.69, "immediate-reward"), NO_FRONT),
    "Stable-Baselines3 127": (("turned", 1.167, 24.85, NO_TERM), ("turned", 1.167, 24.85, NO_TERM)),
    "OpenSpiel 962": (
        ("turned", 1.336, 40.00, "entropy-penalty"),
        ("turned", 0.9984, 3.27, "entropy-bonus"),
    ),
    "Keras 194": (("turned", 1.726, 69.20), MEANT),
    "Stable-Baselines3 651": (("turned", 1.098, 3.887, "cut-is-an-end"), MEANT),
    "Stable-Baselines3 1864": (MEANT, ("turned", 0.9949, 1.529, "end-forgotten")),
    "RoboVerse 814": (("turned", 0.5444, 44.63), MEANT),
    "Deep RL Hands-On 33": (("turned", 0.9683, 9.64), MEANT),
    "Deep RL in Action 32": (("turned", 0.1766, 82.15, "softmax-axis"), MEANT),
    "pytorch-rl 2": (MEANT, ("nothing", 0, math.nan)),
    "TRL 3187": (
        ("turned", 0.3499, 30.61, *EVEN, "token-mean"),
        ("turned", 0.1265, 70.75, *EVEN, "own-length-mean"),
    ),
    "verl 3741": (
        ("scaled", 2 / 3, 0, "own-sample-mean", "sum-over-batch", "mean-over-padding"),
        ("scaled", 2 / 9, 0, "own-sample-mean", "mean-over-padding"),
    ),
    "verl 5625": (
        ("turned", 0.1617, 42.56, "own-sample-mean", "own-length-mean"),
        ("turned", 0.3049, 10.45, "own-sample-mean", "token-mean"),
    ),
    "ROLL 444": (
        ("turned", 0.2498, 63.54, "own-sample-mean", "mask-forgotten", "token-mean"),
        ("turned", 0.3049, 10.45, "own-sample-mean", "token-mean"),
    ),
    "mlx-lm-lora 80": (LATE, SHORTER),
    "DeepSpeed-Chat 741": (SHORTER, LATE),
    "TRL 2608": (SHORTER, ("turned", 0.3262, 18.15, "own-sample-mean", "probability")),
    "open-instruct 530": (
        ("turned", 0.9163, 49.50, NO_TERM),
        ("turned", 0.9163, 49.50, NO_TERM),
    ),
    "NeMo RL 2506": (
        ("turned", 1.080, 22.08, "kl-k3-loss"),
        ("turned", 0.997, 5.426, "kl-k2-loss"),
    ),
    "NeMo RL 1518": (("scaled", 2.134e5, 0), ("scaled", 3.804, 0)),
}
BOTH = [
    pytest.param(report, loss, number, id=f"{report.name}, {'proposal' if number else 'loss'}")
    for report in REPORTS
    for number, loss in enumerate((report.loss, report.proposed))
]


def test_every_report_has_its_source_and_an_expectation():
    assert [report.name for report in REPORTS] == list(EXPECTED) and len(REPORTS) >= 12
    for report in REPORTS:
        assert re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+", report.url)
        assert report.claim and report.loss is not report.proposed
        for loss in (report.loss, report.proposed):
            assert loss.__doc__ and len(inspect.getsource(loss).splitlines()) <= 15


def test_some_reports_are_wrong():
    disputed = [name for name, (one, _) in EXPECTED.items() if one[0] in ("gradient", "scaled")]
    assert len(disputed) >= 2 and {"Udacity 42", "TRL 2608", "PyTorch examples 385"} < {*disputed}


@pytest.mark.parametrize(("report", "loss", "number"), BOTH)
def test_the_verdict(report, loss, number):
    verdict, factor, angle, *slips = EXPECTED[report.name][number]
    found = audit(loss, objective=report.objective)
    assert found.verdict == verdict, found.text()
    assert found.factor == pytest.approx(factor, rel=1e-3, abs=1e-9)
    assert found.slips == tuple(slips)
    if verdict != "nothing":
        assert found.angle == pytest.approx(angle, abs=0.01)


# --- a second route: every ordered batch, called one by one, and finite differences --------------

WORLD = worlds.SHORT


def potential(told, logits, objective):
    """The objective as a plain sum over stories, at any logits of the policy."""
    policy, table = softmax_policy(logits), told.parts
    states, actions, mask = (table[name].numpy() for name in ("states", "actions", "mask"))
    gamma = WORLD.gamma ** np.arange(mask.shape[1]) if objective.discounted else 1.0
    log_policy = np.log(policy)
    surprise = log_policy[states, actions] - np.log(softmax_policy(WORLD.ref))[states, actions]
    entropy = -(policy * log_policy).sum(axis=1)[states]
    paid = gamma * table["rewards"].numpy() - objective.kl * surprise + objective.entropy * entropy
    return told.probability(policy) @ (paid * mask).sum(axis=1)


def slope(told, objective, step=1e-5):
    """Its gradient by central differences, [S, A]."""
    found = np.zeros_like(WORLD.theta)
    for place in np.ndindex(found.shape):
        move = np.zeros_like(found)
        move[place] = step
        up, down = (potential(told, WORLD.theta + sign * move, objective) for sign in (1, -1))
        found[place] = (up - down) / (2 * step)
    return found


def expected_update(told, loss, K=2):
    """The mean of minus the gradient over all K-tuples of stories, [S, A]."""
    chance = told.probability(WORLD.policy())
    mean = np.zeros_like(WORLD.theta)
    for rows in itertools.product(range(len(chance)), repeat=K):
        theta = torch.tensor(WORLD.theta, requires_grad=True)
        parts = {name: part[list(rows)] for name, part in told.parts.items()}
        loss(make_batch(theta, parts, WORLD.gamma)).backward()
        mean -= chance[list(rows)].prod() * theta.grad.numpy()
    return mean


@pytest.mark.parametrize(("report", "loss", "number"), BOTH)
def test_the_numbers_by_a_second_route(report, loss, number):
    found = audit(loss, objective=report.objective, sizes=(2,))
    (run,) = [run for run in found.runs if run.world == "short"]
    critic = worlds.right_critic(WORLD, discounted=found.objective.discounted) + WORLD.error
    told = stories(WORLD, worlds.dyadic(critic))
    mean, truth = expected_update(told, loss), slope(told, found.objective)
    along = (mean * truth).sum() / (truth**2).sum()
    assert run.result.factor == pytest.approx(along, rel=1e-6, abs=1e-8)
    if run.result.rest != "nothing":
        assert run.result.angle == pytest.approx(angle_between(mean, truth), abs=1e-4)


# --- what surprises, by closed forms --------------------------------------------------------------


def update_of_each(loss):
    """The update of a few batches of four stories."""
    told = stories(WORLD, WORLD.error)
    found = []
    for rows in np.random.default_rng(0).integers(len(told.chance), size=(20, 4)):
        theta = torch.tensor(WORLD.theta, requires_grad=True)
        parts = {name: part[rows] for name, part in told.parts.items()}
        loss(make_batch(theta, parts, WORLD.gamma)).backward()
        found.append(theta.grad.numpy())
    return np.array(found)


def test_what_changes_no_mean_changes_none():
    """A sampled entropy of either sign, a log-ratio with or without its gradient: J's gradient."""
    for loss in (
        rl.sampled_entropy_minus,
        rl.sampled_entropy_plus,
        lm.kl_log_ratio,
        lm.kl_without_gradient,
    ):
        assert audit(loss, objective="J").verdict == "gradient"
    one, other = (audit(loss, objective="J").noise for loss in (rl.rewards_to_go, lm.kl_log_ratio))
    assert one != pytest.approx(other, rel=1e-3)


def test_k3_with_the_score_is_k2():
    (k2,) = [piece for piece in EXTRAS if piece.key == "k2"]

    def half_squared(b):
        return lm.with_penalty(b, -k2.make(b))

    one, other = update_of_each(lm.kl_k3_with_score), update_of_each(half_squared)
    np.testing.assert_allclose(one, other, atol=1e-12)


def test_the_left_out_deviation_only_scales():
    """The factor is the mean of one over the others' deviation, which the answer does not touch."""
    told = stories(worlds.EPISODES, worlds.EPISODES.error)
    paid = (told.parts["rewards"] * told.parts["mask"]).sum(1).numpy()
    p = told.probability(worlds.EPISODES.policy())
    spread = np.abs(paid[:, None] - paid[None, :]) / 2  # of two rewards
    factor = p @ (1 / (spread + 1e-6)) @ p
    assert audit(lm.left_out_deviation).factor == pytest.approx(factor, rel=1e-9)


def test_a_square_of_differences_is_a_mean_for_a_baseline():
    def plain(b):
        mean = (b.values * b.mask).sum() / b.mask.sum()
        return rl.per_episode(b, b.log_prob * (rl.to_go(b) - mean))

    one, other = update_of_each(plain), update_of_each(rl.every_value_for_every_step)
    np.testing.assert_allclose(one, other, atol=1e-12)
    found = audit(rl.every_value_for_every_step).by_size
    assert found[2].angle > found[3].angle > found[4].angle > 5 and found[math.inf].angle < 1e-6
