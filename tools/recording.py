"""What every script that measures or records shares: its options, and where its numbers come from.

A script's `--small` version takes seconds and still goes through the whole path; its numbers mean
nothing, so it writes no record unless `--out` names a file for it.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "book" / "pgbook" / "data"


def options(doc: str, record: str | None = None) -> argparse.ArgumentParser:
    """Return a parser with `--small` and, for a script that records, `--out`.

    Args:
        doc: the script's docstring; its first line is shown.
        record: the name of its file in the package's data, if it records.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="in seconds; the numbers mean nothing")
    if record:
        parser.add_argument("--out", type=Path, help=f"the record; default: {record}, if not small")
        parser.set_defaults(record=record)
    return parser


def target(given: argparse.Namespace, whole: bool = True) -> Path | None:
    """Return where the record goes: to `--out`, else to the package, unless it is not the whole."""
    return given.out or (DATA / given.record if whole and not given.small else None)


def origin(script: str, packages: Iterable[str]) -> dict:
    """Return who made a record, how, from which commit, with which versions."""
    name = Path(script).resolve().relative_to(ROOT).as_posix()
    return {
        "made_by": name,
        "command": " ".join(["python", name, *sys.argv[1:]]),
        "commit": commit(),
        "versions": {package: version(package) for package in packages},
    }


def commit() -> str:
    """Return the commit of the working tree, with `-dirty` behind it if files differ from it."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown: not a git checkout"
