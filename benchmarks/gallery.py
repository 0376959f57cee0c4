"""Train the book's trainer on other people's worlds, each for a budget of steps; keep the curves.

For the page `your_own`. No threshold stops a run: every seed goes on to the end of the budget, so
a curve shows what became of all of them. The settings were chosen on seed 100, which is not among
those shown. Beside the curve a run keeps what the greedy policy earns in `played` episodes, how
many batches taught nothing, and its process time. About four minutes on one core.

Box2D and MuJoCo are no part of this repository's requirements. In an environment of their own:
pip install -r requirements.txt -r benchmarks/requirements-gallery.txt. A world that is not
installed is left out, with a line that says so; its record stays as it was.

Run: python benchmarks/gallery.py [--tasks ...] [--small] [--out FILE]
"""

import json
import sys
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("book", "tools")]

import recording  # noqa: E402
from pgbook.rollout import collect, make_envs  # noqa: E402
from pgbook.trainer import Config, Trainer  # noqa: E402

PACKAGES = ("gymnasium", "numpy", "torch")
POINTS = 50  # of a curve, evenly over the budget


@dataclass(frozen=True)
class Task:
    """One world, how long, and how."""

    budget: int  # environment steps
    settings: dict  # fields of Config
    package: str | None = None  # what must be installed beside Gymnasium
    seeds: int = 3
    played: int = 100  # episodes of the greedy policy


TO_GO = {"psi": "reward_to_go_minus_mean"}
PPO = {"psi": "gae", "gamma": 0.99, "lam": 0.95, "standardise": True, "clip": 0.2, "epochs": 10}
TASKS = {
    "FrozenLake-v1": Task(150_000, {**TO_GO, "episodes": 32, "learning_rate": 0.03, "hidden": ()}),
    "Taxi-v4": Task(
        250_000,
        {
            **PPO,
            "gamma": 0.9,
            "lam": 0.9,
            "epochs": 5,
            "episodes": 32,
            "learning_rate": 0.02,
            "hidden": (),
            "critic_epochs": 20,
            "critic_learning_rate": 0.1,
        },
    ),
    "Blackjack-v1": Task(
        25_000,
        {"psi": "leave_one_out", "episodes": 64, "learning_rate": 0.02},
        played=2_000,
    ),
    "Acrobot-v1": Task(
        80_000,
        {
            **PPO,
            "episodes": 16,
            "learning_rate": 0.01,
            "observation_scale": (1.0, 1.0, 1.0, 1.0, 5.0, 8.0),
        },
    ),
    "LunarLander-v3": Task(
        150_000,
        {
            **PPO,
            "gamma": 0.999,
            "lam": 0.98,
            "episodes": 16,
            "learning_rate": 0.005,
            "hidden": (64,),
        },
        "Box2D",
    ),
    "InvertedPendulum-v5": Task(
        60_000,
        {
            **PPO,
            "episodes": 16,
            "learning_rate": 0.02,
            "observation_scale": (1.0, 0.2, 1.0, 1.0),
        },
        "mujoco",
    ),
    "MountainCar-v0": Task(
        30_000,
        {
            **TO_GO,
            "episodes": 16,
            "learning_rate": 0.02,
            "observation_scale": (0.6, 0.07),
        },
    ),
}


def train(env_id: str, task: Task, seed: int) -> tuple[list[float], dict]:
    """Train once; return the mean return of the last 100 episodes over steps, and the rest."""
    start = time.process_time()
    trainer = Trainer(Config(env_id=env_id, seed=seed, max_env_steps=task.budget, **task.settings))
    records = list(trainer)
    seconds = time.process_time() - start
    at = [record.env_steps for record in records]
    curve = np.interp(grid(task), at, [record.mean_100 for record in records])
    trainer.envs.close()
    envs = make_envs(env_id, task.played)
    played = collect(envs, trainer.policy.greedy(), np.random.default_rng(seed))
    envs.close()
    return curve.round(3).tolist(), {
        "fresh": round(records[0].mean_return, 3),
        "greedy": round(float(played.returns.mean()), 3),
        "updates": len(records),
        "taught_nothing": sum(record.taught_nothing for record in records),
        "seconds": round(seconds, 1),
    }


def grid(task: Task) -> np.ndarray:
    """The numbers of environment steps at which a curve is kept, [POINTS]."""
    return np.linspace(0, task.budget, POINTS + 1)[1:].round()


def run_task(env_id: str, task: Task) -> dict:
    """Train on every seed, print a line for each; return what is recorded of the task."""
    packages = PACKAGES + ((task.package,) if task.package else ())
    curves, ends = [], []
    for seed in range(task.seeds):
        curve, end = train(env_id, task, seed)
        curves.append(curve)
        ends.append(end)
        print(f"{env_id} seed {seed}: last 100 episodes {curve[-1]}, {end}", flush=True)
    return {
        **recording.origin(__file__, packages),
        "settings": task.settings,
        "played": task.played,
        "steps": grid(task).astype(int).tolist(),
        "curves": curves,
        **{name: [end[name] for end in ends] for name in ends[0]},
    }


def write(out: Path, env_id: str, found: dict) -> None:
    """Put one task's record into the file; the others stay."""
    content = json.loads(out.read_text("utf-8")) if out.exists() else {"tasks": {}}
    tasks = {name: found if name == env_id else content["tasks"].get(name) for name in TASKS}
    rows = [f"{json.dumps(name)}: {json.dumps(task)}" for name, task in tasks.items() if task]
    out.write_text('{"tasks": {\n' + ",\n".join(rows) + "\n}}\n", encoding="utf-8")


def main() -> None:
    """Train on the tasks whose packages are here; write the file."""
    parser = recording.options(__doc__, "gallery.json")
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=list(TASKS))
    given = parser.parse_args()
    out = recording.target(given)
    torch.set_num_threads(1)
    for env_id in given.tasks:
        task = TASKS[env_id]
        if task.package and not find_spec(task.package):
            print(f"{env_id}: left out, {task.package} is not installed", flush=True)
            continue
        if given.small:
            task = replace(task, budget=1_000, seeds=1, played=2)
        found = run_task(env_id, task)
        if out:
            write(out, env_id, found)


if __name__ == "__main__":
    main()
