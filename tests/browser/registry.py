"""The explorables that the browser tests drive: one row each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from pgbook import curves, explorables
from pgbook.mdp import greedy_trap, objective
from pgbook.policies import softmax_policy

RECORDED = curves.load()


@dataclass(frozen=True)
class Row:
    """What a test needs to know of one explorable."""

    make: Callable  # the Python widget, in the state in which it opens
    slider: str  # a property with a range input, in JavaScript's spelling
    readout: str  # a number in view that the slider moves: data-pg-value
    values: list = field(default_factory=list)  # (settings, readout, the text Python expects)
    settle: str = "true"  # JavaScript on `el`: whether it has come to rest

    @property
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


ROWS = {
    "objective": Row(
        explorables.Objective,
        slider="theta",
        readout="objective",
        values=[({"theta": x}, "objective", trap_objective(x)) for x in (-5.0, -1.0, 0.3, 4.0)],
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
    "trainer": Row(
        explorables.TrainerLab,
        slider="learningRate",
        readout="median",
        settle="el.ensemble?.done",
    ),
}
