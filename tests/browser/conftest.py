"""One browser for all browser tests."""

import pytest
from book_pages import ROOT
from harness import QUIET, Watch, browser_path, served, write_page
from playwright.sync_api import sync_playwright
from test_build import build


@pytest.fixture(scope="session")
def browser():
    """A Chromium without a window."""
    with sync_playwright() as playwright:
        path = browser_path()
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The book, built; its folder."""
    output = tmp_path_factory.mktemp("site")
    done = build(ROOT, output)
    assert done.returncode == 0, done.stderr
    return output / "_build" / "html"


@pytest.fixture(scope="session")
def address(site):
    """The book, served."""
    with served(site) as address:
        yield address


@pytest.fixture
def watch(browser):
    """Opens pages; the test fails if any of them had a problem."""
    context = browser.new_context(viewport={"width": 900, "height": 1000}, has_touch=True)
    watch = Watch(context)
    yield watch
    context.close()
    assert not watch.problems


@pytest.fixture
def show(watch, tmp_path):
    """Show some HTML on a page of the book's style, over HTTP; gives the page."""
    with served(tmp_path) as address:

        def open_page(body, theme="light"):
            write_page(tmp_path, body, theme)
            return watch.open(f"{address}/page.html")

        yield open_page
