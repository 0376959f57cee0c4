"""Which tests reach a line, and what they say of a changed file: for `mutants.py`.

Everything happens in a copy of the repository, so that processes that a test starts see the change.
Each run is a fork of one process that has imported what is slow and nothing of ours.
"""

import functools
import gc
import hashlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build" / "mutants"
TREE = BUILD / "tree"
UNRUN = "audit|build|libraries|make|planted|scripts|widgets"  # they take minutes
SECONDS = 60  # of tests for one change, by the clock of the run without a change
IMPORTS = re.compile(r"^(?:from|import) (\w+)", re.M)
HANGS = 20  # times slower than without the change, in processor time: an endless loop
OPTIONS = ["-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-m"]
OPTIONS += ["not build and not browser"]
sys.path.append(str(ROOT / "tests"))


def copy_tree() -> None:
    """Bring the copy up to date with the working tree."""
    listed = ["git", "ls-files", "-co", "-z", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kept = [name for name in names.split("\0") if name and (ROOT / name).is_file()]
    for old in list(TREE.rglob("*.py")):
        if str(old.relative_to(TREE)) not in kept:
            old.unlink()
    for name in kept:
        (TREE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, TREE / name)
    for name in (".venv", "node_modules"):
        if not (TREE / name).exists() and (ROOT / name).exists():
            (TREE / name).symlink_to((ROOT / name).resolve())


@functools.cache
def warm() -> None:
    """Import what the tests need, once."""
    import nbclient  # noqa: F401
    import sphinx.application  # noqa: F401
    from planted_pool import ENVIRONMENT, warm_up

    os.environ.update(ENVIRONMENT)
    warm_up()
    gc.freeze()


def forked(work: Callable[[], object], processor_seconds: float) -> object:
    """Run in a fork, in the copy; return its result, or "killed" if it took too long or died."""
    warm()
    answer = BUILD / "answer.json"
    answer.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        os.setsid()
        signal.setitimer(signal.ITIMER_PROF, processor_seconds)
        quiet = os.open(BUILD / "last.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        try:
            os.chdir(TREE)
            ours = {str(ROOT / part) for part in ("tools", "tests")}
            sys.path[:] = [place for place in sys.path if place not in ours]
            for name in [n for n in sys.modules if n in ("mutant_runs", "planted_pool")]:
                del sys.modules[name]
            answer.write_text(json.dumps(work()))
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    try:
        os.killpg(child, signal.SIGKILL)  # what the tests started
    except ProcessLookupError:
        pass
    return json.loads(answer.read_text()) if answer.exists() else "killed"


class Watch:
    """A pytest plugin that notes how long each test took and whether all passed."""

    def __init__(self, coverage=None, wanted: list[str] | None = None):
        self.coverage, self.wanted, self.seconds, self.failed = coverage, wanted, {}, []

    def pytest_collection_modifyitems(self, items):
        """Leave the wanted tests, in their order; one that is gone has failed nothing."""
        if self.wanted is not None:
            found = {item.nodeid: item for item in items}
            items[:] = [found[name] for name in self.wanted if name in found]

    def pytest_collectreport(self, report):
        """Count a file that cannot be read, such as one that computes on import."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtest_logstart(self, nodeid):
        """From here on, lines are reached by this test."""
        if self.coverage:
            self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report):
        """Add up set-up, call and clean-up."""
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration
        if report.failed:
            self.failed.append(report.nodeid)


def reach(name: str, paths: list[str]) -> dict:
    """Run one file of tests; return its tests' seconds and, by file and line, who reached it."""
    import coverage
    import pytest

    measured = coverage.Coverage(data_file=None, include=[str(TREE / path) for path in paths])
    measured.start()
    watch = Watch(measured)
    pytest.main([f"tests/{name}", *OPTIONS], plugins=[watch])
    measured.stop()
    data, lines = measured.get_data(), {}
    for path in data.measured_files():
        by_line = data.contexts_by_lineno(path)
        lines[str(Path(path).relative_to(TREE))] = {str(k): v for k, v in by_line.items()}
    texts = {path: digest([TREE / path]) for path in paths}
    return {"seconds": watch.seconds, "failed": watch.failed, "lines": lines, "texts": texts}


class Tests:
    """The files of tests with what they reach, kept from run to run."""

    def __init__(self, paths: list[str], end: float):
        files = sorted(path for path in TREE.glob("tests/**/*.py") if "browser" not in path.parts)
        stems = re.compile("|".join(rf"\b{Path(path).stem}\b" for path in paths))
        named = [path for path in files if stems.search(said(path))]
        self.names = [p.name for p in named if re.match(f"test_(?!{UNRUN})", p.name)]
        self.state = digest(files)
        helpers = [path for path in files if not re.match("test_|planted_bugs", path.name)]
        self.reached = {}
        for name in self.names:
            store = BUILD / "reach" / f"{name}.{digest([*helpers, TREE / 'tests' / name])}.json"
            found = json.loads(store.read_text("utf-8")) if store.exists() else {}
            if any(found.get("texts", {}).get(path) != digest([TREE / path]) for path in paths):
                if time.monotonic() > end:
                    continue
                begun = time.monotonic()
                found = forked(functools.partial(reach, name, paths), 600)
                if found == "killed":
                    found = {"seconds": {}, "failed": [name], "lines": {}, "texts": {}}
                store.parent.mkdir(exist_ok=True)
                store.write_text(json.dumps(found), "utf-8")
                told = f"not used: {found['failed']}" if found["failed"] else ""
                print(f"{name}: {time.monotonic() - begun:.0f} s {told}", flush=True)
            self.reached[name] = found

    def of(self, path: str, line: int) -> dict[str, float]:
        """Return tests and their seconds: first those that reach the line, quick ones before slow.

        Then those that reach any line of the file, since some lines are run on import; then all
        others of the files that name the module, since they may run it in a process of its own.
        """
        stem, seconds, rank = re.compile(rf"\b{Path(path).stem}\b"), {}, {}
        for name, found in self.reached.items():
            lines = found["lines"].get(path, {})
            anywhere = {test for tests in lines.values() for test in tests}
            if anywhere or stem.search(said(TREE / "tests" / name)):
                for test in found["seconds"].keys() - set(found["failed"]):
                    seconds[test] = found["seconds"][test]
                    rank[test] = (test in lines.get(str(line), ())) + (test in anywhere)
        order = sorted(seconds, key=lambda test: (-rank[test], seconds[test]))
        spent = itertools.accumulate(seconds[test] for test in order)
        return {t: seconds[t] for t, sum_ in zip(order, spent, strict=True) if sum_ <= SECONDS}


@functools.cache
def said(path: Path) -> str:
    """The text of a file of tests with those of the helpers that it imports."""
    text = path.read_text("utf-8")
    helpers = [path.with_name(f"{name}.py") for name in IMPORTS.findall(text)]
    return "\n".join([text, *(each.read_text("utf-8") for each in helpers if each.exists())])


def digest(files) -> str:
    """The same for the same texts."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:16]


def verdict(tests: list[str]) -> dict:
    """Run the tests up to the first that fails."""
    import pytest

    watch = Watch(wanted=tests)
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    code = pytest.main([*files, "-x", *OPTIONS], plugins=[watch])
    if not watch.failed:
        return {"outcome": "survived", "by": f"none: pytest ended with {int(code)}"}
    return {"outcome": "killed", "by": watch.failed[0]}


def run_mutant(path: str, text: str, tests: dict[str, float]) -> dict:
    """Put the text in the file's place; return whether its tests noticed, and which."""
    if not tests:
        return {"outcome": "survived", "by": "no test"}
    place, begun = TREE / path, time.monotonic()
    whole = place.read_text("utf-8")
    stamp = int(begun * 1000) % 2**31  # no bytecode of another text with this length
    try:
        place.write_text(text, "utf-8")
        os.utime(place, (stamp, stamp))
        limit = 15 + HANGS * sum(tests.values())
        found = forked(functools.partial(verdict, list(tests)), limit)
    finally:
        place.write_text(whole, "utf-8")
        os.utime(place, (stamp + 1, stamp + 1))
    if found == "killed":
        return {
            "outcome": "killed",
            "by": f"no end within {limit:.0f} s of processor time, or died",
        }
    return {**found, "seconds": round(time.monotonic() - begun, 1)}
