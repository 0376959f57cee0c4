"""The T×T table of chapter 8, to be pushed."""

from pgbook.explorables.base import Choice, Explorable, Integer, Number


class Causality(Explorable):
    """Move the policy and the coin, choose which pairs to keep: mean, noise and variance, exact."""

    tag = "pg-causality"
    summary = (
        "Each score meets each reward in a table of four by four: see the mean and the noise of "
        "every pair, drop some of them, and read off the variance of the estimate."
    )

    scale = Number(1.0, 0, 3, help="θ is this many times the chapter's θ")
    coin = Number(0.0, 0, 2.5, help="paid or charged at even steps, taken back at odd ones")
    keep = Choice("future", ("all", "future", "past"), help="the rewards that a score is given")
    score = Integer(2, 0, 3, help="t, the row of the chosen cell")
    reward = Integer(0, 0, 3, help="t', its column")
