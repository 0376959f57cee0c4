"""A Matplotlib figure laid out once more for a phone, where 7 inches would be read at half size."""

WIDTH = 3.75
"""Inches: 270 points, which a page shows at 360 pixels."""
MIME = "image/vnd.pgbook.phone+svg+xml"
"""The name of the narrow drawing among a figure's outputs."""


def fits(figure):
    """Whether a figure is no wider than a phone as it is."""
    return figure.get_figwidth() <= WIDTH


def lay_out(figure):
    """Make a figure as narrow as a phone; its letters keep their size.

    Panels in a row go one below the other, each with its numbers; a single panel's legend goes
    below it; words that would leave the picture are broken into lines.

    Args:
        figure: the Matplotlib figure, which is changed.
    """
    panels = [ax for ax in figure.axes if ax.get_subplotspec()]
    height = figure.get_figheight()
    grids = {ax.get_gridspec() for ax in panels}
    if len(grids) == 1 and (grid := grids.pop()).nrows == 1 and grid.ncols == len(panels) > 1:
        _stack(figure, panels)
        height *= 0.85 * len(panels)
    elif panels and not any(ax.get_aspect() == "auto" for ax in panels):
        height *= 1.3 * WIDTH / figure.get_figwidth()  # a drawing gets smaller; its words do not
    if len(panels) == 1 and (legend := panels[0].get_legend()):
        names = [text.get_text() for text in legend.get_texts()]
        legend.remove()
        height += 0.21 * len(names)
        figure.legend(legend.legend_handles, names, loc="outside lower left")
    figure.set_size_inches(WIDTH, height)
    titles = ("title", "_left_title", "_right_title")
    for ax in figure.axes:
        labels = (ax.xaxis.label, ax.yaxis.label, *(getattr(ax, title) for title in titles))
        for text in (*ax.texts, *labels):
            text.set_wrap(True)


def _stack(figure, panels):
    """Move panels from a row into a column."""
    column = figure.add_gridspec(len(panels), 1)
    for place, ax in zip(column, panels, strict=True):
        ax.set_subplotspec(place)
        ax.tick_params(labelleft=True)  # shared numbers stood at the first one only
