"""Small tasks for a small language model: digits in, digits out, one reward for the whole answer.

Tokens 0 to 9 are the digits, `END` ends an answer. A reward of 1 means: exactly right.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pgbook import expect

TOKENS = 11
END = 10

Solve = Callable[[np.ndarray], np.ndarray]
Pay = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Task:
    """What is asked, and what an answer is paid."""

    asks: str  # in words
    count: int  # prompts: the numbers 0 to count - 1
    digits: int  # that a prompt is written with
    longest: int  # tokens of an answer; one that has not ended by then is cut off
    pays: Pay  # from prompts [P, digits], answers [P, K, T] and their mask to rewards [P, K]

    def prompts(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw prompts, all equally likely, [count, digits].

        Raises:
            ValueError: fewer than one, or a seed in place of a generator.
        """
        count = expect.whole("count", count, 1)
        return _in_digits(expect.generator(rng).integers(self.count, size=count), self.digits)

    def every_prompt(self) -> np.ndarray:
        """Return each prompt once, in order, [count, digits]."""
        return _in_digits(np.arange(self.count), self.digits)

    def reward(self, prompts: np.ndarray, answers: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return R(x, y), from 0 to 1, of each answer, [P, K].

        Args:
            prompts: x, [P, digits].
            answers: y, [P, K, T]; tokens behind an answer's end do not count.
            lengths: |y|, from 1 to T, [P, K].

        Raises:
            ValueError: other tokens, shapes or lengths.
        """
        prompts = expect.indices("prompts", prompts, 10)
        answers = expect.indices("answers", answers, TOKENS)
        lengths = expect.indices("lengths", lengths, self.longest + 1)
        shape = len(prompts), *answers.shape[1:2]
        fits = prompts.shape[1:] == (self.digits,) and answers.shape[:-1] == lengths.shape == shape
        if not fits or (lengths < 1).any() or (lengths > answers.shape[2]).any():
            raise ValueError(
                f"expected prompts [P, {self.digits}], answers [P, K, T] and lengths [P, K] from "
                f"1 to T, got {prompts.shape}, {answers.shape} and {lengths.shape}"
            )
        mask = np.arange(answers.shape[2]) < lengths[..., None]
        return self.pays(prompts, answers, mask)


def share_right(solve: Solve) -> Pay:
    """Return a graded reward: the share of the solution's tokens that stand in their place."""

    def pays(prompts: np.ndarray, answers: np.ndarray, mask: np.ndarray) -> np.ndarray:
        solution = solve(prompts)
        said = solution[:, None, : answers.shape[2]]
        return ((answers == said) & mask).sum(axis=-1) / solution.shape[1]

    return pays


def all_right(solve: Solve) -> Pay:
    """Return a sparse reward: 1 for the solution, 0 for anything else."""
    graded = share_right(solve)
    return lambda *batch: (graded(*batch) == 1).astype(float)


def reversed_digits(prompts: np.ndarray) -> np.ndarray:
    """Return the prompts from right to left and the end token, [P, digits + 1]."""
    return _ended(prompts[:, ::-1])


def added(prompts: np.ndarray) -> np.ndarray:
    """Return the sum of a prompt's two halves, two digits each, in three, and the end, [P, 4]."""
    return _ended(_in_digits(prompts @ [10, 1, 10, 1], 3))


def sums_up(prompts: np.ndarray, answers: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Pay 1 for an answer that has ended and whose digits sum to the prompt, else 0."""
    ended = ((answers == END) & mask).any(axis=-1)
    total = np.where((answers != END) & mask, answers, 0).sum(axis=-1)
    return (ended & (total == (prompts @ [10, 1])[:, None])).astype(float)


TASKS = {
    "reverse": Task(
        "the three digits from right to left", 1000, 3, 4, share_right(reversed_digits)
    ),
    "reverse, sparse": Task(
        "the same, paid if all is right", 1000, 3, 4, all_right(reversed_digits)
    ),
    "sum": Task("digits that sum to a number below 20", 20, 2, 5, sums_up),
    "add": Task("the sum of two numbers below 100", 10_000, 4, 4, share_right(added)),
}
"""Every task by its name: what `Config.task` may say."""


def _in_digits(numbers: np.ndarray, digits: int) -> np.ndarray:
    """Return numbers [P] as their digits, [P, digits]."""
    return numbers[:, None] // 10 ** np.arange(digits)[::-1] % 10


def _ended(digits: np.ndarray) -> np.ndarray:
    """Return the digits with the end token behind them."""
    return np.pad(digits, ((0, 0), (0, 1)), constant_values=END)
