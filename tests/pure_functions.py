"""Every public function of the pure modules: how its arguments are drawn, and what it must answer.

A case draws sound arguments, each with its bends (`bent.py`), and states the answer by a second,
naive route (`naive.py`) or, where the answer is drawn at random, by what must hold of it.
"""

import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import bent
import naive
import numpy as np
import torch
from bent import Argument, fixed
from hypothesis import strategies as st
from matplotlib.figure import Figure
from pgbook import curves, ledger, mdp, plots, policies, weights
from pgbook.mdp import Trajectory
from strategies import mdps

MODULES = (mdp, policies, weights, ledger, curves, plots)
RECORDS = {  # hold what they are given, or say what went wrong
    "mdp.Trajectory",
    "ledger.Check",
    "ledger.CheckFailed",
    "ledger.ControlPassed",
    "ledger.Equation",
    "plots.Figure",
}


class Case(NamedTuple):
    """One function: `draw` draws its arguments, `holds` compares an answer with the truth."""

    draw: Callable  # of Hypothesis' draw and a generator: {name: Argument}
    holds: Callable  # of the answer and the sound values, by keyword
    call: Callable | None = None  # in place of the function: it prepares an argument


CASES = {}


def case(name, holds, call=None):
    """Register the decorated function as the arguments of the named one."""

    def register(draw):
        CASES[name] = Case(draw, holds, call)
        return draw

    return register


def same(reference):
    """The answer is the reference's, to 1e-9; shapes and infinities too."""

    def holds(answer, **values):
        expected = reference(**values)
        if expected is None:  # an empty batch
            assert np.size(answer) == 0
        elif isinstance(answer, tuple):
            for got, want in zip(answer, expected, strict=True):
                np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9, strict=False)
                assert np.shape(got) == np.shape(want)
        else:
            np.testing.assert_allclose(answer, expected, rtol=1e-9, atol=1e-9)
            assert np.shape(answer) == np.shape(expected)

    return holds


def eighths(rng, shape):
    """Distributions whose entries are eighths, which every floating type holds exactly."""
    return rng.multinomial(8, np.full(shape[-1], 1 / shape[-1]), size=shape[:-1]) / 8


def halves(rng, shape):
    return rng.integers(-6, 7, size=shape) / 2


def world(draw, **sizes):
    return draw(mdps(max_horizon=3, **sizes))


WIDE = {"max_states": 12, "max_actions": 12}  # flat indices that int8 and uint8 cannot hold


def a_policy(draw, rng, **sizes):
    process = world(draw, **sizes)
    policy = bent.distributions(eighths(rng, process.policy_shape))
    return {"mdp": fixed(process), "policy": policy}


def a_trajectory(draw, rng, shape):
    steps, states, actions = shape
    batch = draw(st.sampled_from([(), (1,), (4,), (0,), (2, 3)]))
    path = Trajectory(
        rng.integers(states, size=(*batch, steps + 1)), rng.integers(actions, size=(*batch, steps))
    )
    return bent.trajectories(path, shape)


# --- mdp ------------------------------------------------------------------------------------------


def stores(process, start, transition, reward, horizon):
    for name, array in {"start": start, "transition": transition, "reward": reward}.items():
        np.testing.assert_array_equal(getattr(process, name), array)
    assert process.horizon == horizon and type(process.horizon) is int


@case("mdp.FiniteMDP", stores)
def _(draw, rng):
    states, actions = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return {
        "start": bent.distributions(eighths(rng, (states,))),
        "transition": bent.distributions(eighths(rng, (states, actions, states))),
        "reward": bent.reals(halves(rng, (states, actions)), shaped=False),
        "horizon": bent.whole(draw(st.integers(1, 127)), 1),
    }


def is_random(process, seed, num_states, num_actions, horizon):
    assert process.policy_shape == (horizon, num_states, num_actions)
    np.testing.assert_array_equal(
        process.start, np.random.default_rng(seed).dirichlet(np.ones(num_states))
    )


@case("mdp.random_mdp", is_random)
def _(draw, rng):
    return {
        "seed": bent.whole(draw(st.integers(0, 100)), 0),
        "num_states": bent.whole(draw(st.integers(1, 4)), 1),
        "num_actions": bent.whole(draw(st.integers(1, 4)), 1),
        "horizon": bent.whole(draw(st.integers(1, 5)), 1),
    }


