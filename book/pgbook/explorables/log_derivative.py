"""The log-derivative trick of chapter 3, to be pushed: p, its score and its slope."""

from pgbook.explorables.base import Choice, Explorable, Number, Switch

FAMILIES = ("mean", "sigma", "wait", "coin", "die")


class LogDerivative(Explorable):
    """Drag the parameter of a family: p, ∇log p and ∇p move, and p ∇log p stays on ∇p."""

    tag = "pg-log-derivative"
    summary = "Drag a parameter: probability times score stays on the slope of the probability."

    family = Choice("mean", FAMILIES, help="which family; each keeps its own parameter")
    mean = Number(0.0, -2, 2, help="mean of a bell of width 0.8")
    sigma = Number(0.8, 0.6, 2, help="width of a bell around 0")
    wait = Number(1.2, 0.8, 4, help="mean of an exponential waiting time")
    coin = Number(0.3, 0, 1, help="probability of heads")
    die = Number(1.0, -3, 3, help="logit of face 1 of a die")
    without_p = Switch(False, help="whether the factor p is left out")
