"""Matplotlib's SVG, made part of the page: it follows the theme and the palette."""

import json
import re
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "pgbook"
PALETTE = json.loads((PACKAGE / "palette.json").read_text("utf-8"))
CATEGORIES = json.loads((PACKAGE / "categories.json").read_text("utf-8"))
SHEET = 'style="fill: #ffffff"'  # the background of a figure or of its axes: the page's own shows
NARROW = "image/vnd.pgbook.phone+svg+xml"  # what plots.show calls a figure laid out for a phone
PHONE = 270  # points: 360 pixels
# Every shade that has a light and a dark side, by the name of its CSS variable.
SHADES = PALETTE | {f"cat-{i}": entry for i, entry in enumerate(CATEGORIES)}
INK = {"#000000": "currentColor", "#ffffff": "var(--pg-paper)", "#6b7280": "var(--pg-muted)"}


def colours(svg: str) -> str:
    """Replace fixed colours by the theme's: black, white and the palettes' light shades."""
    named = {term["light"]: f"var(--pg-{name})" for name, term in SHADES.items()}
    shades = re.compile("|".join(map(re.escape, {**INK, **named})), re.IGNORECASE)
    return shades.sub(lambda shade: {**INK, **named}[shade[0].lower()], svg)


def own_ids(svg: str, name: str) -> str:
    """Keep only the ids that are referred to, and make them unique on the page."""
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    svg = re.sub(
        r' id="([^"]+)"',
        lambda found: f' id="{name}{found[1]}"' if found[1] in used else "",
        svg,
    )
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{name}", svg)


def figure(data: dict, name: str) -> str:
    """Take the drawings out of an output, as inline HTML: one for desks, one for phones."""
    wide, narrow = ("".join(data.pop(kind, "")) for kind in ("image/svg+xml", NARROW))
    if narrow:
        return drawing(wide, name, "pg-desk") + drawing(narrow, f"{name}phone-", "pg-phone")
    return drawing(wide, name, "")


def drawing(svg: str, name: str, kind: str) -> str:
    """Return one drawing as inline HTML; the width is the page's affair."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("<defs></defs>", "").replace("xlink:href", "href")
    svg = svg.replace(SHEET, 'style="fill: none"')
    svg = re.sub(r"<defs>\s*</defs>", "", svg)
    head, rest = svg.split(">", 1)
    head = re.sub(r' (width|height|version|xmlns(:xlink)?)="[^"]*"', "", head)
    if "role=" not in head:
        head += ' role="img"'
    # A blank line would end the HTML block.
    body = re.sub(r"\n\s*\n+", "\n", own_ids(colours(f"{head}>{rest}"), name))
    width = re.search(r'viewBox="0 0 ([\d.]+) ', head)
    fits = "pg-fits" if width and float(width[1]) <= PHONE else ""
    classes = " ".join(filter(None, ("pg-figure", kind, fits)))
    return f'<div class="{classes}">{body.strip()}</div>'
