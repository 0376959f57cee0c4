"""The book's figures: one style, two palettes, and a way to show a figure that every page can use.

Importing this module sets Matplotlib's style. Figures are SVG with real text, so that the built
page can give them its own font and its own light and dark shades; write symbols as Unicode
(θ, π, ∇, √N), since Matplotlib's own mathematics would ask the reader's machine for its fonts.

`COLOURS[term]` is for that term of the derivation and nothing else. What is no term (a rule, a
setting, a run, a part of an error) takes `CATEGORIES[i]`, counted from 0 within a figure. Both can
be told apart with each kind of colour blindness; still, no figure says anything by colour alone.
"""

import hashlib
import html
import io
import json
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.ticker import LogFormatterSciNotation

from pgbook import expect, phone
from pgbook.captions import Captioned

HERE = Path(__file__).parent
PALETTE = json.loads((HERE / "palette.json").read_text(encoding="utf-8"))
COLOURS = {term: entry["light"] for term, entry in PALETTE.items()}
CATEGORIES = tuple(
    entry["light"] for entry in json.loads((HERE / "categories.json").read_text(encoding="utf-8"))
)
INK = "#000000"
GREY = "#6b7280"
RAISED = str.maketrans("-−0123456789", "⁻⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

mpl.rcParams.update(
    {
        "figure.figsize": (7.2, 3.2),
        "figure.facecolor": "white",
        "figure.constrained_layout.use": True,
        "axes.prop_cycle": cycler(color=CATEGORIES),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 11,
        "axes.titlelocation": "left",
        "axes.labelsize": 10,
        "axes.grid": False,
        "axes.formatter.use_mathtext": False,
        "font.size": 10,
        "font.family": "sans-serif",
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "svg.fonttype": "none",
        "svg.hashsalt": "pgbook",
    }
)


class Figure:
    """A drawn figure: an SVG, the same laid out for a phone, and its alternative text."""

    def __init__(self, svg, narrow, alt):
        self.svg, self.narrow, self.alt = svg, narrow, alt

    def __repr__(self):
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        shown = {"text/plain": repr(self), "image/svg+xml": self.svg}
        # JupyterLab shows what it knows; the built page takes one or the other by its width
        return shown if self.narrow is None else {**shown, phone.MIME: self.narrow}


def show(figure, *, number, caption, alt):
    """Turn a Matplotlib figure into the object that a notebook shows, and close it.

    Args:
        figure: the Matplotlib figure.
        number: the figure's, by chapter and place: "9.3".
        caption: one or two sentences that state the figure's point, shown below it.
        alt: one or two sentences that say what the picture shows to who cannot see it.

    Returns:
        A `Figure` with its caption; make it the cell's last expression.

    Raises:
        ValueError: `alt` is no text or too short to describe anything, or says what the caption
            says; `figure` is no figure; a number or caption that `Captioned` refuses.
    """
    if not isinstance(figure, plt.Figure):
        raise ValueError(f"figure: expected a Matplotlib figure, got {figure!r}")
    if not isinstance(alt, str) or len(alt.split()) < 5:
        raise ValueError(f"alt: expected a sentence that describes the figure, got {alt!r}")
    if alt == caption:
        raise ValueError("alt: expected what one sees, got the caption, which says what it means")
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        if isinstance(axis.get_major_formatter(), LogFormatterSciNotation):
            axis.set_major_formatter(_Powers())
        if isinstance(axis.get_minor_formatter(), LogFormatterSciNotation):
            axis.set_minor_formatter(_Powers())
    svg, narrow = _svg(figure, alt), None
    if not phone.fits(figure):
        phone.lay_out(figure)
        narrow = _svg(figure, alt)
    plt.close(figure)
    return Captioned(Figure(svg, narrow, alt), number, caption)


def interval(samples, level=0.95):
    """Return the mean over the first axis and a bootstrap interval for it.

    Args:
        samples: shape [seeds, ...].
        level: coverage of the interval, between 0 and 1.

    Returns:
        Three arrays of shape [...]: mean, lower end, upper end. 2,000 resamples, seed 0.

    Raises:
        ValueError: no sample, one that is not finite, or a level that is not between 0 and 1.
    """
    samples = expect.samples(samples)
    level = expect.number("level", level, 0, 1, ends=False)
    rng = np.random.default_rng(0)
    picks = rng.integers(len(samples), size=(2_000, len(samples)))
    counts = np.stack([np.bincount(pick, minlength=len(samples)) for pick in picks])
    means = np.tensordot(counts / len(samples), samples, axes=1)
    tail = (1 - level) / 2
    lower, upper = np.quantile(means, [tail, 1 - tail], axis=0)
    return samples.mean(axis=0), lower, upper


def learning_curves(ax, steps, curves, *, threshold=None, colour=CATEGORIES[0]):
    """Draw one thin line a seed, their mean and the 95 % interval of the mean.

    Args:
        ax: Matplotlib axes.
        steps: x values shared by all seeds, shape [X].
        curves: one row a seed, shape [seeds, X].
        threshold: a dashed line at this height, if given.
        colour: of the mean and the interval.

    Returns:
        The axes.

    Raises:
        ValueError: curves that are not finite numbers or have other lengths than `steps`.
    """
    steps = expect.numbers("steps", steps, finite=True)
    curves = expect.samples(curves)
    if steps.ndim != 1 or curves.shape[1:] != steps.shape:
        raise ValueError(
            f"expected steps [X] and curves [seeds, X], got {steps.shape} and {curves.shape}"
        )
    ax.plot(steps, curves.T, color=GREY, linewidth=0.7, alpha=0.7)
    mean, lower, upper = interval(curves)
    ax.fill_between(steps, lower, upper, color=colour, alpha=0.2, linewidth=0)
    ax.plot(steps, mean, color=colour)
    if threshold is not None:
        threshold = float(expect.numbers("threshold", threshold, (), finite=True))
        ax.axhline(threshold, color=INK, linestyle="--", linewidth=1)
    return ax


class _Powers(LogFormatterSciNotation):
    """The numbers of a logarithmic axis in the page's own letters: 10⁻³, 2·10⁴."""

    def __call__(self, x, pos=None):
        """Matplotlib's words for a tick, without its mathematics."""
        words = re.sub(r"\$|\\mathdefault|[{}]", "", super().__call__(x, pos))
        words = words.replace(r"\times", "·")
        return re.sub(r"\^(\S+)", lambda power: power[1].translate(RAISED), words)


def _svg(figure, alt):
    """Draw the figure as it stands."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _standalone(buffer.getvalue(), html.escape(alt))


def _standalone(svg, title):
    """Keep what a page can inline: no prolog, no metadata, no style rule that would leak out."""
    svg = re.sub(r"^.*?(?=<svg)", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    opening = r'<svg role="img" style="stroke-linejoin: round; stroke-linecap: butt" \1>'
    svg = re.sub(
        r"<svg ([^>]*)>", lambda m: m.expand(opening) + f"<title>{title}</title>", svg, count=1
    )
    return re.sub(r"[ \t]+\n", "\n", _named_by_content(svg))


def _named_by_content(svg):
    """Name each clip path by its written numbers; Matplotlib hashes digits that vary by machine."""
    for name, shape in re.findall(r'<clipPath id="(\w+)">(.*?)</clipPath>', svg, re.DOTALL):
        svg = svg.replace(name, "p" + hashlib.sha256(shape.encode()).hexdigest()[:10])
    return svg
