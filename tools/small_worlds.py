"""The worlds of the explorables of chapters 4 and 5 in Python, for the JavaScript to agree with."""

import numpy as np
from pgbook import mdp as exact
from pgbook.policies import log_softmax_policy, score, softmax_policy
from scipy.special import softmax

PLANKS, WALK = np.arange(5), 3
START = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
STEP = 1e-4  # of central differences


def cat_world() -> exact.FiniteMDP:
    """States in, out; actions stay, go; two steps."""
    stays_going = [[[0.9, 0.1], [0.2, 0.8]], [[0.3, 0.7], [0.6, 0.4]]]
    return exact.FiniteMDP([0.7, 0.3], stays_going, np.zeros((2, 2)), 2)


def cat_products(theta: float, first_step: int = 0) -> np.ndarray:
    """The product of the factors of each of the 32 trajectories; 1 leaves out those of t = 0."""
    world = cat_world()
    logits = np.zeros(world.policy_shape)
    logits[..., 1] = theta
    policy, every = softmax_policy(logits), exact.enumerate_trajectories(world)
    p = world.start[every.states[:, 0]]
    for t in range(first_step, world.horizon):
        s, a, s_next = every.states[:, t], every.actions[:, t], every.states[:, t + 1]
        p = p * policy[t, s, a] * world.transition[s, a, s_next]
    return p


def pier(
    theta: float, *, wind: float, slip: float, leak: float, leak_start: float
) -> exact.FiniteMDP:
    """Five planks, three steps; a tilt of e^(w s') on each move, and leaks of theta."""
    moves = np.zeros((5, 2, 5))
    for action, way in enumerate((-1, 1)):
        for move, p in ((way, 1 - slip), (0, slip / 2), (-way, slip / 2)):
            np.add.at(moves, (PLANKS, action, np.clip(PLANKS + move, 0, 4)), p)
    with np.errstate(divide="ignore"):
        transition = softmax(np.log(moves) + (wind + leak * theta) * PLANKS, axis=-1)
    start = softmax(np.log(START) + leak_start * theta * PLANKS)
    return exact.FiniteMDP(start, transition, np.stack([PLANKS, PLANKS], axis=-1), WALK)


def walker_logits(theta: float) -> np.ndarray:
    """Theta is the logit of "right" everywhere."""
    return np.broadcast_to([0.0, theta], (WALK, 5, 2))


def pier_slopes(theta: float, **settings: float) -> tuple[float, float]:
    """The slope of J by central differences, and what equation 5.4 says it is."""

    def J(x):
        return exact.enumerated_objective(pier(x, **settings), softmax_policy(walker_logits(x)))

    world, policy = pier(theta, **settings), softmax_policy(walker_logits(theta))
    walks = exact.enumerate_trajectories(world)
    weight = exact.trajectory_prob(world, policy, walks) * exact.returns(world, walks)
    scores = score(policy, walks)[..., 1].sum(axis=(1, 2))
    return (J(theta + STEP) - J(theta - STEP)) / (2 * STEP), float(weight @ scores)


def pier_terms(theta: float, walk: int, **settings: float) -> np.ndarray:
    """The slope of log rho_0, then of log pi and log P of each step, for one walk."""

    def logs(x):
        world = pier(x, **settings)
        walks = exact.enumerate_trajectories(world)
        s, a = walks.states[walk], walks.actions[walk]
        policy = log_softmax_policy(walker_logits(x))
        steps = [
            (policy[t, s[t], a[t]], np.log(world.transition[s[t], a[t], s[t + 1]]))
            for t in range(WALK)
        ]
        return np.array([np.log(world.start[s[0]]), *np.ravel(steps)])

    return (logs(theta + STEP) - logs(theta - STEP)) / (2 * STEP)


def tree_vectors() -> list:
    """All 32 products, right and with the post's indices."""
    return [
        {
            "theta": theta,
            "whole": cat_products(theta).tolist(),
            "without": cat_products(theta, 1).tolist(),
        }
        for theta in (-3.0, 0.5, 2.2)
    ]


def pier_vectors() -> list:
    """Objective, slopes and terms for closed and open leaks."""
    cases = []
    for theta, wind, slip, leak, leak_start in [
        (0.5, 0.0, 0.2, 0.0, 0.0),
        (-2.0, 0.7, 0.05, 0.0, 0.0),
        (0.5, 0.0, 0.2, -1.0, 0.0),
        (1.5, -0.3, 0.5, 0.4, 0.5),
    ]:
        settings = {"wind": wind, "slip": slip, "leak": leak, "leak_start": leak_start}
        world, policy = pier(theta, **settings), softmax_policy(walker_logits(theta))
        truth, reported = pier_slopes(theta, **settings)
        cases.append(
            {
                "theta": theta,
                "wind": wind,
                "slip": slip,
                "leak": leak,
                "leakStart": leak_start,
                "count": exact.count_trajectories(world),
                "J": exact.objective(world, policy),
                "start": world.start.tolist(),
                "transition": world.transition.ravel().tolist(),
                "truth": truth,
                "reported": reported,
                "walk": 470,
                "terms": pier_terms(theta, 470, **settings).tolist(),
            }
        )
    return cases
