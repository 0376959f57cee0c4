"""The ladder from R(τ) to PPO: recorded learning curves of one trainer, one change a rung."""

import json
from html import escape

import traitlets

from pgbook.curves import Recorded, interquartile, pack
from pgbook.explorables.base import Explorable, Integer

RUNGS = 6


class Ladder(Explorable):
    """Climb from the total return to PPO: ten seeds a rung, and what the last rung bought."""

    tag = "pg-ladder"
    summary = "Climb from the total return to PPO and see what each change buys on CartPole."

    data = traitlets.Unicode(help="the recorded curves").tag(sync=True)
    rung = Integer(3, 1, RUNGS, help="how many rungs are climbed; 1 is the total return")
    budget = Integer(60_000, 5_000, 200_000, help="environment steps after which to compare")

    def __init__(self, recorded: Recorded, **settings):
        if list(recorded.axes) != ["rung"] or len(recorded.axes["rung"]) != RUNGS:
            raise ValueError(f"recorded: expected {RUNGS} rungs, got {recorded.axes}")
        super().__init__(**settings)
        self.data = packed(recorded)

    def to_html(self):
        """Return the custom element with the recorded curves inside."""
        data = escape(self.data)
        return super().to_html().replace(f"<{self.tag}", f'<{self.tag} data="{data}"', 1)


def packed(recorded):
    """Return the names of the rungs, and for each its middle, lower and upper curve in letters."""
    bounds = [interquartile(curves) for curves in recorded.curves]
    content = {
        "rungs": recorded.axes["rung"],
        "steps": recorded.steps.tolist(),
        "curves": [[pack(curve) for curve in each] for each in bounds],
    }
    return json.dumps(content, separators=(",", ":"))
