"""Equations set by KaTeX while the book is built: the reader's browser runs no script for them.

KaTeX is JavaScript; V8 from the wheel `mini-racer` runs it, so that no Node is needed.
"""

import functools
from pathlib import Path

from py_mini_racer import JSEvalException, MiniRacer

# A colour's name in TeX becomes a class; the theme gives it its shade. \class names a term that
# moves from line to line. Any other extension and anything that LaTeX would refuse is an error.
SETTER = r"""
const macros = {
  "\\textcolor": "\\htmlClass{tc-#1}{#2}",
  "\\class": "\\htmlClass{pg-is-#1}{#2}",
};
const strict = (code) => (code === "htmlExtension" ? "ignore" : "error");
const trust = ({ command }) => {
  if (command === "\\htmlClass") return true;
  throw new Error(`KaTeX is not trusted with ${command} in this book`); // else it is shown in red
};
const set = (tex, displayMode) =>
  katex.renderToString(tex, { displayMode, macros: { ...macros }, strict, trust });
"""


@functools.cache
def katex() -> MiniRacer:
    """The engine with KaTeX in it, started when the first equation needs it."""
    engine = MiniRacer()
    engine.eval((Path(__file__).parent / "katex.min.js").read_text("utf-8"))
    engine.eval(SETTER)
    return engine


@functools.cache
def typeset(tex: str, display: bool) -> str:
    """Return an equation as HTML with MathML beside it.

    Raises:
        ValueError: TeX that KaTeX cannot set, with its message.
    """
    try:
        return katex().call("set", tex, display)
    except JSEvalException as error:
        raise ValueError(str(error).strip().splitlines()[0]) from error
