"""A small book, built with the real extension: what each page gets, and what it does not."""

import io
import json
import re
import shutil
from types import SimpleNamespace

import pgbook_sphinx
import pytest
from book_pages import ROOT
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

pytestmark = pytest.mark.once

TERMS = r"$\textcolor{mediumblue}{p}$ and $\textcolor{purple}{P}$"
FIGURE = '<svg width="9pt"><g id="a" style="stroke: #000000"/><use xlink:href="#a"/></svg>'
PAGES = {
    "index.md": "# First\n\n" + TERMS + "\n\n```{toctree}\nplain\nplaced\none\nlive\ncells\n"
    "bibliography\nwrong\nlines\nunnumbered\nlineless\nastray\n```\n",
    "plain.md": "# Plain\n\nSee [5.4](cells.ipynb#eq-a) and [W](bibliography.md#w1992).\n",
    "placed.md": f"# Placed\n\nAbove.\n\n{pgbook_sphinx.LEGEND}\n\nBelow: {TERMS}\n\n"
    f"{pgbook_sphinx.LEGEND}\n",
    "one.md": "# One\n\n" + r"$\textcolor{purple}{P}$ alone, $a<b$" + "\n",
    "live.md": "# Live\n\n<pg-demo></pg-demo>\n",
    "bibliography.md": "# Books\n\n(w1992)=\nWilliams.\n",
    "wrong.md": "# Wrong\n\nIt is $\\nosuch<b$ here.\n",
    "lines.md": "# Lines\n\n```{lines}\nSo:\n\n1. One, [5.4](cells.ipynb#eq-a).\n\n   $$\n   "
    "\\class{a}{x}\n   $$\n\n2. Two.\n\n   $$\n   y \\class{a}{x}\n   $$\n\nThen.\n```\n",
    "unnumbered.md": "# No list\n\n```{lines}\n$$\nx\n$$\n```\n",
    "lineless.md": "# No line\n\n```{lines}\n1. One.\n\n   $$\n   x\n   $$\n\n2. Two.\n```\n",
    "astray.md": "# Astray\n\n```{lines}\n1. One.\n\n   $$\n   \\class{a}{x}\n   $$\n\n2. Two."
    "\n\n   $$\n   y\n   $$\n```\n",
}
CELLS = [
    {"cell_type": "markdown", "id": "top", "metadata": {}, "source": "# Cells"},
    {
        "cell_type": "markdown",
        "id": "eq-a",
        "metadata": {},
        "source": "$$\n\\textcolor{purple}{P} = \\textcolor{green}{x}\n$$",
    },
    {"cell_type": "markdown", "id": "m", "metadata": {"tags": ["margin"]}, "source": "Aside!"},
    {
        "cell_type": "code",
        "id": "draw",
        "metadata": {},
        "execution_count": 1,
        "source": "draw()",
        "outputs": [
            {"output_type": "display_data", "data": {"image/svg+xml": FIGURE}, "metadata": {}},
            {
                "output_type": "display_data",
                "data": {"text/html": '<a href="plain.md">there</a>'},
                "metadata": {},
            },
        ],
    },
]
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
SETTINGS = {
    "extensions": ["myst_nb", "sphinx_copybutton", "pgbook_sphinx"],
    "html_math_renderer": "katex",
    "html_theme": "sphinx_book_theme",
    "html_static_path": [str(ROOT / "book" / "static")],
    "myst_enable_extensions": ["dollarmath"],
    "nb_execution_mode": "off",
}


