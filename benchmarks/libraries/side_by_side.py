"""Train this book's and, where it is installed, TRL's learners in turn; write what each needed.

Run by benchmarks/tokens.py with the Python that has TRL: side_by_side.py OUT SEEDS LIMIT
"""

import importlib.util
import json
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "book")]

import torch  # noqa: E402
from pgbook.tokens.trainer import Config, Trainer  # noqa: E402

CONFIG = Config(threshold=0.97)
RULES = ("RLOO", "GRPO")


def learn(config: Config) -> dict:
    """Train until the threshold or the limit; the same fields as `learn_trl.learn`."""
    start = time.process_time()
    trainer = Trainer(config)
    last = list(trainer)[-1]
    return {
        "seconds": time.process_time() - start,
        "answers": last.answers,
        "solved": trainer.solved,
        "recent_exact": last.recent_exact,
    }


def main(out: str, seeds: str, limit: str) -> None:
    """Warm everybody up, then take turns seed by seed and rule by rule."""
    torch.set_num_threads(1)
    learners, versions = {"this book": learn}, {"torch": version("torch")}
    if importlib.util.find_spec("trl"):
        import learn_trl

        learners["TRL"] = learn_trl.learn
        versions |= {name: version(name) for name in learn_trl.PACKAGES}
    config, rows = replace(CONFIG, max_answers=int(limit)), []
    for rule in RULES:
        for train in learners.values():
            train(replace(config, rule=rule, max_answers=256))
    for seed in range(int(seeds)):
        for rule in RULES:
            for who, train in learners.items():
                found = train(replace(config, rule=rule, seed=seed))
                rows.append({"who": who, "rule": rule, "seed": seed, **found})
                print(f"{rule} seed {seed} {who}: {found}", flush=True)
    content = {"versions": versions, "rows": rows}
    Path(out).write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
