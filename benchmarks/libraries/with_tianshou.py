"""tianshou's Reinforce, A2C and PPO: the whole `update()` on a replay buffer of the batch.

An observation is the number of a step in the batch; the policy looks up the state's row of theta,
the critic the batch's value. The optimiser's step is left out, so that what it is given stays.
"""

import gymnasium
import numpy as np
import torch
from absent import stand_in
from case import Case
from streams import streams

stand_in("numba", "tensorboard", "google")  # compiled loops run as the plain Python that they are
import numba  # noqa: E402

numba.njit = lambda function: function

from tianshou.algorithm import A2C, PPO, Reinforce  # noqa: E402
from tianshou.algorithm.modelfree.reinforce import DiscreteActorPolicy  # noqa: E402
from tianshou.algorithm.optim import AdamOptimizerFactory  # noqa: E402
from tianshou.data import Batch, VectorReplayBuffer  # noqa: E402
from tianshou.utils.torch_utils import policy_within_training_step  # noqa: E402

PACKAGE = "tianshou"
STUBS = (
    "networks, which look the batch's logits and values up; environment and collector, since the "
    "batch is given; the optimiser's step; numba, whose loops run uncompiled; gamma is the "
    "world's, an update has one minibatch and one repeat"
)


class Actor(torch.nn.Module):
    """Looks up the row of theta for the state at a step."""

    def __init__(self, theta, states):
        """Theta [S, A], and the states by the number of their step."""
        super().__init__()
        self.theta, self.at = torch.nn.Parameter(theta.detach().clone()), states

    def forward(self, obs, state=None, info=None):
        """Return the logits, and no hidden state."""
        return self.theta[self.at[torch.as_tensor(obs).long()]], state


class Critic(torch.nn.Module):
    """Looks up the critic's value at a step."""

    def __init__(self, values):
        """The values by the number of their step; behind them, those of the next states."""
        super().__init__()
        self.table = torch.nn.Parameter(values.clone())

    def forward(self, obs, **_):
        """Return the values."""
        return self.table[torch.as_tensor(obs).long()][:, None]


def filled(see):
    """Return a buffer that holds the batch, one environment after another."""
    envs, steps = see["states"].shape
    buffer = VectorReplayBuffer(envs * steps, envs)
    for t in range(steps):
        rows = np.arange(envs) * steps + t
        now = {name: see[name][:, t].numpy() for name in ("actions", "rewards")}
        ends = {name: see[name][:, t].bool().numpy() for name in ("terminated", "truncated")}
        step = Batch(
            obs=rows,
            act=now["actions"],
            rew=now["rewards"],
            obs_next=rows + envs * steps,
            done=ends["terminated"] | ends["truncated"],
            info=Batch(),
            **ends,
        )
        buffer.add(step, buffer_ids=np.arange(envs))
    return buffer


def update(algorithm, **options):
    """Return a function of a batch: minus the gradient that the optimiser is given."""

    def run(batch):
        see = {name: field.detach() for name, field in streams(batch).items()}
        actor = Actor(batch.theta, see["states"].flatten())
        space = gymnasium.spaces.Discrete(batch.theta.shape[1])
        values = torch.cat([see["values"].flatten(), see["next_values"].flatten()])
        critic = {} if algorithm is Reinforce else {"critic": Critic(values)}
        policy = DiscreteActorPolicy(actor=actor, action_space=space)
        adam = AdamOptimizerFactory()
        made = algorithm(policy=policy, optim=adam, gamma=batch.gamma, **critic, **options)
        made.optim._optim.step = lambda: None
        with policy_within_training_step(policy):
            made.update(filled(see), batch_size=None, repeat=1)
        return actor.theta.grad.clone()

    return run


def case(algorithm, says, where, **options):
    """One setting of one algorithm."""
    name = f"tianshou.algorithm.{algorithm.__name__}.update"
    run, both = update(algorithm, **options), ("windows", "episodes")
    return Case(name, options, run, says, where, default=not options, update=True, sampling=both)


ENTROPY = "an entropy bonus with the weight 0.01"
LAMBDA = "gae_lambda 1 is the Monte Carlo estimate, of low bias"
PLAIN = {"ent_coef": 0.0, "gae_lambda": 1.0}
CASES = [
    case(Reinforce, "REINFORCE, also known as vanilla policy gradient", "Reinforce docstring"),
    case(
        Reinforce,
        "returns less their running mean, over their running deviation; called detrimental often",
        "Reinforce docstring, return_standardization",
        return_standardization=True,
    ),
    case(A2C, ENTROPY, "A2C docstring, ent_coef"),
    case(A2C, LAMBDA, "A2C docstring, gae_lambda", **PLAIN),
    case(PPO, "advantages are normalised by default", "PPO docstring, advantage_normalization"),
    case(PPO, LAMBDA, "PPO docstring, gae_lambda", **PLAIN, advantage_normalization=False),
    case(PPO, LAMBDA, "PPO docstring, gae_lambda", **PLAIN),
]
