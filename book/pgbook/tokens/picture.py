"""The tree of answers, drawn: every answer is a path, and one of them is walked along.

From left to right a token is drawn at each fork. A line is as wide as its token is likely to be
drawn there, all told. An answer ends in a dot, or in a cross where the limit cuts it off.
"""

import matplotlib.pyplot as plt
import numpy as np
from torch import Tensor

from pgbook import expect
from pgbook.plots import COLOURS, GREY
from pgbook.tokens.answers import AnswerTree
from pgbook.tokens.listing import LanguageModel


def heights(tree: AnswerTree) -> np.ndarray:
    """Return the height of each answer in the picture, [answers]: in the order of a dictionary."""
    rows = zip(tree.answers.tolist(), tree.lengths, strict=True)
    said = [tuple(row[:size]) for row, size in rows]
    height = np.empty(len(said))
    height[sorted(range(len(said)), key=lambda i: said[i], reverse=True)] = range(len(said))
    return height


def forks(tree: AnswerTree) -> np.ndarray:
    """Return the height of each prefix, [prefixes]: the middle of the answers that come by it."""
    at = heights(tree)
    through = [(tree.prefixes == fork) & (tree.mask > 0) for fork in range(tree.num_prefixes)]
    return np.array([at[rows.any(axis=1)].mean() for rows in through])


def draw(model: LanguageModel, theta: Tensor, prompt: int, path: str, right: np.ndarray):
    """Draw the tree of a prompt's answers with one of them in colour; return a Matplotlib figure.

    Args:
        model: the model whose answers are drawn.
        theta: logits, [prompts, prefixes, tokens].
        prompt: which prompt.
        path: the answer to walk along, as `model.texts` spells it.
        right: where an answer is right, [answers]; its dot is filled.

    Raises:
        ValueError: no such prompt or answer, or logits of another shape.
    """
    if path not in model.texts:
        raise ValueError(f"path: expected one of the model's texts, got {path!r}")
    x = int(expect.indices("prompt", prompt, model.prompts))
    p = model.log_prob(theta).exp()[x].numpy()
    fig = plt.figure(figsize=(3.75, 4.4), layout="none")
    ax = fig.add_axes((0.02, 0.02, 0.96, 0.9))
    _draw_tree(ax, model, p, right)
    chosen = model.texts.index(path)
    token = model.token_log_prob(theta)[x, chosen].exp().numpy()
    _draw_path(ax, model, chosen, token)
    ax.set_title(f"p({path} | x) = {p[chosen]:.4f}", fontsize=10)
    return fig


def _corners(model, answer):
    """Where an answer's path turns: at each prefix, and at its end."""
    size = model.lengths[answer]
    along = [*forks(model)[model.prefixes[answer, :size]], heights(model)[answer]]
    return np.arange(size + 1), np.array(along)


def _draw_tree(ax, model, p, right):
    """Draw each step once, as wide as the answers that take it are likely together."""
    widths = {}
    for answer, chance in enumerate(p):
        x, y = _corners(model, answer)
        for t in range(len(x) - 1):
            step = (t, y[t], y[t + 1])
            widths[step] = widths.get(step, 0) + chance
        mark = "x" if model.cut[answer] else "o"
        face = COLOURS["integral"] if right[answer] else "white"
        ends = {"markersize": 4.5, "color": GREY, "markerfacecolor": face, "zorder": 3}
        ends |= {"markeredgecolor": COLOURS["integral"]} if right[answer] else {}
        ax.plot(x[-1], y[-1], mark, **ends)
        ax.text(x[-1] + 0.09, y[-1], model.texts[answer], fontsize=6.5, va="center", color=GREY)
    for (t, low, high), chance in widths.items():
        width = round(0.5 + 8 * float(chance), 2)
        ax.plot([t, t + 1], [low, high], color=GREY, alpha=0.35, linewidth=width, zorder=1)
    for t in range(model.longest):
        ax.text(t + 0.5, -1.9, f"token {t}", ha="center", fontsize=9)
    ax.set(xlim=(-0.3, model.longest + 0.6), ylim=(-2.6, model.num_answers + 0.4))
    ax.axis("off")


def _draw_path(ax, model, answer, token):
    """Draw one answer in the policy's colour with the chance of each of its tokens."""
    x, y = _corners(model, answer)
    ax.plot(x, y, color=COLOURS["policy"], linewidth=2.2, zorder=2)
    ax.text(-0.05, y[0] + 1.0, "prompt", ha="center", fontsize=9)
    for t, chance in enumerate(token[: len(x) - 1]):
        ax.plot(x[t], y[t], "o", color=COLOURS["policy"], markersize=6, zorder=4)
        letter = model.texts[answer][t : t + 1]
        words = f"{'end' if letter == '.' else letter} × {chance:.2f}"
        last, falls = t == len(x) - 2, y[t + 1] < y[t]
        beside = {"x": x[t] + (0.44 if last else 0.54), "ha": "right" if last else "left"}
        middle = (y[t] + y[t + 1]) / 2
        beside["y"] = middle + (0.6 if last or falls else -0.9)
        ax.text(s=words, fontsize=9, color=COLOURS["policy"], zorder=5, **beside)
