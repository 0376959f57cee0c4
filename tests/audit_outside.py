"""Losses with a slip that the catalogue does not know: none may get a name."""

import torch
from test_audit_recognise import G, R, categorical, gae, gathered, pg


def losses():
    """Yield (name, loss), fifty and more."""
    weights = {
        "rank": lambda b: R(b).argsort(0).argsort(0).double(),
        "sign": lambda b: R(b).sign() + 0.1,
        "square": lambda b: R(b) ** 2,
        "exp": lambda b: R(b).exp(),
        "tanh": lambda b: torch.tanh(R(b)),
        "clipped": lambda b: R(b).clamp(-0.3, 0.3),
        "relu": lambda b: R(b).relu(),
        "softmax": lambda b: torch.softmax(R(b), 0),
        "log1p": lambda b: torch.log1p(R(b).abs()),
        "smallest off": lambda b: R(b) - R(b).min(),
        "midrange off": lambda b: R(b) - (R(b).min() + R(b).max()) / 2,
        "range": lambda b: (R(b) - R(b).mean()) / (R(b).max() - R(b).min() + 1),
        "deviation plus one": lambda b: (R(b) - R(b).mean()) / (R(b).std() + 1),
        "variance": lambda b: (R(b) - R(b).mean()) / (R(b).var() + 0.1),
        "absolute deviation": lambda b: (R(b) - R(b).mean()) / (R(b) - R(b).mean()).abs().mean(),
        "first's return off": lambda b: R(b) - R(b)[:1] * R(b)[1:2],
        "product of rewards": lambda b: torch.where(b.mask > 0, b.rewards, 1.0).prod(1, True),
        "best reward": lambda b: torch.where(b.mask > 0, b.rewards, -9.0).amax(1, keepdim=True),
        "worst reward": lambda b: torch.where(b.mask > 0, b.rewards, 9.0).amin(1, keepdim=True),
        "return over root length": lambda b: R(b) / b.mask.sum(1, True).sqrt(),
        "return times length": lambda b: R(b) * b.mask.sum(1, True),
        "return less length": lambda b: R(b) - 0.1 * b.mask.sum(1, True),
        "to go over steps left": lambda b: G(b) / b.mask.flip(1).cumsum(1).flip(1).clamp(min=1),
        "to go by t": lambda b: G(b) / (1 + torch.arange(b.mask.shape[1])),
        "two rewards": lambda b: (
            b.rewards * b.mask + torch.nn.functional.pad((b.rewards * b.mask)[:, 1:], (0, 1))
        ),
        "squared discount": lambda b: G(b, b.gamma**2),
        "value squared off": lambda b: G(b) - b.values * b.next_values,
        "value doubled by action": lambda b: G(b) - b.values * (1 + b.actions),
        "td times return": lambda b: gae(b, 0.0, 1.0) * R(b),
        "td absolute": lambda b: gae(b, 0.0, 1.0).abs(),
        "gae and return": lambda b: 0.5 * gae(b, 0.0, 1.0) + 0.5 * G(b),
        "half the next value": lambda b: (b.rewards + 0.5 * b.next_values) * b.mask,
        "two lambdas": lambda b: torch.where(b.actions > 0, gae(b, 0.73, 1.0), gae(b, 0.9, 1.0)),
        "mean of two lambdas": lambda b: (gae(b, 0.3, 1.0) + gae(b, 0.9, 1.0)) / 2,
        "lambda above one": lambda b: gae(b, 1.3, 1.0),
        "action as a reward": lambda b: R(b) + b.actions,
        "state as a reward": lambda b: R(b) + 0.3 * b.next_states,
        "surprise as a reward": lambda b: G(b) - 0.2 * b.log_prob.detach() * b.mask,
        "reference as a weight": lambda b: G(b) * b.ref_log_prob,
        "focal": lambda b: G(b) * (1 - b.log_prob.detach().exp()) ** 2,
        "wins only": lambda b: R(b) * (R(b) > R(b).mean()),
        "losses only": lambda b: R(b) * (R(b) < 0),
        "above the mean": lambda b: (R(b) > R(b).mean()).double(),
        "softmax of rewards": lambda b: torch.softmax(b.rewards * b.mask, 1),
        "half-lives": lambda b: G(b) * 0.5 ** b.mask.cumsum(1),
        "batch norm": lambda b: G(b) / (G(b).abs().sum() + 1),
        "all but the best": lambda b: torch.where(R(b) == R(b).max(), 0.0, R(b)),
        "softened": lambda b: G(b) / (1 + G(b).abs()),
        "upwards only": lambda b: torch.maximum(G(b), b.values) - b.values,
        "asymmetric": lambda b: (G(b) - b.values) * torch.where(G(b) > b.values, 1.0, 0.3),
        "exponent of the advantage": lambda b: (2 * (G(b) - b.values)).exp().clamp(max=20),
        "doubt as a weight": lambda b: G(b) * b.entropy.detach(),
        "return times to go": lambda b: R(b) * G(b),
        "floored deviation": lambda b: (R(b) - R(b).mean()) / R(b).std().clamp(min=0.8),
    }
    for name, make in weights.items():
        yield name, lambda b, make=make: pg(b, make(b))
    yield "log of the mean", lambda b: -((b.log_prob.exp() * b.mask).mean().log() * R(b)).mean()
    yield "joint", lambda b: -((b.log_prob * b.mask).sum(1).exp() * R(b)[:, 0]).mean()
    yield (
        "root length",
        lambda b: -((b.log_prob * R(b) * b.mask).sum(1) / b.mask.sum(1).sqrt()).mean(),
    )
    yield "cubed", lambda b: (b.log_prob**3 * R(b) * b.mask).sum()
    yield "other action", lambda b: -(categorical(b, 1 - b.actions) * R(b) * b.mask).sum()
    yield "hot", lambda b: -((b.logits / 2).log_softmax(-1).amin(-1) * G(b) * b.mask).sum()
    yield "squared sum", lambda b: ((b.log_prob * b.mask).sum(1) ** 2 * R(b)[:, 0]).mean()
    yield "hinge", lambda b: (1 - b.log_prob * G(b)).relu()[b.mask > 0].sum()
    yield (
        "best answer only",
        lambda b: -((b.log_prob * b.mask).sum(1) * (R(b)[:, 0] == R(b).max())).sum(),
    )
    yield (
        "preference",
        lambda b: (
            -torch.nn.functional.logsigmoid(
                ((b.log_prob * b.mask).sum(1)[0] - (b.log_prob * b.mask).sum(1)[1])
                * (R(b)[0, 0] - R(b)[1, 0])
            )
        ),
    )
    yield "regression to the return", lambda b: ((b.log_prob - R(b)) ** 2 * b.mask).sum()
    yield (
        "hotter policy",
        lambda b: -(gathered(b, b.actions, 0.7) * G(b) * b.mask).sum(1).mean(),
    )
    yield (
        "smoothed labels",
        lambda b: pg(b, G(b)) - 0.1 * (b.logits.log_softmax(-1).mean(-1) * R(b) * b.mask).mean(),
    )
    yield (
        "gap of probabilities",
        lambda b: (
            pg(b, G(b))
            + 0.2 * ((b.log_prob.exp() - b.ref_log_prob.exp()) ** 2 * b.mask).sum(1).mean()
        ),
    )
    yield "trajectory balance", lambda b: (((b.log_prob * b.mask).sum(1) - R(b)[:, 0]) ** 2).mean()
    yield (
        "wins and losses by their own means",
        lambda b: (
            0.5 * (b.log_prob * b.mask)[G(b) < b.values].sum() / len(b.mask)
            - (b.log_prob * b.mask)[G(b) > b.values].sum() / b.mask.sum()
        ),
    )
    yield "maximum of steps", lambda b: -((b.log_prob * G(b) * b.mask).amax(1)).mean()
