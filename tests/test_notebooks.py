"""The rules that every notebook keeps; CONTRIBUTING.md says them in words."""

import ast
import json
import re
from collections import Counter

import notebooks
import pytest
import solutions
from book_pages import (
    BOOK,
    DISPLAY,
    TAG,
    all_cells,
    cells_of,
    chapters,
    checks,
    equations,
    imports,
    without_code,
)
from pgbook.ledger import read_equations

STEM = re.compile(r"proof-(eq-[a-z-]*[a-z])(-\d+)?")
NUMBERED = [path for path in chapters() if re.match(r"\d\d_", path.name)]
LETTERS = {"when_it_holds.ipynb": "H"}  # pages with equations and no number, each its own letter
TAGGED = [path for path in chapters() if path in NUMBERED or path.name in LETTERS]
PART_ONE = TAGGED[:7]  # six chapters, and when they hold
CODE = [c for c in all_cells() if c.kind == "code"]
MARKDOWN = [c for c in all_cells() if c.kind == "markdown"]


def number(page):
    """What the tags of a page begin with: its number, or its letter."""
    return LETTERS.get(page) or str(int(page[:2]))


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.name)
def test_is_normalised(path):
    assert not notebooks.check(path)


def test_every_labelled_equation_stands_alone_with_its_tag():
    for cell in equations().values():
        assert re.fullmatch(r"\$\$\n[^$]+\n\$\$", cell.source), f"{cell}: not one equation alone"
        tags = TAG.findall(cell.source)
        assert len(tags) == 1, f"{cell}: expected one tag, got {tags}"
        assert tags[0].split(".")[0] == number(cell.page), f"{cell}: tag {tags[0]} of another page"


def test_an_equation_of_the_derivation_says_when_it_holds():
    """What has an expectation, a slope, a logarithm or a maximum exists on a condition only."""
    conditional = re.compile(r"\\mathbb\{E\}|\\int|\\nabla|\\log|\\max")
    derivation = [equation for path in PART_ONE for equation in read_equations(path)]
    assert sum(bool(equation.condition) for equation in derivation) > 15
    for equation in derivation:
        if conditional.search(equation.tex):
            assert equation.condition, f"{equation.label}: expected when it holds, got nothing"
        pointwise = r"\\log\s*(\\textcolor\{purple\}|p_\\theta\(\\tau\))"
        if re.search(pointwise, equation.tex) and "{E}" not in equation.tex:
            assert "> 0" in equation.condition, f"{equation.label}: a logarithm of what may be 0"


def test_tags_and_labels_are_unique():
    tags = Counter(tag for cell in MARKDOWN for tag in TAG.findall(cell.source))
    names = Counter(c.name for c in MARKDOWN if re.match("(proof-)?eq-", c.name))
    assert not [what for what, times in (tags + names).items() if times > 1]


def test_tags_count_up_within_a_chapter():
    for path in TAGGED:
        tags = [t for cell in cells_of(path) for t in TAG.findall(cell.source)]
        steps = re.sub(r"\b(\d+\.\d+)a \1b\b", r"\1", " ".join(tags)).split()  # two halves of 5.2
        assert steps == [f"{number(path.name)}.{i}" for i in range(1, len(steps) + 1)], path.name


def test_a_displayed_equality_is_labelled_or_a_step_of_a_proof():
    for cell in MARKDOWN:
        if re.match("(proof-)?eq-", cell.name) or cell.page == "index.md":
            continue  # the map on the landing page repeats labelled equations
        for shown in DISPLAY.findall(without_code(cell.source)):
            assert "=" not in shown, f"{cell}: {shown.strip()}"


def test_every_equation_has_a_proof_in_its_chapter():
    proofs = {(c.page, STEM.fullmatch(c.name)[1]) for c in MARKDOWN if STEM.fullmatch(c.name)}
    assert proofs == {(cell.page, name) for name, cell in equations().items()}


def test_every_equation_is_checked_and_every_check_is_of_an_equation():
    checked = {check["label"] for _, check in checks()}
    assert checked == set(equations())


def test_every_check_stands_in_the_cell_that_its_label_names():
    for cell, check in checks():
        assert re.fullmatch(rf"check-{check['label']}(-\d+)?", cell.name), cell
        assert cell.page == equations()[check["label"]].page, cell


def test_every_check_has_a_control_that_failed():
    for cell, check in checks():
        margin = {"identity": 1000, "statistical": 3}[check["kind"]]
        assert check["compared"].strip() and check["control"].strip(), cell
        broken, tolerance = float(check["control_residual"]), float(check["tolerance"])
        assert broken >= 0.95 * margin * tolerance, f"{cell}: {check}"  # two digits are stored


# The last statement of a figure's cell: the picture and its words.
WORDS = re.compile(r"(?:^|\n)plots\.show\(\n    [^\n]+,\n    number=")


