"""Make book/pgbook/data/ladder.json: what each step from R(τ) to PPO buys on CartPole-v1.

Six rungs, seeds 0 to 9 each, 200,000 environment steps a run, a few minutes on one core. From one
rung to the next only the settings shown in RUNGS change; step size, batch and networks were fixed
before and suit chapter 7's agent. One choice came later: in a first ladder PPO without standardised
weights fell behind the baseline; on seeds 100 to 104 standardising helped more than smaller steps.
A killed run goes on where it was. Each curve is the mean return of the last 100 finished episodes,
at 41 numbers of environment steps, rounded to half a point.

Run: python tools/run_ladder.py [--jobs 1] [--backend dask] [--folder F] [--small] [--out F]
"""

import dataclasses
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book"))

import recording  # noqa: E402
from pgbook.curves import Recorded, dump  # noqa: E402
from pgbook.sweep import PACKAGES, on_grid, sweep  # noqa: E402
from pgbook.trainer import Config  # noqa: E402

BASE = Config(observation_scale=(2.4, 3.0, 0.21, 3.0), gamma=0.99, max_env_steps=200_000)
RUNGS = {
    "total return": {"psi": "total_return"},
    "reward-to-go": {"psi": "reward_to_go"},
    "baseline": {"psi": "reward_to_go_minus_mean"},
    "actor-critic": {"psi": "gae", "lam": 0.0},
    "GAE": {"psi": "gae", "lam": 0.95},
    "PPO": {"psi": "gae", "lam": 0.95, "clip": 0.2, "epochs": 5, "standardise": True},
}
SEEDS = list(range(10))
STEPS = list(range(0, 200_001, 5_000))


def main() -> None:
    """Read the command line, train what is missing, write the file."""
    parser = recording.options(__doc__, "ladder.json")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time; -1: one for each core")
    parser.add_argument("--backend", help="a joblib backend; default: processes on this machine")
    parser.add_argument("--folder", type=Path, default=ROOT / "_build" / "ladder")
    given = parser.parse_args()
    base, seeds, steps = BASE, SEEDS, STEPS
    if given.small:
        base, seeds, steps = replace(BASE, max_env_steps=300), SEEDS[:1], STEPS[:1]
    configs = [replace(base, seed=seed, **rung) for rung in RUNGS.values() for seed in seeds]
    runs = sweep(configs, given.folder, backend=given.backend, jobs=given.jobs, watch=tqdm)
    if broken := [run for run in runs if run.stopped]:
        raise SystemExit(f"{len(broken)} runs broke off; the first: {broken[0]}")
    curves = np.reshape([on_grid(run, steps) for run in runs], (len(RUNGS), len(seeds), len(steps)))
    changed = {name for rung in RUNGS.values() for name in rung} | {"seed"}
    shared = {k: v for k, v in dataclasses.asdict(base).items() if k not in changed}
    if out := recording.target(given):
        recorded = Recorded({"rung": list(RUNGS)}, shared, seeds, np.array(steps), curves)
        dump(out, recorded, **recording.origin(__file__, PACKAGES), rungs=RUNGS)
        print(f"{len(runs)} runs, {out.stat().st_size:,} bytes in {out}")


if __name__ == "__main__":
    main()
