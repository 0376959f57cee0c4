"""The scripts that measure in a browser run, in their small versions."""

import pytest
from test_scripts import IN_A_BROWSER, run

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", sorted(IN_A_BROWSER))
def test_a_script_goes_through_its_whole_path(site, name):
    where = ["--html", site] if name == "pages.py" else []
    assert len(run(f"benchmarks/{name}", "--small", *where).splitlines()) > 2


def test_the_readmes_picture_can_be_taken(site, tmp_path):
    run("tools/screenshot.py", "--site", site, "--picture", tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_a_pages_card_can_be_drawn(site, tmp_path):
    run("tools/cards.py", "01_objective", "--site", site, "--cards", tmp_path)
    assert (tmp_path / "01_objective.png").read_bytes().startswith(b"\x89PNG")
