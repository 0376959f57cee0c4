"""The harness itself: it sees what goes wrong."""

import pytest
from harness import Watch, served, settle, write_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('<img src="https://example.org/a.png" alt="">', "failed: https://example.org"),
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
        settle(watch.open(f"{address}/page.html"))
    context.close()
    assert any(says in problem for problem in watch.problems), watch.problems
