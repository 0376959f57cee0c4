"""A formula as a reader types it: p*(1-p)*(r0-r1), 2γ^2, log(p)/3.

Read by a grammar of its own and never executed; `js/formula.js` reads the same in the page.
"""

import math
import re
from collections.abc import Callable

GREEK = (
    "α alpha β beta γ gamma δ delta ε epsilon η eta θ theta κ kappa λ lambda μ mu ν nu "
    "π pi ρ rho σ sigma τ tau φ phi ψ psi ω omega"
).split()
SPELT = dict(zip(GREEK[1::2], GREEK[::2], strict=True))
TOKEN = re.compile(
    r"([0-9]+(?:[.,][0-9]+)?(?:[eE][-+]?[0-9]+)?|[.,][0-9]+)|([A-Za-zα-ω][A-Za-zα-ω0-9₀-₉_]*)"
    r"|(\*\*|[-+*/^()−·×÷²³])"
)
SAME = {"**": "^", "−": "-", "·": "*", "×": "*", "÷": "/"}
LIKE = str.maketrans("µϵϑ–—⋅", "μεθ--*")  # what keyboards and autocorrection write
LONGEST = 200  # characters
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "log": math.log,
    "ln": math.log,
    "exp": math.exp,
    "sqrt": math.sqrt,
}


class Unread(ValueError):
    """What cannot be read, and where."""

    def __init__(self, what: str, at: int):
        super().__init__(f"At character {at + 1}: {what}.")


def split(text: str) -> list[tuple[str, str, int]]:
    """The tokens of a text, each (kind, text, place); the last is the end."""
    if len(text) > LONGEST:
        raise Unread(f"expected at most {LONGEST} characters", LONGEST)
    text = text.translate(LIKE)
    found, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = TOKEN.match(text, at)
        if not token:
            raise Unread(f"expected a number, a name or a sign, got “{text[at]}”", at)
        number, name, sign = token.groups()
        if sign in ("²", "³"):
            found += [("sign", "^", at), ("number", "2" if sign == "²" else "3", at)]
        elif number:
            found.append(("number", number.replace(",", "."), at))
        else:
            found.append(("name", name, at) if name else ("sign", SAME.get(sign, sign), at))
        at = token.end()
    return [*found, ("end", "the end", at)]


def plain(name: str) -> str:
    """A name as it is looked up: r_0 and r₀ are r0, gamma is γ."""
    name = re.sub("[₀-₉]", lambda digit: str(ord(digit[0]) - 0x2080), name.replace("_", ""))
    return re.sub("^[a-z]+", lambda word: SPELT.get(word[0], word[0]), name)


def parts(run: str, known: list[str]) -> list[str] | None:
    """The names that a run of letters is made of, γp being γ times p; None if there are none."""
    whole = plain(run)
    if not whole or whole in known:
        return [whole] if whole else []
    for end in range(len(run) - 1, 0, -1):
        first = plain(run[:end])
        rest = parts(run[end:], known) if first in known else None
        if rest is not None:
            return [first, *rest]
    return None


class Reader:
    """A formula's tokens and how far they are read; one method a rule of the grammar."""

    def __init__(self, text: str, names: list[str]):
        self.tokens, self.next, self.names = split(text), 0, names
        self.known = [*names, *(["e"] if "e" not in names else [])]

    def sees(self, signs: str) -> bool:
        """Whether the next token is one of the signs."""
        kind, text, _ = self.tokens[self.next]
        return kind == "sign" and text in signs

    def take(self) -> tuple[str, str, int]:
        """The next token, which is then read."""
        self.next += 1
        return self.tokens[self.next - 1]

    def refuse(self, what: str):
        """Say what was expected in place of the next token."""
        kind, text, at = self.tokens[self.next]
        raise Unread(f"expected {what}, got {text if kind == 'end' else f'“{text}”'}", at)

    def bracketed(self) -> tuple:
        """A formula in brackets."""
        if not self.sees("("):
            self.refuse("“(”")
        self.take()
        inside = self.sum()
        if not self.sees(")"):
            self.refuse("an operator or “)”")
        self.take()
        return inside

    def atom(self) -> tuple:
        """A number, a name, a function of a formula in brackets, or these brackets."""
        if self.sees("("):
            return self.bracketed()
        if self.tokens[self.next][0] not in ("number", "name"):
            self.refuse("a number, a name or “(”")
        kind, word, at = self.take()
        if kind == "number":
            return "number", float(f"0{word}")
        if word in FUNCTIONS:
            return word, self.bracketed()
        found = parts(word, self.known)
        if not found:
            none = f"none of {', '.join(self.names)}" if self.names else "no number"
            raise Unread(f"“{word}” is {none}", at)
        # The last name of a run is an atom of its own: in γp^2 only p is squared.
        self.tokens[self.next : self.next] = [("name", each, at) for each in found[1:]]
        return "name", found[0]

    def power(self) -> tuple:
        """An atom, or an atom to a power."""
        base = self.atom()
        if not self.sees("^"):
            return base
        self.take()
        return "^", base, self.signed()

    def signed(self) -> tuple:
        """A power with its signs in front."""
        if not self.sees("-+"):
            return self.power()
        minus = self.take()[1] == "-"
        return ("-", self.signed()) if minus else self.signed()

    def product(self) -> tuple:
        """Factors; a name or a bracket may follow without a sign."""
        left = self.signed()
        while True:
            if self.sees("*/"):
                left = (self.take()[1], left, self.signed())
            elif self.tokens[self.next][0] == "name" or self.sees("("):
                left = ("*", left, self.power())
            else:
                return left

    def sum(self) -> tuple:
        """Products, added and subtracted."""
        left = self.product()
        while self.sees("+-"):
            left = (self.take()[1], left, self.product())
        return left


def read(text: str, names: list[str]) -> tuple:
    """Read a formula in the given names as a tree; raise `Unread` where it cannot be read."""
    reader = Reader(text, names)
    tree = reader.sum()
    if reader.tokens[reader.next][0] != "end":
        reader.refuse("an operator or the end")
    return tree


def value(tree: tuple, point: dict[str, float]) -> float:
    """What a formula comes to at a point; NaN where it has no value."""
    kind, left, *right = tree
    if kind == "number":
        return left
    if kind == "name":
        return point.get(left, math.e)
    try:
        a, b = value(left, point), value(right[0], point) if right else None
        if kind in FUNCTIONS:
            return FUNCTIONS[kind](a)
        if b is None:
            return -a
        result = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}
        found = result.get(kind, lambda: a**b)()
        return found if isinstance(found, float) else math.nan  # (-1)^0.5 is complex
    except (ArithmeticError, ValueError):
        return math.nan
