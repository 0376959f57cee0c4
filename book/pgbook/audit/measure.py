"""The mean update over every batch: vectorised where the loss allows it, else batch by batch."""

import warnings
from dataclasses import dataclass

import numpy as np
import torch

from pgbook.audit.batch import Batch, make_batch
from pgbook.audit.listing import Listing
from pgbook.audit.subject import Subject, expect_scalar, sentence, update_of


@dataclass(frozen=True, eq=False)
class Updates:
    """The update of every batch of a listing: what is added to theta by a step of size 1.

    Attributes:
        each: minus the gradient of the loss, [B, S, A]; NaN where there is none.
        weight: the probability of each batch, [B].
        failure: the first error or what was not a number, in words; "" if all went well.
        vectorised: whether all batches went through in one call.
    """

    each: np.ndarray
    weight: np.ndarray
    failure: str
    vectorised: bool

    @property
    def finite(self) -> np.ndarray:
        """Where there is an update, [B], bools."""
        return np.isfinite(self.each).all(axis=(1, 2))

    @property
    def lost(self) -> float:
        """The probability of the batches without an update."""
        return float(self.weight[~self.finite].sum())

    @property
    def mean(self) -> np.ndarray:
        """The expected update, [S, A], over the batches that have one."""
        there = self.finite
        weight = self.weight[there] / self.weight[there].sum()
        return np.einsum("b,bsa->sa", weight, self.each[there])

    @property
    def square(self) -> float:
        """The expected squared length of the update, over the batches that have one."""
        there = self.finite
        weight = self.weight[there] / self.weight[there].sum()
        return float(weight @ (self.each[there] ** 2).sum(axis=(1, 2)))


@dataclass(frozen=True, eq=False)
class Setting:
    """What one enumeration gave.

    Attributes:
        listing: the batches.
        updates: the loss's update of each.
    """

    listing: Listing
    updates: Updates


def batch_at(listing: Listing, row: int) -> Batch:
    """Return one batch of a listing, with a theta of its own that collects gradients."""
    theta = torch.tensor(listing.world.theta, requires_grad=True)
    return make_batch(theta, listing.fields(row), listing.world.gamma)


def measure(subject: Subject, listing: Listing) -> Updates:
    """Return the update of every batch.

    All at once through `torch.func.vmap` where the loss lets it, and where three batches called one
    by one say the same; else one by one.

    Args:
        subject: what is audited.
        listing: the batches.
    """
    if subject.vectorise and not subject.returns_update:
        each = _vectorised(subject, listing)
        if each is not None:
            whole = np.isfinite(each).all()
            return Updates(each, listing.weight, "" if whole else "NaN or infinite", True)
    return _one_by_one(subject, listing)


def _vectorised(subject, listing):
    """The updates [B, S, A] by vmap, or None if the loss does not allow it."""

    def value(theta, parts):
        returned = subject.call(make_batch(theta, parts, listing.world.gamma))
        expect_scalar(returned)
        return returned.reshape(())

    theta = torch.tensor(listing.world.theta)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            slope = torch.func.vmap(torch.func.grad(value), in_dims=(None, 0))
            each = -slope(theta, listing.fields(slice(None))).numpy()
    except Exception:  # a loss may do what vmap forbids in any number of ways; it is called plainly
        return None
    rows = np.unique(np.linspace(0, len(each) - 1, 3).astype(int))
    for row in rows:
        try:
            plain = update_of(subject, batch_at(listing, row))
        except Exception:
            return None
        there = np.isfinite(plain)
        slack = subject.precision.tolerance * np.abs(plain[there]).max(initial=1.0)
        if (np.isfinite(each[row]) != there).any() or (
            np.abs(each[row] - plain)[there] > slack
        ).any():
            return None
    return each


def _one_by_one(subject, listing):
    shape = (len(listing.weight), *listing.world.theta.shape)
    each, failure = np.full(shape, np.nan), ""
    for row in range(len(each)):
        try:
            each[row] = update_of(subject, batch_at(listing, row))
        except Exception as error:  # anybody's code may raise anything; it is told, never hidden
            failure = failure or sentence(error)
    if not failure and not np.isfinite(each).all():
        failure = "NaN or infinite"
    return Updates(each, listing.weight, failure, False)