def build(folder):
    """Build what lies in the folder; return the warnings."""
    warnings = io.StringIO()
    where = [folder / "source", None, folder / "html", folder / "trees"]
    with docutils_namespace():
        Sphinx(*where, "html", confoverrides=SETTINGS, status=None, warning=warnings).build()
    return re.sub(r"\x1b\[[\d;]*m", "", warnings.getvalue())


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the pages, and what the build warned of."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "source").mkdir()
    for name, text in PAGES.items():
        (folder / "source" / name).write_text(text)
    notebook = {"cells": CELLS, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    (folder / "source" / "cells.ipynb").write_text(json.dumps(notebook))
    warnings = build(folder)
    return SimpleNamespace(html=folder / "html", warnings=warnings, folder=folder)


@pytest.fixture
def page(built):
    """A function that reads one page."""
    return lambda name: (built.html / f"{name}.html").read_text("utf-8")


def test_what_is_wrong_in_a_page_is_a_warning_that_names_its_page_and_line(built, page):
    wrong = {
        "wrong": r"KaTeX.*in '\\\\nosuch<b'",
        "unnumbered": "expected one numbered list of lines, got 0",
        "lineless": r"expected one displayed line in each of 2 or more items: \[1, 0\]",
        "astray": r"expected each name in two neighbouring lines, not so \['a'\]",
    }
    lines = [line for line in built.warnings.splitlines() if "source/" in line]
    assert len(lines) == len(wrong)
    for name, said in wrong.items():
        assert any(re.search(rf"source/{name}\.md:3: .*{said}", line) for line in lines), name
    assert re.search(r'It is <span class="pg-math[^>]*>\\nosuch&lt;b</span> here', page("wrong"))


def test_equations_are_set_once_and_the_rest_of_the_line_stays(page):
    inline = re.search(r'<p><span class="pg-math[^"]*">(.*?)</span> alone, <span', page("one"))
    assert "tc-purple" in inline[1] and "katex-display" not in inline[1]
    assert page("one").count('class="katex"') == 2
    shown = re.search(r'<div class="pg-math pg-display[^"]*"[^>]*>(.*?)</div>', page("cells"), re.S)
    assert "katex-display" in shown[1] and page("cells").count('class="katex"') == 3  # two: legend


def test_a_page_loads_what_it_needs_and_no_more(page):
    maths = ["index", "placed", "one", "wrong", "cells", "lines"]
    for name in [*maths, "plain", "live", "bibliography"]:
        text = page(name)
        assert len(re.findall('<link [^>]*rel="stylesheet"', text)) == 1, name
        assert len(re.findall(r'<link [^>]*href="_static/page\.css\?v=[0-9a-f]{8}"', text)) == 1
        assert len(re.findall(r'<script defer="defer" src="[^"]*terms\.js', text)) == 1, name
        live = re.findall(r'<script defer="defer" src="[^"]*explorables/shared\.js', text)
        assert len(live) == (name == "live"), name
        assert text.count(f"<style>{pgbook_sphinx.palette_css()}</style>") == 1
        assert "Search the book" in text, name


def test_what_others_put_into_the_head_of_a_page_stays():
    files = SimpleNamespace(add_css_file=None, add_js_file=lambda *_, **__: None)
    context = {"metatags": "<meta name='mine'>", "body": "<p>No maths.</p>"}
    pgbook_sphinx.page(files, "a", "", context, None)
    assert context["metatags"].startswith("<meta name='mine'><style>")
    assert context["body"] == "<p>No maths.</p>"


def test_a_legend_stands_below_the_title_or_where_the_page_says(page):
    for name in ("one", "plain", "live", "wrong"):
        assert 'class="pg-legend"' not in page(name), name
    for name, terms in {"index": 2, "placed": 2, "cells": 2}.items():
        assert page(name).count('class="pg-legend"') == 1, name
        assert page(name).count('data-tex="') == terms
    assert re.search(r"</h1>\s*<div class=\"pg-legend\"", page("index"))
    placed = page("placed")
    assert placed.index("Above.") < placed.index('class="pg-legend"') < placed.index("Below")
    assert placed.index('id="pg-legend"') < placed.index('class="pg-legend"')


def test_notebooks_and_pages_are_both_prepared(page):
    plain = page("plain")
    assert 'href="cells.html#eq-a"' in plain and 'href="bibliography.html#w1992"' in plain
    cells = page("cells")
    assert 'id="eq-a"' in cells and '<a href="plain.html">there</a>' in cells
    assert 'id="figure-3-0-a"' in cells and "stroke: currentColor" in cells


def test_lines_are_a_list_with_its_controls_and_the_text_around_it_stays(page):
    text = page("lines")
    box = re.search(r'<div class="pg-lines.*?<p>Then\.', text, re.S)[0]
    assert text.index("<p>So:") < text.index('<div class="pg-lines')
    items = re.findall(r"<li( class=\"pg-now\")?>", box)
    assert items == [' class="pg-now"', ""] and box.count("<i></i>") == 2
    assert 'href="cells.html#eq-a"' in box and box.count("pg-is-a") == 2
    assert re.search(r'<input type="range" min="1" max="2" value="1"[^>]* aria-label="', box)
    assert text.count("lines.js") == 1 and "lines.js" not in page("plain")


def test_a_margin_note_says_that_it_is_a_note(page):
    aside = re.search(
        r'<aside role="note" class="[^"]*margin[^"]*"[^>]*>.*?</aside>', page("cells"), re.S
    )
    assert "Aside!" in aside[0]
    assert not re.search(r"<aside class", page("cells"))


def test_what_the_theme_brings_and_no_page_uses_is_taken_out(built):
    static = built.html / "_static"
    for pattern in ("scripts/*.map", "styles/*.map", "locales", "vendor/fontawesome/css"):
        assert not list(static.glob(pattern)), pattern
    assert not [*static.glob("s*/*.js"), *static.glob("s*/*.css")], "shipped twice"
    ours = ROOT / "book" / "static" / "fonts"
    fonts = {"fa-solid-900.woff2": "icons.woff2", "fa-brands-400.woff2": "brands.woff2"}
    webfonts = static / "vendor" / "fontawesome" / "webfonts"
    assert {path.name for path in webfonts.iterdir()} == set(fonts)
    for name, own in fonts.items():
        assert (webfonts / name).read_bytes() == (ours / own).read_bytes()
        assert not (static / "fonts" / own).exists(), "shipped twice"


def test_the_theme_keeps_the_rules_of_the_icons_in_the_subset_and_of_no_other(built):
    style = (built.html / "_static" / "page.css").read_text("utf-8")
    left = set(re.findall(r':before\{content:"\\(f[0-9a-f]+)"\}', style))
    assert left <= set(pgbook_sphinx.ICONS) and len(left) > 8
    assert all(re.fullmatch("f[0-9a-f]{3}", icon) for icon in pgbook_sphinx.ICONS)
    assert "--pst-color-primary" in style, "more than icons was taken out"


def test_a_second_build_with_nothing_new_leaves_the_book_as_it_is(built):
    before = {path: path.read_bytes() for path in built.html.rglob("*") if path.is_file()}
    build(built.folder)
    for path in [p for p in before if p.parent != built.html]:
        assert path.read_bytes() == before[path], path.name


def test_no_other_builder_and_no_failed_build_is_trimmed(tmp_path):
    (tmp_path / "_static" / "fonts").mkdir(parents=True)
    (tmp_path / "_static" / "fonts" / "icons.woff2").write_bytes(b"")
    (tmp_path / "_static" / "locales").mkdir()
    for kind, error in (("latex", None), ("html", RuntimeError("stopped"))):
        builder = SimpleNamespace(format=kind)
        pgbook_sphinx.trim(SimpleNamespace(builder=builder, outdir=str(tmp_path)), error)
        assert (tmp_path / "_static" / "locales").exists()


def values(kinds):
    """What the extension tells Sphinx to compare with the last build: (state, static)."""
    app = SimpleNamespace(
        config=SimpleNamespace(html_theme_options={"theirs": 1, "toc_title": "Contents"}),
        setup_extension=lambda _: None,
        add_html_math_renderer=lambda *_: None,
        add_directive=lambda *_: None,
        connect=lambda *_, **__: None,
        add_config_value=lambda name, _, rebuild: kinds.update({name: rebuild}),
    )
    told = pgbook_sphinx.setup(app)
    assert told == {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
    assert app.config.html_theme_options == {"theirs": 1, **pgbook_sphinx.THEME_OPTIONS}
    return app.config.pgbook_state, app.config.pgbook_static


def test_a_change_of_palette_extension_or_static_file_builds_anew(tmp_path, monkeypatch):
    kinds, found = {}, []
    shutil.copytree(ROOT / "book" / "_ext", tmp_path / "_ext")
    (tmp_path / "static").mkdir()
    monkeypatch.setattr(pgbook_sphinx, "HERE", tmp_path / "_ext")
    found.append(values(kinds))
    assert kinds == {"pgbook_state": "env", "pgbook_static": "html", "pgbook_version": ""}
    (tmp_path / "static" / "new.css").write_text("a")
    found.append(values(kinds))
    with (tmp_path / "_ext" / "pgbook_svg.py").open("a") as file:
        file.write("# changed\n")
    found.append(values(kinds))
    monkeypatch.setattr(pgbook_sphinx, "SHADES", {})
    found.append(values(kinds))
    states, statics = zip(*found, strict=True)
    assert states[0] == states[1] and len(set(states)) == 3
    assert statics[0] != statics[1] == statics[2] == statics[3]
