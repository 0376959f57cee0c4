"""The audit's verdict: exact numbers by a second route, well-known losses, bad input."""

import copy
import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from pgbook import weights
from pgbook.audit import audit, worlds
from pgbook.audit.compare import angle_between
from pgbook.audit.listing import stories
from pgbook.audit.measure import Updates


def returns(b):
    return (b.rewards * b.mask).sum(1, keepdim=True)


def to_go(b, gamma=1.0):
    psi, after = torch.zeros_like(b.rewards), 0.0
    for t in reversed(range(b.rewards.shape[1])):
        after = (b.rewards[:, t] + gamma * after) * b.mask[:, t]
        psi[:, t] = after
    return psi


def per_episode(b, psi):
    return -(b.log_prob * psi * b.mask).sum() / len(b.rewards)


def reinforce(b):
    return per_episode(b, returns(b))


def group_mean(b):
    return per_episode(b, returns(b) - returns(b).mean())


def leave_one_out(b):
    others = (returns(b).sum() - returns(b)) / (len(b.rewards) - 1)
    return per_episode(b, returns(b) - others)


def token_mean(b):
    return -(b.log_prob * (returns(b) - returns(b).mean()) * b.mask).sum() / b.mask.sum()


def minus_critic(b):
    return per_episode(b, to_go(b) - b.values)


def discounted_in_front(b):
    front = b.gamma ** torch.arange(b.rewards.shape[1])
    return per_episode(b, front * to_go(b, b.gamma))


def one_step(b):
    delta = b.rewards + b.gamma * b.next_values * (1 - b.terminated) - b.values
    return -(b.log_prob * delta * b.mask).sum() / b.mask.sum()


def slow_mean(psi_of, K):
    """The mean update by a loop over ordered batches, closed-form scores and the book's weights."""
    world = worlds.EPISODES
    critic = worlds.dyadic(worlds.right_critic(world, discounted=False) + world.error)
    told = stories(world, critic)
    part = {key: value.numpy() for key, value in told.parts.items()}
    policy = world.policy()
    chance = told.probability(policy)
    mean = np.zeros_like(world.theta)
    for batch in itertools.product(range(len(chance)), repeat=K):
        rows = list(batch)
        mask = part["mask"][rows]
        psi = psi_of(part["rewards"][rows], mask)
        for k, t in np.argwhere(mask > 0):
            s, a = part["states"][rows[k], t], part["actions"][rows[k], t]
            score = np.eye(world.theta.shape[1])[a] - policy[s]
            mean[s] += chance[rows].prod() * psi[k, t] * score
    return mean


@pytest.mark.parametrize(
    ("loss", "psi_of"),
    [
        (reinforce, lambda r, m: weights.total_return(r, m) / len(r)),
        (leave_one_out, lambda r, m: weights.leave_one_out(r, m) / len(r)),
        (
            lambda b: per_episode(b, to_go(b) - (to_go(b)).sum(0) / b.mask.sum(0).clamp(min=1)),
            lambda r, m: weights.reward_to_go_minus_mean(r, m) / len(r),
        ),
        (
            token_mean,
            lambda r, m: (weights.leave_one_out(r, m) * (len(r) - 1) / len(r)) / m.sum(),
        ),
    ],
    ids=["reinforce", "leave-one-out", "mean at t", "token mean"],
)
def test_the_numbers_are_those_of_a_plain_sum(loss, psi_of):
    from pgbook.audit.truth import Objective, gradient

    mean, truth = slow_mean(psi_of, 2), gradient(worlds.EPISODES, Objective())
    report = audit(loss, sizes=(2,))
    factor = (mean * truth).sum() / (truth**2).sum()
    main = report.runs[0].result
    assert main.factor == pytest.approx(factor, abs=1e-10)
    assert main.angle == pytest.approx(angle_between(mean, truth), abs=1e-6)
    assert main.bias == pytest.approx(np.linalg.norm(mean - truth) / np.linalg.norm(truth))


@pytest.mark.parametrize("vectorise", [True, False])
@pytest.mark.parametrize(
    "loss", [reinforce, leave_one_out, minus_critic, discounted_in_front], ids=lambda f: f.__name__
)
def test_what_is_the_gradient_is_called_so(loss, vectorise):
    report = audit(loss, vectorise=vectorise)
    assert report.verdict == "gradient" and report.slips == ()
    assert report.factor == pytest.approx(1, abs=1e-10) and report.angle < 1e-6
    assert report.objective.discounted == (loss is discounted_in_front)
    assert report.probability == 1 and report.runs[0].result.vectorised == vectorise


