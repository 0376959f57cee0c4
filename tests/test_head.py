"""What the book says of itself: descriptions and cards of all pages, the files at its top."""

import io
import re
import struct
from types import SimpleNamespace

import pgbook_head
import pytest
import yaml
from book_pages import ROOT
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

pytestmark = pytest.mark.once

SETTINGS = {
    "extensions": ["myst_nb", "pgbook_head"],
    "nb_execution_mode": "off",
    "html_theme": "sphinx_book_theme",
    "html_title": "The book",
    "exclude_patterns": [],
}


def toc_pages():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [toc["root"], *(c["file"] for part in toc["parts"] for c in part["chapters"])]
    return {name.removeprefix("book/") for name in files}


def test_every_page_and_no_other_has_a_description():
    assert set(pgbook_head.DESCRIPTIONS) == toc_pages()


@pytest.mark.parametrize("name", pgbook_head.DESCRIPTIONS)
def test_a_description_is_a_sentence_of_a_length_that_is_shown_whole(name):
    text = pgbook_head.DESCRIPTIONS[name]
    assert 70 <= len(text) <= 160 and text[0].isupper() and text[-1] in ".?"
    assert not re.search(r"[$\\`<>*_]", text), "symbols are not set in a search result"
    assert list(pgbook_head.DESCRIPTIONS.values()).count(text) == 1


def test_cards_are_small_pictures_of_one_size_and_the_book_has_one():
    cards = sorted(pgbook_head.CARDS.iterdir())
    assert {path.stem for path in cards} <= toc_pages() and {p.suffix for p in cards} == {".png"}
    assert "index" in {path.stem for path in cards} and len(cards) > 12
    for path in cards:
        content = path.read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n", path.name
        assert struct.unpack(">II", content[16:24]) == (1200, 630), path.name
        assert len(content) < 60_000, path.name
    assert sum(path.stat().st_size for path in cards) < 1_000_000


def small(folder, root, **settings):
    """Build a book of two pages; return the folder of its files."""
    source = folder / "source"
    (source / root).parent.mkdir(parents=True, exist_ok=True)
    (source / root).with_suffix(".md").write_text("# The book\n\n```{toctree}\none\n```\n")
    (source / root).with_name("one.md").write_text("# One & `two`\n")
    warnings = io.StringIO()
    where = [source, None, folder / "html", folder / "trees", "html"]
    with docutils_namespace(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(pgbook_head, "DESCRIPTIONS", {"index": 'So "it" says.', "one": "One."})
        given = {**SETTINGS, "root_doc": root, **settings}
        app = Sphinx(*where, confoverrides=given, status=None, warning=warnings)
        app.build()
    assert not warnings.getvalue()
    return folder / "html"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A book with an address."""
    return small(tmp_path_factory.mktemp("a"), "book/index", html_baseurl="https://a.org/b/")


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory):
    """A book without one."""
    return small(tmp_path_factory.mktemp("b"), "book/index")


def found(html, name):
    """The properties that a page says of itself, and its title."""
    text = (html / name).read_text("utf-8")
    said = dict(re.findall(r'<meta (?:name|property)="([^"]*)" content="([^"]*)">', text))
    (said["title"],) = re.findall("<title>(.*?)</title>", text[: text.index("<body")])
    said["canonical"] = "".join(re.findall('rel="canonical" href="([^"]*)"', text))
    return said


def test_a_page_says_what_it_is(published):
    said = found(published, "book/one.html")
    assert said["title"] == "One &amp; two &#8212; The book"
    assert said["description"] == said["og:description"] == "One."
    assert said["og:title"] == "One &amp; two" and said["og:site_name"] == "The book"
    assert said["canonical"] == said["og:url"] == "https://a.org/b/book/one.html"
    assert said["og:image"] == "https://a.org/b/_static/cards/index.png"  # it has none of its own


def test_the_first_page_says_the_books_title_once_and_keeps_it_in_its_frame(published):
    first = found(published, "book/index.html")
    assert first["title"] == first["og:title"] == "The book"
    assert first["description"] == "So &quot;it&quot; says."
    assert 'logo__title">The book<' in (published / "book" / "index.html").read_text("utf-8")


def test_what_is_no_page_of_the_book_is_not_to_be_found(published):
    for name in ("404.html", "search.html"):
        said = found(published, name)
        assert said["robots"] == "noindex" and not said["canonical"] and "og:url" not in said


def test_the_top_of_the_book_leads_to_its_first_page(published):
    top = (published / "index.html").read_text("utf-8")
    assert top.startswith('<!doctype html>\n<html lang="en">') and "<title>The book</title>" in top
    assert '<meta http-equiv="refresh" content="0; url=book/index.html">' in top
    assert '<a href="book/index.html">The book</a>' in top
    assert '<link rel="canonical" href="https://a.org/b/book/index.html">' in top
    places = re.findall("<loc>(.*?)</loc>", (published / "sitemap.xml").read_text("utf-8"))
    assert places == ["https://a.org/b/book/index.html", "https://a.org/b/book/one.html"]
    assert "Sitemap: https://a.org/b/sitemap.xml" in (published / "robots.txt").read_text("utf-8")


def test_a_first_page_at_the_top_is_not_written_over(tmp_path):
    assert found(small(tmp_path, "index"), "index.html")["og:title"] == "The book"


def test_without_an_address_nothing_is_said_of_one(nowhere):
    said = found(nowhere, "book/one.html")
    assert said["description"] == "One." and not said["canonical"]
    assert not {"og:url", "og:image"} & set(said)
    assert not (nowhere / "sitemap.xml").exists() and not (nowhere / "robots.txt").exists()
    assert "canonical" not in (nowhere / "index.html").read_text("utf-8")


@pytest.mark.parametrize(("book", "folder"), [("published", "/b/"), ("nowhere", "/")])
def test_the_lost_readers_page_works_from_any_folder(request, book, folder):
    html = request.getfixturevalue(book)
    text = (html / "404.html").read_text("utf-8")
    used = re.findall(r' (?:href|src|action|data-content_root)="([^"]*)"', text)
    inside = [part for part in used if not part.startswith(("#", "https:"))]
    assert len(inside) > 15 and all(part.startswith(folder) for part in inside), inside
    for part in inside:
        assert (html / part.removeprefix(folder).partition("?")[0]).exists(), part
    assert pgbook_head.RELATIVE.sub(r"\g<1>/again/", text) == text, "a second build changes it"


def test_no_other_builder_and_no_failed_build_writes_at_the_top(tmp_path):
    for kind, error in (("latex", None), ("html", RuntimeError("stopped"))):
        app = SimpleNamespace(builder=SimpleNamespace(format=kind), outdir=str(tmp_path))
        pgbook_head.finish(app, error)
    assert not list(tmp_path.iterdir())