@case("mdp.greedy_trap", lambda trap, horizon: trap.policy_shape == (horizon, 3, 2))
def _(draw, rng):
    return {"horizon": bent.whole(draw(st.integers(1, 100)), 1)}


@case("mdp.count_trajectories", same(lambda mdp: len(list(naive.brute_force(mdp)))))
def _(draw, rng):
    return {"mdp": fixed(world(draw))}


@case("mdp.enumerate_trajectories", same(lambda mdp, limit: naive.listed(mdp)))
def _(draw, rng):
    process = world(draw)
    return {"mdp": fixed(process), "limit": bent.whole(mdp.count_trajectories(process), 1)}


def possible(path, mdp, policy, episodes, rng):
    assert path.states.shape == (episodes, mdp.horizon + 1)
    assert (naive.trajectory_prob(mdp, policy, path) > 0).all()


@case(
    "mdp.sample_trajectories",
    possible,
    call=lambda rng, **values: mdp.sample_trajectories(rng=rng(), **values),
)
def _(draw, rng):
    return {
        **a_policy(draw, rng),
        "episodes": bent.whole(draw(st.integers(1, 20)), 1),
        "rng": bent.generator(lambda: np.random.default_rng(0)),
    }


for what in ("rewards", "returns"):

    @case(f"mdp.{what}", same(getattr(naive, what)))
    def _(draw, rng):
        process = world(draw, **WIDE)
        return {
            "mdp": fixed(process),
            "trajectory": a_trajectory(draw, rng, process.policy_shape),
        }


for what in ("trajectory_prob", "trajectory_log_prob"):

    @case(f"mdp.{what}", same(getattr(naive, what)))
    def _(draw, rng):
        given = a_policy(draw, rng, **WIDE)
        shape = given["mdp"].value.policy_shape
        return {**given, "trajectory": a_trajectory(draw, rng, shape)}


@case("mdp.exact_moments", same(naive.moments))
def _(draw, rng):
    given, table = a_policy(draw, rng), rng.normal(size=(3, 2))

    def estimator(path):
        states = path[0] if isinstance(path, tuple) else path
        return table[states[:, -1]]

    wrong = {
        "complex": lambda path: estimator(path) + 1j,
        "text": lambda path: estimator(path).astype(str),
        "one too few": lambda path: estimator(path)[1:],
        "one number": lambda path: 1.0,
        "nothing": lambda path: None,
    }
    bends = {name: (function, False) for name, function in wrong.items()}
    bends["a list"] = (lambda path: estimator(path).tolist(), True)
    return {**given, "estimator": Argument(estimator, bends)}


def policy_values(mdp, policy):
    return naive.values(mdp, lambda t, s, q: sum(policy[t, s] * q))


for what, reference in {
    "objective": naive.objective,
    "enumerated_objective": naive.objective,
    "gradient": naive.gradient,
    "enumerated_gradient": naive.gradient,
    "state_distribution": naive.state_distribution,
    "values": policy_values,
}.items():
    CASES[f"mdp.{what}"] = Case(a_policy, same(reference))


@case("mdp.optimal_values", same(lambda mdp: naive.values(mdp, lambda t, s, q: max(q))))
def _(draw, rng):
    return {"mdp": fixed(world(draw))}


@case(
    "mdp.torch_objective",
    same(lambda mdp, theta: naive.objective(mdp, np.exp(naive.log_softmax(theta.numpy())))),
)
def _(draw, rng):
    process = world(draw)
    theta = torch.tensor(rng.normal(size=process.policy_shape))
    wrong = [theta.float(), theta.to(torch.complex128), theta.int(), theta.numpy(), None]
    wrong += [theta[None], theta[..., :-1], theta.tolist()]
    bends = {f"{i}: {type(x)}": (x, False) for i, x in enumerate(wrong)}
    return {"mdp": fixed(process), "theta": Argument(theta, bends)}


# --- policies -------------------------------------------------------------------------------------


for what, function in {
    "softmax_policy": lambda theta: np.exp(naive.log_softmax(theta)),
    "log_softmax_policy": naive.log_softmax,
}.items():

    @case(f"policies.{what}", same(function))
    def _(draw, rng):
        shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
        argument = bent.reals(halves(rng, shape) * 20, shaped=False)
        for name, empty in {"no logit": np.ones((2, 0)), "no axis": np.float64(1)}.items():
            argument.bends[name] = (empty, False)
        return {"theta": argument}


