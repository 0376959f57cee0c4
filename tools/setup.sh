#!/bin/sh
# Make .venv and install one requirements file into it; a missing piece ends in one sentence.
set -eu
PYTHON=${PYTHON:-python3}

stop() {
    echo "$1" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null 2>&1 ||
    stop "There is no $PYTHON: install Python 3.11 or newer, or name yours: make PYTHON=/path/to/python3"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$PYTHON is older than 3.11: install Python 3.11 or newer, or name yours: make PYTHON=/path/to/python3.11"
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "$PYTHON has no venv module: install it (on Debian and Ubuntu: apt-get install python3-venv)"

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    echo "Making .venv with $("$PYTHON" --version)"
    rm -rf .venv
    "$PYTHON" -m venv .venv || stop "$PYTHON could not make .venv: is the disk full, or the folder read-only?"
fi
echo "Installing $1 into .venv (a few minutes the first time)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$1" -c constraints.txt ||
    stop "pip could not install $1: see its message above; is the network there?"
