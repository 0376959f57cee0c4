"""Print what each built page transfers, compressed, and when it is ready on a slow connection.

Ready means: loaded, and the explorables on the first screen drawn. Build the book first: make book.

Run: python benchmarks/pages.py [--mbit 10] [--latency 40] [--html _build/html] [--small]
"""

import functools
import gzip
import http.server
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("tools", "tests", "tests/browser", "book/_ext")]

import recording  # noqa: E402
from harness import QUIET, browser_path  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

PATIENCE = 180_000  # ms; a page that takes longer than this hangs
TEXT = (".html", ".css", ".js", ".json", ".svg", ".ipynb")
READY = """() => document.readyState === "complete"
  && [...document.querySelectorAll("main *")].filter((el) => el.localName.startsWith("pg-")
    && el.checkVisibility({ contentVisibilityAuto: true })
    && el.getBoundingClientRect().top < innerHeight)
    .every((el) => el.querySelector("svg[viewBox]"))"""


class Compressing(http.server.SimpleHTTPRequestHandler):
    """Serves files as a web host does: text compressed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send one file."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        if path.suffix in TEXT:
            content = gzip.compress(content, 9)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Stay silent."""


def measure(browser, url: str, mbit: float, latency: float) -> tuple[float, float]:
    """Open one page with an empty cache; return kB transferred and seconds until it is ready."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    devtools, received = context.new_cdp_session(page), []
    devtools.send("Network.enable")
    devtools.on(
        "Network.loadingFinished", lambda event: received.append(event["encodedDataLength"])
    )
    speed = mbit * 1e6 / 8
    limits = {"offline": False, "latency": latency}
    limits |= {"downloadThroughput": speed, "uploadThroughput": speed}
    devtools.send("Network.emulateNetworkConditions", limits)
    page.goto(url, wait_until="commit")
    page.wait_for_function(READY, timeout=PATIENCE)
    seconds = page.evaluate("performance.now()") / 1000
    page.wait_for_timeout(300)
    context.close()
    return sum(received) / 1000, seconds


def main() -> None:
    """Parse the command line, measure every page, print."""
    parser = recording.options(__doc__)
    parser.add_argument("--mbit", type=float, default=10)
    parser.add_argument("--latency", type=float, default=40, help="ms")
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    given = parser.parse_args()
    pages = sorted((given.html / "book").glob("*.html"))[: 1 if given.small else None]
    if not pages:
        sys.exit(f"There are no pages in {given.html / 'book'}: build the book first, make book.")
    handler = functools.partial(Compressing, directory=str(given.html))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{given.mbit:g} Mbit/s, {given.latency:g} ms")
    print(f"{'page':<36}{'kB':>7}{'ready, s':>10}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=QUIET)
        for path in pages:
            url = f"http://127.0.0.1:{server.server_port}/book/{path.name}"
            size, seconds = measure(browser, url, given.mbit, given.latency)
            print(f"{path.stem:<36}{size:>7.0f}{seconds:>10.2f}")
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
