"""The comparison of outputs lets last digits go and nothing else."""

import base64
import io
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
import pytest
from book_pages import all_cells
from nbformat.v4 import new_code_cell, new_notebook, new_output
from pgbook import phone
from same_outputs import differences

ROOT = Path(__file__).resolve().parent.parent
SVG = "image/svg+xml"
CHECK = "application/vnd.pgbook.check+json"
FIGURES = [
    "".join(output["data"][SVG])
    for cell in all_cells()
    if cell.kind == "code"
    for output in cell.outputs
    if SVG in output.get("data", {})
]


def shown(value, mime="text/plain"):
    return [new_output("display_data", {mime: value})]


def figure(*parts):
    """A figure of the book in which each part stands."""
    return next(svg for svg in FIGURES if all(re.search(part, svg) for part in parts))


def changed(svg, pattern, replacement):
    new = re.sub(pattern, replacement, svg, count=1)
    assert new != svg
    return new


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("0.442", "0.443"),
        ("J is -0.442 and", "J is -0.441 and"),
        ("0.13", "0.12"),
        ("1.0e-01", "9.9e-02"),
        ("9.99", "10.00"),
        ("-0.00", "0.00"),
        ("−0.44", "−0.45"),
        ("2.85.", "2.84."),
        ("sigma=0.8, mean=0.0", "sigma=0.7999999999999999, mean=0.0"),
        ("0.30000000000000004", "0.3"),
        ("<b>2.4e-02</b>", "<b>2.5e-02</b>"),
        ("| 0.42° | 26.11 |", "| 0.43° | 26.10 |"),
    ],
)
def test_a_last_digit_is_no_difference(stored, fresh):
    for mime in ("text/plain", "text/html", "text/markdown"):
        assert not differences(shown(stored, mime), shown(fresh, mime))
        assert not differences(shown(fresh, mime), shown(stored, mime))


@pytest.mark.parametrize(
    ("stored", "fresh"),
    [
        ("0.442", "-0.442"),  # a sign
        ("−0.44", "0.44"),
        ("0.442", "0.444"),  # two units
        ("1.0e-01", "1.0e-02"),
        ("1.0e-01", "9.8e-02"),
        ("0.8", "0.9"),  # a setting: one digit is exact
        ("0.05", "0.06"),
        ("0.1", "0.11"),
        ("0.00", "0.01"),
        ("0.123456789012", "0.123456790012"),
        ("58 of 60", "57 of 60"),  # a count
        ("75,776", "75,777"),
        ("< 1e-12", "< 1e-11"),
        ("step −1", "step 1"),
        ("by (5.4)", "by (5.5)"),  # an equation's number
        ("[5.4](05.ipynb#eq-a)", "[5.5](05.ipynb#eq-a)"),
        ("5.2a", "5.2b"),
        ("numpy 2.4.6", "numpy 2.4.7"),
        ("numpy 2.4.6", "numpy 2.5.6"),
        ("#0.55", "#0.56"),
        ("residual 0.44", "residua1 0.44"),  # a word
        ("p: 0.10, q", "p: nan, q"),
        ("p: inf", "p: -inf"),
        ("0.44", "0.44 0.44"),
        ("0.44 0.44", "0.44"),
        ("0.44\n", "0.44"),
        ('theta="0.55"', "theta='0.55'"),
        ("✓ eq-return", "✗ eq-return"),
    ],
)
def test_a_claim_is_a_difference(stored, fresh):
    for mime in ("text/plain", "text/html", "text/markdown"):
        for a, b in ((stored, fresh), (fresh, stored)):
            (line,) = differences(shown(a, mime), shown(b, mime))
            assert "expected" in line and "got" in line


RECORD = {"label": "eq-a", "control_residual": "2.4e-02", "tolerance": "1e-12", "n": 3, "x": 0.5}


def test_records_agree_key_by_key():
    near = {**RECORD, "control_residual": "2.5e-02", "x": 0.5000000000000001}
    assert not differences(shown(RECORD, CHECK), shown(near, CHECK))
    assert not differences(shown([RECORD, near], CHECK), shown([near, RECORD], CHECK))


