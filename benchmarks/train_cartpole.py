"""Time the trainer on CartPole-v1: throughput, and seconds and steps to its threshold of 475.

Imports and the first optimiser of the process (which loads a large part of torch) are timed apart.
Prints one line a weight: how many of the seeds were solved within a million steps, and medians over
those. One thread.

Run: python benchmarks/train_cartpole.py [--seeds 10] [--small]
"""

import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("book", "tools")]

import recording  # noqa: E402

SCALE = (2.4, 3.0, 0.21, 3.0)
SETTINGS = {
    "total_return": {"episodes": 64, "learning_rate": 0.01},
    "leave_one_out": {"episodes": 32, "learning_rate": 0.02},
    "reward_to_go": {"episodes": 32, "learning_rate": 0.02},
    "reward_to_go_minus_mean": {"episodes": 16, "learning_rate": 0.02},
}


def train(psi: str, seed: int, limit: int) -> dict:
    """Train once to the threshold and return seconds and steps."""
    from pgbook.trainer import Config, Trainer

    settings = {**SETTINGS[psi], "observation_scale": SCALE, "threshold": 475.0}
    config = Config(seed=seed, psi=psi, max_env_steps=limit, **settings)
    start = time.perf_counter()
    trainer = Trainer(config)
    records = list(trainer)
    return {
        "seconds": time.perf_counter() - start,
        "env_steps": records[-1].env_steps,
        "discarded_steps": records[-1].discarded_steps,
        "solved": trainer.solved and records[-1].env_steps <= config.max_env_steps,
    }


def main() -> None:
    """Parse the command line, time, print."""
    parser = recording.options(__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0 to SEEDS - 1")
    given = parser.parse_args()
    seeds = range(1 if given.small else given.seeds)
    limit = 2_000 if given.small else 1_000_000

    start = time.perf_counter()
    import torch
    from pgbook.trainer import Config, Trainer

    imported = time.perf_counter()
    torch.set_num_threads(1)
    Trainer(Config())
    print(f"imports {imported - start:.2f} s, first trainer {time.perf_counter() - imported:.2f} s")
    print(f"{'weight':<24}{'solved':>8}{'seconds':>9}{'steps':>9}{'discarded':>11}{'steps/s':>9}")
    for psi in SETTINGS:
        runs = [train(psi, seed, limit) for seed in seeds]
        solved = [run for run in runs if run["solved"]] or runs
        speed = sum(run["env_steps"] for run in runs) / sum(run["seconds"] for run in runs)
        print(
            f"{psi:<24}{sum(run['solved'] for run in runs):>5}/{len(runs):<2}"
            f"{median(run['seconds'] for run in solved):>9.2f}"
            f"{median(run['env_steps'] for run in solved):>9.0f}"
            f"{median(run['discarded_steps'] for run in solved):>11.0f}{speed:>9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
