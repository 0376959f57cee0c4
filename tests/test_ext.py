"""What the built book adds to a notebook, piece by piece; `test_ext_built.py` builds one."""

import hashlib
import json
import re

import pgbook_cells
import pgbook_maths
import pgbook_sphinx
import pgbook_svg
import pytest
from pgbook import phone

pytestmark = pytest.mark.once

# --- cells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[5.4](05_dropping.ipynb#eq-score)", "[5.4](#eq-score)"),
        ("[5.4](#eq-score)", "[5.4](#eq-score)"),
        ("[p](05_a.ipynb#proof-eq-score-2)", "[p](#proof-eq-score-2)"),
        ("[p](notation.md#eq-score)", "[p](#eq-score)"),
        ("[W](bibliography.md#williams1992)", "[W](#williams1992)"),
        ("[n](notation.md#terms)", "[n](notation.md#terms)"),
        ("[c](05_a.ipynb)", "[c](05_a.ipynb)"),
        ("[c](05_a.ipynb#a-cell)", "[c](05_a.ipynb#a-cell)"),
        ("[x](https://a.org/b.md#eq-x)", "[x](https://a.org/b.md#eq-x)"),
        ("[x](notation.md#eq-Big)", "[x](notation.md#eq-Big)"),
        ("[x](my bibliography.md#a)", "[x](my bibliography.md#a)"),
        (
            "[a](b.md#eq-a), [c](bibliography.md#d1) [e](f.ipynb#eq-g)",
            "[a](#eq-a), [c](#d1) [e](#eq-g)",
        ),
    ],
)
def test_links_to_equations_and_sources_become_targets_of_myst(written, read):
    assert pgbook_cells.links(f"See {written}, there.") == f"See {read}, there."


@pytest.mark.parametrize(
    ("text", "fence"),
    [
        ("a note", "```"),
        ("with `code` and ``two``", "```"),
        ("a\n```python\nx\n```", "````"),
        ("a\n`````\nx\n`````\n```\ny\n```", "``````"),
    ],
)
def test_a_margin_notes_fence_is_longer_than_any_in_it(text, fence):
    assert pgbook_cells.directive("margin", text) == f"{fence}{{margin}}\n{text}\n{fence}"


def cell(source, name="", tags=(), kind="markdown", outputs=()):
    made = {"cell_type": kind, "source": source, "metadata": {"tags": [*tags]} if tags else {}}
    made |= {"id": name} if name else {}
    return made | ({"outputs": [*outputs]} if kind == "code" else {})


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (cell(["# A\n", "[b](c.md#eq-d)"]), "# A\n[b](#eq-d)"),
        (cell("$$x$$", "eq-a-b2"), "(eq-a-b2)=\n\n$$x$$"),
        (cell("Proof.", "proof-eq-a"), "(proof-eq-a)=\n\nProof."),
        (cell("Why.", "why-eq-a"), "Why."),
        (cell("Why.", "eq-a_b"), "Why."),
        (cell("Why.", "check-eq-a"), "Why."),
        (cell("Note.", "a", ["other", "margin"]), "```{margin}\nNote.\n```"),
        (cell("Note.", "a", ["idea"]), "Note."),
        (
            cell("Long.", "proof-eq-a", ["long-proof"]),
            '<details class="pg-proof"><summary>Proof of (5.4)</summary>\n\n'
            "(proof-eq-a)=\n\nLong.\n\n</details>",
        ),
        (cell("1. Why.", "a", ["lines"]), "```{lines}\n1. Why.\n```"),
        (cell("1. Why.", "proof-eq-a", ["lines"]), "(proof-eq-a)=\n\n```{lines}\n1. Why.\n```"),
    ],
)
def test_a_markdown_cell_as_myst_reads_it(given, read):
    assert pgbook_cells.markdown(given, {"eq-a": "5.4"}) == read


SVG = '<?xml version="1.0"?>\n<svg width="9pt" height="9pt" viewBox="0 0 9 9"><path d="M 0"/></svg>'


