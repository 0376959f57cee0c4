"""One audit while it runs: which worlds a loss is put into, and what is made of each."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch

from pgbook.audit import notes, truth, worlds
from pgbook.audit.batch import FIELDS, Batch
from pgbook.audit.checks import depends, depends_on_order, why_not
from pgbook.audit.compare import angle_between, compare
from pgbook.audit.endless import endless_update
from pgbook.audit.listing import Listing, every_batch
from pgbook.audit.measure import Setting, measure
from pgbook.audit.recognise import Recognition, recognise
from pgbook.audit.report import Report, Run, Size
from pgbook.audit.stale import ratio_of
from pgbook.audit.subject import DOUBLE, HALF, Subject
from pgbook.audit.tables import Paid
from pgbook.audit.trial import Trial, size_that_runs, trial
from pgbook.audit.truth import Objective
from pgbook.audit.worlds import World

RIGHT = ("gradient", "scaled")


class Session:
    """One audit.

    Args:
        subject: what is audited.
        wanted: the objective that was asked for, or None.
        windows: whether batches are windows of a stream.
        sizes: the group sizes that were asked for, the main one first, or None.
    """

    def __init__(
        self,
        subject: Subject,
        wanted: Objective | None,
        windows: bool,
        sizes: tuple[int, ...] | None,
    ):
        self.subject, self.wanted, self.windows, self.asked = subject, wanted, windows, sizes
        self.world = self._main_world()
        self.objective = wanted or Objective(discounted=windows)
        self.size = sizes[0] if sizes else max(3, self.objective.passes)
        self.reads: frozenset[str] = frozenset()
        self._kept: dict[tuple, Setting] = {}

    def report(self) -> Report:
        """Run the enumerations and put their results together."""
        first = self._listing(self.world, self.size)
        seen = self._trial(first)
        self.reads = seen.reads
        self.subject = replace(self.subject, precision=seen.precision)
        blocked = why_not(self.subject, first)
        if blocked:
            return Report(reads=self._read(), windows=self.windows, blocked=blocked)
        self.objective, why = self._choice()
        tried = [self._run(self.world, size) for size in self._sizes()]
        tried += [self._run(world) for world in self._other_worlds()]
        runs = [tried[0], *(run for run in tried[1:] if run.result.rest != "invalid")]
        blocked = self._only_square(tried)
        if blocked:
            return Report(reads=self._read(), windows=self.windows, blocked=blocked)
        known, step = self._recognition(runs), self._second_step()
        return Report(
            objective=self.objective,
            why_objective=why,
            windows=self.windows,
            runs=tuple(runs),
            by_size=self._by_size(runs),
            relative_noise=self._relative_noise(runs[0]),
            second_step=step,
            second_slips=self._second_slips(known, step),
            other_critic=self._other_critic(runs[0]),
            slips=known.slips if known else (),
            same_slips=known.same if known else (),
            notes=tuple(self._notes(tried)),
            reads=self._read(),
        )

    def _trial(self, first: Listing) -> Trial:
        try:
            return trial(self.subject, first)
        except ValueError as error:
            own = str(error).startswith(("loss:", "update:"))
            size = None if own or self.asked else size_that_runs(self.subject, first)
            if size is None:
                raise
            listed = f"audit(loss, sizes=({size},))" if size <= 8 else "too many to list them all"
            raise ValueError(f"{error}; it runs on batches of {size}: {listed}") from error

    def _read(self):
        return tuple(name for name in FIELDS if name in self.reads)

    # --- worlds, sizes, batches --------------------------------------------------------------

    def _main_world(self) -> World:
        if self.windows:
            return worlds.WINDOWS
        return worlds.PASSES if self.wanted and self.wanted.passes else worlds.EPISODES

    def _sizes(self) -> tuple[int, ...]:
        """The group sizes of the main world: the largest only where it costs nothing."""
        if self.asked:
            return self.asked
        main = self._setting(self.world, self.size)
        fast = main.updates.vectorised and not main.listing.ordered
        if self.world is worlds.PASSES:
            return (self.size,)
        return (self.size, 2, 4) if fast else (self.size, 2)

    def _other_worlds(self) -> Iterator[World]:
        """The worlds beside the main one that this loss is put into."""
        if self.windows or self.objective.passes:
            return
        yield worlds.SHORT
        if "prompts" in self.reads:
            yield worlds.PROMPTS
        if self.reads & {"truncated", "next_values"}:
            yield worlds.CUT

    def _critic(self, world, right=None):
        critic = worlds.right_critic(world, discounted=self.objective.discounted)
        if world.kind == "stream" if right is None else right:
            return critic
        return worlds.dyadic(critic + world.error)

    def _listing(self, world, size, *, right=None, **how) -> Listing:
        return every_batch(world, size, critic=self._critic(world, right), **how)

    def _setting(self, world, size, **how) -> Setting:
        """The update of every batch, measured once."""
        critic = self.objective.discounted if self.reads & {"values", "next_values"} else None
        key = (world.name, size, critic, *how.items())
        if key not in self._kept:
            listing = self._listing(world, size, **how)
            if depends_on_order(self.subject, listing):
                listing = self._listing(world, size, ordered=True, **how)
            self._kept[key] = Setting(listing, measure(self.subject, listing))
        return self._kept[key]

    # --- comparisons -------------------------------------------------------------------------

    def _run(self, world, size=None, **how) -> Run:
        size = size or (2 if world is worlds.PROMPTS else self.size)
        setting = self._setting(world, size, **how)
        target = truth.gradient(world, self.objective, self._cut(setting.listing))
        result = compare(setting.updates, target, self.subject.precision)
        return Run(world.name, world.why, size, result)

    def _cut(self, listing):
        """What is held fixed where a limit cuts: the critic's values, for a loss that reads them.

        One that reads every field, as `dataclasses.replace` does, is asked whether they matter.
        """
        if listing.world.kind != "cut" or "next_values" not in self.reads:
            return None
        everything = len(self.reads) == len(FIELDS)
        if everything and not depends(self.subject, listing, "next_values"):
            return None
        return self._critic(listing.world)[-1]

    def _choice(self) -> tuple[Objective, str]:
        """The objective that the verdict is about, and why."""
        if self.wanted or self.windows:
            return self.objective, ""
        if "gamma" not in self.reads:
            return Objective(), "the loss never reads gamma"
        for objective in (Objective(discounted=True), Objective()):
            self.objective = objective
            if self._run(self.world).result.rest in RIGHT:
                return objective, "the loss reads gamma, and climbs this one"
        return Objective(discounted=True), "the loss reads gamma"

    def _only_square(self, tried: list[Run]) -> str:
        """What to say of a loss that runs only where K = T, or "".

        There `returns * log_prob`, [K] times [K, T], gives each *step* an episode's return, and
        its mean may be right.
        """
        size, steps = self.size, self.world.horizon
        worked = [run for run in tried[1:] if run.result.rest != "invalid"]
        if size != steps or len(tried) == 1 or worked or self.world is not worlds.EPISODES:
            return ""
        square = self._run(worlds.SHORT, worlds.SHORT.horizon)
        oblong = self._run(self.world, size - 1)
        if square.result.rest == "invalid" or oblong.result.rest != "invalid":
            return ""
        return (
            f"it runs only on as many episodes as steps, K = T: does an axis [K] stand where "
            f"[K, 1] should? At K = {size - 1}, T = {steps}: {oblong.result.failure}"
        )

    def _second_step(self) -> Run | None:
        """The same update when the policy has moved on from the one that acted."""
        return self._run(self.world, stale=True) if self._is_stale() else None

    def _is_stale(self):
        return "old_log_prob" in self.reads and not self.windows

    def _other_critic(self, main: Run) -> Run | None:
        """The same update with a right critic in place of the wrong one, or the other way round."""
        if not self.reads & {"values", "next_values"}:
            return None
        if main.result.rest != "turned" and not self.windows:
            return None
        return self._run(self.world, right=not self.windows)

    def _recognition(self, runs: list[Run]) -> Recognition | None:
        """What explains a verdict other than "gradient", if the catalogue knows it."""
        if self.objective.passes or self.subject.precision is HALF:
            return None
        if all(run.result.verdict == "gradient" for run in runs):
            known = self._known(runs) if self._is_stale() else None
            return known and replace(known, slips=(), same=())
        verdicts = {run.world: run.result.verdict for run in reversed(runs)}
        main = verdicts[self.world.name]
        if main in RIGHT and verdicts.get("cut", main) not in RIGHT:
            updates = self._setting(worlds.CUT, self.size).updates
            plain = truth.gradient(worlds.CUT, self.objective)
            if compare(updates, plain, self.subject.precision).rest in RIGHT:
                return replace(
                    self._known(runs) or Recognition(), slips=("cut-is-an-end",), same=()
                )
        return self._known(runs)

    def _known(self, runs: list[Run]) -> Recognition | None:
        """What the catalogue says of the update, right or wrong."""
        known = [(self.world, size) for size in self._sizes()[:2]] + [(worlds.SHORT, self.size)]
        usable = {(run.world, run.size) for run in runs}
        pairs = [(world, size) for world, size in known if (world.name, size) in usable]
        return recognise(
            [self._setting(world, size) for world, size in pairs],
            objective="windows" if self.windows else ("J", "J_gamma")[self.objective.discounted],
            tolerance=10 * self.subject.precision.tolerance,
            paid=self._paid(),
        )

    def _paid(self):
        return Paid(self.objective.kl, self.objective.entropy)

    def _second_slips(self, known: Recognition | None, step: Run | None) -> tuple[str, ...]:
        """How the update weighs old data, where that turns it."""
        if not known or not step or step.result.rest in RIGHT:
            return ()
        return ratio_of(
            self._setting(self.world, self.size, stale=True),
            known.compositions,
            tolerance=10 * self.subject.precision.tolerance,
            paid=self._paid(),
        )

    def _notes(self, tried: list[Run]) -> Iterator[str]:
        ordered = any(setting.listing.ordered for setting in self._kept.values())
        yield from notes.about_calls(self.subject, ordered, tried)
        yield from notes.about_prompts(self.reads, bool(self.objective.passes), tried[0])
        prompts = "prompts" in self.reads and not self.windows and not self.objective.passes
        world, size = (worlds.PROMPTS, 2) if prompts else (self.world, self.size)
        if self._setting(world, size).updates.finite.any():
            listing = self._setting(world, size).listing
            yield from notes.about_fields(self.subject, self.reads, listing)

    def _by_size(self, runs: list[Run]) -> dict[float, Size]:
        own = [run for run in runs if run.world == self.world.name]
        found = {
            run.size: Size(run.result.angle, run.result.factor)
            for run in sorted(own, key=lambda run: run.size)
        }
        target = truth.gradient(self.world, self.objective)
        endless = endless_update(self.subject, self.world, self._critic(self.world))
        if endless is not None:
            along = float((endless * target).sum() / (target**2).sum())
            found[math.inf] = Size(angle_between(endless, target), along)
        return found

    def _relative_noise(self, main: Run) -> float:
        plain = Objective(discounted=self.objective.discounted)
        subject = Subject(_reward_to_go(plain, self.windows))
        updates = measure(subject, self._listing(self.world, main.size))
        unit = compare(updates, truth.gradient(self.world, plain), DOUBLE).noise
        return main.result.noise / unit


def _reward_to_go(objective: Objective, windows: bool) -> Callable[[Batch], torch.Tensor]:
    """The loss whose noise is the unit: reward-to-go, with the critic where a stream is cut."""

    def loss(batch):
        gamma = batch.gamma if objective.discounted else 1.0
        to_go = batch.next_values[:, -1] * (1 - batch.terminated[:, -1]) * batch.mask[:, -1]
        psi = []
        for t in reversed(range(batch.rewards.shape[1])):
            to_go = (batch.rewards[:, t] + gamma * to_go) * batch.mask[:, t]
            psi.append(to_go * (1.0 if windows else gamma**t))
        return -(batch.log_prob * torch.stack(psi[::-1], dim=1)).sum()

    return loss
