"""What the audit looks at before the verdict and beside it."""

import dataclasses
import random

import numpy as np
import pytest
import torch
from pgbook.audit import assert_unbiased, audit, worlds
from pgbook.audit.batch import FIELDS
from pgbook.audit.checks import depends, depends_on_order, seeded
from pgbook.audit.listing import every_batch
from pgbook.audit.subject import Subject
from test_audit import group_mean, per_episode, reinforce, returns, to_go, token_mean


def listing():
    return every_batch(worlds.EPISODES, 3, critic=worlds.EPISODES.error)


class Remembers:
    """A baseline that is the mean of all returns so far."""

    def __init__(self):
        self.seen = []

    def __call__(self, b):
        """Return a loss, and remember."""
        self.seen.append(returns(b).mean().item())
        return per_episode(b, returns(b) - np.mean(self.seen))


class LastBatch:
    """A baseline from the batch before."""

    last = 0.0

    def __call__(self, b):
        """Return a loss, and remember."""
        before, self.last = self.last, returns(b).mean().item()
        return per_episode(b, returns(b) - before)


@pytest.mark.parametrize("kind", [Remembers, LastBatch])
def test_memory_is_found(kind):
    report = audit(kind())
    assert report.verdict == "invalid" and "remembers earlier batches" in str(report)
    assert report.batches == 0 and report.probability == 0 and np.isnan(report.angle)
    assert report.to_dict()["factor"] is None


@pytest.mark.parametrize(
    "draw",
    [
        lambda b: torch.rand_like(b.rewards),
        lambda b: torch.tensor(np.random.rand(*b.rewards.shape)),
        lambda b: b.rewards * random.random(),
        lambda b: torch.nn.functional.dropout(b.rewards, 0.5),
    ],
    ids=["torch", "numpy", "random", "dropout"],
)
def test_chance_is_found(draw):
    report = audit(lambda b: per_episode(b, returns(b) + draw(b)))
    assert report.verdict == "invalid" and "depends on random numbers" in str(report)


def test_the_generators_are_put_back():
    torch.manual_seed(5), random.seed(5), np.random.seed(5)
    expected = torch.rand(1), random.random(), np.random.rand()
    torch.manual_seed(5), random.seed(5), np.random.seed(5)
    with seeded(0):
        torch.rand(1), random.random(), np.random.rand()
    assert (torch.rand(1), random.random(), np.random.rand()) == expected


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda b: b.rewards.mul_(b.mask), "rewards"),
        (lambda b: b.values.numpy().fill(0), "values"),
        (lambda b: b.log_prob.mul_(b.mask), "log_prob"),
    ],
)
def test_a_changed_batch_is_refused(change, field):
    def loss(b):
        change(b)
        return reinforce(b)

    with pytest.raises(ValueError, match=f"left as it is, got a changed '{field}'"):
        audit(loss)


def first_episode_as_baseline(b):
    """Unbiased, though not symmetric: the first episode is everybody else's baseline."""
    paid = returns(b)
    baseline = torch.cat([paid[1:2], paid[:1].expand(len(paid) - 1, 1)])
    return per_episode(b, paid - baseline)


def test_an_order_is_no_bias():
    report = audit(first_episode_as_baseline)
    assert report.verdict == "gradient" and "every order was listed" in str(report)
    assert depends_on_order(Subject(first_episode_as_baseline), listing())
    assert not depends_on_order(Subject(reinforce), listing())
    assert report.runs[0].result.batches == 13**3


def test_an_order_within_one_prompt_is_found():
    def by_turn(b):  # pairs of neighbours, whatever their prompts: right only for pairs
        swapped = returns(b).reshape(-1, 2).flip(1).reshape(-1, 1) if len(b.mask) % 2 == 0 else 0
        return per_episode(b, returns(b) - swapped + 0 * b.prompts[:, None])

    report = audit(by_turn, sizes=(2,))
    assert report.verdict == "gradient", str(report)
    assert "every order" not in str(report)  # of two neighbours it does not matter
    assert {run.world for run in report.runs} == {"episodes", "short", "prompts"}


def test_an_order_that_matters_at_one_size_only_is_found():
    def by_pairs(b):
        paid = returns(b)[:, 0].reshape(-1, 2 if len(b.mask) % 2 == 0 else len(b.mask))
        return per_episode(b, (paid - paid.mean(1, keepdim=True)).reshape(-1, 1))

    report = audit(by_pairs)
    assert report.verdict == "scaled" and report.by_size[4].factor == pytest.approx(1 / 2)
    assert report.by_size[3].factor == pytest.approx(2 / 3) and np.inf not in report.by_size


