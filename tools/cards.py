"""Draw the cards that stand for a page in link previews: its title and its first figure.

They go to book/static/cards and are committed. First: make book.

Run: python tools/cards.py [page ...]
"""

import argparse
import base64
import io
import sys
from html import escape
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("tests/browser", "book/_ext")]

from harness import QUIET, browser_path, served  # noqa: E402

CARDS = ROOT / "book" / "static" / "cards"
SIZE = {"width": 1200, "height": 630}
SHADES = 48  # a figure has few colours; its letters' edges need the rest
# The first picture that is large enough to be one; a whole explorable would be mostly sliders.
FIRST = """() => [...document.querySelectorAll("main svg")].find((svg) => {
  const { width, height } = svg.getBoundingClientRect();
  return width > 300 && height > 120;
})"""
CARD = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="../_static/page.css">
<style>
body { box-sizing: border-box; display: flex; flex-direction: column; font-family: var(--pg-font);
  height: 630px; margin: 0; padding: 44px 56px 36px; width: 1200px; }
p { color: var(--pg-muted); font-size: 28px; margin: 0; }
h1 { font-size: 58px; font-weight: 600; letter-spacing: -.012em; line-height: 1.1;
  margin: 6px 0 24px; text-wrap: balance; }
img { flex: 1; min-height: 0; object-fit: contain; width: 100%; }
</style>"""


def card(page, address: str, name: str) -> bytes | None:
    """One page's card as PNG, or nothing where the page has no picture."""
    page.goto(f"{address}/book/{name}.html")
    page.wait_for_timeout(1500)  # an explorable that learns has learned something
    picture = page.evaluate_handle(FIRST).as_element()
    if picture is None:
        return None
    title = page.title().split(" — ")[0]
    book = "" if title == page.title() else page.title().split(" — ")[1]
    shown = base64.b64encode(picture.screenshot()).decode()
    page.evaluate(
        "(html) => { document.open(); document.write(html); document.close(); }",
        f"{CARD}<p>{escape(book)}</p><h1>{escape(title)}</h1>"
        f'<img src="data:image/png;base64,{shown}" alt="">',
    )
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    return page.screenshot(clip={"x": 0, "y": 0, **SIZE})


def main() -> None:
    """Draw every page's card, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help="names without .html; all of them if none")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--cards", type=Path, default=CARDS, help="the folder they go to")
    given = parser.parse_args()
    names = given.pages or sorted(path.stem for path in (given.site / "book").glob("*.html"))
    if not names:
        sys.exit(f"There is no book in {given.site}: run make book first.")
    given.cards.mkdir(exist_ok=True)
    with sync_playwright() as playwright, served(given.site) as address:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        page = browser.new_page(viewport=SIZE, device_scale_factor=1, reduced_motion="reduce")
        for name in names:
            drawn = card(page, address, name)
            if drawn:
                image = Image.open(io.BytesIO(drawn)).convert("RGB").quantize(SHADES, dither=0)
                path = given.cards / f"{name}.png"
                image.save(path, optimize=True)
                print(f"{name}: {path.stat().st_size / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
