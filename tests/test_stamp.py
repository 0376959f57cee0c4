"""The repository's address is written where it is needed, and nowhere else; records say whose."""

import json
import subprocess
import sys
from importlib.metadata import version

import pytest
import recording
import stamp

pytestmark = pytest.mark.once

OLD, NEW = "https://github.com/some-one/old.name", "https://github.com/me-2/book_1.x"
OLD_SITE, NEW_SITE = "https://some-one.github.io/old.name", "https://me-2.github.io/book_1.x"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"git clone {OLD}.", f"git clone {NEW}."),
        (f"({OLD}/blob/main/a.py#L1) {OLD}", f"({NEW}/blob/main/a.py#L1) {NEW}"),
        (f"<{OLD_SITE}/book/index.html>", f"<{NEW_SITE}/book/index.html>"),
        ("http://github.com/a/b https://github.com", "http://github.com/a/b https://github.com"),
        ("https://gitlab.com/a/b https://xgithubxcom/a/b",) * 2,
        ("https://a.github.org/b",) * 2,
        ("no address, été",) * 2,
    ],
)
def test_an_address_is_replaced_and_what_surrounds_it_stays(text, expected):
    assert stamp.stamped(text, NEW) == expected
    assert stamp.stamped(expected, NEW) == expected


def notebook(*cells):
    made = [{"id": name, "source": source, "metadata": {}} for name, source in cells]
    return json.dumps({"cells": made}, ensure_ascii=False, indent=1)


def test_in_a_notebook_only_the_cell_for_colab_is_stamped():
    line = 'pip install "git+{}" # é\n'
    others = [("a", [f"see {OLD}"]), ("colab-2", [f"{OLD} again"])]
    before = notebook(*others, ("colab", ["x\n", line.format(OLD)]))
    after = notebook(*others, ("colab", ["x\n", line.format(NEW)]))
    assert stamp.stamped_notebook(before, NEW) == after


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A small one with a file of each kind."""
    monkeypatch.setattr(stamp, "ROOT", tmp_path)
    monkeypatch.setattr(stamp, "FILES", ("README.md", "same.md"))
    (tmp_path / "book").mkdir()
    (tmp_path / "_config.yml").write_text(f"title: é\nrepository:\n  url: {NEW}\n", "utf-8")
    (tmp_path / "README.md").write_text(f"é {OLD}", "utf-8")
    (tmp_path / "same.md").write_text(NEW)
    (tmp_path / "other.md").write_text(OLD)
    for name in ("b", "a"):
        (tmp_path / "book" / f"{name}.ipynb").write_text(notebook(("colab", [OLD])))
    return tmp_path


def call(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["stamp.py", *words])
    return stamp.main()


def test_checking_names_the_files_and_changes_none_stamping_changes_them(
    repository, monkeypatch, capsys
):
    def texts():
        return {p.name: p.read_text("utf-8") for p in repository.rglob("*.*") if p.is_file()}

    before = texts()
    assert call(monkeypatch, "--check") == 1
    assert capsys.readouterr().out.split() == ["README.md", "a.ipynb", "b.ipynb"]
    assert texts() == before
    assert call(monkeypatch) == 0
    assert capsys.readouterr().out.split() == ["README.md", "a.ipynb", "b.ipynb"]
    after = texts()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"README.md", "a.ipynb", "b.ipynb"}
    assert after["README.md"] == f"é {NEW}" and json.loads(after["a.ipynb"])["cells"][0][
        "source"
    ] == [NEW]
    assert call(monkeypatch, "--check") == 0
    assert capsys.readouterr().out == f"every file names {NEW}\n"


# --- where numbers come from ---------------------------------------------------------------------


def test_only_the_whole_measurement_is_recorded_unless_a_file_is_named(tmp_path):
    parser = recording.options("Measure things.\n\nAnd more.", "things.json")
    assert parser.description == "Measure things."
    whole, small = parser.parse_args([]), parser.parse_args(["--small"])
    record = recording.DATA / "things.json"
    assert (whole.small, small.small) == (False, True)
    assert recording.target(whole) == record and record.parent.is_dir()
    assert recording.target(whole, whole=False) is None and recording.target(small) is None
    named = parser.parse_args(["--small", "--out", str(tmp_path / "a.json")])
    assert recording.target(named, whole=False) == tmp_path / "a.json"
    with pytest.raises(SystemExit):
        recording.options("Measure.").parse_args(["--out", "a"])


def test_a_record_says_which_script_command_and_versions_made_it(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/x.py", "--seeds", "3"])
    told = recording.origin(str(recording.ROOT / "tools" / "x.py"), ["numpy", "torch"])
    versions = {name: version(name) for name in ("numpy", "torch")}
    assert told == {
        "made_by": "tools/x.py",
        "command": "python tools/x.py --seeds 3",
        "commit": recording.commit(),
        "versions": versions,
    }


def test_a_commit_is_its_hash_and_says_whether_files_differ(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert recording.commit() == "unknown: not a git checkout"

    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        done = subprocess.run(
            ["git", *who, *words], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("commit", "-q", "-m", "first")
    git("tag", "-a", "v1", "-m", "a release")
    whole = git("rev-parse", "HEAD")
    assert recording.commit() == whole[:12]
    (tmp_path / "a").write_text("2")
    assert recording.commit() == whole[:12] + "-dirty"
