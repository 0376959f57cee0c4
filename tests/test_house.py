"""The house: imports run one way, one palette, one address, set-up that explains itself."""

import ast
import dataclasses
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import stamp
from book_pages import BOOK, ROOT

pytestmark = pytest.mark.once

PACKAGE = BOOK / "pgbook"
PALETTE = json.loads((PACKAGE / "palette.json").read_text("utf-8"))

# What each module may import from the package. Leaves import only `expect`, and no torch.
MAY_IMPORT = {
    "__init__": set(),
    "expect": set(),
    "weights": {"expect"},
    "policies": {"expect"},
    "ledger": {"expect"},
    "captions": set(),
    "phone": set(),
    "plots": {"expect", "captions", "phone"},
    "curves": {"expect"},
    "explorables": {"explorables", "captions", "curves", "plots"},
    "mdp": {"expect", "policies"},
    "crossroads": {"expect", "mdp", "plots", "policies"},
    "audit": {"audit", "mdp", "policies", "weights"},
    "rules": {"rules", "audit"},
    "exercises": {"exercises", "audit", "mdp", "policies", "weights"},
    "tokens": {"tokens", "expect", "loop", "plots", "settings"},
    "files": set(),
    "rollout": {"expect"},
    "network": {"expect"},
    "mlp": {"expect", "network", "rollout"},
    "loss": {"expect"},
    "checkpoint": {"files"},
    "settings": {"expect"},
    "config": {"rollout", "settings", "weights"},
    "loop": {"checkpoint"},
    "trainer": {"config", "loop", "loss", "mlp", "network", "rollout", "weights"},
    "sweep": {
        *("trainer", "config", "checkpoint", "loss", "mlp", "network", "rollout", "weights"),
        *("expect", "files", "loop", "settings"),
    },
}
WITHOUT_TORCH = {
    "captions",
    "phone",
    "__init__",
    "expect",
    "weights",
    "policies",
    "files",
    "rollout",
    "ledger",
    "plots",
    "curves",
    "explorables",
}


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).with_suffix("").parts[0], path


