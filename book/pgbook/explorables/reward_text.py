"""Chapter 16's language model, taught in the reader's browser."""

from pgbook.explorables.base import Choice, Explorable, Integer, Number

REWARDS = ("graded", "exact", "longer", "counted")
PROMPTS = tuple(f"{a}{b}" for a in range(6) for b in range(6))


class RewardToText(Explorable):
    """A small language model learns to reverse two digits from rewards; half way they change."""

    tag = "pg-reward-text"
    summary = "A small language model learns from rewards in your browser; then the reward changes."

    reward = Choice("graded", REWARDS, help="what an answer earns in the first 150 updates")
    later = Choice("counted", REWARDS, help="what it earns in the 150 after them")
    prompt = Choice("12", PROMPTS, help="the digits to reverse")
    at = Integer(300, 0, 300, help="the update to look back to")
    entropy = Number(0.05, 0, 0.2, help="weight of the entropy of every token written")
    answers = Integer(24, 2, 48, help="K, answers to each of 12 prompts in an update")
    seed = Integer(0, 0, 99, help="of the first weights, the prompts and the answers")
