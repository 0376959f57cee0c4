"""Derivations shown line by line: each line is true and says what its equation says."""

import re
from functools import cache

import pgbook_lines
import pytest
from book_pages import DISPLAY, all_cells, chapters
from pgbook.ledger import read_equations
from tex_lines import Line, bare
from tex_tokens import TokenWorld
from tex_world import World

WORLD, TOKENS = World(), TokenWorld()
ITEM = re.compile(r"^\d+\. (.*?)(?=^\d+\. |^\S|\Z)", re.M | re.S)
DIRECTIVE = re.compile(r"^```\{lines\}\n(.*?)^```", re.M | re.S)
# A reason that ends in a link states that equation, unless the line is only *by* it or as *in* it.
STATES = re.compile(r"(?<!by )(?<!in )\[[^\]]*\]\([^)]*#(eq-[a-z-]+)\)\.$")


def walks():
    """Each derivation that is shown line by line: its cell, and (reason, TeX) of each line."""
    for cell in all_cells():
        texts = DIRECTIVE.findall(cell.source) if cell.page.endswith(".md") else []
        for text in [cell.source] if "lines" in cell.tags else texts:
            items = [(item, DISPLAY.search(item)) for item in ITEM.findall(text)]
            yield cell, [(item[: tex.start()].strip(), tex[1].strip()) for item, tex in items]


def world_of(page):
    """Part III speaks of prompts and answers."""
    return TOKENS if page[:2].isdigit() and int(page[:2]) >= 13 else WORLD


LINES = [
    pytest.param(reason, tex, world_of(cell.page), id=f"{cell.page}-{cell.name}-{number}")
    for cell, lines in walks()
    for number, (reason, tex) in enumerate(lines, 1)
]


@cache
def statements():
    """What each labelled equation says, row by row, as tokens: label -> set of rows."""
    found = {}
    for path in chapters():
        for equation in read_equations(path) if path.name[:2].isdigit() else []:
            whole = re.sub(r"\\(begin|end)\{gathered\}", "", equation.tex)
            rows = [whole, *re.split(r"\\\\|,\s*\\qquad", whole)]
            found[equation.label] = {bare(row) for row in rows}
    return found


def sides(tex, world):
    """The two sides of a line, at each step where it speaks of one."""
    for t in range(world.steps):
        yield Line(pgbook_lines.plain(tex), world).sides(world.theta, t=t)


def residual(tex, world=WORLD):
    """How far apart the two sides of a line are, relative to their size."""
    worst = 0.0
    for left, right in sides(tex, world):
        scale = max(1.0, float(left.abs().max()), float(right.abs().max()))
        worst = max(worst, float((left - right).abs().max()) / scale)
    return worst


def test_the_main_derivations_are_shown_line_by_line():
    pages = [cell.page[:2] for cell, _ in walks()]
    assert {"01", "02", "03", "04", "05", "06", "08", "09", "12", "13", "in"} <= set(pages)
    assert all(len(lines) >= 3 for _, lines in walks()) and len(LINES) > 50


@pytest.mark.parametrize(("reason", "tex", "world"), LINES)
def test_each_line_is_true(reason, tex, world):
    assert residual(tex, world) < 1e-12


@pytest.mark.parametrize(("reason", "tex", "world"), LINES)
def test_a_line_that_is_a_labelled_equation_says_what_it_says(reason, tex, world):
    own = bare(pgbook_lines.plain(tex))
    linked = re.findall(r"#(eq-[a-z-]+)", reason)
    assert set(linked) <= set(statements())
    for label in STATES.findall(reason):
        assert own in statements()[label], f"{label}: {tex}"
    stated = [label for label, rows in statements().items() if own in rows]
    assert not stated or set(stated) & set(linked), f"expected a link to {stated}: {tex}"


def test_each_name_is_shared_by_two_neighbouring_lines():
    for cell, lines in walks():
        assert not pgbook_lines.strays([tex for _, tex in lines]), cell


