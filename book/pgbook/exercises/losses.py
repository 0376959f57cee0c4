"""Exercises whose answer is a loss: the auditor judges them, and names their slips."""

from collections.abc import Callable
from dataclasses import dataclass

from pgbook.exercises.verdict import Verdict


@dataclass(frozen=True)
class LossExercise:
    """A loss in torch that the reader writes.

    Attributes:
        id: chapter and number, "7.4".
        asks: what is to be returned, in one sentence.
        call: the call, "loss(batch)".
        needs: what is missing from a loss whose mean update is the gradient: a function of the
            audit's report that returns a sentence, "" if nothing is.
        objective: what the audit is asked about.
    """

    id: str
    asks: str
    call: str
    needs: Callable[..., str] = lambda report: ""
    objective: str | None = None

    @property
    def names(self) -> list[str]:
        """The names of the arguments."""
        return ["batch"]


def judge_loss(exercise: LossExercise, loss: Callable) -> Verdict:
    """Audit a loss on every batch of small worlds."""
    from pgbook.audit import audit  # takes a second, and most exercises do without it

    try:
        report = audit(loss, objective=exercise.objective)
    except ValueError as error:
        said = str(error).rstrip(".")
        return Verdict(exercise.id, False, f"The loss cannot be audited: {said}.")
    except SystemExit as error:
        return Verdict(exercise.id, False, f"The loss cannot be audited: it raises {error!r}.")
    slip = " + ".join(report.slips) or None
    if report.verdict != "gradient":
        more = tuple(line.strip() for line in report.text().splitlines()[1:])
        return Verdict(exercise.id, False, report.headline(), slip, more)
    if missing := exercise.needs(report):
        return Verdict(exercise.id, False, missing, None, (report.headline(),))
    return Verdict(exercise.id, True, report.headline())
