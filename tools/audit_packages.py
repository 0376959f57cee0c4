"""Ask the registries for known holes in the packages that are pinned. It needs a network.

    make audit-packages

Exit status: 0 where nothing is known, 1 where something is, 2 where a registry could not be asked.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (
    *(sys.executable, "-m", "pip_audit", "--requirement", "constraints.txt", "--no-deps"),
    *("--disable-pip", "--format", "json", "--progress-spinner", "off"),
)
NODE = ("npm", "audit", "--package-lock-only", "--json")


class Unreachable(Exception):
    """A registry gave no answer; its words."""


def answer(command: tuple[str, ...]) -> dict:
    """What a command says as JSON.

    Raises:
        Unreachable: the command is not there, or its registry is not.
    """
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise Unreachable(str(error)) from error
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        said = {}
    if not said or "error" in said:
        words = said.get("message") or (said.get("error") or {}).get("summary") or done.stderr
        raise Unreachable((words.strip().splitlines() or ["it said nothing"])[-1])
    return said


def python_holes(said: dict) -> list[str]:
    """One line for each hole that pip-audit names."""
    return [
        f"{package['name']} {package['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'no release'}"
        for package in said["dependencies"]
        for hole in package.get("vulns", ())
    ]


def node_holes(said: dict) -> list[str]:
    """One line for each package that npm names."""
    return [
        f"{name} {package['range']}: {package['severity']}"
        for name, package in said["vulnerabilities"].items()
    ]


def main() -> int:
    """Ask both registries; say what each knows, or that it was not reached."""
    worst = 0
    for kind, command, holes in (
        ("Python", PYTHON, python_holes),
        ("JavaScript", NODE, node_holes),
    ):
        try:
            found = holes(answer(command))
        except Unreachable as error:
            print(f"{kind}: the registry could not be asked: {error}. Is the network there?")
            worst = max(worst, 2)
            continue
        print(f"{kind}: {len(found) or 'no'} known holes")
        print("".join(f"  {line}\n" for line in found), end="")
        worst = max(worst, bool(found))
    return worst


if __name__ == "__main__":
    sys.exit(main())
