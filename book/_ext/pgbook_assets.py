"""What every page loads, as one style sheet and one script, without the rules that nothing uses.

The theme sends nine style sheets, one of them found only when another has come, and holds up the
first picture with eight scripts. A rule whose class stands on no page and in no script goes.
"""

import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.logging import getLogger

logger = getLogger(__name__)
# In the order in which a page read them: the later wins.
STYLES = (
    "basic.css",
    "styles/pydata-sphinx-theme.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "mystnb.*.css",
    "copybutton.css",
    "katex/katex.min.css",
    "heights.css",
    "book.css",
)
SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "clipboard.min.js",
    "copybutton.js",
    "scripts/sphinx-book-theme.js",
    "scripts/bootstrap.js",
    "scripts/pydata-sphinx-theme.js",
)
# The theme asks for the size of all that may scroll and of each section: to answer, a browser lays
# out what the style lets it skip. terms.js finds what scrolls when it comes into sight; what would
# be marked with the section's answer, a list `.bd-toc-nav`, the book's theme does not have.
UNASKED = (
    '["pre",".nboutput > .output_area",".cell_output > .output",".jp-RenderedHTMLCommon",'
    '".pst-scrollable-table-container"]',
    "'[data-bs-spy=\"scroll\"]'",
)
NOTHING = '["pg-none"]'  # a selector that no element meets
EMPTY = ("styles/theme.css", "scripts/fontawesome.js")  # one imports, one draws what fonts draw
# Code's colours are few: only these kinds of token look like something in book.css.
QUIET_TOKEN = re.compile(r'<span class="(?!(?:k[ncd]?|ow|n[fc]|fm|c[1mh]?|s[12daie]?|m[if])")'
                         r'[a-z][a-z0-9]?">([^<]*)</span>')  # fmt: skip
STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
PIECE = re.compile(rf"{STRING}|url\([^)\"']*\)|[{{}};]")
GROUPS = ("@media", "@supports")


def blocks(css: str):
    """Yield (what stands before the brace, what stands inside it); a plain statement has None."""
    depth = start = opened = 0
    for piece in PIECE.finditer(css):
        sign = piece[0]
        if sign == "{":
            depth += 1
            if depth == 1:
                opened = piece.end()
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield css[start : opened - 1].strip(), css[opened : piece.start()]
                start = piece.end()
        elif sign == ";" and depth == 0:
            yield css[start : piece.end()].strip(), None
            start = piece.end()


def needed(selector: str, used: set[str]) -> bool:
    """Whether every class and id that a selector asks for stands somewhere."""
    if "\\" in selector:
        return True
    plain = re.sub(rf"\[[^\]]*\]|{STRING}", "", selector)
    while (shorter := re.sub(r"\([^()]*\)", "", plain)) != plain:  # :not(.a), :is(.a, .b)
        plain = shorter
    return set(re.findall(r"[.#]([A-Za-z_-][\w-]*)", plain)) <= used


def pruned(css: str, used: set[str]) -> str:
    """The style sheet without the rules that nothing on any page can meet."""
    kept = []
    for head, inside in blocks(css):
        if inside is None:
            kept.append(head)
        elif head.startswith(GROUPS):
            if rest := pruned(inside, used):
                kept.append(f"{head}{{{rest}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{inside.strip()}}}")
        else:
            parts = [part for part in selectors(head) if needed(part, used)]
            if parts:
                kept.append(f"{','.join(parts)}{{{inside.strip()}}}")
    return "".join(kept)


def selectors(head: str) -> list[str]:
    """The selectors of a rule: split at the commas that stand in no brackets."""
    return [part.strip() for part in re.split(r",(?![^(\[]*[)\]])", head)]


def moved(css: str, folder: str) -> str:
    """The style sheet of a folder below `_static`, its addresses as seen from `_static`."""
    if folder == ".":
        return css
    found = re.compile(r"url\(([\"']?)(?!data:|#|[a-z]+:)([^)\"']+)\1\)")

    def address(match: re.Match) -> str:
        parts: list[str] = []
        for part in f"{folder}/{match[2]}".split("/"):
            parts = parts[:-1] if part == ".." else [*parts, part]
        return f"url({'/'.join(parts)})"

    return found.sub(address, css)


def page(app: Sphinx, _name: str, _template: str, context: dict, _doctree) -> None:
    """Take from a page the styles and scripts that the two files hold, and spans that say nothing.

    A file that nobody expected is a warning, which stops the build: it would load before ours.
    """
    context["pg_version"] = app.config.pgbook_version
    for kind, ours in (("css_files", [*STYLES, *EMPTY]), ("script_files", [*SCRIPTS, *EMPTY])):
        files = [Path(str(file.filename)) for file in context.get(kind, []) if file.filename]
        held = {file for file in files if any(is_ours(file, name) for name in ours)}
        for file in set(files) - held if kind == "css_files" else ():
            logger.warning("%s is in no list of pgbook_assets", file)
        context[kind] = [
            file
            for file in context.get(kind, [])
            if file.filename and Path(str(file.filename)) not in held
        ]
    if "body" in context:
        context["body"] = QUIET_TOKEN.sub(r"\1", context["body"])


def is_ours(file: Path, pattern: str) -> bool:
    """Whether a registered file is the one that a pattern below `_static` means."""
    return Path("_static", file.as_posix().removeprefix("_static/")).match(f"_static/{pattern}")


def silenced(js: str) -> str:
    """The scripts without the theme's questions that lay out the whole page.

    Raises:
        ExtensionError: a question does not stand there once: the theme has changed.
    """
    for question in UNASKED:
        if js.count(question) != 1:
            raise ExtensionError(f"expected {question} once in the theme, got {js.count(question)}")
        js = js.replace(question, NOTHING)
    return js


def bundle(app: Sphinx, error: Exception | None) -> None:
    """Write the two files from what was copied, and remove the parts."""
    if error or app.builder.format != "html":
        return
    static, out = Path(app.outdir) / "_static", Path(app.outdir)
    styles = [path for name in STYLES for path in sorted(static.glob(name))]
    scripts = [static / name for name in SCRIPTS if (static / name).exists()]
    if not scripts:  # nothing was out of date, so nothing was copied
        return
    js = ";\n".join(re.sub("//# sourceMapping.*", "", path.read_text("utf-8")) for path in scripts)
    (static / "page.js").write_text(silenced(js), "utf-8")
    texts = [path.read_text("utf-8") for path in [*out.rglob("*.html"), *static.glob("**/*.js")]]
    used = {word for text in texts for word in re.findall(r"[\w-]+", text)}
    whole = "\n".join(
        moved(path.read_text("utf-8"), path.parent.relative_to(static).as_posix())
        for path in styles
    ).replace('@charset "UTF-8";', "")
    licences = re.findall(r"/\*!.*?\*/", whole, re.S)
    rules = pruned(re.sub(r"/\*.*?\*/", "", whole, flags=re.S), used)
    (static / "page.css").write_text("\n".join([*licences, rules]) + "\n", "utf-8")
    for path in [*styles, *scripts, *(static / name for name in EMPTY)]:
        path.unlink(missing_ok=True)


def setup(app: Sphinx) -> None:
    """Register what this module does."""
    app.add_config_value("pgbook_version", "", "")
    app.connect("html-page-context", page, priority=900)
    app.connect("build-finished", bundle, priority=900)
