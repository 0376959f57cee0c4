"""Mathematics as a line of plain text: what a reader types to find it, once and not twice."""

import re
from xml.etree import ElementTree

from pgbook_maths import typeset

# Not the keyboard's signs: those stand in names of code, which are no mathematics.
UP, DOWN = "ˆ", "ˍ"
NOTHING = dict.fromkeys(map(ord, "\u2061\u2062\u2063\u200b\u00a0"))
NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


def line(tex: str) -> str:
    r"""Return TeX as text: `\gamma^t R` is `γˆt R`, a long index stands in braces.

    Raises:
        ValueError: TeX that KaTeX cannot set.
    """
    found = re.search(r"<math.*?</math>", typeset(tex.strip(), True), re.S)
    return " ".join(written(ElementTree.fromstring(found[0])).split())


def index(mark: str, part: str) -> str:
    """An upper or a lower index."""
    part = part.replace(" ", "")
    return mark + (part if len(part) == 1 else "{" + part + "}")


def written(node: ElementTree.Element) -> str:
    """The text of one element of MathML."""
    name = node.tag.removeprefix(NAMESPACE)
    if name == "annotation":
        return ""
    if not len(node):
        text = (node.text or "").translate(NOTHING)
        return f" {text} " if name == "mo" and (len(text) > 1 or text in "=<>≤≥∼≈∝≠→+−,∣") else text
    parts = [written(child) for child in node]
    match name:
        case "msub" | "munder":
            return parts[0] + index(DOWN, parts[1])
        case "msup":
            return parts[0] + index(UP, parts[1])
        case "mover":  # a hat or a bar
            return parts[0]
        case "msubsup" | "munderover":
            return parts[0] + index(DOWN, parts[1]) + index(UP, parts[2])
        case "mfrac":
            return f"{parts[0]}/{parts[1]}"
        case "msqrt":
            return f"√{parts[0]}"
        case "mtd" | "mtr":
            return " " + " ".join(parts)
    text = ""
    for child, part in zip(node, parts, strict=True):
        # Two factors side by side are two words.
        apart = child.tag.removeprefix(NAMESPACE) != "mo" and text[-1:].isalnum()
        text += f" {part}" if apart else part
    return text
