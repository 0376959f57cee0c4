"""Every story of a world, and every batch of stories with its probability."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgbook.audit.worlds import World, dyadic, stationary

LIMIT = 200_000
WHOLES = (50, 75, 250, 500)  # episodes for each prompt in a batch of exact shares


@dataclass(frozen=True, eq=False)
class Stories:
    """Every course of an episode.

    Attributes:
        parts: the fields of a batch that do not depend on theta, each [M, ...].
        chance: the dynamics' part of a story's probability, [M].
        prompt: which prompt it answers, [M].
    """

    parts: dict[str, Tensor]
    chance: np.ndarray
    prompt: np.ndarray

    def probability(self, policy: np.ndarray) -> np.ndarray:
        """Return p(τ), [M], given its prompt, if the policy π(a | s) [S, A] acts."""
        states, actions, mask = (self.parts[k].numpy() for k in ("states", "actions", "mask"))
        return self.chance * np.where(mask > 0, policy[states, actions], 1.0).prod(axis=1)


def _courses(world, start):
    """Yield (steps, chance, end) for each story from a start state; a step is (s, a, s')."""
    going = [((), start, 1.0)]
    end, length = world.transition.shape[0], world.horizon
    while going:
        steps, state, chance = going.pop(0)
        for action, follows in enumerate(world.transition[state]):
            last = len(steps) + 1 == length
            if last and world.kind == "ends":
                yield (*steps, (state, action, end)), chance
                continue
            for target in np.flatnonzero(follows):
                course = (*steps, (state, action, int(target)))
                if target == end or last:
                    yield course, chance * follows[target]
                else:
                    going.append((course, int(target), chance * follows[target]))


def stories(world: World, critic: np.ndarray, *, stale: bool = False) -> Stories:
    """Return every story of a world.

    Args:
        world: the world.
        critic: V̂_t(s), [T + 1, S + 1].
        stale: whether `old_log_prob` is that of the world's old policy; else it is left out.
    """
    beginnings = (
        [(0, s, p) for s, p in enumerate(stationary(world))]
        if world.kind == "stream"
        else [(prompt, start, 1.0) for prompt, start in enumerate(world.starts)]
    )
    found = [
        (prompt, steps, weight * chance)
        for prompt, start, weight in beginnings
        for steps, chance in _courses(world, start)
    ]
    parts = _padded(world, [steps for _, steps, _ in found], critic)
    policies = {"ref_log_prob": world.ref} | ({"old_log_prob": world.old} if stale else {})
    for name, logits in policies.items():
        parts[name] = np.log(world.policy(logits))[parts["states"], parts["actions"]]
    prompt = np.array([prompt for prompt, _, _ in found])
    parts["prompts"] = prompt
    return Stories(
        {name: torch.as_tensor(np.array(part)) for name, part in parts.items()},
        np.array([chance for _, _, chance in found]),
        prompt,
    )


def _padded(world, courses, critic):
    """The stories' steps in arrays [M, T]; what stands after an end is noise."""
    states, actions, _ = world.transition.shape
    shape = (len(courses), world.horizon)
    rng = np.random.default_rng(99)
    parts = {
        "states": rng.integers(states, size=shape),
        "actions": rng.integers(actions, size=shape),
        "next_states": rng.integers(states, size=shape),
        "rewards": dyadic(rng.uniform(0.3, 0.9, size=shape)),
        "mask": np.zeros(shape),
        "terminated": np.zeros(shape),
        "truncated": np.zeros(shape),
        "values": dyadic(rng.uniform(0.3, 0.9, size=shape)),
        "next_values": dyadic(rng.uniform(0.3, 0.9, size=shape)),
    }
    for m, steps in enumerate(courses):
        for t, (state, action, target) in enumerate(steps):
            now = {
                "states": state,
                "actions": action,
                "next_states": target,
                "rewards": world.reward[state, action, target],
                "mask": 1.0,
                "values": critic[t, state],
                "next_values": critic[t + 1, target],
            }
            for name, number in now.items():
                parts[name][m, t] = number
        if world.kind != "stream":
            over = "terminated" if steps[-1][2] == states else "truncated"
            parts[over][m, len(steps) - 1] = 1.0
    return parts


@dataclass(frozen=True, eq=False)
class Listing:
    """Every batch of K episodes for each prompt.

    Attributes:
        world: where they come from.
        parts: the stories' fields, each [M, ...].
        index: which stories make a batch, [B, number of prompts × K].
        weight: the probability of each, [B]; they sum to 1.
        size: K.
        ordered: whether each order is a batch of its own.
    """

    world: World
    parts: dict[str, Tensor]
    index: np.ndarray
    weight: np.ndarray
    size: int
    ordered: bool = False

    def fields(self, rows: np.ndarray) -> dict[str, Tensor]:
        """Return the fields of some batches, each [len(rows), K, ...], or of one, [K, ...]."""
        index = torch.as_tensor(self.index[rows])
        return {name: part[index] for name, part in self.parts.items()}


def every_batch(
    world: World, size: int, *, critic: np.ndarray, stale: bool = False, ordered: bool = False
) -> Listing:
    """List every batch.

    A loss that does not care about the order of episodes needs each collection once, with the
    number of its orders; `ordered` lists every order.

    Args:
        world: the world.
        size: K, episodes for each prompt.
        critic: V̂_t(s), [T + 1, S + 1].
        stale: whether the world's old policy collects.
        ordered: whether each order is a batch of its own.

    Raises:
        ValueError: there are more than `LIMIT`.
    """
    told = stories(world, critic, stale=stale)
    chance = told.probability(world.policy(world.old if stale else None))
    count = math.prod(_count(n, size, ordered) for n in np.bincount(told.prompt).tolist())
    if count > LIMIT:
        raise ValueError(
            f"sizes: expected at most {LIMIT:,} batches to list, got {count:,} at K = {size} "
            "(by_class counts larger groups)"
        )
    groups = []
    for prompt in np.unique(told.prompt):
        own = np.flatnonzero(told.prompt == prompt)
        index = np.array([*_picks(own, size, ordered)])
        weight = chance[index].prod(axis=1)
        if not ordered:
            copies = np.tril(index[:, :, None] == index[:, None, :]).sum(axis=2)
            weight = weight * math.factorial(size) / copies.prod(axis=1)
        groups.append((index, weight))
    index, weight = groups[0]
    for other, chances in groups[1:]:
        left, right = np.divmod(np.arange(len(index) * len(other)), len(other))
        index = np.hstack([index[left], other[right]])
        weight = weight[left] * chances[right]
    return Listing(world, told.parts, index, weight, size, ordered)


def _count(stories, size, ordered):
    return stories**size if ordered else math.comb(stories + size - 1, size)


def _picks(stories, size, ordered):
    """Every way to pick `size` stories."""
    if ordered:
        return itertools.product(stories, repeat=size)
    return itertools.combinations_with_replacement(stories, size)


def endless_batch(world: World, *, critic: np.ndarray) -> dict[str, Tensor] | None:
    """Return one batch that holds each story at its exact share, as an endless batch does.

    Every mean over its episodes is an expectation. There is one only where the stories'
    probabilities are whole numbers of parts of a small whole; else None.

    Args:
        world: the world.
        critic: V̂_t(s), [T + 1, S + 1].
    """
    told = stories(world, critic)
    chance = told.probability(world.policy())
    for size in WHOLES:
        shares = chance * size
        counts = np.round(shares).astype(int)
        if np.abs(shares - counts).max() < 1e-9:
            rows = torch.as_tensor(np.repeat(np.arange(len(counts)), counts))
            return {name: part[rows] for name, part in told.parts.items()}
    return None
