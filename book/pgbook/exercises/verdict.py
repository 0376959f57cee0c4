"""What an exercise answers: one sentence, and what helps to go on."""

import html
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """The answer to what a reader handed in.

    Attributes:
        id: the exercise, "8.4".
        right: whether it is right.
        says: the verdict in one sentence.
        slip: the name of the slip that was recognised, or None.
        more: what else helps, a line each.
    """

    id: str
    right: bool
    says: str
    slip: str | None = None
    more: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """The first line."""
        state = "right" if self.right else "not yet"
        return f"{self.id}: {state}. {self.says}"

    def __repr__(self):
        return "\n".join([self.head, *(f"  {line}" for line in self.more)])

    def _repr_html_(self):
        mark = "✓" if self.right else "✗"
        items = "".join(f"<li>{html.escape(line)}</li>" for line in self.more)
        more = f"<ul>{items}</ul>" if items else ""
        head = html.escape(self.head)
        return f'<div class="pg-verdict"><p><b>{mark} {head}</b></p>{more}</div>'
