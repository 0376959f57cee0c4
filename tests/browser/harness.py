"""A browser for tests, a server for files, and pages that hold an explorable and little else."""

import contextlib
import functools
import http.server
import re
import shutil
import subprocess
import threading
from pathlib import Path

from pgbook_svg import SHADES

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "static"
PATIENCE = 300_000  # ms; only what hangs waits so long, no test depends on it
QUIET = (  # and no host but this one
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run"
).split() + ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
FRAMES = "() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))"


def browser_path():
    """Return what tools/browser.sh finds: $CHROMIUM, a browser on the path, or Playwright's own."""
    script = ROOT / "tools" / "browser.sh"
    found = subprocess.run(["sh", script], capture_output=True, text=True)
    if found.returncode:
        raise RuntimeError(found.stderr)
    return found.stdout.strip()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, *_):
        """Stay silent."""


@contextlib.contextmanager
def served(folder):
    """Serve a folder to this machine; gives its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Watch:
    """Opens pages and remembers all that went wrong; with `QUIET` no outside host is reached."""

    def __init__(self, context):
        self.problems = []
        self.context = context

    def open(self, url):
        """Open a page; problems go to `self.problems`."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("requestfailed", lambda r: self.problems.append(f"failed: {r.url}"))
        page.on("response", self._response)
        page.goto(url)
        return page

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(f"console {message.type}: {message.text}")

    def _response(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")


def settle(page, frames=6):
    """Wait until the page has drawn: frames are counted, since seconds depend on the machine."""
    page.evaluate(
        "n => new Promise((done) => {"
        "  const next = () => (n-- > 0 ? requestAnimationFrame(next) : done());"
        "  next();"
        "})",
        frames,
    )


def settled(page, row, index=0):
    """Wait until an explorable stands still; return it."""
    element = page.locator(row.tag).nth(index)
    element.locator("svg").first.wait_for()
    page.evaluate(FRAMES)
    page.wait_for_function(
        f"([tag, i]) => {{ const el = document.querySelectorAll(tag)[i]; return {row.settle}; }}",
        arg=[row.tag, index],
    )
    page.evaluate(FRAMES)
    return element


def palette_css():
    """The palettes' variables, as the book's pages have them."""
    rules = [
        f"{selector}{{{''.join(f'--pg-{name}:{term[theme]};' for name, term in SHADES.items())}}}"
        for selector, theme in ((":root", "light"), ("html[data-theme=dark]", "dark"))
    ]
    return "".join(rules)


def write_page(folder, body, theme="light"):
    """Write a page with the book's style and script around some HTML; return its path."""
    for name in ("book.css", "heights.css"):
        shutil.copy(STATIC / name, folder / name)
    for name in ("fonts", "explorables"):
        shutil.copytree(STATIC / name, folder / name, dirs_exist_ok=True)
    names = ("shared", *sorted(set(re.findall(r"<(pg-[a-z-]+)", body))))
    scripts = "".join(f'<script defer src="explorables/{name}.js"></script>' for name in names)
    page = folder / "page.html"
    page.write_text(
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>A page</title>'
        f'<link rel="icon" href="data:,"><style>{palette_css()}</style>'
        f'<link rel="stylesheet" href="book.css">{scripts}</head>'
        f'<body><main class="bd-article"><h1>A page</h1>{body}</main></body></html>',
        "utf-8",
    )
    return page
