"""How the cost of the trainer grows: with the number of environments, and with the horizon.

Collection and a whole update on CartPole-v1, by a policy that keeps the pole up, so that every
episode is as long as its limit. Process time on one thread, the best of five. Writes
book/pgbook/data/scaling.json, which the page `benchmarks` shows; a minute on one core.

Run: python benchmarks/scaling.py [--small] [--out FILE]
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("book", "tools")]

import recording  # noqa: E402
from pgbook.rollout import collect, make_envs  # noqa: E402
from pgbook.trainer import Config, Trainer  # noqa: E402

BASE = Config(
    psi="reward_to_go_minus_mean",
    episodes=16,
    learning_rate=0.02,
    observation_scale=(2.4, 3.0, 0.21, 3.0),
    threshold=475.0,
)
ENVIRONMENTS = (1, 4, 16, 64, 256, 1024)
HORIZONS = (50, 100, 200, 500, 1000, 2000)


def best_of_five(work) -> float:
    """Return the least process time of five calls, in seconds."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def skilled() -> Trainer:
    """Train until the threshold."""
    trainer = Trainer(BASE)
    for _ in trainer:
        pass
    return trainer


def cost(trained: Trainer, episodes: int, horizon: int) -> dict:
    """Seconds of one collection and one whole update, and the steps in it."""
    # one episode alone has no mean to take off; the weight costs next to nothing either way
    trainer = Trainer(replace(BASE, episodes=episodes, psi="reward_to_go"))
    trainer.policy.load_state_dict(trained.policy.state_dict())
    trainer.envs = make_envs("CartPole-v1", episodes, max_episode_steps=horizon)
    actor = trainer.policy.actor()
    steps = collect(trainer.envs, actor, np.random.default_rng(0)).env_steps
    return {
        "episodes": episodes,
        "horizon": horizon,
        "env_steps": steps,
        "collect": best_of_five(lambda: collect(trainer.envs, actor, np.random.default_rng(0))),
        "update": best_of_five(trainer.step),
    }


def main() -> None:
    """Measure, print, write."""
    given = recording.options(__doc__, "scaling.json").parse_args()
    torch.set_num_threads(1)
    trained = skilled()
    environments, horizons = ((1, 4), (50,)) if given.small else (ENVIRONMENTS, HORIZONS)
    rows = [cost(trained, episodes, 500) for episodes in environments]
    rows += [cost(trained, 16, horizon) for horizon in horizons]
    for row in rows:
        rate = row["env_steps"] / row["update"]
        print(
            f"N={row['episodes']:5} T={row['horizon']:5}: {row['env_steps']:7,} steps, "
            f"collect {1e3 * row['collect']:.1f} ms, update {1e3 * row['update']:.1f} ms, "
            f"{rate:,.0f} steps/s"
        )
    if out := recording.target(given):
        content = {**recording.origin(__file__, ("gymnasium", "numpy", "torch")), "rows": rows}
        out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
