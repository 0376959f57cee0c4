"""The book builds from nothing, with warnings as errors, and loads nothing from outside."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlparse

import pgbook_reader
import pytest
import stamp
from book_pages import ROOT, chapters, equations, pages

pytestmark = pytest.mark.build

COMMAND = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]

KINDS = {".html": 140, ".css": 36, ".js": 95}  # kB a page, compressed: near what there is
MOST_ELEMENTS = 25_000  # of a page; the ledger, which is all chapters' equations, has twice as many


def build(source, output, second=0):
    """Build a book, as in 1970, which is no year of the book's; return what happened."""
    return subprocess.run(
        [*COMMAND, source, "--path-output", output, "-W", "-n", "--keep-going", "-q"],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(second)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The book, built anew somewhere else."""
    output = tmp_path_factory.mktemp("book")
    done = build(ROOT, output)
    assert done.returncode == 0, done.stderr
    return output / "_build" / "html"


class Page(HTMLParser):
    """The addresses that a page loads and links, and its anchors."""

    def __init__(self, path):
        super().__init__()
        self.loads, self.links, self.ids = [], [], set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        """Collect what one element refers to."""
        given = dict(attributes)
        self.ids.add(given.get("id"))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in ("canonical", "index", "search"):
            self.loads.append(given.get("href", ""))
        elif given.get("src"):
            self.loads.append(given["src"])


def test_the_copyright_does_not_follow_the_clock(html):
    for page in page_files(html):
        assert "© Copyright by the authors, 2026." in page.read_text("utf-8"), page.name


def test_every_page_leads_to_the_licences(html):
    assert "SIL OPEN FONT LICENSE" in (html / "licences.html").read_text("utf-8")
    for page in page_files(html):
        assert "../licences.html" in Page(page).links, page.name


def page_files(html):
    return sorted(html.glob("book/*.html"))


def test_every_page_is_built(html):
    built = {path.stem for path in page_files(html)}
    assert {path.stem for path in pages()} <= built


def test_no_page_loads_anything_from_outside(html):
    for path in html.rglob("*.html"):
        for address in Page(path).loads:
            assert not urlparse(address).scheme or address.startswith("data:"), f"{path}: {address}"
            assert not address.startswith("//"), f"{path}: {address}"
    for path in html.rglob("*.css"):
        for address in re.findall(r"url\(\s*['\"]?([^)'\"]+)", path.read_text("utf-8")):
            assert address.startswith(("data:", "#")) or not urlparse(address).scheme, path


def packed(path):
    """What a file weighs on its way, kB: text is compressed."""
    return len(gzip.compress(path.read_bytes(), 9, mtime=0)) / 1000


def test_a_page_is_light_and_waits_for_one_style_sheet_only(html):
    for path in page_files(html):
        page = path.read_text("utf-8")
        scripts = re.findall(r"<script[^>]* src=[^>]*>", page)
        assert all("defer" in script for script in scripts), f"{path.name}: a script blocks"
        loads = [path.parent / urlparse(address).path for address in Page(path).loads]
        weigh = {kind: [packed(each) for each in loads if each.suffix == kind] for kind in KINDS}
        assert len(weigh[".css"]) == 1, f"{path.name}: more than one style sheet"
        weights = {kind: sum(each) for kind, each in weigh.items()} | {".html": packed(path)}
        for kind, most in KINDS.items():
            assert weights[kind] <= most, f"{path.name}: {weights[kind]:.0f} kB of {kind}"
        elements = len(re.findall("<[a-z]", page))
        assert elements <= MOST_ELEMENTS * (1 + (path.stem == "ledger")), f"{path.name}: {elements}"


def test_a_page_loads_its_own_explorables_and_no_others(html):
    for path in page_files(html):
        page = path.read_text("utf-8")
        tags = set(re.findall("<(pg-[a-z-]+)", page))
        loaded = set(re.findall(r"/explorables/([\w-]+)\.js", page))
        assert loaded == (tags and {"shared", *tags}), path.name


def test_everything_that_a_page_loads_is_there(html):
    for path in page_files(html):
        for address in Page(path).loads:
            target = path.parent / unquote(urlparse(address).path)
            assert address.startswith("data:") or target.is_file(), f"{path.name}: {address}"


def test_every_link_inside_the_built_book_leads_somewhere(html):
    ids = {path.resolve(): Page(path).ids for path in html.rglob("*.html")}
    for path in page_files(html):
        for address in Page(path).links:
            url = urlparse(address)
            if url.scheme or address == "#":
                continue
            target = (path.parent / unquote(url.path)).resolve() if url.path else path.resolve()
            assert target.is_file(), f"{path.name}: {address}"
            if url.fragment and target in ids:
                assert unquote(url.fragment) in ids[target], f"{path.name}: {address}"


def test_every_equation_can_be_linked_to(html):
    for name, cell in equations().items():
        page = html / "book" / f"{Path(cell.page).stem}.html"
        assert name in Page(page).ids, f"{cell}: no anchor"


def test_markdown_and_maths_are_rendered(html):
    unseen = r"<(script|style|pre|code|title|annotation)\b.*?</\1>"
    for path in page_files(html):
        page = path.read_text("utf-8")
        shown = re.sub(f"(?s){unseen}|<[^>]*>", "", page[page.index("<main") :])
        for raw in ("|—", "|--", "textcolor", r"\tau", "**"):
            assert raw not in shown, f"{path.name}: {raw} is shown as it was typed"


def test_a_page_with_coloured_terms_has_a_legend(html):
    for path in page_files(html):
        text = path.read_text("utf-8")
        if len(set(re.findall(r"\\textcolor\{(\w+)\}", text))) >= 2:
            assert text.count('class="pg-legend"') == 1, path.name


def test_figures_follow_the_theme(html):
    for path in page_files(html):
        for svg in re.findall(r'<div class="pg-figure.*?</svg>', path.read_text("utf-8"), re.S):
            assert "<title>" in svg and 'role="img"' in svg and "<style" not in svg
            assert not re.search(r"#000000|#ffffff", svg), f"{path.name}: a fixed colour"
            ids = re.findall(r' id="([^"]+)"', svg)
            assert len(ids) == len(set(ids))


def test_every_page_says_what_it_is_and_its_card_is_there(html):
    for path in page_files(html):
        head = path.read_text("utf-8").partition("<body")[0]
        said = dict(re.findall(r'<meta (?:name|property)="([^"]*)" content="([^"]*)">', head))
        assert said["description"] == said["og:description"], path.name
        assert said["og:url"].endswith(f"/book/{path.name}"), path.name
        assert f'rel="canonical" href="{said["og:url"]}"' in head, path.name
        card = said["og:image"].removeprefix(said["og:url"].removesuffix(f"book/{path.name}"))
        assert (html / card).is_file(), f"{path.name}: {card}"
        (title,) = re.findall("<title>(.*?)</title>", head)
        parts = title.split(" &#8212; ")
        assert len(parts) == len(set(parts)) and parts[-1] == said["og:site_name"], title


def test_the_rocket_and_the_download_give_the_readers_notebook(html):
    """As `tools/class_folders.py` lays them on the branch `class`."""
    for path in chapters():
        page = html / "book" / f"{path.stem}.html"
        given = (html / "_sources" / "book" / path.name).read_text("utf-8")
        assert given == pgbook_reader.notebook(path), path.name
        links = Page(page).links
        assert f"../_sources/book/{path.name}" in links
        ours = stamp.address().removeprefix("https://github.com/")
        there = f"{ours}/{{}}class{{}}book/{path.name}"
        assert "https://mybinder.org/v2/gh/" + there.format("", "?urlpath=lab/tree/") in links
        assert "https://colab.research.google.com/github/" + there.format("blob/", "/") in links


def small_book(folder):
    """Make a book of three pages with the real extension; return its first page."""
    for part in ("_ext", "static"):
        shutil.copytree(ROOT / "book" / part, folder / "book" / part)
    (folder / "book" / "pgbook").mkdir()
    for palette in ("book/pgbook/palette.json", "book/pgbook/categories.json"):
        shutil.copy(ROOT / palette, folder / palette)
    shutil.copy(ROOT / "_config.yml", folder)
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n- file: book/notation\n"
        "- file: book/bibliography\n"
    )
    (folder / "book" / "notation.md").write_text("# Notation\n")
    (folder / "book" / "bibliography.md").write_text("# Books\n\n(one2000)=\nOne.\n")
    return folder / "book" / "index.md"


def test_dead_links_stop_the_build(tmp_path):
    index = small_book(tmp_path)
    index.write_text("# Book\n\n[fine](bibliography.md#one2000) $x^2$\n")
    assert build(tmp_path, tmp_path).returncode == 0
    dead = {
        "bibliography.md#nobody1900": "nobody1900",
        "notation.md#eq-nowhere": "eq-nowhere",
        "nowhere.ipynb": "nowhere.ipynb",
        "notation.md#nothing": "nothing",
    }
    index.write_text("# Book\n\n" + "\n".join(f"[dead]({target})" for target in dead) + "\n")
    done = build(tmp_path, tmp_path)
    assert done.returncode != 0
    for name in dead.values():
        assert re.search(f"not found.*'{name}'", done.stderr), name


def test_another_years_clock_changes_no_byte(tmp_path):
    source = tmp_path / "source"
    small_book(source).write_text("# Book\n\nOne $x^2$, [two](notation.md).\n")
    sites = []
    for name, second in (("one", 0), ("two", 1_900_000_000)):  # 1970 and 2030
        done = build(source, tmp_path / name, second)
        assert done.returncode == 0, done.stderr
        html = tmp_path / name / "_build" / "html"
        files = sorted(path for path in html.rglob("*") if path.is_file())
        sites.append({path.relative_to(html).as_posix(): path.read_bytes() for path in files})
    assert len(sites[0]) > 40 and "licences.html" in sites[0]
    assert [n for n in sites[0] | sites[1] if sites[0].get(n) != sites[1].get(n)] == []


@pytest.mark.parametrize("tex", [r"$\frac{1$", r"$\nosuchcommand$", "$é$"])
def test_bad_tex_stops_the_build(tmp_path, tex):
    small_book(tmp_path).write_text(f"# Book\n\n{tex}\n")
    done = build(tmp_path, tmp_path)
    assert done.returncode != 0 and "KaTeX" in done.stderr, done.stderr
