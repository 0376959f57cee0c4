"""Questions with a number, a choice or a formula for an answer, and what is said to each answer.

The built page asks them without a kernel: `js/judge.js` says what this module says.
"""

import json
from functools import cache
from pathlib import Path

from pgbook.exercises.formula import read, value
from pgbook.exercises.verdict import Verdict

POINTS = 8  # at which two formulas are compared
CLOSE = 1e-9  # relative


@cache
def questions() -> dict[str, dict]:
    """Every question by its id."""
    return json.loads(Path(__file__).with_name("questions.json").read_text("utf-8"))


def points(variables: dict[str, list[float]]) -> list[dict[str, float]]:
    """Points in the variables' ranges, the same everywhere: Park and Miller's generator."""
    seed, found = 1, []
    for _ in range(POINTS):
        point = {}
        for name, (low, high) in variables.items():
            seed = seed * 16807 % 2147483647
            point[name] = low + (high - low) * seed / 2147483647
        found.append(point)
    return found


def same(question: dict, given, known) -> bool:
    """Whether two answers to a question are one."""
    if question["kind"] == "choice":
        return str(given).strip() == str(known)
    names = list(question.get("variables", {}))
    a, b = (read(str(text), names) for text in (given, known))
    if question["kind"] == "number":
        return abs(value(a, {}) - value(b, {})) <= question["within"]
    pairs = ((value(a, at), value(b, at)) for at in points(question["variables"]))
    return all(abs(x - y) <= CLOSE * (1 + abs(y)) for x, y in pairs)


def places(question: dict) -> list[int]:
    """The places of a choice's answers in its list."""
    return sorted([question["answer"], *(answer for answer, _ in question["wrong"])])


def judge(id: str, given) -> Verdict:
    """Say whether an answer to a question is right and, if not, what may have gone wrong.

    Args:
        id: of the question, "9.b".
        given: the place of a choice in its list, from 1; a number, or a text that comes to one; a
            formula as a text, in the names that the question gives.

    Returns:
        A `Verdict`; its slip is the answer that people give when they make this mistake.

    Raises:
        ValueError: there is no such question, or the answer cannot be read; it says where.
    """
    if id not in questions():
        raise ValueError(f"id: expected one of {', '.join(questions())}, got {id!r}")
    question = questions()[id]
    if question["kind"] == "choice" and str(given).strip() not in map(str, places(question)):
        raise ValueError(f"expected one of the choices {places(question)}, got {given!r}")
    if same(question, given, question["answer"]):
        return Verdict(id, True, question["why"])
    for answer, says in question["wrong"]:
        if same(question, given, answer):
            return Verdict(id, False, says, str(answer))
    return Verdict(id, False, question["hint"])
