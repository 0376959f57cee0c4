"""The explorables' JavaScript: its types, its tests, its vectors, its committed bundles."""

import json
import os
import sys

import js_tools
import numpy as np
import pytest
import write_vectors
from js_tools import ROOT

BUNDLES = (
    "book/pgbook/explorables/static/explorables.js",
    "book/static/questions.js",
)
SCRIPTS = "book/static/explorables"


@pytest.fixture(scope="module")
def node():
    """The command that runs node, with the packages installed."""
    js_tools.install()
    return js_tools.node_commands()[0]


@pytest.mark.once
def test_types(node):
    done = js_tools.run([*node, "node_modules/typescript/bin/tsc"])
    assert done.returncode == 0, done.stdout


@pytest.mark.once
def test_the_engine_computes_what_python_computes(node):
    files = [str(path) for path in sorted((ROOT / "tests" / "js").glob("*.test.mjs"))]
    done = js_tools.run([*node, "--test", "--test-reporter=spec", *files])
    assert done.returncode == 0, done.stdout


def test_committed_bundles_are_those_of_the_sources(node, tmp_path):
    done = js_tools.run([*node, "tools/bundle.mjs", str(tmp_path)])
    assert done.returncode == 0, done.stderr
    for name in BUNDLES:
        assert (tmp_path / name).read_bytes() == (ROOT / name).read_bytes(), (
            f"npm run build: {name}"
        )
    made, kept = (sorted((root / SCRIPTS).iterdir()) for root in (tmp_path, ROOT))
    assert [path.name for path in made] == [path.name for path in kept] and len(made) > 15
    for new, old in zip(made, kept, strict=True):
        assert new.read_bytes() == old.read_bytes(), f"npm run build: {old.name}"


def numbers(value):
    """All numbers in a nested structure, and the structure without them."""
    found = []

    def shape(part):
        if isinstance(part, dict):
            return {key: shape(each) for key, each in part.items()}
        if isinstance(part, list):
            return [shape(each) for each in part]
        if isinstance(part, int | float):
            found.append(float(part))
            return 0
        return part

    return shape(value), np.array(found)


@pytest.mark.parametrize("name", list(write_vectors.VECTORS))
def test_committed_vectors_are_what_python_computes_today(name):
    """To the tolerance that `close` in tests/js/shared.mjs holds the engine to.

    No closer: a difference quotient with a step of 1e-4 makes 1e-11 of a last digit.
    """
    stored = json.loads((ROOT / "tests" / "vectors" / f"{name}.json").read_text("utf-8"))
    new = json.loads(json.dumps(write_vectors.VECTORS[name]()))
    (shape, values), (new_shape, new_values) = numbers(stored), numbers(new)
    assert shape == new_shape
    np.testing.assert_allclose(values, new_values, rtol=1e-10, atol=1e-10)


def test_the_lock_names_no_host_and_checks_every_package():
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert not any("resolved" in package for package in lock["packages"].values())
    assert all("integrity" in p for name, p in lock["packages"].items() if name)
    asked = json.loads((ROOT / "package.json").read_text("utf-8"))
    pins = {**asked["dependencies"], **asked["devDependencies"]}
    assert all(version[0].isdigit() for version in pins.values()), "exact versions only"


def test_node_is_found_without_a_path(monkeypatch):
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))
    monkeypatch.setattr(js_tools.shutil, "which", lambda name: None)
    node, npm = js_tools.node_commands()
    for command in (node, npm):
        done = js_tools.run([*command, "--version"])
        assert done.returncode == 0 and done.stdout.strip(), done.stderr


def test_no_node_at_all_is_said_in_a_sentence(monkeypatch):
    monkeypatch.setattr(js_tools.shutil, "which", lambda name: None)
    monkeypatch.setattr(js_tools.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match="There is no node: install Node.js 20 or newer"):
        js_tools.node_commands()
