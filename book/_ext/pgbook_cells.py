"""What the book does to a notebook's JSON before MyST reads it.

The notebooks are plain Markdown, so that they read well in JupyterLab and Colab. What only the
built book knows (targets, margin notes, themed figures) is added here.
"""

import json
import re

import pgbook_ask
import pgbook_orient
import pgbook_svg

LABELLED = re.compile(r"(proof-)?eq-[a-z0-9-]+")
LABEL_LINK = re.compile(r"\]\((?:[\w-]+\.(?:ipynb|md))?#((?:proof-)?eq-[a-z0-9-]+)\)")
FIGURE_LINK = re.compile(r"\[(Figure [A-Z\d]+\.\d+)\]\((?:([\w-]+)\.(?:ipynb|md))?(#[a-z0-9-]+)\)")
CITATION_LINK = re.compile(r"\]\(bibliography\.md#([a-z0-9-]+)\)")
EQUATION_TAG = re.compile(r"\\tag\{([^}]*)\}")
DIRECTIVES = {"margin", "lines"}  # tags that say what the built book makes of a Markdown cell
PAGE_HREF = re.compile(r"""(href=["'])([\w-]+)\.(?:ipynb|md)((?:#[\w-]+)?["'])""")


def links(text: str) -> str:
    """Turn links to a labelled equation or a citation into ones that MyST resolves and checks.

    A figure's name stands in HTML, where MyST does not look: a link to it is HTML too.
    """
    text = FIGURE_LINK.sub(
        lambda to: f'<a href="{to[2] + ".html" if to[2] else ""}{to[3]}">{to[1]}</a>', text
    )
    return CITATION_LINK.sub(r"](#\1)", LABEL_LINK.sub(r"](#\1)", text))


def directive(name: str, text: str) -> str:
    """Wrap Markdown in a directive whose fence is longer than any in the text."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`{3,}", text))])
    return f"{fence}{{{name}}}\n{text}\n{fence}"


def numbers(cells: list[dict]) -> dict[str, str]:
    """The number of each labelled equation among the cells: {"eq-return": "1.1"}."""
    named = {cell.get("id", ""): EQUATION_TAG.findall("".join(cell["source"])) for cell in cells}
    return {name: tags[0] for name, tags in named.items() if name.startswith("eq-") and tags}


def markdown(cell: dict, number_of: dict[str, str]) -> str:
    """The Markdown cell as MyST should read it; a long proof is folded behind a line."""
    text, name = links("".join(cell["source"])), cell.get("id", "")
    tags = cell["metadata"].get("tags", [])
    for kind in DIRECTIVES.intersection(tags):
        text = directive(kind, text)
    text = pgbook_ask.dressed(name, text)
    if LABELLED.fullmatch(name):
        text = f"({name})=\n\n{text}"
    if "long-proof" in tags:
        line = f"Proof of ({number_of[name.removeprefix('proof-')]})"
        return f'<details class="pg-proof"><summary>{line}</summary>\n\n{text}\n\n</details>'
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
        data["text/html"] = pgbook_svg.figure(data, name)


def captioned(outputs: list[dict], name: str) -> list[dict]:
    """Put each caption and the picture above it into one figure, which has the cell's name."""
    kept = []
    for stored in outputs:
        caption = "".join(stored.get("data", {}).get("text/html", ""))
        if caption.startswith("<figcaption"):
            above = kept[-1]["data"]
            picture = "".join(above["text/html"])
            above["text/html"] = f'<figure class="pg-shown" id="{name}">{picture}{caption}</figure>'
        else:
            kept.append(stored)
    return kept


def notebook(text: str) -> str:
    """Transform the text of one notebook."""
    book, as_written = json.loads(text), json.loads(text)["cells"]
    number_of = numbers(as_written)
    for number, cell in enumerate(book["cells"]):
        if cell["cell_type"] == "markdown":
            cell["source"] = pgbook_orient.dressed(cell, markdown(cell, number_of), as_written)
        else:
            cell["metadata"]["name"] = cell.get("id", str(number))  # for links to the code
        for part, stored in enumerate(cell.get("outputs", [])):
            output(stored.get("data", {}), f"figure-{number}-{part}-")
        if "outputs" in cell:
            cell["outputs"] = captioned(cell["outputs"], cell.get("id", ""))
    return json.dumps(book)