def test_what_vmap_gets_wrong_is_called_plainly():
    def silent(b):  # it can tell the two calls apart, and is wrong in one
        wrong = torch._C._functorch.is_gradtrackingtensor(b.theta)
        return 0 * reinforce(b) if wrong else reinforce(b)

    report = audit(silent)
    assert report.verdict == "gradient" and not report.runs[0].result.vectorised


def test_the_group_mean_is_shorter_by_its_own_part():
    report = audit(group_mean)
    assert report.verdict == "scaled" and report.factor == pytest.approx(2 / 3, abs=1e-12)
    for K in (2, 3, 4):
        assert report.by_size[K].factor == pytest.approx((K - 1) / K, abs=1e-12)
    assert report.by_size[math.inf].angle < 1e-6


def test_the_mean_over_tokens_turns_and_fades():
    report = audit(token_mean)
    assert report.verdict == "turned" and report.angle > 5
    assert report.by_size[2].angle > report.by_size[3].angle > report.by_size[4].angle
    assert report.by_size[math.inf].angle < 1e-6 and "K = ∞" in str(report)


def test_the_endless_batch_is_the_limit():
    """The group mean over its own deviation, whose deviation is a constant of the world there."""

    def standardised(b):
        centred = returns(b) - returns(b).mean()
        return per_episode(b, centred / (returns(b).std(unbiased=False) + 1e-12))

    world = worlds.EPISODES
    told = stories(world, world.error)
    paid = (told.parts["rewards"] * told.parts["mask"]).sum(1).numpy()
    chance = told.probability(world.policy())
    deviation = np.sqrt(chance @ paid**2 - (chance @ paid) ** 2)
    report = audit(standardised)
    assert report.by_size[3].angle > 5
    assert report.by_size[math.inf].angle < 1e-6
    assert report.by_size[math.inf].factor == pytest.approx(1 / deviation, abs=1e-9)
    by_length = audit(lambda b: -(b.log_prob * returns(b) * b.mask / b.mask.sum(1)[:, None]).sum())
    angles = [size.angle for size in by_length.by_size.values()]
    assert len(angles) == 4 and np.ptp(angles) < 1e-6 < 10 < angles[0]  # never fades


def left_out_deviation(b):
    """Leave-one-out over the deviation of the others: right at any size, on a scale of its own."""
    paid, K = returns(b)[:, 0], len(b.mask)
    mean = (paid.sum() - paid) / (K - 1)
    others = ((paid[None, :] - mean[:, None]) ** 2 * (1 - torch.eye(K))).sum(1) / (K - 1)
    return per_episode(b, ((paid - mean) / (others + 0.01).sqrt())[:, None])


def test_the_endless_batch_leaves_an_episode_out_of_infinitely_many():
    report = audit(left_out_deviation)
    assert report.verdict == "scaled" and report.by_size[math.inf].angle < 1e-3
    others = audit(leave_one_out).by_size[math.inf]
    assert others.factor == pytest.approx(1, abs=1e-7) and others.angle < 1e-6
    added_up = audit(lambda b: left_out_deviation(b) * len(b.mask))  # its length has no limit
    assert added_up.by_size[math.inf].angle < 1e-3


def test_a_wrong_sign_is_a_turn_by_180_degrees():
    report = audit(lambda b: -reinforce(b))
    assert report.verdict == "turned" and report.angle == pytest.approx(180)
    assert report.factor == pytest.approx(-1) and "wrong sign" in str(report)


def test_windows_and_episodes_answer_differently():
    assert audit(one_step, sampling="windows").verdict == "gradient"
    assert audit(one_step).verdict == "turned"
    assert audit(reinforce, sampling="windows").verdict == "turned"


def test_no_update_is_nothing():
    assert audit(lambda b: b.log_prob.sum() * 0).verdict == "nothing"
    report = audit(lambda b: (b.log_prob * b.mask).sum())  # the score alone has mean zero
    assert report.verdict == "nothing" and "mean update is zero" in str(report)


@pytest.mark.parametrize("sizes", [None, (3,)])
def test_what_rounding_leaves_of_no_update_is_nothing(sizes):
    def everyone(b):  # [K, 1] times [K] is [K, K]: each episode has the sum of all, which is zero
        paid = returns(b)[:, 0] - returns(b).mean()
        return -((b.log_prob * b.mask).sum(1, keepdim=True) * paid).mean()

    report = audit(everyone, sizes=sizes)
    assert report.verdict == "nothing" and "nan" not in str(report)
    assert audit(lambda b: 1e-9 * reinforce(b)).verdict == "scaled"


