"""Every group rule on two tasks with paired seeds: what is robust, and what is noise.

`pgbook.tokens.trainer` on "reverse" (answers of one length, a graded reward) and on "sum" (answers
of any length, paid 1 or 0), seeds 0 to 19. A seed has the same first weights and prompts under
every rule. Step sizes were chosen on seeds 100 to 102 with RLOO and GRPO. Nothing stops early.
Dr. GRPO is not run: its weight is RLOO's times 7/8, and Adam's step does not see a factor.

The record, book/pgbook/data/tokens_study.json: for each task and rule one text a seed, which
`pgbook.curves.unpack` reads, with a point for every ten updates: their share of exact answers in
thousandths; the mean length of their wrong answers and their mean -log p(answer), in hundredths,
0 where there was none. Five minutes of one core.

Run: python benchmarks/study_tokens.py [--small] [--out FILE]
"""

import dataclasses
import itertools
import json
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("book", "tools")]

import recording  # noqa: E402
from pgbook.curves import pack  # noqa: E402
from pgbook.tokens.groups import RULES  # noqa: E402
from pgbook.tokens.trainer import Config, Progress, Trainer  # noqa: E402

BLOCK = 10  # updates a point
SEEDS = list(range(20))
STUDIED = [rule for rule in RULES if rule != "Dr. GRPO"]
TASKS = {  # by name: what differs from Config's defaults
    "reverse": {"learning_rate": 0.003, "max_answers": 8_960},
    "sum": {"learning_rate": 0.002, "max_answers": 10_240},
}


def curves(records: list[Progress]) -> dict[str, str]:
    """Return the three curves of a run, each as a text."""
    blocks = [records[i : i + BLOCK] for i in range(0, len(records), BLOCK)]
    wrong = [[r.wrong_length for r in block if r.wrong_length is not None] for block in blocks]
    found = {
        "exact": [1000 * np.mean([r.exact for r in block]) for block in blocks],
        "wrong_length": [100 * np.mean(lengths) if lengths else 0 for lengths in wrong],
        "surprise": [100 * np.mean([r.surprise for r in block]) for block in blocks],
    }
    return {name: pack(np.array(curve)) for name, curve in found.items()}


def main() -> None:
    """Train, print one line a run, write the file."""
    given = recording.options(__doc__, "tokens_study.json").parse_args()
    torch.set_num_threads(1)
    seeds, limit = (SEEDS[:1], {"max_answers": 256}) if given.small else (SEEDS, {})
    tasks = {task: {**settings, **limit} for task, settings in TASKS.items()}
    runs = {task: {rule: [] for rule in STUDIED} for task in tasks}
    origin = recording.origin(__file__, ("numpy", "torch"))
    for seed in seeds:  # all rules of a seed together: a study cut short is paired too
        for task, rule in itertools.product(tasks, STUDIED):
            trainer = Trainer(Config(task=task, rule=rule, seed=seed, **tasks[task]))
            records = list(trainer)
            runs[task][rule].append(curves(records))
            print(f"{task} {rule} seed {seed}: {records[-1].recent_exact:.3f}", flush=True)
        if out := recording.target(given):
            found = {"seeds": seeds[: seed + 1], "block": BLOCK, "runs": runs}
            settings = {"defaults": dataclasses.asdict(Config()), "settings": tasks}
            text = json.dumps({**origin, **settings, **found}, indent=1)
            out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
