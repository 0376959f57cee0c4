"""The mean update over every batch: vectorised where the loss allows it, else batch by batch."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from pgbook.audit.batch import Batch, fields_read, make_batch
from pgbook.audit.listing import Listing


@dataclass(frozen=True)
class Precision:
    """How exactly a loss computes.

    Attributes:
        name: in words; "" for double.
        tolerance: a relative difference that counts as none. In double precision the usual
            "+ 1e-8" under a fraction is let pass.
        rounding: what rounding leaves of a sum of zeros, in units of a typical update.
    """

    name: str
    tolerance: float
    rounding: float


DOUBLE = Precision("", 1e-7, 1e-14)
SINGLE = Precision("single", 1e-5, 1e-7)
HALF = Precision("half", 2e-2, 1e-3)


@dataclass(frozen=True, eq=False)
class Subject:
    """What is audited.

    Attributes:
        call: the function of a batch.
        returns_update: it returns minus the gradient for `theta` itself instead of a loss.
        vectorise: whether `torch.func.vmap` may be tried.
        precision: how exactly it computes.
    """

    call: Callable[[Batch], object]
    returns_update: bool = False
    vectorise: bool = True
    precision: Precision = DOUBLE


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


def update_of(subject: Subject, batch: Batch) -> np.ndarray:
    """Return the update of one batch, [S, A].

    Raises:
        ValueError: the subject returns no scalar, no table, or something without a gradient.
    """
    with warnings.catch_warnings():  # a deviation of one number warns, and is counted as NaN
        warnings.simplefilter("ignore")
        returned = subject.call(batch)
    if subject.returns_update:
        return -_table(returned, batch.theta)
    expect_scalar(returned)
    if not returned.requires_grad:
        return np.zeros(batch.theta.shape)
    (slope,) = torch.autograd.grad(returned, batch.theta, allow_unused=True)
    return np.zeros(batch.theta.shape) if slope is None else -slope.detach().numpy()


def expect_scalar(returned: object) -> None:
    """Refuse what is not a loss.

    Raises:
        ValueError: expected a tensor of one number.
    """
    if not isinstance(returned, Tensor):
        raise ValueError(f"loss: expected a scalar tensor, got {type(returned).__name__}")
    if returned.numel() != 1:
        raise ValueError(f"loss: expected a scalar, got a tensor of shape {tuple(returned.shape)}")
    if returned.device.type != "cpu":
        raise ValueError(f"loss: expected it on the CPU, as the batch is, got {returned.device}")
    if not returned.is_floating_point():
        raise ValueError(f"loss: expected a real number, got a tensor of {returned.dtype}")


def _table(returned, theta):
    """What an update function returned, as an array of theta's shape."""
    if isinstance(returned, Tensor):
        returned = returned.detach().cpu().numpy()
    table = np.asarray(returned, dtype=float)
    if table.shape != tuple(theta.shape):
        raise ValueError(
            f"update: expected minus the gradient for theta, shape {tuple(theta.shape)}, "
            f"got shape {table.shape}"
        )
    return table


def batch_at(listing: Listing, row: int) -> Batch:
    """Return one batch of a listing, with a theta of its own that collects gradients."""
    theta = torch.tensor(listing.world.theta, requires_grad=True)
    return make_batch(theta, listing.fields(row), listing.world.gamma)


def sentence(error: Exception) -> str:
    """Return an error in one line."""
    text = " ".join(str(error).split()) or "no message"
    if "same device" in text:
        text = f"expected everything on the CPU, where the batch is: {text}"
    plain = isinstance(error, ValueError | AttributeError)
    return text if plain else f"{type(error).__name__}: {text}"


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


class _Watch(TorchFunctionMode):
    """Notices numbers of less than double precision; whole numbers are exact in any."""

    def __init__(self):
        super().__init__()
        self.bytes = 8

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.is_floating_point():
            size = result.dtype.itemsize
            if size < self.bytes and not bool((result == result.round()).all()):
                self.bytes = size
        return result


@dataclass(frozen=True)
class Trial:
    """What a few calls show.

    Attributes:
        reads: the fields that were looked at.
        precision: the least that was met.
    """

    reads: frozenset[str]
    precision: Precision


def trial(subject: Subject, listing: Listing) -> Trial:
    """Call the subject on a few batches, and look at what it does.

    Raises:
        ValueError: it fails on every one, or nothing that it returns has a gradient.
    """
    failures, reads, size, sloped = [], set(), 8, False
    rows = np.unique(np.linspace(0, len(listing.weight) - 1, 24).astype(int))

    def call(batch):
        nonlocal sloped
        returned = subject.call(batch)
        sloped |= subject.returns_update or getattr(returned, "requires_grad", False)
        return returned

    watched = replace(subject, call=call)
    for row in rows:
        batch = batch_at(listing, row)
        with _Watch() as seen:
            try:
                update_of(watched, batch)
            except Exception as error:  # anybody's code may raise anything; it is told
                failures.append(error)
        reads |= fields_read(batch)
        size = min(size, seen.bytes)
    if len(failures) == len(rows):
        text = sentence(failures[0])
        own = text.startswith(("loss:", "update:"))
        where = "every batch of {} episodes of up to {} steps".format(*batch.mask.shape)
        raise ValueError(text if own else f"the loss fails on {where}: {text}") from failures[0]
    if not sloped:
        raise ValueError(
            "loss: expected a gradient, got a number that depends on no log_prob, logits, entropy "
            "or theta (was everything detached?)"
        )
    return Trial(frozenset(reads), {8: DOUBLE, 4: SINGLE}.get(size, HALF))
