"""Chapter 14's group of six answers as Python computes it: weights, and means over all groups."""

import numpy as np
from pgbook.tokens.groups import RULES, group_weights
from pgbook.tokens.mean_update import by_class, by_listing

TOKENS = np.array([1, 2, 3, 4, 6, 8])
NAMES = {
    "REINFORCE": "reinforce",
    "RLOO": "rloo",
    "Dr. GRPO": "dr-grpo",
    "GRPO": "grpo",
    "DAPO": "dapo",
    "REINFORCE++": "reinforce-pp",
    "MaxRL": "maxrl",
}
SWITCHES = {NAMES[name]: switches for name, switches in RULES.items()}


def mean_update(rewards, tokens, K: int, switches: dict, route=by_class) -> np.ndarray:
    """The mean update of a softmax over whole answers that are equally likely."""
    even = np.full((1, len(rewards)), 1 / len(rewards))
    mean = route(even, np.array([rewards]), tokens, K, **switches)[0]
    return mean - mean.mean()


def numbers(rewards, rule: str, equal: bool = False) -> dict:
    """What the explorable's readouts say."""
    tokens = np.full(6, 4) if equal else TOKENS
    update = mean_update(rewards, tokens, 6, SWITCHES[rule])
    truth = (np.array(rewards) - np.mean(rewards)) / 6
    one, other = np.linalg.norm(update), np.linalg.norm(truth)
    angle = np.degrees(np.arccos(np.clip(update @ truth / one / other, -1, 1)))
    return {
        "mean": f"{np.mean(rewards):.2f}",
        "angle": f"{angle if angle > 1e-4 else 0:.1f}°",
        "factor": f"{one / other:.2f}",
    }


def group_vectors() -> list:
    """Groups of several sizes under every rule; means by listing every batch of answers."""
    rng, cases = np.random.default_rng(0), []
    for kinds, K in ((3, 2), (4, 3), (5, 4)):
        for rewards in (rng.integers(0, 2, kinds) * 1.0, rng.random(kinds), np.full(kinds, 0.1)):
            tokens = rng.integers(1, 6, kinds)
            for name, switches in SWITCHES.items():
                cases.append(
                    {
                        "rule": name,
                        "rewards": rewards.tolist(),
                        "lengths": tokens.tolist(),
                        "K": K,
                        "weights": group_weights([rewards], [tokens], **switches)[0].tolist(),
                        "update": mean_update(rewards, tokens, K, switches, by_listing).tolist(),
                    }
                )
    return cases
