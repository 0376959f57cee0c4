"""Make book/pgbook/data/lab_sweep.json: the learning curves that the lab shows.

135 settings, seeds 0 to 4 each, 150,000 environment steps a run, about a quarter of an hour on one
core. A killed run goes on where it was. Each curve is the mean return of the last 100 finished
episodes, at 61 numbers of environment steps, rounded to half a point.

Run: python tools/run_lab_sweep.py [--jobs 1] [--backend dask] [--folder F] [--small] [--out F]
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
from pgbook.sweep import PACKAGES, grid, on_grid, sweep  # noqa: E402
from pgbook.trainer import Config  # noqa: E402

BASE = Config(observation_scale=(2.4, 3.0, 0.21, 3.0), max_env_steps=150_000)
AXES = {
    "psi": ["total_return", "reward_to_go", "reward_to_go_minus_mean"],
    "gamma": [0.95, 0.99, 1.0],
    "episodes": [10, 32, 100],
    "learning_rate": [0.001, 0.003, 0.01, 0.03, 0.1],
}
SEEDS = [0, 1, 2, 3, 4]
STEPS = list(range(0, 150_001, 2_500))


def main() -> None:
    """Read the command line, train what is missing, write the file."""
    parser = recording.options(__doc__, "lab_sweep.json")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time; -1: one for each core")
    parser.add_argument("--backend", help="a joblib backend; default: processes on this machine")
    parser.add_argument("--folder", type=Path, default=ROOT / "_build" / "lab_sweep")
    given = parser.parse_args()
    base, axes, seeds, steps = BASE, AXES, SEEDS, STEPS
    if given.small:
        base, seeds, steps = replace(BASE, max_env_steps=300), SEEDS[:1], STEPS[:1]
        axes = {name: values[:2] for name, values in AXES.items()}
    configs = grid(base, **axes, seed=seeds)
    runs = sweep(configs, given.folder, backend=given.backend, jobs=given.jobs, watch=tqdm)
    if broken := [run for run in runs if run.stopped]:
        raise SystemExit(f"{len(broken)} runs broke off; the first: {broken[0]}")
    shape = (*(len(values) for values in (*axes.values(), seeds)), len(steps))
    curves = np.reshape([on_grid(run, steps) for run in runs], shape)
    shared = {k: v for k, v in dataclasses.asdict(base).items() if k not in (*axes, "seed")}
    if out := recording.target(given):
        recorded = Recorded(axes, shared, seeds, np.array(steps), curves)
        dump(out, recorded, **recording.origin(__file__, PACKAGES))
        print(f"{len(runs)} runs, {out.stat().st_size:,} bytes in {out}")


if __name__ == "__main__":
    main()
