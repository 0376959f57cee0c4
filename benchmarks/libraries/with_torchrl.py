"""torchrl's ReinforceLoss, A2CLoss and ClipPPOLoss with its GAE, on a TensorDict of the batch.

The actor's network hands through the batch's logits, the critic's the batch's values: the losses
differentiate what the audit differentiates.
"""

import torch
from case import Case
from streams import streams
from tensordict import TensorDict
from tensordict.nn import TensorDictModule
from torch import nn
from torchrl.modules import OneHotCategorical, ProbabilisticActor
from torchrl.objectives import A2CLoss, ClipPPOLoss, ReinforceLoss
from torchrl.objectives.value import GAE

PACKAGE = "torchrl"
STUBS = (
    "the networks, which hand through the batch's logits and values, and the collector, since the "
    "batch is given; gamma is the world's"
)


def tensordict(batch):
    """Return the batch as a collector of torchrl would, [envs, steps]."""
    see = {name: field.unsqueeze(-1) for name, field in streams(batch).items()}
    ends = see["terminated"].bool()
    after = {
        "reward": see["rewards"],
        "terminated": ends,
        "done": ends | see["truncated"].bool(),
        "seen": see["next_values"],
        "observation": see["logits"].squeeze(-1),
    }
    entries = {
        "observation": see["logits"].squeeze(-1),
        "seen": see["values"],
        "action": nn.functional.one_hot(see["actions"].squeeze(-1), batch.logits.shape[-1]),
        "action_log_prob": see["old_log_prob"].squeeze(-1),
        "next": TensorDict(after, after["reward"].shape[:2]),
    }
    return TensorDict(entries, after["reward"].shape[:2])


def networks():
    """Return an actor and a critic without weights."""
    hand = TensorDictModule(nn.Identity(), ["observation"], ["logits"])
    actor = ProbabilisticActor(
        hand, in_keys=["logits"], distribution_class=OneHotCategorical, return_log_prob=True
    )
    return actor, TensorDictModule(nn.Identity(), ["seen"], ["state_value"])


def loss(kind, lmbda=0.95, average_gae=False, **options):
    """Return a loss of the batch: the advantage, then the sum of what the loss module gives."""
    actor, critic = networks()
    module = kind(actor, critic, functional=False, **options)

    def run(batch):
        data = tensordict(batch)
        with torch.no_grad():
            GAE(gamma=batch.gamma, lmbda=lmbda, value_network=critic, average_gae=average_gae)(data)
        found = module(data)
        return sum(value for name, value in found.items() if name.startswith("loss_"))

    return run


def case(kind, says, where, **options):
    """One setting of one loss module."""
    name = f"torchrl.objectives.{kind.__name__}"
    both = ("windows", "episodes")
    run = loss(kind, **options)
    return Case(name, options, run, says, where, default=not options, sampling=both)


WHOLE = "GAE docstring, lmbda and average_gae"
ENTROPY = "adds the entropy to the objective, with the weight 0.01"
CASES = [
    case(ReinforceLoss, "Williams' REINFORCE; by default with GAE", "ReinforceLoss docstring"),
    case(ReinforceLoss, "lmbda discounts the trajectory", WHOLE, lmbda=1.0),
    case(
        ReinforceLoss,
        "the sum instead of the mean",
        "ReinforceLoss docstring",
        lmbda=1.0,
        reduction="sum",
    ),
    case(
        ReinforceLoss, "average_gae standardises the advantages", WHOLE, lmbda=1.0, average_gae=True
    ),
    case(A2CLoss, ENTROPY, "A2CLoss docstring"),
    case(A2CLoss, ENTROPY, "A2CLoss docstring", lmbda=1.0, entropy_bonus=False),
    case(ClipPPOLoss, ENTROPY, "ClipPPOLoss docstring"),
    case(ClipPPOLoss, ENTROPY, "ClipPPOLoss docstring", lmbda=1.0, entropy_bonus=False),
    case(
        ClipPPOLoss,
        "the advantage is normalised first",
        "ClipPPOLoss docstring, normalize_advantage",
        lmbda=1.0,
        entropy_bonus=False,
        normalize_advantage=True,
    ),
]
