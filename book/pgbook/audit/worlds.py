r"""The worlds of the audit: tiny, so that every batch can be listed with its probability.

A story is one course of an episode. The states that follow are fixed by state and action, only the
end comes by chance: few stories, of every length, in a table of logits [S, A] that all steps share.
"""

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from pgbook.policies import softmax_policy


@dataclass(frozen=True, eq=False)
class World:
    """A process, a policy, and what a loss may ask for beside them.

    Attributes:
        name: one word.
        why: what it separates, in words.
        starts: the start state of each prompt.
        transition: P(s' | s, a), [S, A, S + 1]; the last column is the end.
        reward: r(s, a, s'), [S, A, S + 1].
        horizon: the largest number of steps T.
        gamma: the discount γ.
        theta: logits of the policy, [S, A].
        old: logits of the policy that acted when the data are stale, [S, A].
        ref: logits of the reference policy, [S, A].
        error: what a wrong critic adds to the right one, [T + 1, S + 1].
        kind: "ends" (the horizon is a true end), "cut" (a time limit) or "stream" (a window of a
            process without end, in its stationary distribution).
    """

    name: str
    why: str
    starts: tuple[int, ...]
    transition: np.ndarray
    reward: np.ndarray
    horizon: int
    gamma: float
    theta: np.ndarray
    old: np.ndarray
    ref: np.ndarray
    error: np.ndarray
    kind: str = "ends"

    def policy(self, logits: np.ndarray | None = None) -> np.ndarray:
        """Return π(a | s), [S, A], of `theta` or of other logits."""
        return softmax_policy(self.theta if logits is None else logits)


def dyadic(numbers: np.ndarray) -> np.ndarray:
    """Return numbers rounded to 64ths, of which sums, and means of equals, are exact.

    So a deviation of equal returns is 0 on every processor, and not what rounding leaves of it.
    """
    return np.round(np.asarray(numbers) * 64) / 64


def _world(seed, name, why, successor, **settings):
    """A world of random numbers around a table [S, A] of what state follows."""
    rng = np.random.default_rng(seed)
    successor = np.array(successor)
    states, actions = successor.shape
    horizon, ends = settings["horizon"], settings.pop("ends", True)
    end = rng.uniform(0.1, 0.6, size=(states, actions)) * ends
    transition = np.zeros((states, actions, states + 1))
    np.put_along_axis(transition, successor[..., None], (1 - end)[..., None], axis=2)
    transition[..., -1] = end
    made = {
        "reward": dyadic(rng.uniform(-1.0, 1.0, size=transition.shape)),
        "theta": rng.normal(scale=0.7, size=successor.shape),
        "ref": rng.normal(scale=0.7, size=successor.shape),
        "error": rng.normal(scale=0.7, size=(horizon + 1, states + 1)),
        "starts": (0,),
        "gamma": 0.75,
    } | settings
    old = made["theta"] + rng.normal(scale=0.3, size=successor.shape)
    return World(name=name, why=why, transition=transition, old=old, **made)


def _answers(world, levels):
    """The same world with these rewards, [S, A], at the end only."""
    reward = np.zeros_like(world.reward)
    reward[..., -1] = levels
    return replace(world, reward=reward)


# The seeds are chosen: of 0 to 59, one at which each of ten well-known slips turns the update by
# 10 degrees or more (5 in the short world).
EPISODES = _world(
    21,
    "episodes",
    "one to three steps, rewards at each, γ = 3/4",
    [[0, 1], [2, 0], [1, 2]],
    horizon=3,
)
SHORT = _world(23, "short", "one or two steps, three actions", [[1, 0, 1], [0, 1, 1]], horizon=2)
PROMPTS = _answers(
    _world(
        2,
        "prompts",
        "two prompts, one or two tokens, a graded reward at the end",
        [[2, 3], [3, 2], [2, 3], [3, 2]],
        horizon=2,
        starts=(0, 1),
    ),
    [[0.375, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.375]],
)
PASSES = _answers(
    replace(PROMPTS, name="passes", why="two prompts, right or wrong"),
    [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]],
)
CUT = _world(
    3,
    "cut",
    "one or two steps, then a time limit",
    [[0, 1], [1, 0]],
    horizon=2,
    kind="cut",
)
WINDOWS = _world(
    4,
    "windows",
    "two steps of a stream without end",
    [[0, 1], [1, 0]],
    horizon=2,
    ends=False,
    kind="stream",
)


# --- what is right -------------------------------------------------------------------------------


def chain(world: World, policy: np.ndarray) -> np.ndarray:
    """Return P_π(s' | s), [S, S + 1], the policy averaged out."""
    return np.einsum("sa,san->sn", policy, world.transition)


def stationary(world: World) -> np.ndarray:
    """Return μ = μ P_π, the stationary distribution of a stream under its policy, [S]."""
    moves = chain(world, world.policy())[:, :-1]
    equations = np.vstack([moves.T - np.eye(len(moves)), np.ones(len(moves))])
    return np.linalg.lstsq(equations, np.r_[np.zeros(len(moves)), 1.0], rcond=None)[0]


def right_critic(world: World, *, discounted: bool) -> np.ndarray:
    """Return V_t(s) under the policy, [T + 1, S + 1], with a 0 for the end; no limit cuts it short.

    Args:
        world: the world.
        discounted: with its γ; without, γ = 1.
    """
    policy, gamma = world.policy(), world.gamma if discounted else 1.0
    moves = chain(world, policy)
    pay = np.einsum("sa,san,san->s", policy, world.transition, world.reward)
    value = np.zeros((world.horizon + 1, len(moves) + 1))
    if world.kind == "ends":
        last = (policy * world.reward[..., -1]).sum(axis=1)  # the step at the horizon ends
        for t in reversed(range(world.horizon)):
            on = t + 1 < world.horizon
            value[t, :-1] = pay + gamma * moves[:, :-1] @ value[t + 1, :-1] if on else last
        return value
    value[:, :-1] = np.linalg.solve(np.eye(len(moves)) - gamma * moves[:, :-1], pay)
    return value


# --- every story ---------------------------------------------------------------------------------


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


# --- every batch ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Listing:
    """Every batch of K episodes for each prompt.

    Attributes:
        world: where they come from.
        parts: the stories' fields, each [M, ...].
        index: which stories make a batch, [B, number of prompts × K].
        weight: the probability of each, [B]; they sum to 1.
        size: K.
    """

    world: World
    parts: dict[str, Tensor]
    index: np.ndarray
    weight: np.ndarray
    size: int

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
    """
    told = stories(world, critic, stale=stale)
    chance = told.probability(world.policy(world.old if stale else None))
    groups = []
    for prompt in np.unique(told.prompt):
        own = np.flatnonzero(told.prompt == prompt)
        choose = itertools.product if ordered else itertools.combinations_with_replacement
        pick = (
            choose(own, repeat=size) if ordered else choose(own, size)  # the two spell it unlike
        )
        index = np.array([*pick])
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
    return Listing(world, told.parts, index, weight, size)
