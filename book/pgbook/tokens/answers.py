r"""Every answer that a language model with few tokens can give, in one list.

An answer $y=(y_0,\dots,y_{|y|-1})$ to a prompt $x$ is written token by token until the end token,
which counts, or until the limit cuts it off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pgbook import expect

END = 0
"""The token that ends an answer."""


@dataclass(frozen=True)
class AnswerTree:
    """The sizes of a model's answers; the list of them follows.

    A word is what an answer says before its end. Words are listed by length and then by their
    tokens, the empty one first. A word that is shorter than the limit is a prefix, at which another
    token is drawn, and, with the end token, an answer: the two have the same index. A word of full
    length is an answer that was cut off. With B = tokens - 1 a prompt has B^0 + ... + B^longest.
    """

    tokens: int = 3  # the end token is one of them
    longest: int = 4  # an answer of so many tokens is cut off, if it has not ended
    prompts: int = 2

    def __post_init__(self) -> None:
        """Refuse sizes that make no model.

        Raises:
            ValueError: fewer than two tokens, no room for a token, or no prompt.
        """
        for name, least in {"tokens": 2, "longest": 1, "prompts": 1}.items():
            object.__setattr__(self, name, expect.whole(name, getattr(self, name), least))

    @cached_property
    def levels(self) -> tuple[slice, ...]:
        """The indices of the words of each length, from 0 to `longest`."""
        ends = np.cumsum([(self.tokens - 1) ** size for size in range(self.longest + 1)])
        return tuple(slice(int(a), int(b)) for a, b in zip([0, *ends], ends, strict=False))

    @property
    def num_answers(self) -> int:
        """How many answers a prompt has."""
        return self.levels[-1].stop

    @property
    def num_prefixes(self) -> int:
        """At how many prefixes a token is drawn."""
        return self.levels[-1].start

    @cached_property
    def lengths(self) -> np.ndarray:
        """|y|, the number of tokens drawn, the end token included, [answers]."""
        sizes = [min(size + 1, self.longest) for size in range(self.longest + 1)]
        counts = [level.stop - level.start for level in self.levels]
        return np.repeat(sizes, counts)

    @cached_property
    def cut(self) -> np.ndarray:
        """Whether the answer was cut off at the limit, [answers]."""
        return np.arange(self.num_answers) >= self.num_prefixes

    @cached_property
    def mask(self) -> np.ndarray:
        """1 where the answer has a token, [answers, longest]."""
        return (np.arange(self.longest) < self.lengths[:, None]).astype(float)

    @cached_property
    def prefixes(self) -> np.ndarray:
        """The prefix at which each token is drawn, [answers, longest]; 0 where there is none."""
        return self._walk[0]

    @cached_property
    def answers(self) -> np.ndarray:
        """The tokens of each answer, [answers, longest]; `END` where there is none."""
        return self._walk[1]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Each answer in letters: a, b, ... for the tokens, "." for the end, none where cut off."""
        letters = ".abcdefghijklmnopqrstuvwxyz"
        if self.tokens > len(letters):
            raise ValueError(f"tokens: expected at most {len(letters)} to spell, got {self.tokens}")
        rows = zip(self.answers, self.lengths, strict=True)
        return tuple("".join(letters[token] for token in row[:size]) for row, size in rows)

    @cached_property
    def _walk(self) -> tuple[np.ndarray, np.ndarray]:
        """Prefixes and tokens of every answer, from the last token back to the first."""
        prefixes = np.zeros((self.num_answers, self.longest), dtype=np.intp)
        tokens = np.full_like(prefixes, END)
        for size, level in enumerate(self.levels):
            word = np.arange(level.stop - level.start)  # the word, its tokens read as digits
            if size < self.longest:
                prefixes[level, size] = level.start + word
            for t in reversed(range(size)):
                word, digit = np.divmod(word, self.tokens - 1)
                tokens[level, t] = digit + 1
                prefixes[level, t] = self.levels[t].start + word
        return prefixes, tokens

    def tabulate(self, reward: Callable[[int, tuple[int, ...]], float]) -> np.ndarray:
        """Return the reward of every answer to every prompt, [prompts, answers].

        Args:
            reward: of the prompt's number and of the answer's tokens, the end token included.

        Raises:
            ValueError: a reward that is no finite number.
        """
        rows = zip(self.answers.tolist(), self.lengths, strict=True)
        said = [tuple(row[:size]) for row, size in rows]
        table = [[reward(x, answer) for answer in said] for x in range(self.prompts)]
        return expect.numbers("reward", table, (self.prompts, self.num_answers), finite=True)
