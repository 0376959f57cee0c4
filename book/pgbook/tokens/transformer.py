r"""A small causal transformer: digits in, an answer out, token by token.

Two routes give the probability of an answer: the forward pass that samples, one token at a time on
cached keys and values, and the one that scores, all tokens of the answer at once. They are one
function, `_extend`, asked for one new token or for several.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from pgbook import expect

NORM_EPSILON = 1e-5  # added to the variance in a layer norm
Cache = list[tuple[Tensor, Tensor]]  # keys and values of each layer, [N, heads, places, size]


class Transformer(nn.Module):
    r"""The policy $\pi_\theta(y_t\mid x,y_{<t})$ as a causal transformer.

    Each layer adds x + attention(norm(x)) and x + gelu(norm(x) A + a) B + b; the last norm and one
    matrix give the logits. All weights are one vector `theta`, so that θ is what the book's
    equations say: one Adam step, one copy, one check that it is finite.

    The last token of the vocabulary is the end token. Weight matrices and embeddings start normal
    with standard deviation `scale`, biases at 0, norms as they are.

    Args:
        tokens: size of the vocabulary, at least 2; the end token is `tokens - 1`.
        places: how many tokens of prompt and answer fit.
        width: numbers a token is carried by; a multiple of `heads`.
        layers: how many.
        heads: of the attention.
        scale: of the first weights.
        rng: draws them.

    Raises:
        ValueError: sizes or a scale that make no network.
    """

    def __init__(
        self,
        *,
        tokens: int,
        places: int,
        width: int = 32,
        layers: int = 2,
        heads: int = 2,
        scale: float = 0.15,
        rng: np.random.Generator,
    ) -> None:
        """Draw the first weights."""
        super().__init__()
        self.tokens = expect.whole("tokens", tokens, 2)
        self.places = expect.whole("places", places, 1)
        self.layers = expect.whole("layers", layers, 1)
        self.heads = expect.whole("heads", heads, 1)
        if expect.whole("width", width, 1) % heads:
            raise ValueError(f"width: expected a multiple of {heads} heads, got {width}")
        scale, rng = expect.number("scale", scale, 0, 1e30), expect.generator(rng)
        self.shapes = _shapes(tokens, places, width, layers)
        self.sizes = [math.prod(shape) for shape in self.shapes.values()]
        first = [_first(name, shape, scale, rng) for name, shape in self.shapes.items()]
        self.theta = nn.Parameter(torch.tensor(np.concatenate(first), dtype=torch.float32))

    @property
    def end(self) -> int:
        """The token that ends an answer."""
        return self.tokens - 1

    def weights(self) -> dict[str, Tensor]:
        """Return the parts of theta by name, as views that gradients flow through."""
        parts = self.theta.split(self.sizes)
        pairs = zip(self.shapes.items(), parts, strict=True)
        return {name: part.view(shape) for (name, shape), part in pairs}

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the logits of the next token after each place, [N, L] -> [N, L, tokens].

        Raises:
            ValueError: something else than tokens [N, L], or more than there are places.
        """
        wanted = f"tokens: expected shape [N, 1 to {self.places}]"
        if tokens.ndim != 2 or not 1 <= tokens.shape[1] <= self.places:
            raise ValueError(f"{wanted}, got {tuple(tokens.shape)}")
        return self._extend(self.weights(), tokens, None)[0]

    @torch.inference_mode()
    def sample(
        self, prompts: np.ndarray, answers: int, longest: int, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw answers to each prompt; a prompt is read once, its keys and values are shared.

        Args:
            prompts: x, tokens [P, X].
            answers: K, how many to each prompt.
            longest: an answer that has not ended after so many tokens is cut off.
            rng: the source of randomness.

        Returns:
            y, [P, K, T] with T the longest of them, the end token behind an end; and |y|, [P, K].

        Raises:
            ValueError: prompts that are no tokens [P, X], or more tokens than there are places.
        """
        prompts = self._checked(prompts, longest)
        rng, weights = expect.generator(rng), self.weights()
        logits, cache = self._extend(weights, prompts, None)
        logits, cache = _repeated(logits, cache, expect.whole("answers", answers, 1))
        chances = torch.from_numpy(rng.random((longest, len(logits), 1))).to(logits.dtype)
        drawn, running = [], torch.ones(len(logits), dtype=torch.bool)
        lengths = torch.zeros(len(logits), dtype=torch.long)
        for t in range(longest):
            cumulative = logits[:, -1].softmax(-1).cumsum(-1)
            token = (cumulative[:, :-1] < chances[t] * cumulative[:, -1:]).sum(-1)
            drawn.append(token.where(running, self.end))
            lengths += running
            running = running & (token != self.end)
            if t + 1 == longest or not running.any():
                break
            logits, cache = self._extend(weights, token[:, None], cache)
        tokens = torch.stack(drawn, -1)
        shape = len(prompts), answers
        return tokens.view(*shape, -1).numpy(), lengths.view(shape).numpy()

    def log_prob(self, prompts: np.ndarray, answers: np.ndarray) -> Tensor:
        r"""Return $\log\pi_\theta(y_t\mid x,y_{<t})$ of every token of the answers, [P, K, T].

        Behind an answer's end the numbers mean nothing; whoever sums masks them.

        Args:
            prompts: x, tokens [P, X].
            answers: y, tokens [P, K, T].

        Raises:
            ValueError: no tokens of those shapes, or more than there are places.
        """
        answers = _tensor(expect.indices("answers", answers, self.tokens))
        if answers.ndim != 3 or 0 in answers.shape or len(answers) != len(prompts):
            wanted = f"answers: expected shape [{len(prompts)}, K, T]"
            raise ValueError(f"{wanted}, got {tuple(answers.shape)}")
        prompts, weights = self._checked(prompts, answers.shape[2]), self.weights()
        logits, cache = _repeated(*self._extend(weights, prompts, None), answers.shape[1])
        rows = answers.flatten(0, 1)
        if rows.shape[1] > 1:
            later, _ = self._extend(weights, rows[:, :-1], cache)
            logits = torch.cat([logits, later], dim=1)
        found = logits.log_softmax(-1).gather(-1, rows[..., None])
        return found.view(answers.shape)

    def _extend(self, weights: dict, tokens: Tensor, cache: Cache | None) -> tuple[Tensor, Cache]:
        """Read more tokens [N, L]; return their logits [N, L, tokens] and the longer cache."""
        rows, new = tokens.shape
        past = cache[0][0].shape[2] if cache else 0
        visible = torch.ones(new, past + new, dtype=torch.bool).tril(past) if new > 1 else None
        x = weights["token"][tokens] + weights["place"][past : past + new]
        x, longer = x.flatten(0, 1), []  # the tokens of all rows one below the other
        for layer in range(self.layers):
            part = {name: weights[f"{layer}.{name}"] for name in LAYER}
            together = _linear(_norm(x, part, "norm1"), part, "qkv")
            together = together.view(rows, new, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            query, key, value = together.unbind()
            if cache:
                key = torch.cat([cache[layer][0], key], dim=2)
                value = torch.cat([cache[layer][1], value], dim=2)
            longer.append((key, value))
            seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=visible)
            x = x + _linear(seen.transpose(1, 2).reshape(x.shape), part, "out")
            inner = _linear(_norm(x, part, "norm2"), part, "up")
            x = x + _linear(functional.gelu(inner, approximate="tanh"), part, "down")
        logits = _norm(x, weights, "norm") @ weights["head"]
        return logits.view(rows, new, -1), longer

    def _checked(self, prompts: np.ndarray, longest: int) -> Tensor:
        """Return the prompts as a tensor; refuse what is none, or does not fit."""
        prompts = _tensor(expect.indices("prompts", prompts, self.tokens))
        room = self.places - expect.whole("longest", longest, 1) + 1  # no token follows the last
        if prompts.ndim != 2 or not len(prompts) or not 1 <= prompts.shape[1] <= room:
            wanted = f"prompts: expected shape [P, 1 to {room}], {longest} tokens to come"
            raise ValueError(f"{wanted}, got {tuple(prompts.shape)}")
        return prompts


LAYER = {  # the shape of each part in multiples of the width
    **{"norm1.scale": (1,), "norm1.shift": (1,), "qkv.weight": (1, 3), "qkv.bias": (3,)},
    **{"out.weight": (1, 1), "out.bias": (1,), "norm2.scale": (1,), "norm2.shift": (1,)},
    **{"up.weight": (1, 4), "up.bias": (4,), "down.weight": (4, 1), "down.bias": (1,)},
}


def _shapes(tokens: int, places: int, width: int, layers: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every part of theta by its name."""
    shapes = {"token": (tokens, width), "place": (places, width)}
    for layer in range(layers):
        for name, parts in LAYER.items():
            shapes[f"{layer}.{name}"] = tuple(width * part for part in parts)
    return shapes | {"norm.scale": (width,), "norm.shift": (width,), "head": (width, tokens)}


def _first(name: str, shape: tuple, scale: float, rng: np.random.Generator) -> np.ndarray:
    """Return the first numbers of one part, flat."""
    if len(shape) == 2:
        return rng.normal(size=math.prod(shape)) * scale
    return np.full(shape, 1.0 if name.endswith("scale") else 0.0)


def _tensor(array: np.ndarray) -> Tensor:
    """Return a copy, of an array that may be read-only or run backwards."""
    return torch.from_numpy(np.array(array, order="C"))


def _norm(x: Tensor, part: dict, name: str) -> Tensor:
    """Return x with mean 0 and variance 1 along its last axis, scaled and shifted."""
    scale, shift = part[f"{name}.scale"], part[f"{name}.shift"]
    return functional.layer_norm(x, scale.shape, scale, shift, NORM_EPSILON)


def _linear(x: Tensor, part: dict, name: str) -> Tensor:
    """Return x W + b."""
    return torch.addmm(part[f"{name}.bias"], x, part[f"{name}.weight"])


def _repeated(logits: Tensor, cache: Cache, answers: int) -> tuple[Tensor, Cache]:
    """Return the last logits and the cache of each prompt, once for each of its answers."""
    cache = [tuple(part.repeat_interleave(answers, 0) for part in layer) for layer in cache]
    return logits[:, -1:].repeat_interleave(answers, 0), cache
