"""The surrogate of chapter 12 and its clip."""

from pgbook.explorables.base import Explorable, Number, Switch


class Clip(Explorable):
    """Move the policy along its gradient: the true gain, what U promises, what the clip leaves."""

    tag = "pg-clip"
    summary = "Move a policy away from the data and watch what PPO's surrogate promises."

    x = Number(4.0, -3, 8, help="distance from the old policy, along its gradient")
    epsilon = Number(0.2, 0.05, 1, help="ε, the width of the clip")
    whole = Switch(False, help="whole-trajectory ratios in place of one a step")
