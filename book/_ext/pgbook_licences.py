"""One page that says whose work the built book carries, and under which licence.

Each file below `_static` belongs to a part of this list, or the build stops: nothing ships whose
licence nobody has read. The two files that pgbook_assets joins are listed by what they are made of.
"""

import re
import time
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from html import escape
from importlib import metadata
from pathlib import Path

from pgbook_assets import SCRIPTS, STYLES
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HERE = Path(__file__).parent
STATIC = HERE.parent / "static"
OWN = ("MIT (code) and CC BY 4.0 (text, figures)", "https://creativecommons.org/licenses/by/4.0/")


@dataclass(frozen=True)
class Part:
    """Somebody's work in the built book.

    Attributes:
        name: what it is called.
        home: its address.
        licence: the licence's short name.
        files: patterns of names below `_static`, as they are before files are joined.
        text: where the licence's text is: the name of an installed package, a path below `book/`,
            or the copyright line that stands above the text of the MIT licence.
    """

    name: str
    home: str
    licence: str
    files: tuple[str, ...]
    text: str


PARTS = (
    Part(
        "Sphinx",
        "https://www.sphinx-doc.org",
        "BSD-2-Clause",
        (
            *("basic.css", "documentation_options.js", "doctools.js", "sphinx_highlight.js"),
            *("file.png", "minus.png", "plus.png"),
        ),
        "sphinx",
    ),
    Part(
        "accessible-pygments, the colours of code",
        "https://github.com/Quansight-Labs/accessible-pygments",
        "BSD-3-Clause",
        ("pygments.css",),
        "accessible-pygments",
    ),
    Part(
        "PyData Sphinx Theme",
        "https://pydata-sphinx-theme.readthedocs.io",
        "BSD-3-Clause",
        (
            *("styles/pydata-sphinx-theme.css", "scripts/pydata-sphinx-theme.js"),
            "webpack-macros.html",
        ),
        "pydata-sphinx-theme",
    ),
    Part(
        "Sphinx Book Theme",
        "https://sphinx-book-theme.readthedocs.io",
        "BSD-3-Clause",
        (
            *("styles/sphinx-book-theme.css", "scripts/sphinx-book-theme.js", "images/logo_*"),
            "sbt-webpack-macros.html",
        ),
        "sphinx-book-theme",
    ),
    Part(
        "Bootstrap",
        "https://getbootstrap.com",
        "MIT",
        ("scripts/bootstrap.js", "scripts/bootstrap.js.LICENSE.txt"),
        "Copyright (c) 2011-2024 The Bootstrap Authors",
    ),
    Part(
        "Popper, in Bootstrap's script",
        "https://popper.js.org",
        "MIT",
        ("scripts/bootstrap.js",),
        "Copyright (c) 2019 Federico Zivolo",
    ),
    Part(
        "compare-versions, in the theme's script",
        "https://github.com/omichelsen/compare-versions",
        "MIT",
        ("scripts/pydata-sphinx-theme.js",),
        "Copyright (c) 2015-2021 Ole Michelsen",
    ),
    Part(
        "MyST-NB",
        "https://myst-nb.readthedocs.io",
        "BSD-3-Clause",
        ("mystnb.*.css",),
        "myst-nb",
    ),
    Part(
        "sphinx-copybutton",
        "https://sphinx-copybutton.readthedocs.io",
        "MIT",
        ("copybutton.css", "copybutton.js", "copybutton_funcs.js"),
        "sphinx-copybutton",
    ),
    Part(
        "clipboard.js",
        "https://clipboardjs.com",
        "MIT",
        ("clipboard.min.js",),
        "Copyright (c) Zeno Rocha",
    ),
    Part(
        "Tabler Icons",
        "https://tabler.io/icons",
        "MIT",
        ("copy-button.svg", "check-solid.svg"),
        "Copyright (c) 2020-2025 Paweł Kuna",
    ),
    Part(
        "Font Awesome Free, a few glyphs",
        "https://fontawesome.com",
        "OFL-1.1",
        ("vendor/fontawesome/webfonts/*", "fonts/LICENSE-icons", "scripts/fontawesome.js.*"),
        "static/fonts/LICENSE-icons",
    ),
    Part(
        "Source Serif 4",
        "https://github.com/adobe-fonts/source-serif",
        "OFL-1.1",
        ("fonts/source-serif-*", "fonts/LICENSE-source-serif"),
        "static/fonts/LICENSE-source-serif",
    ),
    Part("KaTeX", "https://katex.org", "MIT", ("katex/*",), "static/katex/LICENSE"),
    Part(
        "D3",
        "https://d3js.org",
        "ISC",
        ("explorables/shared.js", "LICENSE-d3"),
        "static/LICENSE-d3",
    ),
)


