"""TRL's GRPOTrainer and RLOOTrainer, as their constructors leave them.

Three methods are replaced, because a world that can be listed has no language model in it: the
sampling of completions gives the batch's, the reward function gives their returns, the network's
log-probabilities are the batch's. Scoring, advantages and the loss are the library's.
"""

import os
import tempfile
from functools import cache

import torch
from case import Case

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}

from datasets import Dataset  # noqa: E402
from tokenizers import Tokenizer, models  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: E402
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer  # noqa: E402

PACKAGE = "trl"
STUBS = (
    "sampling, rewards and the network's log-probabilities, which are the batch's: there is no "
    "language model; max_completion_length is the world's horizon"
)


@cache
def model_folder():
    """Save a tiny network: the constructors want one, the loss never asks it."""
    keeper, words = tempfile.TemporaryDirectory(), {"<pad>": 0, "<eos>": 1, "x": 2}
    folder = keeper.name
    sizes = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
    LlamaForCausalLM(LlamaConfig(vocab_size=3, pad_token_id=0, **sizes)).save_pretrained(folder)
    backend = Tokenizer(models.WordLevel(words, unk_token="x"))
    names = dict(pad_token="<pad>", eos_token="<eos>", unk_token="x")
    PreTrainedTokenizerFast(tokenizer_object=backend, **names).save_pretrained(folder)
    return keeper  # which deletes the folder at the end


def trainer(kind, options):
    """Return a trainer in training mode."""
    folder, (learner, config) = model_folder().name, kind
    quiet = dict(bf16=False, use_cpu=True, report_to="none", gradient_checkpointing=False)
    args = config(
        output_dir=folder, per_device_train_batch_size=2, num_generations=2, **quiet, **options
    )
    prompts = Dataset.from_list([{"prompt": "x"}] * 2)
    made = learner(folder, reward_funcs=lambda **_: [], args=args, train_dataset=prompts)
    made.model.train()
    made.current_gradient_accumulation_steps = 1  # set by the training loop
    return made


def loss(kind, **options):
    """Return a loss of the batch: the trainer's scoring, then its loss."""
    made = trainer(kind, options)

    def run(batch):
        made.max_completion_length = batch.mask.shape[1]
        order = torch.argsort(batch.prompts, stable=True)  # groups lie side by side
        lengths = batch.mask.sum(1).long()[order].tolist()
        made.num_generations = len(order) // len(batch.prompts.unique())
        columns = slice(max(lengths))  # completions are padded to the longest of the batch
        texts = [[2] * (n - 1) + [1] for n in lengths]
        made._generate = lambda prompts: generated(kind, texts, prompts)
        paid = (batch.rewards * batch.mask).sum(1, keepdim=True)[order]
        made._calculate_rewards = lambda *_, **__: paid.clone()

        def forward(model, *_, **__):
            field = "ref_log_prob" if model is made.ref_model else "old_log_prob"
            name = "log_prob" if torch.is_grad_enabled() else field
            return getattr(batch, name)[order][:, columns], batch.entropy[order][:, columns], None

        made._get_per_token_logps_and_entropies = forward
        scored = made._generate_and_score_completions([{"prompt": "x"}] * len(order))
        return made._compute_loss(made.model, scored)

    return run


def generated(kind, texts, prompts):
    """What `_generate` returns: GRPO's has five fields more than RLOO's."""
    start = [[2] for _ in prompts]
    few = (start, texts, ["x" for _ in prompts])
    return few if kind is RLOO else (start, texts, None, few[2], None, {}, None, None)


GRPO, RLOO = (GRPOTrainer, GRPOConfig), (RLOOTrainer, RLOOConfig)

TYPES = {
    "dapo": "divides by the number of active tokens, to eliminate length bias",
    "grpo": "divides by each completion's length; not recommended because of its length bias",
    "dr_grpo": "divides by a constant, max_completion_length, to eliminate length bias",
    "bnpo": "divides by the active tokens of the local batch, so it varies a little with its size",
    "cispo": "clips the weights of importance sampling, not the weighted advantage",
    "sapo": "a smooth gate in place of the clip",
    "luspo": "length-unbiased: each sequence's loss is scaled by its length",
    "vespo": "a smooth weighting of whole sequences in place of the clip",
}
SCALES = {
    "group": "",
    "batch": "; the batch's deviation is the recommendation of PPO Lite",
    "none": "; scaling by the deviation is said to bias by a question's difficulty",
}
KL = (
    "use_bias_correction_kl multiplies the divergence by the ratio, so that its gradient is the "
    "unbiased one of the reverse divergence"
)
HIGH = "the bound of cispo is epsilon_high; 5.0 is the recommendation that it quotes"
STEPS = "num_iterations is the number of iterations per batch"
ENTROPY = "top_entropy_quantile keeps the tokens of highest entropy"
SEQUENCE = "importance_sampling_level sequence gives one weight to a completion, as in GSPO"
NORMAL = "normalize_advantages gives the batch's advantages mean 0 and deviation 1"


def case(kind, says, place, **options):
    """One setting of one trainer; `place` is the parameter whose documentation says it."""
    learner, config = kind
    return Case(
        f"trl.{learner.__name__}._compute_loss",
        options,
        loss(kind, **options),
        says,
        f"{config.__name__} docstring, {place}",
        default=not options,
        prompts=True,
        beta=options.get("beta", 0.05 if kind is RLOO else 0.0),
    )


PLAIN = {"loss_type": "dr_grpo", "scale_rewards": "none"}
CASES = [case(GRPO, "DAPO's loss, advantages divided by the group's deviation", "loss_type")]
for kind, says in TYPES.items():
    level = {"importance_sampling_level": "sequence"} if kind == "luspo" else {}
    for scale, more in SCALES.items():
        options = {"loss_type": kind, "scale_rewards": scale, **level}
        CASES.append(case(GRPO, says + more, "loss_type, scale_rewards", **options))
GSPO = {**PLAIN, "loss_type": "grpo", "importance_sampling_level": "sequence"}
CISPO = {**PLAIN, "loss_type": "cispo", "epsilon_high": 5.0}
CASES += [
    case(GRPO, HIGH, "epsilon_high", **CISPO),
    case(GRPO, SEQUENCE, "importance_sampling_level", **GSPO),
    case(GRPO, STEPS, "num_iterations", **PLAIN, num_iterations=2),
    case(GRPO, ENTROPY, "top_entropy_quantile", **PLAIN, top_entropy_quantile=0.5),
]
for kind in ("dr_grpo", "dapo"):
    for corrected in (True, False):
        options = {**PLAIN, "loss_type": kind, "beta": 0.1, "use_bias_correction_kl": corrected}
        CASES.append(case(GRPO, KL, "use_bias_correction_kl", **options))
CASES += [
    case(RLOO, "the divergence from the reference has the factor 0.05", "beta"),
    case(RLOO, "at 0 there is no reference model", "beta", beta=0.0),
    case(RLOO, NORMAL, "normalize_advantages", beta=0.0, normalize_advantages=True),
    case(
        RLOO,
        "rewards are clipped to this range",
        "reward_clip_range",
        beta=0.0,
        reward_clip_range=(0.0, 1.0),
    ),
]
