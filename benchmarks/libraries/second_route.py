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


def endless(case, in_proportion, truth):
    """Return verdict and angle in a group without end.

    One batch in the policy's own proportions differs from the limit by powers of one over its
    size; three sizes take off the first two.
    """
    updates = [minus_gradient(case, in_proportion(times)) for times in (1, 2, 4)]
    limit = sum(part * update for part, update in zip((1 / 3, -2, 8 / 3), updates, strict=True))
    found = beside(limit, truth)
    return {name: found[name] for name in ("verdict", "angle")}


def episodes(case, prompts, discounted, beta):
    """Return what the case is in the world of completions, in groups of two and without end."""
    truth = tree.gradient(prompts=prompts, beta=beta, gamma=0.5 if discounted else 1.0)
    mean = mean_update(case, tree.batches(prompts, 2, gamma=0.5))
    limit = endless(case, lambda times: tree.in_proportion(prompts, times, gamma=0.5), truth)
    size = {"world": "completions", "prompts": prompts, "group": 2}
    return size | beside(mean, truth) | {"endless": limit}


def windows(case):
    """Return what the case is in the stream, for two windows and for very many."""
    truth = stream.gradient()
    mean = mean_update(case, stream.batches(2))
    size = {"world": "stream", "prompts": 1, "group": 2}
    limit = endless(case, stream.in_proportion, truth)
    return size | beside(mean, truth) | {"endless": limit}


def divergence(case, beta):
    """Return what the case's divergence term alone is, beside each divergence that it could mean.

    All rewards are zero, so that nothing else moves the policy.
    """
    mean, found = mean_update(case, tree.batches(1, 2, pay=0.0)), {}
    for kl in tree.KINDS:
        truth = tree.gradient(pay=0.0, beta=beta, kl=kl)
        limit = endless(case, lambda times: tree.in_proportion(1, times, pay=0.0), truth)
        found[kl] = beside(mean, truth) | {"endless": limit}
    return found
