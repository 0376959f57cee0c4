"""The group rules of chapter 14, to be pushed."""

from pgbook.explorables.base import Choice, Explorable, Number, Switch


class Group(Explorable):
    """Drag the rewards of six answers: each rule's weights and its exact mean update follow."""

    tag = "pg-group"
    summary = "Drag the rewards of six answers and compare what seven group rules do on average."

    reward1 = Number(0.0, 0, 1, help="reward of the answer of 1 token")
    reward2 = Number(1.0, 0, 1, help="reward of the answer of 2 tokens")
    reward3 = Number(0.0, 0, 1, help="reward of the answer of 3 tokens")
    reward4 = Number(0.0, 0, 1, help="reward of the answer of 4 tokens")
    reward5 = Number(1.0, 0, 1, help="reward of the answer of 6 tokens")
    reward6 = Number(0.0, 0, 1, help="reward of the answer of 8 tokens")
    rule = Choice(
        "grpo",
        ["reinforce", "rloo", "dr-grpo", "grpo", "dapo", "reinforce-pp", "maxrl"],
        help="the rule whose weights are shown",
    )
    equal = Switch(False, help="all answers have 4 tokens")