def test_a_ring_of_episodes_is_an_order():
    def the_one_before(b):  # turning the ring changes nothing, swapping two does
        return per_episode(b, returns(b) - returns(b).roll(1, 0))

    report = audit(the_one_before)
    assert report.verdict == "gradient" and "every order was listed" in str(report)


def test_another_prompts_answers_in_order_are_an_order():
    def pairs_of_prompts(b):  # the other prompt's answer at the same place is the baseline
        other = returns(b).roll(len(b.mask) // 2, 0) if len(b.prompts.unique()) == 2 else 0
        return per_episode(b, returns(b) - other)

    report = audit(pairs_of_prompts)
    assert report.verdict == "gradient" and "every order was listed" in str(report)


def test_what_depends_on_a_field():
    assert depends(Subject(lambda b: per_episode(b, b.values)), listing(), "values")
    assert not depends(Subject(lambda b: reinforce(b) + 0 * b.values.sum()), listing(), "values")


# --- limits, stale data, critics -----------------------------------------------------------------


def actor_critic(b, over):
    """Every reward to come, and the critic's word where the episode only was cut."""
    following = b.next_values * (1 - over)
    last = b.terminated + b.truncated
    psi, after = torch.zeros_like(b.rewards), 0.0
    for t in reversed(range(b.rewards.shape[1])):
        beyond = torch.where(last[:, t] > 0, following[:, t], after)
        after = b.rewards[:, t] + b.gamma * beyond
        psi[:, t] = b.gamma**t * (after - b.values[:, t])
    return per_episode(b, psi)


def test_a_cut_episode_counts_what_the_critic_says():
    report = audit(lambda b: actor_critic(b, b.terminated))
    assert report.verdict == "gradient" and report.runs[-1].world == "cut"


def test_a_cut_that_counts_as_an_end_is_found():
    report = audit(lambda b: actor_critic(b, b.terminated + b.truncated))
    assert report.verdict == "turned" and report.decisive.world == "cut"
    assert report.runs[0].result.verdict == "gradient" and "'cut'" in str(report)


def test_a_loss_without_a_critic_takes_the_limit_as_the_end():
    report = audit(lambda b: reinforce(b) + 0 * b.truncated.sum())
    assert report.verdict == "gradient" and "cut" in {run.world for run in report.runs}
    copied = audit(lambda b: reinforce(dataclasses.replace(b, rewards=b.rewards * b.mask)))
    assert copied.verdict == "gradient" and set(copied.reads) == set(FIELDS)


def surrogate(b, clip=None):
    ratio = (b.log_prob - b.old_log_prob).exp()
    psi = to_go(b) - b.values
    gain = ratio * psi
    if clip:
        gain = torch.minimum(gain, ratio.clamp(1 - clip, 1 + clip) * psi)
    return -(gain * b.mask).sum() / len(b.mask)


def whole_ratio(b):
    """Importance sampling of the whole episode, exact on any data."""
    ratio = ((b.log_prob - b.old_log_prob) * b.mask).sum(1, keepdim=True).exp()
    return -(ratio * returns(b))[:, 0].mean()


def test_stale_data_are_looked_at_beside_the_verdict():
    report = audit(surrogate)
    assert report.verdict == "gradient" and report.second_step.result.verdict == "turned"
    assert "on the data of an older policy: turned by" in str(report)
    clipped = audit(lambda b: surrogate(b, 0.1))
    assert clipped.verdict == "gradient"
    assert clipped.second_step.result.bias > report.second_step.result.bias
    assert audit(whole_ratio).second_step.result.verdict == "gradient"
    assert audit(reinforce).second_step is None


def test_a_wrong_critic_is_told_from_a_wrong_rule():
    def one_step(b):
        delta = b.rewards + b.gamma * b.next_values * (1 - b.terminated) - b.values
        front = b.gamma ** torch.arange(b.rewards.shape[1])
        return per_episode(b, front * delta)

    report = audit(one_step)
    assert report.verdict == "turned" and report.other_critic.result.verdict == "gradient"
    assert "with a critic that is right: the gradient" in str(report)
    assert audit(token_mean).other_critic is None


# --- for a test suite ----------------------------------------------------------------------------


def test_assert_unbiased():
    assert_unbiased(reinforce)
    assert_unbiased(group_mean, up_to_scale=True)
    with pytest.raises(AssertionError, match="gradient × 0.6667"):
        assert_unbiased(group_mean)
    with pytest.raises(AssertionError, match="Turned by"):
        assert_unbiased(token_mean, up_to_scale=True)
    with pytest.raises(AssertionError, match="J_γ"):
        assert_unbiased(reinforce, objective="J_gamma")
