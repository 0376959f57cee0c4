"""A derivation whose lines are shown one at a time.

Its source is a numbered list, so it reads well in JupyterLab and Colab: each item gives the reason
for a line and then shows the line. In a notebook the cell has the tag `lines`, in a page the list
stands in the directive `lines`. `static/lines.js` moves from line to line; without a script and on
paper the list stays a list.
"""

import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

MARK = re.compile(r"\\class\{([a-z-]+)\}")
ARROWS = {"-1": ("Previous line", "M10 3 5 8l5 5"), "1": ("Next line", "m6 3 5 5-5 5")}


def plain(tex: str) -> str:
    r"""The TeX of a line without the names of its terms: \class{name}{...} becomes its content."""
    while mark := MARK.search(tex):
        start, depth = mark.end(), 0
        for end in range(start, len(tex)):
            depth += {"{": 1, "}": -1}.get(tex[end], 0)
            if not depth:
                break
        tex = tex[: mark.start()] + tex[start + 1 : end] + tex[end + 1 :]
    return tex


def strays(lines: list[str]) -> set[str]:
    """The names that no two neighbouring lines share, and that therefore follow no term."""
    named = [set(MARK.findall(line)) for line in lines]
    follows = set().union(*(a & b for a, b in zip(named, named[1:], strict=False)))
    return set().union(*named) - follows


def button(step: str) -> str:
    """One of the two buttons beside the dots."""
    name, path = ARROWS[step]
    return (
        f'<button type="button" data-step="{step}" aria-label="{name}"><svg viewBox="0 0 16 16" '
        f'aria-hidden="true"><path d="{path}"/></svg></button>'
    )


def bar(count: int) -> str:
    """What the reader pushes: a range drawn as a line of dots, with a button on each side."""
    dots = "<i></i>" * count
    return (
        f'<div class="pg-lines-bar">{button("-1")}<span class="pg-lines-dots">'
        f'<span aria-hidden="true">{dots}</span><input type="range" min="1" max="{count}" '
        f'value="1" autocomplete="off" aria-label="Line of the derivation"></span>{button("1")}'
        f'<span class="pg-lines-count">Line <b>1</b> of {count}</span>'
        '<button type="button" class="pg-lines-all" aria-pressed="false">All lines</button>'
        '<span class="pg-lines-said" aria-live="polite"></span></div>'
    )


class Lines(SphinxDirective):
    """The directive: text around one numbered list of lines, each with its reason."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Put the list and its controls into a box; what stands around the list stays."""
        parsed = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        lists = [node for node in parsed.children if isinstance(node, nodes.enumerated_list)]
        if len(lists) != 1:
            raise self.error(f"expected one numbered list of lines, got {len(lists)}")
        items = lists[0].children
        shown = [list(item.findall(nodes.math_block)) for item in items]
        counts = [len(found) for found in shown]
        if len(items) < 2 or set(counts) != {1}:
            raise self.error(f"expected one displayed line in each of 2 or more items: {counts}")
        if lost := strays([found[0].astext() for found in shown]):
            raise self.error(f"expected each name in two neighbouring lines, not so {sorted(lost)}")
        return self.boxed(parsed, lists[0])

    def boxed(self, parsed: nodes.container, walk: nodes.enumerated_list) -> list[nodes.Node]:
        """The parsed nodes with the list of lines in its box."""
        walk[0]["classes"].append("pg-now")
        controls = nodes.raw("", bar(len(walk)), format="html")
        box = nodes.container("", walk.deepcopy(), controls, classes=["pg-lines"])
        parsed.replace(walk, box)
        return parsed.children
