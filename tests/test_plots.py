"""Figures: what a page needs of them, and that they repeat byte for byte."""

import xml.etree.ElementTree as ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from pgbook import phone, plots

ALT = "Two lines that cross at one half & one more <line>"
WORDS = {"number": "9.3", "caption": "The two meet & part: θ < 1.", "alt": ALT}


@pytest.fixture
def axes():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def draw():
    figure, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], color=plots.COLOURS["policy"])
    ax.scatter([0, 1], [1, 0])
    ax.fill_between([0, 1], [0, 0], [1, 1], alpha=0.2)
    ax.set(title="π_θ and ∇J", xlabel="step t")
    return plots.show(figure, **WORDS).shown


def test_a_figure_is_an_svg_with_its_alternative_text():
    shown = draw()
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", phone.MIME}
    assert bundle["text/plain"] == repr(shown) == f"Figure: {ALT}"
    root = ElementTree.fromstring(bundle["image/svg+xml"])
    assert root.tag.endswith("}svg") and root.get("role") == "img"
    titles = [child.text for child in root if child.tag.endswith("}title")]
    assert titles == [ALT]
    assert root.get("viewBox") and root.get("width")


def test_a_figure_can_be_inlined():
    """Real text, the palette's shades, no prolog, no metadata, no style rule, no time."""
    svg = draw().svg
    assert svg.startswith("<svg")
    assert "π_θ and ∇J" in svg and plots.COLOURS["policy"] in svg
    for leak in ("<?xml", "<!DOCTYPE", "<metadata", "<style", "<dc:date", "\r", "http://dublin"):
        assert leak not in svg
    assert not [line for line in svg.split("\n") if line != line.rstrip()]


def test_a_figure_repeats_byte_for_byte():
    assert draw().svg == draw().svg


def test_the_last_digit_of_a_layout_leaves_no_trace():
    """Another processor's layout differs by a rounding error: not a reason for other ids."""

    def at(left):
        figure, ax = plt.subplots(layout="none")
        ax.set_position([left, 0.1, 0.8, 0.8])
        ax.plot([0, 1], [0, 1])
        return plots.show(figure, **WORDS).shown.svg

    assert "clipPath" in at(0.1) and at(0.1) == at(0.1 + 1e-14) != at(0.12)


def test_show_closes_the_figure():
    before = plt.get_fignums()
    draw()
    assert plt.get_fignums() == before


@pytest.mark.parametrize("alt", ["", "plot", "four words, not five"])
def test_an_alternative_text_that_says_nothing_is_refused(alt):
    figure, _ = plt.subplots()
    try:
        with pytest.raises(ValueError, match="alt: expected a sentence .* got '" + alt):
            plots.show(figure, **{**WORDS, "alt": alt})
    finally:
        plt.close(figure)


def test_five_words_are_enough_of_an_alternative_text():
    figure, _ = plt.subplots()
    words = {**WORDS, "alt": "A line that goes up"}
    assert plots.show(figure, **words).shown.alt == words["alt"]


def test_an_alternative_text_that_is_the_caption_is_refused():
    figure, _ = plt.subplots()
    with pytest.raises(ValueError, match="alt: expected what one sees, got the caption"):
        plots.show(figure, **{**WORDS, "alt": WORDS["caption"]})
    plt.close(figure)


def test_the_palette_is_the_file():
    assert set(plots.COLOURS) == set(plots.PALETTE)
    assert {"objective", "expectation", "integral", "probability", "logprob"} < set(plots.COLOURS)
    for term, entry in plots.PALETTE.items():
        assert plots.COLOURS[term] == entry["light"] == to_hex(entry["light"])
    shades = [*plots.COLOURS.values(), *plots.CATEGORIES]
    assert len(set(shades)) == len(shades) == len(plots.COLOURS) + 6


def test_a_line_without_a_colour_is_a_category(axes):
    lines = [axes.plot([0, 1], [i, i])[0] for i in range(6)]
    assert [to_hex(line.get_color()) for line in lines] == list(plots.CATEGORIES)


def test_the_interval_is_the_bootstrap_of_the_mean():
    """For many normal samples it is the mean ± 1.96 standard errors."""
    samples = np.random.default_rng(0).normal(5.0, 2.0, size=400)
    mean, lower, upper = plots.interval(samples)
    error = samples.std() / 20
    assert mean == pytest.approx(samples.mean())
    assert lower == pytest.approx(mean - 1.96 * error, abs=0.15 * error)
    assert upper == pytest.approx(mean + 1.96 * error, abs=0.15 * error)
    _, inner_lower, inner_upper = plots.interval(samples, level=0.5)
    assert inner_upper - inner_lower == pytest.approx(2 * 0.6745 * error, rel=0.1)


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says():
    samples = np.random.default_rng(1).normal(size=(20, 1000))
    _, lower, upper = plots.interval(samples)
    covered = ((lower < 0) & (upper > 0)).mean()
    assert 0.90 < covered < 0.96  # a bootstrap of 20 samples is a little too narrow


def test_the_interval_keeps_the_shape_and_repeats():
    samples = np.random.default_rng(2).normal(size=(5, 3, 2))
    first, again = plots.interval(samples), plots.interval(samples)
    assert [part.shape for part in first] == [(3, 2)] * 3
    np.testing.assert_array_equal(first, again)
    flat = plots.interval(np.full((4, 2), 7.0))
    np.testing.assert_allclose(flat, 7.0)


def test_learning_curves_draw_one_line_a_seed_the_mean_and_the_interval(axes):
    curves = np.array([[0.0, 1.0, 2.0], [2.0, 3.0, 4.0], [4.0, 5.0, 9.0]])
    assert plots.learning_curves(axes, [0, 10, 20], curves) is axes
    *seeds, mean = axes.lines
    np.testing.assert_array_equal([line.get_ydata() for line in seeds], curves)
    assert {to_hex(line.get_color()) for line in seeds} == {plots.GREY}
    np.testing.assert_allclose(mean.get_ydata(), curves.mean(axis=0))
    assert mean.get_color() == plots.CATEGORIES[0]
    assert all(list(line.get_xdata()) == [0, 10, 20] for line in axes.lines)
    (band,) = axes.collections
    _, lower, upper = plots.interval(curves, level=0.95)
    corners = band.get_paths()[0].vertices
    for x, low, high in zip([0, 10, 20], lower, upper, strict=True):
        heights = corners[corners[:, 0] == x, 1]
        np.testing.assert_allclose([heights.min(), heights.max()], [low, high])


def test_learning_curves_draw_the_threshold_if_there_is_one(axes):
    plots.learning_curves(axes, [0, 1], [[1.0, 2.0]], threshold=475)
    assert len(axes.lines) == 3
    assert list(axes.lines[-1].get_ydata()) == [475, 475]
    assert axes.lines[-1].get_linestyle() == "--"


def test_a_logarithmic_axis_has_the_pages_own_letters():
    figure, ax = plt.subplots()
    ax.set(xscale="log", yscale="log", xlim=(2, 9), ylim=(2e-4, 5e3))
    svg = plots.show(figure, **WORDS).shown.svg
    for words in ("10⁻³", "10⁰", "10³", "3·10⁰"):
        assert f">{words}</text>" in svg, words
    assert "mathdefault" not in svg and "<tspan" not in svg
