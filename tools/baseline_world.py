"""Chapter 9's parabola as Python computes it: mean and variance of X = U − bY, by listing."""

import numpy as np
from pgbook import mdp as exact
from pgbook.policies import random_theta, score, softmax_policy

BATCH = 4


def moments(world, policy, direction, baseline, offset=0.0, sees="nothing") -> dict:
    """Mean return, gradient along a direction of θ, and the estimate's mean and variance at b."""

    def estimator(trajectory):
        R = exact.returns(world, trajectory)[:, None] + offset * world.horizon
        along = (score(policy, trajectory) * direction).sum(axis=(2, 3))  # [M, T]
        b = np.full(along.shape, float(baseline))
        if sees == "action":
            b *= trajectory.actions == 1
        if sees == "return":
            b = R / BATCH + (1 - 1 / BATCH) * b
        return (along * (R - b)).sum(axis=1)

    mean, covariance = exact.exact_moments(world, policy, estimator)
    return {
        "J": exact.objective(world, policy) + offset * world.horizon,
        "slope": float((exact.gradient(world, policy) * direction).sum()),
        "mean": float(mean),
        "variance": float(covariance.item()),
    }


def lowest(variance_at) -> float:
    """The lowest point of a parabola, from three of its values."""
    left, middle, right = (variance_at(b) for b in (-1.0, 0.0, 1.0))
    return (left - right) / 2 / (left - 2 * middle + right)


def trap(theta: float) -> tuple:
    """The explorable's world, its policy, and the direction of its one parameter."""
    world = exact.greedy_trap(4)
    logits, direction = np.zeros(world.policy_shape), np.zeros(world.policy_shape)
    logits[:, 0, 1], logits[:, 1:, 0], direction[:, 0, 1] = theta, 2.0, 1.0
    return world, softmax_policy(logits), direction


def trap_numbers(theta=-1.0, baseline=0.0, offset=0.0, sees="nothing") -> dict:
    """What the explorable's readouts say."""

    def at(b):
        return moments(*trap(theta), b, offset, sees)

    now, best = at(baseline), lowest(lambda b: at(b)["variance"])
    return {
        "variance": f"{now['variance']:.3f}",
        "least": f"{at(best)['variance']:.3f}",
        "best": f"{best:.2f}",
        "J": f"{now['J']:.2f}",
        "residual": f"{abs(now['mean'] - now['slope']):.3f}",
    }


def baseline_vectors() -> list:
    """The trap and two random worlds, honest and not, at several b."""
    worlds = [trap(-1.0), trap(2.0)]
    for seed, horizon in enumerate((3, 2)):
        world = exact.random_mdp(seed, horizon=horizon)
        direction = np.random.default_rng(seed).normal(size=world.policy_shape)
        worlds.append((world, softmax_policy(random_theta(seed, world)), direction))
    cases = []
    for world, policy, direction in worlds:
        parts = ("start", "transition", "reward")
        flat = {name: getattr(world, name).ravel().tolist() for name in parts}
        sizes = {"states": world.num_states, "actions": world.num_actions}
        shown = {"world": {**sizes, "horizon": world.horizon, **flat}}
        shown |= {"policy": policy.ravel().tolist(), "direction": direction.ravel().tolist()}
        for sees in ("nothing", "action", "return"):
            for offset in (0.0, -0.4):

                def at(b, case=(world, policy, direction), offset=offset, sees=sees):
                    return moments(*case, b, offset, sees)

                best = lowest(lambda b, at=at: at(b)["variance"])
                points = [{"b": b, **at(b)} for b in (-1.0, 0.0, 2.5)]
                cases.append(shown | {"sees": sees, "offset": offset, "best": best, "at": points})
    return cases
