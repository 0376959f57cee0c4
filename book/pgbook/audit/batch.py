"""What a loss is given: one record for episodes and for answers of a language model."""

import dataclasses
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    r"""K episodes of at most T steps, side by side; float64, and int64 where it says so.

    An answer is an episode, its prompt the start, a token an action. `mask` is 1 while an episode
    runs. **After its end every other field of a step holds numbers that mean nothing and are not
    zero**, as a padded tensor's may: a loss that forgets the mask is seen to forget it.

    Attributes:
        log_prob: $\log\pi_\theta(a_t\mid s_t)$, [K, T], with gradient.
        logits: the policy's logits at $s_t$, [K, T, A], with gradient.
        actions: $a_t$, [K, T], int64.
        states: $s_t$, [K, T], int64.
        next_states: $s_{t+1}$, [K, T], int64; the number of states S stands for the end.
        rewards: $r_t$, [K, T].
        mask: 1 while the episode runs, else 0, [K, T].
        terminated: 1 at the last step of an episode that came to its end, else 0, [K, T].
        truncated: 1 at the last step of an episode that a time limit cut, else 0, [K, T].
        values: the critic's $\hat V(s_t)$, [K, T], without gradient.
        next_values: $\hat V(s_{t+1})$, [K, T]. After a true end it is *not* 0: a critic never
            learns that state, so a loss must look at `terminated`.
        old_log_prob: $\log\pi_{\rm old}(a_t\mid s_t)$ of the policy that acted, [K, T].
        ref_log_prob: $\log\pi_{\rm ref}(a_t\mid s_t)$ of a reference policy, [K, T].
        entropy: $H(\pi_\theta(\cdot\mid s_t))$ in nats, [K, T], with gradient.
        prompts: which prompt an episode answers, [K], int64; one prompt's answers stand together.
        theta: the policy's table of logits, [S, A], with gradient: the parameters of the audit.
        gamma: the discount γ.
    """

    log_prob: Tensor
    logits: Tensor
    actions: Tensor
    states: Tensor
    next_states: Tensor
    rewards: Tensor
    mask: Tensor
    terminated: Tensor
    truncated: Tensor
    values: Tensor
    next_values: Tensor
    old_log_prob: Tensor
    ref_log_prob: Tensor
    entropy: Tensor
    prompts: Tensor
    theta: Tensor
    gamma: float

    def __post_init__(self):
        object.__setattr__(self, "_read", set())

    def __getattribute__(self, name):
        if name in FIELDS:
            object.__getattribute__(self, "_read").add(name)
        elif name == "__dict__":  # `vars(batch)` hands out everything; a copy being made has none
            object.__getattribute__(self, "__dict__").get("_read", set()).update(FIELDS)
        return object.__getattribute__(self, name)

    def __getattr__(self, name):
        raise AttributeError(f"expected a field of the batch ({', '.join(FIELDS)}), got {name!r}")


FIELDS: tuple[str, ...] = ()
FIELDS = tuple(field.name for field in dataclasses.fields(Batch))
"""The names of a batch's fields, in order."""


def fields_read(batch: Batch) -> set[str]:
    """Return the names of the fields that have been looked at since the batch was made."""
    return set(object.__getattribute__(batch, "_read"))


def make_batch(theta: Tensor, parts: dict[str, Tensor], gamma: float) -> Batch:
    """Return the batch of recorded parts under the policy with the logits `theta`.

    Args:
        theta: logits, [S, A]; what depends on them has their gradient.
        parts: the fields that do not depend on theta; without `old_log_prob` the data are fresh,
            and it is `log_prob` without its gradient.
        gamma: the discount γ.
    """
    logits = theta[parts["states"]]
    every = torch.log_softmax(logits, dim=-1)
    log_prob = every.gather(-1, parts["actions"].unsqueeze(-1)).squeeze(-1)
    return Batch(
        log_prob=log_prob,
        logits=logits,
        entropy=-(every.exp() * every).sum(-1),
        theta=theta,
        gamma=gamma,
        **{"old_log_prob": log_prob.detach(), **parts},
    )
