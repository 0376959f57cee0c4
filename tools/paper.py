"""Print the built book as one PDF, from a real browser. First: make book.

Run: python tools/paper.py [--site FOLDER] [--out FILE]
"""

import argparse
import io
import sys
from html import escape
from pathlib import Path

import yaml
from paper_join import Links, Printed, joined, places, starts
from playwright.sync_api import Browser, sync_playwright
from pypdf import PdfReader

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("tests/browser", "book/_ext")]

from harness import QUIET, browser_path, served  # noqa: E402

PATIENCE = 600_000  # ms; only what hangs waits so long
SCALE = 0.78  # of the screen's sizes: 18 px of text become 10.5 pt
SHEET = {"width": 210, "height": 297, "side": 20, "top": 17, "bottom": 20}  # mm
COLUMN = round((SHEET["width"] - 2 * SHEET["side"]) / 25.4 * 96 / SCALE)  # px
PAPER = {
    "width": f"{SHEET['width']}mm",
    "height": f"{SHEET['height']}mm",
    "margin": {
        "left": f"{SHEET['side']}mm",
        "right": f"{SHEET['side']}mm",
        "top": f"{SHEET['top']}mm",
        "bottom": f"{SHEET['bottom']}mm",
    },
}
# An explorable moves where it is seen, and some compute for a while: it is ready when it rests.
AT_REST = """(el) => {
  const now = el.innerHTML, rest = (el.rest ??= { last: "", frames: 0 });
  rest.frames = now === rest.last ? rest.frames + 1 : 0;
  rest.last = now;
  return rest.frames > 20;
}"""
NAMED = """() => [...document.querySelectorAll("main *")]
    .filter((el) => el.localName.startsWith("pg-"))
    .every((el) => el.classList.contains("pg-x") && el.querySelector("svg, [role=alert]"))"""
# Only an anchor that a link of its page leads to has a place in the PDF: each gets one.
ANCHORS = """() => {
    for (const el of document.querySelectorAll("main [id]")) {
      if (!el.checkVisibility() || el.closest(".pg-figure svg, .pg-x")) continue;
      const link = document.createElement("a");
      link.href = `#${encodeURIComponent(el.id)}`;
      link.className = "pg-anchor";
      link.textContent = ".";
      document.querySelector("main h1").before(link);
    }
    const style = document.createElement("style");
    style.textContent = `.pg-anchor { color: transparent !important; font-size: 1px;
      position: absolute; top: 0; left: 0 }`;
    document.head.append(style);
}"""
SECTIONS = """() => [...document.querySelectorAll("main section section:has(> h2)")].map((part) => {
    const words = part.querySelector("h2").cloneNode(true);
    words.querySelectorAll(".headerlink, .katex-mathml").forEach((el) => el.remove());
    return [part.id, words.textContent.trim()];
})"""
FRONT = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">
<link rel="stylesheet" href="{served}/_static/page.css"><style>
body {{ font-family: var(--pg-font); background: none; font-size: 1rem; line-height: 1.5 }}
header {{ break-after: page; padding-top: 16rem }}
h1 {{ font-size: 3.4rem; font-weight: 600; line-height: 1.1; margin: 0 0 1.5rem }}
h2 {{ font-size: 1.6rem }} h3 {{ font-size: 1rem; font-weight: 500; margin: 1.4rem 0 .3rem;
  break-after: avoid }}