def test_a_notebook_as_myst_reads_it():
    """Each kind of output, beside what must stay as it is."""
    shown = {"image/svg+xml": [SVG[:30], SVG[30:]], "text/plain": "<Figure>"}
    table = {
        "text/html": ["<a href='05_a.ipynb#b'>x</a>", '<a href="n.md">y</a>'],
        "text/plain": "t",
    }
    both = {"image/svg+xml": SVG, "text/html": '<b href="https://a.org/b.md">'}
    told = {"text/markdown": ["[a](b.md#eq-c)", "!"], "application/vnd.pgbook.check+json": {}}
    stream = {"output_type": "stream", "text": "[a](b.md#eq-c)"}
    parts = [{"data": data, "metadata": {}} for data in (shown, table, both, told)]
    code = "x = '[a](b.md#eq-c)'"
    book = {"cells": [cell("# A", "eq-a"), cell(code, "c", kind="code", outputs=[stream, *parts])]}
    read = json.loads(pgbook_cells.notebook(json.dumps({**book, "nbformat": 4})))
    assert read["nbformat"] == 4 and read["cells"][0]["source"] == "(eq-a)=\n\n# A"
    after = read["cells"][1]
    assert after["source"] == code and after["outputs"][0] == stream
    shown, table, both, told = (part["data"] for part in after["outputs"][1:])
    picture = pgbook_svg.drawing(SVG, "figure-1-1-", "")
    assert shown == {"text/plain": "<Figure>", "text/html": picture}
    links = "<a href='05_a.html#b'>x</a><a href=\"n.html\">y</a>"
    assert table == {"text/html": links, "text/plain": "t"}
    assert both == {"image/svg+xml": SVG, "text/html": '<b href="https://a.org/b.md">'}
    assert told == {"text/markdown": "[a](#eq-c)!"}


CAPTION = "<figcaption><b>Figure 9.3.</b> Its point.</figcaption>"


def test_a_picture_and_its_caption_are_one_figure_with_the_cells_name():
    drawn, alive = {"image/svg+xml": SVG}, {"text/html": ["<pg-a>", "</pg-a>"]}
    told, caption = {"text/plain": "told"}, {"text/html": [CAPTION[:9], CAPTION[9:]]}
    outputs = [{"data": dict(data)} for data in (told, drawn, caption, alive, caption)]
    outputs.insert(1, {"output_type": "stream", "text": "said"})
    cells = [cell("", "figure-a", kind="code", outputs=outputs)]
    shown = json.loads(pgbook_cells.notebook(json.dumps({"cells": cells})))["cells"][0]["outputs"]
    picture = pgbook_svg.drawing(SVG, "figure-0-2-", "")
    opened = '<figure class="pg-shown" id="figure-a">'
    assert [part.get("data") for part in shown] == [
        told,
        None,
        {"text/html": f"{opened}{picture}{CAPTION}</figure>"},
        {"text/html": f"{opened}<pg-a></pg-a>{CAPTION}</figure>"},
    ]


def test_a_link_to_a_figure_is_html_and_no_other_link_is():
    others = "[Figure 9](#a) [9.3](#figure-a)"
    text = f"[Figure 9.3](#figure-a), [Figure H.12](09_b.ipynb#figure-a) {others}"
    assert pgbook_cells.links(text) == (
        '<a href="#figure-a">Figure 9.3</a>, <a href="09_b.html#figure-a">Figure H.12</a> ' + others
    )


def test_ids_of_figures_differ_from_cell_to_cell_and_output_to_output():
    svg = '<svg><g id="a"/><use href="#a"/></svg>'
    figures = [{"data": {"image/svg+xml": svg}} for _ in range(4)]
    cells = [cell("", kind="code", outputs=part) for part in (figures[:2], figures[2:])]
    read = json.loads(pgbook_cells.notebook(json.dumps({"cells": cells})))
    html = json.dumps(read)
    ids = re.findall(r' id=\\"([^"]+)\\"', html)
    assert ids == ["figure-0-0-a", "figure-0-1-a", "figure-1-0-a", "figure-1-1-a"]


# --- figures -------------------------------------------------------------------------------------


def test_black_white_grey_and_the_palettes_follow_the_theme_and_no_other_colour_does():
    categories = {f"cat-{i}": shade for i, shade in enumerate(pgbook_svg.CATEGORIES)}
    for name, term in {**pgbook_svg.PALETTE, **categories}.items():
        for shade in (term["light"].lower(), term["light"].upper()):
            svg = f'style="stroke: {shade}; fill: #123456"'
            assert pgbook_svg.colours(svg) == f'style="stroke: var(--pg-{name}); fill: #123456"'
    ink = pgbook_svg.colours('fill="#000000" stroke="#FFFFFF" color="#6b7280"')
    assert ink == 'fill="currentColor" stroke="var(--pg-paper)" color="var(--pg-muted)"'