def imported(path):
    """The dotted names that a file imports, wherever in it."""
    inside = path.relative_to(BOOK).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(inside[: len(inside) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (base, node.module) if part)
            yield from (f"{base}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda value: str(value)[-24:])
def test_imports_run_one_way(module, path):
    inner = {name.split(".")[1] for name in imported(path) if name.startswith("pgbook.")}
    inner.discard("palette")
    assert module in MAY_IMPORT, f"{module} has no place in the layers"
    assert inner & set(MAY_IMPORT) <= MAY_IMPORT[module], f"{module} imports {sorted(inner)}"
    if module in WITHOUT_TORCH:
        assert not {name for name in imported(path) if name.split(".")[0] == "torch"}


def test_rollout_knows_no_environment():
    text = (PACKAGE / "rollout.py").read_text("utf-8")
    assert not re.search(r"CartPole|classic_control|unwrapped", text)


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mixed(over, under, part):
    """The colour of `over`, `part` opaque, on `under`."""
    pairs = [(int(over[i : i + 2], 16), int(under[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(part * a + (1 - part) * b):02x}" for a, b in pairs)


def greys(theme):
    """The theme's own variables from book.css."""
    css = (BOOK / "static" / "book.css").read_text("utf-8")
    selector = {"light": r":root", "dark": r'html\[data-theme="dark"\]'}[theme]
    blocks = re.findall(rf"^{selector} \{{(.*?)^\}}", css, re.M | re.DOTALL)
    return dict(re.findall(r"--pg-(\w+): (#[0-9a-f]{6});", "".join(blocks)))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_can_be_read(theme):
    grey = greys(theme)
    inks = {name: grey[name] for name in ("ink", "muted", "literal")}
    inks |= {name: term[theme] for name, term in PALETTE.items()}
    for name, ink in inks.items():
        for paper in (grey["paper"], grey["raised"]):
            assert contrast(ink, paper) >= 4.5, f"{name} {ink} on {paper}"
    for name, term in PALETTE.items():
        for paper in (grey["paper"], grey["raised"]):
            lit = mixed(term[theme], paper, 0.13)
            assert contrast(term[theme], lit) >= 4.5 or contrast(grey["ink"], lit) >= 4.5, name


def test_figures_are_drawn_in_colours_that_follow_the_theme():
    text = (PACKAGE / "plots.py").read_text("utf-8")
    theming = (BOOK / "_ext" / "pgbook_svg.py").read_text("utf-8")
    fixed = set(re.findall(r"#[0-9a-f]{6}", text))
    assert fixed and all(f'"{colour}"' in theming for colour in fixed), fixed


def test_the_terms_are_as_the_notation_page_says():
    page = (BOOK / "notation.md").read_text("utf-8")
    assert len({term["tex"] for term in PALETTE.values()}) == len(PALETTE) == 7
    for name, term in PALETTE.items():
        row = re.search(rf'^\|.*data-term="{name}".*$', page, re.M)
        assert row, f"notation.md has no row for {name}"
        for part in (term["label"], rf"\textcolor{{{term['tex']}}}"):
            assert part in row[0], f"{name}: {part}"


def test_only_the_palettes_colours_are_used_in_equations():
    names = {term["tex"] for term in PALETTE.values()}
    for path in [*BOOK.glob("*.md"), *BOOK.glob("*.ipynb")]:
        used = set(re.findall(r"\\{1,2}textcolor\{(\w+)\}", path.read_text("utf-8")))
        assert used <= names, f"{path.name}: {used - names}"


def test_the_repositorys_address_is_set_once():
    assert subprocess.run([sys.executable, ROOT / "tools" / "stamp.py", "--check"]).returncode == 0


def test_a_stamp_changes_every_address():
    text = "https://github.com/a/b, git+https://github.com/a/b.git, https://a.github.io/b/"
    new = stamp.stamped(text, "https://github.com/new-owner/new.name")
    assert "/a/b" not in new and "a.github.io" not in new
    assert "https://new-owner.github.io/new.name/" in new


def set_up(python, folder):
    """Run tools/setup.sh with another Python in an empty folder."""
    return subprocess.run(
        ["sh", ROOT / "tools" / "setup.sh", "requirements-book.txt"],
        cwd=folder,
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        text=True,
    )


def script(path, body):
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('case "$2" in *version_info*) exit 1;; esac', "older than 3.11"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt-get install python3-venv"),
    ],
)
def test_a_missing_piece_ends_in_one_sentence(tmp_path, body, says):
    done = set_up(script(tmp_path / "python", body), tmp_path)
    assert done.returncode != 0
    assert says in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / ".venv").exists()


def test_no_python_ends_in_one_sentence(tmp_path):
    done = set_up(tmp_path / "no-such-python", tmp_path)
    assert done.returncode != 0 and "install Python 3.11" in done.stderr


def test_the_book_needs_no_torch():
    wanted = (ROOT / "requirements-book.txt").read_text("utf-8").lower()
    assert not re.search("torch|gymnasium|matplotlib|cuda|nvidia", wanted)


def test_requirements_are_exact():
    for name in [*(path.name for path in ROOT.glob("requirements*.txt")), "constraints.txt"]:
        for line in (ROOT / name).read_text("utf-8").splitlines():
            assert re.fullmatch(r"(#.*|-r [\w.-]+|[\w.-]+==[\w.]+|)", line), f"{name}: {line}"


def test_make_alone_prints_the_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.M)[1].split()
    assert done.returncode == 0
    assert all(f"make {target}" in done.stdout for target in targets)


DEADLINE = re.compile(r"wait_for_timeout\(|sleep\((?!0?\.\d)|timeout=(\d[\d_]*)\b")


def test_no_test_waits_for_a_deadline():
    """Seconds depend on the machine: wait for an event, and give what hangs ten minutes."""
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            match = DEADLINE.search(line)
            if match and path != Path(__file__) and int(match[1] or 0) < 600:
                found.append(f"{path.name}:{number}: {line.strip()}")
    assert not found


# They open JupyterLab, or a page around one explorable: neither has a policy.
ON_PAGES_OF_THEIR_OWN = ("test_jupyterlab.py", "test_trainer_in_page.py", "test_explorables.py")
EXPRESSION = re.compile(r"""wait_for_function\(\s*(f?["'])(?!.*=>)""")


def test_no_test_waits_for_an_expression():
    """The pages' policy refuses what would be evaluated anew at each try: a function is not."""
    found = [
        f"{path.name}: {match[0]}"
        for path in sorted((ROOT / "tests" / "browser").glob("*.py"))
        if path.name not in ON_PAGES_OF_THEIR_OWN
        for match in EXPRESSION.finditer(path.read_text("utf-8"))
    ]
    assert not found


def tracked():
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True).stdout
    return [path for name in names.split("\n") if name and (path := ROOT / name).is_file()]


def test_nothing_names_this_machine():
    found = []
    for path in tracked() or [p for p in ROOT.glob("book/**/*.py") if p.is_file()]:
        if path.suffix in (".woff2", ".png", ".npz") or path == Path(__file__):
            continue
        text = path.read_text("utf-8", errors="replace")
        home = str(Path.home())
        places = [str(ROOT) + "/", *([home + "/"] if len(home) > 5 else [])]
        found += [f"{path.name}: {place}" for place in places if place in text]
    assert not found


def test_the_readmes_code_runs(capsys, tmp_path, monkeypatch):
    """The blocks one after another, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    assert len(blocks) == 4
    names = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    trained, audited = printed.split("Turned by", 1)
    promise = re.search(r"# Turned by (\S+) \.\.\. (slip [a-z-]+)", blocks[3])
    assert audited.split()[0].startswith(promise[1].rstrip(",")) and promise[2] in audited
    *_, last, greedy = trained.splitlines()
    assert float(last.split()[1]) >= 475 and float(greedy.split()[1]) >= 475
    assert [path.name for path in tmp_path.iterdir()] == ["cartpole.pt"]


def test_records_are_frozen_and_those_with_arrays_are_compared_by_what_they_are():
    """`==` of two records of arrays would be an array, and no answer."""
    found = {}
    for path in sorted(PACKAGE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and "dataclass(" in ast.unparse(node)[:40]:
                made = getattr(importlib.import_module(f"pgbook.{path.stem}"), node.name)
                arrays = any("ndarray" in str(field.type) for field in dataclasses.fields(made))
                found[node.name] = arrays
                assert made.__dataclass_params__.frozen, node.name
                assert made.__dataclass_params__.eq != arrays, node.name
    assert {name for name, arrays in found.items() if arrays} == {
        "FiniteMDP",
        "Recorded",
        "Rollout",
        "Steps",
    }
    assert {"Config", "Progress", "Check", "Equation", "Run"} <= set(found)
