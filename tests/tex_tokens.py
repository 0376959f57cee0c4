"""The world of Part III's derivations: a language model whose answers can be listed.

One entry a prompt and answer. The probability of a trajectory comes from the finite world that the
answers are: a state for each prefix and one for the end, put together from the answers' texts.
"""

import itertools

import numpy as np
import torch
from pgbook.mdp import FiniteMDP, Trajectory, trajectory_prob
from pgbook.tokens.listing import LanguageModel


class TokenWorld:
    """Two prompts, seven answers each: every tensor has 14 entries."""

    def __init__(self):
        self.model = LanguageModel(tokens=3, longest=2, prompts=2)
        self.steps = self.model.longest
        self.theta = self.model.random_theta(0)
        self.atoms = ATOMS
        self.rows = [*itertools.product(range(2), range(self.model.num_answers))]
        self.states = sorted({(x, t[:i]) for x, t in self.texts() for i in range(len(t))})
        self.mdp = self.finite()

    def texts(self):
        """Prompt and text of each entry."""
        return [(x, self.model.texts[i]) for x, i in self.rows]

    def path(self, x, text):
        """States and actions of one answer in the finite world; at the end action 0."""
        end, letters = len(self.states), ".ab"
        states = [self.states.index((x, text[:t])) for t in range(len(text))]
        wait = self.steps - len(text)
        return states + [end] * (wait + 1), [letters.index(c) for c in text] + [0] * wait

    def finite(self):
        """The finite world: certain moves to the next prefix or to the end."""
        end = len(self.states)
        start, moves = torch.zeros(end + 1), torch.zeros(end + 1, 3, end + 1)
        moves[end, :, end] = 1
        for x, text in self.texts():
            states, actions = self.path(x, text)
            start[states[0]] = 0.5
            moves[states[:-1], actions, states[1:]] = 1
        return FiniteMDP(start.numpy(), moves.numpy(), torch.zeros(end + 1, 3).numpy(), self.steps)

    def trajectory(self, theta):
        """The chance of each trajectory, by Part I's code."""
        policy = torch.zeros(len(self.states) + 1, 3, dtype=torch.float64)
        policy[-1, 0] = 1
        for state, (x, prefix) in enumerate(self.states):
            place = ("", "a", "b").index(prefix)
            policy[state] = theta[x, place].softmax(-1)
        steps = policy.expand(self.steps, *policy.shape).numpy()
        states, actions = zip(*(self.path(x, text) for x, text in self.texts()), strict=True)
        paths = Trajectory(np.array(states), np.array(actions))
        return torch.from_numpy(trajectory_prob(self.mdp, steps, paths))

    def policy(self, theta, t):
        """The chance of token t; 1 where an answer has none."""
        return self.model.token_log_prob(theta)[:, :, t].exp().flatten()

    def certain(self):
        """What the world adds to a token: nothing that is not certain."""
        return torch.ones(len(self.rows), dtype=torch.float64)


ATOMS = {
    r"p_\theta(\tau)": lambda w, th, at: w.trajectory(th),
    r"p_\theta(y\mid x)": lambda w, th, at: w.model.log_prob(th).exp().flatten(),
    r"\rho_0(s_0)": lambda w, th, at: w.certain() / 2,
    r"\rho_0(x)": lambda w, th, at: w.certain() / 2,
    r"P(s_{t+1}\mid s_t,a_t)": lambda w, th, at: w.certain(),
    r"P(x,y_{\le t}\mid x,y_{<t},y_t)": lambda w, th, at: w.certain(),
    r"\pi_\theta(a_t\mid s_t)": lambda w, th, at: w.policy(th, at["t"]),
    r"\pi_\theta(y_t\mid x,y_{<t})": lambda w, th, at: w.policy(th, at["t"]),
    "1": lambda w, th, at: torch.ones(1, dtype=torch.float64),
}