@pytest.mark.parametrize("sizes", [None, (3,)])
def test_a_loss_that_takes_steps_for_episodes_is_invalid(sizes):
    def mixed(b):  # at K = T each step gets another episode's return, and one of them its own
        return -(b.log_prob * b.mask * returns(b)[:, 0]).sum()

    report = audit(mixed, sizes=sizes)
    assert report.verdict == "invalid" and "as many episodes as steps" in report.headline()

    def for_three_by_three(b):
        return per_episode(b, returns(b).view(3, 1)) * torch.ones(b.mask.shape).view(3, 3)[0, 0]

    assert audit(for_three_by_three, sizes=sizes).verdict == "gradient"


def test_a_reference_that_is_read_is_asked_about():
    def paid(b):
        cost = 0.1 * (b.log_prob - b.ref_log_prob).detach()
        return -(b.log_prob * ((b.rewards - cost) * b.mask).sum(1, keepdim=True) * b.mask).sum() / 3

    assert 'objective="J - 0.1 KL"' in str(audit(paid, sizes=(3,)))
    assert 'objective="J - 0.1 KL"' not in str(audit(paid, sizes=(3,), objective="J - 0.1 KL"))


def test_a_batch_may_be_copied():
    assert audit(lambda b: reinforce(copy.copy(b))).verdict == "gradient"


def test_a_deviation_of_equals_is_invalid_on_their_probability():
    def loss(b):
        return per_episode(b, (returns(b) - returns(b).mean()) / returns(b).std())

    report = audit(loss)
    told = stories(worlds.EPISODES, worlds.EPISODES.error)
    paid = (told.parts["rewards"] * told.parts["mask"]).sum(1).numpy()
    chance = told.probability(worlds.EPISODES.policy())
    same = sum(chance[paid == value].sum() ** 3 for value in np.unique(paid))
    assert report.verdict == "invalid" and 1 - report.probability == pytest.approx(same, abs=1e-12)
    assert "% of the probability" in str(report) and "the rest: turned by" in str(report)
    assert report.runs[0].result.rest == "turned"


def test_the_rest_is_a_mean_over_the_rest():
    each = np.array([1.0, np.nan, 3.0])[:, None, None] * np.ones((1, 2, 2))
    updates = Updates(each, np.array([0.5, 0.3, 0.2]), "NaN", True)
    np.testing.assert_allclose(updates.mean, 1.1 / 0.7, atol=1e-12)
    assert updates.square == pytest.approx(4 * 2.3 / 0.7) and updates.lost == pytest.approx(0.3)


def test_an_error_on_a_part_is_invalid_there():
    def loss(b):
        if b.mask.sum().item() == 3:
            raise RuntimeError("three steps are too few")
        return reinforce(b)

    report = audit(loss)
    assert report.verdict == "invalid" and 0 < report.probability < 1
    assert "three steps are too few" in str(report)


def test_another_size_that_fails_is_told_and_decides_nothing():
    def for_three(b):
        return per_episode(b, returns(b).view(3, 1))

    report = audit(for_three)
    assert report.verdict == "gradient" and set(report.by_size) == {3}
    assert "not in the world 'episodes' at K = 2" in str(report)
    divided = audit(lambda b: -(b.log_prob * returns(b) * b.mask).sum() / 3)
    assert divided.verdict == "scaled" and "K = 2; in 'episodes', K = 3, it is the gradient" in str(
        divided
    )
    assert divided.slips == ("sum-over-batch", "constant-factor")


def test_large_weights_are_no_turn():
    report = audit(lambda b: per_episode(b, returns(b) + 1e8))
    assert report.verdict == "gradient" and report.noise > 1e10


def test_whole_numbers_of_any_type_are_exact():
    def loss(b):
        on = b.mask.to(torch.float16)
        steps = torch.ones(b.mask.shape[1]).cumsum(0) - 1
        return -(b.log_prob * returns(b) * on * (steps >= 0).float()).sum() / len(on)

    assert "precision" not in str(audit(loss))


def test_half_precision_has_a_tolerance_of_its_own():
    report = audit(lambda b: per_episode(b, returns(b).half()))
    assert report.verdict == "gradient"  # 64ths are exact
    report = audit(lambda b: -(b.log_prob.half() * returns(b).half() * b.mask.half()).sum() / 3)
    assert report.runs[0].result.verdict == "gradient" and "half precision" in str(report)
    report = audit(lambda b: -(token_mean(b) * 1.0).half())
    assert report.verdict == "turned" and report.slips == ()


