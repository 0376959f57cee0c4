"""What the book does to a notebook's JSON before MyST reads it.

The notebooks are plain Markdown, so that they read well in JupyterLab and Colab. What only the
built book knows (targets, margin notes, themed figures) is added here.
"""

import json
import re

import pgbook_svg

LABELLED = re.compile(r"(proof-)?eq-[a-z0-9-]+")
LABEL_LINK = re.compile(r"\]\((?:[\w-]+\.(?:ipynb|md))?#((?:proof-)?eq-[a-z0-9-]+)\)")
CITATION_LINK = re.compile(r"\]\(bibliography\.md#([a-z0-9-]+)\)")
PAGE_HREF = re.compile(r"""(href=["'])([\w-]+)\.(?:ipynb|md)((?:#[\w-]+)?["'])""")


def links(text: str) -> str:
    """Turn links to a labelled equation or a citation into ones that MyST resolves and checks."""
    return CITATION_LINK.sub(r"](#\1)", LABEL_LINK.sub(r"](#\1)", text))


def margin(text: str) -> str:
    """Wrap Markdown in a margin directive whose fence is longer than any in the text."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", text))])
    return f"{fence}{{margin}}\n{text}\n{fence}"


def markdown(cell: dict) -> str:
    """The Markdown cell as MyST should read it."""
    text = links("".join(cell["source"]))
    if "margin" in cell["metadata"].get("tags", []):
        return margin(text)
    if LABELLED.fullmatch(cell.get("id", "")):
        return f"({cell['id']})=\n\n{text}"
    return text


def output(data: dict, name: str) -> None:
    """Put the figure into the page itself, and point stored HTML at the built pages."""
    data.pop("application/vnd.pgbook.check+json", None)
    if "text/markdown" in data:
        data["text/markdown"] = links("".join(data["text/markdown"]))
    if "text/html" in data:
        html = "".join(data["text/html"])
        data["text/html"] = PAGE_HREF.sub(r"\1\2.html\3", html)
    elif "image/svg+xml" in data:
        data["text/html"] = pgbook_svg.figure("".join(data.pop("image/svg+xml")), name)


def notebook(text: str) -> str:
    """Transform the text of one notebook."""
    book = json.loads(text)
    for number, cell in enumerate(book["cells"]):
        if cell["cell_type"] == "markdown":
            cell["source"] = markdown(cell)
        for part, stored in enumerate(cell.get("outputs", [])):
            output(stored.get("data", {}), f"figure-{number}-{part}-")
    return json.dumps(book)