J, SCORE = r"\nabla_\theta J(\theta)", r"\nabla_\theta\log\pi_\theta(a_t\mid s_t)"
MEAN, START = r"\mathbb{E}_{\tau\sim p_\theta}", r"\nabla_\theta\log\rho_0(s_0)"
SLIPS = {  # lines that are nearly right
    "the probability twice": rf"{J} = {MEAN}\big[\nabla_\theta p_\theta(\tau)\,R(\tau)\big]",
    "another policy": r"J(\theta) = \int p_{\text{old}}(\tau)\,R(\tau)\,d\tau",
    "one step's score": rf"{J} = {MEAN}\big[\sum_{{t'<t}} {SCORE}\,R(\tau)\big]",
    "the past only": rf"{J} = {MEAN}\big[\sum_{{t=0}}^{{T-1}} {SCORE}\,\sum_{{t'<t}} r_{{t'}}\big]",
    "the factor left out": r"\nabla_\theta p_\theta(\tau) = \nabla_\theta\log p_\theta(\tau)",
    "no mean": rf"\mathbb{{E}}\big[{SCORE}\,b_t(s_t)\,\big|\,s_t\big] = {SCORE}\,b_t(s_t)",
    "the sum of samples": r"\hat g = \sum_{i=1}^{N} X_i",
    "a factor of the start": r"p_\theta(\tau) = \prod_{t=0}^{T-1} "
    r"P(s_{t+1}\mid s_t,a_t)\,\pi_\theta(a_t\mid s_t)",
}


@pytest.mark.parametrize("tex", SLIPS.values(), ids=SLIPS)
def test_a_line_with_a_slip_is_not_true(tex):
    assert residual(tex) > 1e-3


ANSWER, TOKEN = r"\prod_{t=0}^{\lvert y\rvert-1}", r"\pi_\theta(y_t\mid x,y_{<t})"
TOKEN_SLIPS = {
    "the prompt's chance forgotten": rf"p_\theta(\tau) = {ANSWER} {TOKEN}",
    "one token": rf"p_\theta(y\mid x) = {TOKEN}",
    "a sum": rf"p_\theta(y\mid x) = {ANSWER.replace('prod', 'sum')} {TOKEN}",
}


@pytest.mark.parametrize("tex", TOKEN_SLIPS.values(), ids=TOKEN_SLIPS)
def test_a_line_about_tokens_with_a_slip_is_not_true(tex):
    assert residual(tex, TOKENS) > 1e-3


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (rf"0 = {START} + \rho_0(s_0)", "two of a kind"),  # the post: a vector and a number
        (rf"1 = {SCORE}\,{SCORE}", "at most one vector"),
        (rf"1 = \cancel{{{SCORE}}}", "expected zero"),
        (r"1 = \omega", "a term that has a value"),
        (r"1 = 1 ]", "the end of the line"),
        (r"1 = \sum_{k} 1", "a known range"),
        (r"1 = \big[1\big]", "a term that has a value"),
    ],
)
def test_a_line_that_says_nothing_is_refused(tex, said):
    with pytest.raises(ValueError, match=said):
        residual(tex)


def test_names_leave_the_line_as_it_is():
    tex = r"\class{a}{\frac{1}{2}} + {x} \log \class{b-c}{\class{d}{p_{i}}(\tau)}"
    assert pgbook_lines.plain(tex) == r"\frac{1}{2} + {x} \log p_{i}(\tau)"
    assert pgbook_lines.plain("x") == "x"


def test_a_name_that_follows_nothing_is_a_stray():
    lines = [r"\class{a}{x} \class{b}{y}", r"\class{a}{x}", r"\class{b}{y} \class{c}{z}"]
    assert pgbook_lines.strays(lines) == {"b", "c"}
    assert pgbook_lines.strays(lines[:2] + [r"\class{a}{z}"]) == {"b"}
    assert pgbook_lines.strays(["x", "y"]) == set()
