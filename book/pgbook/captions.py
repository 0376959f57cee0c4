"""A figure's number and its point, right below it: in the book, in JupyterLab and in Colab.

A figure is two outputs of one cell: the picture, and its caption as HTML. The built book puts the
two into one `<figure>`, which links reach by the cell's name.
"""

import html
import re

from IPython.display import display

NUMBER = re.compile(r"([1-9]\d?|[A-Z])\.[1-9]\d?")
SENTENCES = re.compile(r"([^.!?]|[.!?](?! ))+[.!?]( ([^.!?]|[.!?](?! ))+[.!?])?")  # one or two


class Caption:
    """The words below a figure."""

    def __init__(self, number, text):
        self.number, self.text = number, text

    def __repr__(self):
        return f"Figure {self.number}. {self.text}"

    def _repr_html_(self):
        text = html.escape(self.text, quote=False)
        return f"<figcaption><b>Figure {self.number}.</b> {text}</figcaption>"


class Captioned:
    """Something to look at with its caption; make it the last expression of a cell.

    Args:
        shown: what the caption belongs to: anything that a notebook can display.
        number: chapter or letter, a dot, and the place on the page: "9.3", "H.2".
        caption: the figure's point in one or two sentences of plain text.

    Raises:
        ValueError: a number of another form, or a caption that is not one or two sentences.
    """

    def __init__(self, shown, number, caption):
        if not isinstance(number, str) or not NUMBER.fullmatch(number):
            raise ValueError(f"number: expected one like '9.3' or 'H.2', got {number!r}")
        words = caption.split() if isinstance(caption, str) else []
        if len(words) < 5 or not SENTENCES.fullmatch(caption):
            raise ValueError(f"caption: expected one or two sentences, got {caption!r}")
        self.shown, self.caption = shown, Caption(number, caption)

    def __repr__(self):
        return f"{self.shown!r}, {self.caption!r}"

    def _ipython_display_(self):
        display(self.shown, self.caption)
