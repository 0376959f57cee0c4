"""The symbols of a formula in TeX: what is left when mathematics' own signs are taken out."""

import re

# What means the same in every book: relations, operators, brackets, spaces, styles.
OWN = set(
    r"""\sum \prod \log \max \min \arg \sup \frac \tfrac \sqrt \partial \infty \ge \le \ne \to \sim
    \mid \cdot \dots \tanh \Pr \top \lVert \rVert \lvert \rvert \Big \big \Bigg \bigg \quad \qquad
    \Rightarrow \Longleftrightarrow \xrightarrow \textstyle \nolimits \exp""".split()
)
ACCENT = re.compile(r"\\(hat|bar|mathbb|mathcal)\s*\{?\s*([A-Za-z])\}?")
TOKEN = re.compile(r"\\(?:hat|bar|mathbb|mathcal) [A-Za-z]|\\[A-Za-z]+|[A-Za-z]")
WORDS = re.compile(r"\\(?:text|operatorname\*?|mathrm|tag|begin|end)\{[^}]*\}|\\textcolor\{\w+\}")
DIFFERENTIAL = re.compile(r"(?<![A-Za-z\\])d(?=[a-z]|\\tau|\\textcolor)")
SPACE = re.compile(r"\\\\\[[^\]]*\]|\\\\")


def _tokens(tex):
    """The signs of a formula in order; an accent and its letter are one sign."""
    bare = DIFFERENTIAL.sub("", SPACE.sub(" ", WORDS.sub(" ", tex)))
    return TOKEN.findall(ACCENT.sub(r"\\\1 \2", bare))


def symbols(tex):
    """The set of symbols in a formula."""
    return set(_tokens(tex)) - OWN


def first(tex):
    """The symbol that a formula begins with: what a row of the notation is about."""
    return _tokens(tex)[0]
