"""The objective of chapter 1, to be pushed."""

from pgbook.explorables.base import Explorable, Integer, Number


class Objective(Explorable):
    """Move θ: all trajectories' probabilities, J(θ) and its estimate from N episodes move along."""

    tag = "pg-objective"
    summary = "Move θ and watch the probabilities of 256 trajectories, J(θ) and its estimate."

    theta = Number(-1.0, -5, 5, help="logit of walking on at the crossroads")
    episodes = Integer(100, 10, 10_000, help="N, the number of sampled episodes")
    seed = Integer(0, 0, 9999, help="which sample")