p {{ max-width: 34rem }} li p {{ margin: 0 }}
ol {{ list-style: none; margin: 0; padding: 0 }} ol ol {{ padding-left: 1.5rem; color: #615c54 }}
li > a {{ display: flex; color: inherit; text-decoration: none; break-inside: avoid }}
li > a b {{ font-weight: 400; margin-left: auto; padding-left: 1rem }}
</style>{body}</html>"""
NUMBERS = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">
<link rel="stylesheet" href="{served}/_static/page.css"><style>
body {{ background: none; margin: 0 }}
div {{ break-after: page; height: {height}mm; position: relative; text-align: center;
  color: #615c54; font: 9.5pt var(--pg-font) }} div:last-child {{ break-after: auto }}
span {{ position: absolute; bottom: 9mm; left: 0; right: 0 }}
</style>{body}</html>"""


def pages(toc: Path) -> list[tuple[str, str]]:
    """(name, caption of the part that it begins or nothing) of every page, in order."""
    contents = yaml.safe_load(toc.read_text("utf-8"))
    found = [(Path(contents["root"]).name, "")]
    for part in contents.get("parts") or [contents]:
        for number, chapter in enumerate(part["chapters"]):
            caption = part.get("caption", "") if number == 0 else ""
            found.append((Path(chapter["file"]).name, caption))
    return found


def printed(page, address: str, name: str, part: str) -> Printed:
    """Open a page as paper shows it, wait until all its figures are drawn, and print it."""
    page.goto(f"{address}/book/{name}.html")
    page.emulate_media(media="print", color_scheme="light", reduced_motion="reduce")
    page.wait_for_function(NAMED)
    for figure in page.locator("main .pg-x").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function(AT_REST, arg=figure.element_handle())
    page.evaluate("() => document.fonts.ready.then(() => scrollTo(0, 0))")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")  # open proofs have anchors, too
    page.evaluate(ANCHORS)
    sheets = PdfReader(io.BytesIO(page.pdf(**PAPER, scale=SCALE, outline=False, tagged=False)))
    title = page.locator("main h1").first.evaluate("el => el.firstChild.textContent.trim()")
    return Printed(name, title, sheets, page.evaluate(SECTIONS), part)


def front(page, address: str, book: list[Printed], public: str, sheets: int) -> PdfReader:
    """Title and contents, with the numbers as they are behind so many sheets of front."""
    lines = []
    first = book[0]
    for one, start in zip(book[1:], starts(book, sheets)[1:], strict=True):
        at = {a: number for a, (number, _, _) in places(one, start).items()}
        link = f"{address}/book/{one.name}.html"
        inner = "".join(
            f'<li><a href="{link}#{escape(anchor)}">{escape(heading)}<b>{at[anchor] + 1}</b></a>'
            for anchor, heading in one.sections
        )
        if one.part:
            lines.append(f"</ol><h3>{escape(one.part)}</h3><ol>")
        lines.append(
            f'<li><a href="{link}">{escape(one.title)}<b>{start + 1}</b></a><ol>{inner}</ol></li>'
        )
    body = (
        f"<header><h1>{escape(first.title)}</h1><p>The book on paper. Its figures move at"
        f' <a href="{public}">{public}</a>; each says its address.</p><p>Text and figures: CC BY'
        " 4.0. Code: MIT.</p></header>"
        f"<h2>Contents</h2><ol>{''.join(lines)}</ol>"
    )
    page.set_content(FRONT.format(served=address, body=body), wait_until="load")
    page.evaluate("() => document.fonts.ready.then(() => {})")
    return PdfReader(io.BytesIO(page.pdf(**PAPER, scale=SCALE)))


def numbers(page, address: str, count: int) -> PdfReader:
    """Sheets that hold their number and nothing else."""
    body = "".join(f"<div><span>{number}</span></div>" for number in range(1, count + 1))
    html = NUMBERS.format(served=address, body=body, height=SHEET["height"] - 0.1)
    page.set_content(html, wait_until="load")
    page.evaluate("() => document.fonts.ready.then(() => {})")
    none = dict.fromkeys(PAPER["margin"], "0")
    return PdfReader(io.BytesIO(page.pdf(**{**PAPER, "margin": none})))


def write(browser: Browser, site: Path, toc: Path, public: str, out: Path) -> tuple[int, list[str]]:
    """Print the pages of a built book into one PDF.

    Args:
        browser: a Chromium that is running.
        site: the built book, a folder of HTML.
        toc: the order of its pages.
        public: where the book is published.
        out: where the PDF goes.

    Returns:
        How many sheets it has, and the links that lead to no place on a sheet.
    """
    with served(site) as address:
        context = browser.new_context(viewport={"width": COLUMN, "height": 1100})
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        book = [printed(page, address, *entry) for entry in pages(toc)]
        desk = context.new_page()
        desk.goto(f"{address}/404.html")
        sheets = len(front(desk, address, book, public, 0).pages)
        first = front(desk, address, book, public, sheets)
        count = sheets + sum(len(one.reader.pages) for one in book)
        links = Links(address, public)
        writer = joined(first, book, links, numbers(desk, address, count))
        context.close()
    writer.compress_identical_objects()
    for sheet in writer.pages:
        sheet.compress_content_streams()
    writer.add_metadata({"/Title": book[0].title, "/Author": "The authors of the book"})
    out.parent.mkdir(parents=True, exist_ok=True)
    writer.write(out)
    return count, links.lost


def main() -> int:
    """Write the PDF; say how long it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "book.pdf")
    given = parser.parse_args()
    if not (given.site / "book" / "index.html").exists():
        print(f"There is no book in {given.site}: run make book first.", file=sys.stderr)
        return 1
    public = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["html"]["baseurl"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        count, lost = write(browser, given.site, ROOT / "_toc.yml", public, given.out)
    for link in dict.fromkeys(lost):
        print(f"no place on paper: {link}", file=sys.stderr)
    print(f"{given.out}: {count} pages, {given.out.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
