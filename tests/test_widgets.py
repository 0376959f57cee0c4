"""The explorables' Python side: traits, what they refuse, what a page without Python gets."""

import subprocess
import sys

import pytest
import traitlets
from book_pages import BOOK
from pgbook.explorables import Objective, TrainerLab

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (Objective, {"theta": float("nan")}, "theta: expected a number from -5 to 5, got nan"),
        (Objective, {"theta": 5.1}, "theta: expected a number from -5 to 5, got 5.1"),
        (Objective, {"theta": "1"}, "theta: expected a number from -5 to 5, got '1'"),
        (Objective, {"episodes": 10.5}, "episodes: expected a whole number from 10 to 10000, got"),
        (Objective, {"episodes": True}, "episodes: expected a whole number from 10 to 10000, got"),
        (TrainerLab, {"psi": "none"}, "psi: expected one of total_return, .*, got 'none'"),
        (TrainerLab, {"playing": 1}, "playing: expected True or False, got 1"),
    ],
)
def test_nonsense_is_refused(kind, settings, message):
    with pytest.raises(traitlets.TraitError, match=message):
        kind(**settings)
    widget = kind()
    for name, value in settings.items():
        with pytest.raises(traitlets.TraitError, match=message):
            setattr(widget, name, value)
        assert getattr(widget, name) == getattr(kind(), name)


def test_an_unknown_setting_is_refused():
    with pytest.raises(TypeError, match="Objective: expected theta, episodes, seed, got beta"):
        Objective(beta=1)


def test_it_shows_its_traits():
    widget = TrainerLab(seed=3, playing=False)
    assert repr(Objective(theta=1)) == "Objective(theta=1.0, episodes=100, seed=0)"
    data, _ = widget._repr_mimebundle_()
    assert data["text/plain"] == repr(widget) and "0x" not in repr(widget)
    assert "application/vnd.jupyter.widget-view+json" in data
    html = data["text/html"]
    assert html.startswith('<pg-trainer learning-rate="0.2" episodes="16" gamma="1.0" psi="reward')
    assert ' seed="3"' in html and ' playing="false"' in html and html.endswith("</pg-trainer>")
    assert "<p><em>Train a policy" in html and '<a href="https://' in html


def test_it_is_shown_with_its_caption():
    widget = TrainerLab()
    captioned = widget.show(number="7.4", caption="Twelve seeds learn at every setting.")
    assert captioned.shown is widget
    assert repr(captioned.caption) == "Figure 7.4. Twelve seeds learn at every setting."


def test_importing_them_brings_no_torch():
    code = "import sys, pgbook.explorables; sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(BOOK)})
    assert done.returncode == 0


def test_the_landing_page_holds_the_trainer_as_python_writes_it():
    page = (BOOK / "index.md").read_text("utf-8")
    assert page.count("<pg-") == 1
    assert f'<div class="pg-stage">\n{TrainerLab().to_html()}\n</div>' in page
