"""Write tests/vectors/*.json: what Python computes, for the JavaScript engine to agree with.

Run: python tools/write_vectors.py [--to FOLDER]
"""

import argparse
import itertools
import json
import sys
from pathlib import Path

import gymnasium
import numpy as np
import torch
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import norm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book"))

import baseline_world  # noqa: E402
import clip_world  # noqa: E402
import compass_world  # noqa: E402
import dial_world  # noqa: E402
import group_world  # noqa: E402
import gru_world  # noqa: E402
import leash_world  # noqa: E402
import old_world  # noqa: E402
import small_worlds  # noqa: E402
from pgbook import mdp as exact  # noqa: E402
from pgbook.mlp import CategoricalMLP  # noqa: E402
from pgbook.policies import log_softmax_policy, random_theta, score, softmax_policy  # noqa: E402
from pgbook.weights import NEEDS_VALUES, WEIGHTS  # noqa: E402

SCALE = (2.0, 3.0, 0.25, 3.0)  # exact in float32, in which the policy keeps its scale


def flat(values) -> list:
    """The numbers of an array, row by row."""
    return np.asarray(values, dtype=float).ravel().tolist()


def world_vectors(world: exact.FiniteMDP, seed: int) -> dict:
    """Everything that the engine computes about one finite MDP."""
    theta = random_theta(seed, world)
    policy = softmax_policy(theta)
    every = exact.enumerate_trajectories(world)
    rows = np.random.default_rng(seed).permutation(len(every.states))[:6]
    some = exact.Trajectory(every.states[rows], every.actions[rows])
    V, Q = exact.values(world, policy)
    return {
        "states": world.num_states,
        "actions": world.num_actions,
        "horizon": world.horizon,
        "start": flat(world.start),
        "transition": flat(world.transition),
        "reward": flat(world.reward),
        "theta": flat(theta),
        "policy": flat(policy),
        "logPolicy": flat(log_softmax_policy(theta)),
        "count": len(every.states),
        "some": {"states": some.states.tolist(), "actions": some.actions.tolist()},
        "prob": flat(exact.trajectory_prob(world, policy, some)),
        "logProb": flat(exact.trajectory_log_prob(world, policy, some)),
        "returns": flat(exact.returns(world, some)),
        "score": [flat(row) for row in score(policy, some)],
        "V": flat(V),
        "Q": flat(Q),
        "stateDistribution": flat(exact.state_distribution(world, policy)),
        "J": exact.objective(world, policy),
        "gradient": flat(exact.gradient(world, policy)),
    }


def mdp_vectors() -> list:
    """The trap of chapter 1, and random worlds of other shapes."""
    shapes = [(3, 2, 4), (2, 3, 3), (4, 2, 3)]
    worlds = [exact.greedy_trap(4)]
    for seed, (states, actions, horizon) in enumerate(shapes):
        sizes = {"num_states": states, "num_actions": actions, "horizon": horizon}
        worlds.append(exact.random_mdp(seed, **sizes))
    return [world_vectors(world, seed) for seed, world in enumerate(worlds)]


def psi_vectors() -> list:
    """Every weight on padded batches with episodes of different lengths."""
    cases = []
    for seed, (lengths, gamma) in enumerate([([4, 7, 1, 5], 1.0), ([3, 3], 0.9), ([6, 2, 4], 0.0)]):
        mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
        rewards = np.random.default_rng(seed).normal(size=mask.shape)
        psi = {
            name: flat(weigh(rewards, mask, gamma=gamma)[mask])
            for name, weigh in WEIGHTS.items()
            if name not in NEEDS_VALUES
        }
        first = [0, *np.cumsum(lengths).tolist()]
        cases.append({"gamma": gamma, "rewards": flat(rewards[mask]), "first": first, "psi": psi})
    return cases


