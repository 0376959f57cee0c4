"""The same sweep on a Dask cluster: real processes, one of which is killed half way."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from pgbook.sweep import grid, sweep, train
from pgbook.trainer import Config

BOOK = Path(__file__).resolve().parents[1] / "book"
# long enough that there is a half way: some tenths of a second each
CONFIGS = grid(Config(episodes=2, max_env_steps=1_500), seed=range(6))
LIMIT = 900  # seconds, against what hangs
pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("default"),  # another project's warnings are not ours
]


def start(command, folder, *options):
    """Start a scheduler or a worker in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{command}", "--no-dashboard", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(BOOK), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
def cluster(tmp_path):
    """A client of a scheduler with two workers of one thread each, and the workers' processes."""
    from distributed import Client

    file = tmp_path / "scheduler.json"
    where = ("--scheduler-file", str(file))
    started = [start("scheduler", tmp_path, "--host", "127.0.0.1", "--port", "0", *where)]
    try:
        wait_until(lambda: file.exists() and file.read_text())
        workers = [start("worker", tmp_path, *where, "--nthreads", "1", "--no-nanny") for _ in "ab"]
        started += workers
        with Client(scheduler_file=str(file), timeout=LIMIT) as client:
            client.wait_for_workers(2, timeout=LIMIT)
            yield client, workers
    finally:
        for process in started:
            process.kill()
            process.wait()


def alive(client):
    return len(client.scheduler_info(n_workers=-1)["workers"])


def wait_until(holds):
    """Wait for something that must happen; the limit is there for what hangs."""
    deadline = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_cluster_gives_the_same_numbers_though_a_worker_dies(tmp_path, cluster):
    """Broken off after two runs, taken up again, and then a worker is killed."""
    client, workers = cluster
    folder = tmp_path / "runs"

    def broken_off(runs, total):
        for number, run in enumerate(runs):
            if number == 2:
                raise KeyboardInterrupt
            yield run

    with pytest.raises(KeyboardInterrupt):
        sweep(CONFIGS, folder, backend="dask", watch=broken_off)
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert len(stamps) == 3 and alive(client) == 2
    seen = []

    def killing(runs, total):
        for run in runs:
            if not seen:
                workers[0].kill()
            seen.append(total)
            yield run

    runs = sweep(CONFIGS, folder, backend="dask", watch=killing)
    assert runs == [train(config) for config in CONFIGS]
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert seen == [3] * 3  # nothing was repeated
    assert workers[0].wait() and workers[1].poll() is None
    wait_until(lambda: alive(client) == 1)


def test_without_a_client_the_sweep_says_so(tmp_path):
    with pytest.raises(ValueError, match="Client"):
        sweep([replace(CONFIGS[0], max_env_steps=1)], tmp_path, backend="dask")
