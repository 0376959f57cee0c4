"""verl's `core_algos`: every registered advantage, policy loss, aggregation and divergence.

The functions are called as the trainer calls them: advantages from rewards per token, then the
policy loss with its aggregation, then the divergence as a loss or in the reward. A padded token's
reward is zero, as verl's reward managers leave it.
"""

from absent import stand_in

MISSING = ("ray", "transformers", "datasets", "peft", "torchdata", "pandas", "orjson", "wandb")
stand_in(*MISSING, "pyarrow")

import torch  # noqa: E402
from case import Case  # noqa: E402
from verl.trainer.config import AlgoConfig  # noqa: E402
from verl.trainer.ppo import core_algos  # noqa: E402
from verl.workers.config import ActorConfig, PolicyLossConfig  # noqa: E402

PACKAGE = "verl"
STUBS = (
    "the trainer around core_algos, whose calls are repeated; packages that the import wants and "
    "these functions do not use (ray, transformers and others); the greedy completion's reward, "
    "which remax takes off, is a constant of the prompt, 0.3 + 0.2 times its number; "
    "gae has the world's gamma"
)
ACTOR = {"strategy": "fsdp", "ppo_micro_batch_size_per_gpu": 1, "ppo_mini_batch_size": 1}


def advantages(estimator, batch, rewards):
    """Return A [K, T] from an estimator; but for GAE's gamma the algorithm has its defaults."""
    config = AlgoConfig(gamma=batch.gamma) if estimator == "gae" else AlgoConfig()
    probabilities = torch.softmax(batch.logits, -1).detach()
    given = {
        "token_level_rewards": rewards.clone(),
        "response_mask": batch.mask,
        "index": batch.prompts.numpy(),
        "config": config,
        "old_log_probs": batch.old_log_prob,
        "sum_pi_squared": (probabilities**2).sum(-1),
        "reward_baselines": 0.3 + 0.2 * batch.prompts,
        "values": batch.values,
        "gamma": config.gamma,
        "lam": config.lam,
    }
    function = core_algos.get_adv_estimator_fn(estimator)
    names = {"gae": ("token_level_rewards", "values", "response_mask", "gamma", "lam")}
    code = function.__code__
    wanted = names.get(estimator, code.co_varnames[: code.co_argcount])
    return function(**{name: given[name] for name in wanted if name in given})[0]


def loss(adv="rloo", policy="vanilla", agg="seq-mean-token-sum", kl=None, reward_kl=None, beta=0.1):
    """Return a loss of the batch.

    Args:
        adv: the advantage estimator's registered name.
        policy: the policy loss's.
        agg: the aggregation.
        kl: the estimator of a divergence that is added as a loss.
        reward_kl: the estimator of one that is taken off the rewards.
        beta: its factor.
    """
    extra = PolicyLossConfig(loss_mode=policy, dro_beta=1.0)
    config = ActorConfig(rollout_n=1, loss_agg_mode=agg, policy_loss=extra, **ACTOR)

    def run(batch):
        torch.default_generator.manual_seed(0)  # clip_cov draws tokens
        rewards = batch.rewards * batch.mask
        if reward_kl:
            kld = core_algos.kl_penalty(batch.old_log_prob, batch.ref_log_prob, reward_kl)
            rewards = rewards - beta * kld * batch.mask
        found, _ = core_algos.get_policy_loss_fn(policy)(
            old_log_prob=batch.old_log_prob,
            log_prob=batch.log_prob,
            advantages=advantages(adv, batch, rewards),
            response_mask=batch.mask,
            loss_agg_mode=agg,
            config=config,
        )
        if kl:
            kld = core_algos.kl_penalty(batch.log_prob, batch.ref_log_prob, kl)
            found = found + beta * core_algos.agg_loss(kld, batch.mask, agg)
        return found

    return run


