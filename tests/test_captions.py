"""Every figure has a number and a caption that states its point, right below it."""

import html
import re

import pytest
from book_pages import BOOK, LINK, all_cells, cells_of, chapters
from pgbook import captions, explorables
from pgbook.captions import Captioned
from pgbook.explorables.base import Explorable
from test_notebooks import LETTERS

# Pages without a chapter's number: each its own letter, that of its equations where it has some.
OF_PAGE = {
    "benchmarks.ipynb": "B",
    "lab.ipynb": "L",
    "update_rules.ipynb": "U",
    "your_own.ipynb": "Y",
    **LETTERS,
}
CAPTION = re.compile(r"<figcaption><b>Figure ([^ ]+)\.</b> (.+)</figcaption>", re.DOTALL)
TO_A_SLIDE = re.compile(r'<a href="([\w-]+)\.html\?slide#([\w-]+)">([^<]*)</a>')
SENTENCE_END = re.compile(r"[.!?](?= |$)")


def html_of(output):
    return "".join(output.get("data", {}).get("text/html", ""))


def is_picture(output):
    return "image/svg+xml" in output.get("data", {}) or html_of(output).startswith("<pg-")


def figures():
    """Every figure of the notebooks in the book's order: cell, picture, the output below it."""
    return [
        (cell, output, (*cell.outputs[i + 1 :], None)[0])
        for path in chapters()
        for cell in cells_of(path)
        for i, output in enumerate(cell.outputs)
        if is_picture(output)
    ]


def caption_of(output):
    """Number and text of a caption."""
    found = CAPTION.fullmatch(html_of(output))
    return found[1], html.unescape(found[2])


def test_every_figure_has_a_caption_below_it_and_every_caption_a_figure():
    assert len(figures()) > 60
    for cell, _, below in figures():
        assert below and CAPTION.fullmatch(html_of(below)), f"{cell}: a figure without a caption"
    shown = sum("<figcaption" in html_of(o) for cell in all_cells() for o in cell.outputs)
    assert shown == len(figures())


def test_the_figures_of_a_page_are_numbered_in_order():
    found = {}
    for cell, _, below in figures():
        found.setdefault(cell.page, []).append(caption_of(below)[0])
    for page, numbers in found.items():
        letter = OF_PAGE.get(page) or str(int(page[:2]))
        assert numbers == [f"{letter}.{k}" for k in range(1, len(numbers) + 1)], page
    letters = [letter for page, letter in OF_PAGE.items() if page in found]
    assert len(set(letters)) == len(letters)


def test_a_caption_states_the_point_in_one_or_two_sentences():
    """It is no second description of what is seen: that is the alternative text's."""
    texts = []
    for cell, picture, below in figures():
        text = caption_of(below)[1]
        texts.append(text)
        assert text[0].isupper() or text[0] in "θλπ∇", f"{cell}: {text}"
        assert 1 <= len(SENTENCE_END.findall(text)) <= 2, f"{cell}: {text}"
        assert 8 <= len(text.split()) <= 45, f"{cell}: {len(text.split())} words"
        svg = "".join(picture["data"].get("image/svg+xml", ""))
        told = re.search(r"<title>([^<]+)</title>|<p><em>(.*?) This figure", svg + html_of(picture))
        assert text not in html.unescape(told[0]), cell
    assert len(set(texts)) == len(texts)


def test_a_link_to_a_figure_says_its_number_and_every_mention_is_a_link():
    numbers = {(cell.page, cell.name): caption_of(below)[0] for cell, _, below in figures()}
    assert len(numbers) == len(figures()), "a cell holds one figure, and a link leads to it"
    linked = 0
    for cell in all_cells():
        if cell.kind != "markdown":
            continue
        for text, target in LINK.findall(cell.source):
            page, _, name = target.partition("#")
            number = numbers.get((page or cell.page, name))
            if number or text.startswith("Figure "):
                assert text == f"Figure {number}", f"{cell}: [{text}]({target})"
                linked += 1
        for page, name, text in TO_A_SLIDE.findall(cell.source):
            number = numbers.get((f"{page}.ipynb", name))
            if number or text.startswith("Figure "):
                assert text == f"Figure {number}", f"{cell}: {text} of {page}"
        prose = TO_A_SLIDE.sub("", LINK.sub("", cell.source))
        bare = re.findall(r"\b[Ff]igure [A-Z\d]+\.\d+", prose)
        assert not bare, f"{cell}: {bare} is no link"
    assert linked > 45


def test_a_caption_is_shown_below_what_it_belongs_to(monkeypatch):
    shown = []
    monkeypatch.setattr(captions, "display", lambda *parts: shown.extend(parts))
    picture = object()
    Captioned(picture, "H.12", "Where θ < 1 & more, it holds.")._ipython_display_()
    assert shown[0] is picture and len(shown) == 2
    below = "<figcaption><b>Figure H.12.</b> Where θ &lt; 1 &amp; more, it holds.</figcaption>"
    assert shown[1]._repr_html_() == below
    assert repr(shown[1]) == "Figure H.12. Where θ < 1 & more, it holds."


@pytest.mark.parametrize("number", ["", "9", "9.", "9.0", "0.1", "100.1", "h.1", "9.3.", 9.3, None])
def test_a_number_of_another_form_is_refused(number):
    with pytest.raises(ValueError, match="number: expected one like '9.3' or 'H.2', got"):
        Captioned(None, number, "The line goes up here.")


@pytest.mark.parametrize(
    "caption",
    ["", "Too short a one.", "One that never comes to its end", "One. Two. Three and no more.", 5],
)
def test_a_caption_of_another_length_is_refused(caption):
    with pytest.raises(ValueError, match="caption: expected one or two sentences, got"):
        Captioned(None, "9.3", caption)


def test_a_dot_inside_a_number_ends_no_sentence():
    for text in ("About 0.5 of it stays, by (5.4).", "Why does it rise? By about 3.5 a step!"):
        assert Captioned(None, "9.3", text).caption.text == text


def test_every_explorable_can_be_shown_with_a_caption():
    assert len(explorables.__all__) > 10
    for name in explorables.__all__:
        assert getattr(explorables, name).show is Explorable.show


def test_the_landing_page_shows_a_picture_of_the_book_and_no_figure():
    assert "figcaption" not in (BOOK / "index.md").read_text("utf-8")
