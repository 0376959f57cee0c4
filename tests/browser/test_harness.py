"""The harness itself: which browser it takes, and that it sees what goes wrong."""

from types import SimpleNamespace

import harness
import pytest
from harness import Watch, browser_path, served, write_page

pytestmark = pytest.mark.browser


def playwright(path):
    return SimpleNamespace(chromium=SimpleNamespace(executable_path=str(path)))


def test_which_browser(monkeypatch, tmp_path):
    mine, found, own = (tmp_path / name for name in ("mine", "found", "own"))
    for path in (mine, found, own):
        path.touch()
    monkeypatch.setenv("CHROMIUM", str(mine))
    monkeypatch.setattr(harness.shutil, "which", lambda name: str(found))
    assert browser_path(playwright(own)) == str(mine)
    monkeypatch.delenv("CHROMIUM")
    assert browser_path(playwright(own)) == str(found)
    monkeypatch.setattr(harness.shutil, "which", lambda name: None)
    assert browser_path(playwright(own)) == str(own)
    with pytest.raises(RuntimeError, match="There is no browser for the tests: install Chromium"):
        browser_path(playwright(tmp_path / "gone"))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<img src="https://example.org/a.png" alt="">', "asked for https://example.org"),
        ('<img src="gone.png" alt="">', "404"),
        ("<script>nothing()</script>", "error: nothing is not defined"),
        ("<script>console.error('oh')</script>", "console error: oh"),
    ],
)
def test_what_goes_wrong_is_seen(browser, tmp_path, body, says):
    context = browser.new_context()
    watch = Watch(context)
    write_page(tmp_path, body)
    with served(tmp_path) as address:
        watch.open(f"{address}/page.html").wait_for_timeout(100)
    context.close()
    assert any(says in problem for problem in watch.problems), watch.problems
