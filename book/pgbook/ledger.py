"""Checks that can fail: each compares two routes, and each must fail when one ingredient is broken.

A check is a function of named ingredients that returns the two sides of an equation. It runs
twice: as it is, where the sides must agree, and with one ingredient replaced (the control), where
they must not. What a cell shows is one line; the same facts go into the notebook as data, under
`MIME`, and that is where the ledger page reads them.
"""

import html
import inspect
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pgbook import expect

MIME = "application/vnd.pgbook.check+json"

CONTROL_MARGIN = 1_000  # a control's residual, in tolerances
CONTROL_SCALE = 0.01  # ... and as a part of the largest true value
STATISTIC_MARGIN = 3  # a control's statistic, in bounds

CONDITION = re.compile(r"\\text\{(?:if|where)\b")  # begins the line that says when it holds
CONDITIONAL = re.compile(
    r"\\begin\{gathered\}\n(.+?) \\\\\n(" + CONDITION.pattern + r".+)\n\\end\{gathered\}", re.DOTALL
)


class CheckFailed(AssertionError):
    """The two sides of an equation differ."""


class ControlPassed(AssertionError):
    """The broken version passed, or nearly so: the check could not have failed."""


@dataclass(frozen=True)
class Check:
    """A check that passed, with a control that failed.

    Attributes:
        label: the equation's label, such as "eq-objective".
        compared: the two routes, in words.
        kind: "identity" (residual below a tolerance) or "statistical" (statistic below a bound).
        tolerance: the tolerance or the bound, as text.
        control: what was broken, in words.
        control_residual: residual or statistic of the broken version, two significant digits.
    """

    label: str
    compared: str
    kind: str
    tolerance: str
    control: str
    control_residual: str

    def __repr__(self):
        return (
            f"{self.label} ✓ {self.compared}: {self._measure} < {self.tolerance}"
            f" | control ({self.control}): {self.control_residual}"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self._html(), MIME: asdict(self)}

    @property
    def _measure(self):
        return "residual" if self.kind == "identity" else "statistic"

    def _html(self):
        control = f"control, {html.escape(self.control)}: <b>{self.control_residual}</b>"
        return (
            '<div class="pg-check"><span class="pg-check-ok" aria-hidden="true">✓</span> '
            f'<span class="pg-check-label">{html.escape(self.label)}</span> '
            f'<span class="pg-check-text">{html.escape(self.compared)}: '
            f"{self._measure} &lt; {self.tolerance}</span> "
            f'<span class="pg-check-control">{control}</span></div>'
        )


def check(label, compared, sides, *, tolerance, control, replace):
    """Check an identity and its control.

    Args:
        label: the equation's label.
        compared: the two routes, in words.
        sides: a function of keyword arguments with defaults that returns `(left, right)`, arrays of
            one shape.
        tolerance: the largest |left - right| must be below it; same units as the sides.
        control: what `replace` breaks, in words.
        replace: `{name: value}` for exactly one ingredient of `sides`.

    Returns:
        A `Check`.

    Raises:
        CheckFailed: the sides differ by `tolerance` or more, or a side is not finite.
        ControlPassed: the broken version's residual is below 1,000 tolerances or 1 % of the true
            sides' scale, or is not finite.
        ValueError: `replace` does not name exactly one ingredient, the shapes differ, a side is no
            real number, or the tolerance is not positive and finite.
    """
    _expect_one_ingredient(sides, replace)
    tolerance = expect.number("tolerance", tolerance, 0, np.inf, ends=False)
    residual, scale = _residual(*sides())
    if not residual < tolerance:
        raise CheckFailed(f"{label}: {compared}: expected < {tolerance:g}, got {residual:.3g}")
    broken, _ = _residual(*sides(**replace))
    needed = max(CONTROL_MARGIN * tolerance, CONTROL_SCALE * scale)
    if not (np.isfinite(broken) and broken >= needed):
        raise ControlPassed(f"{label}: {control}: expected >= {needed:.2g}, got {broken:.3g}")
    return Check(label, compared, "identity", f"{tolerance:g}", control, _two_digits(broken))


def statistical_check(label, compared, statistic, *, bound=5.0, control, replace):
    """Check a statement about samples and its control.

    Args:
        label: the equation's label.
        compared: what is compared, in words.
        statistic: a function of keyword arguments with defaults that returns a distance >= 0 in
            standard errors, such as `z_score(...)`. Its randomness comes from a fixed seed.
        bound: the statistic must be below it. At 5 standard errors a true statement fails for about
            one seed in two million, for each component compared.
        control: what `replace` breaks, in words.
        replace: `{name: value}` for exactly one ingredient of `statistic`.

    Returns:
        A `Check`.

    Raises:
        CheckFailed: the statistic is not below the bound.
        ControlPassed: the broken version's statistic is below three bounds or not finite.
        ValueError: `replace` does not name exactly one ingredient, the statistic has a sign or is
            not one real number, or the bound is not positive and finite.
    """
    _expect_one_ingredient(statistic, replace)
    bound = expect.number("bound", bound, 0, np.inf, ends=False)
    value = _distance(statistic())
    if not value < bound:
        raise CheckFailed(f"{label}: {compared}: expected < {bound:g}, got {value:.3g}")
    broken = _distance(statistic(**replace))
    if not (np.isfinite(broken) and broken >= STATISTIC_MARGIN * bound):
        needed = STATISTIC_MARGIN * bound
        raise ControlPassed(f"{label}: {control}: expected >= {needed:g}, got {broken:.3g}")
    return Check(label, compared, "statistical", f"{bound:g}", control, _two_digits(broken))