def lines_of_code(cell):
    """Lines of a cell, without the words of a figure: number, caption, alternative text."""
    code, *words = WORDS.split(cell.source)
    if words:
        assert words[0].count("\n") <= 12 and words[0].endswith("\n)"), f"{cell}: more than words"
    return code.count("\n") + 1 + bool(words)


def test_cells_are_short():
    long = [str(c) for c in CODE if lines_of_code(c) > 25]
    assert not long, f"more than 25 lines: {long}"


def test_the_first_cell_installs_in_colab_and_nowhere_else():
    first = {cells_of(path)[0].source for path in chapters()}
    assert len(first) == 1
    for path in chapters():
        cell = cells_of(path)[0]
        assert (cell.name, cell.kind, cell.tags) == ("colab", "code", ("remove-cell",)), cell


@pytest.mark.parametrize("path", TAGGED, ids=lambda path: path.name)
def test_a_chapter_has_its_shape(path):
    cells = cells_of(path)
    text = "\n".join(c.source for c in cells if c.kind == "markdown")
    assert "What you will see" in text
    if path in NUMBERED:  # the page with a letter is about nothing else than what can go wrong
        assert cells[1].source.startswith(f"# {number(path.name)} "), "expected its number"
        assert re.search("what could go wrong", text, re.I)
    exercises = [c for c in cells if re.fullmatch(r"exercise-\d", c.name)]
    assert 2 <= len(exercises) <= 8
    for cell in exercises:
        folded = re.findall(r"<details><summary>(\w+)</summary>", cell.source)
        assert folded == ["Hint", "Solution"], f"{cell}: {folded}"
    assert any("image/svg+xml" in o.get("data", {}) for c in cells for o in c.outputs)


def test_hints_and_solutions_on_request_are_those_of_the_chapters():
    assert solutions.DATA.read_text("utf-8") == solutions.gathered(), (
        "book/pgbook/exercises/solutions.json is stale: run `python tools/solutions.py`"
    )


def test_every_figure_says_what_it_shows():
    for cell in CODE:
        for output in cell.outputs:
            data = output.get("data", {})
            assert not {"image/png", "image/jpeg"} & set(data), f"{cell}: expected SVG"
            if svg := "".join(data.get("image/svg+xml", "")):
                title = re.search(r"<title>([^<]+)</title>", svg)
                assert title and len(title[1].split()) >= 5, f"{cell}: no alternative text"
                assert 'role="img"' in svg, cell


def test_nothing_was_written_to_the_error_stream():
    assert not [str(c) for c in CODE for o in c.outputs if o.get("name") == "stderr"]


def random_calls(cell):
    """The calls in a cell that make a generator or set a seed."""
    source = re.sub(r"^\s*%.*$", "pass", cell.source, flags=re.M)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name.split(".")[-1] in ("default_rng", "manual_seed", "seed"):
                yield node, name
            assert not re.match(r"(np|numpy)\.random\.(?!default_rng)", name), f"{cell}: {name}"


def test_seeds_are_small_numbers_counted_from_0():
    for cell in CODE:
        if cell.name == "colab":
            continue
        for node, name in random_calls(cell):
            assert node.args, f"{cell}: {name}() without a seed"
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.Constant) and isinstance(part.value, int):
                    assert 0 <= part.value <= 20, f"{cell}: a chosen seed, {part.value}"


def test_the_code_of_a_figure_is_folded_and_defines_nothing():
    drawing = [cell for cell in CODE if "plots.show(" in cell.source and BOOK / cell.page in TAGGED]
    assert len(drawing) > 40
    for cell in drawing:
        assert "idea" not in cell.tags, f"{cell}: the code of a figure is no idea"
        assert not re.search(r"^(def|class) ", cell.source, re.M), f"{cell}: defines and draws"


def test_what_the_built_page_shows_of_the_code_is_an_idea():
    """The tag `idea` says which cells are shown; all other code is folded there."""
    ideas = [cell for cell in CODE if "idea" in cell.tags]
    assert {path.name for path in TAGGED} <= {cell.page for cell in ideas}, "a page without one"
    for cell in ideas:
        assert not imports(cell), f"{cell}: an import is none"
        assert not re.search(r"\bcheck\(", cell.source), f"{cell}: a check is none"
        assert "hide-cell" not in cell.tags, f"{cell}: shown and hidden"
        assert cell.source.count("\n") < 20, f"{cell}: an idea is at most 20 lines"


def test_in_jupyterlab_and_colab_nothing_is_hidden():
    """Their ways to collapse a cell are metadata; a tag of ours means nothing to them."""
    for path in chapters():
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            assert set(cell["metadata"]) <= {"tags"}, f"{path.name} {cell['id']}"


def test_a_long_proof_may_be_folded_in_part_two_only():
    long = [cell for cell in all_cells() if "long-proof" in cell.tags]
    assert long
    for cell in long:
        assert BOOK / cell.page in NUMBERED[6:], f"{cell}: part I is the derivation, line by line"
        assert re.fullmatch("proof-eq-[a-z-]*[a-z]", cell.name), f"{cell}: no proof's first cell"
