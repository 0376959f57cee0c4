"""The explorables that the browser tests drive: one row each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

import baseline_world
import clip_world
import compass_world
import dial_world
import families
import group_world
import leash_world
import numpy as np
import old_world
import random_world
import small_worlds
from pgbook import curves, explorables
from pgbook.mdp import greedy_trap, objective
from pgbook.policies import softmax_policy

RECORDED = curves.load()
LADDER = curves.load(curves.LADDER)


@dataclass(frozen=True)
class Row:
    """What a test needs to know of one explorable."""

    make: Callable  # the Python widget, in the state in which it opens
    slider: str  # a property with a range input, in JavaScript's spelling
    readout: str  # a number in view that the slider moves: data-pg-value
    values: list = field(default_factory=list)  # (settings, readout, the text Python expects)
    settle: str = "true"  # JavaScript on `el`: whether it has come to rest

    @cached_property
    def tag(self):
        """The element's name."""
        return self.make().tag


def trap_objective(theta):
    """J of chapter 1's world when θ is the logit of walking on at the crossroads."""
    world = greedy_trap(4)
    logits = np.zeros(world.policy_shape)
    logits[:, 0, 1] = theta
    logits[:, 1:, 0] = 2.0
    return f"{objective(world, softmax_policy(logits)):.3f}"


def bell_area(squash, slip, sigma=1.5, mean=0.5):
    """The area under chapter 11's densities at unit 1, in a double that a mistake would show."""
    if squash == "tanh" and slip:
        x, w = np.polynomial.hermite_e.hermegauss(200)
        return f"{w @ np.cosh(mean + sigma * x) ** -2 / w.sum():.3f}"
    return "1.000"


def clipped_mean_score(sigma=1.5, mean=0.5):
    """The mean score of a bell that scores the clipped action, on a grid too fine to show."""
    a = np.linspace(mean - 12 * sigma, mean + 12 * sigma, 400_001)
    weight = np.exp(-0.5 * ((a - mean) / sigma) ** 2)
    return f"{weight @ ((np.clip(a, -1, 1) - mean) / sigma**2) / weight.sum():.3f}"


def pier_number(name, **settings):
    """A number of chapter 5's explorable, at θ = 0.5 unless told."""
    full = {"wind": 0.0, "slip": 0.2, "leak": 0.0, "leak_start": 0.0, **settings}
    truth, reported = small_worlds.pier_slopes(full.pop("theta", 0.5), **full)
    return f"{ {'truth': truth, 'reported': reported}[name]:.3f}"


def ladder_value(rung, budget):
    """The interquartile mean of a rung's ten seeds after a budget of environment steps."""
    at = list(LADDER.steps).index(budget)
    middle = np.sort(LADDER.curves[rung - 1, :, at])[2:-2].mean()
    return f"{np.floor(curves.unpack(curves.pack([middle]))[0] + 0.5):.0f}"  # as the page has it


