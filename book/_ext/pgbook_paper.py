"""What only paper shows: below each explorable, where it moves."""

import re
from html import escape

import pgbook_head
from sphinx.application import Sphinx

# An explorable, in the figure that its caption makes or on its own.
ALIVE = re.compile(
    r'(?:<figure class="pg-shown" id="(?P<name>[^"]*)">\s*)?'
    r"<(?P<tag>pg-[a-z-]+)\b[^>]*>.*?</(?P=tag)>(?:\s*<figcaption>.*?</figcaption>)?",
    re.S,
)
WHERE = '<p class="pg-address">It moves at <a href="{0}">{0}</a></p>'


def addressed(body: str, address: str) -> str:
    """Return a page whose explorables say their address, each after its caption."""

    def said(match: re.Match) -> str:
        anchor = f"#{match['name']}" if match["name"] else ""
        return match[0] + WHERE.format(escape(f"{address}{anchor}"))

    return ALIVE.sub(said, body)


def page(app: Sphinx, pagename: str, _template: str, context: dict, _doctree) -> None:
    """Give one page its addresses, where the book has one."""
    if address := pgbook_head.address(app, f"{pagename}.html"):
        context["body"] = addressed(context.get("body", ""), address)


def setup(app: Sphinx) -> None:
    """Register what this module does."""
    app.connect("html-page-context", page)
