"""Run the chapters as in Colab: beside the packages that it has, each alone in a folder.

    python tools/colab.py [chapter ...]

The first run makes an environment in `.colab`, which takes minutes; delete it to start anew. The
first cell of a reader's notebook installs the package, here from this checkout in place of GitHub;
no package that Colab has may change by it. Then every cell of every chapter has to run.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import notebooks
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import pgbook_reader  # noqa: E402

ENVIRONMENT = ROOT / ".colab"
LISTED = ROOT / "tools" / "colab.txt"
NOT_ALONE = ("ledger",)  # it reads the other chapters, which are not beside it


def torch() -> str:
    """The pin of torch."""
    return re.search(r"^torch==\S+$", (ROOT / "requirements.txt").read_text("utf-8"), re.M)[0]


def environment(folder: Path) -> Path:
    """The Python of an environment with Colab's packages and a `google.colab` that is empty."""
    python = folder / "bin" / "python"
    if not (folder / "whole").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", LISTED, torch()], check=True)
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "google" / "colab").mkdir(parents=True)
        (site / "google" / "colab" / "__init__.py").touch()
        (folder / "whole").touch()
    return python


def kernel(python: Path, folder: Path) -> None:
    """Describe a kernel of that Python, which has imported `google.colab` as Colab's has."""
    spec = folder / "kernels" / "colab"
    spec.mkdir(parents=True)
    start = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    start.append("--IPKernelApp.exec_lines=import google.colab")
    described = {"argv": start, "display_name": "Colab", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(described), "utf-8")


def packages(python: Path) -> set[str]:
    """What is installed, without the package of the book."""
    command = [python, "-m", "pip", "freeze", "--disable-pip-version-check"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return {line for line in done.stdout.splitlines() if not line.startswith("pgbook ")}


def checkout(folder: Path) -> Path:
    """A copy of what pip needs of this checkout, since building leaves files behind."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "book" / "pgbook", folder / "book" / "pgbook", ignore=skipped)
    return folder


def run(text: str, name: str, source: Path) -> str:
    """Run a notebook in a folder of its own; return what went wrong, or nothing."""
    notebook = nbformat.reads(text, as_version=4)
    first = notebook.cells[0]
    first.source = re.sub(r"git\+https://[^\"]+", str(source), first.source)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{name}.ipynb").write_text(nbformat.writes(notebook), "utf-8")
        where = {"metadata": {"path": folder}}
        client = NotebookClient(notebook, timeout=None, kernel_name="colab", resources=where)
        try:
            client.execute()
        except CellExecutionError as error:
            return f"{error.ename}: {error.evalue}".splitlines()[0]
    return ""


def main() -> int:
    """Run the chapters, say how long each took, and what failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    every = [path for path in notebooks.chapters() if path.stem not in NOT_ALONE]
    parser.add_argument("chapters", nargs="*", help="default: all but the ledger")
    names = parser.parse_args().chapters
    if unknown := set(names) - {path.stem for path in every}:
        parser.error(f"expected names of chapters, got {', '.join(sorted(unknown))}")
    chosen = [path for path in every if not names or path.stem in names]
    python, failed = environment(ENVIRONMENT), 0
    with tempfile.TemporaryDirectory() as top:
        source = Path(top, "checkout")
        source.mkdir()
        kernel(python, Path(top))
        os.environ["JUPYTER_PATH"] = top
        before = packages(python)
        checkout(source)
        for path in chosen:
            began = time.perf_counter()
            wrong = run(pgbook_reader.notebook(path), path.stem, source)
            failed += bool(wrong)
            print(
                f"{path.stem:32} {time.perf_counter() - began:6.1f} s  {wrong or 'ran'}", flush=True
            )
        changed = sorted(before ^ packages(python))
    print(f"changed by the install: {', '.join(changed) or 'nothing'}")
    return 1 if failed or changed else 0


if __name__ == "__main__":
    sys.exit(main())
