r"""The worlds of the audit: tiny, so that every batch can be listed with its probability.

The state that follows is fixed by state and action, only the end comes by chance: few courses, of
every length, in a table of logits [S, A] that all steps share.
"""

from dataclasses import dataclass, replace

import numpy as np

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


def _world(seed, name, why, successor, *, fifths=None, halves=None, **settings):
    """A world of random numbers around a table [S, A] of what state follows.

    With `fifths`, [S, A], the policy is a table of fifths, and with `halves`, [S, A], a step ends
    with chance 1/2 where they are 1 and never where they are 0. Then every story's probability is
    a whole number of parts of a small whole: a batch exists that holds each at its exact share.
    """
    rng = np.random.default_rng(seed)
    successor = np.array(successor)
    states, actions = successor.shape
    end = rng.uniform(0.1, 0.6, size=successor.shape)
    end = end if halves is None else np.array(halves) / 2
    transition = np.zeros((states, actions, states + 1))
    np.put_along_axis(transition, successor[..., None], (1 - end)[..., None], axis=2)
    transition[..., -1] = end
    theta = rng.normal(scale=0.7, size=successor.shape)
    made = {
        "reward": dyadic(rng.uniform(-1.0, 1.0, size=transition.shape)),
        "theta": theta if fifths is None else np.log(np.array(fifths) / 5),
        "ref": rng.normal(scale=0.7, size=successor.shape),
        "error": rng.normal(scale=0.7, size=(settings["horizon"] + 1, states + 1)),
        "starts": (0,),
        "gamma": 0.75,
    } | settings
    old = made["theta"] + rng.normal(scale=0.3, size=successor.shape)
    return World(name=name, why=why, transition=transition, old=old, **made)


def _by_action(levels):
    """Rewards [S, A, S + 1] that do not look at the state that follows."""
    return np.repeat(np.array(levels)[..., None], len(levels) + 1, axis=2)


def _answers(world, levels):
    """The same world with these rewards, [S, A], at the end only."""
    reward = np.zeros_like(world.reward)
    reward[..., -1] = levels
    return replace(world, reward=reward)


# The first two are chosen, among a few seeds and tables, so that each of ten well-known slips turns
# the update far enough to be seen: by 10 degrees or more in the first, 6 in the second.
EPISODES = _world(
    1,
    "episodes",
    "one to three steps, rewards at each, γ = 3/4",
    [[0, 1], [2, 0], [1, 2]],
    fifths=[[1, 4], [3, 2], [2, 3]],
    halves=[[1, 1], [1, 0], [0, 1]],
    horizon=3,
)
SHORT = _world(41, "short", "one or two steps, three actions", [[1, 0, 1], [0, 1, 1]], horizon=2)
PROMPTS = _answers(
    _world(
        2,
        "prompts",
        "two prompts, one or two tokens, a graded reward at the end",
        [[2, 3], [3, 2], [2, 3], [3, 2]],
        fifths=[[2, 3], [4, 1], [1, 4], [3, 2]],
        halves=[[1, 0], [1, 1], [1, 1], [1, 1]],
        horizon=2,
        starts=(0, 1),
    ),
    [[0.375, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.375]],
)
PASSES = _answers(
    replace(PROMPTS, name="passes", why="two prompts, right or wrong"),
    [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]],
)
LONG = _world(
    5,
    "long",
    "one to six tokens, right or wrong at the end",
    [[0, 1], [2, 0], [1, 2]],
    horizon=6,
)
LONG = _answers(LONG, [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
# Chosen like the first: among random tables, one in which each rule of the book's compass is turned
# by enough to be seen, and few by more than a quarter turn.
COMPASS = _world(
    5,
    "compass",
    "two prompts, one or two steps, rewards at each",
    [[2, 3], [3, 2], [2, 3], [2, 3]],
    fifths=[[2, 3], [1, 4], [3, 2], [1, 4]],
    halves=[[1, 1], [1, 1], [1, 1], [1, 1]],
    horizon=2,
    starts=(0, 1),
    reward=_by_action([[0.0, 1.5], [1.5, 2.0], [2.0, 0.5], [-1.0, 0.0]]),
    error=np.array([[-6, -6, 0, 0, 0], [0, 0, -9, 9, 0], [0, 0, 0, 0, 0]]) / 16,
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
    fifths=[[3, 2], [1, 4]],
    halves=[[0, 0], [0, 0]],
    horizon=2,
    kind="stream",
)


def level(world: World) -> World:
    """Return the same world with no end before its horizon: every episode equally long."""
    moves = world.transition.copy()
    moves[..., -1] = 0.0
    return replace(world, transition=moves / moves.sum(axis=2, keepdims=True))


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
