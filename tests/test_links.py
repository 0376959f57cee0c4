"""Every link inside the book leads somewhere, and says the right number."""

import re
from urllib.parse import urlparse

import pytest
import yaml
from book_pages import (
    BOOK,
    DISPLAY,
    LINK,
    ROOT,
    TAG,
    all_cells,
    bibliography_keys,
    cells_of,
    chapters,
    equations,
    pages,
    without_code,
)

pytestmark = pytest.mark.once

MARKDOWN = [c for c in all_cells() if c.kind == "markdown"]
LINKS = [(c, text, target) for c in MARKDOWN for text, target in LINK.findall(c.source)]


def toc_files():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    chapters_of = [c["file"] for part in toc.get("parts", []) for c in part["chapters"]]
    return [toc["root"], *chapters_of]


def test_every_page_of_the_contents_exists_and_every_page_is_in_them():
    on_disk = {f"book/{path.stem}" for path in [*BOOK.glob("*.md"), *BOOK.glob("*.ipynb")]}
    assert set(toc_files()) == on_disk
    assert len(toc_files()) == len(set(toc_files()))


def resolve(cell, target):
    """Return why a relative target leads nowhere, or None."""
    name, _, anchor = target.partition("#")
    path = BOOK / name if name else BOOK / cell.page
    if not path.is_file():
        return f"there is no {name}"
    if not anchor:
        return None
    if path.name == "bibliography.md":
        return None if anchor in bibliography_keys() else f"no entry {anchor}"
    if path.suffix == ".ipynb":
        known = {c.name for c in cells_of(path)}
        return None if anchor in known else f"no cell {anchor} in {path.name}"
    return None


def test_every_internal_link_leads_somewhere():
    wrong = [
        f"{cell}: [{text}]({target}): {why}"
        for cell, text, target in LINKS
        if not urlparse(target).scheme and (why := resolve(cell, target))
    ]
    assert not wrong, "\n".join(wrong)


NUMBER = re.compile(r"\(([A-Z\d]+\.\d+[ab]?)\)")


def test_an_equation_is_referred_to_in_one_way():
    """A link, and what it shows is the number in brackets: wherever the text names an equation."""
    tags = {name: TAG.findall(cell.source)[0] for name, cell in equations().items()}
    numbers = {part for tag in tags.values() for part in (tag, tag.rstrip("ab"))}
    linked = 0
    for cell in MARKDOWN:
        for text, target in LINK.findall(cell.source):
            tag = tags.get(target.partition("#")[2])
            if tag and re.search(r"[A-Z\d]\.\d", text):
                shown = NUMBER.fullmatch(text)
                assert shown and shown[1] == tag, f"{cell}: [{text}]({target}) is ({tag})"
                linked += 1
        if cell.name not in tags:
            words = re.sub(r"\$[^$]*\$", "", DISPLAY.sub("", without_code(cell.source)))
            bare = [n for n in NUMBER.findall(LINK.sub("", words)) if n in numbers]
            assert not bare, f"{cell}: {bare} without a link"
    assert linked > 200


def test_a_number_in_brackets_is_an_equation():
    tags = {tag for cell in equations().values() for tag in TAG.findall(cell.source)}
    tags |= {tag.rstrip("ab") for tag in tags}  # (5.2) is (5.2a) and (5.2b)
    for cell in MARKDOWN:
        for shown in re.findall(r"(?<![\w$])\(([A-Z\d]\.\d)\)", cell.source):
            assert shown in tags, f"{cell}: there is no equation {shown}"


def test_outside_links_are_not_to_this_machine():
    for cell, text, target in LINKS:
        assert urlparse(target).scheme in ("", "https", "http"), f"{cell}: [{text}]({target})"
        assert "localhost" not in target and "127.0.0.1" not in target, cell


def entries():
    """The entries of references.bib: key -> fields."""
    text = (BOOK / "references.bib").read_text("utf-8")
    found = {}
    for key, body in re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", text, re.M | re.DOTALL):
        found[key] = dict(re.findall(r"^  (\w+) = \{(.*)\},$", body, re.M))
    return found


def test_bibliography_and_bibtex_agree():
    text = (BOOK / "bibliography.md").read_text("utf-8")
    shown = dict(re.findall(r"^\(([a-z0-9]+)\)=\n((?:.+\n)+)", text, re.M))
    assert set(shown) == set(entries()) and len(shown) == len(bibliography_keys())
    for key, fields in entries().items():
        for part in (fields.get("year", ""), fields.get("doi", ""), fields.get("url", "")):
            assert part in shown[key], f"{key}: {part} is not in bibliography.md"
        assert fields["title"].replace("{", "").replace("}", "") in shown[key], key
        assert fields["author"].split(",")[0] in shown[key], key
        assert "doi" in fields or "url" in fields, key


def test_a_citation_names_its_author_and_year():
    for cell, text, target in LINKS:
        if target.startswith("bibliography.md#") and (year := re.search(r"\d{4}", text)):
            fields = entries()[target.partition("#")[2]]
            assert year[0] == fields["year"], f"{cell}: [{text}]"
            assert text.split()[0].strip("(,") in fields["author"], f"{cell}: [{text}]"


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_no_page_is_unfinished(path):
    text = path.read_text("utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|lorem ipsum)\b", text, re.I)


def test_chapters_link_to_the_next():
    stated = {cell.page for cell in equations().values()}
    steps = [path.name for path in chapters() if path.name in stated]
    assert len(steps) >= 13
    for place, here in enumerate(steps):
        after = next((name for name in steps[place + 1 :] if re.match(r"\d\d_", name)), "")
        assert after in cells_of(BOOK / here)[-1].source, f"{here} does not lead on to {after}"


def test_the_landing_page_leads_to_every_chapter():
    page = (BOOK / "index.md").read_text("utf-8")
    for path in chapters():
        if re.match(r"\d\d_", path.name):
            number, title = cells_of(path)[1].source.split("\n")[0].removeprefix("# ").split(" ", 1)
            assert f"{number}. [{title}]({path.name})" in page, f"{path.name}: one title everywhere"


def test_the_readmes_picture_is_there_and_small():
    names = re.findall(
        r"!\[[^\]]{20,}\]\((docs/[\w-]+\.png)\)", (ROOT / "README.md").read_text("utf-8")
    )
    assert len(names) == 1
    assert 20_000 < (ROOT / names[0]).stat().st_size < 300_000
