"""The score with and without a world that knows θ, for chapter 5."""

from pgbook.explorables.base import Explorable, Integer, Number


class Dynamics(Explorable):
    """Change the world and its part of the score stays 0; let θ leak in and the gradient is off."""

    tag = "pg-dynamics"
    summary = "Change the world: its part of the score stays 0, until θ leaks into it."

    theta = Number(0.5, -3, 3, help="logit of stepping right")
    wind = Number(0.0, -1, 1, help="tilts every move to the right")
    slip = Number(0.2, 0.05, 0.5, help="how often a step goes wrong")
    leak = Number(1.0, -1, 1, help="how strongly θ turns the wind")
    leak_start = Number(0.0, -0.2, 0.2, help="how strongly θ moves the start")
    walk = Integer(470, 0, 759, help="whose score is shown: one of all walks that can happen")
