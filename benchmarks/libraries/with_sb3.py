"""stable-baselines3: the whole `train()` of A2C and PPO, up to the optimiser's first step.

The rollout buffer is the library's, filled with the batch and closed with its own
`compute_returns_and_advantage`. A time limit is handled as `collect_rollouts` handles it: the
critic's value of the state behind the cut is added to the last reward. The library's policy is a
network of one layer on a one-hot state, so that its weights are the table theta.
"""

import warnings
from functools import cache

import gymnasium
import numpy as np
import torch
from case import Case
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.vec_env import DummyVecEnv
from streams import streams

PACKAGE = "stable-baselines3"
STUBS = (
    "environment and collection, since the batch is given; the optimiser's step, since what it is "
    "given is the answer; the policy is one layer on a one-hot state"
)


class Quiet(gymnasium.Env):
    """An environment with the right spaces that is never stepped."""

    def __init__(self, states, actions):
        """S states and A actions."""
        self.observation_space = gymnasium.spaces.Discrete(states)
        self.action_space = gymnasium.spaces.Discrete(actions)


@cache
def model(algorithm, states, actions, envs, steps, gamma, options):
    """Return an algorithm with an empty buffer of this size; `options` are pairs of settings."""
    table = DummyVecEnv([lambda: Quiet(states, actions)] * envs)
    layers = {"net_arch": [], "ortho_init": False}
    own = {"n_epochs": 1, "batch_size": envs * steps} if algorithm is PPO else {}
    own |= {"n_steps": steps, "gamma": gamma, "policy_kwargs": layers, **dict(options)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PPO warns of small buffers
        made = algorithm("MlpPolicy", table, device="cpu", **own)
    made.policy.optimizer.step = lambda: None
    made._logger = type("Silent", (), {"record": lambda *_, **__: None})()
    made._current_progress_remaining = 1.0
    return made


def update(algorithm, **options):
    """Return a function of a batch: minus the gradient that the optimiser is given."""

    def run(batch):
        see = {
            name: field.detach().transpose(0, 1).numpy() for name, field in streams(batch).items()
        }
        states, actions = batch.theta.shape
        steps, envs = see["states"].shape
        made = model(algorithm, states, actions, envs, steps, batch.gamma, tuple(options.items()))
        net, buffer = made.policy, made.rollout_buffer
        with torch.no_grad():
            net.action_net.weight.copy_(batch.theta.T)
            net.action_net.bias.zero_()
            met = np.bincount(see["states"].ravel(), minlength=states)
            values = np.bincount(see["states"].ravel(), see["values"].ravel(), states)
            net.value_net.weight.copy_(torch.tensor(values / np.maximum(met, 1))[None])
            net.value_net.bias.zero_()
        buffer.reset()
        ended = (see["terminated"] + see["truncated"]) > 0
        paid = see["rewards"] + batch.gamma * see["next_values"] * see["truncated"]
        begun = np.vstack([np.ones((1, envs)), ended[:-1]])
        for t in range(steps):
            old = torch.tensor(see["old_log_prob"][t])
            value = torch.tensor(see["values"][t])
            buffer.add(see["states"][t], see["actions"][t], paid[t], begun[t], value, old)
        last = torch.tensor(see["next_values"][-1])
        buffer.compute_returns_and_advantage(last_values=last, dones=ended[-1])
        np.random.seed(0)  # the buffer deals its rows in random order
        made.train()
        return net.action_net.weight.grad.T.double().clone()

    return run


BOTH = ("windows", "episodes")
A2C_NAME = "stable_baselines3.A2C.train"
PPO_NAME = "stable_baselines3.PPO.train"


def case(algorithm, says, where, **options):
    """One setting of one algorithm."""
    name = A2C_NAME if algorithm is A2C else PPO_NAME
    return Case(
        name,
        options,
        update(algorithm, **options),
        says,
        where,
        default=not options,
        update=True,
        sampling=BOTH,
    )


NO_CLIP = 1e9
CASES = [
    case(A2C, "synchronous advantage actor-critic, after the A3C paper", "A2C class docstring"),
    case(
        A2C,
        "max_grad_norm is the largest norm that a gradient keeps",
        "A2C class docstring, max_grad_norm",
        max_grad_norm=NO_CLIP,
    ),
    case(
        A2C,
        "normalising the advantage is said not to be in the original implementation",
        "comment in A2C.train",
        max_grad_norm=NO_CLIP,
        normalize_advantage=True,
    ),
    case(PPO, "the clipped surrogate of the PPO paper", "PPO class docstring"),
    case(
        PPO,
        "the advantage is normalised by default, unless a minibatch has one row",
        "PPO class docstring, normalize_advantage; comment in PPO.train",
        max_grad_norm=NO_CLIP,
    ),
    case(
        PPO,
        "the ratio is said to be one in the first iteration",
        "comment in PPO.train",
        max_grad_norm=NO_CLIP,
        normalize_advantage=False,
    ),
    case(
        PPO,
        "gae_lambda trades bias for variance; 1 gives the classic advantage",
        "PPO and RolloutBuffer docstrings, gae_lambda",
        max_grad_norm=NO_CLIP,
        normalize_advantage=False,
        gae_lambda=1.0,
    ),
]
