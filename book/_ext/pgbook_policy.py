"""The Content-Security-Policy of every page: what a page may load, and which scripts may run.

A page says it itself, in a `<meta>`, so that it holds wherever the book lies, from disk as well.
Scripts run from the book's own files; the few that stand in a page are named by their hash. Styles
may stand in a page: KaTeX places its boxes by attributes.
"""

import base64
import hashlib
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.S)
CHARSET = re.compile(r"<meta charset=[^>]*>")
# The theme's only handler; terms.js listens for the attribute.
PRINT = (' onclick="window.print()"', " data-print")
HANDLER = re.compile(r"<[a-z][^<>]*\s(on[a-z]+)=\"")
META = '<meta http-equiv="Content-Security-Policy" content="{}">'


def hashed(script: str) -> str:
    """Return the source expression that lets one inline script run."""
    value = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{value}'"


def policy(page: str) -> str:
    """Return what a page may load: nothing but the book's own, no script that is not known here.

    `form-action` is for the search, `data:` for the small pictures in the style sheet.
    """
    scripts = dict.fromkeys(hashed(script) for script in INLINE.findall(page))
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(["script-src 'self'", *scripts]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "form-action 'self'",
            "base-uri 'none'",
        )
    )


def guarded(page: str) -> str:
    """Return a page with its policy, as the first thing that a browser reads of it.

    Raises:
        ValueError: a page without a charset, or with a handler in an attribute, which the policy
            does not let run.
    """
    page = page.replace(*PRINT)
    if handler := HANDLER.search(page):
        raise ValueError(f"expected listeners in a script, got {handler[1]} in {handler[0]!r}")
    if not (charset := CHARSET.search(page)):
        raise ValueError("expected a <meta charset>, got none")
    end = charset.end()
    return f"{page[:end]}\n{META.format(policy(page))}{page[end:]}"


def finish(app: Sphinx, error: Exception | None) -> None:
    """Give every page that was written its policy."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in [*out.glob("*.html"), *out.glob("book/*.html")]:
        text = path.read_text("utf-8")
        if META.partition(" content")[0] in text:  # not written anew
            continue
        try:
            path.write_text(guarded(text), "utf-8")
        except ValueError as wrong:
            raise ExtensionError(f"{path.name}: {wrong}") from wrong


def setup(app: Sphinx) -> None:
    """Register what this module does, after all else has been written."""
    app.connect("build-finished", finish, priority=950)
