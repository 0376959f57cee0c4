"""Chapter 10's dial λ as Python computes it: bias and variance of the estimate, by listing."""

import numpy as np
from pgbook import mdp as exact
from pgbook.policies import random_theta, score, softmax_policy
from pgbook.weights import gae


def moments(world: exact.FiniteMDP, policy: np.ndarray, critic: np.ndarray, lam: float):
    """Mean [T, S, A], squared bias and total variance of one episode's estimate."""

    def estimator(trajectory):
        r = exact.rewards(world, trajectory)
        seen = critic[np.arange(world.horizon + 1), trajectory.states]
        ends = np.zeros(r.shape)
        psi = gae(r, np.ones_like(r), lam=lam, values=seen, terminated=ends)
        return score(policy, trajectory) * psi[..., None, None]

    mean, covariance = exact.exact_moments(world, policy, estimator)
    bias2 = float(((mean - exact.gradient(world, policy)) ** 2).sum())
    return mean, bias2, float(np.trace(covariance))


def trap() -> tuple:
    """The explorable's world, policy and true values."""
    world = exact.greedy_trap(4)
    logits = np.zeros(world.policy_shape)
    logits[:, 1:, 0] = 2.0
    policy = softmax_policy(logits)
    return world, policy, exact.values(world, policy)[0]


def trap_numbers(lam: float, error: float, episodes: int) -> dict:
    """What the explorable's readouts say."""
    world, policy, value = trap()
    mean, bias2, variance = moments(world, policy, (1 - error) * value, lam)
    return {
        "bias2": f"{bias2:.4f}",
        "variance": f"{variance / episodes:.4f}",
        "sum": f"{bias2 + variance / episodes:.4f}",
        "push": f"{mean[0, 0, 1]:+.3f}, true {exact.gradient(world, policy)[0, 0, 1]:+.3f}",
    }


def dial_vectors() -> list:
    """Random worlds and the trap, right and wrong critics, several λ."""
    worlds = [trap()]
    for seed, shape in enumerate([(3, 2, 3), (2, 3, 3)]):
        sizes = dict(zip(("num_states", "num_actions", "horizon"), shape, strict=True))
        world = exact.random_mdp(seed, **sizes)
        policy = softmax_policy(random_theta(seed, world))
        worlds.append((world, policy, exact.values(world, policy)[0]))
    cases = []
    for world, policy, value in worlds:
        noise = np.random.default_rng(0).normal(size=value.shape)
        for critic in (value, 0.5 * value, value + noise):  # wrong after the end, too
            for lam in (0.0, 0.3, 0.95, 1.0):
                mean, bias2, variance = moments(world, policy, critic, lam)
                parts = ("start", "transition", "reward")
                flat = {name: getattr(world, name).ravel().tolist() for name in parts}
                sizes = {"states": world.num_states, "actions": world.num_actions}
                cases.append(
                    {"world": {**sizes, "horizon": world.horizon, **flat}, "lam": lam}
                    | {"policy": policy.ravel().tolist(), "critic": critic.ravel().tolist()}
                    | {"mean": mean.ravel().tolist(), "bias2": bias2, "variance": variance}
                )
    return cases
