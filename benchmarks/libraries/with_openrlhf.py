"""OpenRLHF's advantages, policy loss and divergences.

`RemoteExperienceMaker.compute_advantages_and_returns`, `PolicyLoss` and `compute_approx_kl` are
called as the trainers call them. Rewards come one to a completion, as there.
"""

from types import SimpleNamespace

from absent import stand_in

MISSING = ("ray", "transformers", "datasets", "peft", "deepspeed", "flash_attn", "vllm")
stand_in(*MISSING, "pylatexenc", "aiohttp", "torchdata", "bitsandbytes")

import torch  # noqa: E402
from case import Case  # noqa: E402
from openrlhf.models.loss import PolicyLoss, aggregate_loss  # noqa: E402
from openrlhf.models.utils import compute_approx_kl  # noqa: E402
from openrlhf.trainer.ppo_utils.experience import Experience  # noqa: E402
from openrlhf.trainer.ppo_utils.experience_maker import RemoteExperienceMaker  # noqa: E402

PACKAGE = "openrlhf"
STUBS = (
    "generation and the remote models, whose log-probabilities, values and rewards are the "
    "batch's; packages that the import wants and these functions do not use (ray and others)"
)


def options_of(batch, estimator, no_std_norm):
    """Return the command line's defaults, as far as the experience maker reads them."""
    samples = len(batch.prompts) // len(batch.prompts.unique())
    advantage = dict(estimator=estimator, gamma=1.0, lambd=1.0, no_std_norm=no_std_norm)
    reward = dict(clip_range=(-10, 10), overlong_buffer_len=None, stop_properly_penalty_coef=None)
    return SimpleNamespace(
        algo=SimpleNamespace(advantage=SimpleNamespace(**advantage)),
        rollout=SimpleNamespace(n_samples_per_prompt=samples),
        reward=SimpleNamespace(**reward),
    )


def advantages(batch, estimator, no_std_norm, beta, kl):
    """Return A [K, T]; `kl` is the estimator of a divergence in the reward, or None."""
    maker = object.__new__(RemoteExperienceMaker)  # its constructor wants the remote models
    maker.strategy = SimpleNamespace(args=options_of(batch, estimator, no_std_norm))
    maker.advantage_estimator, maker.kl_ctl = estimator, SimpleNamespace(value=beta)
    penalty = torch.zeros_like(batch.rewards)
    if kl:
        penalty = compute_approx_kl(batch.old_log_prob, batch.ref_log_prob, kl_estimator=kl)
    experience = Experience(
        index=list(range(len(batch.prompts))),
        rewards=(batch.rewards * batch.mask).sum(1),
        kl=penalty.to(batch.rewards.dtype),
        values=batch.values,
        action_mask=batch.mask.bool(),
        info={},
    )
    return maker.compute_advantages_and_returns([experience])[0].advantages


def loss(
    estimator="rloo", no_std_norm=False, kl=None, kl_loss=None, unbiased=False, beta=0.1, **policy
):
    """Return a loss of the batch; `policy` are options of PolicyLoss."""
    surrogate = PolicyLoss(**policy)

    def run(batch):
        advantage = advantages(batch, estimator, no_std_norm, beta, kl)
        mask = batch.mask.bool()
        found = surrogate(batch.log_prob, batch.old_log_prob, advantage, mask)[0]
        if kl_loss:
            each = compute_approx_kl(
                batch.log_prob, batch.ref_log_prob, batch.old_log_prob, kl_loss, unbiased
            )
            found = found + beta * aggregate_loss(each, mask)
        return found

    return run


def case(says, where, default=False, **options):
    """One combination, named by the command line's options."""
    beta = options.pop("beta", 0.1) if {"kl", "kl_loss"} & set(options) else 0.0
    run = loss(beta=beta, **options)
    level = options.get("token_level_loss", True)
    named = {
        "algo.advantage.estimator": options.get("estimator", "rloo"),
        "actor.loss_agg_mode": "token-mean" if level else "seq-mean-token-mean",
    }
    if options.get("policy_loss_type"):
        named |= {"actor.policy_loss_type": "gspo", "actor.loss_agg_mode": "seq-mean-token-mean"}
    if options.get("no_std_norm"):
        named |= {"algo.advantage.no_std_norm": True}
    if beta:
        named |= {"algo.kl.estimator": options.get("kl") or options["kl_loss"]}
        named |= {"algo.kl.use_loss": "kl_loss" in options, "algo.kl.init_coef": beta}
        named |= {"algo.kl.unbiased_gradient": True} if options.get("unbiased") else {}
    return Case(
        "openrlhf.models.PolicyLoss", named, run, says, where, default, prompts=True, beta=beta
    )


HELP = "help of --{} in cli/train_ppo_ray.py"
AGG = (
    "token-mean is the global mean over tokens; in seq-mean-token-mean every sequence weighs alike"
)
UNBIASED = (
    "whatever the estimator, the gradient is that of the reverse divergence, corrected for old "
    "data, and the same for k1, k2 and k3"
)
LEGACY = (
    "the gradient flows through the estimator's formula; k2 or k3 is recommended, and k2 said "
    "to be nearly equivalent to k1"
)
AS_REWARD = "k1 is recommended where the penalty is no loss"
SINGLE = "less the mean of the whole batch, not whitened: for one sample a prompt"
ESTIMATORS = {
    "gae": "",
    "reinforce": "",
    "rloo": "",
    "reinforce_baseline": "",
    "group_norm": "",
    "dr_grpo": "",
    "flash_reinforce": SINGLE,
}
PLACE = "compute_approx_kl docstring; " + HELP.format("algo.kl.unbiased_gradient")
LEGACY_PLACE = (
    "compute_approx_kl docstring; help of --algo.kl.estimator and message on starting in "
    "cli/train_ppo_ray.py"
)
START = "message on starting, cli/train_ppo_ray.py"
CASES = [
    case(
        "a divergence with factor 0.01 is taken off the rewards",
        HELP.format("algo.kl.init_coef"),
        True,
        estimator="gae",
        kl="k1",
        beta=0.01,
    ),
    *(
        case(says, HELP.format("algo.advantage.estimator") if says else "", estimator=name)
        for name, says in ESTIMATORS.items()
    ),
    case(
        "the mean is taken off, the deviation is not divided by",
        HELP.format("algo.advantage.no_std_norm"),
        estimator="reinforce",
        no_std_norm=True,
    ),
    case(AGG, HELP.format("actor.loss_agg_mode"), token_level_loss=False),
    case(
        "GSPO's ratios, with the mean over each sample",
        "comment in PolicyLoss",
        policy_loss_type="gspo",
    ),
    *(case(AS_REWARD, START, kl=name) for name in ("k1", "k2", "k3")),
    *(
        case(says, place, kl_loss=name, unbiased=unbiased)
        for says, place, unbiased in ((LEGACY, LEGACY_PLACE, False), (UNBIASED, PLACE, True))
        for name in ("k1", "k2", "k3")
    ),
]
