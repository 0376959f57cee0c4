"""The built page is for reading: code is folded, except the lines that are the idea.

A cell with the tag `idea` is shown. Every other cell's code lies in a `<details>`, neighbours in
one. Its line is what the code came to: the check with its control, or the one line that it
printed. What is longer (a figure, a table) stays below the fold, always visible.
"""

import ast
from collections.abc import Iterator
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

CHECK = '<div class="pg-check">'
TEXT_COLUMN = 88  # characters of code that fit beside the margin
LINE = 160  # characters of a result that are still one line of the page, or two


class Fold(nodes.Element):
    """Code that is folded; `line` is the HTML of the line that opens it."""


def visit_fold(writer, node: Fold) -> None:
    """Open the fold: it is closed until the reader, or the page's switch, opens it."""
    classes = " ".join(["pg-fold", *node["classes"]])
    writer.body.append(f'<details class="{classes}"><summary>{node["line"]}</summary>\n')


def depart_fold(writer, _node: Fold) -> None:
    """Close the fold."""
    writer.body.append("</details>\n")


def is_cell(node: nodes.Node) -> bool:
    """Whether a node is a code cell of a notebook."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def part(cell: nodes.Element, kind: str) -> nodes.Element | None:
    """The source or the output of a cell, if it is shown at all."""
    found = [child for child in cell if child.get("nb_element") == f"cell_code_{kind}"]
    return found[0] if found else None


def tags(cell: nodes.Element) -> list[str]:
    """The tags of a cell."""
    return cell["cell_metadata"].get("tags", [])


def said(text: str) -> str:
    """What an output says: a string without the quotes that Python puts around it."""
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    return value if isinstance(value, str) else text


def result(output: nodes.Element) -> tuple[str, str] | None:
    """Return (kind, HTML) of an output that fits in the line of a fold, else None."""
    raw = [node.astext().strip() for node in output.findall(nodes.raw)]
    if raw and all(html.startswith(CHECK) for html in raw):
        # A summary holds no div.
        checks = (html.replace("<div", "<span").replace("</div>", "</span>") for html in raw)
        return "check", "".join(checks)
    blocks = list(output.findall(nodes.literal_block))
    if raw or len(blocks) != 1:
        return None
    text = said(blocks[0].astext().strip())
    if "\n" in text or len(text) > LINE:
        return None
    return "result", f"<samp>{escape(text)}</samp>"


def shown_output(cell: nodes.Element) -> nodes.Element | None:
    """The output of a cell that stays in sight when its code is folded."""
    return None if "hide-cell" in tags(cell) else part(cell, "output")


def neighbours(siblings: list[nodes.Node]) -> Iterator[list[nodes.Element]]:
    """Yield the cells that share a fold: up to the first that shows an output."""
    group = []
    for node in siblings:
        folded = is_cell(node) and part(node, "source") and "idea" not in tags(node)
        if folded:
            group.append(node)
        if group and (not folded or shown_output(node)):
            yield group
            group = []
    if group:
        yield group


def title(name: str) -> str:
    """What a fold is called that has no result to show: a cell of assertions passed them all."""
    kind, words = ("Checked", name[7:]) if name.startswith("assert-") else ("Code", name)
    return f"{kind}: {words.replace('-', ' ')}"


def fold(cells: list[nodes.Element]) -> None:
    """Put the code of neighbours into one fold, which stands where the last of them stood."""
    *before, last = cells
    output = shown_output(last)
    kind, line = (output and result(output)) or ("bare", "")
    more = "code" if line else title(last["cell_metadata"]["name"])
    line += f'<span class="pg-fold-more">{more}</span>'
    inside = [child for cell in cells for child in cell if child is not output]
    last.children = []
    last += Fold("", *inside, line=line, classes=[f"pg-fold-{kind}"])
    if output and kind == "bare":
        last += output
    for cell in before:
        cell.parent.remove(cell)


class FoldCells(SphinxPostTransform):
    """Fold the code of a page, once it is known which output of a cell is shown."""

    default_priority = 198  # after myst-nb chose the outputs, before it hides cells in its own way
    formats = ("html",)

    def run(self, **_) -> None:
        """Name every cell for links, say which code is wide, and fold."""
        cells = [node for node in self.document.findall(nodes.container) if is_cell(node)]
        for cell in cells:
            cell.attributes.pop("hide_mode", None)
            for block in cell.findall(nodes.literal_block):
                if "text_plain" in block["classes"]:
                    block.children = [nodes.Text(said(block.astext()))]
            if source := part(cell, "source"):
                source["ids"].append(f"code-{cell['cell_metadata']['name']}")
                if max(map(len, source.astext().splitlines())) > TEXT_COLUMN:
                    source["classes"].append("pg-wide")
        for parent in {id(cell.parent): cell.parent for cell in cells}.values():
            for group in list(neighbours(parent.children)):
                fold(group)


def page(app: Sphinx, _name: str, _template: str, context: dict, _doctree) -> None:
    """Give a page with code the script that opens and closes it."""
    if "cell_input" in context.get("body", ""):
        app.add_js_file("code.js", loading_method="defer")


def setup(app: Sphinx) -> dict:
    """Register the fold, its script, and the switch in the page's header."""
    app.add_node(Fold, html=(visit_fold, depart_fold))
    app.add_post_transform(FoldCells)
    ours = str(Path(__file__).parent / "templates")
    app.config.templates_path = [*app.config.templates_path, ours]  # Sphinx's list is all books'
    app.connect("html-page-context", page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