@pytest.mark.parametrize(("width", "fits"), [("270", True), ("270.5", False), ("518.4", False)])
def test_a_figure_no_wider_than_a_phone_is_not_made_wider(width, fits):
    drawn = pgbook_svg.drawing(f'<svg viewBox="0 0 {width} 216" width="1"></svg>', "a-", "")
    assert drawn.startswith(f'<div class="pg-figure{" pg-fits" * fits}">')


def test_a_phone_has_its_own_drawing_of_what_is_wide():
    wide = '<svg viewBox="0 0 518 216"><clipPath id="c"/><g clip-path="url(#c)"/></svg>'
    data = {"image/svg+xml": [wide], phone.MIME: [wide.replace("518", "270")], "a/b": "kept"}
    drawn = pgbook_svg.figure(data, "f-")
    assert data == {"a/b": "kept"}
    assert re.findall(r'class="([^"]+)"|viewBox="0 0 (\d+)|id="([^"]+)"', drawn) == [
        ("pg-figure pg-desk", "", ""),
        ("", "518", ""),
        ("", "", "f-c"),
        ("pg-figure pg-phone pg-fits", "", ""),
        ("", "270", ""),
        ("", "", "f-phone-c"),
    ]


def test_only_ids_that_are_referred_to_stay_and_they_get_the_figures_name():
    svg = (
        '<g id="axes_1"><path id="m1" d="x"/><use href="#m1" x="1"/><clipPath id="p2"/>'
        '<g clip-path="url(#p2)"/></g>'
    )
    assert pgbook_svg.own_ids(svg, "f-") == (
        '<g><path id="f-m1" d="x"/><use href="#f-m1" x="1"/><clipPath id="f-p2"/>'
        '<g clip-path="url(#f-p2)"/></g>'
    )


def test_a_figure_worked_by_hand():
    svg = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE svg>
<svg xmlns:xlink="http://a" width="9pt" viewBox="0 0 9 8" height="8pt" xmlns="b" version="1.1">
 <metadata>
  <date>today</date>
 </metadata>
 <defs>
  <style type="text/css">*{stroke-linejoin: round}</style>
 </defs>
 <defs></defs>
 <!-- a
 comment --><g id="unused" width="3">
  <path style="fill: #ffffff"/>


  <path style="fill: #ffffff; stroke: #000000" id="m"/><use xlink:href="#m"/>
 </g>
