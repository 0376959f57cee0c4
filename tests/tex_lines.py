r"""A line of a derivation, read from its TeX and put into numbers on a world that can be listed.

What the reader sees is what is evaluated: `\nabla_\theta` differentiates, `\int` and `\sum` add up,
`\mathbb{E}` averages, and `\cancel` claims that what it strikes is zero. A value is a tensor with
an axis for the trajectories (for pairs of them, where a line speaks of $N$ samples) and, if it is a
vector in the space of theta, one more. Adding a vector to a number is an error.
"""

import functools
import re

import tex_world
import torch

SPACING = re.compile(r"\\[,;!]|\\[Bb]ig(?!\|)|\\(begin|end)\{aligned\}|\\\\|&|\\q?quad")
NABLA, CANCEL, GIVEN, RETURN = r"\nabla _ \theta", r"\cancel", r"\given", r"R ( \tau )"
CLOSING = {")", "]", "}", "+", "-", "=", GIVEN}
RANGES = {  # what a sum or a product runs over: a name and its values
    "_ { t = 0 } ^ { T - 1 }": ("t", lambda world, at: range(world.steps)),
    r"_ { t = 0 } ^ { \lvert y \rvert - 1 }": ("t", lambda world, at: range(world.steps)),
    "_ { i = 1 } ^ { N }": ("i", lambda world, at: range(tex_world.SAMPLES)),
    "_ { t ' < t }": ("t'", lambda world, at: range(at["t"])),
    "_ a": ("a", lambda world, at: range(world.actions)),
    "_ x": ("x", lambda world, at: world.values),
}
OVER_PATHS = (r"_ \tau", r"_ { \tau : R ( \tau ) = x }")


def uncoloured(tex):
    """TeX whose coloured groups are replaced by what they hold."""
    while start := re.search(r"\\textcolor\{\w+\}\{", tex):
        depth, end = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(tex[end], 0)
            end += 1
        tex = tex[: start.start()] + " " + tex[start.end() : end - 1] + " " + tex[end:]
    return tex


def bare(tex):
    """The tokens of a line, without colours, spacing and the sizes of brackets."""
    tex = SPACING.sub(" ", uncoloured(tex)).replace(r"\big|", GIVEN).replace("{}", " ")
    return " ".join(re.findall(r"\\[a-zA-Z]+|\S", tex))


