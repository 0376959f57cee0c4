"""What the search's index holds: sections of a small book, mathematics as text, once."""

import io
import json

import pgbook_plain
import pytest
from book_pages import BOOK
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"\gamma^t G_t", "γˆt Gˍt"),
        (r"\textcolor{teal}{\pi_\theta(a_t\mid s_t)}", "πˍθ(aˍt ∣ sˍt)"),
        (r"\textcolor{firebrick}{J(\theta)} = \mathbb{E}_{\tau\sim p}[R]", "J(θ) = Eˍ{τ∼p}[R]"),
        (r"\hat A^{(\lambda)}_t", "Aˍtˆ{(λ)}"),
        (r"\sum_{t=0}^{T-1} r_t", "∑ˍ{t=0}ˆ{T−1}rˍt"),
        (r"\frac{\pi}{q}", "π/q"),
        (r"\sqrt N", "√N"),
        (r"x \tag{5.4}", "x (5.4)"),
        ("a = b", "a = b"),
        (r"\begin{gathered} a=b \\ \text{if } c>0 \end{gathered}", "a = b if c > 0"),
    ],
)
def test_mathematics_is_a_line_of_text(tex, text):
    assert pgbook_plain.line(tex) == text


def test_bad_tex_is_an_error():
    with pytest.raises(ValueError, match="KaTeX"):
        pgbook_plain.line(r"\nosuch")


PAGES = {
    "index.md": "# First\n\nIt **pays** $\\gamma^t$.\n\n```{toctree}\nb\na\n```\n",
    "a.md": "# A\n\nOne.\n\n## About $\\lambda$\n\nTwo.\n\n### Below\n\nA **long *term***.\n",
    "b.md": "# B\n\n```python\nhidden()\n```\n\n<b>raw</b> words\n\n- (1)\n- (2)\n\n"
    "(eq-x)=\n\n$$\nx^2 \\tag{3.1}\n$$\n\n$$y$$\n",
}
CODE = {
    "cell_type": "code",
    "id": "show",
    "metadata": {},
    "execution_count": 1,
    "source": "unseen()",
    "outputs": [
        {
            "output_type": "display_data",
            "data": {"text/markdown": "**told** $y^2$", "text/plain": "twice"},
            "metadata": {},
        },
        {"output_type": "stream", "name": "stdout", "text": "printed"},
    ],
}
SETTINGS = {
    "extensions": ["myst_nb", "sphinx_copybutton", "pgbook_sphinx"],
    "html_math_renderer": "katex",
    "html_static_path": [str(BOOK / "static")],
    "html_theme": "sphinx_book_theme",
    "myst_enable_extensions": ["dollarmath"],
    "nb_execution_mode": "off",
    "nb_render_markdown_format": "myst",
    "suppress_warnings": ["toc.not_included"],
}


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """A small book, built."""
    folder = tmp_path_factory.mktemp("small")
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    top = {"cell_type": "markdown", "id": "top", "metadata": {}, "source": "# Cells"}
    kernel = {"kernelspec": {"display_name": "P", "language": "python", "name": "python3"}}
    book = {"cells": [top, CODE], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / "c.ipynb").write_text(json.dumps(book))
    (folder / "index.md").write_text(PAGES["index.md"].replace("a\n```", "a\nc\n```"))
    warnings = io.StringIO()
    where = [folder, None, folder / "_html", folder / "_trees", "html"]
    with docutils_namespace():
        Sphinx(*where, confoverrides=SETTINGS, status=None, warning=warnings).build()
    return folder / "_html"


@pytest.fixture(scope="module")
def index(html):
    """The index by page, in the order of the contents."""
    content = (html / "search-index.js").read_text("utf-8")
    return {
        address: (title, parts)
        for address, title, parts in json.loads(content.removeprefix("globalThis.pgIndex="))
    }


def test_pages_stand_in_the_order_of_the_contents(index):
    assert list(index) == ["index.html", "b.html", "a.html", "c.html"]


def test_a_section_has_its_anchor_its_title_its_words_and_no_other_sections(index):
    assert index["a.html"] == (
        "A",
        [
            ["a", "A", "One.", "", {}],
            ["about-lambda", "About λ", "Two.", "", {}],
            ["below", "Below", "A long term.", "long term", {}],
        ],
    )
    assert index["index.html"][1] == [["first", "First", "It pays γˆt.", "pays", {}]]


def test_code_and_raw_html_are_left_out_and_equations_have_numbers(index):
    (part,) = index["b.html"][1]
    assert part == ["b", "B", "raw words (1) (2) xˆ2 (3.1) y", "", {"3.1": "eq-x"}]


def test_of_an_output_only_prose_is_found_and_once(index):
    (part,) = index["c.html"][1]
    assert part == ["cells", "Cells", "told yˆ2", "told", {}]


def test_sphinxs_own_index_is_not_made(html):
    page = (html / "search.html").read_text("utf-8")
    assert not (html / "searchindex.js").exists() and "searchtools" not in page
    for script in ("search-index.js", "_static/search.js"):
        assert page.count(f'src="{script}"') == 1
    assert "search-index.js" not in (html / "a.html").read_text("utf-8")
