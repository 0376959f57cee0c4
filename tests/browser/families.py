"""What the explorables of chapters 2 and 3 must show: closed forms, and PyTorch's distributions."""

import torch


def swap_values():
    """J is −(θ − 1)² − 0.64 for the bell, θ/2 for the uniform; the quotient is forward."""
    for theta, h in ((0.5, 0.06), (1.4, 0.001)):
        slope = -2 * (theta - 1)
        yield {"theta": theta, "h": h}, "quotient", f"{slope - h:+.3f}"
        yield {"theta": theta, "h": h}, "inside", f"{slope:+.3f}"
        yield {"theta": theta, "h": h}, "residual", f"{h:.3f}"
    for name, text in {"quotient": "+0.500", "inside": "-0.500", "residual": "1.000"}.items():
        yield {"theta": 0.8, "h": 0.02, "moving": True}, name, text


def log_p(family, theta, x):
    """Log-probability of outcome x, differentiable in θ."""
    if family == "die":
        turned = torch.tensor([0.0, 1.0, -1.0, 0.5, -0.5], dtype=torch.float64)
        return torch.log_softmax(torch.cat([theta[None], turned]), 0)[x.long() - 1]
    kinds = {
        "mean": lambda: torch.distributions.Normal(theta, 0.8),
        "sigma": lambda: torch.distributions.Normal(0.0, theta),
        "wait": lambda: torch.distributions.Exponential(1 / theta),
        "coin": lambda: torch.distributions.Bernoulli(theta),
    }
    return kinds[family]().log_prob(x)


OUTCOMES = {
    "mean": torch.linspace(-4, 4, 161, dtype=torch.float64),
    "sigma": torch.linspace(-4, 4, 161, dtype=torch.float64),
    "wait": torch.linspace(0, 8, 161, dtype=torch.float64),
    "coin": torch.tensor([0.0, 1.0], dtype=torch.float64),
    "die": torch.arange(1.0, 7.0, dtype=torch.float64),
}


def numbers(family, theta, x):
    """Probability and score at outcomes x."""
    at = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
    values = log_p(family, at, x)
    score = torch.stack([torch.autograd.grad(v, at, retain_graph=True)[0] for v in values])
    return values.detach().exp(), score


def trick_values():
    """The numbers at x = 1, the residual, and what it becomes when the factor p is left out."""
    one = torch.tensor([1.0], dtype=torch.float64)
    turned = {"mean": 1.7, "sigma": 1.5, "wait": 2.5, "coin": 0.35, "die": -0.6}
    for family, theta in turned.items():
        p, score = numbers(family, theta, one)
        for name, value in {"score": score, "slope": p * score}.items():
            yield {"family": family, family: theta}, name, f"{value.item():.3f}"
        p, score = numbers(family, theta, OUTCOMES[family])
        gap = (score - p * score).abs().max().item()
        for without, text in ((False, "< 10⁻⁸"), (True, f"{gap:#.2g}")):
            yield {"family": family, family: theta, "without_p": without}, "residual", text
    for end in (0.0, 1.0):
        yield {"family": "coin", "coin": end}, "residual", "no number: 0 · ∞"
    yield {"family": "coin", "coin": 0.0}, "product", "0 · ∞"
    yield {"family": "coin", "coin": 0.0}, "slope", "1.000"


SWAP, TRICK = list(swap_values()), list(trick_values())
