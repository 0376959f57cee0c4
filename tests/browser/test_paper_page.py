"""The book on paper: two pages of it, printed and joined as `make pdf` does it with all of them."""

from types import SimpleNamespace

import paper
import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

pytestmark = pytest.mark.browser

PUBLIC = "https://example.org/here"
TOC = """format: jb-book
root: book/index
parts:
- caption: "Part I"
  chapters:
  - file: book/05_dropping_the_dynamics
  - file: book/way
"""


@pytest.fixture(scope="module")
def book(browser, site, tmp_path_factory):
    """Three pages on paper, printed and read once."""
    folder = tmp_path_factory.mktemp("paper")
    (folder / "toc.yml").write_text(TOC, "utf-8")
    count, lost = paper.write(
        browser, site, folder / "toc.yml", PUBLIC, folder / "out" / "book.pdf"
    )
    reader = PdfReader(folder / "out" / "book.pdf")
    assert len(reader.pages) == count
    inks = [Ink() for _ in reader.pages]
    texts = [
        sheet.extract_text(visitor_operand_before=ink)
        for sheet, ink in zip(reader.pages, inks, strict=True)
    ]
    return SimpleNamespace(reader=reader, lost=lost, texts=texts, inks=inks)


class Ink:
    """Follows the colour with which a sheet is written; `used` holds how light each text is."""

    def __init__(self):
        self.now, self.kept, self.used = 0.0, [], []

    def __call__(self, operator, operands, _matrix, _text_matrix):
        """Note what one operator of the sheet does."""
        if operator == b"q":
            self.kept.append(self.now)
        elif operator == b"Q":
            self.now = self.kept.pop()
        elif operator in (b"rg", b"g"):
            red, green, blue = (*operands, *operands, *operands)[:3]
            self.now = 0.2126 * float(red) + 0.7152 * float(green) + 0.0722 * float(blue)
        elif operator in (b"Tj", b"TJ"):
            self.used.append(self.now)


def links(reader):
    """(number of the sheet, annotation) of every link."""
    for number, sheet in enumerate(reader.pages):
        for reference in sheet.get("/Annots", []):
            if (annotation := reference.get_object())["/Subtype"] == "/Link":
                yield number, annotation


def sheet_of(reader, place):
    """The number of the sheet that a destination names."""
    assert isinstance(list.__getitem__(place, 0), IndirectObject)
    return reader.get_page_number(place[0])


def test_every_link_leads_to_a_sheet_or_to_the_published_book(book):
    reader = book.reader
    assert not book.lost
    inside = [(n, a) for n, a in links(reader) if "/Dest" in a]
    outside = [a["/A"]["/URI"] for _, a in links(reader) if "/A" in a]
    assert len(inside) > 60 and len(inside) + len(outside) == len(list(links(reader)))
    assert all(0 <= sheet_of(reader, a["/Dest"]) < len(reader.pages) for _, a in inside)
    assert not [link for link in outside if "127.0.0.1" in link or link.startswith("file:")]
    assert f"{PUBLIC}/book/01_objective.html" in {link.partition("#")[0] for link in outside}


def test_a_link_from_another_page_leads_to_the_equation_itself(book):
    reader = book.reader
    starts = {item.title: reader.get_destination_page_number(item) for item in flat(reader.outline)}
    way = starts["Find your way"]
    there = {sheet_of(reader, a["/Dest"]) for n, a in links(reader) if n >= way and "/Dest" in a}
    equation = [n for n in there if n < way and "(5.4)" in book.texts[n]]
    assert equation and max(equation) > starts["5 Dropping the dynamics"]


def flat(outline):
    for item in outline:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item


def test_the_contents_give_the_number_that_stands_on_the_sheet(book):
    reader = book.reader
    titles = {item.title: reader.get_destination_page_number(item) for item in flat(reader.outline)}
    assert {"Part I", "5 Dropping the dynamics", "The policy gradient", "Exercises"} <= set(titles)
    contents = next(n for n in range(5) if "Contents" in book.texts[n])
    for number in range(len(reader.pages)):
        assert book.texts[number].rstrip().endswith(str(number + 1)), "its number is its last word"
    for title in ("5 Dropping the dynamics", "The policy gradient", "Find your way"):
        assert title in book.texts[titles[title]]
        assert f"{title} {titles[title] + 1}\n" in book.texts[contents]


def test_text_figures_and_addresses_are_there_and_no_code_that_is_folded(book):
    whole = " ".join(book.texts).replace("\n", " ")
    for words in ("What could go wrong", "eq-policy-gradient", "Figure 5.3.", "12 of 12 seeds"):
        assert words in whole, words
    assert "explore-dynamics" in whole, "an explorable says where it moves"
    assert "import numpy" not in whole and "…" not in whole.split("What could go wrong")[0]


def test_every_font_is_in_the_file(book):
    reader = book.reader
    fonts = {}
    for sheet in reader.pages:
        for reference in sheet["/Resources"].get("/Font", {}).values():
            font = reference.get_object()
            fonts[id(font)] = font
    assert len(fonts) > 5
    for font in fonts.values():
        if font["/Subtype"] == "/Type3":
            assert font["/CharProcs"]
            continue
        for inner in font.get("/DescendantFonts", [font]):
            kept = inner.get_object()["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(kept), font["/BaseFont"]


def test_all_ink_is_dark_enough_for_white_paper(book):
    inks = [round(ink, 3) for sheet in book.inks for ink in sheet.used]
    halo = 0.988  # the paper's own colour, behind a word in a figure
    assert len(inks) > 1000 and {ink for ink in inks if ink > 0.55} <= {halo}