@case("policies.score", same(naive.score))
def _(draw, rng):
    shape = world(draw).policy_shape
    policy = bent.distributions(eighths(rng, shape), shaped=False)
    for name, other in {"an axis more": policy.value[None], "a step": policy.value[0]}.items():
        policy.bends[name] = (other, False)
    return {"policy": policy, "trajectory": a_trajectory(draw, rng, shape)}


def ones_at(index, size):
    return [[int(i == k) for k in range(size)] for i in index]


@case("policies.one_hot", same(ones_at))
def _(draw, rng):
    size = draw(st.integers(1, 5))
    index = rng.integers(size, size=draw(st.integers(1, 4)))
    index[0] = size - 1
    argument = bent.whole(size, size)  # a smaller one has no place for the largest index
    return {"index": bent.indices(index, size, shaped=False), "size": argument}


@case(
    "policies.random_theta",
    same(lambda seed, mdp: np.random.default_rng(seed).normal(size=mdp.policy_shape)),
)
def _(draw, rng):
    return {"seed": bent.whole(draw(st.integers(0, 100)), 0), "mdp": fixed(world(draw))}


# --- weights --------------------------------------------------------------------------------------


def lengths_of(draw, rng, least=1):
    episodes, steps = draw(st.integers(least, 4)), draw(st.integers(1, 4))
    return rng.integers(1, steps + 1, size=episodes), steps


def weight_arguments(draw, rng, name):
    lengths, steps = lengths_of(draw, rng, 2 if name == "leave_one_out" else 1)
    mask = np.arange(steps) < lengths[:, None]
    rewards = bent.reals(halves(rng, mask.shape))
    behind = rewards.value.copy()
    behind[~mask] = np.nan
    if mask[-1, -1]:  # a bend puts its NaN there
        rewards.bends["NaN behind the ends"] = (behind, True)
    else:
        for entry in (np.nan, np.inf, -np.inf):
            rewards.bends[f"{entry} in it"] = (rewards.bends[f"{entry} in it"][0], True)
    comes_back = np.where(np.arange(steps) == steps - 1, 1, mask * (np.arange(steps) != steps - 2))
    running = bent.flags(mask)
    if steps > 1:
        running.bends["it comes back"] = (comes_back, False)
    given = {"rewards": rewards, "mask": running}
    given["gamma"] = bent.number(draw(st.sampled_from([0.0, 0.5, 0.875, 1.0])), 0, 1)
    if name not in weights.NEEDS_VALUES:
        return given
    last = np.eye(steps)[lengths - 1]
    ended = bent.flags(last * rng.integers(2, size=(len(lengths), 1)))
    for place in range(steps):
        early = np.zeros_like(last)
        early[:, place] = 1
        ended.bends[f"all at step {place}"] = (early, False)
    del ended.bends[f"all at step {lengths[0] - 1}"]  # where that may be right
    given["values"] = bent.reals(halves(rng, (len(lengths), steps + 1)), finite=False)
    given["terminated"] = ended
    if name == "n_step":
        return {**given, "n": bent.whole(draw(st.integers(1, 6)), 1)}
    return {**given, "lam": bent.number(draw(st.sampled_from([0.0, 0.25, 1.0])), 0, 1)}


for what in weights.WEIGHTS:
    CASES[f"weights.{what}"] = Case(
        lambda draw, rng, what=what: weight_arguments(draw, rng, what),
        same(lambda what=what, **values: naive.weight(what, **values)),
    )


@case("weights.standardise", same(naive.standardise))
def _(draw, rng):
    given = weight_arguments(draw, rng, "total_return")
    scale = draw(st.sampled_from([1.0, 2.0**-600, 2.0**600]))  # squares vanish, squares overflow
    psi = bent.reals(given["rewards"].value * scale, finite=False)
    given["mask"].bends["nothing runs"] = (np.zeros_like(psi.value), False)
    return {"psi": psi, "mask": given["mask"]}


# --- ledger ---------------------------------------------------------------------------------------


def an_identity(draw, rng):
    sides = halves(rng, draw(st.sampled_from([(), (3,), (2, 2)])))
    wrong = {name: value for name, (value, _) in bent.reals(sides).bends.items()}
    fine = {name for name, (_, fine) in bent.reals(sides).bends.items() if fine}
    bends = {
        name: (lambda shift=0.0, value=value: (value, sides + shift), name in fine)
        for name, value in wrong.items()
        if not name.endswith("in it")  # not finite: a failed check, tests/test_ledger.py
    }
    return {
        **{name: fixed(name) for name in ("label", "compared", "control")},
        "sides": Argument(lambda shift=0.0: (sides, sides + shift), bends),
        "tolerance": bent.number(0.5**20, 0, math.inf, ends=False),
        "replace": fixed({"shift": 1e6}),
    }


