"""Policies that learn in torch and act in NumPy, on the same weights; and a critic.

Acting needs no gradient, and a NumPy step costs a fifth of a torch step on networks this small. The
arrays that act are views of torch's parameters, so there is one set of weights, not two.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import gymnasium
import numpy as np
import torch
from torch import Tensor, nn


def network(x, layers: Sequence[tuple], tanh: Callable):
    """Apply x -> tanh(x W + b) for each hidden layer and x W + b for the last, NumPy or torch."""
    *hidden, (last_weight, last_bias) = layers
    for weight, bias in hidden:
        x = tanh(x @ weight + bias)
    return x @ last_weight + last_bias


class MLP(nn.Module):
    """The body that both policies share: observations [..., D] -> outputs [..., K].

    Hidden weights are uniform in ±1/sqrt(fan-in), everything else starts at 0; so a fresh policy
    gives the same action probabilities in every state.

    Args:
        sizes: D, the hidden widths, K.
        rng: draws the first weights.
        scale: observations are divided by it, [D]; all ones if None.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        rng: np.random.Generator,
        scale: Sequence[float] | None = None,
    ) -> None:
        """Draw the first weights."""
        super().__init__()
        scale = np.ones(sizes[0]) if scale is None else np.asarray(scale, dtype=float)
        if scale.shape != (sizes[0],):
            raise ValueError(
                f"observation_scale: expected {sizes[0]} numbers, got shape {scale.shape}"
            )
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))
        self.layers = nn.ParameterList()
        for fan_in, fan_out in pairwise(sizes):
            weight = rng.uniform(-1, 1, (fan_in, fan_out)) / np.sqrt(fan_in)
            self.layers.append(torch.tensor(weight, dtype=torch.float32))
            self.layers.append(torch.zeros(fan_out))
        nn.init.zeros_(self.layers[-2])

    def forward(self, observations: Tensor) -> Tensor:
        """Return the outputs [..., K] in torch, for learning."""
        return network(observations / self.scale, _pairs(self.layers), torch.tanh)

    def in_numpy(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return the same function in NumPy, on views of the same weights, for acting."""
        pairs = _pairs([parameter.detach().numpy() for parameter in self.layers])
        scale = self.scale.numpy()
        return lambda observations: network(
            np.asarray(observations, dtype=np.float32) / scale, pairs, np.tanh
        )


class CategoricalMLP(MLP):
    """A softmax policy over K actions: π_θ(a|s) = exp(z_a) / Σ_b exp(z_b), z = MLP(s)."""

    def log_prob(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return log π_θ(a|s), [...], for observations [..., D] and integer actions [...]."""
        log_policy = torch.log_softmax(self(observations), dim=-1)
        return log_policy.gather(-1, actions.unsqueeze(-1)).squeeze(-1)

    def probabilities(self, observations: np.ndarray) -> np.ndarray:
        """Return π_θ(·|s), [..., K], in NumPy."""
        return _softmax(self.in_numpy()(observations))

    def actor(self) -> Callable:
        """Return act(observations [N, D], rng) -> actions [N]; it follows later changes of θ."""
        logits = self.in_numpy()

        def act(observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            cumulative = _softmax(logits(observations)).cumsum(axis=-1)[:, :-1]
            return (rng.random((len(observations), 1)) >= cumulative).sum(axis=-1)

        return act


class GaussianMLP(MLP):
    """A Gaussian policy with K independent components: a_k ~ Normal(MLP(s)_k, σ_k).

    log σ is a parameter of its own, the same in every state, and starts at 0.
    """

    def __init__(self, sizes: Sequence[int], **settings: object) -> None:
        """Draw the first weights of the mean; σ starts at 1."""
        super().__init__(sizes, **settings)
        self.log_std = nn.Parameter(torch.zeros(sizes[-1]))

    def log_prob(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the log density log π_θ(a|s), [...], for actions [..., K]."""
        z = (actions - self(observations)) / self.log_std.exp()
        return (-0.5 * z**2 - self.log_std - 0.5 * np.log(2 * np.pi)).sum(dim=-1)

    def actor(self) -> Callable:
        """Return act(observations [N, D], rng) -> actions [N, K]; it follows later changes of θ."""
        mean, log_std = self.in_numpy(), self.log_std.detach().numpy()

        def act(observations: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            mu = mean(observations)
            return mu + np.exp(log_std) * rng.standard_normal(mu.shape, dtype=np.float32)

        return act


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
        """Take the mean and the standard deviation of some returns as the units."""
        self.centre.copy_(torch.tensor(returns.mean()))
        self.spread.copy_(torch.tensor(returns.std() or 1.0))


def make_policy(
    observation_space: gymnasium.Space,
    action_space: gymnasium.Space,
    *,
    hidden: Sequence[int],
    rng: np.random.Generator,
    scale: Sequence[float] | None = None,
) -> CategoricalMLP | GaussianMLP:
    """Make the policy that fits the spaces of one environment.

    Raises:
        ValueError: observations that are no Box of shape (D,), or actions that are neither
            Discrete(K) starting at 0 nor a Box of shape (K,).
    """
    box = gymnasium.spaces.Box
    if not (isinstance(observation_space, box) and len(observation_space.shape) == 1):
        raise ValueError(f"observations: expected a Box of shape (D,), got {observation_space}")
    settings = {"rng": rng, "scale": scale}
    inputs = (observation_space.shape[0], *hidden)
    if isinstance(action_space, gymnasium.spaces.Discrete) and action_space.start == 0:
        return CategoricalMLP((*inputs, int(action_space.n)), **settings)
    if isinstance(action_space, box) and len(action_space.shape) == 1:
        return GaussianMLP((*inputs, action_space.shape[0]), **settings)
    raise ValueError(
        f"actions: expected Discrete(K) starting at 0 or a Box of shape (K,), got {action_space}"
    )


def _pairs(flat: Sequence) -> list[tuple]:
    """Return [(W, b), (W, b), ...] from [W, b, W, b, ...]."""
    return [(flat[i], flat[i + 1]) for i in range(0, len(flat), 2)]


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Return exp(z) / Σ exp(z) over the last axis, without overflow."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
