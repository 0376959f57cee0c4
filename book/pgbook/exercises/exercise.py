"""What a programming exercise is made of: a sentence, unseen inputs, an answer, and slips."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Case:
    """One input that the reader has not seen.

    Attributes:
        why: what is special about it, in words: "gamma below 1", "one action only".
        given: the arguments, in the order of the exercise's call.
    """

    why: str
    given: tuple


@dataclass(frozen=True)
class Slip:
    """A mistake that people make.

    Attributes:
        name: in kebab-case, as `Verdict.slip` gives it.
        says: what the reader's function does, in one sentence without its full stop.
        instead: the line that mends it.
        does: the mistake itself, called like the answer.
    """

    name: str
    says: str
    instead: str
    does: Callable


@dataclass(frozen=True)
class Exercise:
    """A function that the reader writes.

    Attributes:
        id: chapter and number, "8.4".
        asks: what is to be returned, in one sentence.
        call: the call with its arguments, "discounted(rewards, gamma)".
        cases: makes the unseen inputs; the same ones at every call.
        answer: the right function.
        slips: what people write instead, each told apart from the rest on the cases.
        observe: what is compared of a function on a case; for one that draws at random, the shares
            of what it drew. Without it, what the function returns.
        tolerance: of a comparison, in units of the largest number that is expected.
    """

    id: str
    asks: str
    call: str
    cases: Callable[[], Sequence[Case]]
    answer: Callable
    slips: tuple[Slip, ...]
    observe: Callable | None = None
    tolerance: float = 1e-7

    @property
    def names(self) -> list[str]:
        """The names of the arguments."""
        return re.findall(r"\w+", self.call.partition("(")[2])
