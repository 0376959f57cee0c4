"""The policy of a page: its own files, the scripts whose hash it names, and no handler."""

import base64
import hashlib
import re
from types import SimpleNamespace

import pgbook_policy
import pytest
from sphinx.errors import ExtensionError

pytestmark = pytest.mark.once

HEAD = '<!doctype html><html><head><meta charset="utf-8" />'
PAGE = f"{HEAD}<script>\n  one();\n</script><script defer src='a.js'></script></head></html>"


def directives(page):
    """The policy that a page holds, by directive."""
    (content,) = re.findall('Content-Security-Policy" content="([^"]*)"', page)
    return {name: rest for name, *rest in (part.split() for part in content.split("; "))}


def test_a_script_in_the_page_is_named_by_its_hash_and_a_file_is_not():
    found = directives(pgbook_policy.guarded(PAGE))
    digest = hashlib.sha256(b"\n  one();\n").digest()
    assert found["script-src"] == ["'self'", f"'sha256-{base64.b64encode(digest).decode()}'"]


def test_nothing_is_allowed_that_the_book_does_not_need():
    found = directives(pgbook_policy.guarded(PAGE))
    assert found.pop("default-src") == ["'none'"]
    assert found.pop("style-src") == ["'self'", "'unsafe-inline'"], "KaTeX's boxes"
    for name, sources in found.items():
        for source in sources:
            fine = source in ("'self'", "'none'", "data:") or source.startswith("'sha256-")
            assert fine, f"{name}: {source}"
    assert "data:" not in found["script-src"]


def test_the_policy_stands_before_all_that_it_is_for():
    page = pgbook_policy.guarded(PAGE)
    assert page.startswith(HEAD) and page.index("http-equiv") < page.index("<script")


def test_the_button_that_prints_keeps_no_handler():
    page = pgbook_policy.guarded(
        f'{PAGE}<button onclick="window.print()" class="btn">Print</button>'
    )
    assert '<button data-print class="btn">' in page


@pytest.mark.parametrize("bad", ['<img alt="a" onerror="x()">', '<b id="c"\nonclick="y()">'])
def test_a_handler_in_an_attribute_is_refused(bad):
    with pytest.raises(ValueError, match="expected listeners in a script, got on"):
        pgbook_policy.guarded(PAGE + bad)


def test_a_page_without_a_charset_is_refused():
    with pytest.raises(ValueError, match="expected a <meta charset>, got none"):
        pgbook_policy.guarded("<html><head></head></html>")


def test_every_written_page_gets_one_policy_and_a_bad_one_stops_the_build(tmp_path):
    (tmp_path / "book").mkdir()
    for name in ("404.html", "book/a.html"):
        (tmp_path / name).write_text(PAGE)
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path))
    pgbook_policy.finish(app, RuntimeError("stopped"))
    assert (tmp_path / "404.html").read_text() == PAGE
    for _ in range(2):  # the second time nothing was written anew
        pgbook_policy.finish(app, None)
    for name in ("404.html", "book/a.html"):
        assert (tmp_path / name).read_text() == pgbook_policy.guarded(PAGE)
    (tmp_path / "bad.html").write_text(f'{PAGE}<p onclick="z()">')
    with pytest.raises(ExtensionError, match="bad.html: expected listeners"):
        pgbook_policy.finish(app, None)