def cartpole_vectors(steps: int = 500) -> dict:
    """Single steps of Gymnasium's CartPole from states of every kind, in float64."""
    env = gymnasium.make("CartPole-v1").unwrapped
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    before = rng.uniform(-1, 1, (steps, 4)) * (2.6, 3.0, 0.23, 3.5)
    actions, after, terminated = rng.integers(2, size=steps), [], []
    for state, action in zip(before, actions, strict=True):
        env.state, env.steps_beyond_terminated = tuple(state), None
        _, _, ended, _, _ = env.step(int(action))
        after.append(np.asarray(env.state, dtype=np.float64))
        terminated.append(int(ended))
    env.close()
    return {
        "before": flat(before),
        "actions": actions.tolist(),
        "after": flat(after),
        "terminated": terminated,
    }


def training_case(hidden: tuple, optimiser: str, rate: float, updates: int = 3) -> dict:
    """Full updates with torch on a given batch: weights, loss gradient, step."""
    rng = np.random.default_rng(len(hidden))
    lengths = [5, 9, 7]
    observations = rng.normal(size=(sum(lengths), 4)) * SCALE
    actions = rng.integers(2, size=sum(lengths))
    policy = CategoricalMLP((4, *hidden, 2), rng=rng, scale=SCALE).double()
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter += torch.from_numpy(rng.normal(size=parameter.shape)) * 0.3
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[optimiser]
    steps = kind(policy.parameters(), lr=rate)
    mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
    psi = WEIGHTS["reward_to_go_minus_mean"](mask.astype(float), mask, gamma=0.99)
    weights = [all_weights(policy)]
    for _ in range(updates):
        log_prob = policy.log_prob(torch.from_numpy(observations), torch.from_numpy(actions))
        loss = -(log_prob * torch.from_numpy(psi[mask])).sum() / len(lengths)
        steps.zero_grad()
        loss.backward()
        steps.step()
        weights.append(all_weights(policy))
    return {
        "hidden": hidden[0] if hidden else 0,
        "optimiser": optimiser,
        "rate": rate,
        "gamma": 0.99,
        "scale": list(SCALE),
        "first": [0, *np.cumsum(lengths).tolist()],
        "observations": flat(observations),
        "actions": actions.tolist(),
        "weights": weights,
    }


def all_weights(policy: CategoricalMLP) -> list:
    """The parameters one after another."""
    return [x for parameter in policy.parameters() for x in flat(parameter.detach())]


def training_vectors() -> list:
    """Linear and hidden policies, both optimisers."""
    return [
        training_case(hidden, optimiser, rate)
        for hidden in ((), (6,))
        for optimiser, rate in (("adam", 0.05), ("sgd", 0.01))
    ]


def coin_world(world: exact.FiniteMDP, coin: float) -> exact.FiniteMDP:
    """The world beside a fair coin: tossed and paid at even steps, taken back at odd ones."""
    chain = np.array([[0, 0, 1, 0], [0, 0, 0, 1], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0]])
    paid = coin * np.array([1.0, -1.0, -1.0, 1.0])
    size = 4 * world.num_states
    moves = np.einsum("sax,ky->skaxy", world.transition, chain)
    return exact.FiniteMDP(
        start=np.kron(world.start, [0.5, 0.5, 0, 0]),
        transition=moves.reshape(size, world.num_actions, size),
        reward=(world.reward[:, None, :] + paid[:, None]).reshape(size, world.num_actions),
        horizon=world.horizon,
    )


def keep_vectors(world: exact.FiniteMDP, policy: np.ndarray, keep: str, coin: float) -> dict:
    """Exact mean and variance with the rewards that `keep` keeps; the policy ignores the coin."""
    T, S, A = world.policy_shape
    both, wide = coin_world(world, coin), np.repeat(policy, 4, axis=1)
    kept = {"all": np.ones((T, T)), "future": np.triu(np.ones((T, T)))}
    kept["past"] = kept["all"] - kept["future"]

    def estimate(tau):
        psi = exact.rewards(both, tau) @ kept[keep].T
        own = score(wide, tau).reshape(-1, T, S, 4, A).sum(axis=3)
        return own * psi[..., None, None]

    mean, covariance = exact.exact_moments(both, wide, estimate)
    return {"keep": keep, "coin": coin, "mean": flat(mean), "variance": float(covariance.trace())}


