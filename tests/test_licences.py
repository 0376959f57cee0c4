"""Nothing ships whose licence nobody has read, and each licence stands there in full."""

import time
from types import SimpleNamespace

import pgbook_licences as licences
import pytest
from pgbook_assets import SCRIPTS, STYLES
from sphinx.errors import ExtensionError

pytestmark = pytest.mark.once

SIGNS = {
    "MIT": ("Permission is hereby granted", 'THE SOFTWARE IS PROVIDED "AS IS"'),
    "BSD-2-Clause": ("Redistribution and use", "THIS SOFTWARE IS PROVIDED BY"),
    "BSD-3-Clause": ("Redistribution and use", "Neither the name of"),
    "OFL-1.1": ("PREAMBLE", "TERMINATION"),
    "ISC": ("Permission to use, copy, modify", "ALL WARRANTIES"),
}


@pytest.mark.parametrize("part", licences.PARTS, ids=lambda part: part.name)
def test_each_licence_is_the_one_it_is_called_and_whole(part):
    text = licences.text_of(part)
    assert all(sign in text for sign in SIGNS[part.licence]), text
    assert "Copyright" in text or "copyright" in text or part.name == "Source Serif 4"
    assert text.count("Permission is hereby granted") <= 1


def test_what_is_joined_into_two_files_has_its_parts_there():
    for name in (*STYLES, *SCRIPTS):
        known = [part for part in licences.PARTS if licences.belongs(name, part)]
        assert known or name in licences.own_files(), name


def test_a_file_without_a_licence_is_found():
    assert licences.nobodys({"book.css", "page.js", "katex/fonts/new.woff2"}) == []
    assert licences.nobodys({"new.js", "vendor/new.css", "page.css"}) == [
        "new.js",
        "vendor/new.css",
    ]


def test_somebody_elses_file_in_our_folder_is_not_ours():
    own = licences.own_files()
    assert {"book.css", "terms.js", "search.js"} <= own
    assert not {name for name in own if name.startswith(("katex/", "fonts/source", "LICENSE"))}


def shipped():
    """A file for each pattern, and the book's own."""
    patterns = {pattern for part in licences.PARTS for pattern in part.files}
    return {pattern.replace("*", "x") for pattern in patterns} | licences.own_files()


def test_a_name_of_what_ships_no_more_is_found():
    assert licences.unused(shipped()) == []
    assert licences.unused(shipped() - {"LICENSE-d3"}) == ["LICENSE-d3"]
    assert licences.unused(shipped() - {"images/logo_x"}) == ["images/logo_*"]


def test_the_build_stops_at_either(tmp_path):
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(tmp_path))
    for name in shipped():
        path = tmp_path / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    licences.check(app, None)
    (tmp_path / "_static" / "file.png").unlink()
    with pytest.raises(ExtensionError, match="expected a file for each pattern.*file.png"):
        licences.check(app, None)
    (tmp_path / "_static" / "stranger.js").touch()
    with pytest.raises(ExtensionError, match="expected a part.*stranger.js"):
        licences.check(app, None)
    licences.check(app, RuntimeError("stopped"))
    (tmp_path / "_static" / "file.png").touch()
    licences.check(app, None, since=time.time() + 60)  # an older build has left the stranger


def test_the_page_names_the_books_own_licences_and_every_part():
    page = licences.body("A & B")
    assert "A &amp; B" in page and "MIT" in page and "CC BY 4.0" in page
    assert page.count("Permission is hereby granted") >= 5
    for part in licences.PARTS:
        assert part.home in page and f"<p>{part.licence}. " in page
