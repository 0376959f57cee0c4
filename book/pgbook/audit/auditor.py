"""The audit: which worlds a loss is put into, and what is said about it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from pgbook.audit import truth, worlds
from pgbook.audit.batch import Batch
from pgbook.audit.compare import Comparison, angle_between, compare
from pgbook.audit.measure import DOUBLE, SINGLE, Subject, Updates, measure, trial
from pgbook.audit.report import Report, Run, Size
from pgbook.audit.truth import Objective
from pgbook.audit.worlds import Listing, World

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

    def report(self) -> Report:
        """Run the enumerations and put their results together."""
        self.world = self._main_world()
        first = self._listing(self.world, self._sizes(False)[0], discounted=True)
        seen = trial(self.subject, first)
        if seen.single:
            self.subject = replace(self.subject, tolerance=SINGLE)
        updates = measure(self.subject, first)
        objective, why = self._objective(updates, seen.reads)
        self.objective = objective
        sizes = self._sizes(updates.vectorised)
        means = {sizes[0]: updates}
        runs = [self._run(self.world, sizes[0], updates)]
        for size in sizes[1:]:
            means[size] = measure(self.subject, self._listing(self.world, size))
            runs.append(self._run(self.world, size, means[size]))
        for world in self._other_worlds(seen.reads):
            size = sizes[0] if world.horizon * len(world.starts) < 4 else 2
            listed = measure(self.subject, self._listing(world, size))
            runs.append(self._run(world, size, listed))
        return Report(
            objective=objective,
            why_objective=why,
            sampling=self.sampling,
            runs=tuple(runs),
            by_size=self._by_size(means),
            relative_noise=self._relative_noise(runs[0].result, first),
            reads=tuple(sorted(seen.reads)),
        )

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
        return (3, 2, 4) if vectorised else (3, 2)

    def _other_worlds(self, reads):
        """The worlds beside the main one that this loss is put into."""
        if self.sampling == "windows" or self.objective.passes:
            return
        yield worlds.SHORT
        if "prompts" in reads:
            yield worlds.PROMPTS

    def _listing(self, world, size, *, discounted=None) -> Listing:
        discounted = self.objective.discounted if discounted is None else discounted
        critic = worlds.right_critic(world, discounted=discounted)
        if world.kind == "ends":
            critic = worlds.dyadic(critic + world.error)
        return worlds.every_batch(world, size, critic=critic)

    def _run(self, world, size, updates) -> Run:
        target = truth.gradient(world, self.objective)
        result = compare(updates, target, self.subject.tolerance)
        return Run(world.name, world.why, size, result)

    def _objective(self, updates, reads):
        """The objective that the verdict is about, and why."""
        if self.sampling == "windows":
            return Objective(discounted=True), ""
        if self.wanted:
            return self.wanted, ""
        plain, discounted = Objective(), Objective(discounted=True)
        if "gamma" not in reads:
            return plain, "the loss never reads gamma"
        for objective in (discounted, plain):
            target = truth.gradient(self.world, objective)
            if compare(updates, target, self.subject.tolerance).rest in ("gradient", "scaled"):
                return objective, "the loss reads gamma, and climbs this one"
        return discounted, "the loss reads gamma"

    def _by_size(self, means: dict[int, Updates]) -> dict[float, Size]:
        target = truth.gradient(self.world, self.objective)
        found = {}
        for size in sorted(means):
            result = compare(means[size], target, self.subject.tolerance)
            found[size] = Size(result.angle, result.factor)
        usable = {size: m.mean for size, m in means.items() if m.finite.any()}
        if len(usable) > 1:
            powers = np.vander([1 / size for size in usable], increasing=True)
            table = np.array([mean.ravel() for mean in usable.values()])
            limit = np.linalg.solve(powers, table)[0].reshape(target.shape)
            found[math.inf] = Size(angle_between(limit, target), math.nan, extrapolated=True)
        return found

    def _relative_noise(self, result: Comparison, listing: Listing) -> float:
        plain = Objective(discounted=self.objective.discounted)
        updates = measure(Subject(_reward_to_go(plain, self.sampling)), listing)
        return result.noise / compare(updates, truth.gradient(self.world, plain), DOUBLE).noise


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
