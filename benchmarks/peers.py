"""The book's trainer beside stable-baselines3: seconds and steps until a task counts as solved.

A task is solved at the first update after which the last 100 finished training episodes have its
mean return. stable-baselines3 has the settings that its zoo lists for the task and the zoo's
budget of steps; a seed that does not get there within its budget counts as infinite. Everything
runs in one process on one thread, and the competitors take turns seed by seed, so that a slow
minute of the machine hits all of them. What is timed is process time from making the learner on;
imports and a first short run of each, which loads the rest of torch, come before. Steps are all
steps that an environment made, those behind an episode's end included.

Writes each task's results into book/pgbook/data/peers.json, for the page `benchmarks`. Half an
hour on one core; `--tasks CartPole-v1 --seeds 1` gives an impression in two minutes and writes
nothing.

Run: python benchmarks/peers.py [--tasks ...] [--seeds 20] [--small] [--out FILE]
"""

import json
import math
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("book", "tools")]

import recording  # noqa: E402
import torch  # noqa: E402
from pgbook.trainer import Config, Trainer  # noqa: E402
from stable_baselines3 import A2C, PPO  # noqa: E402
from stable_baselines3.common.callbacks import BaseCallback  # noqa: E402
from stable_baselines3.common.env_util import make_vec_env  # noqa: E402
from stable_baselines3.common.vec_env import VecNormalize  # noqa: E402

PACKAGES = ("torch", "gymnasium", "numpy", "stable-baselines3")
SMALL = 10_000  # environment steps for everybody


@dataclass(frozen=True)
class Peer:
    """One algorithm of stable-baselines3 with the zoo's settings for one task."""

    algorithm: type
    budget: int  # environment steps: the zoo's n_timesteps
    envs: int
    settings: dict
    normalize: bool = False  # running means of observations and rewards
    linear: tuple[str, ...] = ()  # settings that fall to 0 in a straight line


@dataclass(frozen=True)
class Task:
    """What is to be solved, by whom."""

    threshold: float
    seeds: int
    ours: dict  # fields of Config
    peers: dict[str, Peer]


TASKS = {
    "CartPole-v1": Task(
        475.0,
        20,
        {
            "psi": "reward_to_go_minus_mean",
            "episodes": 32,
            "learning_rate": 0.16,  # chosen on seeds 100 to 111
            "observation_scale": (2.4, 3.0, 0.21, 3.0),
        },
        {
            "PPO": Peer(
                PPO,
                100_000,
                8,
                {
                    "n_steps": 32,
                    "batch_size": 256,
                    "gae_lambda": 0.8,
                    "gamma": 0.98,
                    "n_epochs": 20,
                    "learning_rate": 0.001,
                    "clip_range": 0.2,
                },
                linear=("learning_rate", "clip_range"),
            ),
            "A2C": Peer(A2C, 500_000, 8, {}),
        },
    ),
    "Acrobot-v1": Task(
        -100.0,
        5,
        {
            "psi": "gae",
            "gamma": 0.99,
            "lam": 0.95,
            "clip": 0.2,
            "epochs": 10,
            "standardise": True,
            "episodes": 16,
            "learning_rate": 0.01,
            "observation_scale": (1.0, 1.0, 1.0, 1.0, 5.0, 8.0),
        },
        {
            "PPO": Peer(
                PPO,
                1_000_000,
                16,
                {"n_steps": 256, "gae_lambda": 0.94, "gamma": 0.99, "n_epochs": 4},
                normalize=True,
            )
        },
    ),
    "Pendulum-v1": Task(
        -250.0,
        5,
        {
            "psi": "gae",
            "gamma": 0.9,
            "lam": 0.95,
            "clip": 0.2,
            "epochs": 20,
            "critic_epochs": 20,
            "standardise": True,
            "episodes": 8,
            "learning_rate": 0.005,
            "critic_learning_rate": 0.01,
            "hidden": (64, 64),
            "observation_scale": (1.0, 1.0, 8.0),
        },
        {
            "PPO": Peer(
                PPO,
                100_000,
                4,
                {
                    "n_steps": 1024,
                    "gae_lambda": 0.95,
                    "gamma": 0.9,
                    "n_epochs": 10,
                    "learning_rate": 0.001,
                    "clip_range": 0.2,
                    "use_sde": True,
                    "sde_sample_freq": 4,
                },
            )
        },
    ),
}


class Reached(BaseCallback):
    """Notes when the last 100 episodes reach the threshold, and stops the run at the next step."""

    def __init__(self, threshold: float):
        """Nothing is reached yet."""
        super().__init__()
        self.threshold, self.at = threshold, None

    def _on_rollout_end(self) -> None:
        recent = self.model.ep_info_buffer  # the last 100 finished episodes, rewards as they were
        if len(recent) == 100 and sum(info["r"] for info in recent) >= 100 * self.threshold:
            self.at = self.at or (time.process_time(), self.num_timesteps)

    def _on_step(self) -> bool:
        return self.at is None