def case(says, where, default=False, **options):
    """One combination; `options` are those of `loss`."""
    beta = 0.1 if options.get("kl") or options.get("reward_kl") else 0.0
    named = {
        "adv_estimator": options.get("adv", "rloo"),
        "policy_loss.loss_mode": options.get("policy", "vanilla"),
        "loss_agg_mode": options.get("agg", "seq-mean-token-sum"),
    }
    named |= {"kl_loss_type": options["kl"], "kl_loss_coef": beta} if "kl" in options else {}
    if "reward_kl" in options:
        named |= {"algorithm.kl_penalty": options["reward_kl"], "algorithm.kl_ctrl.kl_coef": beta}
    function = "verl.trainer.ppo.core_algos"
    run = loss(**options)
    return Case(function, named, run, says, where, default, prompts=True, beta=beta)


PLACE = "core_algos.py, {}"
ADVANTAGES = {
    "gae": "generalised advantages, after TRL's PPO, whitened",
    "grpo": "the score less its group's mean, over the deviation, as in the original GRPO",
    "grpo_vectorized": "the same in one step",
    "gdpo": "each reward's group advantage, summed, then whitened over the batch",
    "grpo_passk": "for pass@k: only the best of a group gets an advantage, its lead",
    "reinforce_plus_plus_baseline": "REINFORCE++ with the group's mean as baseline",
    "rloo": "leave-one-out, after its paper",
    "opo": "a baseline weighted by length, after its paper",
    "reinforce_plus_plus": "REINFORCE++: discounted rewards to go, whitened over the batch",
    "remax": "less the reward of the greedy completion",
    "gpg": "the score less its group's mean, times the batch over its non-zero scores",
    "rloo_vectorized": "leave-one-out in one step",
    "optimal_token_baseline": "a baseline for each step, weighted by the path's energy",
    "tir_optimal_token_baseline": "the same for several turns",
}
POLICIES = {
    "vanilla": "the clipped policy objective of PPO, with a dual clip",
    "dppo_tv": "a mask by total variation in place of the clip",
    "dppo_kl": "a mask by divergence in place of the clip",
    "gspo": "ratios of whole completions; seq-mean-token-mean is recommended",
    "sapo": "a smooth gate; always aggregated by seq-mean-token-mean",
    "gpg": "the plain policy gradient loss",
    "clip_cov": "leaves out random tokens of high covariance",
    "kl_cov": "a penalty on the tokens of highest covariance",
    "geo_mean": "the geometric mean of a completion's ratios; the aggregation is not used",
    "dro": "the log-probability's advantage with a quadratic penalty",
    "cispo": "clipped weights without gradient, times the log-probability",
    "bypass_mode": "by default the clipped objective against the rollout's policy",
}
MODES = ("token-mean", "token-sum", "seq-mean-token-sum", "seq-mean-token-sum-norm")
MODES += ("seq-mean-token-mean",)
SAME = "said to make the loss invariant to how the batch is spread over machines"
K2 = (
    "k1 and k3 are said to have the divergence's value but not its gradient, k2 to have the right "
    "gradient; a '+' gives any of them that of k2, for an unbiased gradient"
)
CASES = [
    case("PPO's defaults", "AlgoConfig, ActorConfig", True, adv="gae", agg="token-mean"),
    case(ADVANTAGES["grpo"], PLACE.format("grpo"), adv="grpo", agg="token-mean"),
    *(case(says, PLACE.format(adv), adv=adv) for adv, says in ADVANTAGES.items()),
    *(case(SAME, PLACE.format("agg_loss"), agg=agg) for agg in MODES),
    *(case(says, PLACE.format(name), policy=name) for name, says in POLICIES.items()),
    *(
        case(K2, PLACE.format("kl_penalty"), kl=kl)
        for kl in ("k1", "abs", "k2", "k3", "k1+", "k3+")
    ),
    case(K2, PLACE.format("kl_penalty"), kl="low_var_kl", agg="token-mean"),
    *(
        case("a penalty on the rewards", "ray_trainer.py, apply_kl_penalty", reward_kl=kl)
        for kl in ("kl", "abs", "k2", "k3")
    ),
]