def test_single_precision_has_a_tolerance_of_its_own():
    def loss(b):
        psi = returns(b).float() * (1 + 3e-6 * b.mask.float())
        return -(b.log_prob.float() * psi * b.mask.float()).sum() / len(b.rewards)

    assert audit(loss).verdict == "gradient"
    assert audit(lambda b: per_episode(b, returns(b) * (1 + 3e-6))).verdict == "scaled"


@pytest.mark.parametrize("text", ["J - 0.5 KL", "J_gamma - 0.5 KL"])
def test_a_divergence_in_the_reward_is_its_gradient(text):
    def loss(b):
        ratio = (b.log_prob - b.ref_log_prob).detach()
        gamma = b.gamma if "gamma" in text else 1.0
        paid = (b.rewards - 0.5 * ratio) * b.mask
        discounts = gamma ** torch.arange(paid.shape[1])
        return per_episode(b, (paid * discounts).sum(1, keepdim=True))

    assert audit(loss, objective=text).verdict == "gradient"
    assert audit(reinforce, objective=text).verdict == "turned"


def test_an_entropy_bonus_on_frozen_states_is_not_the_episodes_entropy():
    def frozen(b):
        return reinforce(b) - 0.5 * (b.entropy * b.mask).sum() / len(b.rewards)

    def whole(b):
        surprise = -(b.log_prob.detach() * b.mask)
        return frozen(b) - 0.5 * -per_episode(b, surprise.flip(1).cumsum(1).flip(1) - surprise)

    assert audit(frozen, objective="J + 0.5 entropy").verdict == "turned"
    assert audit(whole, objective="J + 0.5 entropy").verdict == "gradient"


def test_pass_at_k_has_an_unbiased_estimate_and_a_biased_one():
    def unbiased(b):  # E max over two of the prompt's answers, each pair once
        paid = returns(b)[:, 0]
        same = b.prompts[:, None] == b.prompts[None, :]
        pair = torch.maximum(paid[:, None], paid[None, :]) * same * (1 - torch.eye(len(paid)))
        per_prompt = same.sum(1)
        psi = (2 * pair.sum(1) / (per_prompt - 1) * 1.0)[:, None]
        return per_episode(b, psi)

    report = audit(unbiased, objective="pass@2")
    assert report.verdict == "gradient", str(report)
    turned = audit(reinforce, objective="pass@2")
    assert turned.verdict == "turned" and "it does not read prompts" in str(turned)
    assert "read prompts" not in str(report)
    assert audit(reinforce, objective="pass@1").verdict == "gradient"


def test_an_update_is_audited_too():
    def update(b):
        loss = token_mean(b)
        loss.backward()
        return b.theta.grad

    report, same = audit(update=update), audit(token_mean)
    assert report.angle == pytest.approx(same.angle) and report.verdict == "turned"
    with pytest.raises(ValueError, match=r"shape \(3, 2\), got shape \(2,\)"):
        audit(update=lambda b: np.zeros(2))
    with pytest.raises(ValueError, match=r"got None: does it end in `return batch.theta.grad`"):
        audit(update=lambda b: reinforce(b).backward())


def fails_silently(b):
    if b.mask.sum() < 100:
        raise AssertionError
    return reinforce(b)


def in_fives(b):
    return per_episode(b, returns(b) - returns(b).view(-1, 5).mean())


