"""Choose chapter 7's batch and step size on seeds that the chapter does not use.

Total return as the weight, no baseline, CartPole-v1. Every setting trains from seeds 100 to 119,
the chosen one also from 120 to 159, each until the mean of the last 100 episodes is 475 or a
million steps are over. About ten minutes on one core; the chapter reads the file that this writes.

Run: python benchmarks/study_reinforce.py [--small] [--out FILE]
"""

import json
import sys
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("book", "tools")]

import recording  # noqa: E402
from pgbook.trainer import Config, Trainer  # noqa: E402

CHOSEN = (64, 0.01)


def steps_to_threshold(seed: int, episodes: int, learning_rate: float, limit: int) -> int | None:
    """Return the environment steps until 475, or None if the limit did not do."""
    trainer = Trainer(
        Config(
            seed=seed,
            episodes=episodes,
            learning_rate=learning_rate,
            observation_scale=(2.4, 3.0, 0.21, 3.0),
            threshold=475.0,
            max_env_steps=limit,
        )
    )
    for _ in trainer:
        pass
    steps = trainer.records[-1].env_steps
    return steps if trainer.solved and steps <= limit else None


def main() -> None:
    """Train, print one line a setting, write the file."""
    given = recording.options(__doc__, "reinforce_study.json").parse_args()
    limit = 1_000 if given.small else 1_000_000
    torch.set_num_threads(1)
    rows = []
    for episodes in (16, 32, 64):
        for learning_rate in (0.003, 0.01, 0.03):
            chosen = (episodes, learning_rate) == CHOSEN
            seeds = range(100, 101 if given.small else 160 if chosen else 120)
            steps = [steps_to_threshold(seed, episodes, learning_rate, limit) for seed in seeds]
            rows.append(
                {
                    "episodes": episodes,
                    "learning_rate": learning_rate,
                    "first_seed": 100,
                    "env_steps": steps,
                }
            )
            solved = sum(step is not None for step in steps)
            print(f"N={episodes} rate={learning_rate}: {solved} of {len(steps)}", flush=True)
    if out := recording.target(given):
        content = {**recording.origin(__file__, ("gymnasium", "numpy", "torch")), "rows": rows}
        out.write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
