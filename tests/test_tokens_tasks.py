"""The tasks: answers paid by hand, every prompt, rewards that only the right answer earns."""

import itertools

import numpy as np
import pytest
from pgbook.tokens.tasks import END, TASKS, TOKENS

RNG = np.random.default_rng


def paid(task, prompt, *answers):
    """What a task pays for answers to one prompt, written as text, "." for the end."""
    longest = max(map(len, answers))
    said = [[END if c == "." else int(c) for c in a] + [END] * (longest - len(a)) for a in answers]
    lengths = np.array([[len(a) for a in answers]])
    prompts = np.array([[int(c) for c in prompt]])
    return TASKS[task].reward(prompts, np.array([said]), lengths)[0].tolist()


@pytest.mark.parametrize(
    ("task", "prompt", "answers", "rewards"),
    [
        ("reverse", "123", ["321.", "3219", "32.", "321", "123.", ".", "5"], "1 ¾ ½ ¾ ½ 0 0"),
        ("reverse", "007", ["700.", "70.", "7."], "1 ½ ¼"),
        ("reverse, sparse", "123", ["321.", "3219", "123.", "."], "1 0 0 0"),
        ("add", "4759", ["106.", "006.", "106", "601."], "1 ¾ ¾ ½"),
        ("add", "0203", ["005.", "5."], "1 0"),
        ("sum", "12", ["93.", "3333.", "12.", "93", "4440.", "48."], "1 1 0 0 1 1"),
        ("sum", "00", [".", "0.", "000.", "00000"], "1 1 1 0"),
        ("sum", "19", ["991.", "99.", "90019"], "1 0 0"),
    ],
)
def test_answers_are_paid_as_by_hand(task, prompt, answers, rewards):
    fractions = {"1": 1.0, "0": 0.0, "½": 0.5, "¼": 0.25, "¾": 0.75}
    assert paid(task, prompt, *answers) == [fractions[r] for r in rewards.split()]


def test_what_stands_behind_the_end_is_not_paid():
    """Three tokens of which one counts, and the padding is the solution's."""
    prompts, lengths = np.array([[1, 2, 3]]), np.array([[1, 3]])
    answers = np.array([[[3, 2, 1, END], [3, 2, 1, END]]])
    assert TASKS["reverse"].reward(prompts, answers, lengths).tolist() == [[0.25, 0.75]]


def test_every_prompt_is_a_number_in_its_digits():
    for task in TASKS.values():
        every = task.every_prompt()
        assert every.shape == (task.count, task.digits)
        read = [int("".join(map(str, row))) for row in every.tolist()]
        assert read == list(range(task.count))
        drawn = task.prompts(4 * task.count, RNG(0))
        assert {*map(tuple, drawn.tolist())} <= {*map(tuple, every.tolist())}
        assert drawn[:, -1].tolist() != sorted(drawn[:, -1].tolist())


def test_prompts_are_equally_likely():
    drawn = TASKS["sum"].prompts(20_000, RNG(0)) @ [10, 1]
    seen = np.bincount(drawn, minlength=20)
    assert len(seen) == 20 and (np.abs(seen - 1000) < 4.5 * np.sqrt(20_000 * 0.05 * 0.95)).all()


@pytest.mark.parametrize("name", ["reverse", "reverse, sparse", "sum", "add"])
def test_a_reward_of_one_is_the_right_answer_and_no_other(name):
    """All answers to a few prompts, against Python's own arithmetic."""
    task = TASKS[name]
    right = {
        "reverse": lambda x, y: y == x[::-1],
        "reverse, sparse": lambda x, y: y == x[::-1],
        "sum": lambda x, y: sum(map(int, y)) == int(x),
        "add": lambda x, y: y == f"{int(x[:2]) + int(x[2:]):03d}",
    }[name]
    texts = [
        "".join(map(str, digits)) + "." * ended
        for size in range(4)
        for digits in itertools.product(range(10), repeat=size)
        for ended in ([True, False] if size == task.longest else [True])
    ]
    for row in task.every_prompt()[:: max(task.count // 3, 1)][:3]:
        prompt = "".join(map(str, row))
        rewards = paid(name, prompt, *texts)
        assert [r == 1 for r in rewards] == [t[-1] == "." and right(prompt, t[:-1]) for t in texts]
        assert min(rewards) >= 0


BATCH = {"prompts": np.array([[1, 2, 3]]), "answers": np.full((1, 2, 4), 3), "lengths": [[4, 1]]}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"prompts": np.array([[1, 2]])}, r"expected prompts \[P, 3\]"),
        ({"prompts": np.array([[1, 2, END]])}, "prompts: expected integers from 0 to 9, got 10"),
        ({"answers": np.full((1, 2, 4), TOKENS)}, "answers: expected integers from 0 to 10"),
        ({"answers": np.full((2, 2, 4), 3)}, "lengths .* from 1 to T"),
        ({"answers": np.full((1, 2, 3), 3)}, "lengths .* from 1 to T"),
        ({"lengths": [[4, 0]]}, "lengths .* from 1 to T"),
        ({"lengths": [4, 1]}, "lengths .* from 1 to T"),
        ({"lengths": [[4, 1.5]]}, "lengths: expected integers"),
    ],
)
def test_a_batch_that_does_not_fit_is_refused(changes, says):
    with pytest.raises(ValueError, match=says):
        TASKS["reverse"].reward(**{**BATCH, **changes})


def test_prompts_want_a_number_and_a_generator():
    with pytest.raises(ValueError, match="count: expected a whole number >= 1, got 0"):
        TASKS["sum"].prompts(0, RNG(0))
    with pytest.raises(ValueError, match="rng: expected"):
        TASKS["sum"].prompts(1, 0)
