"""skrl's A2C and PPO: `record_transition` for each step, then the whole `update()`.

An observation is the number of a step in the batch; the policy looks up the state's row of theta,
the critic the batch's value. The optimiser's step is left out, so that what it is given stays.
"""

import gymnasium
import torch
from case import Case
from skrl.agents.torch.a2c import A2C, A2C_CFG
from skrl.agents.torch.ppo import PPO, PPO_CFG
from skrl.memories.torch import RandomMemory
from skrl.models.torch import CategoricalMixin, DeterministicMixin, Model
from streams import streams

PACKAGE = "skrl"
STUBS = (
    "networks, which look the batch's logits and values up; environment and acting, since the "
    "batch is given; the optimiser's step; gamma is the world's, an update has one minibatch and "
    "one epoch"
)
ONE = gymnasium.spaces.Box(-1e9, 1e9, (1,))


class Policy(CategoricalMixin, Model):
    """Looks up the row of theta for the state at a step."""

    def __init__(self, theta, states):
        """Theta [S, A], and the states by the number of their step."""
        Model.__init__(self, observation_space=ONE, action_space=gymnasium.spaces.Discrete(2))
        CategoricalMixin.__init__(self, unnormalized_log_prob=True)
        self.theta, self.at = torch.nn.Parameter(theta.detach().clone()), states

    def compute(self, inputs, role=""):
        """Return the logits."""
        return self.theta[self.at[inputs["observations"].long().flatten()]], {}


class Value(DeterministicMixin, Model):
    """Looks up the critic's value at a step."""

    def __init__(self, values):
        """The values by the number of their step; behind them, those of the next states."""
        Model.__init__(self, observation_space=ONE, action_space=gymnasium.spaces.Discrete(2))
        DeterministicMixin.__init__(self)
        self.table = torch.nn.Parameter(values.clone())

    def compute(self, inputs, role=""):
        """Return the values."""
        return self.table[inputs["observations"].long().flatten()][:, None], {}


def agent(kind, batch, see, options):
    """Return an agent with an empty memory for this batch."""
    learner, config = kind
    envs, steps = see["states"].shape
    values = torch.cat([see["values"].flatten(), see["next_values"].flatten()])
    models = {"policy": Policy(batch.theta, see["states"].flatten()), "value": Value(values)}
    epochs = {"learning_epochs": 1} if learner is PPO else {}
    made = learner(
        models=models,
        memory=RandomMemory(memory_size=steps, num_envs=envs, device="cpu"),
        observation_space=ONE,
        action_space=gymnasium.spaces.Discrete(batch.theta.shape[1]),
        device="cpu",
        cfg=config(
            discount_factor=batch.gamma, rollouts=steps, mini_batches=1, **epochs, **options
        ),
    )
    made.track_data = lambda *_, **__: None
    made.init()
    made.training = True
    made.optimizer.step = lambda *_, **__: None
    return made


def update(kind, **options):
    """Return a function of a batch: minus the gradient that the optimiser is given."""

    def run(batch):
        torch.default_generator.manual_seed(0)  # the memory deals its rows in random order
        see = {name: field.detach() for name, field in streams(batch).items()}
        made, (envs, steps) = agent(kind, batch, see, options), see["states"].shape
        rows = torch.arange(envs * steps).reshape(envs, steps, 1)
        for t in range(steps):
            step = {name: see[name][:, t, None] for name in see if name not in ("logits",)}
            made._current_log_prob, made._current_values = step["old_log_prob"], step["values"]
            made.record_transition(
                observations=rows[:, t],
                states=None,
                actions=step["actions"],
                rewards=step["rewards"].clone(),
                next_observations=rows[:, t] + rows.numel(),
                next_states=None,
                terminated=step["terminated"].bool(),
                truncated=step["truncated"].bool(),
                infos={},
                timestep=t,
                timesteps=steps,
            )
        made.update(timestep=0, timesteps=steps)
        return made.policy.theta.grad.clone()

    return run


def case(kind, says, where, **options):
    """One setting of one agent."""
    name = f"skrl.agents.torch.{kind[0].__name__}.update"
    run, both = update(kind, **options), ("windows", "episodes")
    return Case(name, options, run, says, where, default=not options, update=True, sampling=both)


A2C_KIND, PPO_KIND = (A2C, A2C_CFG), (PPO, PPO_CFG)
OFF = {"grad_norm_clip": 0.0}
NORM = "at 0 or below, gradients are not clipped by their norm; the default is 0.5"
CUT = "whether time limits are bootstrapped; off by default"
CASES = [
    case(A2C_KIND, "generalised advantages, normalised", "compute_gae, comment"),
    case(A2C_KIND, NORM, "A2C_CFG, grad_norm_clip", **OFF),
    case(A2C_KIND, CUT, "A2C_CFG, time_limit_bootstrap", **OFF, time_limit_bootstrap=True),
    case(PPO_KIND, "generalised advantages, normalised", "compute_gae, comment"),
    case(PPO_KIND, NORM, "PPO_CFG, grad_norm_clip", **OFF),
    case(PPO_KIND, CUT, "PPO_CFG, time_limit_bootstrap", **OFF, time_limit_bootstrap=True),
]
