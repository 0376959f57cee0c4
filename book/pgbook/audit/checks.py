"""What must hold before a verdict means anything: no traces in the batch, no memory, no chance.

A loss that depends on the order of its episodes is no worse for it, but must see every order.
"""

import itertools
import math
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch

from pgbook.audit.batch import FIELDS, make_batch
from pgbook.audit.listing import Listing
from pgbook.audit.subject import Subject, update_of

ORDERS = 24  # reorderings of a batch that are tried
REMEMBERS = (
    "its update of one batch changes from call to call under the same seeds: it remembers earlier "
    "batches, or draws from a generator of its own"
)
RANDOM = "its update of one batch depends on random numbers: the enumeration needs it without them"


def why_not(subject: Subject, listing: Listing) -> str:
    """Return why the expected update cannot be listed, in words, or "" if it can.

    The loss is called on a few batches, again, and under other seeds.

    Args:
        subject: what is audited.
        listing: batches; a few with different episodes are used.

    Raises:
        ValueError: the loss changes its batch.
    """
    rows = _usable(subject, listing)
    with seeded(0):
        first = [_seeded_update(subject, listing.fields(row), listing, 0) for row in rows]
        again = [_seeded_update(subject, listing.fields(row), listing, 0) for row in rows]
        other = [_seeded_update(subject, listing.fields(row), listing, 1) for row in rows]
    if not _same(first, again, subject.precision.tolerance):
        return REMEMBERS
    if not _same(first, other, subject.precision.tolerance):
        return RANDOM
    return ""


def depends_on_order(subject: Subject, listing: Listing) -> bool:
    """Return whether the update changes when a prompt's episodes change places.

    A few turns would not do: a loss may take the episodes for a ring, whose turns change nothing.
    """
    for row in _usable(subject, listing):
        plain = _seeded_update(subject, listing.fields(row), listing, 0)
        for places in _orders(len(listing.index[row]) // listing.size, listing.size):
            moved = _seeded_update(subject, _reordered(listing, row, places), listing, 0)
            if not _same([plain], [moved], subject.precision.tolerance):
                return True
    return False


def _orders(prompts, size):
    """Ways to reorder each prompt's episodes by itself: all where they are few, else some."""
    if math.factorial(size) ** prompts <= ORDERS:
        every = itertools.permutations(range(size))
        found = [*itertools.product(every, repeat=prompts)][1:]
    else:
        rng = np.random.default_rng(0)
        found = [[rng.permutation(size) for _ in range(prompts)] for _ in range(ORDERS)]
    return [np.concatenate([p * size + np.array(o) for p, o in enumerate(one)]) for one in found]


def depends(subject: Subject, listing: Listing, field: str) -> bool:
    """Return whether the update changes with a field that does not depend on theta."""
    for row in _usable(subject, listing):
        parts = listing.fields(row)
        plain = _seeded_update(subject, parts, listing, 0)
        for moved in _moved(parts[field]):
            try:
                other = _seeded_update(subject, parts | {field: moved}, listing, 0)
            except Exception:  # it fails on what was moved: it has looked
                return True
            if not _same([plain], [other], subject.precision.tolerance):
                return True
    return False


def _moved(part):
    """Other numbers for a field; for prompts, other groups and fewer."""
    if part.is_floating_point():
        return (part * 0.5 + 0.125,)
    return (part.reshape(2, -1).T.ravel(), torch.zeros_like(part))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed Python's, NumPy's and torch's shared generators; put them back at the end."""
    states = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        try:
            _seed(seed)
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])


def _seed(seed):
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  what a loss may draw from is the old, shared one
    torch.default_generator.manual_seed(seed)  # the batch is on the CPU; other devices cost a trace


def _usable(subject, listing):
    """A few rows, spread over the list, whose episodes differ and which have an update."""
    mixed = [row for row, one in enumerate(listing.index) if len(set(one)) == len(one)]
    spread = np.unique(np.linspace(0, len(mixed) - 1, 8).astype(int))
    good = []
    for row in np.array(mixed)[spread]:
        try:
            update = _seeded_update(subject, listing.fields(row), listing, 0)
        except _Changed as error:
            raise ValueError(str(error)) from None
        except Exception:  # fails here: the enumeration will say so
            continue
        if np.isfinite(update).all():
            good.append(row)
    return good[:4]


class _Changed(ValueError):
    """A loss has changed its batch."""


def _seeded_update(subject, parts, listing, seed):
    """The update of one batch, after a look at whether the batch is as it was."""
    theta = torch.tensor(listing.world.theta, requires_grad=True)
    batch = make_batch(theta, parts, listing.world.gamma)
    tensors = {name: getattr(batch, name) for name in FIELDS if name != "gamma"}
    before = {name: tensor.detach().clone() for name, tensor in tensors.items()}
    _seed(seed)
    update = update_of(subject, batch)
    for name, tensor in tensors.items():
        if not torch.equal(before[name], tensor.detach()):
            raise _Changed(f"loss: expected the batch to be left as it is, got a changed {name!r}")
    return update


def _reordered(listing, row, places):
    """One batch with its episodes at other places."""
    index = torch.as_tensor(listing.index[row][places])
    return {name: part[index] for name, part in listing.parts.items()}


def _same(one, other, tolerance):
    """Whether two lists of updates agree."""
    scale = max((np.abs(update).max() for update in one), default=0.0)
    return all(
        np.abs(a - b).max() <= tolerance * scale + 1e-12 for a, b in zip(one, other, strict=True)
    )
