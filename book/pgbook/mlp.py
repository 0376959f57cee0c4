"""Policies that learn in torch and act in NumPy, on the same weights; and a critic."""

from collections.abc import Callable, Mapping, Sequence

import gymnasium
import numpy as np
import torch
from torch import Tensor, nn

from pgbook import expect
from pgbook.network import MLP
from pgbook.rollout import flat

FLOAT32 = np.finfo(np.float32).eps  # relative spacing of the weights' numbers


class CategoricalMLP(MLP):
    """A softmax policy over K actions: π_θ(a|s) = exp(z_a) / Σ_b exp(z_b), z = MLP(s)."""

    def log_prob(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return log π_θ(a|s), [...], for observations [..., D] and integer actions [...].

        Raises:
            ValueError: shapes that do not fit, or actions that are not integers from 0 to K-1.
        """
        log_policy = torch.log_softmax(self(observations), dim=-1)
        _expect_actions(actions, log_policy.shape[:-1])
        choices = log_policy.shape[-1]
        bad = actions[(actions != actions.long()) | (actions < 0) | (actions >= choices)]
        if len(bad):
            raise ValueError(f"actions: expected integers from 0 to {choices - 1}, got {bad[0]}")
        return log_policy.gather(-1, actions.long().unsqueeze(-1)).squeeze(-1)

    def probabilities(self, observations: np.ndarray) -> np.ndarray:
        """Return π_θ(·|s), [..., K], in NumPy."""
        return _softmax(self.in_numpy()(observations))

    def actor(self) -> Callable:
        """Return act(observations [N, D], rng) -> actions [N]; it follows later changes of θ."""
        logits = self.on_batches()

        def act(observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            cumulative = _softmax(logits(observations)).cumsum(axis=-1)[:, :-1]
            return (rng.random((len(observations), 1)) >= cumulative).sum(axis=-1)

        return act

    def greedy(self) -> Callable:
        """Return act(observations [N, D], rng) -> actions [N], the most probable ones.

        It draws nothing from the rng; of equally probable actions it takes the first.
        """
        logits = self.on_batches()
        return lambda observations, rng: logits(observations).argmax(axis=-1)


class GaussianMLP(MLP):
    """A Gaussian policy with K independent components: a_k ~ Normal(MLP(s)_k, σ_k).

    log σ is a parameter of its own, the same in every state, and starts at 0: a fresh policy
    explores about one unit around 0. For an environment whose actions have another range, wrap it
    in `gymnasium.wrappers.RescaleAction(env, -1, 1)`.
    """

    def __init__(self, sizes: Sequence[int], **settings: object) -> None:
        """Draw the first weights of the mean; σ starts at 1."""
        super().__init__(sizes, **settings)
        self.log_std = nn.Parameter(torch.zeros(sizes[-1]))

    def log_prob(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the log density log π_θ(a|s), [...], for actions [..., K].

        Raises:
            ValueError: shapes that do not fit.
        """
        mean = self(observations)
        _expect_actions(actions, mean.shape)
        z = (actions.to(mean.dtype) - mean) / self.log_std.exp()
        return (-0.5 * z**2 - self.log_std - 0.5 * np.log(2 * np.pi)).sum(dim=-1)

    def actor(self) -> Callable:
        """Return act(observations [N, D], rng) -> actions [N, K]; it follows later changes of θ."""
        mean, log_std = self.on_batches(), self.log_std.detach().numpy()

        def act(observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            mu = mean(observations)
            return mu + np.exp(log_std) * rng.standard_normal(mu.shape, dtype=np.float32)

        return act

    def greedy(self) -> Callable:
        """Return act(observations [N, D], rng) -> actions [N, K], the means; it draws nothing."""
        mean = self.on_batches()
        return lambda observations, rng: mean(observations)


class Critic(MLP):
    """The critic V_φ(s) = centre + spread · MLP(s), one number for an observation.

    `centre` and `spread` are the units of the returns. A fresh critic has 0 and 1 and, since its
    last layer starts at 0, says 0 everywhere.
    """

    def __init__(self, sizes: Sequence[int], **settings: object) -> None:
        """Draw the first weights."""
        super().__init__((*sizes, 1), **settings)
        self.register_buffer("centre", torch.tensor(0.0))
        self.register_buffer("spread", torch.tensor(1.0))

    def forward(self, observations: Tensor) -> Tensor:
        """Return V_φ(s), [...], for observations [..., D]."""
        return self.centre + self.spread * super().forward(observations).squeeze(-1)

    def set_units(self, returns: np.ndarray) -> None:
        """Take the mean and the standard deviation of some returns as the units.

        Returns that differ by rounding only have no spread to go by: it stays 1.

        Raises:
            ValueError: no returns, or one that is not finite.
        """
        returns = expect.numbers("returns", returns, finite=True)
        if not returns.size:
            raise ValueError(f"returns: expected at least one, got shape {returns.shape}")
        spread = np.std(returns)
        self.centre.copy_(torch.tensor(np.mean(returns)))
        self.spread.copy_(torch.tensor(spread if spread > FLOAT32 * np.abs(returns).max() else 1.0))


def make_policy(
    observation_space: gymnasium.Space,
    action_space: gymnasium.Space,
    *,
    hidden: Sequence[int],
    rng: np.random.Generator,
    scale: Sequence[float] | None = None,
) -> CategoricalMLP | GaussianMLP:
    """Make the policy that fits the spaces of one environment, as `rollout.make_envs` makes it.

    Raises:
        ValueError: observations that are no Box of shape (D,), or actions that are neither
            Discrete(K) starting at 0 nor a Box of floats of shape (K,); it names what mends it, or
            the part of the observation that nothing mends.
    """
    settings = {"rng": rng, "scale": scale}
    inputs = (_width(observation_space), *hidden)
    if isinstance(action_space, gymnasium.spaces.Discrete) and action_space.start == 0:
        return CategoricalMLP((*inputs, int(action_space.n)), **settings)
    if _is_row(action_space) and np.issubdtype(action_space.dtype, np.floating):
        return GaussianMLP((*inputs, action_space.shape[0]), **settings)
    raise ValueError(
        "actions: expected Discrete(K) starting at 0 or a Box of floats of shape (K,), got "
        f"{action_space}; gymnasium.wrappers.TransformAction(env, func, space) offers the policy "
        "one of these and turns its action into the environment's"
    )


def _width(space: gymnasium.Space) -> int:
    """Return D of an observation space, a Box of shape (D,); refuse another, with the remedy."""
    if _is_row(space):
        return space.shape[0]
    remedy = f"nothing of Gymnasium's makes a row of numbers of {_not_flat(space)}"
    if flat(space):
        remedy = "rollout.make_envs flattens it, as gymnasium.wrappers.FlattenObservation(env) does"
    raise ValueError(f"observations: expected a Box of shape (D,), got {space}; {remedy}")


def _not_flat(space: gymnasium.Space, place: str = "observation") -> str:
    """Return where in a space the first part stands that cannot be flattened, and what it is."""
    parts = getattr(space, "spaces", ())
    for key, part in parts.items() if isinstance(parts, Mapping) else enumerate(parts):
        if flat(part) is None:
            return _not_flat(part, f"{place}[{key!r}]")
    return f"{place}, {space}"


def _is_row(space: gymnasium.Space) -> bool:
    """Whether the space is one of rows of at least one number."""
    return isinstance(space, gymnasium.spaces.Box) and len(space.shape) == 1 and space.shape[0] > 0


def _expect_actions(actions: Tensor, shape: Sequence[int]) -> None:
    """Refuse actions that would be broadcast against the policy's."""
    if actions.shape != shape:
        raise ValueError(f"actions: expected shape {tuple(shape)}, got {tuple(actions.shape)}")


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Return exp(z) / Σ exp(z) over the last axis, without overflow."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
