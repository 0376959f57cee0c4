"""The continuous policies of chapter 11, to be pushed."""

from pgbook.explorables.base import Choice, Explorable, Number, Switch


class Density(Explorable):
    """Push a bell, as drawn, clipped or squashed: its density, area and score, and two slips."""

    tag = "pg-density"
    summary = "Push a bell, clip it or squash it, and watch its density, its area and its score."

    mean = Number(0.5, -1, 1, help="μ of the drawn action")
    sigma = Number(0.8, 0.4, 1.5, help="σ of the drawn action")
    action = Number(1.2, -2.5, 2.5, help="the drawn action that is looked at")
    unit = Number(1.0, 0.75, 2, help="how many of the new units make an old one")
    squash = Choice("tanh", ("raw", "clipped", "tanh"), help="what happens to a drawn action")
    slip = Switch(False, help="leave out the Jacobian; with clipped, score the clipped action")
