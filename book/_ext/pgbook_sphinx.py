"""The book's own Sphinx extension: only what a notebook cannot do.

Equations are set by the vendored KaTeX, coloured terms follow the theme, and each page that uses
them gets a legend.
"""

import hashlib
import json
import re
import shutil
from html import escape
from pathlib import Path

import pgbook_ask
import pgbook_assets
import pgbook_cells
import pgbook_far
import pgbook_head
import pgbook_licences
import pgbook_lines
import pgbook_map
import pgbook_orient
import pgbook_paper
import pgbook_policy
import pgbook_reader
import pgbook_search
import pgbook_teach
from docutils.nodes import SkipNode
from pgbook_maths import typeset
from pgbook_svg import PALETTE, SHADES
from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

logger = getLogger(__name__)
HERE = Path(__file__).parent
THEME_OPTIONS = {
    "use_fullscreen_button": False,
    "search_bar_text": "Search the book",
    "toc_title": "On this page",
    "article_header_end": ["pg-code-switch.html", "article-header-buttons.html"],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
LEGEND = '<div id="pg-legend"></div>'  # a page may say where its legend stands
WASH = "color-mix(in srgb,var(--pg-term) 13%,transparent)"  # behind a term that is lit
# The theme's icons that pages use; icons.woff2 and brands.woff2 are `pyftsubset`s with these.
ICONS = (
    "f185 f186 f042 f0c9 f03a f019 f15b f1c1 f002 f062 f104 f105 f106 f107 f135 f078 f077 f054 "
    "f053 f00d f00c f0c1 f05a f08e f03b f071 f0eb f064 f06a f09b"
).split()
ICON_RULE = re.compile(r'(?:\.fa-[\w-]+:before,?)+\{content:"\\([0-9a-f]+)"\}')
# Files of the theme that no page needs.
DROPPED = (
    *("scripts/*.map", "styles/*.map", "locales", "vendor/fontawesome/css"),
    *("searchtools.js", "language_data.js"),
)


def read_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """Prepare a page for MyST."""
    if app.env.doc2path(docname).endswith(".ipynb"):
        source[0] = pgbook_cells.notebook(source[0])
    else:
        source[0] = pgbook_cells.links(pgbook_orient.listed(pgbook_teach.page(source[0])))


def inline_maths(writer, node) -> None:
    """Write TeX, set in the line."""
    maths(writer, node, "span", "pg-math")


def display_maths(writer, node) -> None:
    """Write TeX, set on its own; a wide equation scrolls in its box."""
    maths(writer, node, "div", "pg-math pg-display")


def maths(writer, node, tag: str, classes: str) -> None:
    """Write one equation; bad TeX is a warning, which stops the build."""
    tex = node.astext().strip()
    try:
        html = typeset(tex, tag == "div")
    except ValueError as error:
        logger.warning("%s in %r", error, tex, location=node)
        html = escape(tex)
    writer.body.append(f"{writer.starttag(node, tag, '', CLASS=classes)}{html}</{tag}>")
    raise SkipNode


def palette_css() -> str:
    """The palettes as CSS variables, and each TeX colour name as a class that uses them."""

    def shades(theme: str) -> str:
        return "".join(f"--pg-{name}:{term[theme]};" for name, term in SHADES.items())

    rules = [f":root{{{shades('light')}}}", f"html[data-theme=dark]{{{shades('dark')}}}"]
    for name, term in PALETTE.items():
        rules.append(
            f".tc-{term['tex']},[data-term={name}]{{--pg-term:var(--pg-{name})}}"
            f"[data-lit={name}] .tc-{term['tex']}{{background:{WASH}}}"
            f"[data-lit]:not([data-lit={name}]) .pg-figure [style*='--pg-{name})']{{opacity:.25}}"
        )
    return "".join(rules)


def legend(body: str) -> str:
    """The strip of buttons for the coloured terms that the page uses, or nothing."""
    used = [
        (name, term) for name, term in PALETTE.items() if f"\\textcolor{{{term['tex']}}}" in body
    ]
    if len(used) < 2:
        return ""
    buttons = "".join(
        f'<button type="button" aria-pressed="false" data-term="{name}" data-tex="{term["tex"]}"'
        f' data-meaning="{escape(term["meaning"])}"><span class="pg-math">'
        f"{typeset(term['math'], False)}</span> {term['label']}</button>"
        for name, term in used
    )
    return (
        '<div class="pg-legend" role="group" aria-label="Coloured terms on this page">'
        f'{buttons}<p class="pg-legend-meaning" aria-live="polite">Press a term to light it up on '
        "this page.</p></div>"
    )


def page(app: Sphinx, pagename: str, _template: str, context: dict, _doctree) -> None:
    """Add to one page what it needs and no more."""
    context["metatags"] = context.get("metatags", "") + f"<style>{palette_css()}</style>"
    body = context.get("body", "").replace("<aside class", '<aside role="note" class')
    if "pg-math" in body:
        place = LEGEND if LEGEND in body else "</h1>"
        body = body.replace(place, place + legend(body), 1)
    context["body"] = pgbook_map.page(body)
    app.add_js_file("terms.js", loading_method="defer")
    if "pg-lines" in body:
        app.add_js_file("lines.js", loading_method="defer")
    if tags := sorted(set(re.findall(r"<(pg-[a-z-]+)", body))):
        for name in ("shared", *tags):
            app.add_js_file(f"explorables/{name}.js", loading_method="defer")
    if "pg-lines" in body or "pg-shown" in body:
        app.add_js_file("slide.js", loading_method="defer")


def trim(app: Sphinx, error: Exception | None) -> None:
    """Take out of the built book what the theme brings and no page uses."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    icons = static / "fonts" / "icons.woff2"
    if not icons.exists():  # nothing was out of date, so nothing was copied
        return
    for pattern in DROPPED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    style = static / "styles" / "pydata-sphinx-theme.css"
    rules = style.read_text("utf-8")
    style.write_text(ICON_RULE.sub(lambda rule: rule[0] * (rule[1] in ICONS), rules), "utf-8")
    # The theme draws its icons twice, by a script and by webfonts: the webfonts do, in a subset.
    webfonts = static / "vendor" / "fontawesome" / "webfonts"
    shutil.rmtree(webfonts)
    webfonts.mkdir()
    shutil.move(icons, webfonts / "fa-solid-900.woff2")
    shutil.move(icons.with_name("brands.woff2"), webfonts / "fa-brands-400.woff2")


def digest(folder: Path) -> str:
    """One value that changes when any file of the folder does."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def setup(app: Sphinx) -> dict:
    """Register everything."""
    app.config.html_theme_options |= THEME_OPTIONS
    app.setup_extension("pgbook_fold")
    app.add_html_math_renderer("katex", (inline_maths, None), (display_maths, None))
    app.add_directive("lines", pgbook_lines.Lines)
    app.connect("source-read", read_source)
    app.connect("env-get-outdated", pgbook_map.outdated)
    app.connect("html-page-context", page)
    app.connect("build-finished", trim)
    pgbook_ask.setup(app)
    pgbook_far.setup(app)
    pgbook_head.setup(app)
    pgbook_reader.setup(app)
    pgbook_search.setup(app)
    pgbook_assets.setup(app)
    pgbook_licences.setup(app)
    pgbook_paper.setup(app)
    pgbook_policy.setup(app)
    state = json.dumps(SHADES, sort_keys=True) + "".join(
        path.read_text("utf-8")
        for path in sorted(
            path for kind in ("*.py", "*.yml", "**/*.html") for path in HERE.glob(kind)
        )
    )
    app.add_config_value("pgbook_state", "", "env")
    app.config.pgbook_state = state  # so that a change here builds every page anew
    app.add_config_value("pgbook_static", "", "html")
    app.config.pgbook_static = digest(HERE.parent / "static")
    app.config.pgbook_version = hashlib.sha256(
        (state + app.config.pgbook_static).encode()
    ).hexdigest()[:8]
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
