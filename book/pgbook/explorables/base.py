"""What all explorables share: traits that refuse nonsense, and an element for pages without Python.

An explorable is drawn by JavaScript (`explorables/js`, bundled in `static/explorables.js`). In a
notebook it is a widget and its traits follow its sliders. In the built book its cell's output is a
custom element, `<pg-name attribute="...">`, that the page's script brings to life.
"""

from html import escape
from pathlib import Path

import anywidget
import traitlets

from pgbook.captions import Captioned

BOOK = "https://policy-gradients.github.io/line-by-line"
BUNDLE = Path(__file__).parent / "static" / "explorables.js"


class Number(traitlets.Float):
    """A number within bounds, kept in step with the browser."""

    kind = "a number"

    def __init__(self, initial, low, high, *, help):
        super().__init__(initial, help=help)
        self.low, self.high = low, high
        self.tag(sync=True)

    def validate(self, obj, value):
        """Return the value, or raise what was expected and what came."""
        try:
            number = super().validate(obj, value)
            fits = self.low <= number <= self.high
        except traitlets.TraitError:
            fits = False
        if not fits or isinstance(value, bool):
            bounds = f"from {self.low} to {self.high}"
            raise traitlets.TraitError(
                f"{self.name}: expected {self.kind} {bounds}, got {value!r}"
            ) from None
        return number


class Integer(Number):
    """A whole number within bounds."""

    kind = "a whole number"

    def validate(self, obj, value):
        """Return the value as an int, or raise what was expected and what came."""
        number = super().validate(obj, value)
        if number != int(number):
            raise traitlets.TraitError(
                f"{self.name}: expected {self.kind} from {self.low} to {self.high}, got {value!r}"
            )
        return int(number)


class Choice(traitlets.Unicode):
    """One of a few names."""

    def __init__(self, initial, choices, *, help):
        super().__init__(initial, help=help)
        self.choices = tuple(choices)
        self.tag(sync=True)

    def validate(self, obj, value):
        """Return the value, or raise what was expected and what came."""
        if value not in self.choices:
            raise traitlets.TraitError(
                f"{self.name}: expected one of {', '.join(self.choices)}, got {value!r}"
            )
        return value


class Switch(traitlets.Bool):
    """True or False."""

    def __init__(self, initial, *, help):
        super().__init__(initial, help=help)
        self.tag(sync=True)

    def validate(self, obj, value):
        """Return the value, or raise what was expected and what came."""
        if not isinstance(value, bool):
            raise traitlets.TraitError(f"{self.name}: expected True or False, got {value!r}")
        return value


class Explorable(anywidget.AnyWidget):
    """Base of the explorables: set `tag`, `summary` and traits of the four kinds above."""

    tag = ""
    summary = ""
    _esm = BUNDLE
    _element = traitlets.Unicode().tag(sync=True)

    def __init__(self, **settings):
        unknown = sorted(set(settings) - set(self.settings()))
        if unknown:
            known = ", ".join(self.settings())
            raise TypeError(f"{type(self).__name__}: expected {known}, got {', '.join(unknown)}")
        super().__init__(_element=self.tag, **settings)

    @classmethod
    def settings(cls):
        """Return the names of the traits that can be set, in the order of the class."""
        kinds = (Number, Choice, Switch)
        found = (item for base in reversed(cls.__mro__) for item in vars(base).items())
        return [name for name, trait in found if isinstance(trait, kinds)]

    def __repr__(self):
        given = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings())
        return f"{type(self).__name__}({given})"

    def show(self, *, number, caption):
        """Return the explorable with its caption below it; make it the cell's last expression.

        Args:
            number: the figure's, by chapter and place: "9.1".
            caption: one or two sentences that state the figure's point.

        Raises:
            ValueError: a number or caption that `Captioned` refuses.
        """
        return Captioned(self, number, caption)

    def to_html(self):
        """Return the custom element, with a sentence inside for pages that run no scripts."""
        attributes = "".join(
            f' {name.replace("_", "-")}="{escape(_text(getattr(self, name)))}"'
            for name in self.settings()
        )
        link = f'This figure moves in <a href="{BOOK}">the built book</a> and in a live notebook.'
        sentence = f"<p><em>{escape(self.summary)} {link}</em></p>"
        return f"<{self.tag}{attributes}>{sentence}</{self.tag}>"

    def _repr_mimebundle_(self, **kwargs):
        """Add the element to the widget's own bundle."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": repr(self), "text/html": self.to_html()}, metadata


def _text(value):
    """The value as the element's attribute says it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
