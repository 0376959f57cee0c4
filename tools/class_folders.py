"""Write the chapters as a folder to hand out: for students, or for their teacher, with solutions.

The same commit gives the same bytes. The student's folder is also the branch `class`, which Colab,
Binder and nbgitpuller open, and what `make lab` works on.
"""

import argparse
import re
import shutil
import sys
import tomllib
from pathlib import Path

import notebooks
import stamp

ROOT = Path(__file__).resolve().parent.parent
BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK / "_ext"))
import pgbook_reader  # noqa: E402

PYTHON = "3.12"
NOTEBOOKS = ("jupyterlab", "ipykernel")  # to open a chapter, beside what the package needs
README = """# Policy gradients, line by line: the notebooks {kind}

The chapters of <{site}/> as notebooks, in the folder `book`. {note}

Python 3.11 or newer is needed. In this folder, in a terminal:

    python3 -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt
    .venv/bin/jupyter lab book

On Windows, in PowerShell:

    py -m venv .venv
    .venv\\Scripts\\python -m pip install -r requirements.txt
    .venv\\Scripts\\jupyter lab book

Code is under the MIT License, text and figures under CC BY 4.0; <{url}> has both.
"""
KINDS = {
    "student": (
        "for readers",
        'Hints and solutions are not in them: `hint("9.1")` and `solution("9.1")` give them.',
    ),
    "solution": ("with solutions", "Hints and solutions stand below each exercise."),
}


def requirements() -> str:
    """The pins of what a chapter needs: the package's dependencies and JupyterLab."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.match(r"[\w-]+", line)[0] for line in project["dependencies"]}
    pins = re.findall(r"^([\w-]+)==\S+$", (ROOT / "requirements.txt").read_text("utf-8"), re.M)
    missing = {*needed, *NOTEBOOKS} - set(pins)
    if missing:
        raise ValueError(f"requirements.txt: expected pins of {sorted(missing)}, got none")
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    kept = [line for line in lines if line.partition("==")[0] in {*needed, *NOTEBOOKS}]
    return "\n".join(
        ["# The versions that the outputs in the notebooks were made with.", *kept, ""]
    )


def write(kind: str, folder: Path) -> None:
    """Write one version into a folder that has no chapters yet."""
    book = folder / "book"
    book.mkdir(parents=True)
    for path in notebooks.chapters():
        text = pgbook_reader.notebook(path) if kind == "student" else path.read_text("utf-8")
        (book / path.name).write_text(text, "utf-8")
    for path in sorted(BOOK.glob("*.md")):
        shutil.copyfile(path, book / path.name)
    shutil.copytree(BOOK / "pgbook", book / "pgbook", ignore=shutil.ignore_patterns("__pycache__"))
    url = stamp.address()
    title, note = KINDS[kind]
    readme = README.format(kind=title, note=note, site=stamp.site(url), url=url)
    (folder / "README.md").write_text(readme, "utf-8")
    (folder / "requirements.txt").write_text(requirements(), "utf-8")
    (folder / "runtime.txt").write_text(f"python-{PYTHON}\n", "utf-8")  # for Binder


def main() -> None:
    """Write the version that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    write(options.kind, options.folder)


if __name__ == "__main__":
    main()
