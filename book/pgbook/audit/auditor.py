"""The audit: which worlds a loss is put into, and what is said about it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from pgbook.audit import truth, worlds
from pgbook.audit.batch import FIELDS, Batch, make_batch
from pgbook.audit.checks import depends, habits
from pgbook.audit.compare import angle_between, compare
from pgbook.audit.listing import Listing, endless_batch, every_batch
from pgbook.audit.measure import DOUBLE, SINGLE, Subject, Updates, measure, trial, update_of
from pgbook.audit.report import Report, Run, Size
from pgbook.audit.truth import Objective
from pgbook.audit.worlds import World

SAMPLING = ("episodes", "windows")


def audit(
    loss: Callable[[Batch], torch.Tensor] | None = None,
    *,
    update: Callable[[Batch], object] | None = None,
    objective: str | None = None,
    sampling: str = "episodes",
    sizes: tuple[int, ...] | None = None,
    vectorise: bool = True,
) -> Report:
    r"""Say what an update is on average, over every batch that can happen in small worlds.

    $E[\hat g]=\sum_b p_\theta(b)\,\hat g(b)$, a finite sum, beside $\nabla_\theta J$ by dynamic
    programming.

    Args:
        loss: a function of a `Batch` that returns a scalar tensor to be *minimised*.
        update: instead of a loss, a function of a `Batch` that returns *minus* the gradient for
            `batch.theta`, [S, A]: what a step of size 1 takes off. So a whole `train()` is audited.
        objective: "J", "J_gamma", either with "- 0.1 KL" or "+ 0.01 entropy", or "pass@2"; without
            it the first of J (the mean return) and J_gamma that the update climbs, and if it climbs
            neither, J_gamma for a loss that reads `gamma` and J for one that does not.
        sampling: "episodes", whole ones with a critic that is wrong on purpose; or "windows", fixed
            windows of a stream without end with the right critic, where the truth is the gradient
            of (1 - γ) Σ_s μ(s) V_γ(s), μ held fixed.
        sizes: the group sizes K, the main one first; 3, 2 and, where the loss can be vectorised, 4.
        vectorise: whether to try `torch.func.vmap`.

    Returns:
        A `Report`.

    Raises:
        ValueError: the loss returns no scalar, has no gradient or fails on every batch, or an
            argument is not one of those above.
    """
    start = time.perf_counter()
    if (loss is None) == (update is None):
        raise ValueError("audit: expected either a loss or update=..., got both or neither")
    if sampling not in SAMPLING:
        raise ValueError(f"sampling: expected one of {SAMPLING}, got {sampling!r}")
    wanted = None if objective is None else truth.parse_objective(objective)
    if sampling == "windows" and wanted is not None:
        raise ValueError(
            f"objective: expected none for windows, which have their own, got {objective!r}"
        )
    subject = Subject(loss or update, update is not None, vectorise)
    report = _Audit(subject, wanted, sampling, sizes).report()
    return replace(report, seconds=time.perf_counter() - start)


@dataclass
class _Audit:
    """One audit while it runs."""

    subject: Subject
    wanted: Objective | None
    sampling: str
    sizes: tuple[int, ...] | None
    ordered: bool = False

    def report(self) -> Report:
        """Run the enumerations and put their results together."""
        self.world = self._main_world()
        self.objective = self.wanted or Objective(discounted=self.sampling == "windows")
        size = self._sizes(False)[0]
        seen = trial(self.subject, self._listing(self.world, size))
        self.reads, self.single = seen.reads, seen.single
        if seen.single:
            self.subject = replace(self.subject, tolerance=SINGLE)
        found = habits(self.subject, self._listing(self.world, size))
        if found.blocked:
            return Report(reads=self._read(), sampling=self.sampling, blocked=found.blocked)
        self.ordered = found.ordered
        self.objective, why = self._choice(size)
        first = measure(self.subject, self._listing(self.world, size))
        means = {size: first}
        for other in self._sizes(first.vectorised)[1:]:
            means[other] = measure(self.subject, self._listing(self.world, other))
        runs = [self._compared(self.world, size, means[size]) for size in means]
        runs += [self._run(world, size) for world in self._other_worlds()]
        return Report(
            objective=self.objective,
            why_objective=why,
            sampling=self.sampling,
            runs=tuple(runs),
            by_size=self._by_size(means),
            relative_noise=self._relative_noise(runs[0]),
            second_step=self._second_step(size),
            other_critic=self._other_critic(runs[0]),
            notes=tuple(self._notes()),
            reads=self._read(),
        )

    def _read(self):
        return tuple(name for name in FIELDS if name in self.reads)

    def _main_world(self) -> World:
        if self.sampling == "windows":
            return worlds.WINDOWS
        return worlds.PASSES if self.wanted and self.wanted.passes else worlds.EPISODES

    def _sizes(self, vectorised):
        if self.sizes:
            return self.sizes
        if self.world is worlds.PASSES:
            least = max(2, self.wanted.passes)
            return (least, least + 1) if vectorised else (least,)
        return (3, 2, 4) if vectorised and not self.ordered else (3, 2)

    def _other_worlds(self):
        """The worlds beside the main one that this loss is put into."""
        if self.sampling == "windows" or self.objective.passes:
            return
        yield worlds.SHORT
        if "prompts" in self.reads:
            yield worlds.PROMPTS
        if self.reads & {"truncated", "next_values"}:
            yield worlds.CUT

    def _listing(self, world, size, *, right=None, stale=False) -> Listing:
        critic = self._critic(world, right)
        return every_batch(world, size, critic=critic, stale=stale, ordered=self.ordered)

    def _critic(self, world, right=None):
        critic = worlds.right_critic(world, discounted=self.objective.discounted)
        if world.kind == "stream" if right is None else right:
            return critic
        return worlds.dyadic(critic + world.error)

    def _run(self, world, size=None, **how) -> Run:
        size = size or (2 if world is worlds.PROMPTS else self._sizes(False)[0])
        listing = self._listing(world, size, **how)
        return self._compared(world, size, measure(self.subject, listing), self._cut(listing))

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

    def _compared(self, world, size, updates, cut=None) -> Run:
        target = truth.gradient(world, self.objective, cut)
        return Run(world.name, world.why, size, compare(updates, target, self.subject.tolerance))

    def _choice(self, size):
        """The objective that the verdict is about, and why."""
        if self.wanted or self.sampling == "windows":
            return self.objective, ""
        if "gamma" not in self.reads:
            return Objective(), "the loss never reads gamma"
        for objective in (Objective(discounted=True), Objective()):
            self.objective = objective
            if self._run(self.world, size).result.rest in ("gradient", "scaled"):
                return objective, "the loss reads gamma, and climbs this one"
        return Objective(discounted=True), "the loss reads gamma"

    def _second_step(self, size) -> Run | None:
        """The same update when the policy has moved on from the one that acted."""
        if "old_log_prob" not in self.reads or self.sampling == "windows":
            return None
        return self._run(self.world, size, stale=True)

    def _other_critic(self, main: Run) -> Run | None:
        """The same update with a right critic in place of the wrong one, or the other way round."""
        if not self.reads & {"values", "next_values"}:
            return None
        if main.result.rest != "turned" and self.sampling == "episodes":
            return None
        return self._run(self.world, main.size, right=self.sampling == "episodes")

    def _notes(self):
        if self.ordered:
            yield "its update depends on the order of the episodes: every order was listed"
        if self.single:
            yield f"single precision: what differs by less than {SINGLE:g} counts as the same"

    def _by_size(self, means: dict[int, Updates]) -> dict[float, Size]:
        target = truth.gradient(self.world, self.objective)
        found = {}
        for size in sorted(means):
            result = compare(means[size], target, self.subject.tolerance)
            found[size] = Size(result.angle, result.factor)
        endless = self._endless()
        if endless is not None:
            along = float((endless * target).sum() / (target**2).sum())
            found[math.inf] = Size(angle_between(endless, target), along)
        return found

    def _endless(self):
        """The update of a batch that holds every story at its exact share, [S, A], or None."""
        parts = endless_batch(self.world, critic=self._critic(self.world))
        if parts is None or self.ordered:
            return None
        theta = torch.tensor(self.world.theta, requires_grad=True)
        try:
            found = update_of(self.subject, make_batch(theta, parts, self.world.gamma))
        except Exception:  # a loss may be made for few episodes; the limit is an extra
            return None
        return found if np.isfinite(found).all() else None

    def _relative_noise(self, main: Run) -> float:
        plain = Objective(discounted=self.objective.discounted)
        subject = Subject(_reward_to_go(plain, self.sampling))
        updates = measure(subject, self._listing(self.world, main.size))
        unit = compare(updates, truth.gradient(self.world, plain), DOUBLE).noise
        return main.result.noise / unit


def _reward_to_go(objective: Objective, sampling: str) -> Callable[[Batch], torch.Tensor]:
    """The loss whose noise is the unit: reward-to-go, with the critic where a stream is cut."""

    def loss(batch):
        gamma = batch.gamma if objective.discounted else 1.0
        to_go = batch.next_values[:, -1] * (1 - batch.terminated[:, -1]) * batch.mask[:, -1]
        psi = []
        for t in reversed(range(batch.rewards.shape[1])):
            to_go = (batch.rewards[:, t] + gamma * to_go) * batch.mask[:, t]
            psi.append(to_go * (gamma**t if sampling == "episodes" else 1.0))
        return -(batch.log_prob * torch.stack(psi[::-1], dim=1)).sum()

    return loss


def assert_unbiased(
    loss: Callable[[Batch], torch.Tensor] | None = None, *, up_to_scale: bool = False, **arguments
) -> None:
    """Fail, with the report, unless the expected update is the gradient.

    Args:
        loss: a function of a `Batch`, as in `audit`.
        up_to_scale: let a positive multiple of the gradient pass.
        **arguments: those of `audit`.

    Raises:
        AssertionError: the expected update is another; the message is the report.
        ValueError: as in `audit`.
    """
    report = audit(loss, **arguments)
    if report.verdict not in (("gradient", "scaled") if up_to_scale else ("gradient",)):
        raise AssertionError(report.text())
