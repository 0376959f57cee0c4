"""How fast the finite MDP is: enumeration with the gradient, dynamic programming, sampling.

One core; prints the best of several runs beside what the book asks for, and ends with status 1 if
something is slower than that.

Run: python benchmarks/exact.py [--small]
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("book", "tools")]

import numpy as np  # noqa: E402
import recording  # noqa: E402
from pgbook import mdp as exact  # noqa: E402
from pgbook.policies import random_theta, softmax_policy  # noqa: E402

RUNS = 20
EPISODES = 100_000


def best_seconds(function, runs):
    """Return the shortest of some runs, after one that is not counted."""
    function()
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def sparse_mdp(horizon):
    """Return an MDP of 4 states and 2 actions in which each action can lead to 2 states."""
    rng = np.random.default_rng(0)
    transition = np.zeros((4, 2, 4))
    for pair in transition.reshape(8, 4):
        pair[rng.choice(4, size=2, replace=False)] = rng.dirichlet([1, 1])
    return exact.FiniteMDP([0.25] * 4, transition, rng.normal(size=(4, 2)), horizon)


def with_policy(mdp):
    """Return the MDP and a random policy for it."""
    return mdp, softmax_policy(random_theta(0, mdp))


def measure(runs):
    """Return rows of (what, value, unit, bound); at most the bound, or at least for a rate."""
    small, long = with_policy(sparse_mdp(7)), with_policy(sparse_mdp(1000))
    ten, rng = with_policy(exact.random_mdp(0, num_states=4, horizon=10)), np.random.default_rng(0)
    count = exact.count_trajectories(small[0])
    sampling = best_seconds(lambda: exact.sample_trajectories(*ten, EPISODES, rng), runs)
    return [
        (
            f"enumerate {count:,} trajectories (4 states, 2 actions, horizon 7), with the gradient",
            1e3 * best_seconds(lambda: exact.enumerated_gradient(*small), runs),
            "ms",
            10,
        ),
        (
            "gradient by dynamic programming, 4 states, 2 actions, horizon 1000",
            1e3 * best_seconds(lambda: exact.gradient(*long), runs),
            "ms",
            20,
        ),
        ("ten-step trajectories sampled, 4 states", EPISODES / sampling, "/s", 500_000),
    ]


def main():
    """Print the rows; return how many miss their bound, if they were measured properly."""
    given, misses = recording.options(__doc__).parse_args(), 0
    for what, value, unit, bound in measure(1 if given.small else RUNS):
        rate = unit == "/s"
        ok = value >= bound if rate else value <= bound
        misses += not ok
        sign, number = (">=", f"{value:,.0f}") if rate else ("<=", f"{value:.1f}")
        print(f"{'ok  ' if ok else 'SLOW'} {what}: {number} {unit} (asked: {sign} {bound:,})")
    return 0 if given.small else misses


if __name__ == "__main__":
    sys.exit(min(main(), 1))
