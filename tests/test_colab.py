"""The run beside Colab's packages: its list, what it runs, and that it says what fails."""

import os
import re
import sys
import tomllib
from pathlib import Path

import colab
import nbformat
import pytest
from book_pages import ROOT
from packaging.requirements import Requirement
from packaging.version import Version

pytestmark = pytest.mark.once

LINES = colab.LISTED.read_text("utf-8").splitlines()
PINS = dict(line.split("==") for line in LINES if not line.startswith("#"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_the_list_says_where_it_is_from_and_of_what_day():
    head = " ".join(line.removeprefix("# ") for line in LINES if line.startswith("#"))
    assert re.search(r"googlecolab/backend-info, pip-freeze\.txt of \d+ \w+ 20\d\d", head)
    assert len(PINS) > 80 and all(Version(version) for version in PINS.values())


def test_an_install_of_the_package_leaves_colabs_own_as_they_are():
    needed = [Requirement(line) for line in PROJECT["dependencies"]]
    (torch,) = re.findall(r"torch, (\d+\.\d+\.\d+) ", " ".join(LINES))
    for requirement in needed:
        has = {**PINS, "torch": torch}[requirement.name]
        assert requirement.specifier.contains(has), f"{requirement}: Colab has {has}"


def notebook(*sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells))


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel of this Python that takes itself for Colab's."""
    (tmp_path / "site" / "google" / "colab").mkdir(parents=True)
    (tmp_path / "site" / "google" / "colab" / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    colab.kernel(Path(sys.executable), tmp_path)


FIRST = 'import sys\nassert "google.colab" in sys.modules\nfrom_ = "git+https://github.com/a/b"'
ALONE = "import os\nassert os.listdir() == ['page.ipynb'], os.listdir()\nassert from_ == '/a/copy'"


def test_a_notebook_is_run_alone_as_colab_would_and_what_fails_is_said(kernel):
    assert colab.run(notebook(FIRST, ALONE), "page", Path("/a/copy")) == ""
    wrong = notebook(FIRST, "1", "raise KeyError('a\\nb')", "1 / 0")
    assert colab.run(wrong, "page", Path("/a/copy")) == r"KeyError: 'a\nb'"


def test_the_copy_for_pip_is_the_package_and_no_more(tmp_path):
    copy = colab.checkout(tmp_path)
    assert {path.name for path in copy.iterdir()} == {
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "book",
    }
    assert (copy / "book" / "pgbook" / "exercises" / "solutions.json").is_file()


@pytest.mark.parametrize(
    ("wrong", "after", "code", "says"),
    [
        ({}, {"numpy==1"}, 0, "nothing"),
        ({"05_dropping_the_dynamics": "KeyError: 1"}, {"numpy==1"}, 1, "KeyError: 1"),
        ({}, {"numpy==2"}, 1, "numpy==1, numpy==2"),
    ],
)
def test_a_chapter_that_fails_or_a_package_that_changes_fails(
    monkeypatch, capsys, wrong, after, code, says
):
    installed = iter([{"numpy==1"}, after])
    ran = []

    def run(text, name, source):
        ran.append(name)
        assert "<summary>Solution" not in text and (source / "book" / "pgbook").is_dir()
        return wrong.get(name, "")

    monkeypatch.setattr(colab, "environment", lambda folder: Path(sys.executable))
    monkeypatch.setattr(colab, "packages", lambda python: next(installed))
    monkeypatch.setattr(colab, "run", run)
    monkeypatch.setenv("JUPYTER_PATH", os.environ.get("JUPYTER_PATH", ""))
    monkeypatch.setattr(sys, "argv", ["colab.py", *(wrong or [])])
    assert colab.main() == code
    assert says in capsys.readouterr().out
    everything = {path.stem for path in colab.notebooks.chapters()} - set(colab.NOT_ALONE)
    assert set(ran) == (set(wrong) or everything)


def test_a_chapter_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["colab.py", "17_nothing"])
    with pytest.raises(SystemExit):
        colab.main()
