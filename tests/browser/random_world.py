"""What Python computes of the book's random world, for chapters 6 and 8's explorables."""

import numpy as np
from pgbook.mdp import enumerate_trajectories, exact_moments, gradient, random_mdp, rewards
from pgbook.policies import random_theta, score, softmax_policy
from write_vectors import keep_vectors

WORLD = random_mdp(0)
THETA = random_theta(0, WORLD)


def sigma():
    """The spread of one vote, score times return, from its exact covariance."""
    every, policy = enumerate_trajectories(WORLD), softmax_policy(THETA)
    votes = score(policy, every) * rewards(WORLD, every).sum(axis=1)[:, None, None, None]
    return float(np.sqrt(exact_moments(WORLD, policy, lambda _: votes)[1].trace()))


def variance(keep, scale=1.0, coin=0.0):
    """Exact variance of an estimate, from the world with the coin as part of its states."""
    return f"{keep_vectors(WORLD, softmax_policy(scale * THETA), keep, coin)['variance']:.2f}"


ESTIMATOR = [({"episodes": n}, "exact", f"{sigma() / np.sqrt(n):.3f}") for n in (1, 10, 470, 1000)]
CAUSALITY = [
    ({}, "total", variance("all")),
    ({"scale": 2.5}, "togo", variance("future", scale=2.5)),
    ({"coin": 2.5}, "togo", variance("future", coin=2.5)),
    ({"coin": 1.0, "scale": 0.0}, "total", variance("all", 0.0, 1.0)),
    ({"keep": "all", "coin": 2.0}, "bias", "0.000"),
    (
        {"keep": "past", "scale": 0.5},
        "bias",
        f"{np.linalg.norm(gradient(WORLD, softmax_policy(0.5 * THETA))):.3f}",
    ),
]
