"""What the book says of itself to those who have not opened it.

Titles, descriptions and cards for search engines and link previews, a sitemap, the page for lost
readers, and the way from the folder's top to the first page.
"""

import re
from html import escape, unescape
from pathlib import Path
from urllib.parse import urlparse

import yaml
from sphinx.application import Sphinx

HERE = Path(__file__).parent
DESCRIPTIONS = yaml.safe_load((HERE / "descriptions.yml").read_text("utf-8"))
CARDS = HERE.parent / "static" / "cards"  # written by tools/cards.py
LOST = """<section><h1>There is no such page</h1>
<p>It may have moved to another chapter. Search the book, or begin at
<a href="{root}">its first page</a>: every page stands in the contents.</p></section>"""
TOP = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0; url={root}">
<title>{title}</title>
{canonical}</head>
<body><p><a href="{root}">{title}</a></p></body>
</html>
"""
# An address that depends on where the page stands: neither a fragment, a host nor the top's.
RELATIVE = re.compile(r'((?: (?:href|src|action|data-content_root))=")(?![#/]|[a-z]+:)(?:\./)?')


def address(app: Sphinx, name: str) -> str:
    """Where a file of the built book is published; empty where nobody has said."""
    base = app.config.html_baseurl
    return f"{base.rstrip('/')}/{name}" if base else ""


def title(context: dict) -> None:
    """Keep the first page from saying its title twice: it is the book's."""
    if context.get("title", "") == context.get("docstitle"):
        context["theme_logo"] = {"text": context["docstitle"]}
        context["docstitle"] = ""


def tags(app: Sphinx, pagename: str, name: str) -> str:
    """The elements that describe a page; one without a description is not to be found."""
    key = Path(pagename).name
    if key not in DESCRIPTIONS:
        return '<meta name="robots" content="noindex">'
    text, book = DESCRIPTIONS[key], app.config.html_title
    said = {"og:type": "article", "og:site_name": book, "og:title": name, "og:description": text}
    card = key if (CARDS / f"{key}.png").exists() else "index"
    if app.config.html_baseurl:
        said["og:url"] = address(app, f"{pagename}.html")
        said["og:image"] = address(app, f"_static/cards/{card}.png")
        said["og:image:alt"] = f"A figure of the book: {DESCRIPTIONS[card]}"
    named = {"description": text, "twitter:card": "summary_large_image"}
    return "".join(
        f'<meta {kind}="{key}" content="{escape(value)}">'
        for kind, values in (("name", named), ("property", said))
        for key, value in values.items()
    )


def page(app: Sphinx, pagename: str, _template: str, context: dict, _doctree) -> None:
    """Give one page its title and its description."""
    name = unescape(re.sub("<[^>]*>", "", context.get("title", "")))
    title(context)
    if Path(pagename).name not in DESCRIPTIONS:
        context["pageurl"] = ""  # no page's one address
    context["metatags"] = context.get("metatags", "") + tags(app, pagename, name)


def lost(app: Sphinx) -> list:
    """The page that a host shows for an address that does not exist."""
    root = Path(app.config.root_doc + ".html").as_posix()
    return [("404", {"title": "No such page", "body": LOST.format(root=root)}, "page.html")]


def finish(app: Sphinx, error: Exception | None) -> None:
    """Write what stands at the top of the built book."""
    if error or app.builder.format != "html":
        return
    out, base = Path(app.outdir), urlparse(app.config.html_baseurl).path.rstrip("/") + "/"
    # A host shows it in place of a page in any folder.
    found = (out / "404.html").read_text("utf-8")
    (out / "404.html").write_text(RELATIVE.sub(rf"\g<1>{base}", found), "utf-8")
    root = f"{app.config.root_doc}.html"
    if root != "index.html":
        given = {"root": root, "language": app.config.language, "canonical": ""}
        if app.config.html_baseurl:
            given["canonical"] = f'<link rel="canonical" href="{address(app, root)}">\n'
        text = TOP.format(title=escape(app.config.html_title), **given)
        (out / "index.html").write_text(text, "utf-8")
    if app.config.html_baseurl:
        places = "".join(
            f"<url><loc>{escape(address(app, f'{name}.html'))}</loc></url>\n"
            for name in sorted(app.env.found_docs)
        )
        (out / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n'
        )
        (out / "robots.txt").write_text(
            f"User-agent: *\nAllow: /\nSitemap: {address(app, 'sitemap.xml')}\n"
        )


def setup(app: Sphinx) -> None:
    """Register what this module does."""
    app.connect("html-page-context", page)
    app.connect("html-collect-pages", lost)
    app.connect("build-finished", finish)
