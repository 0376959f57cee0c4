"""The audit: a loss goes in, a report comes out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from pgbook.audit.batch import Batch
from pgbook.audit.report import Report
from pgbook.audit.session import Session
from pgbook.audit.subject import Subject
from pgbook.audit.truth import parse_objective

SAMPLING = ("episodes", "windows")


def audit(
    loss: Callable[[Batch], torch.Tensor] | None = None,
    *,
    update: Callable[[Batch], object] | None = None,
    objective: str | None = None,
    sampling: str = "episodes",
    sizes: Sequence[int] | None = None,
    vectorise: bool = True,
) -> Report:
    r"""Say what an update is on average, over every batch that can happen in small worlds.

    $E[\hat g]=\sum_b p_\theta(b)\,\hat g(b)$, a finite sum, beside $\nabla_\theta J$ by dynamic
    programming.

    Args:
        loss: a function of a `Batch` that returns a scalar tensor to be *minimised*.
        update: instead of a loss, a function of a `Batch` that returns *minus* the gradient for
            `batch.theta`, [S, A]: what a step of size 1 takes off. So a whole `train()` is audited.
        objective: "J", "J_gamma", either with "- 0.1 KL" or "+ 0.01 entropy", or "pass@2"; without
            it the first of J (the mean return) and J_gamma that the update climbs, and if it climbs
            neither, J_gamma for a loss that reads `gamma` and J for one that does not.
        sampling: "episodes", whole ones with a critic that is wrong on purpose; or "windows", fixed
            windows of a stream without end with the right critic, where the truth is the gradient
            of (1 - γ) Σ_s μ(s) V_γ(s), μ held fixed.
        sizes: the group sizes K, the main one first; 3, 2 and, where the loss can be vectorised, 4.
        vectorise: whether to try `torch.func.vmap`.

    Returns:
        A `Report`.

    Raises:
        ValueError: the loss returns no scalar, has no gradient or fails on every batch, or an
            argument is not one of those above.
    """
    start = time.perf_counter()
    if (loss is None) == (update is None):
        raise ValueError("audit: expected either a loss or update=..., got both or neither")
    _expect_function(loss or update)
    sizes = _tuple_of(sizes)
    if sampling not in SAMPLING:
        raise ValueError(f"sampling: expected one of {SAMPLING}, got {sampling!r}")
    wanted = None if objective is None else parse_objective(objective)
    if sampling == "windows" and wanted is not None:
        raise ValueError(
            f"objective: expected none for windows, which have their own, got {objective!r}"
        )
    subject = Subject(loss or update, update is not None, vectorise)
    report = Session(subject, wanted, sampling == "windows", sizes).report()
    return replace(report, seconds=time.perf_counter() - start)


def _expect_function(given):
    if isinstance(given, type):
        raise ValueError(
            f"audit: expected a function of a batch, got the class {given.__name__}: "
            "hand over an instance of it"
        )
    if not callable(given):
        raise ValueError(f"audit: expected a function of a batch, got {given!r}")


def _tuple_of(sizes):
    whole = isinstance(sizes, tuple | list) and sizes and all(isinstance(k, int) for k in sizes)
    if sizes is not None and not (whole and min(sizes) >= 1):
        raise ValueError(f"sizes: expected whole numbers >= 1, as (3, 2), or None, got {sizes!r}")
    return None if sizes is None else tuple(sizes)


def assert_unbiased(
    loss: Callable[[Batch], torch.Tensor] | None = None, *, up_to_scale: bool = False, **arguments
) -> None:
    """Fail, with the report, unless the expected update is the gradient.

    Args:
        loss: a function of a `Batch`, as in `audit`.
        up_to_scale: let a positive multiple of the gradient pass.
        **arguments: those of `audit`.

    Raises:
        AssertionError: the expected update is another; the message is the report.
        ValueError: as in `audit`.
    """
    report = audit(loss, **arguments)
    if report.verdict not in (("gradient", "scaled") if up_to_scale else ("gradient",)):
        raise AssertionError(report.text())
