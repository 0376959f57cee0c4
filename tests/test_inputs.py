"""Bad input, for every public function of the pure modules: the right answer or a clear refusal.

Each argument of each function comes sound, in another form that means the same, and wrong
(`bent.py`). The first two must give what a naive route gives (`naive.py`); the third must end in
an error that says what was expected and what came. Never a wrong number.
"""

import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pure_functions import CASES, MODULES, RECORDS


def public():
    """Every public function and class of the modules, by its name."""
    return {
        f"{module.__name__.removeprefix('pgbook.')}.{name}": value
        for module in MODULES
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    }


PUBLIC = public()
# What a refusal may begin with: an argument, or a part of a record that is one.
NAMES = {name for case in CASES for name in inspect.signature(PUBLIC[case]).parameters}
NAMES |= {"states", "actions"}  # of a trajectory


def test_every_public_function_has_a_case():
    assert set(PUBLIC) == set(CASES) | RECORDS and not set(CASES) & RECORDS


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=4)
@given(st.data(), st.integers(0, 2**32 - 1))
def test_the_right_answer_or_a_refusal(name, data, seed):
    case = CASES[name]
    arguments = case.draw(data.draw, np.random.default_rng(seed))
    sound = {key: argument.value for key, argument in arguments.items()}
    assert set(sound) == set(inspect.signature(PUBLIC[name]).parameters)
    call = case.call or PUBLIC[name]
    assert case.holds(call(**sound), **sound) is not False
    for key, argument in arguments.items():
        for bend, (value, fine) in argument.bends.items():
            place = f"{name}, {key}: {bend}"
            try:
                answer = call(**{**sound, key: value})
            except ValueError as error:
                said = str(error)
                assert not fine and "expected " in said and "got " in said, f"{place}: {said}"
                named = re.match(r"(\w+): expected", said)
                assert not named or named[1] in NAMES, f"{place}: no argument is called so: {said}"
            except Exception as error:
                raise AssertionError(f"{place}: expected a ValueError, got {error!r}") from error
            else:
                assert fine, f"{place}: expected a refusal, got {answer!r}"
                assert case.holds(answer, **sound) is not False, place
