"""Every target of the Makefile does what `make help` says, in a copy with two pages."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from book_pages import BOOK, ROOT, all_cells

pytestmark = pytest.mark.build

TOC = "format: jb-book\nroot: book/index\nchapters:\n- file: book/{}\n"
TESTED = {"help", "book", "serve", "lab", "class", "notebooks", "bench", "libraries"}
TESTED |= {"stamp", "clean"}
ELSEWHERE = {"test", "test-unit", "test-machines"}  # what runs this
ELSEWHERE |= {"mutants", "test-colab"}  # test_mutants.py, test_colab.py
ELSEWHERE |= {"pdf"}  # browser/test_paper_page.py
ELSEWHERE |= {"newest", "audit-packages"}  # test_newest.py: they need a network


def commands(text):
    """The commands of `make` and the scripts that a text names, in code."""
    code = "\n".join(re.findall(r"^ {4}\S.*$|`[^`\n]+`", text, re.M))
    targets = re.findall(r"(?:^ {4}|`)make ([a-z][a-z-]*)", code, re.M)
    return set(targets), set(re.findall(r"\b((?:tools|benchmarks)/\w+\.\w+)", code))


def test_every_command_that_a_text_names_exists():
    texts = [path.read_text("utf-8") for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md")]
    texts += [cell.source for cell in all_cells() if cell.kind == "markdown"]
    targets, scripts = map(set().union, *map(commands, texts))
    assert {"book", "test"} <= targets <= TESTED | ELSEWHERE
    assert all((ROOT / script).is_file() for script in scripts), scripts


def test_the_package_installs_whole(project, tmp_path):
    """What `pip install` from the repository gives: the code, and the data that it reads."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(tmp_path)]
    done = subprocess.run([*pip, str(project)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    code = "from pgbook import curves, exercises, explorables; "
    code += "print(len(curves.load().settings()), exercises.hint('1.1')[:8])"
    run = [sys.executable, "-P", "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    found = subprocess.run(run, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert found.stdout.strip() == "135 **Hint f", found.stderr


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the tracked files, with the tools already installed."""
    folder = tmp_path_factory.mktemp("project")
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    for name in filter(None, names.stdout.split("\0")):
        if not name.startswith("tests/") and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    for script in folder.glob("benchmarks/*.py"):
        if script.name not in ("exact.py", "libraries.py"):
            script.unlink()
    return folder


def environment(folder):
    """The environment of a person at a terminal, who has JupyterLab open no browser."""
    settings = {"ServerApp": {"open_browser": False, "allow_root": True, "port": 0, "token": ""}}
    config = folder / ".config"
    config.mkdir(exist_ok=True)
    (config / "jupyter_server_config.json").write_text(json.dumps(settings), "utf-8")
    return {**os.environ, "JUPYTER_CONFIG_DIR": str(config), "PYTHONUNBUFFERED": "1"}


def make(folder, *words):
    """Run make; return what it printed."""
    done = subprocess.run(
        ["make", *words], cwd=folder, env=environment(folder), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextlib.contextmanager
def serving(folder, *words):
    """Run a target that does not end; gives the first local address that it prints."""
    running = subprocess.Popen(
        ["make", *words],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed = []
        for line in running.stdout:
            printed.append(line)
            if found := re.search(r"http://(127\.0\.0\.1|localhost):\d+/", line):
                yield found[0]
                break
        else:
            raise AssertionError("".join(printed))
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.communicate()


def status(address):
    """Ask until somebody answers: a server may print its address before it listens."""
    for _ in range(6000):
        with contextlib.suppress(urllib.error.URLError):
            with urllib.request.urlopen(address, timeout=600) as answer:
                return answer.status
        time.sleep(0.1)
    raise AssertionError(f"nobody answers at {address}")


def test_every_target_is_tried():
    names = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)[1].split()
    assert set(names) == TESTED | ELSEWHERE
    assert not TESTED & ELSEWHERE


def test_the_targets_work_one_after_another(project):
    (project / "_toc.yml").write_text(TOC.format("prerequisites"))
    for page in project.glob("book/*"):  # two pages that link to no other
        if page.suffix in (".md", ".ipynb"):
            page.unlink()
    (project / "book" / "index.md").write_text("# Book\n\nSee [the other](prerequisites.ipynb).\n")
    shutil.copy(BOOK / "01_objective.ipynb", project / "book" / "prerequisites.ipynb")
    cut_to_the_imports(project / "book" / "prerequisites.ipynb")
    assert "make book" in make(project)
    assert "done" in make(project, "notebooks")
    assert "index.html" in make(project, "book")
    assert (project / "_build" / "html" / "book" / "prerequisites.html").is_file()
    assert "_build/class/student" in make(project, "class") and make(project, "class")
    assert (project / "_build" / "class" / "solution" / "book" / "prerequisites.ipynb").is_file()
    shutil.copy(BOOK / "teacher.md", project / "book")  # it holds the address
    assert "github" in make(project, "stamp")
    assert "enumerate" in make(project, "bench", "SMALL=--small")
    assert "A2C" in make(project, "libraries", "SMALL=--small")
    make(project, "clean")
    assert not (project / "_build").exists() and (project / ".venv").exists()


def cut_to_the_imports(path):
    """Leave a notebook its first cells, up to its imports."""
    notebook = json.loads(path.read_text("utf-8"))
    last = next(i for i, cell in enumerate(notebook["cells"]) if cell["id"] == "imports")
    notebook["cells"] = [notebook["cells"][1], notebook["cells"][last]]
    notebook["cells"][0]["source"] = "# A page"
    path.write_text(json.dumps(notebook), "utf-8")


@pytest.mark.parametrize(("words", "path"), [(["serve"], ""), (["lab"], "api")])
def test_a_server_answers(project, words, path):
    with serving(project, *words, "PORT=0") as address:
        assert status(address + path) == 200
