"""The compass of *Which update is unbiased?*."""

from pgbook.explorables.base import Choice, Explorable, Number, Switch

ADVANTAGES = (
    *("total-return", "reward-to-go", "minus-critic", "gae", "one-step-td", "discounted"),
    *("leave-one-out", "group-mean", "group-deviation", "mean-at-t", "standardised"),
    "own-episode",
)
MEANS = ("episodes", "tokens", "answers")


class Compass(Explorable):
    """Two update rules beside the true gradient, exact over every batch of a small world."""

    tag = "pg-compass"
    summary = "Pick an update rule and see where it points on average, beside the true gradient."

    rule = Choice("group-deviation", ADVANTAGES, help="Ψ of rule A")
    mean = Choice("answers", MEANS, help="what rule A takes the mean over")
    other = Choice("leave-one-out", ADVANTAGES, help="Ψ of rule B")
    other_mean = Choice("episodes", MEANS, help="what rule B takes the mean over")
    size = Choice("4", ("2", "3", "4", "endless"), help="K, episodes of a prompt")
    prompts = Choice("two", ("one", "two", "endless"), help="prompts in a batch")
    error = Number(0.75, 0, 1, help="the critic's error")
    equal = Switch(False, help="every episode has two steps")