</svg>
"""
    assert pgbook_svg.drawing(svg, "fig-", "") == (
        '<div class="pg-figure pg-fits"><svg viewBox="0 0 9 8" role="img">\n <g width="3">\n'
        '  <path style="fill: none"/>\n'
        '  <path style="fill: var(--pg-paper); stroke: currentColor" id="fig-m"/>'
        '<use href="#fig-m"/>\n </g>\n</svg></div>'
    )


def test_a_figure_that_has_a_role_keeps_it():
    kept = '<div class="pg-figure"><svg role="presentation" viewBox="0"></svg></div>'
    assert pgbook_svg.drawing('<svg role="presentation" viewBox="0"></svg>', "f", "") == kept


# --- maths ---------------------------------------------------------------------------------------


def test_inline_and_displayed_equations_differ():
    inline, shown = pgbook_maths.typeset("x^2", False), pgbook_maths.typeset("x^2", True)
    assert "katex-display" in shown and "katex-display" not in inline
    for html in (inline, shown):
        assert "<math" in html and html.count("x^2") == 1  # beside it, for who reads by ear


def test_a_term_that_moves_gets_the_class_of_its_name():
    html = pgbook_maths.typeset(r"\class{past}{x} + 1", False)
    assert html.count('class="enclosing pg-is-past"') == 1


def test_a_coloured_term_gets_the_class_of_its_colour():
    html = pgbook_maths.typeset(r"\textcolor{teal}{\pi_\theta} + 1", False)
    assert html.count('class="enclosing tc-teal"') == 1 and 'style="color' not in html


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{1",
        r"\nosuchcommand",
        "é",
        r"\href{https://a.org}{x}",
        r"\htmlId{a}{x}",
        r"\htmlStyle{color: red}{x}",
        r"\includegraphics{a.png}",
    ],
)
def test_tex_that_latex_refuses_or_that_is_no_tex_is_an_error_in_one_line(tex):
    with pytest.raises(ValueError, match="KaTeX") as refused:
        pgbook_maths.typeset(tex, False)
    assert "\n" not in str(refused.value)


def test_an_error_leaves_the_engine_in_order():
    before = pgbook_maths.typeset("y", True)
    with pytest.raises(ValueError):
        pgbook_maths.typeset(r"\frac{", True)
    pgbook_maths.typeset.cache_clear()
    assert pgbook_maths.typeset("y", True) == before
    assert pgbook_maths.katex() is pgbook_maths.katex(), "started for each equation anew"


# --- the page ------------------------------------------------------------------------------------


def rules(css):
    """The rules of a style sheet without nesting: selector -> {property: value}."""
    found = {}
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        found[selector] = dict(line.split(":", 1) for line in body.strip(";").split(";"))
    return found


def test_each_theme_has_its_shades_and_each_tex_colour_its_term():
    css, palette = rules(pgbook_sphinx.palette_css()), pgbook_svg.PALETTE
    categories = {f"cat-{i}": shade for i, shade in enumerate(pgbook_svg.CATEGORIES)}
    shades = {**palette, **categories}
    assert css[":root"] == {f"--pg-{n}": shade["light"] for n, shade in shades.items()}
    assert css["html[data-theme=dark]"] == {f"--pg-{n}": t["dark"] for n, t in shades.items()}
    for name, term in palette.items():
        of_term = css[f".tc-{term['tex']},[data-term={name}]"]
        assert of_term == {"--pg-term": f"var(--pg-{name})"}
        lit = css[f"[data-lit={name}] .tc-{term['tex']}"]["background"]
        assert lit == "color-mix(in srgb,var(--pg-term) 13%,transparent)"
        others = f"[data-lit]:not([data-lit={name}]) .pg-figure [style*='--pg-{name})']"
        assert css[others] == {"opacity": ".25"}
    assert len(css) == 2 + 3 * len(palette)


def test_the_legend_holds_the_terms_that_a_page_uses_in_the_palettes_order():
    palette = pgbook_svg.PALETTE
    names = list(palette)
    uses = {name: rf"\textcolor{{{palette[name]['tex']}}}{{x}}" for name in names}
    assert pgbook_sphinx.legend("no term") == ""
    assert pgbook_sphinx.legend(uses[names[0]] * 3) == ""
    two = pgbook_sphinx.legend(uses[names[2]] + " and " + uses[names[0]])
    assert re.findall(r'data-term="(\w+)"', two) == [names[0], names[2]]
    assert two.startswith('<div class="pg-legend" role="group" aria-label="Coloured terms on this')
    assert two.endswith("Press a term to light it up on this page.</p></div>")
    for name in (names[0], names[2]):
        term = palette[name]
        assert f'aria-pressed="false" data-term="{name}" data-tex="{term["tex"]}"' in two
        assert pgbook_maths.typeset(term["math"], False) in two
        assert f"</span> {term['label']}</button>" in two
    assert two.count('<button type="button"') == 2 and two.count('aria-live="polite"') == 1


def test_a_terms_meaning_is_escaped(monkeypatch):
    term = {**pgbook_svg.PALETTE["policy"], "meaning": 'a "b" < c'}
    monkeypatch.setattr(pgbook_sphinx, "PALETTE", {"one": term, "two": {**term, "tex": "red"}})
    shown = pgbook_sphinx.legend(rf"\textcolor{{{term['tex']}}} \textcolor{{red}}")
    assert shown.count('data-meaning="a &quot;b&quot; &lt; c"') == 2


def test_the_digest_changes_with_any_file_of_any_depth_and_with_nothing_else(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a.css").write_bytes(b"a")
    (tmp_path / "deep" / "er" / "b.js").write_bytes(b"b")
    first = pgbook_sphinx.digest(tmp_path)
    assert first == pgbook_sphinx.digest(tmp_path) == hashlib.sha256(b"ab").hexdigest()
    (tmp_path / "empty").mkdir()
    assert first == pgbook_sphinx.digest(tmp_path)
    (tmp_path / "deep" / "er" / "b.js").write_bytes(b"c")
    assert first != pgbook_sphinx.digest(tmp_path)
