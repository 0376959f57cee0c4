"""Take the README's picture from the built book, in a real browser. First: make book."""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("tests/browser", "book/_ext")]

from harness import QUIET, browser_path, served  # noqa: E402

PICTURE = ROOT / "docs" / "screenshot.png"
LARGEST = 300_000  # bytes
SIZE = {"width": 1280, "height": 960}
TRAINED = """() => {
    const el = document.querySelector("pg-trainer");
    return el.survey.next === undefined && el.run.learner.updates >= 14;
}"""


def take(site: Path, picture: Path) -> int:
    """Open the landing page, let its policy learn for a while, and write what is in the window.

    Args:
        site: the built book, a folder of HTML.
        picture: where the PNG goes.

    Returns:
        The size of the file in bytes.
    """
    with sync_playwright() as playwright, served(site) as address:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        page = browser.new_page(viewport=SIZE)
        page.goto(f"{address}/book/index.html")
        page.wait_for_function(TRAINED, timeout=120_000)
        page.get_by_role("button", name="Pause").click()
        page.mouse.move(0, 0)
        page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        page.wait_for_timeout(300)
        picture.parent.mkdir(exist_ok=True)
        page.screenshot(path=picture)
        browser.close()
    return picture.stat().st_size


def main() -> int:
    """Take the picture; say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args()
    if not (given.site / "book" / "index.html").exists():
        print(f"There is no book in {given.site}: run make book first.", file=sys.stderr)
        return 1
    size = take(given.site, given.picture)
    print(f"{given.picture}: {size / 1000:.0f} kB")
    return int(size > LARGEST)


if __name__ == "__main__":
    sys.exit(main())
