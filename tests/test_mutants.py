"""The mutation runner: what it changes, what it counts, and that it tells tested from untested."""

import os
import shutil
import subprocess
import sys

import pytest
from book_pages import ROOT

pytest.importorskip("mutmut", reason="`make mutants` installs it")
import mutants

pytestmark = pytest.mark.once

SOURCE = '''"""Words, 1 and 2."""
from a import b

LIMIT = 3


@decorated
def double(x: "Words" = 4) -> tuple["Words", 5]:
    """Words."""
    if x > 6:
        raise ValueError(f"words {x}" + "words")
    parser.add_argument("--x", help="words", default=7)
    return x * 8


if __name__ == "__main__":
    main(9)
'''
TESTED = "def tested(x):\n    while x > 10:\n        x -= 1\n    return x + 1\n"
UNTESTED = "def untested(x):\n    return x - 1\n"
TEST = """
import subprocess, sys
from pgbook.one import tested, untested

def test_it():
    assert tested(13) == 11 and tested(3) == 4
    untested(1)
"""


def test_everything_but_words_is_changed_module_level_and_decorated_code_included():
    count, mutant = mutants.mutants_of("a.py", SOURCE)
    made = [found for number in range(count) if (found := mutant(number))]
    changes = [found.change for found in made]
    for number in (3, 4, 6, 7, 8):
        assert any(str(number + 1) in change.split(" → ")[1] for change in changes), number
    assert "return x * 8 → return x / 8" in changes and "if x > 6: → if x >= 6:" in changes
    for found in made:
        assert found.text != SOURCE and "ords" in found.text
        for kept in ('"""Words, 1 and 2."""', 'tuple["Words", 5]', 'help="words"', "main(9)"):
            assert kept in found.text or kept in ('help="words"',) and "default" in found.change
        line = SOURCE.splitlines()[found.line - 1]
        assert line.strip() in found.change.split(" → ")[0]


def test_the_interval_is_wilsons():
    """Agresti and Coull's example: none of ten, and symmetry."""
    low, high = mutants.interval(0, 10)
    assert abs(low) < 1e-12 and abs(high - 0.2775) < 1e-4
    low, high = mutants.interval(5, 10)
    assert abs(low + high - 1) < 1e-12 and abs(low - 0.2366) < 1e-4


@pytest.fixture
def project(tmp_path):
    """A repository with one module, half of it tested."""
    for name in ("tools/mutants.py", "tools/mutant_runs.py", "tests/planted_pool.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".gitignore").write_text("_build\n")
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["book"]\n')
    (tmp_path / "book" / "pgbook").mkdir(parents=True)
    (tmp_path / "book" / "pgbook" / "__init__.py").write_text("")
    (tmp_path / "book" / "pgbook" / "one.py").write_text(TESTED + "\n\n" + UNTESTED)
    (tmp_path / "tests" / "test_one.py").write_text(TEST)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def run(project, *words):
    command = [sys.executable, "tools/mutants.py", *words]
    environment = {**os.environ, "PYTHONPATH": ""}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)


def test_what_no_test_asserts_survives_and_all_else_is_killed(project):
    done = run(project, "--folder", "book/pgbook")
    *_, score = lines = done.stdout.splitlines()
    assert done.returncode == 1 and not done.stderr, done.stderr
    survivors = [line.split("  ")[2] for line in lines if line.startswith("survived")]
    assert set(survivors) == {"return x - 1 → return x + 1", "return x - 1 → return x - 2"}
    assert "killed 7 of 9: 77.8% (95 %: 45.3% to 93.7%); 0 not run yet" in score
    whole = (project / "book" / "pgbook" / "one.py").read_text()
    assert whole == TESTED + "\n\n" + UNTESTED, "the working tree was changed"
    with (project / "tests" / "test_one.py").open("a") as file:
        file.write("    assert untested(1) == 0\n")
    done = run(project, "--folder", "book/pgbook", "--minutes", "9")
    assert done.returncode == 0 and "killed 9 of 9" in done.stdout, done.stdout
