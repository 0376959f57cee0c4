"""Old data, of chapter 15: the ratio of each token, what a rule makes of it, and the mean step."""

from pgbook.explorables.base import Choice, Explorable, Number


class OldData(Explorable):
    """Move the policy away from the one that wrote the answers: each rule's exact mean step."""

    tag = "pg-old-data"
    summary = "Move away from the policy that wrote the answers and watch which tokens still push."

    far = Number(16.0, 0.25, 64, help="gradients ahead of the old policy")
    epsilon = Number(0.2, 0.0003, 1, help="ε, the width of the clip")
    rule = Choice(
        "ppo",
        ["none", "token", "ppo", "higher", "dual", "gspo", "cispo", "truncated", "answer"],
        help="what is done with the ratio",
    )
    prompt = Choice("ab.", ["ab.", "ba."], help="the prompt, by the answer that it wants")
