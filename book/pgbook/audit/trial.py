"""A few calls before the enumeration: which fields a loss reads, how exactly it computes."""

from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor
from torch.overrides import TorchFunctionMode

from pgbook.audit.batch import fields_read
from pgbook.audit.listing import Listing
from pgbook.audit.measure import batch_at
from pgbook.audit.subject import DOUBLE, HALF, SINGLE, Precision, Subject, sentence, update_of


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


def size_that_runs(subject: Subject, listing: Listing) -> int | None:
    """Return a group size on which a loss runs that fails on the listing's; None if none does."""
    for size in (1, 2, 4, 5, 6, 8, 10, 12, 16, 32):
        index = np.arange(size)[None] % len(listing.parts["rewards"])
        one = replace(listing, index=index, weight=np.ones(1), size=size)
        try:
            update_of(subject, batch_at(one, 0))
        except Exception:  # this one is not it
            continue
        return size
    return None


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
