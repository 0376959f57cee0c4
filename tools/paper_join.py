"""Printed pages become one book: links lead inside it, an outline, a number on each sheet."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urlsplit

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject, NullObject, TextStringObject


@dataclass
class Printed:
    """One page of the book on paper.

    Attributes:
        name: its name, without `.html`.
        title: what the contents call it.
        sections: (anchor, heading) of its parts, in order.
        reader: the sheets.
        part: the caption above it in the contents, where a part begins; else empty.
    """

    name: str
    title: str
    reader: PdfReader
    sections: list = field(default_factory=list)
    part: str = ""


def destination(sheet, left: float, top: float) -> ArrayObject:
    """A place on a sheet, as PDF says it; the reader's magnification stays."""
    place = [NameObject("/XYZ"), FloatObject(left), FloatObject(top), NullObject()]
    return ArrayObject([sheet.indirect_reference, *place])


def places(printed: Printed, first: int) -> dict:
    """Where each anchor of a page lies: anchor -> (number of the sheet, left, top)."""
    height = float(printed.reader.pages[0].mediabox.height)
    found = {"": (first, 0.0, height)}
    for name, target in printed.reader.named_destinations.items():
        number = printed.reader.get_destination_page_number(target)
        at = (first + number, float(target.left or 0), float(target.top or height))
        found[unquote(name.removeprefix("/"))] = at
    return found


def starts(book: list[Printed], front: int) -> list[int]:
    """The number of each page's first sheet, from 0, behind `front` sheets."""
    numbers = [front]
    for printed in book:
        numbers.append(numbers[-1] + len(printed.reader.pages))
    return numbers[:-1]


class Links:
    """Turns the addresses of the served book into places on sheets.

    Args:
        served: where the pages were printed from.
        public: where the book is published: what is no page of it on paper leads there.
    """

    def __init__(self, served: str, public: str):
        self.served, self.public = served.rstrip("/") + "/", public.rstrip("/") + "/"
        self.known: dict[str, dict] = {}
        self.lost: list[str] = []

    def place(self, name: str, anchor: str):
        """(sheet, left, top), or None; an anchor that no sheet has is remembered as lost."""
        if name not in self.known:
            return None
        if anchor not in self.known[name]:
            self.lost.append(f"{name}#{anchor}")
        return self.known[name].get(anchor, self.known[name][""])

    def mend(self, annotation, own: str, sheets) -> None:
        """Let one link of the page `own` lead to where it leads in the book."""
        action = annotation.get("/A", {})
        address = action.get("/URI") if action else None
        if address is None:
            anchor = str(annotation.get("/Dest", "")).removeprefix("/")
            target = self.place(own, unquote(anchor))
        elif address.startswith(self.served):
            page, anchor = urldefrag(address)
            name = urlsplit(page).path.rpartition("/")[2].removesuffix(".html")
            target = self.place(name, unquote(anchor))
            if target is None:
                text = self.public + address.removeprefix(self.served)
                action[NameObject("/URI")] = TextStringObject(text)
                return
        else:
            return
        number, left, top = target
        annotation.pop("/A", None)
        annotation[NameObject("/Dest")] = destination(sheets[number], left, top)


def joined(front: PdfReader, book: list[Printed], links: Links, numbers: PdfReader) -> PdfWriter:
    """One PDF of the front and the pages, each sheet with its number.

    Args:
        front: title and contents.
        book: the pages in order.
        links: what turns addresses into places.
        numbers: as many sheets, with nothing but their number.
    """
    writer = PdfWriter()
    owners = ["" for _ in front.pages]
    for sheet in front.pages:
        writer.add_page(sheet)
    for printed, first in zip(book, starts(book, len(owners)), strict=True):
        links.known[printed.name] = places(printed, first)
        for sheet in printed.reader.pages:
            writer.add_page(sheet)
            owners.append(printed.name)
    for sheet, number in zip(writer.pages, numbers.pages, strict=True):
        sheet.merge_page(number)
    for own, sheet in zip(owners, writer.pages, strict=True):
        for reference in sheet.get("/Annots", []):
            annotation = reference.get_object()
            if annotation.get("/Subtype") == "/Link":
                links.mend(annotation, own, writer.pages)
    outline(writer, book, links)
    return writer


def outline(writer: PdfWriter, book: list[Printed], links: Links) -> None:
    """Parts, pages and their sections, as a viewer shows them beside the sheets."""
    above = None
    for printed in book:
        first = links.known[printed.name][""][0]
        if printed.part:
            above = writer.add_outline_item(
                title=printed.part, page_number=first, bold=True, is_open=False
            )
        item = writer.add_outline_item(
            title=printed.title, page_number=first, parent=above, is_open=False
        )
        for anchor, heading in printed.sections:
            number, _, _ = links.place(printed.name, anchor)
            writer.add_outline_item(title=heading, page_number=number, parent=item)
