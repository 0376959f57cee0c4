"""One browser for all browser tests, and one opening of each page for those that look at each."""

import os

import pytest
from book_pages import ROOT, pages
from harness import QUIET, Watch, browser_path, served, settle, settled, write_page
from playwright.sync_api import sync_playwright
from registry import ROWS
from test_build import build

# What a reader sees who has come there: far from the screen a section has neither text nor size.
ALL_LAID_OUT = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""


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
    """The book, built; its folder. `make test` names the one that it has just built."""
    if built := os.environ.get("PGBOOK_SITE"):
        return ROOT / built
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


@pytest.fixture(scope="session", params=[path.stem for path in pages()])
def opened(request, browser, address):
    """One page of the book, opened once for all the tests that look at every page."""
    context = browser.new_context(has_touch=True)
    watch = Watch(context)
    page = watch.open(f"{address}/book/{request.param}.html")
    page.evaluate(ALL_LAID_OUT)
    yield request.param, page, watch
    context.close()


@pytest.fixture
def leaf(opened):
    """Each page of the book in turn, on a desk and light: (name, page); it may be left changed."""
    name, page, watch = opened
    page.emulate_media(media="screen", reduced_motion="reduce")
    page.set_viewport_size({"width": 1300, "height": 1000})
    page.mouse.move(0, 0)  # where the last test left it, a tooltip may be open
    page.evaluate(
        "() => { document.documentElement.dataset.theme = 'light';"
        " document.querySelector('.pg-code-switch[aria-pressed=true]')?.click(); }"
    )
    settle(page)
    yield name, page
    problems = list(watch.problems)
    watch.problems.clear()
    assert not problems


@pytest.fixture(scope="session")
def stage(tmp_path_factory):
    """A folder for a page of its own, served; gives both."""
    folder = tmp_path_factory.mktemp("stage")
    with served(folder) as address:
        yield folder, address


@pytest.fixture
def show(watch, stage):
    """Show some HTML on a page of the book's style, over HTTP; gives the page."""
    folder, address = stage

    def open_page(body, theme="light"):
        write_page(folder, body, theme)
        return watch.open(f"{address}/page.html")

    return open_page


@pytest.fixture(scope="session", params=ROWS.values(), ids=list(ROWS))
def row(request):
    """Each explorable in turn, and what the tests must know of it."""
    return request.param


@pytest.fixture(scope="session")
def stood(browser, stage, row):
    """An explorable on a page, opened once for all the tests that put back what they change."""
    folder, address = stage
    write_page(folder, f"{row.make().to_html()}<p>What follows.</p>")
    context = browser.new_context(has_touch=True)
    watch = Watch(context)
    page = watch.open(f"{address}/page.html")
    yield page, settled(page, row), watch
    context.close()


@pytest.fixture
def standing(stood, row):
    """Each explorable in turn as it opens, light, on a small screen: (page, element)."""
    page, element, watch = stood
    page.emulate_media(reduced_motion="no-preference")
    page.set_viewport_size({"width": 900, "height": 1000})
    page.evaluate(
        "() => { document.documentElement.dataset.theme = 'light'; scrollTo(0, 0);"
        " getSelection().empty(); document.activeElement.blur(); }"
    )
    element.evaluate("el => el.reset()")
    settled(page, row)
    yield page, element
    problems = list(watch.problems)
    watch.problems.clear()
    assert not problems
