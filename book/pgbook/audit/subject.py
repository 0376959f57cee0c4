"""What is audited, and its update of one batch."""

import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgbook.audit.batch import Batch


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
    if returned is None:
        raise ValueError(
            f"update: expected minus the gradient for theta, shape {tuple(theta.shape)}, got None: "
            "does it end in `return batch.theta.grad`?"
        )
    if isinstance(returned, Tensor):
        returned = returned.detach().cpu().numpy()
    table = np.asarray(returned, dtype=float)
    if table.shape != tuple(theta.shape):
        raise ValueError(
            f"update: expected minus the gradient for theta, shape {tuple(theta.shape)}, "
            f"got shape {table.shape}"
        )
    return table


MEANT = {  # what torch says, and what it means here
    "same device": "expected everything on the CPU, where the batch is",
    "deepcopy protocol": (
        "expected a batch that is not copied deeply, as dataclasses.asdict does (take vars(batch), "
        "or dataclasses.replace)"
    ),
    "backward through the graph a second time": (
        "expected a loss that returns its scalar and leaves .backward() to the audit"
    ),
}


def sentence(error: Exception) -> str:
    """Return an error in one line; what has no message of its own says where it came from."""
    text = " ".join(str(error).split()) or _place(error)
    for words, meant in MEANT.items():
        if words in text:
            return f"{meant}: {type(error).__name__}: {text}"
    plain = isinstance(error, ValueError | AttributeError)
    return text if plain else f"{type(error).__name__}: {text}"


def _place(error):
    """The line of code that an error without a message came from."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "no message"
    return f"in {frames[-1].name}, line {frames[-1].lineno}: {frames[-1].line or 'no source'}"