def estimator_vectors() -> list:
    """Chapter 6's exact moments and chapter 8's T×T table."""
    cases = []
    for seed, (states, actions, horizon) in enumerate([(3, 2, 4), (2, 3, 3)]):
        world = exact.random_mdp(seed, num_states=states, num_actions=actions, horizon=horizon)
        theta = random_theta(seed, world)
        policy, every = softmax_policy(theta), exact.enumerate_trajectories(world)
        p, r = exact.trajectory_prob(world, policy, every), exact.rewards(world, every)
        scores = score(policy, every).reshape(len(p), horizon, -1)
        total = scores * r.sum(axis=1)[:, None, None]
        mean, covariance = exact.exact_moments(world, policy, lambda _, total=total: total)
        credit = np.einsum("m,mtd,mk->tkd", p, scores, r)
        rms = np.sqrt(np.einsum("m,mtd,mk->tk", p, scores**2, r**2))
        keys = ("states", "actions", "horizon", "start", "transition", "reward")
        world_vector = world_vectors(world, seed)
        cases.append(
            {
                "world": {key: world_vector[key] for key in keys},
                "theta": flat(theta),
                "voteMean": flat(mean),
                "voteCovariance": flat(covariance),
                "credit": flat(credit),
                "norm": flat(np.linalg.norm(credit, axis=2)),
                "rms": flat(rms),
                "weights": [
                    keep_vectors(world, policy, keep, coin)
                    for keep in ("all", "future", "past")
                    for coin in (0.0, 1.3)
                ],
            }
        )
    return cases


def density_case(mean: float, sigma: float, squash: str, unit: float, slip: bool) -> dict:
    """One continuous policy: log densities, scores, and integrals by SciPy's quadrature."""
    clips, tanh = squash == "clipped", squash == "tanh"

    def scored(a):
        return np.clip(a, -1, 1) if clips and slip else a

    def log_density(a):
        log_p = norm.logpdf(scored(a), mean, sigma)
        if slip and not clips:
            return log_p
        return log_p - np.log(unit) + 2 * tanh * np.log(np.cosh(a))

    def integral(f, edges):
        pairs = zip(edges, edges[1:], strict=False)
        return sum(quad(f, *pair, epsabs=1e-13, epsrel=1e-13, limit=400)[0] for pair in pairs)

    lumps = ndtr((-1 - mean) / sigma) * clips, ndtr((mean - 1) / sigma) * clips
    far = sorted({mean + x * sigma for x in (-12, -4, 0, 4, 12)} | {-1.0, 1.0})
    edges = [x for x in far if abs(x) <= 1] if clips else far
    area = sum(lumps) + integral(
        lambda a: np.exp(log_density(a)) * unit * (np.cosh(a) ** -2 if tanh else 1), edges
    )
    score_mean = integral(lambda a: norm.pdf(a, mean, sigma) * (scored(a) - mean) / sigma**2, far)
    actions = np.array([-3.0, -1.25, -0.5, 0.0, 0.75, 1.0, 2.5])
    z = (scored(actions) - mean) / sigma
    return {
        "bell": {"mean": mean, "sigma": sigma, "squash": squash, "unit": unit, "slip": slip},
        "area": float(area),
        "meanScore": float(score_mean),
        "low": float(lumps[0]),
        "high": float(lumps[1]),
        "actions": flat(actions),
        "carriedOut": flat(
            np.tanh(actions) if tanh else np.clip(actions, -1, 1) if clips else actions
        ),
        "logDensity": flat(log_density(actions)),
        "scoreMean": flat(z / sigma),
        "scoreLogSigma": flat(z**2 - 1),
    }