@dataclass(frozen=True)
class Equation:
    """A labelled equation as its chapter states and checks it.

    Attributes:
        label: the id of its cell, such as "eq-objective".
        tag: its number, such as "1.2".
        tex: the statement, without condition, tag and dollar signs.
        condition: when it holds, as TeX; empty if it always does.
        checks: what the chapter's cells recorded, a `Check` each, in their order.
    """

    label: str
    tag: str
    tex: str
    condition: str
    checks: tuple


def read_equations(path):
    r"""Read a notebook's labelled equations and the checks that its stored outputs record.

    A condition is the end of a `gathered`, from the line that begins with `\text{if` or
    `\text{where` on.

    Args:
        path: the notebook, executed.

    Returns:
        A list of `Equation` in the notebook's order.

    Raises:
        ValueError: no notebook, an equation without exactly one tag, without a label or without a
            check, a condition in another place, or a check of no labelled equation in this
            notebook.
    """
    try:
        texts, checks = _texts_and_checks(json.loads(Path(path).read_text("utf-8"))["cells"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        said = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path}: expected a notebook with its checks, got {said}") from error
    found = []
    for label, text in texts:
        tex = text.strip().strip("$").strip()
        tag = re.findall(r"\\tag\{([^}]*)\}", tex)
        if label.startswith("eq-") or tag:
            own = tuple(check for check in checks if check.label == label)
            if len(tag) != 1 or not own:
                raise ValueError(
                    f"{path}: {label}: expected one tag and at least one check, "
                    f"got {len(tag)} and {len(own)}"
                )
            parts = _statement_and_condition(re.sub(r"\s*\\tag\{.*?\}", "", tex))
            found.append(Equation(label, *tag, *parts, own))
    if strays := {check.label for check in checks} - {equation.label for equation in found}:
        raise ValueError(f"{path}: expected checks of its equations, got {sorted(strays)}")
    return found


def z_score(samples, truth):
    """Return the largest |mean - truth| over the components, in standard errors of the mean.

    Args:
        samples: independent samples, shape [N, ...], N at least 2.
        truth: the value they should average to, shape [...].

    Raises:
        ValueError: fewer than two samples, no component, shapes that do not fit, or something else
            than real numbers. NaN is allowed: its score is NaN, which passes no check.
    """
    samples, truth = expect.numbers("samples", samples), expect.numbers("truth", truth)
    fits = samples.ndim > 0 and samples.shape[1:] == truth.shape
    if not fits or len(samples) < 2 or truth.size == 0:
        raise ValueError(f"samples: expected [N >= 2, {truth.shape}], got {samples.shape}")
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    gap = np.abs(samples.mean(axis=0) - truth)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(gap == 0, 0.0, gap / error).max())


def _statement_and_condition(tex):
    """Split an equation's TeX before the line that says when it holds."""
    parts = CONDITIONAL.fullmatch(tex)
    if CONDITION.search(parts[1] if parts else tex):
        raise ValueError(f"expected a condition at the end of a gathered, got {tex}")
    if not parts:
        return tex, ""
    lines = "\\begin{{gathered}}\n{}\n\\end{{gathered}}"
    return tuple(lines.format(part) if "\\\\\n" in part else part for part in parts.groups())


def _texts_and_checks(cells):
    """Return (id, text) of each Markdown cell, and every recorded check."""
    markdown = [cell for cell in cells if cell["cell_type"] == "markdown"]
    texts = [(cell["id"], "".join(cell["source"])) for cell in markdown]
    recorded = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    return texts, [Check(**data[MIME]) for data in recorded if MIME in data]


def _residual(left, right):
    left, right = expect.numbers("sides", left), expect.numbers("sides", right)
    if left.shape != right.shape or left.size == 0:
        raise ValueError(f"sides: expected one non-empty shape, got {left.shape}, {right.shape}")
    scale = max(np.abs(left).max(), np.abs(right).max())
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, and NaN fails
        return float(np.abs(left - right).max()), float(scale)


def _distance(value):
    """Return the statistic; one with a sign would pass every bound on one side of 0."""
    value = float(expect.numbers("statistic", value, ()))
    if value < 0:
        raise ValueError(f"statistic: expected a distance >= 0, got {value:g}")
    return value


def _expect_one_ingredient(function, replace):
    names = [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    ]
    if len(replace) != 1 or not set(replace) <= set(names):
        raise ValueError(f"replace: expected exactly one of {names}, got {sorted(replace)}")


def _two_digits(value):
    return f"{value:.1e}"
