"""The network that policies and critic share: it learns in torch and acts in NumPy.

Acting needs no gradient, and a NumPy step costs a fifth of a torch step on networks this small. The
arrays that act are views of torch's parameters, so there is one set of weights, not two.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from pgbook import expect


class NotFinite(ValueError):
    """A policy was shown an observation that is NaN, or too large for its weights."""


def network(x, layers: Sequence[tuple], tanh: Callable):
    """Apply x -> tanh(x W + b) for each hidden layer and x W + b for the last, NumPy or torch."""
    *hidden, (last_weight, last_bias) = layers
    for weight, bias in hidden:
        x = tanh(x @ weight + bias)
    return x @ last_weight + last_bias


class MLP(nn.Module):
    """The body of a policy or a critic: observations [..., D] -> outputs [..., K].

    Hidden weights are uniform in ±1/sqrt(fan-in), everything else starts at 0; so a fresh policy
    gives the same action probabilities in every state.

    Args:
        sizes: D, the hidden widths, K.
        rng: draws the first weights.
        scale: observations are divided by it, [D]; all ones if None.

    Raises:
        ValueError: sizes that are not two or more integers >= 1, or a scale of another shape or
            with a number that is not positive and finite.
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
        sizes = [expect.whole("sizes", size, 1) for size in sizes]
        if len(sizes) < 2:
            raise ValueError(f"sizes: expected at least two, got {sizes}")
        scale = np.ones(sizes[0]) if scale is None else scale
        scale = expect.numbers("observation_scale", scale, (sizes[0],), finite=True)
        if not (scale > 0).all():
            raise ValueError(f"observation_scale: expected numbers > 0, got {scale}")
        self.register_buffer("scale", torch.tensor(scale, dtype=torch.float32))
        self.layers = nn.ParameterList()
        for fan_in, fan_out in pairwise(sizes):
            weight = rng.uniform(-1, 1, (fan_in, fan_out)) / np.sqrt(fan_in)
            self.layers.append(torch.tensor(weight, dtype=torch.float32))
            self.layers.append(torch.zeros(fan_out))
        nn.init.zeros_(self.layers[-2])

    def forward(self, observations: Tensor) -> Tensor:
        """Return the outputs [..., K] in torch, for learning; in the weights' precision.

        Raises:
            ValueError: observations of another last axis than D.
        """
        if observations.shape[-1:] != self.scale.shape:
            self._refuse(observations.shape)
        if observations.is_complex():
            raise ValueError(f"observations: expected real numbers, got {observations.dtype}")
        scaled = observations.to(self.scale.dtype) / self.scale
        return network(scaled, _pairs(self.layers), torch.tanh)

    def in_numpy(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return the same function in NumPy, on views of the same weights, for acting.

        The function raises ValueError for observations of another last axis than D, and NotFinite
        for one that is NaN, infinite, or too large for the weights' precision.
        """
        pairs = _pairs([parameter.detach().numpy() for parameter in self.layers])
        scale = self.scale.numpy()

        def outputs(observations: np.ndarray) -> np.ndarray:
            observations = np.asarray(observations)
            if observations.shape[-1:] != scale.shape:
                self._refuse(observations.shape)
            if observations.dtype != scale.dtype:
                observations = _cast(observations, scale.dtype)
            if not np.isfinite(observations).all():
                bad = observations[~np.isfinite(observations)][0]
                raise NotFinite(f"expected finite observations, got {bad}")
            return network(observations / scale, pairs, np.tanh)

        return outputs

    def on_batches(self) -> Callable[[np.ndarray], np.ndarray]:
        """Return the same function for observations [N, D] only: one for each environment."""
        outputs = self.in_numpy()

        def act(observations: np.ndarray) -> np.ndarray:
            if np.ndim(observations) != 2:
                raise ValueError(
                    f"observations: expected shape [N, D], got {np.shape(observations)}"
                )
            return outputs(observations)

        return act

    def _refuse(self, shape: Sequence[int]) -> None:
        """Refuse observations that would be broadcast."""
        raise ValueError(
            f"observations: expected shape [..., {len(self.scale)}], got {tuple(shape)}"
        )


def _cast(observations: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return real numbers in the weights' precision; what is too large for it becomes infinite."""
    if observations.dtype.kind not in "biuf":
        raise ValueError(f"observations: expected real numbers, got {observations.dtype}")
    with np.errstate(over="ignore"):
        return observations.astype(dtype)


def _pairs(flat: Sequence) -> list[tuple]:
    """Return [(W, b), (W, b), ...] from [W, b, W, b, ...]."""
    return [(flat[i], flat[i + 1]) for i in range(0, len(flat), 2)]