@pytest.mark.parametrize(
    "change",
    [
        {"label": "eq-b"},
        {"control_residual": "2.4e-03"},
        {"tolerance": "1e-11"},
        {"n": 4},
        {"n": 3.0},
        {"n": True},
        {"x": 0.500001},
        {"x": float("nan")},
        {"x": None},
        {"new": 1},
    ],
)
def test_a_changed_record_is_a_difference(change):
    new = {**RECORD, **change}
    assert differences(shown(RECORD, CHECK), shown(new, CHECK))
    assert differences(shown(new, CHECK), shown(RECORD, CHECK))
    assert differences(shown([RECORD], CHECK), shown([RECORD, new], CHECK))


def test_the_number_order_and_kind_of_outputs_count():
    a, b = shown("one"), shown("two")
    said = [new_output("stream", name="stdout", text="one")]
    assert not differences(a + b, a + b)
    for stored, fresh in ((a + b, b + a), (a + b, a), (a, a + b), (a, said), (said, a), (a, [])):
        assert differences(stored, fresh)
    assert differences(said, [new_output("stream", name="stderr", text="one")])
    assert differences(said, [new_output("stream", name="stdout", text="two")])
    assert differences(a, [new_output("execute_result", {"text/plain": "one"})])
    both = [new_output("display_data", {"text/plain": "one", "text/html": "one"})]
    assert differences(a, both) and differences(both, a)


def test_errors_are_compared_by_name_and_message():
    def error(name, message):
        return [new_output("error", ename=name, evalue=message, traceback=["anything"])]

    assert not differences(error("ValueError", "got 0.25"), error("ValueError", "got 0.24"))
    assert differences(error("ValueError", "got 1"), error("TypeError", "got 1"))
    assert differences(error("ValueError", "got 1"), error("ValueError", "got 2"))


