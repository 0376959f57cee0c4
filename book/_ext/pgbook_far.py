"""What is far from the screen is laid out when it comes near: a chapter has thousands of boxes.

The style lets a browser skip a section that nobody sees. Until it has been seen the browser takes
its height from here, for the scroll bar and for links into the page: a guess from what it holds,
which may be half or twice as high as what comes.
"""

import math
import re

from docutils import nodes
from pgbook_fold import Fold
from sphinx.application import Sphinx

# px at a desk
TITLE, PARAGRAPH, LINE, DISPLAY, FOLDED = 75, 17, 29, 85, 42
CODE, CODE_LINE, ROW, FIGURE, WIDTH = 45, 21, 41, 650, 704
COLUMN = 84  # characters of text in a line
LOWEST, STEP = 92, 1.4  # px: the class 0 of heights, and the factor to the next; see book.css


def text(node: nodes.Node) -> float:
    """How many characters a paragraph shows; TeX has about three for one."""
    if isinstance(node, nodes.math):
        return len(node.astext()) / 3
    if isinstance(node, nodes.Text):
        return len(node)
    return sum(map(text, node.children))


def html(source: str) -> float:
    """How high a piece of HTML will be: an explorable, a drawing, a table, or a line."""
    if re.match(r"\s*(<figure[^>]*>)?\s*<pg-", source):
        return FIGURE
    total = source.count("<tr") * ROW + source.count("<figcaption") * 2 * LINE
    for wide, high in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', source)[:1]:
        total += WIDTH * float(high) / float(wide)
    return total or LINE


def height(node: nodes.Node) -> float:
    """How high a part of a page will be at a desk, px, as far as its kind says."""
    match node:
        case nodes.math_block():
            return DISPLAY
        case Fold():
            return FOLDED
        case nodes.title():
            return TITLE
        case nodes.paragraph():
            return PARAGRAPH + LINE * math.ceil(text(node) / COLUMN)
        case nodes.literal_block():
            return CODE + CODE_LINE * (node.astext().count("\n") + 1)
        case nodes.raw():
            return html(node.astext())
        case nodes.row():
            return max(ROW, *map(height, node.children))
    total, closed = 0.0, False
    for child in node.children:
        said = child.astext() if isinstance(child, nodes.raw) else ""
        if said.startswith("<details"):  # a hint: until its end a line
            closed, total = True, total + FOLDED
        total += 0 if closed else height(child)
        closed &= not said.startswith("</details")
    return total


def mark(app: Sphinx, document: nodes.document, _name: str) -> None:
    """Give each section of a page the class of its height."""
    if app.builder.format != "html":
        return
    for section in document.findall(nodes.section):
        if isinstance(section.parent, nodes.section) and section.parent.parent is document:
            step = round(math.log(max(height(section) / LOWEST, 1), STEP))
            section["classes"].append(f"pg-tall-{step}")


def setup(app: Sphinx) -> None:
    """Register what this module does."""
    app.connect("doctree-resolved", mark)