class Line:
    """One line: `sides` gives its two sides in numbers."""

    def __init__(self, tex, world):
        self.text, self.world, self.tokens = bare(tex), world, bare(tex).split()
        self.atoms = {bare(tex): value for tex, value in world.atoms.items()}

    def sides(self, theta, **at):
        """Both sides of the line at one theta.

        Raises:
            ValueError: what is read makes no line, or says something that cannot be.
        """
        self.at = 0
        left = self.sum(theta, at)
        self.take("=")
        right = self.sum(theta, at)
        if self.at != len(self.tokens):
            raise ValueError(f"expected the end of the line, got {self.rest()!r}")
        return left, right

    def rest(self):
        """What is still to be read."""
        return " ".join(self.tokens[self.at :]) + " "

    def sees(self, text):
        """Whether this comes next."""
        return self.rest().startswith(text.strip() + " ")

    def take(self, text):
        """Read this, and nothing else."""
        if not self.sees(text):
            raise ValueError(f"expected {text!r}, got {self.rest()!r}")
        self.at += len(text.split())

    def sum(self, theta, at):
        """Terms, added."""
        total = None
        while total is None or self.sees("+"):
            if self.sees("+"):
                self.take("+")
            term = self.product(theta, at)
            if total is not None and total.ndim != term.ndim:
                raise ValueError(f"expected two of a kind to add in {self.text!r}")
            total = term if total is None else total + term
        return total

    def product(self, theta, at, ends=(r"d \tau",)):
        """Factors, multiplied, up to what closes them."""
        result = None
        while self.at < len(self.tokens) and self.tokens[self.at] not in CLOSING:
            if any(self.sees(end) for end in ends):
                break
            factor = self.factor(theta, at)
            result = factor if result is None else times(result, factor)
        if result is None:
            raise ValueError(f"expected a factor, got {self.rest()!r}")
        return result

    def factor(self, theta, at):
        """One factor: an operator with what it acts on, a bracket, a fraction, or an atom."""
        for sign, read in OPERATORS.items():
            if self.sees(sign):
                self.take(sign)
                return read(self, theta, at)
        for bracket in ("( )", "{ }"):
            if self.sees(bracket[0]):
                return self.inside(bracket, lambda: self.sum(theta, at))
        for text in sorted(self.atoms, key=len, reverse=True):
            if self.sees(text):
                self.take(text)
                return self.atoms[text](self.world, theta, at)
        raise ValueError(f"expected a term that has a value, got {self.rest()!r}")

    def inside(self, brackets, read):
        """What stands between two brackets."""
        opening, closing = brackets.split()
        self.take(opening)
        value = read()
        self.take(closing)
        return value

    def again(self, start, read):
        """Read the same tokens once more."""
        self.at = start
        return read()

    def nabla(self, theta, at):
        """The gradient of the next factor."""
        start = self.at
        slope = torch.autograd.functional.jacobian(
            lambda theta: self.again(start, lambda: self.factor(theta, at)), theta
        )
        if slope.ndim != 1 + theta.ndim:
            raise ValueError("expected the gradient of a number, got that of a vector")
        return slope.flatten(1)

    def log(self, theta, at):
        """The logarithm of the next factor."""
        return self.factor(theta, at).log()

    def fold(self, combine, theta, at):
        """A sum or a product over the range that comes next, of the rest of the term."""
        for text in OVER_PATHS:
            if self.sees(text):
                self.take(text)
                counted = self.world.returns == at["x"] if "x" in text else 1
                return (self.product(theta, at) * counted).sum(0, keepdim=True)
        text = next((text for text in RANGES if self.sees(text)), "a known range")
        self.take(text)
        name, values = RANGES[text]
        start, values = self.at, [*values(self.world, at)]
        # What knows no step is no factor of a product over steps; a sum may hold it or not.
        ends = (r"d \tau", RETURN) if combine is times else (r"d \tau",)
        parts = [
            self.again(start, lambda at={**at, name: value}: self.product(theta, at, ends))
            for value in values or [0]
        ]
        return functools.reduce(combine, parts) if values else 0 * parts[0]  # an empty sum

    def integral(self, theta, at):
        """The sum over all trajectories."""
        value = self.product(theta, at)
        self.take(r"d \tau")
        return value.sum(0, keepdim=True)

    def mean(self, weights, theta, at):
        """A mean over all that can happen, or over what happens given the present state."""
        self.take("[")
        value = self.sum(theta, at)
        if self.sees(GIVEN):
            self.take(GIVEN + " s _ t")
            chance = self.world.chance("new", theta)
            value = self.world.given_state(value, chance, at["t"])
        else:
            value = times(self.world.chance(weights, theta), value).sum(0, keepdim=True)
        self.take("]")
        return value

    def struck(self, theta, at):
        """A struck term must be zero; a struck factor of a fraction is left to its partner."""
        value = self.inside("{ }", lambda: self.sum(theta, at))
        if not at.get("fraction") and value.abs().max() > 1e-12:
            raise ValueError(f"expected zero where a term is struck, got {value.abs().max():.2g}")
        return value

    def fraction(self, theta, at):
        """One part over the other."""

        def part():
            if self.sees("{"):
                return self.inside("{ }", lambda: self.sum(theta, {**at, "fraction": True}))
            return self.factor(theta, at)

        over, under = part(), part()
        return times(over, 1 / under)


def times(a, b):
    """The product of two values, of which at most one is a vector."""
    if a.ndim == b.ndim == 2:
        raise ValueError("expected at most one vector in a product, got two")
    if a.ndim == b.ndim:
        return a * b
    return a[:, None] * b if a.ndim == 1 else a * b[:, None]


MEAN = r"\mathbb { E }"
OPERATORS = {
    NABLA: Line.nabla,
    CANCEL: Line.struck,
    r"\frac": Line.fraction,
    r"\log": Line.log,
    r"\int": Line.integral,
    r"\sum": lambda line, *given: line.fold(torch.add, *given),
    r"\prod": lambda line, *given: line.fold(times, *given),
    MEAN + r" _ { \tau \sim p _ \theta }": lambda line, *given: line.mean("new", *given),
    MEAN + r" _ { \tau \sim p _ { \text { o l d } } }": lambda line, *given: line.mean(
        "old", *given
    ),
    MEAN: lambda line, *given: line.mean("batch", *given),
}
