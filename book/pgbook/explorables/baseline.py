"""The baseline of chapter 9, to be pushed."""

from pgbook.explorables.base import Choice, Explorable, Number


class Baseline(Explorable):
    """Move b: the exact variance follows a parabola, and the mean of the estimate stays put."""

    tag = "pg-baseline"
    summary = "Move the baseline b along the parabola of the exact variance, and let it cheat."

    baseline = Number(0.0, 0, 4.5, help="b, subtracted from every return")
    offset = Number(0.0, 0, 0.5, help="added to every reward")
    theta = Number(-1.0, -3, 3, help="logit of walking on at the crossroads")
    sees = Choice(
        "nothing",
        ["nothing", "action", "return"],
        help="what the baseline knows of its own episode: nothing, the action, or the return",
    )
