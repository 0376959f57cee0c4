"""Chapter 12's surrogates as Python computes them: every trajectory listed, nothing factored."""

import numpy as np
from pgbook import mdp as exact
from pgbook.policies import random_theta, softmax_policy


def gains(world: exact.FiniteMDP, old: np.ndarray, new: np.ndarray, epsilon: float) -> dict:
    """The true gain over the old policy, and what three kinds of ratios make of its data."""
    every = exact.enumerate_trajectories(world)
    place = np.arange(world.horizon), every.states[:, :-1], every.actions
    value, action_value = exact.values(world, old)
    advantage = (action_value - value[:-1, :, None])[place]
    ratio = (new / old)[place]
    p = exact.trajectory_prob(world, old, every)
    before = exact.enumerated_objective(world, old)
    bounded = np.clip(ratio, 1 - epsilon, 1 + epsilon) * advantage
    return {
        "J": exact.enumerated_objective(world, new) - before,
        "L": float(p @ (ratio * advantage).sum(axis=1)),
        "clip": float(p @ np.minimum(ratio * advantage, bounded).sum(axis=1)),
        "whole": float(p @ (ratio.prod(axis=1) * exact.returns(world, every))) - before,
    }


def trap_numbers(x: float, epsilon: float = 0.2) -> dict:
    """What the explorable's readouts say."""
    world = exact.greedy_trap(4)
    theta = random_theta(0, world)
    old = softmax_policy(theta)
    slope = exact.gradient(world, old)
    now = gains(world, old, softmax_policy(theta + x * slope / np.linalg.norm(slope)), epsilon)
    return {
        "gain": f"{now['J']:.2f}",
        "promise": f"{now['L']:.2f}",
        "clipped": f"{now['clip']:.2f}",
        "gap": f"{now['L'] - now['J']:.2f}",
    }


def clip_vectors() -> list:
    """Random worlds, pairs of policies, several ε."""
    cases = []
    for seed in range(4):
        world = exact.random_mdp(seed, horizon=3)
        old, new = (softmax_policy(random_theta(s, world)) for s in (seed, seed + 1))
        parts = ("start", "transition", "reward")
        for epsilon in (0.1, 0.5):
            cases.append(
                {
                    "world": {
                        "states": world.num_states,
                        "actions": world.num_actions,
                        "horizon": world.horizon,
                        **{name: getattr(world, name).ravel().tolist() for name in parts},
                    },
                    "old": old.ravel().tolist(),
                    "new": new.ravel().tolist(),
                    "epsilon": epsilon,
                    "gains": gains(world, old, new, epsilon),
                }
            )
    return cases