def test_what_the_normaliser_takes_out_is_not_compared():
    widget = {"text/plain": "Lab()", "application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    fresh = [new_output("display_data", widget, metadata={"a": 1})]
    assert not differences(shown("Lab()"), fresh)


DRAWN = re.compile(r'(?<= )(d|x|y|transform)="[^"]*"')
NUMBER = re.compile(r"\d+\.\d{3,6}")


def moved(svg, by):
    """The figure with its coordinates moved by `by` to and fro, and other names for its hashes."""
    turn = itertools.count()
    svg = DRAWN.sub(
        lambda part: NUMBER.sub(lambda m: f"{float(m[0]) + by * (-1) ** next(turn):.6f}", part[0]),
        svg,
    )
    for name in sorted(set(re.findall(r'id="(\w*?[0-9a-f]{10})"', svg))):
        svg = svg.replace(name, name[:-10] + f"{int(name[-10:], 16) ^ 1:010x}")
    return svg


def test_every_figure_may_differ_in_last_digits_and_in_hashed_names():
    assert len(FIGURES) > 40
    for svg in FIGURES:
        for mime in (SVG, phone.MIME):
            assert not differences(shown(svg, mime), shown(moved(svg, 2e-6), mime))


def test_no_figure_may_move():
    for svg in FIGURES:
        assert differences(shown(svg, SVG), shown(moved(svg, 0.01), SVG))


CHANGES = {
    "one point of a curve": (r'(d="M [^"]*?L )(\d+)\.', lambda m: f"{m[1]}{int(m[2]) + 1}."),
    "a point lost": (r'(d="M [^"]*?)L [-\d.]+ [-\d.]+ ?\n', r"\1"),
    "a dot": (r'(<use [^>]*y=")(\d+)\.', lambda m: f"{m[1]}{int(m[2]) + 1}."),
    "a colour": (r"fill: #\w{6}", "fill: #123456"),
    "a line's colour": (r"stroke: #\w{6}", "stroke: #123456"),
    "a width": (r"stroke-width: 0.8", "stroke-width: 0.9"),
    "an opacity": (r"opacity: 0\.\d+", "opacity: 0.99"),
    "dashes": (r"stroke-dasharray: [\d.,]+", "stroke-dasharray: 9,9"),
    "a label lost": (r"<text [^>]*>[^<]*</text>", ""),
    "a label's word": (r"(<text [^>]*>)[^<]*</text>", r"\1wrong</text>"),
    "a tick's number": (r"(<text [^>]*>)(\d+)</text>", lambda m: f"{m[1]}{int(m[2]) + 1}</text>"),
    "a tick's small number": (r"(<text [^>]*>)0\.0</text>", r"\g<1>0.1</text>"),
    "a sign": (r"(<text [^>]*>)−", r"\1"),
    "the alternative text": (r"<title>", "<title>Not "),
    "an element's kind": (r"<use ([^>]*)/>", r"<text \1/>"),
    "an attribute": (r'(<use [^>]*) style="[^"]*"', r"\1"),
    "a group's name": (r'id="axes_1"', 'id="axes_9"'),
    "the size": (r'width="\d+', 'width="9'),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_figure_is_a_difference(what):
    pattern, replacement = CHANGES[what]
    svg = figure(pattern)
    new = changed(svg, pattern, replacement)
    assert differences(shown(svg, SVG), shown(new, SVG))
    assert differences(shown(new, SVG), shown(svg, SVG))


def test_a_mark_that_refers_to_another_shape_is_a_difference():
    svg = next(s for s in FIGURES if len(set(re.findall(r'href="#(m\w+)"', s))) > 1)
    first, second, *_ = dict.fromkeys(re.findall(r'href="#(m\w+)"', svg))
    new = changed(svg, f'href="#{first}"', f'href="#{second}"')
    assert differences(shown(svg, SVG), shown(new, SVG))


def test_what_stands_in_a_group_is_not_beside_it():
    inside, beside = ("<svg><g><path/></g></svg>", "<svg><g/><path/></svg>")
    assert differences(shown(inside, SVG), shown(beside, SVG))


def test_a_point_more_is_a_difference():
    short, long = ('<svg><path d="M 1 2"/></svg>', '<svg><path d="M 1 2-3"/></svg>')
    assert differences(shown(short, SVG), shown(long, SVG))
    assert differences(shown(long, SVG), shown(short, SVG))


def test_an_image_in_a_figure_is_compared_by_its_pixels():
    def image(pixels):
        buffer = io.BytesIO()
        matplotlib.image.imsave(buffer, pixels, format="png")
        return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"

    pattern = r'(?<=href=")data:image/png;base64,[^"]*'
    svg = figure(pattern)
    pixels = np.full((4, 4, 4), 100, np.uint8)
    near, far, patch = pixels + np.uint8(1), pixels + np.uint8(3), pixels.copy()
    patch[1, 2, 0] = 0
    stored, *others = (
        re.sub(pattern, lambda _, p=p: image(p), svg) for p in (pixels, near, far, patch, near[1:])
    )
    found = [bool(differences(shown(stored, SVG), shown(new, SVG))) for new in others]
    assert found == [False, True, True, True]


def test_nbval_uses_this_comparison(tmp_path):
    cells = {"x = 0.1253; f'{x:.2f}'": "'0.12'", "f'{x:.2f}' ": "'0.15'", "3": "4", "x; 5": "5"}
    notebook = new_notebook()
    for source, stored in cells.items():
        output = new_output("execute_result", {"text/plain": stored}, execution_count=1)
        notebook.cells.append(new_code_cell(source, execution_count=1, outputs=[output]))
    nbformat.write(notebook, tmp_path / "small.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--nbval", "--nbval-current-env"]
        + ["-p", "no:cacheprovider", "--color=no", "-rA", str(tmp_path / "small.ipynb")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tools")))},
        capture_output=True,
        text=True,
    )
    results = re.findall(r"^(PASSED|FAILED) .*Cell (\d)", done.stdout, re.M)
    assert dict((int(n), word) for word, n in results) == {
        0: "PASSED",
        1: "FAILED",
        2: "FAILED",
        3: "PASSED",
    }, done.stdout + done.stderr
    assert "expected '0.15', got '0.13'" in done.stdout
