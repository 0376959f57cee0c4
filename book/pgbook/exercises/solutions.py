"""A hint or a solution on request, in a notebook that holds neither.

`tools/solutions.py` gathers them from the chapters, where they stand folded.
"""

import json
import sys
from functools import cache
from pathlib import Path

from pgbook.exercises.questions import questions
from pgbook.exercises.registry import plain

SITE = "https://policy-gradients.github.io/line-by-line"
OF_A_CHOICE = "Try one: a wrong choice hears what speaks against it."
DATA = Path(__file__).with_name("solutions.json")


class Said(str):
    """Markdown, which a notebook sets, mathematics too, and a terminal shows as it is."""

    def _repr_markdown_(self):
        return str(self)

    __repr__ = str.__str__


def hint(exercise: str | float) -> Said:
    """What helps with an exercise and does not give it away, such as `hint("9.3")`.

    Args:
        exercise: its number, chapter and exercise; a page without a number has a letter, "L.1".

    Raises:
        ValueError: there is no such exercise.
    """
    return Said(f"**Hint for {plain(exercise)}.** {_linked(_entry(exercise)['hint'])}")


def solution(exercise: str | float) -> Said:
    """The solution of an exercise, such as `solution("9.3")`; its code goes into the next cell.

    Where there is no next cell to write to, as in Colab or outside a notebook, the code is the end
    of what is said. It stands on the chapter's cells: run them first.

    Args:
        exercise: its number, chapter and exercise; a page without a number has a letter, "L.1".

    Raises:
        ValueError: there is no such exercise.
    """
    entry = _entry(exercise)
    said = f"**Solution of {plain(exercise)}.** {_linked(entry['solution'])}"
    if entry["code"] and not _into_the_next_cell(entry["code"]):
        said += f"\n\n```python\n{entry['code']}\n```"
    return Said(said)


@cache
def _all() -> dict[str, dict[str, str]]:
    return json.loads(DATA.read_text("utf-8"))


def _entry(exercise: str | float) -> dict[str, str]:
    """The exercise's entry, or an error that names those that its chapter has."""
    name = plain(exercise)
    if name in _all():
        return _all()[name]
    if name in questions():
        asked = questions()[name]
        answer = f"The answer is {asked['answer']}. {asked['why']}"
        return {"hint": asked.get("hint", OF_A_CHOICE), "solution": answer, "code": ""}
    chapter = name.partition(".")[0]
    near = [name for name in _all() if name.partition(".")[0] == chapter]
    known = ", ".join(f'"{name}"' for name in near or _all())
    raise ValueError(f"exercise: expected one of {known}, got {exercise!r}")


def _linked(markdown: str) -> str:
    """The text with its links into the book as addresses of the published pages."""
    return markdown.replace("](book:", f"]({SITE}/book/")


def _into_the_next_cell(code: str) -> bool:
    """Put code where it can be changed and run, if whoever shows the notebook does such things."""
    if "IPython" not in sys.modules or "google.colab" in sys.modules:
        return False  # Colab ignores a next cell without a word: googlecolab/colabtools#1619
    shell = sys.modules["IPython"].get_ipython()
    if shell is None:
        return False
    shell.set_next_input(code)
    return True
