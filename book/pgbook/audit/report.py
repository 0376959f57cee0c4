"""What the auditor says: numbers, a few lines of text, JSON."""

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from pgbook.audit import display
from pgbook.audit.compare import VERDICTS, Comparison
from pgbook.audit.slips import SLIPS, Slip
from pgbook.audit.truth import Objective


@dataclass(frozen=True)
class Run:
    """One enumeration.

    Attributes:
        world: the name of the world.
        why: what the world is, in words.
        size: K, episodes for each prompt.
        result: the mean update there, beside the true gradient there.
    """

    world: str
    why: str
    size: int
    result: Comparison


@dataclass(frozen=True)
class Size:
    """How the mean update depends on the group.

    Attributes:
        angle: to the true gradient, in degrees.
        factor: length along it, in units of it.
    """

    angle: float
    factor: float


@dataclass(frozen=True)
class Report:
    """The verdict on an update.

    Attributes:
        windows: whether batches are windows of a stream, else whole episodes.
        objective: what the verdict is about.
        why_objective: why that one, in words; "" if it was asked for.
        runs: the enumerations that decide, the main one first.
        by_size: angle and factor for each K, and for `math.inf` those of an endless batch: one that
            holds every story at its exact share.
        relative_noise: noise of the main run over reward-to-go's there.
        second_step: the main run on data of an older policy, for a loss that reads `old_log_prob`.
        other_critic: the main run with a right critic, for an update that is turned with a wrong
            one; for windows, whose critic is right, with a wrong one.
        second_slips: how the update turns on those data, a name if it was recognised.
        slips: the names of the slips that were recognised, the fewest that explain the update.
        same_slips: other sets of slips that are the same function.
        notes: what else was seen, a sentence each.
        reads: the fields that the loss looked at.
        blocked: why no enumeration would mean anything, in words; "" if it does.
        seconds: how long it took.
    """

    windows: bool = False
    objective: Objective | None = None
    why_objective: str = ""
    runs: tuple[Run, ...] = ()
    by_size: dict[float, Size] = field(default_factory=dict)
    relative_noise: float = math.nan
    second_step: Run | None = None
    second_slips: tuple[str, ...] = ()
    other_critic: Run | None = None
    slips: tuple[str, ...] = ()
    same_slips: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    blocked: str = ""
    seconds: float = field(default=math.nan, compare=False)

    @property
    def decisive(self) -> Run:
        """The run that the verdict stands on: the first of those with the worst verdict."""
        return max(self.runs, key=lambda run: VERDICTS.index(run.result.verdict))

    @property
    def verdict(self) -> str:
        """One of "gradient", "scaled", "turned", "nothing", "invalid"."""
        return "invalid" if self.blocked else self.decisive.result.verdict

    @property
    def factor(self) -> float:
        """The length of the mean update along the true gradient, in units of it."""
        return math.nan if self.blocked else self.decisive.result.factor

    @property
    def angle(self) -> float:
        """The angle between the mean update and the true gradient, in degrees."""
        return math.nan if self.blocked else self.decisive.result.angle

    @property
    def bias(self) -> float:
        """The length of mean update minus gradient, in units of the gradient."""
        return math.nan if self.blocked else self.decisive.result.bias

    @property
    def noise(self) -> float:
        """The noise of the update at the gradient's length, in units of reward-to-go's."""
        return math.nan if self.blocked else self.relative_noise

    @property
    def batches(self) -> int:
        """How many batches were listed, all enumerations together."""
        return sum(run.result.batches for run in self.runs)

    @property
    def probability(self) -> float:
        """The probability of the batches that have an update, in the decisive enumeration."""
        return 0.0 if self.blocked else max(0.0, 1.0 - self.decisive.result.lost)

    def __str__(self):
        return self.text(seconds=sys.stdout.isatty())

    def __repr__(self):
        return self.text()

    def text(self, *, seconds: bool = False) -> str:
        """Return the report in a few lines; `seconds` adds the time, which differs by machine."""
        lines = [self.headline(), *(f"  {line}" for line in (*self._slip_lines(), *self.details()))]
        if seconds and not self.blocked:
            lines[-1] += f", {self.seconds:.2f} s"
        return "\n".join(lines)

    def _repr_html_(self):
        return display.page(self)

    def known_slips(self) -> list[Slip]:
        """Return the slips that were recognised, with what mends each."""
        return [SLIPS[name] for name in self.slips]

    def headline(self) -> str:
        """Return the verdict in one sentence."""
        if self.blocked:
            return f"INVALID: {self.blocked}."
        result, of = self.decisive.result, self._objective()
        said = _said(result.rest, result, of)
        if result.verdict == "invalid":
            part = f"INVALID on {100 * result.lost:.1f} % of the probability ({result.failure})"
            return f"{part}." if result.rest == "invalid" else f"{part}; the rest: {said}."
        return f"{said[0].upper()}{said[1:]}."

    def _objective(self):
        name = {False: "the undiscounted return", True: "the discounted return"}
        if self.windows:
            meant = "(1 − γ) Σ_s μ(s) V_γ(s), the stationary distribution μ held fixed"
        elif self.objective.passes:
            meant = str(self.objective)
        else:
            meant = f"{self.objective}, {name[self.objective.discounted]}"
        return meant + (f" ({self.why_objective})" if self.why_objective else "")

    def details(self) -> Iterator[str]:
        """Yield what else there is to say, a line each."""
        if self.blocked:
            return
        yield from self._elsewhere()
        angles = {key: size.angle for key, size in self.by_size.items()}
        angles = {key: angle for key, angle in angles.items() if not math.isnan(angle)}
        if len({f"{angle:.2f}" for angle in angles.values()}) > 1:
            yield "turned by " + ", ".join(
                f"{angle:.2f}° at K = {'∞' if key == math.inf else key}"
                for key, angle in angles.items()
            )
        if math.isfinite(self.noise):
            yield f"noise at the gradient's length: {_short_number(self.noise)} × reward-to-go's"
        others = [" + ".join(names) for names in self.same_slips if len(names) == len(self.slips)]
        if others:
            yield f"the same function here: {'; '.join(others[:3])}"
        if not self.slips and self.verdict in ("scaled", "turned", "invalid"):
            yield "what it does is not in the catalogue of slips"
            asks = self.objective and not self.objective.kl and not self.windows
            if "ref_log_prob" in self.reads and asks:
                yield 'it reads ref_log_prob: is audit(loss, objective="J - 0.1 KL") what is meant?'
        yield from self.notes
        yield self._count()

    def _elsewhere(self):
        """What other worlds, critics and data said."""
        if self.decisive is not self.runs[0]:
            main, decisive = self.runs[0], self.decisive
            yield (
                f"seen in the world {decisive.world!r} ({decisive.why}), K = {decisive.size}; "
                f"in {main.world!r}, K = {main.size}, it is {_short(main.result)}"
            )
        if self.other_critic:
            kind = "wrong" if self.windows else "right"
            yield f"with a critic that is {kind}: {_short(self.other_critic.result)}"
        if self.second_step:
            yield f"on the data of an older policy: {_short(self.second_step.result)}"
            for name in self.second_slips:
                yield f"there, {name}: {SLIPS[name].says}"

    def _slip_lines(self):
        for slip in self.known_slips():
            yield f"slip {slip.name}: {slip.says}"
            yield f"  instead: {slip.mended(self.windows)}"
            yield f"  {slip.link}"

    def _count(self):
        worlds = len({run.world for run in self.runs})
        lost = "" if self.probability == 1 else f" ({100 * self.probability:.1f} % with an update)"
        return (
            f"{self.batches:,} batches in {worlds} world{'s' * (worlds > 1)}, "
            f"all that can happen{lost}"
        )

    def to_json(self) -> str:
        """Return the report as JSON; a number that is not finite is null."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    def to_dict(self) -> dict:
        """Return the report as plain data; a number that is not finite is None."""
        names = ("verdict", "factor", "angle", "bias", "noise", "batches", "probability", "seconds")
        return {
            **{name: _plain(getattr(self, name)) for name in names},
            "objective": self.objective and str(self.objective),
            "sampling": "windows" if self.windows else "episodes",
            "slips": list(self.slips),
            "same_slips": [list(names) for names in self.same_slips],
            "second_slips": list(self.second_slips),
            "by_size": {
                str(key): {"angle": _plain(size.angle), "factor": _plain(size.factor)}
                for key, size in self.by_size.items()
            },
            "other_critic": _facts(self.other_critic),
            "second_step": _facts(self.second_step),
            "worlds": [_facts(run) for run in self.runs],
            "notes": list(self.notes),
            "reads": list(self.reads),
            "blocked": self.blocked,
            "headline": self.headline(),
        }


def _said(rest, result, of):
    """A verdict in words."""
    if rest == "gradient":
        return f"the gradient of {of}"
    if rest == "scaled":
        return f"the gradient × {result.factor:.4g}, of {of}"
    if rest == "nothing":
        return f"nothing: the mean update is zero; not so the gradient of {of}"
    if rest == "turned" and result.angle > 179.999:
        return f"turned by 180°, downhill: the wrong sign, factor {result.factor:.4g}, of {of}"
    length = f"{'downhill with ' * (result.factor < 0)}length {abs(result.factor):.3g}"
    return f"turned by {_degrees(result.angle)}, {length}: not the gradient of {of}"


def _short(result):
    if result.verdict == "turned":
        return f"turned by {_degrees(result.angle)}"
    if result.verdict == "scaled":
        return f"the gradient × {result.factor:.4g}"
    return {"gradient": "the gradient"}.get(result.verdict, result.verdict)


def _facts(run):
    """A run as plain data."""
    if run is None:
        return None
    names = ("verdict", "factor", "angle", "lost", "batches")
    numbers = {name: _plain(getattr(run.result, name)) for name in names}
    return {"world": run.world, "size": run.size, **numbers}


def _degrees(angle):
    return f"{angle:.2f}°" if angle >= 0.01 else f"{angle:.2g}°"


def _short_number(value):
    return f"{value:.2f}" if value < 1000 else f"{value:.1e}"


def _plain(value):
    return value if not isinstance(value, float) or math.isfinite(value) else None
