"""The tests have teeth: every bug of the table, planted in a copy, is caught by its named tests.

So have the chapters: a bug in the package or in a chapter fails the checks named beside it.

`python tests/test_planted_bugs.py mask gamma` runs the bugs whose names hold one of the words.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from planted_bugs import BUGS, Bug
from planted_pool import ENVIRONMENT

pytestmark = pytest.mark.once

TESTS = Path(__file__).resolve().parent
PACKAGE = TESTS.parent / "book" / "pgbook"
# The runner itself must tell these from a bug that is caught.
A_TEST = ("test_mdp.py::test_a_trajectory_worked_by_hand",)
HARMLESS = Bug("mdp.py", "harmless", "LIMIT = 2_000_000", "LIMIT = 2_000_001", A_TEST)
UNREADABLE = Bug("mdp.py", "unreadable", "import torch\n", "import torch, no_such_module\n", A_TEST)
UNREAD = shutil.ignore_patterns("__pycache__", "explorables", "data")


def found_in(bug):
    """Return the file that a bug changes and its texts as they stand there: a chapter is JSON."""
    if bug.file.endswith(".ipynb"):
        old, new = (json.dumps(text, ensure_ascii=False)[1:-1] for text in (bug.old, bug.new))
        return PACKAGE.parent / bug.file, old, new
    return PACKAGE / bug.file, bug.old, bug.new


def plant(bug, tests, folder):
    """Copy the package, and the tests' chapters, with a bug in it or, for None, as it is."""
    shutil.copytree(PACKAGE, folder / "pgbook", ignore=UNREAD)
    for number in {test.split("[")[1][:2] for test in tests if test.startswith("chapter_checks")}:
        for chapter in PACKAGE.parent.glob(f"{number}*.ipynb"):
            shutil.copy(chapter, folder)
    if bug:
        path, old, new = found_in(bug)
        path = folder / path.relative_to(PACKAGE.parent)
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return str(folder)


def outcomes_of(bugs, folder):
    """Return (outcomes of each bug's tests, outcomes of all those tests without a bug)."""
    every = sorted({test for bug in bugs for test in bug.tests})
    files = sorted({test.split("::")[0] for test in every})
    sound = [[test for test in every if test.startswith(file + "::")] for file in files]
    jobs = [
        {"package": plant(bug, tests, folder / str(i)), "tests": list(tests)}
        for i, (bug, tests) in enumerate(
            [*((None, tests) for tests in sound), *((bug, bug.tests) for bug in bugs)]
        )
    ]
    done = subprocess.run(
        [sys.executable, str(TESTS / "planted_pool.py")],
        input=json.dumps(jobs),
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=2400,
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    without = {test: what for part in outcomes[: len(sound)] for test, what in part.items()}
    return outcomes[len(sound) :], without


def test_every_planted_bug_is_caught(tmp_path):
    with_bug, without = outcomes_of([*BUGS, HARMLESS, UNREADABLE], tmp_path)
    *with_bug, harmless, unreadable = with_bug
    assert harmless[A_TEST[0]] == "passed" and "no_such_module" in unreadable[A_TEST[0]]
    broken = {test: what for test, what in without.items() if what != "passed"}
    assert not broken, f"without any bug, expected passed, got {broken}"
    survived = [
        f"{bug.file}: {bug.name}: expected {test} to fail, got {what}"
        for bug, outcomes in zip(BUGS, with_bug, strict=True)
        for test, what in outcomes.items()
        if what != "failed"
    ]
    assert not survived, "\n".join(survived)


def test_every_planted_bug_changes_exactly_one_place():
    wrong = []
    for bug in BUGS:
        path, old, _ = found_in(bug)
        found = path.read_text(encoding="utf-8").count(old)
        if found != 1 or bug.new == bug.old:
            wrong.append(f"{bug.file}: {bug.name}: expected the old text once, found {found}")
    assert not wrong, "\n".join(wrong)


def test_the_table_covers_the_package():
    modules = (bug.file.removesuffix(".py") for bug in BUGS if bug.file.endswith(".py"))
    files = Counter(module.partition("/")[0] for module in modules)  # a package counts as one
    assert {"mdp", "policies", "rollout", "weights", "trainer", "mlp", "ledger"} <= set(files)
    assert len(BUGS) >= 30 and min(files.values()) >= 3
    assert len({(bug.file, bug.name) for bug in BUGS}) == len(BUGS)
    assert all(bug.tests for bug in BUGS)


def test_every_check_of_the_chapters_is_failed_by_a_bug():
    """A check that no bug fails may compare a thing with itself."""
    from chapter_checks import every_check  # imports pgbook, which the script below need not find

    failed = {test.split("[")[1][:-1] for bug in BUGS for test in bug.tests if "[" in test}
    checks = set(every_check())
    assert len(checks) > 100 and not checks - failed, sorted(checks - failed)


if __name__ == "__main__":
    words = sys.argv[1:] or [""]
    chosen = [bug for bug in BUGS if any(word in f"{bug.file} {bug.name}" for word in words)]
    with tempfile.TemporaryDirectory() as name:
        results, no_bug = outcomes_of(chosen, Path(name).resolve())
    for bug, result in zip(chosen, results, strict=True):
        for test, what in result.items():
            print(f"{'caught  ' if what == 'failed' else 'SURVIVED'} {bug.name}: {test}: {what}")
    print({test: what for test, what in no_bug.items() if what != "passed"} or "sound without bugs")
