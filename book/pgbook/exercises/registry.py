"""Every exercise by its id: a module a chapter, read when one of its exercises is asked for."""

import importlib
import re

CHAPTERS = range(1, 17)


def of_chapter(number: int) -> dict:
    """Return the exercises of a chapter by id."""
    module = importlib.import_module(f"pgbook.exercises.chapter_{number:02}")
    return {exercise.id: exercise for exercise in module.EXERCISES}


def every() -> dict:
    """Return all exercises by id, in the book's order."""
    return {id: one for number in CHAPTERS for id, one in of_chapter(number).items()}


def find(id: str):
    """Return the exercise with this id.

    Raises:
        ValueError: there is none; the message names those that there are.
    """
    number = re.fullmatch(r"(\d+)\.\d+", str(id))
    known = of_chapter(int(number[1])) if number and int(number[1]) in CHAPTERS else {}
    if id not in known:
        there = ", ".join(known or every())
        raise ValueError(f"id: expected one of {there}, got {id!r}")
    return known[id]
