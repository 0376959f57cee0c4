"""Gather hints and solutions from the chapters into the data that `pgbook.exercises` reads."""

import argparse
import json
import sys
from pathlib import Path

import notebooks

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import pgbook_reader  # noqa: E402

DATA = ROOT / "book" / "pgbook" / "exercises" / "solutions.json"


def gathered() -> str:
    """The text of the data file: every exercise of the book in its order."""
    found: dict[str, dict[str, str]] = {}
    for path in notebooks.chapters():
        cells = json.loads(path.read_text("utf-8"))["cells"]
        for name, answer in pgbook_reader.answers(cells, path.stem).items():
            if name in found:
                raise ValueError(f"{path.name}: expected a new exercise, got {name} again")
            found[name] = answer
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write the file, or with --check say whether it is what the chapters give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, say whether stale")
    check = parser.parse_args().check
    text = gathered()
    stale = not DATA.exists() or DATA.read_text("utf-8") != text
    if stale and not check:
        DATA.write_text(text, "utf-8")
    if stale and check:
        print(f"{DATA.name} is stale: run `python tools/solutions.py`", file=sys.stderr)
    return 1 if stale and check else 0


if __name__ == "__main__":
    sys.exit(main())
