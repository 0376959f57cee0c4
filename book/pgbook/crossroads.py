r"""The example that the derivation carries: one world, one policy, one path, one picture.

The world is `greedy_trap`. Its policy has one number, theta, the liking for *walk on* at the
crossroads; elsewhere the agent grabs with probability 0.88. The path walks on at first, grabs three
times in the rich place, and is thrown into the poor one by the last move.

"The path's knob" raises the logit of each action that the path takes, where it takes it. Its score
at one step is a single number, $\partial\log\pi(a_t \mid s_t) = 1 - \pi(a_t \mid s_t)$.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

from pgbook import expect
from pgbook.mdp import Trajectory, greedy_trap, rewards, state_distribution, values
from pgbook.plots import COLOURS, GREY, INK
from pgbook.policies import softmax_policy

WORLD = greedy_trap(horizon=4)
PATH = Trajectory(np.array([0, 2, 2, 2, 1]), np.array([1, 0, 0, 0]))
PLACES = ("crossroads", "poor place", "rich place")
ACTIONS = ("grab", "walk on")
HEIGHT = (0.0, -1.0, 1.0)  # of each place in the picture
BESIDE = {-1: (0.78, 0.06), 0: (0.5, -0.28), 1: (0.75, -0.14)}  # words beside a line, by its slope


def policy(theta=-1.0):
    """Return pi(a | s), [T, S, A]: theta likes walking on, and 2 likes grabbing elsewhere.

    Raises:
        ValueError: theta is not one finite number.
    """
    theta = expect.numbers("theta", theta, (), finite=True)
    logits = np.zeros(WORLD.policy_shape)
    logits[:, 0, 1], logits[:, 1:, 0] = theta, 2.0
    return softmax_policy(logits)


@dataclass(frozen=True, eq=False)
class Steps:
    """What can be said of each of the path's T steps; every field has shape [T].

    Attributes:
        reward: r(s_t, a_t).
        chance: pi(a_t | s_t).
        move: P(s_{t+1} | s_t, a_t).
        score: the slope of log pi(a_t | s_t) in the path's knob.
        to_go: G_t, the rewards from t on.
        value: V_t(s_t), what the policy still earns from there on average.
        advantage: Q_t(s_t, a_t) - V_t(s_t).
    """

    reward: np.ndarray
    chance: np.ndarray
    move: np.ndarray
    score: np.ndarray
    to_go: np.ndarray
    value: np.ndarray
    advantage: np.ndarray


def steps():
    """Return the path's `Steps` under `policy()`, by dynamic programming and closed forms."""
    pi, t = policy(), np.arange(WORLD.horizon)
    state, action, after = PATH.states[:-1], PATH.actions, PATH.states[1:]
    V, Q = values(WORLD, pi)
    earned = rewards(WORLD, PATH)
    return Steps(
        reward=earned,
        chance=pi[t, state, action],
        move=WORLD.transition[state, action, after],
        score=1 - pi[t, state, action],
        to_go=earned[::-1].cumsum()[::-1],
        value=V[t, state],
        advantage=Q[t, state, action] - V[t, state],
    )


def _reward(s):
    terms = " + ".join(f"{x:g}" for x in s.reward)
    return s.reward, f"R(τ) = {terms} = {s.reward.sum():g}"


def _slope(s):
    slope = (s.chance * s.move).cumprod() * s.score.cumsum()
    return slope, f"slope of p, for the path so far: {slope[-1]:.4f}"


def _score(s):
    p, score = (s.chance * s.move).prod(), s.score.cumsum()
    return score, f"p × score = {p:.4f} × {score[-1]:.2f} = {p * score[-1]:.4f}"


def _factor(s):
    p = (s.chance * s.move).prod()
    return s.chance, f"p(τ) = {p:.4f}, log p(τ) = −{-np.log(p):.2f}"


def _split(s):
    return s.score, f"score of τ: {s.score.sum():.2f}, all of it ours"


def _vote(s):
    score, R = s.score.sum(), s.reward.sum()
    return s.score * R, f"score × R(τ): {score:.2f} × {R:g} = {score * R:.2f}"


def _to_go(s):
    credit = s.score * s.to_go
    return credit, f"score × G: {credit.sum():.2f} in all"


def _baseline(s):
    credit = s.score * (s.to_go - s.value)
    return credit, f"score × (G − V): {credit.sum():.2f} in all"


def _advantage(s):
    credit = s.score * s.advantage
    return credit, f"score × A: {credit.sum():.2f} in all"


