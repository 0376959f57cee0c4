"""Every script that measures or records runs, in its small version, from the command line."""

import json
import re
import subprocess
import sys

import pytest
from book_pages import ROOT

pytestmark = pytest.mark.once

SCRIPTS = sorted([*ROOT.glob("benchmarks/*.py"), *ROOT.glob("tools/run_*.py")])
IN_A_BROWSER = {"engine.py", "pages.py"}  # tried in browser/test_measuring.py
RECORDS = sorted((ROOT / "book" / "pgbook" / "data").glob("*.json"))
SHARED = (ROOT / "tools" / "recording.py").read_text("utf-8")
ORIGIN = {"made_by", "command", "commit", "versions"}


def run(*command):
    """Run a script as its first lines say; return what it printed."""
    done = subprocess.run(
        [sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def records(path):
    """Return what a file of recorded numbers says of their origin, once for each part."""
    content = json.loads(path.read_text("utf-8"))
    for parts in ("tasks", "libraries"):
        if parts in content:
            return [*content[parts].values()]
    return [content]


HERE = [path for path in SCRIPTS if path.name not in IN_A_BROWSER]


@pytest.mark.parametrize("script", HERE, ids=lambda path: path.stem)
def test_a_script_goes_through_its_whole_path(script, tmp_path):
    records_too = 'recording.options(__doc__, "' in script.read_text("utf-8")
    out = ["--out", tmp_path / "record.json"] if records_too else []
    folder = ["--folder", tmp_path / "runs"] if script.name.startswith("run_") else []
    before = {path: path.read_bytes() for path in RECORDS}
    shown = run(script, "--small", *out, *folder)
    assert len(shown.splitlines()) >= 1, "expected it to print what it found"
    assert before == {path: path.read_bytes() for path in RECORDS}, "a small version recorded"
    if records_too:
        for record in records(tmp_path / "record.json"):
            assert ORIGIN <= set(record) and "--small" in record["command"]
            assert record["made_by"] == script.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_how_to_run_it(script):
    text = script.read_text("utf-8")
    shown = re.search(r"^Run: python (\S+)(.*)$", text, re.M)
    assert shown and ROOT / shown[1] == script
    taken = set(re.findall(r'add_argument\("(--[a-z]+)"', text + SHARED))
    assert {"--small"} <= set(re.findall(r"--[a-z]+", shown[2])) <= taken


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_recorded_numbers_say_what_made_them(path):
    for record in records(path):
        assert ORIGIN <= set(record), f"{path.name}: {sorted(ORIGIN - set(record))} missing"
        assert (ROOT / record["made_by"]).is_file()
        assert record["command"].startswith(f"python {record['made_by']}")
        assert re.fullmatch(r"[0-9a-f]{12}", record["commit"]), "recorded from changed files"
        assert {"numpy", "torch"} <= set(record["versions"]) and "--small" not in record["command"]


def test_the_vectors_are_written_where_asked(tmp_path):
    run("tools/write_vectors.py", "--to", tmp_path)
    stored = {path.name for path in (ROOT / "tests" / "vectors").glob("*.json")}
    assert {path.name for path in tmp_path.glob("*.json")} == stored
