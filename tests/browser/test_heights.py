"""A page keeps room for its explorables: as high as they will be, before any script has run.

`book/static/heights.css` holds what this file measures, and is written by it: after a change of an
explorable's height run `UPDATE=1 pytest tests/browser/test_heights.py`.
"""

import os
import re

import pytest
from harness import STATIC, settle
from registry import ROWS

pytestmark = pytest.mark.browser

SHEET = STATIC / "heights.css"
# px; from 600 on pictures stand side by side
WIDTHS = (288, 328, 358, 382, 440, 520, 599, 600, 640, 704, 800)
BLOCK = r"@container \(min-width: (\d+)px\) \{(.+?)\n\}"
RULE = r"(pg-[a-z-]+) > p:not\(\[role\]\) \{ min-height: calc\(([-\d.]+)rem \+ ([-\d.]+)cqi\)"
CLOSE = 24  # px: a line of words, which another font may wrap
HEAD = """/* Written by tests/browser/test_heights.py: the room that explorables take. */
{names} {{
  container-type: inline-size;
  display: block;
  margin: 1.25rem 0;
}}
:is({names}) > p:not([role]) {{
  margin: 0;
}}
"""


def measured(show, row):
    """The height of an explorable at each width, px."""
    boxes = "".join(f'<div style="width:{w}px">{row.make().to_html()}</div>' for w in WIDTHS)
    page = show(boxes)
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function("t => !document.querySelector(`${t}:not(.pg-x)`)", arg=row.tag)
    for element in page.locator(row.tag).all():
        element.scroll_into_view_if_needed()  # off the screen it may wait with its picture
        element.locator("svg").first.wait_for()
    page.evaluate("() => document.fonts.ready.then(() => {})")
    settle(page, 12)
    heights = "els => els.map((el) => el.getBoundingClientRect().height)"
    return page.locator(row.tag).evaluate_all(heights)


def kept():
    """What the style sheet says: tag -> [(from width, px, px a pixel of width)]."""
    rules = {}
    for start, body in re.findall(BLOCK, SHEET.read_text("utf-8"), re.S):
        for tag, fixed, share in re.findall(RULE, body):
            rules.setdefault(tag, []).append((int(start), 16 * float(fixed), float(share) / 100))
    return rules


def room(pieces, width):
    """The height that is kept at a width, px."""
    start, fixed, share = [piece for piece in pieces if piece[0] <= width][-1]
    return fixed + share * width


def sheet(heights):
    """The style sheet for heights: a straight line from each measured width to the next."""
    text = HEAD.format(names=",\n".join(heights))
    for i, width in enumerate(WIDTHS):
        text += f"@container (min-width: {width if i else 0}px) {{\n"
        for tag, ours in heights.items():
            following = min(i + 1, len(WIDTHS) - 1)
            rise = (ours[following] - ours[i]) / max(1, WIDTHS[following] - width)
            start = (ours[i] - rise * width) / 16
            height = f"calc({start:.2f}rem + {100 * rise:.2f}cqi)"
            text += f"  {tag} > p:not([role]) {{ min-height: {height}; }}\n"
        text += "}\n"
    return text


def test_the_page_keeps_as_much_room_as_an_explorable_takes(show):
    heights = {row.tag: measured(show, row) for row in ROWS.values()}
    if os.environ.get("UPDATE"):
        SHEET.write_text(sheet(heights))
    rules = kept()
    assert set(rules) == set(heights)
    off = {
        (tag, width): (round(room(rules[tag], width)), round(ours))
        for tag, each in heights.items()
        for width, ours in zip(WIDTHS, each, strict=True)
        if abs(room(rules[tag], width) - ours) > CLOSE
    }
    assert not off