def in_twelves(b):
    return per_episode(b, returns(b) - returns(b).view(-1, 12).mean())


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (lambda b: b.log_prob * b.mask, r"expected a scalar, got a tensor of shape \(3, 3\)"),
        (lambda b: 1.0, "expected a scalar tensor, got float"),
        (lambda b: (b.rewards * b.mask).sum(), "expected a gradient.*detached"),
        (lambda b: b.advantages.sum(), "expected a field of the batch .*'advantages'"),
        (
            lambda b: b.log_prob @ torch.ones(7).double(),
            "of 3 episodes of up to 3 steps: RuntimeError",
        ),
        (lambda b: reinforce(b).to("meta"), "expected it on the CPU, as the batch is, got meta"),
        (lambda b: torch.complex(b.log_prob, b.values).sum(), "expected a real number"),
        (lambda b: (lambda x: (x.backward(), x)[1])(reinforce(b)), r"leaves .backward\(\) to the"),
        (lambda b: dataclasses.asdict(b), "not copied deeply, as dataclasses.asdict does"),
        (fails_silently, "AssertionError: in fails_silently, line .*: raise AssertionError"),
        (in_fives, r"it runs on batches of 5: audit\(loss, sizes=\(5,\)\)"),
        (in_twelves, "it runs on batches of 12: too many to list them all"),
    ],
)
def test_bad_losses_are_refused_in_a_sentence(loss, says):
    with pytest.raises(ValueError, match=says) as caught:
        audit(loss)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "either a loss or update"),
        ({"loss": reinforce, "update": reinforce}, "either a loss or update"),
        ({"loss": reinforce, "sampling": "tokens"}, "sampling: expected one of"),
        ({"loss": 3}, "expected a function of a batch, got 3"),
        ({"loss": dict}, "got the class dict: hand over an instance of it"),
        ({"update": dict}, "got the class dict: hand over an instance of it"),
        ({"loss": reinforce, "sizes": 3}, "sizes: expected whole numbers"),
        ({"loss": reinforce, "sizes": (3, 0)}, r"sizes: expected whole numbers.*got \(3, 0\)"),
        ({"loss": reinforce, "sizes": (40,)}, "at most 200,000 batches to list, got"),
        ({"loss": reinforce, "objective": "K"}, "objective: expected 'J'"),
        ({"loss": reinforce, "objective": "J", "sampling": "windows"}, "expected none for windows"),
    ],
)
def test_bad_arguments_are_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        audit(**arguments)


def test_sizes_may_be_a_list():
    assert audit(group_mean, sizes=[2]).factor == pytest.approx(1 / 2)


def test_a_turn_beyond_a_right_angle_goes_downhill():
    report = audit(lambda b: per_episode(b, -to_go(b) - 0.2 * b.states * b.actions))
    assert 90 < report.angle < 179 and report.factor < 0
    assert f"downhill with length {-report.factor:.3g}: not the gradient" in report.headline()


def test_the_report_is_json_and_keeps_no_time_in_its_repr():
    import json

    report = audit(token_mean)
    data = json.loads(report.to_json())
    assert data["verdict"] == "turned" and data["by_size"]["inf"]["angle"] < 1e-6
    assert data["batches"] == report.batches == sum(run.result.batches for run in report.runs)
    assert repr(report) == repr(audit(token_mean)) and " s\n" not in repr(report) + "\n"
    assert f"{report.seconds:.2f} s" in report.text(seconds=True)


def test_the_display_is_the_same_every_time_and_loads_nothing():
    report = audit(token_mean)
    shown = report._repr_html_()
    assert shown == audit(token_mean)._repr_html_() and "seconds" not in shown
    assert "<svg" in shown and "token-mean" in shown and 'aria-label="the mean update' in shown
    assert "src=" not in shown and "<script" not in shown and "&#x27;" not in report.text()
    assert str(report.headline()) in shown.replace("&#x27;", "'")
    blocked = audit(lambda b: per_episode(b, returns(b) * torch.rand(())))
    assert "<svg" not in blocked._repr_html_() and "INVALID" in blocked._repr_html_()


@pytest.mark.parametrize("angle", [0.0, 60.0, 90.0, 180.0])
def test_the_compass_points_where_the_numbers_do(angle):
    import re

    from pgbook.audit.display import compass

    factor = math.cos(math.radians(angle))  # an update of the gradient's length
    lines = re.findall(r'<line x1="(\S+)" y1="(\S+)" x2="(\S+)" y2="(\S+)"', compass(angle, factor))
    truth, update = [[float(x) for x in line] for line in lines]
    assert truth[2] - truth[0] == 70 and truth[1] == truth[3]
    right, up = update[2] - update[0], update[1] - update[3]
    assert math.degrees(math.atan2(up, right)) == pytest.approx(angle, abs=0.2)
    assert math.hypot(up, right) == pytest.approx(70, abs=0.2)


@pytest.mark.parametrize("loops", [True, False])
def test_loops_over_all_pairs_are_not_asked_for_an_endless_group(loops):
    met = []

    def loss(b):
        met.append(len(b.mask))
        returns, score = (b.rewards * b.mask).sum(1), (b.log_prob * b.mask).sum(1)
        others = (returns.sum() - returns) / (len(returns) - 1)
        if loops:
            K = len(returns)
            rest = [sum(returns[j] for j in range(K) if j != i) for i in range(K)]
            others = torch.stack(rest) / (K - 1)
        return -(score * (returns - others)).mean()

    report = audit(loss, sizes=(2,))
    assert report.verdict == "gradient"
    assert (math.inf in report.by_size) == (max(met) > 100) == (not loops)