def density_vectors() -> list:
    """Continuous policies of every kind, with and without the slip."""
    bells = [(0.5, 0.8), (-1.5, 0.1), (0.0, 2.0), (1.0, 0.35), (0.2, 0.25)]
    return [
        density_case(mean, sigma, squash, unit, slip)
        for mean, sigma in bells
        for squash in ("raw", "clipped", "tanh")
        for unit in (1.0, 10.0)
        for slip in (False, True)
    ]


def family_vectors() -> list:
    """Probabilities of chapter 3's families by torch; scores by automatic differentiation."""
    turned = torch.tensor([0.0, 1.0, -1.0, 0.5, -0.5], dtype=torch.float64)
    log_p = {
        "coin": lambda x, t: torch.distributions.Bernoulli(probs=t).log_prob(x),
        "die": lambda x, t: torch.log_softmax(torch.cat([t[None], turned]), 0)[int(x) - 1],
        "mean": lambda x, t: torch.distributions.Normal(t, 0.8).log_prob(x),
        "sigma": lambda x, t: torch.distributions.Normal(0.0, t).log_prob(x),
        "wait": lambda x, t: torch.distributions.Exponential(1 / t).log_prob(x),
    }
    points = {
        "coin": ((0.0, 1.0), (0.02, 0.3, 0.9)),
        "die": ((1.0, 2.0, 3.0, 6.0), (-3.0, 0.2, 2.5)),
        "mean": ((-2.5, 0.1, 1.0, 3.0), (-2.0, 0.0, 1.7)),
        "sigma": ((-2.5, 0.1, 1.0, 3.0), (0.6, 0.8, 2.0)),
        "wait": ((0.0, 1.0, 7.5), (0.8, 1.2, 4.0)),
    }
    cases = []
    for name, (outcomes, thetas) in points.items():
        for x, theta in itertools.product(outcomes, thetas):
            at = torch.tensor(theta, dtype=torch.float64, requires_grad=True)
            value = log_p[name](torch.tensor(x, dtype=torch.float64), at)
            (slope,) = torch.autograd.grad(value, at)
            found = {"p": value.exp().item(), "score": slope.item()}
            cases.append({"family": name, "x": x, "theta": theta, **found})
    return cases


def swap_vectors() -> list:
    """Chapter 2's two cases in closed form: J, its difference quotient, the integral of ∂p R."""
    cases = []
    for theta, h in itertools.product((0.5, 1.3, 2.0, 2.4), (0.001, 0.03, 0.6)):
        bell = {"J": -((theta - 1) ** 2) - 0.64, "quotient": -2 * (theta - 1) - h}
        cases.append(
            {
                "theta": theta,
                "h": h,
                "bell": {**bell, "inside": -2 * (theta - 1)},
                "uniform": {"J": theta / 2, "quotient": 0.5, "inside": -0.5},
                "strip": (2 * theta + h) / (2 * theta + 2 * h),
            }
        )
    return cases


VECTORS = {
    "baselines": baseline_world.baseline_vectors,
    "clip": clip_world.clip_vectors,
    "compass": compass_world.compass_vectors,
    "density": density_vectors,
    "dial": dial_world.dial_vectors,
    "groups": group_world.group_vectors,
    "gru": gru_world.gru_vectors,
    "leash": leash_world.leash_vectors,
    "old-data": old_world.old_vectors,
    "mdp": mdp_vectors,
    "families": family_vectors,
    "swap": swap_vectors,
    "tree": small_worlds.tree_vectors,
    "pier": small_worlds.pier_vectors,
    "psi": psi_vectors,
    "cartpole": cartpole_vectors,
    "training": training_vectors,
    "estimators": estimator_vectors,
}


def main() -> None:
    """Write one file a name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=ROOT / "tests" / "vectors")
    folder = parser.parse_args().to
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in VECTORS.items():
        (folder / f"{name}.json").write_text(json.dumps(make()) + "\n", "utf-8")


if __name__ == "__main__":
    main()