CASES["ledger.check"] = Case(an_identity, lambda answer, **_: answer.control_residual == "1.0e+06")


@case("ledger.statistical_check", lambda answer, **_: answer.control_residual == "1.0e+03")
def _(draw, rng):
    wrong = {"signed": -1.0, "minus infinity": -np.inf, "text": "1", "complex": 1j, "none": None}
    wrong |= {"two": np.ones(2), "far below": -700.0}
    bends = {name: (lambda x=1.0, value=value: value, False) for name, value in wrong.items()} | {
        f"{name}, in the control": (lambda x=1.0, value=value: value if x > 1 else 1.0, False)
        for name, value in wrong.items()
    }
    bends["an array without axes"] = (lambda x=1.0: np.array(x), True)
    return {
        **{name: fixed(name) for name in ("label", "compared", "control")},
        "statistic": Argument(lambda x=1.0: x, bends),
        "bound": bent.number(8.0, 0, math.inf, ends=False),
        "replace": fixed({"x": 1000.0}),
    }


@case("ledger.z_score", same(naive.z_score))
def _(draw, rng):
    shape = draw(st.sampled_from([(), (3,), (2, 2)]))
    samples = rng.permuted(np.arange(6.0).reshape(6, *[1] * len(shape)) + np.zeros(shape), axis=0)
    argument = bent.reals(samples, finite=False, shaped=False)
    wrong = {
        "one sample": samples[:1],
        "no sample": samples[:0],
        "another shape": samples[..., None],
    }
    argument.bends.update({name: (value, False) for name, value in wrong.items()})
    return {"samples": argument, "truth": bent.reals(halves(rng, shape), finite=False)}


SCRATCH = tempfile.TemporaryDirectory()


def file(name, text):
    """Write a file of that content, and return its path."""
    path = Path(SCRATCH.name, "".join(letter for letter in name if letter.isalnum()))
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def files(sound, wrong):
    """The path of a file with sound content; bends: files with something else, no file at all."""
    bends = {name: (file(name, text), False) for name, text in wrong.items()}
    return Argument(file("sound", sound), bends)


def a_notebook(*cells):
    return json.dumps({"cells": cells})


def an_equation(tex=r"x = x \tag{1.1}", label="eq-x"):
    return {"cell_type": "markdown", "id": label, "source": f"$$\n{tex}\n$$"}


def its_check(label="eq-x", **changed):
    record = dict.fromkeys(ledger.Check.__dataclass_fields__, "1") | {"label": label} | changed
    return {
        "cell_type": "code",
        "id": "check",
        "source": "",
        "outputs": [{"data": {ledger.MIME: record}}],
    }


@case("ledger.read_equations", lambda found, path: [x.tag for x in found] == ["1.1"])
def _(draw, rng):
    wrong = {
        "no tag": a_notebook(an_equation("x = x"), its_check()),
        "two tags": a_notebook(an_equation(r"x \tag{1.1} \tag{1.2}"), its_check()),
        "no check": a_notebook(an_equation()),
        "a check of another": a_notebook(an_equation(), its_check(), its_check("eq-y")),
        "the label of another": a_notebook(an_equation(), its_check("eq-y")),
        "a tag without a label": a_notebook(an_equation(), its_check(), an_equation(label="y")),
        "a field too many": a_notebook(an_equation(), its_check(more="1")),
        "cut off": a_notebook(an_equation(), its_check())[:-9],
        "empty": "",
        "no notebook": "[]",
        "deep": "[" * 100_000,
        "not UTF-8": b"\xff",
    }
    return {"path": files(a_notebook(an_equation(), its_check()), wrong)}


# --- curves ---------------------------------------------------------------------------------------


@case("curves.pack", lambda text, values: (np.abs(curves.unpack(text) - values) <= 0.25).all())
def _(draw, rng):
    argument = bent.reals(rng.integers(0, 4096, size=draw(st.integers(1, 5))) / 2, shaped=False)
    for name, wrong in {"below": [-0.5], "above": [2048], "a table": [[1.0]], "one": 1.0}.items():
        argument.bends[name] = (wrong, False)
    return {"values": argument}


