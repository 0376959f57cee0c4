"""The book's own search: sections with their words and mathematics, in one file that a page loads.

Sphinx's search finds pages, shows TeX and MathML side by side, and fetches pages for its excerpts,
which a book opened from disk cannot.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from pgbook_plain import line
from sphinx.application import Sphinx

PAGE = """<section class="pg-search"><h1>Search</h1>
<form role="search"><input type="search" name="q" aria-label="Search the book"
placeholder="gamma, importance ratio, (5.4)" autocomplete="off" spellcheck="false"></form>
<noscript><p>The search needs a script. The contents list every page, and
<a href="{notation}">Notation</a> every symbol.</p></noscript>
<p class="pg-search-count" role="status"></p><ol class="pg-search-results"></ol></section>
<script defer src="search-index.js"></script><script defer src="_static/search.js"></script>"""
TAG = re.compile(r"\\tag\{([^}]*)\}")
# What is no prose: code, and a figure's own text.
SILENT = (nodes.literal_block, nodes.raw, nodes.image, nodes.comment, nodes.title, nodes.rubric)


def text(node: nodes.Node) -> str:
    """The words of a node, its mathematics as plain text."""
    if isinstance(node, nodes.Text):
        return str(node)
    if isinstance(node, nodes.math | nodes.math_block):
        apart = " " * isinstance(node, nodes.math_block)
        try:
            return apart + line(node.astext()) + apart
        except ValueError:  # whoever writes the page warns of it
            return ""
    if isinstance(node, SILENT) or node.get("mime_type", "text/markdown") != "text/markdown":
        return " "
    inside = "".join(text(child) for child in node.children if not isinstance(child, nodes.section))
    return inside if isinstance(node, nodes.TextElement) else f" {inside} "


def own(section: nodes.Node, kind: type) -> Iterator[nodes.Node]:
    """The nodes of a kind in a section and in none of its sections."""
    for child in section.children:
        if not isinstance(child, nodes.section):
            yield from child.findall(kind)


def squeezed(node: nodes.Node) -> str:
    """The words of what a node holds, one space between them."""
    return " ".join("".join(text(child) for child in node.children).split())


def parts(document: nodes.Node) -> Iterator[list]:
    """Each section: anchor, title, words, its terms in bold, its equations' numbers and labels."""
    for section in document.findall(nodes.section):
        title = next(iter(section.findall(nodes.title)))
        bold = filter(None, map(squeezed, own(section, nodes.strong)))
        equations = {
            tag[1]: node["ids"][-1]
            for node in own(section, nodes.math_block)
            if node["ids"] and (tag := TAG.search(node.astext()))
        }
        words = " ".join(text(section).split())
        yield [section["ids"][0], squeezed(title), words, "\n".join(bold), equations]


def order(app: Sphinx) -> list[str]:
    """The pages in the order of the contents."""
    found, todo = [], [app.config.root_doc]
    while todo:
        name = todo.pop(0)
        if name not in found:
            found.append(name)
            todo = [*app.env.toctree_includes.get(name, []), *todo]
    return found


def collect(app: Sphinx) -> list:
    """Write the index, and give Sphinx the page that searches it."""
    index = []
    for name in order(app):
        page, *sections = parts(app.env.get_doctree(name))
        index.append([f"{name}.html", page[1], [page, *sections]])
    content = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    (Path(app.outdir) / "search-index.js").write_text(f"globalThis.pgIndex={content}\n", "utf-8")
    folder = Path(app.config.root_doc).parent.as_posix()
    body = PAGE.format(notation=f"{folder}/notation.html")
    return [("search", {"title": "Search", "body": body}, "page.html")]


def replace(app: Sphinx) -> None:
    """Keep Sphinx from making its own."""
    app.builder.search = False


def setup(app: Sphinx) -> None:
    """Register what this module does."""
    app.connect("builder-inited", replace)
    app.connect("html-collect-pages", collect)
