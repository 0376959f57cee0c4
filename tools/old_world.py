"""Chapter 15's old data as Python computes it: surrogates in torch, listed and differentiated."""

from collections.abc import Callable

import numpy as np
import torch
from pgbook.tokens.listing import LanguageModel
from torch import Tensor

MODEL = LanguageModel(tokens=3, longest=4, prompts=2)
WANTED = ((1, 2, 0), (2, 1, 0))  # "ab." and "ba."
REWARD = MODEL.tabulate(
    lambda x, y: sum(a == b for a, b in zip(y, WANTED[x], strict=False)) / len(WANTED[x])
)
OLD = MODEL.random_theta(1)
P_OLD, UPHILL = MODEL.log_prob(OLD).exp(), MODEL.gradient(OLD, REWARD)
PSI = (torch.from_numpy(REWARD) - (P_OLD * torch.from_numpy(REWARD)).sum(-1, keepdim=True))[
    ..., None
]
MASK = torch.from_numpy(MODEL.mask)
SHARE = 1 / MASK.sum(-1, keepdim=True)  # of a token in its answer


def kept(ratio: Tensor, low: float, high: float) -> Tensor:
    """The clipped surrogate of each token."""
    return torch.minimum(ratio * PSI, ratio.clamp(1 - low, 1 + high) * PSI)


def dual(ratio: Tensor, epsilon: float) -> Tensor:
    """The clipped surrogate, where a bad token counts for no more than three times its Ψ."""
    clipped = kept(ratio, epsilon, epsilon)
    return torch.where(PSI < 0, torch.maximum(clipped, 3 * PSI), clipped)


def whole(ratio: Tensor) -> Tensor:
    """The ratio of the answer, at each of its tokens."""
    return ratio.prod(-1, keepdim=True).expand_as(ratio)


Rule = Callable[[Tensor, Tensor, float], Tensor]
RULES: dict[str, Rule] = {  # what is summed over tokens, from ω_t, log π and ε
    "none": lambda w, log_pi, e: PSI * log_pi,
    "token": lambda w, log_pi, e: w * PSI,
    "ppo": lambda w, log_pi, e: kept(w, e, e),
    "higher": lambda w, log_pi, e: kept(w, e, 1.4 * e),
    "dual": lambda w, log_pi, e: dual(w, e),
    "gspo": lambda w, log_pi, e: kept(whole(w) ** SHARE, e, 4 / 3 * e) * SHARE,
    "cispo": lambda w, log_pi, e: w.detach().clamp(max=1 + 1.4 * e) * PSI * log_pi,
    "truncated": lambda w, log_pi, e: whole(w).detach().clamp(max=1 + e) * PSI * log_pi,
    "answer": lambda w, log_pi, e: whole(w).detach() * PSI * log_pi,
}


def ratios(at: Tensor) -> Tensor:
    """ω_t of every token, [prompts, answers, tokens]; 1 where there is none."""
    return (MODEL.token_log_prob(at) - MODEL.token_log_prob(OLD)).exp()


def mean_step(far: float, rule: str, epsilon: float) -> np.ndarray:
    """The slope of a rule's mean over the old policy's answers, `far` gradients ahead."""
    at = (OLD + far * UPHILL).requires_grad_()
    each = RULES[rule](ratios(at), MODEL.token_log_prob(at), epsilon)
    mean = (P_OLD[..., None] * each * MASK).sum() / MODEL.prompts
    return torch.autograd.grad(mean, at)[0].numpy()


def truth(far: float) -> np.ndarray:
    """The gradient of J there, from the last token to the first."""
    return MODEL.gradient(OLD + far * UPHILL, REWARD).numpy()


def dropped(far: float, epsilon: float, good: bool) -> float:
    """The share of good or of bad answers' tokens, as drawn, that PPO's clip drops."""
    ratio, side = ratios(OLD + far * UPHILL), (PSI > 0 if good else PSI < 0) * MASK
    out = side * (ratio > 1 + epsilon if good else ratio < 1 - epsilon)
    return float((P_OLD[..., None] * out).sum() / (P_OLD[..., None] * side).sum())


def numbers(far: float, rule: str, epsilon: float) -> dict:
    """What the explorable's readouts say; of dropped tokens only under PPO's clip."""
    step, uphill = mean_step(far, rule, epsilon), truth(far)
    one, other = np.linalg.norm(step), np.linalg.norm(uphill)
    cosine = np.clip((step * uphill).sum() / one / other, -1, 1)
    said = {"angle": f"{np.degrees(np.arccos(cosine)):.0f}°", "factor": f"{one / other:.2f}"}
    if rule == "ppo":
        for name, good in (("good", True), ("bad", False)):
            said[name] = f"{100 * dropped(far, epsilon, good):.0f} %"
    return said


def old_vectors() -> dict:
    """The model, and every rule at three distances, each with a clip of its own."""
    cases = [
        {
            "far": far,
            "truth": truth(far).ravel().tolist(),
            "dropped": [dropped(far, epsilon, good) for good in (True, False)],
            "epsilon": epsilon,
            "steps": {name: mean_step(far, name, epsilon).ravel().tolist() for name in RULES},
        }
        for far, epsilon in ((1.0, 0.0003), (16.0, 0.2), (64.0, 0.6))
    ]
    return {
        "theta": OLD.flatten().tolist(),
        "texts": list(MODEL.texts),
        "psi": PSI[..., 0].tolist(),
        "cases": cases,
    }
