"""The report in a notebook: a compass, the verdict, what was seen. The same bytes every time."""

import html
import json
import math
from importlib import resources

_SHADES = json.loads(resources.files("pgbook").joinpath("categories.json").read_text("utf-8"))
UPDATE = f"var(--pg-cat-0, {_SHADES[0]['light']})"  # the page's own shade, where there is one
WIDTH, HEIGHT, REACH = 180, 120, 70  # of the compass, and of an arrow of length 1, in pixels


def compass(angle: float, factor: float) -> str:
    """Return an SVG: the gradient, to the right with length 1, and the mean update beside it.

    Args:
        angle: between the two, in degrees, 0 to 180.
        factor: the update's length along the gradient, in units of it.
    """
    turn = math.radians(angle)
    length = abs(factor / math.cos(turn)) if abs(math.cos(turn)) > 1e-6 else 1.0
    shown = min(length, 1.25)  # a longer one is drawn this long, and the text gives its length
    x, y = WIDTH / 2, HEIGHT - 25
    update = _arrow(x, y, shown * math.cos(turn), shown * math.sin(turn), UPDATE, 3)
    truth = _arrow(x, y, 1.0, 0.0, "currentColor", 1.5)
    said = f"the mean update at {angle:.0f} degrees to the gradient, length along it {factor:.2f}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{said}"><path d="M {x - REACH} {y} A {REACH} {REACH} 0 0 1 {x + REACH} {y}" '
        f'fill="none" stroke="currentColor" stroke-opacity="0.25"/>{truth}{update}'
        f'<text x="{x}" y="{HEIGHT - 6}" text-anchor="middle" font-size="11" fill="currentColor">'
        f"{angle:.1f}° from the gradient</text></svg>"
    )


def _arrow(x, y, right, up, ink, width):
    """A line from (x, y) with a head at its end; lengths in units of the gradient."""
    tip = x + REACH * right, y - REACH * up
    size = math.hypot(right, up)
    if size < 0.02:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{ink}"/>'
    along, across = (right / size, -up / size), (up / size, right / size)
    back = [(tip[i] - 9 * along[i] + side * 4.5 * across[i]) for side in (1, -1) for i in (0, 1)]
    head = f"{tip[0]:.1f},{tip[1]:.1f} {back[0]:.1f},{back[1]:.1f} {back[2]:.1f},{back[3]:.1f}"
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{tip[0]:.1f}" y2="{tip[1]:.1f}" stroke="{ink}" '
        f'stroke-width="{width}"/><polygon points="{head}" fill="{ink}"/>'
    )


def page(report) -> str:
    """Return a report as HTML; it needs no style sheet, and loads nothing."""
    picture = ""
    if math.isfinite(report.angle) and math.isfinite(report.factor):
        picture = compass(report.angle, report.factor)
    items = "".join(f"<li>{html.escape(line)}</li>" for line in report.details())
    slips = "".join(
        f"<li><b>{slip.name}</b>: {html.escape(slip.says)}. Instead: <code>"
        f'{html.escape(slip.mended(report.windows))}</code> (<a href="{slip.link}">why</a>)</li>'
        for slip in report.known_slips()
    )
    return (
        '<div class="pg-audit" style="display:flex;gap:1em;align-items:flex-start;flex-wrap:wrap">'
        f'{picture}<div style="flex:1;min-width:16em"><p><b>{html.escape(report.headline())}</b>'
        f"</p><ul>{slips}{items}</ul></div></div>"
    )