def unpacked(text):
    digits = [curves.LETTERS.index(letter) for letter in text]
    return [(64 * a + b) / 2 for a, b in zip(digits[::2], digits[1::2], strict=True)]


@case("curves.unpack", same(unpacked))
def _(draw, rng):
    text = "".join(rng.choice(list(curves.LETTERS), size=2 * draw(st.integers(1, 4))))
    wrong = [text[1:], text + "A", "-" + text[1:], text[:-1] + "\n", text.encode(), None, [*text]]
    wrong += [text[:-1] + "é", 5]
    return {"text": Argument(text, {repr(x): (x, False) for x in wrong})}


def brackets(middle):
    """The middle is the naive one; the interval lies within the samples and is no wider."""

    def holds(answer, samples, level):
        got, lower, upper = answer
        np.testing.assert_allclose(got, middle(samples), atol=1e-12)
        assert (samples.min(axis=0) - 1e-12 <= lower).all() and (lower <= upper).all()
        assert (upper <= samples.max(axis=0) + 1e-12).all()
        assert lower.shape == upper.shape == samples.shape[1:]

    return holds


def samples_and_level(draw, rng):
    shape = draw(st.sampled_from([(1,), (7,), (8, 2), (5, 2, 2)]))
    samples = bent.reals(halves(rng, shape), shaped=False)
    samples.bends["no seed"] = (samples.value[:0], False)
    samples.bends["one number"] = (1.0, False)
    return {"samples": samples, "level": bent.number(0.75, 0, 1, ends=False)}


CASES["curves.interquartile"] = Case(samples_and_level, brackets(naive.interquartile_mean))
CASES["plots.interval"] = Case(
    samples_and_level, brackets(lambda samples: sum(samples) / len(samples))
)

AXES = {"psi": ["a", "b"], "gamma": [0.5, 1.0]}


def a_record(rng):
    return {
        "axes": AXES,
        "config": {"hidden": (3, 4)},
        "seeds": [0, 1, 2],
        "steps": np.array([0, 10, 25]),
        "curves": rng.integers(0, 1000, size=(2, 2, 3, 3)) / 2,
    }


def holds_curves(record, axes, config, seeds, steps, curves):
    np.testing.assert_array_equal(record.curves, curves)
    np.testing.assert_array_equal(record.at(psi="b", gamma=0.5), np.asarray(curves)[1, 0])


@case("curves.Recorded", holds_curves)
def _(draw, rng):
    record = a_record(rng)
    steps = bent.reals(record["steps"])
    steps.bends["steps that fall"] = (record["steps"][::-1], False)
    table = bent.reals(record["curves"], finite=False)
    del table.bends["turned round"]  # of one shape when read backwards
    return {
        **{name: fixed(record[name]) for name in ("axes", "config", "seeds")},
        "steps": steps,
        "curves": table,
    }


def is_the_record(read, **_):
    record = a_record(np.random.default_rng(0))
    assert (read.axes, read.config, read.seeds) == (AXES, record["config"], record["seeds"])
    np.testing.assert_array_equal(read.steps, record["steps"])
    np.testing.assert_array_equal(read.curves, record["curves"])


def a_file(change=lambda content: None):
    """The text of a recorded file after a change of its content."""
    path = file("record", "")
    curves.dump(path, curves.Recorded(**a_record(np.random.default_rng(0))), made_by="me")
    content = json.loads(path.read_text())
    change(content)
    return json.dumps(content)


CHANGES = {
    **{f"no {key}": lambda x, key=key: x.pop(key) for key in ("config", "seeds", "steps")},
    "no settings": lambda x: x.pop("settings"),
    "no rows": lambda x: x["settings"].clear(),
    "rows swapped": lambda x: x["settings"].insert(0, x["settings"].pop(1)),
    "a row twice": lambda x: x["settings"].append(x["settings"][0]),
    "a row less": lambda x: x["settings"].pop(),
    "a row that is a list": lambda x: x["settings"].append([]),
    "a field less": lambda x: x["settings"][1].pop("gamma"),
    "a field of lists": lambda x: x["settings"][1].update(gamma=[1]),
    "a curve less": lambda x: x["settings"][1]["curves"].pop(),
    "a curve in another row": lambda x: x["settings"][0]["curves"].append(
        x["settings"][1]["curves"].pop()
    ),
    "a point less": lambda x: x["settings"][1]["curves"].append(
        x["settings"][1]["curves"].pop()[2:]
    ),
    "a point less everywhere": lambda x: x["steps"].append(30),
    "a foreign letter": lambda x: x["settings"][1]["curves"].append(
        x["settings"][1]["curves"].pop()[1:] + "?"
    ),
    "curves in one text": lambda x: x["settings"][1].update(curves="AAAAAAAAAAAA"),
    "curves as keys": lambda x: x["settings"][1].update(
        curves=dict.fromkeys(["AAAAAA", "BBBBBB", "CCCCCC"])
    ),
    "numbers for curves": lambda x: x["settings"][1].update(curves=[1, 2, 3]),
    "a seed twice": lambda x: x.update(seeds=[0, 0, 1]),
    "seeds in a text": lambda x: x.update(seeds="012"),
    "seeds that are no integers": lambda x: x.update(seeds=[0, 1, 2.5]),
    "steps that fall": lambda x: x["steps"].reverse(),
    "steps of text": lambda x: x.update(steps=["0", "1", "2"]),
    "a step of NaN": lambda x: x.update(steps=[0, 1, math.nan]),
    "a list of settings": lambda x: x.update(config=["hidden"]),
}


