"""The swap of chapter 2, to be pushed: the limit inside the integral, and where it must not go."""

from pgbook.explorables.base import Explorable, Number, Switch


class Swap(Explorable):
    """Shrink h: the slope of ∫p R closes on ∫∇p R, unless the support moves with θ."""

    tag = "pg-swap"
    summary = (
        "Shrink h: the slope of the integral closes on the integral of the slope, or does not."
    )

    theta = Number(2.0, 0.5, 2.4, help="the bell's mean, or the upper end of the uniform")
    h = Number(0.05, 0.001, 0.6, help="the step of the difference quotient")
    moving = Switch(False, help="whether the support moves: a uniform on (0, θ), paid its action")
