"""Larger groups by classes of (return, length), beside the listing of every batch."""

import dataclasses

import numpy as np
import pytest
import torch
from pgbook.audit import by_class, truth, worlds
from pgbook.audit.classes import classes_of
from pgbook.audit.compare import compare
from pgbook.audit.listing import every_batch
from pgbook.audit.measure import measure
from pgbook.audit.subject import DOUBLE, Subject
from pgbook.audit.truth import Objective

SMALL = dataclasses.replace(worlds.LONG, horizon=3, error=worlds.LONG.error[:4])


def returns(b):
    return (b.rewards * b.mask).sum(1, keepdim=True)


def plain(b):
    return -(b.log_prob * returns(b) * b.mask).sum() / len(b.mask)


def grpo(b):
    psi = (returns(b) - returns(b).mean()) / (returns(b).std() + 1e-4)
    return -((b.log_prob * psi * b.mask).sum(1) / b.mask.sum(1)).mean()


def tokens(b):
    ratio = (b.log_prob - b.old_log_prob).exp()
    return -(ratio * (returns(b) - returns(b).mean()) * b.mask).sum() / b.mask.sum()


def by_number(b):
    """A loss that vmap does not take."""
    scale = 1.0 + b.mask.sum().item()
    return grpo(b) * scale


@pytest.mark.parametrize("loss", [plain, grpo, tokens, by_number], ids=lambda f: f.__name__)
@pytest.mark.parametrize("size", [2, 3])
def test_classes_give_what_listing_gives(loss, size):
    listing = every_batch(SMALL, size, critic=worlds.right_critic(SMALL, discounted=False))
    target = truth.gradient(SMALL, Objective())
    listed = compare(measure(Subject(loss), listing), target, DOUBLE)
    counted = by_class(loss, size=size, world=SMALL)
    assert counted.batches < listed.batches and counted.verdict == listed.verdict
    assert counted.factor == pytest.approx(listed.factor, abs=1e-10)
    assert counted.bias == pytest.approx(listed.bias, abs=1e-10)
    assert counted.angle == pytest.approx(listed.angle, abs=1e-6)


def test_the_classes_are_the_world():
    _, found = classes_of(worlds.LONG)
    assert found.chance.sum() == pytest.approx(1) and len(found.chance) == 12
    np.testing.assert_allclose(np.einsum("c,csa->sa", found.chance, found.slope), 0, atol=1e-12)


def test_a_group_of_six_long_answers():
    assert by_class(plain).verdict == "gradient"
    result = by_class(grpo)
    assert result.verdict == "turned" and result.batches == 12376 and result.angle > 1
    group = by_class(lambda b: plain(b) + (b.log_prob * returns(b).mean() * b.mask).sum() / 6)
    assert group.verdict == "scaled" and group.factor == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("loss", "says"),
    [
        (lambda b: plain(b) + 0.1 * (b.entropy * b.mask).sum(), "through .*'entropy'"),
        (
            lambda b: -(b.logits.log_softmax(-1).amax(-1) * returns(b) * b.mask).sum(),
            "through .*'logits'",
        ),
        (
            lambda b: -(b.log_prob * b.mask * torch.arange(b.mask.shape[1]) * returns(b)).sum(),
            "pulls the steps of an answer differently",
        ),
        (lambda b: -(b.log_prob * (1 + returns(b))).sum(), "pulls the steps"),
        (
            lambda b: -(b.log_prob * b.mask * b.actions[:, :1]).sum(),
            "tells answers of one return and length apart",
        ),
        (
            lambda b: -(b.log_prob.exp() * b.mask * returns(b)).sum(),
            "pulls the steps of an answer differently",
        ),
    ],
)
def test_other_losses_are_refused(loss, says):
    with pytest.raises(ValueError, match=says):
        by_class(loss, size=3)
