"""The dial λ of chapter 10: bias against variance, both exact."""

from pgbook.explorables.base import Explorable, Integer, Number, Switch


class BiasVariance(Explorable):
    """Turn λ and spoil the critic: bias², variance and their sum, over 256 listed trajectories."""

    tag = "pg-bias-variance"
    summary = "Turn the dial λ and watch bias and variance of the advantage estimate trade places."

    lam = Number(0.5, 0, 1, help="λ: 0 asks the critic after one step, 1 waits for the end")
    error = Number(0.5, 0, 0.75, help="c: the critic says (1 − c) V")
    episodes = Integer(10, 8, 400, help="N, episodes that one estimate averages")
    true_value = Switch(False, help="whether the critic is the true V, whatever c is")
