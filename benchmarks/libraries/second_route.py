"""What an update is on average by the second route, beside its truth."""

import math

import stream
import torch
import tree

EXACT = 2e-5  # of the update's length: single precision


def minus_gradient(case, batch):
    """Return what a step of size 1 takes off theta, negated: the update."""
    if case.update:
        return -case.run(batch).detach()
    loss = case.run(batch)
    if not loss.requires_grad:
        return torch.zeros_like(batch.theta)
    (slope,) = torch.autograd.grad(loss, batch.theta, allow_unused=True)
    return torch.zeros_like(batch.theta) if slope is None else -slope


def mean_update(case, batches):
    """Return the expected update over batches that come with their probabilities."""
    return sum(chance * minus_gradient(case, batch) for chance, batch in batches)


def beside(mean, truth):
    """Return verdict, factor and angle in degrees of a mean update beside the truth."""
    mean, truth = mean.double().ravel(), truth.ravel()
    factor = float(mean @ truth / (truth @ truth))
    across = float((mean - factor * truth).norm())
    length, size = float(mean.norm()), float(truth.norm())
    angle = math.degrees(math.atan2(across, factor * size)) if length else math.nan
    if not math.isfinite(length):
        verdict = "invalid"
    elif length < 1e-8 * size:
        verdict = "nothing"
    elif factor < 0 or across > EXACT * length:
        verdict = "turned"
    else:
        verdict = "gradient" if abs(factor - 1) < EXACT else "scaled"
    plain = {"factor": factor, "angle": angle}
    return {"verdict": verdict} | {k: v if math.isfinite(v) else None for k, v in plain.items()}


def episodes(case, prompts, discounted, beta, *, group=2, times=4):
    """Return what the case is in the world of completions, for groups of two and without end."""
    settings = {"gamma": 0.5}
    truth = tree.gradient(prompts=prompts, beta=beta, gamma=0.5 if discounted else 1.0)
    mean = mean_update(case, tree.batches(prompts, group, **settings))
    limit = minus_gradient(case, tree.in_proportion(prompts, times, **settings))
    size = {"world": "completions", "prompts": prompts, "group": group}
    return size | beside(mean, truth) | {"endless": beside(limit, truth)}


def windows(case, *, group=2, times=4):
    """Return what the case is in the stream, for two windows and for very many."""
    truth = stream.gradient()
    mean = mean_update(case, stream.batches(group))
    limit = minus_gradient(case, stream.in_proportion(times))
    size = {"world": "stream", "prompts": 1, "group": group}
    return size | beside(mean, truth) | {"endless": beside(limit, truth)}


def divergence(case, beta):
    """Return what the case's divergence term alone is, beside each divergence that it could mean.

    All rewards are zero, so that nothing else moves the policy.
    """
    mean = mean_update(case, tree.batches(1, 2, gamma=1.0, pay=0.0))
    found = {kl: beside(mean, tree.gradient(pay=0.0, beta=beta, kl=kl)) for kl in tree.KINDS}
    return found
