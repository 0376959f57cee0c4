"""One symbol, one thing: every symbol of a numbered equation has one row on the notation page."""

import re

import pytest
from book_pages import BOOK, equations
from symbols import first, symbols

pytestmark = pytest.mark.once

PAGE = (BOOK / "notation.md").read_text("utf-8")
# The table of the colours repeats what the others define.
ROWS = [
    row.split("|") for row in PAGE[PAGE.index("## Time") :].splitlines() if row.startswith("| ")
]
HEADS = [re.match(r" \$(.+?)\$", row[1]) for row in ROWS if row[1].strip() != "symbol"]
DEFINED = [first(head[1]) for head in HEADS]


def test_every_row_begins_with_a_symbol_and_says_what_it_means():
    assert all(HEADS) and len(HEADS) > 60
    for row in ROWS:
        assert len(row[2].split()) >= 1, row


def test_a_symbol_has_one_row():
    twice = sorted({symbol for symbol in DEFINED if DEFINED.count(symbol) > 1})
    assert not twice, f"defined twice: {twice}"


def test_every_symbol_of_a_numbered_equation_has_a_row():
    for name, cell in equations().items():
        unknown = symbols(cell.source.replace("$", "")) - set(DEFINED)
        assert not unknown, f"{cell.page} {name}: no row for {sorted(unknown)}"


def test_every_row_is_of_a_symbol_that_some_equation_uses():
    used = set().union(*(symbols(cell.source.replace("$", "")) for cell in equations().values()))
    assert set(DEFINED) <= used, sorted(set(DEFINED) - used)


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        (r"\hat g = \frac1N\sum_i \zeta_t", {r"\hat g", "N", "i", r"\zeta", "t"}),
        (r"\textcolor{chocolate}{\mathbb{E}}[\bar R]", {r"\mathbb E", r"\bar R"}),
        (r"\int p(d\tau)\,da \\[1ex] d_t(s)", {r"\int", "p", r"\tau", "a", "d", "t", "s"}),
        (r"\rho_0 \text{ if } x > \mathrm{Cov} \tag{9.1}", {r"\rho", "x"}),
        (r"\begin{aligned} \mathcal{N}(\mu) \end{aligned}", {r"\mathcal N", r"\mu"}),
    ],
)
def test_symbols_of_a_formula_by_hand(tex, found):
    assert symbols(tex) == found
