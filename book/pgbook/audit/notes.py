"""What else was seen of a loss: sentences that stand beside its verdict and decide nothing."""

from collections.abc import Iterator

from pgbook.audit.batch import FIELDS
from pgbook.audit.checks import depends
from pgbook.audit.listing import Listing
from pgbook.audit.report import Run
from pgbook.audit.subject import Subject

IDLE = {
    "ref_log_prob": "a log-ratio (k1) as a loss pulls nowhere on average",
    "prompts": "other prompts' answers are in its means",
}
PASSES = "of k answers to one prompt one must be right"
ORDER = "its update depends on the order of the episodes: every order was listed"


def about_calls(subject: Subject, ordered: bool, tried: list[Run]) -> Iterator[str]:
    """Yield what the enumerations showed.

    Args:
        subject: what is audited.
        ordered: whether every order was listed.
        tried: all enumerations, the main one first.
    """
    if ordered:
        yield ORDER
    precision = subject.precision
    if precision.name:
        yield (
            f"{precision.name} precision: what differs by less than {precision.tolerance:g} "
            "counts as the same"
        )
    for run in tried[1:]:
        if run.result.rest == "invalid":
            yield f"not in the world {run.world!r} at K = {run.size}: {run.result.failure}"


def about_fields(subject: Subject, reads: frozenset[str], listing: Listing) -> Iterator[str]:
    """Yield which fields are read for nothing.

    Args:
        subject: what is audited.
        reads: the fields that it looks at; all of them say nothing, since a copy was made.
        listing: batches, of two prompts if it reads prompts.
    """
    if len(reads) == len(FIELDS):
        return
    for field, means in IDLE.items():
        if field in reads and not depends(subject, listing, field):
            yield f"it reads {field}, and its update does not depend on it: {means}"


def about_prompts(reads: frozenset[str], passes: bool, run: Run) -> Iterator[str]:
    """Yield that a loss for pass@k takes two prompts' answers for one's.

    Args:
        reads: the fields that it looks at.
        passes: whether the objective is pass@k.
        run: the main enumeration.
    """
    if passes and "prompts" not in reads and run.result.verdict == "turned":
        yield "a batch holds the answers to two prompts, and it does not read prompts: " + PASSES