# How the picture may be coloured: the numbers on the path, their colour, how they are written.
WAYS = {
    "reward": (_reward, COLOURS["integral"], "{:g}"),
    "slope": (_slope, COLOURS["probability"], "{:+.3f}"),
    "score": (_score, COLOURS["logprob"], "{:+.2f}"),
    "factor": (_factor, COLOURS["policy"], "× {:.2f}"),
    "split": (_split, COLOURS["policy"], "{:+.2f}"),
    "return": (_vote, COLOURS["integral"], "{:+.2f}"),
    "reward-to-go": (_to_go, INK, "{:+.2f}"),
    "baseline": (_baseline, INK, "{:+.2f}"),
    "advantage": (_advantage, INK, "{:+.2f}"),
}
# What the picture writes beside the world's moves, in the colour of the dynamics.
MOVES = {"factor": lambda s: s.move, "split": lambda s: np.zeros_like(s.move)}


def numbers(by):
    """Return what the picture writes on the path: a number for each step [T], and its first line.

    Args:
        by: a key of `WAYS`.

    Raises:
        ValueError: there is no such way to colour the picture.
    """
    if by not in WAYS:
        raise ValueError(f"by: expected one of {', '.join(WAYS)}, got {by!r}")
    return WAYS[by][0](steps())


def draw(by):
    """Draw the world step by step, with the path and its numbers; return a Matplotlib figure.

    A line is as wide as its move is likely, a disc as large as its number. The figure fits a phone.

    Args:
        by: a key of `WAYS`.

    Raises:
        ValueError: there is no such way to colour the picture.
    """
    along, line = numbers(by)
    _, colour, written = WAYS[by]
    fig = plt.figure(figsize=(3.75, 3.0), layout="none")
    ax = fig.add_axes((0.01, 0, 0.98, 0.91))
    _draw_world(ax)
    heights = [HEIGHT[state] for state in PATH.states]
    ax.plot(range(len(heights)), heights, color=colour, linewidth=2.2, zorder=2)
    size = 5 + 9 * np.sqrt(np.abs(along) / np.abs(along).max())
    for t, number in enumerate(along):
        at = {"x": t, "ha": "center"} if t else {"x": 0.1, "ha": "right"}  # clear of the line
        ax.plot(t, heights[t], "o", color=colour, markersize=round(float(size[t]), 1), zorder=4)
        action, words = ACTIONS[PATH.actions[t]], written.format(number).replace("-", "−")
        ax.text(y=heights[t] + 0.42, s=action, fontsize=9, color=GREY, **at)
        ax.text(y=heights[t] + 0.2, s=words, fontsize=10, color=colour, **at)
    for t, number in enumerate(MOVES[by](steps()) if by in MOVES else []):
        x, y = BESIDE[np.sign(heights[t + 1] - heights[t])]
        at = (t + x, (heights[t] + heights[t + 1]) / 2 + y)
        words = f"× {number:g}" if number else "0"
        ax.text(*at, words, ha="center", fontsize=10, color=COLOURS["dynamics"])
    ax.set_title(line, fontsize=10)
    return fig


def _draw_world(ax):
    """Draw every move that can happen, as wide as it is likely, and name the places."""
    pi = policy()
    visited = state_distribution(WORLD, pi)
    for t in range(WORLD.horizon):
        flow = visited[t][:, None] * np.einsum("sa,san->sn", pi[t], WORLD.transition)
        for s, after in np.argwhere(flow > 0):
            width = round(0.6 + 9 * float(flow[s, after]), 2)
            line = {"color": GREY, "alpha": 0.35, "linewidth": width, "zorder": 1}
            ax.plot([t, t + 1], [HEIGHT[s], HEIGHT[after]], solid_capstyle="butt", **line)
    for t, s in np.argwhere(visited > 0):
        ax.plot(t, HEIGHT[s], "o", color=GREY, markersize=5, zorder=3)
    ax.text(-0.55, HEIGHT[0] - 0.5, PLACES[0], fontsize=9)
    for s in (1, 2):
        ax.text(-0.55, HEIGHT[s], PLACES[s].replace(" ", "\n"), fontsize=9, va="center")
    for t in range(WORLD.horizon + 1):
        ax.text(t, -1.45, "end" if t == WORLD.horizon else f"t = {t}", ha="center", fontsize=9)
    ax.set(xlim=(-0.6, 4.4), ylim=(-1.55, 1.65))
    ax.axis("off")
