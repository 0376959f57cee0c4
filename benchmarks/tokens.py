"""The book's small language model beside TRL's GRPOTrainer and RLOOTrainer: samples and seconds.

The task is "reverse" of `pgbook.tokens.tasks`; learned means that .97 of the last 1,000 answers are
exactly right. Network, first weights, tokenizer, prompts, batch, Adam and step size are the same,
TRL's clipping of gradients, its schedule and its reference model are off. It divides by the sample
deviation plus 1e-4. It runs offline, in the environment that benchmarks/libraries.py makes. One
process, one thread; the competitors take turns seed by seed and rule by rule. What is timed is
process time from making the learner on; imports and a short run of each come before.

The record, book/pgbook/data/tokens.json, has a row for each run; `answers` is how many were drawn.
Three minutes on one core; without TRL's environment only ours run, and nothing is recorded.

Run: python benchmarks/tokens.py [--setup] [--seeds 8] [--small] [--out FILE]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("benchmarks", "tools")]

import libraries  # noqa: E402
import recording  # noqa: E402

SEEDS, LIMIT = 8, 50_000
SMALL = 1, 256


def measured(python: Path, seeds: int, limit: int) -> dict:
    """Return the versions and the rows of one run of everybody."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        script = libraries.PARTS / "side_by_side.py"
        subprocess.run([python, "-W", "ignore", script, out, str(seeds), str(limit)], check=True)
        return json.loads(out.read_text("utf-8"))


def summary(rows: list[dict]) -> str:
    """Return a line for each competitor and rule: medians of those that learned."""
    lines = []
    for who, rule in dict.fromkeys((row["who"], row["rule"]) for row in rows):
        runs = [row for row in rows if (row["who"], row["rule"]) == (who, rule)]
        seconds, answers = (median(run[name] for run in runs) for name in ("seconds", "answers"))
        solved = sum(run["solved"] for run in runs)
        lines.append(
            f"{rule} {who:9}: {solved} of {len(runs)} learned; median {answers:,.0f} answers, "
            f"{seconds:.2f} s, {1e6 * seconds / answers:.0f} µs an answer"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the medians, write the file."""
    parser = recording.options(__doc__, "tokens.json")
    parser.add_argument("--setup", action="store_true", help="make TRL's environment if it misses")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds 0 to SEEDS - 1")
    given = parser.parse_args()
    if given.setup and libraries.python_of("trl") is None:
        libraries.set_up("trl")
    if (python := libraries.python_of("trl")) is None:
        print("TRL: not measured, it has no environment yet (--setup makes one)")
    sizes = SMALL if given.small else (given.seeds, LIMIT)
    found = measured(python or Path(sys.executable), *sizes)
    print(summary(found["rows"]))
    if out := recording.target(given, whole=python is not None and given.seeds >= SEEDS):
        origin = recording.origin(__file__, ["numpy"])
        versions = origin["versions"] | found["versions"]
        content = {**origin, "versions": versions, "limit": sizes[1], "rows": found["rows"]}
        out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
