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


def plain(id: str | float) -> str:
    """Return an id as the book writes it: "8.4" for the number 8.4, "8.a" for "8.A ", "L.1"."""
    page, dot, exercise = str(id).strip().partition(".")
    return page.upper() + dot + exercise.lower()


def find(id: str):
    """Return the exercise with this id.

    Raises:
        ValueError: there is none; the message names those that there are.
    """
    name = plain(id)
    number = re.fullmatch(r"(\d+)\.\d+", name)
    known = of_chapter(int(number[1])) if number and int(number[1]) in CHAPTERS else {}
    if name not in known:
        there = ", ".join(known or every())
        other = ": there is no checker for the others, which have a hint and a solution"
        raise ValueError(f"id: expected one of {there}, got {id!r}{other * bool(known)}")
    return known[name]