ROWS = {
    "baseline": Row(
        explorables.Baseline,
        slider="baseline",
        readout="variance",
        values=[
            *[
                (settings, name, text)
                for settings in (
                    {"baseline": 0.0, "theta": -1.0},
                    {"baseline": 4.2, "theta": 1.5, "offset": 0.4},
                )
                for name, text in baseline_world.trap_numbers(**settings).items()
            ],
            *[
                (settings, name, baseline_world.trap_numbers(**settings)[name])
                for settings in ({"baseline": 2.0, "sees": "action"}, {"sees": "return"})
                for name in ("variance", "residual")
            ],
        ],
    ),
    "bias-variance": Row(
        explorables.BiasVariance,
        slider="lam",
        readout="bias2",
        values=[
            *[
                ({"lam": lam, "error": c, "episodes": n}, name, text)
                for lam, c, n in ((0.5, 0.5, 10), (0.0, 0.75, 8), (0.97, 0.3, 400))
                for name, text in dial_world.trap_numbers(lam, c, n).items()
            ],
            ({"episodes": 100}, "best", "0.97"),
            ({"true_value": True, "lam": 0.0}, "bias2", "0.0000"),
            ({"true_value": True}, "residual", "0 (< 1e-20)"),
        ],
    ),
    "clip": Row(
        explorables.Clip,
        slider="x",
        readout="gain",
        values=[
            *[
                ({"x": x, "epsilon": epsilon}, name, text)
                for x, epsilon in ((4.0, 0.2), (8.0, 0.4), (-2.0, 0.2))
                for name, text in clip_world.trap_numbers(x, epsilon).items()
            ],
            ({"x": 6.0, "whole": True}, "gap", "0 (< 1e-12)"),
        ],
    ),
    "compass": Row(
        partial(explorables.Compass, rule="one-step-td"),  # a rule that hears the critic
        slider="error",
        readout="angleA",
        values=[
            (settings, name, text)
            for settings in (
                {"rule": "group-deviation", "mean": "answers"},
                {"rule": "one-step-td", "mean": "tokens", "size": "2", "error": 1.0},
                {"rule": "standardised", "mean": "tokens", "size": "3", "prompts": "one"},
                {"rule": "group-deviation", "mean": "episodes", "size": "endless", "equal": True},
            )
            for name, text in compass_world.numbers(**settings).items()
        ],
    ),
    "dynamics": Row(
        explorables.Dynamics,
        slider="wind",
        readout="bias",
        values=[
            ({"wind": 0.7, "slip": 0.4, "leak": 0.0}, "world", "0"),
            *[
                (settings, name, pier_number(name, **settings))
                for settings in (
                    {"leak": 0.0},
                    {"leak": -1.0},
                    {"leak": 0.0, "leak_start": 0.2, "theta": -1.0},
                )
                for name in ("truth", "reported")
            ],
        ],
    ),
    "tree": Row(
        explorables.TrajectoryTree,
        slider="theta",
        readout="probability",
        values=[
            *[
                ({"theta": x, "trajectory": n}, "probability", f"{p[n - 1]:.4f}")
                for x in (-3.0, 1.25)
                for p in [small_worlds.cat_products(x)]
                for n in (1, 14, 32)
            ],
            ({"theta": 1.25}, "sum", f"{small_worlds.cat_products(1.25).sum():.3f}"),
            ({"post_indices": True}, "sum", f"{small_worlds.cat_products(0.5, 1).sum():.3f}"),
        ],
    ),
    "density": Row(
        explorables.Density,
        slider="sigma",
        readout="score",
        values=[
            *[
                ({"squash": squash, "slip": slip, "sigma": 1.5}, "area", bell_area(squash, slip))
                for squash in ("raw", "clipped", "tanh")
                for slip in (False, True)
            ],
            *[({"sigma": s}, "score", f"{(1.2 - 0.5) / s**2:.2f}") for s in (0.4, 0.8, 1.5)],
            ({"squash": "raw", "unit": 2.0, "slip": True}, "area", "2.000"),
            ({"squash": "clipped", "sigma": 1.5, "slip": True}, "meanScore", clipped_mean_score()),
            ({"squash": "clipped", "sigma": 1.5, "slip": False}, "residual", "0.000"),
        ],
    ),
    "objective": Row(
        explorables.Objective,
        slider="theta",
        readout="objective",
        values=[({"theta": x}, "objective", trap_objective(x)) for x in (-5.0, -1.0, 0.3, 4.0)],
    ),
    "reward-text": Row(
        partial(explorables.RewardToText, answers=4, at=100),  # quickly taught
        slider="at",
        readout="right",
        values=[({"at": 0}, "right", f"{100 / 7**3:.1f} %")],  # three tokens of seven, untaught
        settle="el.lesson.done",
    ),
    "swap": Row(explorables.Swap, slider="h", readout="quotient", values=families.SWAP),
    "log-derivative": Row(
        explorables.LogDerivative, slider="mean", readout="score", values=families.TRICK
    ),
    "estimator": Row(
        explorables.Estimator,
        slider="episodes",
        readout="exact",
        values=random_world.ESTIMATOR,
        settle="el.done",
    ),
    "causality": Row(
        explorables.Causality, slider="coin", readout="togo", values=random_world.CAUSALITY
    ),
    "group": Row(
        explorables.Group,
        slider="reward3",
        readout="mean",
        values=[
            ({"rule": rule, "reward4": reward, "equal": equal}, name, text)
            for rule, reward, equal in (
                ("grpo", 0.0, False),
                ("rloo", 0.5, False),
                ("dapo", 0.25, False),
                ("maxrl", 0.0, True),
            )
            for name, text in group_world.numbers([0, 1, 0, reward, 1, 0], rule, equal).items()
        ],
    ),
    "lab": Row(
        partial(explorables.Lab, RECORDED, learning_rate=0.01),  # room on both sides
        slider="learningRate",
        readout="end",
        values=[
            (setting, "end", f"{RECORDED.at(**setting)[:, -1].mean():.0f}")
            for setting in RECORDED.settings()[::19]
        ],
    ),
    "ladder": Row(
        partial(explorables.Ladder, LADDER),
        slider="rung",
        readout="name",
        values=[
            ({"rung": rung, "budget": budget}, "at", ladder_value(rung, budget))
            for rung in range(1, 7)
            for budget in (20_000, 150_000)
        ],
    ),
    "leash": Row(
        partial(explorables.Leash, use="loss"),
        slider="beta",
        readout="best",
        values=[
            *[
                ({"beta": beta, "use": "loss"}, name, text)
                for beta in (0.2, 0.5, 1.0)
                for name, text in leash_world.numbers(beta).items()
            ],
            ({"beta": 0.5, "use": "loss"}, "k2", "0.000"),
            ({"beta": 0.5, "use": "reward"}, "k1", "0.000"),
        ],
    ),
    "old-data": Row(
        explorables.OldData,
        slider="far",
        readout="angle",
        values=[
            (settings, name, text)
            for settings in (
                {"far": 4.0, "rule": "ppo", "epsilon": 0.2},
                {"far": 16.0, "rule": "truncated", "epsilon": 0.2},
                {"far": 64.0, "rule": "gspo", "epsilon": 1.0},
            )
            for name, text in old_world.numbers(**settings).items()
        ],
    ),
    "trainer": Row(
        explorables.TrainerLab,
        slider="learningRate",
        readout="median",
        settle="el.ensemble?.done",
    ),
}
