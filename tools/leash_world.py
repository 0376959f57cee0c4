"""Chapter 15's leash as Python computes it: losses in torch, differentiated; roots by SciPy."""

import numpy as np
import torch
from pgbook.rules.published import ESTIMATES
from pgbook.tokens.listing import LanguageModel
from scipy.optimize import brentq
from torch import Tensor

MODEL = LanguageModel(tokens=3, longest=1, prompts=1)  # three answers of one token
REFERENCE, REWARD = np.array([0.6, 0.3, 0.1]), np.array([0.0, 0.6, 1.0])
LOG_REF = torch.from_numpy(np.log(REFERENCE))


def pull(theta: Tensor, name: str, use: str) -> Tensor:
    """The mean gradient of an estimate: paid as a cost, or differentiated as a loss."""
    point = theta.clone().requires_grad_()
    log_prob, k = MODEL.log_prob(point)[0], ESTIMATES[name]
    p, ratio = log_prob.exp().detach(), log_prob - LOG_REF
    loss = (p * (log_prob * k(ratio).detach() if use == "reward" else k(ratio))).sum()
    return torch.autograd.grad(loss, point)[0]


def climb(theta: Tensor, beta: float, name: str, use: str, steps: int, rate: float) -> np.ndarray:
    """The policy after exact ascent on J less β times an estimate."""
    for _ in range(steps):
        uphill = torch.as_tensor(MODEL.gradient(theta, REWARD[None]))
        theta = theta + rate * (uphill - beta * pull(theta, name, use))
    return MODEL.log_prob(theta).exp()[0].numpy()


def tilted(beta: float) -> np.ndarray:
    """The optimum of J - β KL(p‖ref)."""
    weight = REFERENCE * np.exp(REWARD / beta)
    return weight / weight.sum()


def reversed_leash(beta: float) -> np.ndarray:
    """The optimum of J - β KL(ref‖p), by a root."""
    most = REWARD.max()
    ends = most + beta * REFERENCE[REWARD.argmax()] / 2, most + beta
    level = brentq(lambda x: (beta * REFERENCE / (x - REWARD)).sum() - 1, *ends, xtol=1e-15)
    return beta * REFERENCE / (level - REWARD)


def leashed(p: np.ndarray, beta: float) -> float:
    """J - β KL(p‖ref)."""
    return float(p @ REWARD - beta * p @ np.log(p / REFERENCE))


def numbers(beta: float) -> dict:
    """What the explorable's readouts say at this β: what k₃ as a loss ends below the best."""
    best = leashed(tilted(beta), beta)
    return {"best": f"{best:.3f}", "k3": f"{best - leashed(reversed_leash(beta), beta):.3f}"}


def leash_vectors() -> list:
    """Every estimate in both uses, from several policies, at several β."""
    cases = []
    for seed, beta in enumerate((0.15, 0.4, 1.0)):
        theta = MODEL.random_theta(seed)
        uses = [(name, use) for name in ESTIMATES for use in ("reward", "loss")]
        cases.append(
            {
                "beta": beta,
                "theta": theta.flatten().tolist(),
                "tilted": tilted(beta).tolist(),
                "reversed": reversed_leash(beta).tolist(),
                "best": beta * float(np.log((REFERENCE * np.exp(REWARD / beta)).sum())),
                "uses": [
                    {
                        "estimate": name,
                        "use": use,
                        "pull": pull(theta, name, use).flatten().tolist(),
                        "after": climb(theta, beta, name, use, 25, 0.5).tolist(),
                    }
                    for name, use in uses
                ],
            }
        )
    return cases
