"""The leash of chapter 15: three estimates of a divergence beside the optimum in closed form."""

from pgbook.explorables.base import Choice, Explorable, Number


class Leash(Explorable):
    """Where exact ascent ends when the divergence from a reference is estimated in three ways."""

    tag = "pg-leash"
    summary = "Shorten the leash and watch where three estimates of a divergence lead a policy."

    beta = Number(0.3, 0.1, 1, help="β, how strong the leash is")
    use = Choice("reward", ("reward", "loss"), help="where the estimate stands")
    logit_b = Number(-0.7, -4, 4, help="logit of answer b, where the ascent starts; a has 0")
    logit_c = Number(-1.8, -4, 4, help="logit of answer c, where the ascent starts")
