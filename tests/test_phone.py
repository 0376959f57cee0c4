"""A figure is laid out once more for a phone: nothing gets lost, shrinks or is cut off."""

import re

import matplotlib.pyplot as plt
import pytest
from pgbook import phone, plots

WORDS = {
    "number": "9.3",
    "caption": "The two meet & part: θ < 1.",
    "alt": "Two lines that cross once.",
}


@pytest.fixture
def panels():
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 3.0), sharey=True)
    for i, ax in enumerate(axes):
        ax.plot([0, 1], [0, i], label=f"line {i}")
        ax.set(title=f"panel {i}", xlabel="step t")
    yield figure
    plt.close(figure)


def texts(svg):
    return [word for word in re.findall(r"<text[^>]*>([^<]*)</text>", svg) if word]


def places(figure):
    figure.canvas.draw()
    return [ax.get_position() for ax in figure.axes]


def test_panels_in_a_row_stand_below_each_other_with_their_numbers(panels):
    before = places(panels)
    phone.lay_out(panels)
    after = places(panels)
    assert panels.get_figwidth() == phone.WIDTH == 3.75
    assert panels.get_figheight() == pytest.approx(0.85 * 3 * 3.0)
    assert len({round(box.y0, 3) for box in before}) == 1 == len({round(b.x0, 3) for b in after})
    assert after[0].y0 > after[1].y1 > after[1].y0 > after[2].y1
    assert all(ax.yaxis.get_tick_params()["labelleft"] for ax in panels.axes)


@pytest.mark.parametrize("shape", [(2, 1), (2, 2)])
def test_other_grids_stay(shape):
    figure, _ = plt.subplots(*shape, figsize=(7.2, 3.0))
    before = [ax.get_subplotspec() for ax in figure.axes]
    phone.lay_out(figure)
    assert [ax.get_subplotspec() for ax in figure.axes] == before
    assert figure.get_figheight() == 3.0
    plt.close(figure)


def test_a_drawing_gets_lower_as_it_gets_narrower():
    figure, ax = plt.subplots(figsize=(7.2, 3.0))
    ax.set_aspect("equal")
    phone.lay_out(figure)
    assert figure.get_figheight() == pytest.approx(3.0 * 1.3 * 3.75 / 7.2)
    plt.close(figure)


def test_a_legend_goes_below_its_panel_with_all_its_lines():
    figure, ax = plt.subplots()
    for i in range(3):
        ax.plot([0, 1], [0, i], label=f"line {i}")
    ax.legend(loc="center")
    phone.lay_out(figure)
    figure.canvas.draw()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["line 0", "line 1", "line 2"]
    assert ax.get_legend() is None
    assert legend.get_window_extent().y1 <= ax.get_window_extent().y0
    assert figure.get_figheight() == pytest.approx(3.2 + 3 * 0.21)  # the panel keeps its height
    plt.close(figure)


def test_both_drawings_say_the_same_with_letters_of_one_size(panels):
    figure = plots.show(panels, **WORDS).shown
    wide, narrow = figure.svg, figure.narrow
    said = [{t for t in texts(svg) if not t.replace(".", "").isdigit()} for svg in (wide, narrow)]
    assert said[0] == said[1] == {"panel 0", "panel 1", "panel 2", "step t"}
    sizes = [set(re.findall(r"font-size: ([\d.]+)px", svg)) for svg in (wide, narrow)]
    assert sizes[0] == sizes[1]
    assert 'width="270pt"' in narrow and 'width="518.4pt"' in wide
    assert narrow.count(f"<title>{WORDS['alt']}</title>") == 1


def test_what_fits_is_drawn_once():
    figure, _ = plt.subplots(figsize=(phone.WIDTH, 2.0))
    shown = plots.show(figure, **WORDS).shown
    assert shown.narrow is None and phone.MIME not in shown._repr_mimebundle_()


def test_words_are_broken_before_they_leave_the_picture():
    figure, ax = plt.subplots()
    ax.text(0.55, 0.5, "these are some more words than a phone has room for")
    narrow = plots.show(figure, **WORDS).shown.narrow
    broken = [word for word in texts(narrow) if word in "these are some more words than a phone"]
    assert len(broken) >= 1 and "these are some more words than a phone has room for" not in narrow
