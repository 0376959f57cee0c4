"""The two palettes: told apart by every eye, legible on both papers, used for what they mean."""

import itertools
import json
import re

import numpy as np
import pytest
from book_pages import BOOK, all_cells
from colorspacious import cspace_convert
from pgbook import plots
from pgbook_svg import CATEGORIES, INK, PALETTE
from test_house import contrast, greys

# How far apart two colours are: distances in CAM02-UCS, in which 1 is about what one can just see.
# The simulation of missing cones is that of Machado and others (2009).
EYES = (None, "deuteranomaly", "protanomaly", "tritanomaly")
TERMS_APART = 9  # for each eye
CATEGORIES_APART = 12  # for each eye
PALETTES_APART = 10.5  # for three kinds of cones: no category is taken for a term
ELEMENTS = BOOK / "pgbook" / "explorables" / "js" / "elements"

# A figure that uses a term's colour names the term: by its symbol or by its word.
NAMES = {
    "objective": r"\bJ\b|∇J|objective",
    "expectation": r"𝔼|\bE\[|expectation|mean of the estimate",
    "integral": r"∫|\bR\b|p · R|integral|integrand|reward",
    "probability": r"\bp\b|p\(|probabilit|density",
    "logprob": r"log p|log π|score|logarithm|log-probabilit|sum of logs",
    "dynamics": r"world|dynamics",
    "policy": r"π|policy|walks on with probability|carried out",
}


def rgb(colour):
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def seen(colours, eye):
    """Places in CAM02-UCS of the colours as that eye sees them, [colours, 3]."""
    there = np.array([rgb(colour) for colour in colours])
    if eye:
        space = {"name": "sRGB1+CVD", "cvd_type": eye, "severity": 100}
        there = np.clip(cspace_convert(there, space, "sRGB1"), 0, 1)
    return cspace_convert(there, "sRGB1", "CAM02-UCS")


def nearest(colours, eye):
    """The smallest distance between two of the colours, and which two they are."""
    places = seen(colours, eye)
    pairs = itertools.combinations(range(len(colours)), 2)
    return min(
        (float(np.linalg.norm(places[i] - places[j])), colours[i], colours[j]) for i, j in pairs
    )


def test_the_distances_are_those_of_an_eye():
    """Black and white are 100 apart, and a deuteranope loses most of red against green."""
    assert nearest(["#000000", "#ffffff"], None)[0] == pytest.approx(100, abs=0.1)
    pair = ["#b4163a", "#1b7a35"]
    assert nearest(pair, None)[0] > 40 and nearest(pair, "deuteranomaly")[0] < 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eye", EYES)
def test_the_terms_and_the_categories_are_told_apart_by_every_eye(theme, eye):
    terms = [term[theme] for term in PALETTE.values()]
    categories = [shade[theme] for shade in CATEGORIES]
    assert nearest(terms, eye)[0] >= TERMS_APART, nearest(terms, eye)
    assert nearest(categories, eye)[0] >= CATEGORIES_APART, nearest(categories, eye)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_category_is_taken_for_a_term_or_for_ink(theme):
    others = [term[theme] for term in PALETTE.values()]
    others += [greys(theme)[name] for name in ("ink", "muted")]
    for shade in CATEGORIES:
        gaps = np.linalg.norm(seen(others, None) - seen([shade[theme]], None), axis=1)
        assert gaps.min() >= PALETTES_APART, (shade, others[gaps.argmin()], gaps.min())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_category_can_be_read_on_both_papers(theme):
    grey = greys(theme)
    for shade in CATEGORIES:
        for paper in (grey["paper"], grey["raised"]):
            assert contrast(shade[theme], paper) >= 4.5, f"{shade} on {paper}"


def figures():
    """Every drawn figure of the book: cell and SVG."""
    return [
        (cell, "".join(output["data"]["image/svg+xml"]))
        for cell in all_cells()
        for output in cell.outputs
        if "image/svg+xml" in output.get("data", {})
    ]


def test_every_colour_in_every_figure_is_in_a_palette():
    known = {*plots.COLOURS.values(), *plots.CATEGORIES, *INK}
    assert len(figures()) > 45
    for cell, svg in figures():
        used = set(re.findall(r"#[0-9a-f]{6}\b", re.sub(r"(href=\"|url\()#[^\")]*", "", svg)))
        shades = used if "cmap=" not in cell.source else used - greyscale(used)
        assert shades <= known, f"{cell}: {sorted(shades - known)}"


def greyscale(colours):
    """Those of the colours that are a grey: a map of greys may hold any of them."""
    return {colour for colour in colours if len({colour[1:3], colour[3:5], colour[5:7]}) == 1}


def said(svg):
    """What one can read in a figure: its texts and its title."""
    return " ".join(re.findall(r"<(?:text|title|!--)[^>]*>([^<]+)<", svg))


def test_a_figure_in_a_terms_colour_names_the_term():
    used = set()
    for cell, svg in figures():
        for term, colour in plots.COLOURS.items():
            if colour in svg:
                used.add(term)
                assert re.search(NAMES[term], said(svg)), f"{cell}: {term} in {said(svg)}"
    assert len(used) >= 6


def element_parts():
    """The elements by family: name -> source of its files, the element's own and its drawing's."""
    parts = {}
    for path in sorted(ELEMENTS.rglob("*.js")):
        family = path.relative_to(ELEMENTS).parts[0].removesuffix(".js").split("-")[0]
        parts[family] = parts.get(family, "") + path.read_text("utf-8")
    return parts


def test_an_element_in_a_terms_colour_names_the_term():
    used = set()
    for family, source in element_parts().items():
        words = re.sub(r'ink\("\w+"\)|import [^;]*;|/\*\*.*?\*/', "", source, flags=re.DOTALL)
        texts = " ".join(re.findall(r'"[^"\n]*"|`[^`\n]*`', words))
        for term in re.findall(r'ink\("(\w+)"\)', source):
            used.add(term)
            assert re.search(NAMES[term], texts), f"{family}: {term}"
    assert used >= {"objective", "policy", "probability", "logprob", "dynamics", "integral"}


def test_no_element_and_no_cell_writes_a_colour_of_its_own():
    """A term's name or a category's number: nothing else chooses a colour."""
    written = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!;)|\brgba?\(|\bhsla?\(")
    for path in sorted(ELEMENTS.rglob("*.js")):
        assert not written.findall(path.read_text("utf-8")), path.name
    for cell in all_cells():
        if cell.kind == "code" and "plots." in cell.source:
            assert not re.search(r"""["']#[0-9a-fA-F]{3,8}["']|["'](tab|C\d|xkcd):?""", cell.source)
            named = r"""\b(?:color|colour|facecolor|edgecolor|c)=["'](?!none|white)"""
            assert not re.search(named, cell.source), f"{cell}: a colour by its name"


def test_the_shades_are_written_once():
    for name in ("palette.json", "categories.json"):
        shades = json.loads((BOOK / "pgbook" / name).read_text("utf-8"))
        entries = shades.values() if isinstance(shades, dict) else shades
        for entry in entries:
            for theme in ("light", "dark"):
                assert re.fullmatch("#[0-9a-f]{6}", entry[theme])
