"""Run the chapters against the newest releases of what they stand on, and say what broke.

    python tools/newest.py [chapter ...]

The first run makes an environment in `.newest`; delete it to start anew. A chapter asserts what it
says, so one that runs to its end still holds. A workflow does this every week.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import notebooks

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".newest"
KERNEL = ("ipykernel", "nbclient")
PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.M)


def wanted() -> list[str]:
    """The packages that a chapter needs, without a version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*(re.match(r"[\w.-]+", line)[0] for line in project["dependencies"]), *KERNEL]


def environment(folder: Path) -> Path:
    """The Python of an environment with the newest release of each."""
    python = folder / "bin" / "python"
    if not (folder / "whole").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--upgrade"]
        subprocess.run([*pip, *wanted()], check=True)
        (folder / "whole").touch()
    return python


def newer(freeze: str, pins: str) -> list[str]:
    """What is installed in another release than the pinned one: "numpy 2.4.6 -> 2.5.0"."""
    pinned = {name.lower(): version for name, version in PIN.findall(pins)}
    return [
        f"{name} {pinned[name.lower()]} -> {version}"
        for name, version in PIN.findall(freeze)
        if pinned.get(name.lower(), version) != version
    ]


def run(python: Path, name: str, folder: Path) -> str:
    """Run one chapter where its neighbours are; return what went wrong, or nothing."""
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    command = [python, "-m", "jupyter", "execute", "--kernel_name=python3", f"{name}.ipynb"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    lines = done.stderr.strip().splitlines() or ["it stopped without a word"]
    return lines[-1] if done.returncode else ""


def report(changed: list[str], broke: dict[str, str]) -> str:
    """What ran, what did not and why, and which releases are new, as Markdown."""
    wrong = {name: why for name, why in broke.items() if why}
    lines = [f"{len(broke) - len(wrong)} of {len(broke)} chapters run with the newest releases."]
    lines += [f"- **{name}**: {why}" for name, why in wrong.items()]
    return "\n".join([*lines, "", f"Newer than the pins: {', '.join(changed) or 'nothing'}."])


def main() -> int:
    """Run the chapters and report, for GitHub's summary, too."""
    parser = argparse.ArgumentParser(description=__doc__)
    every = [path.stem for path in notebooks.chapters()]
    parser.add_argument("chapters", nargs="*", help="default: all")
    names = parser.parse_args().chapters or every
    if unknown := set(names) - set(every):
        parser.error(f"expected names of chapters, got {', '.join(sorted(unknown))}")
    python = environment(ENVIRONMENT)
    freeze = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True)
    changed = newer(freeze.stdout, (ROOT / "constraints.txt").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as top:
        book = Path(top, "book")
        shutil.copytree(ROOT / "book", book, ignore=shutil.ignore_patterns("__pycache__"))
        broke = {}
        for name in names:
            broke[name] = run(python, name, book)
            print(f"{name:32} {broke[name] or 'ran'}", flush=True)
    text = report(changed, broke)
    print(text)
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        Path(summary).write_text(text + "\n", "utf-8")
    return int(any(broke.values()))


if __name__ == "__main__":
    sys.exit(main())