def mit() -> str:
    """The text of the MIT licence, below its copyright line: KaTeX's copy of it."""
    text = (HERE / "LICENSE-katex").read_text("utf-8")
    return text[text.index("Permission is hereby granted") :]


def text_of(part: Part) -> str:
    """The whole text of a part's licence.

    Raises:
        ValueError: an installed package that brings no licence.
    """
    if part.text.startswith("Copyright"):
        return f"{part.text}\n\n{mit()}"
    if part.text.startswith("static/"):
        own = (HERE.parent / part.text).read_text("utf-8")
        if part.licence == "OFL-1.1" and "PREAMBLE" not in own:
            font = (STATIC / "fonts" / "LICENSE-source-serif").read_text("utf-8")
            own += font[font.index("\n-----") :]
        return own
    for file in metadata.files(part.text) or ():
        if re.match("licen[cs]e", file.name, re.I):
            return file.locate().read_text("utf-8")
    raise ValueError(f"{part.text}: expected a licence in the package, got none")


def own_files() -> set[str]:
    """What stands in book/static and is nobody else's: the book's own."""
    files = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}
    return {name for name in files if not any(belongs(name, part) for part in PARTS)}


def belongs(name: str, part: Part) -> bool:
    """Whether a file is of a part."""
    return any(fnmatch(name, pattern) for pattern in part.files)


def nobodys(shipped: set[str]) -> list[str]:
    """The files that belong to no part and are not the book's."""
    known = own_files() | {"page.css", "page.js"}
    return sorted(
        name for name in shipped - known if not any(belongs(name, part) for part in PARTS)
    )


def unused(shipped: set[str]) -> list[str]:
    """The patterns that no file has any more."""
    names = shipped | set(STYLES) | set(SCRIPTS)
    patterns = (pattern for part in PARTS for pattern in part.files)
    return sorted({p for p in patterns if p not in names and not any(fnmatch(n, p) for n in names)})


def body(author: str) -> str:
    """The page."""
    rows = "".join(
        f'<section id="{re.sub("[^a-z0-9]+", "-", part.name.lower()).strip("-")}">'
        f'<h2><a href="{part.home}">{escape(part.name)}</a></h2>'
        f"<p>{part.licence}. {escape(', '.join(part.files))}</p>"
        f"<details><summary>Text of the licence</summary><pre>{escape(text_of(part))}</pre>"
        "</details></section>"
        for part in PARTS
    )
    licence, address = OWN
    return (
        f"<section><h1>Licences</h1><p>The book itself: {licence}. © {escape(author)}. "
        f'The text of <a href="{address}">CC BY 4.0</a>; the MIT licence:</p>'
        f"<details><summary>Text of the licence</summary><pre>{escape(mit())}</pre></details>"
        f"<p>With it comes other people's work, under their licences:</p>{rows}</section>"
    )


def collect(app: Sphinx) -> list:
    """The page of licences."""
    return [("licences", {"title": "Licences", "body": body(app.config.author)}, "page.html")]


def page(app: Sphinx, _name: str, _template: str, context: dict, _doctree) -> None:
    """Link every page to the licences."""
    context["theme_extra_footer"] = f'<a href="{context["pathto"]("licences")}">Licences</a>'


def check(app: Sphinx, error: Exception | None, since: float = 0.0) -> None:
    """Stop a build that ships what has no licence, or a page that names what does not ship.

    Args:
        app: the application.
        error: why the build has failed already, or None.
        since: when the build began, s; a file that an older build has left is nobody's concern.
    """
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    files = {path: path.relative_to(static).as_posix() for path in static.rglob("*")}
    files = {path: name for path, name in files.items() if path.is_file()}
    new = {name for path, name in files.items() if path.stat().st_ctime >= since}
    if found := nobodys(new):
        raise ExtensionError(
            f"expected a part in pgbook_licences for every file, got none: {found}"
        )
    if found := unused(set(files.values())):
        raise ExtensionError(f"expected a file for each pattern of pgbook_licences, not {found}")


def setup(app: Sphinx) -> None:
    """Register what this module does, after all else has been written."""
    app.connect("html-collect-pages", collect)
    app.connect("html-page-context", page)
    since = time.time() - 1  # file systems keep a coarser clock
    app.connect("build-finished", partial(check, since=since), priority=940)