def run_peer(env_id: str, peer: Peer, threshold: float, seed: int, budget: int) -> tuple:
    """Train once; return seconds and steps until solved, infinite if the budget did not do."""
    start = time.process_time()
    envs = make_vec_env(env_id, n_envs=peer.envs, seed=seed)
    if peer.normalize:
        envs = VecNormalize(envs, gamma=peer.settings.get("gamma", 0.99))
    falling = {name: _falling(peer.settings[name]) for name in peer.linear}
    settings = {**peer.settings, **falling}
    model = peer.algorithm("MlpPolicy", envs, seed=seed, device="cpu", **settings)
    reached = Reached(threshold)
    model.learn(budget, callback=reached)
    envs.close()
    return (reached.at[0] - start, reached.at[1]) if reached.at else (math.inf, math.inf)


def run_ours(env_id: str, settings: dict, threshold: float, seed: int, budget: int) -> tuple:
    """The same for the book's trainer."""
    start = time.process_time()
    config = Config(env_id=env_id, seed=seed, threshold=threshold, max_env_steps=budget, **settings)
    trainer = Trainer(config)
    for _ in trainer:
        pass
    seconds, last = time.process_time() - start, trainer.records[-1]
    trainer.envs.close()
    steps = last.env_steps + last.discarded_steps
    return (seconds, steps) if trainer.solved else (math.inf, math.inf)


def run_task(env_id: str, task: Task, seeds: int) -> dict:
    """Train everybody on every seed, in turn; return {who: [(seconds, steps), ...]}."""
    budget = max(peer.budget for peer in task.peers.values())
    for peer in task.peers.values():
        run_peer(env_id, peer, task.threshold, 0, 1)
    run_ours(env_id, task.ours, task.threshold, 0, 1)
    results = {name: [] for name in ("this book", *task.peers)}
    for seed in range(seeds):
        results["this book"].append(run_ours(env_id, task.ours, task.threshold, seed, budget))
        for name, peer in task.peers.items():
            results[name].append(run_peer(env_id, peer, task.threshold, seed, peer.budget))
        latest = {name: f"{runs[-1][0]:.2f} s {runs[-1][1]:,}" for name, runs in results.items()}
        print(f"{env_id} seed {seed}: {latest}", flush=True)
    return results


def _falling(value: float):
    """A setting that falls from `value` to 0 over the run."""
    return lambda remaining: remaining * value


def summary(env_id: str, results: dict) -> str:
    """One line for each competitor: medians, and the time as a multiple of ours."""
    lines, ours = [], median(seconds for seconds, _ in results["this book"])
    for name, runs in results.items():
        seconds, steps = (median(column) for column in zip(*runs, strict=True))
        solved = sum(math.isfinite(s) for s, _ in runs)
        lines.append(
            f"{env_id:12} {name:10} solved {solved}/{len(runs)}  median {seconds:.2f} s, "
            f"{steps:,.0f} steps, {seconds / ours:.1f} times ours"
        )
    return "\n".join(lines)


def write(out: Path, env_id: str, task: Task, results: dict) -> None:
    """Put one task's results into the file; the others stay."""
    content = json.loads(out.read_text("utf-8")) if out.exists() else {"tasks": {}}
    budgets = {name: peer.budget for name, peer in task.peers.items()}
    found = {
        **recording.origin(__file__, PACKAGES),
        "threshold": task.threshold,
        "budgets": {"this book": max(budgets.values()), **budgets},
        "settings": task.ours,
        "runs": {
            name: [[round(s, 3), n] if math.isfinite(s) else None for s, n in pairs]
            for name, pairs in results.items()
        },
    }
    tasks = {name: found if name == env_id else content["tasks"].get(name) for name in TASKS}
    kept = {name: task for name, task in tasks.items() if task}
    out.write_text(json.dumps({"tasks": kept}) + "\n", encoding="utf-8")


def brief(task: Task) -> Task:
    """Return the task with one seed, a small budget and a threshold of 1.

    A hundred episodes of CartPole reach it, whoever plays; where rewards are negative nobody does.
    """
    peers = {name: replace(peer, budget=SMALL) for name, peer in task.peers.items()}
    return replace(task, threshold=1.0, seeds=1, peers=peers)


def main() -> None:
    """Run the tasks, print the medians and their ratios, write the file if all seeds were run."""
    parser = recording.options(__doc__, "peers.json")
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=list(TASKS))
    parser.add_argument("--seeds", type=int, help="seeds 0 to SEEDS - 1; default: as many as shown")
    given = parser.parse_args()
    out = recording.target(given, whole=given.seeds is None)
    torch.set_num_threads(1)
    for env_id in given.tasks:
        task = brief(TASKS[env_id]) if given.small else TASKS[env_id]
        results = run_task(env_id, task, given.seeds or task.seeds)
        print(summary(env_id, results), flush=True)
        if out:
            write(out, env_id, task, results)


if __name__ == "__main__":
    main()
