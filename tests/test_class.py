"""What `make class` writes: two folders that start by themselves, and the branch of one."""

import json
import os
import re
import subprocess
import sys

import class_folders
import pytest
import yaml
from book_pages import BOOK, ROOT, chapters

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Both versions, student's and solution's."""
    top = tmp_path_factory.mktemp("class")
    for kind in class_folders.KINDS:
        class_folders.write(kind, top / kind)
    return top


def files(folder):
    return {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}


def test_the_same_commit_gives_the_same_bytes(folders, tmp_path):
    for kind in class_folders.KINDS:
        class_folders.write(kind, tmp_path / kind)
    one, two = files(folders), files(tmp_path)
    assert one.keys() == two.keys()
    assert all(one[name].read_bytes() == two[name].read_bytes() for name in one)


def test_both_hold_every_page_and_the_package_and_no_leavings(folders):
    for kind in class_folders.KINDS:
        found = files(folders / kind)
        pages = {f"book/{path.name}" for path in [*chapters(), *BOOK.glob("*.md")]}
        assert pages | {"README.md", "requirements.txt", "runtime.txt"} <= set(found)
        tracked = subprocess.run(
            ["git", "ls-files", "book/pgbook"], cwd=ROOT, capture_output=True, text=True
        ).stdout.split()
        assert set(tracked) <= set(found) and len(tracked) > 100
        assert not [name for name in found if "__pycache__" in name or name.startswith(".")]


def test_only_the_teachers_holds_solutions(folders):
    for path in chapters():
        assert (folders / "solution" / "book" / path.name).read_bytes() == path.read_bytes()
        text = (folders / "student" / "book" / path.name).read_text("utf-8")
        assert "<summary>Solution" not in text and '"id": "solution-' not in text, path.name
    asked = [
        p for p in folders.glob("student/book/*.ipynb") if '"id": "ask"' in p.read_text("utf-8")
    ]
    assert len(asked) >= 19


def test_a_chapter_of_the_folder_finds_its_package_and_answers(folders):
    """As a student's kernel: in the notebook's folder, with nothing installed of the book's."""
    notebook = json.loads((folders / "student" / "book" / "09_baselines.ipynb").read_text("utf-8"))
    (ask,) = ["".join(c["source"]) for c in notebook["cells"] if c["id"] == "ask"]
    code = f"{ask}\nprint(hint('9.3'))\nimport pgbook; print(pgbook.__file__)"
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=folders / "student" / "book",
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("**Hint for 9.3.**"), done.stderr
    assert str(folders / "student") in done.stdout


def test_the_readme_says_how_to_start(folders):
    for kind, other in (("student", "hint("), ("solution", "below each exercise")):
        text = (folders / kind / "README.md").read_text("utf-8")
        assert other in text and "{" not in text
        assert "pip install -r requirements.txt" in text and "jupyter lab book" in text
        assert text.count("venv") >= 4 and "PowerShell" in text


def test_the_requirements_are_the_pins_of_what_a_chapter_needs(folders):
    path = folders / "student" / "requirements.txt"
    lines = path.read_text("utf-8").splitlines()[1:]
    assert set(lines) <= set((ROOT / "requirements.txt").read_text("utf-8").splitlines())
    names = {line.partition("==")[0] for line in lines}
    assert {"torch", "numpy", "gymnasium", "anywidget", "jupyterlab", "ipykernel"} <= names
    modules = {m for p in chapters() for m in imported(p)} - set(sys.stdlib_module_names)
    brought = {"IPython", "PIL"}  # by ipykernel and matplotlib
    own = {"pgbook", "my_losses"}  # the second is written by the page that imports it
    assert modules - own - brought <= names, "a chapter needs more"


def imported(path):
    text = "\n".join(
        "".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"] if "outputs" in c
    )
    return re.findall(r"^\s*(?:import|from) (\w+)", text, re.M)


def test_a_package_without_a_pin_is_refused(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["numpy>=1", "new-one>2"]')
    (tmp_path / "requirements.txt").write_text("jupyterlab==1\nnumpy==2\nipykernel==3\n")
    monkeypatch.setattr(class_folders, "ROOT", tmp_path)
    with pytest.raises(ValueError, match=r"expected pins of \['new-one'\], got none"):
        class_folders.requirements()


def test_binders_python_is_one_that_is_tested():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text("utf-8"))
    tested = workflow["jobs"]["test"]["strategy"]["matrix"]["python-version"]
    assert class_folders.PYTHON in tested


# --- the branch ----------------------------------------------------------------------------------


def git(folder, *words):
    return subprocess.run(
        ["git", *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A shallow checkout, as CI has it, of a repository of two commits."""
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "a")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "a@b")
    work = tmp_path / "work"
    (work / "tools").mkdir(parents=True)
    git(work, "init", "-q", "-b", "main")
    (work / "tools" / "push_class.sh").write_bytes((ROOT / "tools" / "push_class.sh").read_bytes())
    (work / ".gitignore").write_text("/_build/\n*.txt\n")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "one")
    (work / "more").write_text("more")
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "two")
    git(tmp_path, "clone", "-q", "--bare", str(work), "there.git")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path / 'there.git'}", "here")
    return tmp_path / "here"


def push(checkout):
    return subprocess.run(
        ["sh", "tools/push_class.sh"], cwd=checkout, capture_output=True, text=True
    )


def test_the_branch_holds_the_students_folder_and_grows_commit_by_commit(checkout):
    there, student = checkout.parent / "there.git", checkout / "_build" / "class" / "student"
    assert "run make class" in push(checkout).stderr and push(checkout).returncode == 1
    (student / "book").mkdir(parents=True)
    (student / "book" / "01.ipynb").write_text("one")
    (student / "requirements.txt").write_text("a==1")
    for expected, change in ((1, ""), (1, ""), (2, "two"), (3, "three")):
        if change:
            (student / "book" / f"{change}.ipynb").write_text(change)
        done = push(checkout)
        assert done.returncode == 0, done.stderr
        assert git(there, "rev-list", "--count", "class") == str(expected)
    (student / "book" / "two.ipynb").unlink()
    assert push(checkout).returncode == 0
    held = git(there, "ls-tree", "-r", "--name-only", "class").split()
    assert held == ["book/01.ipynb", "book/three.ipynb", "requirements.txt"]
    assert git(there, "show", "class:book/three.ipynb") == "three"
    assert git(there, "log", "-1", "--format=%s", "class").startswith("The reader's notebooks of ")
    assert (
        git(checkout, "status", "--porcelain") == ""
        and git(there, "rev-list", "--count", "main") == "2"
    )


def test_the_rocket_leads_to_that_branch():
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    script = (ROOT / "tools" / "push_class.sh").read_text("utf-8")
    assert f'refs/heads/{config["repository"]["branch"]}"' in script
    workflow = (ROOT / ".github" / "workflows" / "book.yml").read_text("utf-8")
    assert re.search(r"run: make book class\n\s+- run: sh tools/push_class.sh\n", workflow)
    assert workflow.index("push_class.sh") < workflow.index("deploy-pages")
