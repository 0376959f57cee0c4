"""Runs tests against copies of the package, each run in a fork of one warmed-up process.

Reads from standard input a list of jobs, `{"package": folder that holds pgbook, "tests": [names]}`,
and writes a list of outcomes, `{name: "passed" | "failed" | anything else that came of it}`. It
imports PyTorch and the rest once, never the package itself: that is each fork's own.
"""

import gc
import json
import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 240  # of processor time for one job; a bug that hangs has not been caught
ENVIRONMENT = {  # what this process must be started with
    "MPLBACKEND": "Agg",
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",  # macOS
    "OMP_NUM_THREADS": "1",  # a process with threads does not fork safely
    "OPENBLAS_NUM_THREADS": "1",
    "PGBOOK_PLANTED": "1",
    "PYTEST_ADDOPTS": "",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}


class Recorder:
    """A pytest plugin that keeps the worst outcome of each test function."""

    def __init__(self):
        self.outcomes = {}

    def pytest_runtest_logreport(self, report):
        """Count an error in setting up as an error, not as a failure."""
        name = report.nodeid.removeprefix("tests/")
        outcome = report.outcome if report.when == "call" or report.passed else "error"
        for key in {name, name.split("[")[0]}:
            if report.when == "call" or outcome == "error":
                self._keep(key, outcome)

    def pytest_collectreport(self, report):
        """Keep why a file could not be read."""
        if report.failed:
            self.outcomes["collection"] = str(report.longrepr)[-500:]

    def _keep(self, key, outcome):
        order = ["passed", "failed", "skipped", "error"]
        worst = max(self.outcomes.get(key, "passed"), outcome, key=order.index)
        self.outcomes[key] = worst


def warm_up():
    """Import what the tests need and what is slow, and not the package."""
    import gymnasium.envs.classic_control  # noqa: F401
    import hypothesis.strategies  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401
    import torch

    torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])  # the first one imports a second's worth


def run_tests(job):
    """Run the tests of one job in this process; return their outcomes."""
    import pytest

    recorder = Recorder()
    pytest.main(
        [
            *(f"tests/{name}" for name in job["tests"]),
            *("-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider"),
            f"--basetemp={job['package']}/tmp",
            *("-o", "addopts=", "-o", f"pythonpath={job['package']}"),
        ],
        plugins=[recorder],
    )
    import pgbook

    if not pgbook.__file__.startswith(job["package"]):
        return dict.fromkeys(job["tests"], f"ran against {pgbook.__file__}")
    default = recorder.outcomes.get("collection", "not found")
    return {name: recorder.outcomes.get(name, default) for name in job["tests"]}


def start(job):
    """Fork; the child runs the job, leaves its outcomes in a file and never returns."""
    child = os.fork()
    if child:
        return child
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        Path(job["package"], "outcomes.json").write_text(json.dumps(run_tests(job)))
        os._exit(0)
    except BaseException:
        os._exit(1)


def collect(job, status):
    """Return the outcomes that a child left, or how it died."""
    if status == 0:
        return json.loads(Path(job["package"], "outcomes.json").read_text())
    died = f"the process died, status {status} (27: more than {SECONDS} s)"
    return dict.fromkeys(job["tests"], died)


def run_jobs(jobs, workers):
    """Run the jobs, `workers` at a time; return their outcomes in order."""
    waiting, running, outcomes = list(enumerate(jobs)), {}, [None] * len(jobs)
    while waiting or running:
        while waiting and len(running) < workers:
            index, job = waiting.pop(0)
            running[start(job)] = index
        child, status = os.wait()
        index = running.pop(child)
        outcomes[index] = collect(jobs[index], status)
    return outcomes


if __name__ == "__main__":
    os.chdir(ROOT)
    todo = json.load(sys.stdin)
    warm_up()
    gc.freeze()  # else every fork walks, and so copies, all that was imported
    json.dump(run_jobs(todo, os.cpu_count() or 1), sys.stdout)
