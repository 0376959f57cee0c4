r"""A language model small enough to list: every answer to every prompt, with its probability.

The policy is a softmax table with one row of logits for each prompt $x$ and prefix $y_{<t}$,
`theta[x, prefix, token]`. Prompts are equally likely. Tensors are float64 and differentiable in
theta, so that autograd is one route and the closed forms another.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgbook import expect
from pgbook.tokens.answers import END, AnswerTree


@dataclass(frozen=True)
class LanguageModel(AnswerTree):
    """The softmax table over the answers of an `AnswerTree`."""

    @property
    def theta_shape(self) -> tuple[int, int, int]:
        """[prompts, prefixes, tokens]."""
        return self.prompts, self.num_prefixes, self.tokens

    # --- probabilities ----------------------------------------------------------------------------

    def random_theta(self, seed: int) -> Tensor:
        """Return standard normal logits [prompts, prefixes, tokens]."""
        rng = np.random.default_rng(expect.whole("seed", seed, 0))
        return torch.from_numpy(rng.normal(size=self.theta_shape))

    def token_log_prob(self, theta: Tensor) -> Tensor:
        r"""Return $\log\pi_\theta(y_t\mid x,y_{<t})$, [prompts, answers, longest]; else 0.

        Args:
            theta: logits, [prompts, prefixes, tokens].

        Raises:
            ValueError: logits of another shape, or not finite.
        """
        log_policy = self._logits(theta).log_softmax(-1)
        return log_policy[:, self.prefixes, self.answers] * torch.from_numpy(self.mask)

    def log_prob(self, theta: Tensor) -> Tensor:
        r"""Return $\log p_\theta(y\mid x)$, the sum of its tokens', [prompts, answers].

        Raises:
            ValueError: logits of another shape, or not finite.
        """
        return self.token_log_prob(theta).sum(-1)

    def reach(self, theta: Tensor) -> Tensor:
        """Return the chance that an answer comes by each prefix, [prompts, prefixes].

        Raises:
            ValueError: logits of another shape, or not finite.
        """
        policy = self._logits(theta).softmax(-1)
        reached = [policy.new_ones(self.prompts, 1)]
        for level in self.levels[:-2]:
            onward = reached[-1][:, :, None] * policy[:, level, 1:]
            reached.append(onward.reshape(self.prompts, -1))
        return torch.cat(reached, dim=1)

    def sample(self, theta: Tensor, answers: int, rng: np.random.Generator) -> np.ndarray:
        """Draw answers token by token; return their indices, [prompts, answers].

        Args:
            theta: logits, [prompts, prefixes, tokens].
            answers: how many to each prompt.
            rng: the source of randomness.

        Raises:
            ValueError: logits of another shape, no answer, or a seed in place of a generator.
        """
        answers, rng = expect.whole("answers", answers, 1), expect.generator(rng)
        cumulative = self._logits(theta).detach().softmax(-1).cumsum(-1).numpy()[..., :-1]
        word = np.zeros((self.prompts, answers), dtype=np.intp)  # index among those of its length
        drawn, runs = np.zeros_like(word), np.ones(word.shape, dtype=bool)
        for here, after in zip(self.levels, self.levels[1:], strict=False):
            prefix = here.start + np.where(runs, word, 0)
            passed = (
                rng.random(word.shape)[..., None]
                >= cumulative[np.arange(len(word))[:, None], prefix]
            )
            token = passed.sum(-1)
            drawn[runs & (token == END)] = prefix[runs & (token == END)]
            runs &= token != END
            word = word * (self.tokens - 1) + token - 1
            drawn[runs] = after.start + word[runs]
        return drawn

    # --- what an answer is worth ------------------------------------------------------------------

    def objective(self, theta: Tensor, reward: np.ndarray) -> Tensor:
        r"""Return $J(\theta)$, the mean reward over prompts and answers, by listing.

        Args:
            theta: logits, [prompts, prefixes, tokens].
            reward: R(x, y), [prompts, answers].

        Raises:
            ValueError: logits or rewards of another shape, or not finite.
        """
        return (self.log_prob(theta).exp() * self._rewards(reward)).sum() / self.prompts

    def values(self, theta: Tensor, reward: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return what a prefix and a token after it are worth, from the last token to the first.

        Returns:
            V [prompts, prefixes] and Q [prompts, prefixes, tokens].

        Raises:
            ValueError: logits or rewards of another shape, or not finite.
        """
        policy, worth = self._logits(theta).softmax(-1), self._rewards(reward)
        later, V, Q = worth[:, self.levels[-1]], [], []
        for level in reversed(self.levels[:-1]):
            onward = later.reshape(self.prompts, -1, self.tokens - 1)
            Q.insert(0, torch.cat([worth[:, level, None], onward], dim=-1))
            later = (policy[:, level] * Q[0]).sum(-1)
            V.insert(0, later)
        return torch.cat(V, dim=1), torch.cat(Q, dim=1)

    def gradient(self, theta: Tensor, reward: np.ndarray) -> Tensor:
        r"""Return $\nabla J$ in closed form, [prompts, prefixes, tokens]: no listing, no autograd.

        $\partial J/\partial\theta_{x,y_{<t},b} = \Pr(x,y_{<t})\,\pi_\theta(b\mid x,y_{<t})\,(Q-V)$.

        Raises:
            ValueError: logits or rewards of another shape, or not finite.
        """
        with torch.no_grad():
            V, Q = self.values(theta, reward)
            reached = self.reach(theta)[..., None] / self.prompts
            return reached * self._logits(theta).softmax(-1) * (Q - V[..., None])

    def pass_at_k(self, theta: Tensor, right: np.ndarray, k: int) -> Tensor:
        r"""Return the chance that one of k answers is right, $1-(1-p)^k$, the mean over prompts.

        Args:
            theta: logits, [prompts, prefixes, tokens].
            right: 1 where an answer is right and 0 elsewhere, [prompts, answers].
            k: how many answers are drawn.

        Raises:
            ValueError: other rewards than 0 and 1, k below 1, or what `objective` raises.
        """
        k, right = expect.whole("k", k, 1), self._rewards(right)
        if not ((right == 0) | (right == 1)).all():
            raise ValueError("right: expected 0 and 1, got other numbers")
        p = (self.log_prob(theta).exp() * right).sum(-1)
        return (1 - (1 - p) ** k).mean()

    # --- entropy and divergence -------------------------------------------------------------------

    def entropy(self, theta: Tensor) -> Tensor:
        """Return the entropy of the whole answer in nats, by listing, [prompts].

        Raises:
            ValueError: logits of another shape, or not finite.
        """
        log_prob = self.log_prob(theta)
        return -(log_prob.exp() * log_prob).sum(-1)

    def token_entropy(self, theta: Tensor) -> Tensor:
        """Return the entropy of the next token at each prefix, [prompts, prefixes].

        Raises:
            ValueError: logits of another shape, or not finite.
        """
        log_policy = self._logits(theta).log_softmax(-1)
        return -(log_policy.exp() * log_policy).sum(-1)

    def kl(self, theta: Tensor, other: Tensor) -> Tensor:
        r"""Return $\mathrm{KL}(p_\theta\,\|\,p_{\text{other}})$ of answers, [prompts].

        Raises:
            ValueError: logits of another shape, or not finite.
        """
        log_prob = self.log_prob(theta)
        return (log_prob.exp() * (log_prob - self.log_prob(other))).sum(-1)

    def token_kl(self, theta: Tensor, other: Tensor) -> Tensor:
        """Return the divergence of the next token at each prefix, [prompts, prefixes].

        Raises:
            ValueError: logits of another shape, or not finite.
        """
        log_policy = self._logits(theta).log_softmax(-1)
        return (log_policy.exp() * (log_policy - self._logits(other).log_softmax(-1))).sum(-1)

    def _logits(self, theta: Tensor) -> Tensor:
        """Return the logits as a float64 tensor that autograd sees through."""
        try:
            theta = torch.as_tensor(theta, dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"theta: expected logits, got {type(theta).__name__}") from error
        if tuple(theta.shape) != self.theta_shape:
            raise ValueError(f"theta: expected shape {self.theta_shape}, got {tuple(theta.shape)}")
        if not theta.isfinite().all():
            raise ValueError("theta: expected finite logits, got NaN or infinity")
        return theta

    def _rewards(self, reward: np.ndarray) -> Tensor:
        shape = (self.prompts, self.num_answers)
        return torch.from_numpy(expect.numbers("reward", reward, shape, finite=True))
