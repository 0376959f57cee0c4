"""The world in which the lines of a derivation are put into numbers, and what each term is there.

Two states, two actions, two steps: 32 trajectories, and 1,024 pairs of them. Sides that agree come
from different routes where there are two: the objective by dynamic programming, the estimator by
the closed form of the score.
"""

import itertools

import torch
from pgbook.mdp import enumerate_trajectories, random_mdp, returns, rewards, torch_objective
from pgbook.policies import random_theta, score, softmax_policy

SAMPLES = 2


class World:
    """A random world and the list of its trajectories, each tensor one entry a trajectory."""

    def __init__(self):
        self.mdp = random_mdp(0, num_states=2, num_actions=2, horizon=2)
        self.steps, self.actions, self.atoms = self.mdp.horizon, 2, ATOMS
        self.theta, self.old, baseline = (
            torch.tensor(random_theta(seed, self.mdp)) for seed in range(3)
        )
        self.paths = enumerate_trajectories(self.mdp)
        self.states, self.taken = torch.tensor(self.paths.states), torch.tensor(self.paths.actions)
        self.rewards = torch.tensor(rewards(self.mdp, self.paths))
        self.returns = torch.tensor(returns(self.mdp, self.paths))
        self.values = sorted(set(self.returns.tolist()))
        self.baseline = baseline[:, :, 0]
        self.start = torch.tensor(self.mdp.start)[self.states[:, 0]]
        moves = torch.tensor(self.mdp.transition)
        self.moves = moves[self.states[:, :-1], self.taken, self.states[:, 1:]]
        count = range(len(self.returns))
        self.draws = torch.tensor([*itertools.product(count, repeat=SAMPLES)]).T  # [sample, batch]

    def policy(self, theta, t, action=None):
        """What the policy gives to the action taken at step t, or to another one there."""
        action = self.taken[:, t] if action is None else action
        return torch.softmax(theta, -1)[t, self.states[:, t], action]

    def probability(self, theta):
        """The chance of each trajectory: the start, and two factors for each step."""
        ours = torch.stack([self.policy(theta, t) for t in range(self.steps)])
        return self.start * self.moves.prod(1) * ours.prod(0)

    def chance(self, weights, theta):
        """The weights of a mean: of each trajectory under a policy, or of each batch."""
        if weights == "batch":
            return self.probability(theta)[self.draws].prod(0)
        return self.probability(theta if weights == "new" else self.old)

    def alike(self, *columns):
        """For each trajectory, which others have the same entries in these columns: [M, M]."""
        table = torch.stack(columns, 1)
        return (table[:, None] == table[None]).all(-1).double()

    def given_state(self, value, chance, t):
        """The mean of a vector given the state at step t."""
        together = self.alike(self.states[:, t])
        return together @ (chance[:, None] * value) / (together @ chance)[:, None]

    def conditional(self, theta, drawn, t):
        """The chance of one draw given all before it, from the list: no Markov property used."""
        before = [column for k in range(t) for column in (self.states[:, k], self.taken[:, k])]
        before.append(self.states[:, t])
        if drawn == "state":
            before.append(self.taken[:, t])
        draw = self.taken[:, t] if drawn == "action" else self.states[:, t + 1]
        chance = self.probability(theta)
        return (self.alike(*before, draw) @ chance) / (self.alike(*before) @ chance)

    def votes(self, theta, i):
        """The vote of the sample i in each batch, by the closed form of the score."""
        scores = score(softmax_policy(theta.detach().numpy()), self.paths)
        return (torch.tensor(scores).flatten(1) * self.returns[:, None])[self.draws[i]]


def number(value):
    """A number that is the same for every trajectory."""
    return torch.tensor([float(value)], dtype=torch.float64)


ATOMS = {
    r"J(\theta)": lambda w, th, at: torch_objective(w.mdp, th)[None],
    r"p_\theta(\tau)": lambda w, th, at: w.probability(th),
    r"p_{\text{old}}(\tau)": lambda w, th, at: w.probability(w.old),
    r"R(\tau)": lambda w, th, at: w.returns,
    r"\rho_0(s_0)": lambda w, th, at: w.start,
    r"P(s_{t+1}\mid s_t,a_t)": lambda w, th, at: w.moves[:, at["t"]],
    r"\pi_\theta(a_t\mid s_t)": lambda w, th, at: w.policy(th, at["t"]),
    r"\pi_\theta(a\mid s_t)": lambda w, th, at: w.policy(th, at["t"], at["a"]),
    r"\pi_{\text{old}}(a_t\mid s_t)": lambda w, th, at: w.policy(w.old, at["t"]),
    r"\omega_t(\theta)": lambda w, th, at: w.policy(th, at["t"]) / w.policy(w.old, at["t"]),
    r"\Pr(s_0)": lambda w, th, at: w.alike(w.states[:, 0]) @ w.probability(th),
    r"\Pr(a_t\mid s_0,a_0,\dots,s_t)": lambda w, th, at: w.conditional(th, "action", at["t"]),
    r"\Pr(s_{t+1}\mid s_0,a_0,\dots,s_t,a_t)": lambda w, th, at: w.conditional(
        th, "state", at["t"]
    ),
    r"\Pr(R=x)": lambda w, th, at: (w.probability(th) * (w.returns == at["x"])).sum()[None],
    "x": lambda w, th, at: number(at["x"]),
    r"r_{t'}": lambda w, th, at: w.rewards[:, at["t'"]],
    r"G_t": lambda w, th, at: w.rewards[:, at["t"] :].sum(1),
    r"b_t(s_t)": lambda w, th, at: w.baseline[at["t"], w.states[:, at["t"]]],
    r"\hat g": lambda w, th, at: sum(w.votes(th, i) for i in range(SAMPLES)) / SAMPLES,
    "X_i": lambda w, th, at: w.votes(th, at["i"]),
    r"\pi_\theta(a^i_t\mid s^i_t)": lambda w, th, at: w.policy(th, at["t"])[w.draws[at["i"]]],
    r"R(\tau^i)": lambda w, th, at: w.returns[w.draws[at["i"]]],
    "N": lambda w, th, at: number(SAMPLES),
    "1": lambda w, th, at: number(1),
    "0": lambda w, th, at: number(0),
}