@case("curves.load", is_the_record)
def _(draw, rng):
    wrong = {name: a_file(change) for name, change in CHANGES.items()}
    wrong |= {
        "cut off": a_file()[:-9],
        "empty": "",
        "text": "hello",
        "a list": "[]",
        "null": "null",
    }
    wrong |= {"deep": "[" * 100_000, "not UTF-8": b"\xff\xfe"}
    argument = files(a_file(), wrong)
    argument.bends["a text"] = (str(argument.value), True)
    return {"path": argument}


def written_and_read(path, recorded, origin):
    curves.dump(path, recorded, **origin)
    return curves.load(path)


@case("curves.dump", is_the_record, call=written_and_read)
def _(draw, rng):
    record = a_record(np.random.default_rng(0))
    path = file("written", "")
    negative = curves.Recorded(**{**record, "curves": record["curves"] - 1000})
    origins = {name: ({name: 1}, False) for name in ("config", "seeds", "steps", "settings")}
    return {
        "path": Argument(path, {"a text": (str(path), True)}),
        "recorded": Argument(curves.Recorded(**record), {"negative": (negative, False)}),
        "origin": Argument({"made_by": "me"}, origins),
    }


# --- plots ----------------------------------------------------------------------------------------


def shown_as_given(captioned, figure, number, caption, alt):
    assert captioned.shown.alt == alt and alt in captioned.shown.svg
    assert (captioned.caption.number, captioned.caption.text) == (number, caption)


@case("plots.show", shown_as_given)
def _(draw, rng):
    figure = Figure()
    wrong = [None, "figure", figure.add_subplot()]
    texts = ["", "Four words, not five", None, b"A line that goes up", 5]
    return {
        "figure": Argument(figure, {repr(x): (x, False) for x in wrong}),
        "number": Argument("9.3", {repr(x): (x, False) for x in ("9", "9.", ".3", 9.3, None)}),
        "caption": Argument(
            "The line goes up here.",
            {repr(x): (x, False) for x in [*texts, "No full stop at its end", "A. B. C d e f."]},
        ),
        "alt": Argument("A line that goes up", {repr(x): (x, False) for x in texts}),
    }


def draw_anew(ax, **values):
    ax.clear()
    return plots.learning_curves(ax, **values)


def drawn(answer, ax, steps, curves, threshold, colour):
    *seeds, mean, line = ax.lines
    assert answer is ax
    np.testing.assert_array_equal([x.get_ydata() for x in seeds], curves)
    np.testing.assert_allclose(mean.get_ydata(), np.mean(curves, axis=0))
    assert all(np.array_equal(x.get_xdata(), steps) for x in (*seeds, mean))
    assert set(line.get_ydata()) == {float(threshold)}


@case("plots.learning_curves", drawn, call=draw_anew)
def _(draw, rng):
    table = bent.reals(halves(rng, (3, 4)), shaped=False)
    for name, wrong in {
        "turned": table.value.T,
        "a row": table.value[0],
        "none": table.value[:0],
    }.items():
        table.bends[name] = (wrong, False)
    threshold = bent.reals(np.float64(475.0))
    del threshold.bends["nothing"]  # no line, tests/test_plots.py
    return {
        "ax": fixed(Figure().subplots()),
        "steps": bent.reals(np.arange(4.0)),
        "curves": table,
        "threshold": threshold,
        "colour": fixed("black"),
    }
