r"""The true gradient of an objective, by a route that lists no batch: dynamic programming.

The steps' clock is made a part of the state, the discount a chance to stop, and the rest is
`mdp.gradient`. A stream's truth is a closed form.
"""

import re
from dataclasses import dataclass

import numpy as np

from pgbook import mdp
from pgbook.audit.worlds import World, chain, right_critic, stationary

_TERM = re.compile(r"\s*([+-])\s*(\d*\.?\d+(?:e-?\d+)?)\s*\*?\s*(KL|entropy)", re.I)
_FORMS = "'J', 'J_gamma', either with '- 0.1 KL' or '+ 0.01 entropy', or 'pass@2'"


@dataclass(frozen=True)
class Objective:
    r"""What the update is meant to climb.

    Attributes:
        discounted: $J_\gamma=E\sum_t\gamma^t r_t$ instead of $J=E\sum_t r_t$.
        kl: β of $-\beta\,E\sum_t\log\frac{\pi(a_t\mid s_t)}{\pi_{\rm ref}(a_t\mid s_t)}$, the
            divergence of whole episodes.
        entropy: the factor of $+E\sum_t H(\pi(\cdot\mid s_t))$, where the policy also decides
            which states are met.
        passes: k of pass@k, $E\,[1-(1-p)^k]$ with p a prompt's chance of reward 1; else 0.
    """

    discounted: bool = False
    kl: float = 0.0
    entropy: float = 0.0
    passes: int = 0

    def __str__(self):
        if self.passes:
            return f"pass@{self.passes}"
        name = "J_γ" if self.discounted else "J"
        name += f" − {self.kl:g} KL" if self.kl else ""
        return name + (f" + {self.entropy:g} entropy" if self.entropy else "")


def parse_objective(text: str) -> Objective:
    """Read an objective from text.

    Raises:
        ValueError: the text is none of the forms; the message says them.
    """
    wrong = ValueError(f"objective: expected {_FORMS}, got {text!r}")
    if not isinstance(text, str):
        raise wrong
    passes = re.fullmatch(r"\s*pass@([1-9]\d*)\s*", text)
    if passes:
        return Objective(passes=int(passes[1]))
    start = re.match(r"\s*J(_gamma|_γ)?(?![\w])", text)
    if not start:
        raise wrong
    terms, place = {"kl": 0.0, "entropy": 0.0}, start.end()
    while text[place:].strip():
        term = _TERM.match(text, place)
        if not term:
            raise wrong
        name = term[3].lower()
        sign = 1.0 if term[1] == ("-" if name == "kl" else "+") else -1.0
        terms[name] += sign * float(term[2])
        place = term.end()
    return Objective(discounted=bool(start[1]), **terms)


def gradient(world: World, objective: Objective, cut: np.ndarray | None = None) -> np.ndarray:
    """Return the gradient of the objective with respect to theta, [S, A].

    For a stream it is that of (1 - γ) Σ_s μ(s) V_γ(s) with μ held fixed:
    Σ_s μ(s) Σ_a ∇π(a|s) Q_γ(s, a).

    Args:
        world: the world.
        objective: what is climbed.
        cut: the values V̂(s), [S + 1], of the states at which a time limit cuts, held fixed; without
            them the limit is an end.
    """
    if world.kind == "stream":
        return _stream_gradient(world)
    each = [_start_gradient(world, objective, start, cut) for start in world.starts]
    return np.mean(each, axis=0)


def _bonus(world, objective):
    """What the divergence and the entropy pay for an action, [S, A]: their sampled logarithms."""
    log_policy = np.log(world.policy())
    to_ref = log_policy - np.log(world.policy(world.ref))
    return -objective.kl * to_ref - objective.entropy * log_policy


def _with_clock(world, objective, start, cut):
    """The world as a `FiniteMDP` whose states are (t, s), and an end."""
    states, actions, _ = world.transition.shape
    steps, gamma = world.horizon, world.gamma if objective.discounted else 1.0
    moves = np.zeros((steps * states + 1, actions, steps * states + 1))
    pay = np.zeros((steps * states + 1, actions))
    moves[-1, :, -1] = 1.0
    for t in range(steps):
        here = slice(t * states, (t + 1) * states)
        go = world.transition
        if t + 1 == steps and world.kind == "ends":
            go = np.zeros_like(go)
            go[..., -1] = 1.0
        pay[here] = (go * world.reward).sum(axis=2) + _bonus(world, objective)
        if t + 1 < steps:
            moves[here, :, (t + 1) * states : (t + 2) * states] = gamma * go[..., :-1]
        elif cut is not None:
            pay[here] += gamma * go[..., :-1] @ cut[:-1]
        moves[here, :, -1] = 1.0 - moves[here].sum(axis=2)
    begin = np.eye(steps * states + 1)[start]
    return mdp.FiniteMDP(start=begin, transition=moves, reward=pay, horizon=steps)


def _start_gradient(world, objective, start, cut):
    """The gradient for episodes that begin in one state, [S, A]."""
    process = _with_clock(world, objective, start, cut)
    actions, steps = process.num_actions, world.horizon
    table = np.vstack([np.tile(world.policy(), (steps, 1)), np.full((1, actions), 1 / actions)])
    policy = np.broadcast_to(table, process.policy_shape)
    by_step = mdp.gradient(process, policy).sum(axis=0)[:-1]
    slope = by_step.reshape(steps, -1, actions).sum(axis=0)
    if not objective.passes:
        return slope
    missed = 1.0 - mdp.objective(process, policy)
    return objective.passes * missed ** (objective.passes - 1) * slope


def _stream_gradient(world):
    policy, gamma = world.policy(), world.gamma
    value = right_critic(world, discounted=True)[0]
    action_value = (world.transition * (world.reward + gamma * value)).sum(axis=2)
    advantage = action_value - value[:-1, None]
    return stationary(world)[:, None] * policy * advantage


def stream_objective(world: World, logits: np.ndarray) -> float:
    """Return (1 - γ) Σ_s μ(s) V_γ(s) of other logits, μ being that of the world's own policy."""
    policy = world.policy(logits)
    moves = chain(world, policy)[:, :-1]
    pay = np.einsum("sa,san,san->s", policy, world.transition, world.reward)
    value = np.linalg.solve(np.eye(len(moves)) - world.gamma * moves, pay)
    return float((1 - world.gamma) * stationary(world) @ value)
