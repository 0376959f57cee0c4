"""Audit one library's cases, inside the virtual environment that has it.

Called by `benchmarks/libraries.py`: python run.py ADAPTER OUT [--small].
"""

import importlib
import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "book")]

import second_route  # noqa: E402
import torch  # noqa: E402
from pgbook.audit import audit  # noqa: E402

EXACT = {"gradient", "scaled"}
SIZES = (2, 3)  # the second route has the limit


def plain_report(report):
    """Return the parts of a report that the record keeps."""
    found = report.to_dict()
    for name in ("seconds", "headline", "sampling"):
        found.pop(name)
    found["worlds"] = [
        {
            "world": run.world,
            "group": run.size,
            "verdict": run.result.verdict,
            "factor": run.result.factor,
            "angle": run.result.angle,
        }
        for run in report.runs
    ]
    return rounded(found)


def rounded(value):
    """Return data with its numbers to nine digits: what single precision and the page need."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.9g}") if value == value and abs(value) != float("inf") else None
    return value


def audited(case, sampling):
    """Return the audit of a case under one sampling scheme, and its second route."""
    given = {"update" if case.update else "loss": case.run}
    goal = f"J - {case.beta:g} KL" if case.beta else None
    report = audit(**given, sampling=sampling, objective=goal, sizes=SIZES)
    found = {"sampling": sampling, **plain_report(report)}
    if sampling == "windows":
        others = [second_route.windows(case)]
    else:
        discounted = report.objective.discounted
        counts = (1, 2) if case.prompts else (1,)
        others = [second_route.episodes(case, n, discounted, case.beta) for n in counts]
    worst = {other["verdict"] in EXACT for other in others}
    found["second_route"] = rounded(others)
    found["agree"] = min(worst) == (report.verdict in EXACT)
    return found


def row(case):
    """Return everything about one case."""
    found = {
        "function": case.function,
        "settings": case.settings,
        "default": case.default,
        "kind": "update" if case.update else "loss",
        "claim": {"says": case.says, "where": case.where},
        "audits": [audited(case, sampling) for sampling in case.sampling],
    }
    if case.beta:
        found["divergence_alone"] = rounded(second_route.divergence(case, case.beta))
    return found


def main(adapter, out, small):
    """Write the rows of one adapter's cases."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    library = importlib.import_module(adapter)
    rows = []
    for case in library.CASES[:1] if small else library.CASES:
        start = time.perf_counter()
        rows.append(row(case))
        said = ", ".join(f"{a['sampling']}: {a['verdict']}" for a in rows[-1]["audits"])
        seconds = time.perf_counter() - start
        print(f"{case.function} {case.settings}: {said} ({seconds:.1f} s)", file=sys.stderr)
    versions = {name: version(name) for name in (library.PACKAGE, "torch")}
    found = {"versions": versions, "stubs": library.STUBS, "rows": rows}
    Path(out).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "--small" in sys.argv)
