"""TRL's GRPOTrainer and RLOOTrainer, as their constructors leave them.

Three methods are replaced, because a world that can be listed has no language model in it: the
sampling of completions gives the batch's, the reward function gives their returns, the network's
log-probabilities are the batch's. Scoring, advantages and the loss are the library's.
"""

import os
import tempfile
from functools import cache

import torch

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}

from datasets import Dataset  # noqa: E402
from tokenizers import Tokenizer, models  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast  # noqa: E402
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer  # noqa: E402

STUBS = "sampling, rewards and log-probabilities come from the batch: there is no language model"


@cache
def model_folder():
    """Save a tiny network: the constructors want one, the loss never asks it."""
    folder, words = tempfile.mkdtemp(), {"<pad>": 0, "<eos>": 1, "x": 2}
    sizes = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1)
    LlamaForCausalLM(LlamaConfig(vocab_size=3, pad_token_id=0, **sizes)).save_pretrained(folder)
    backend = Tokenizer(models.WordLevel(words, unk_token="x"))
    names = dict(pad_token="<pad>", eos_token="<eos>", unk_token="x")
    PreTrainedTokenizerFast(tokenizer_object=backend, **names).save_pretrained(folder)
    return folder


@cache
def trainer(kind, length, options):
    """Return a trainer in training mode; `options` are pairs for its configuration."""
    folder, (learner, config) = model_folder(), kind
    quiet = dict(bf16=False, use_cpu=True, report_to="none", gradient_checkpointing=False)
    options = {"num_generations": 2, "max_completion_length": length, **dict(options)}
    size = options["num_generations"]
    args = config(output_dir=folder, per_device_train_batch_size=size, **quiet, **options)
    prompts = Dataset.from_list([{"prompt": "x"}] * size)
    made = learner(folder, reward_funcs=lambda **_: [], args=args, train_dataset=prompts)
    made.model.train()
    made.current_gradient_accumulation_steps = 1  # set by the training loop
    return made


def loss(kind, **options):
    """Return a loss of the batch: the trainer's scoring, then its loss."""

    def run(batch):
        made = trainer(kind, batch.mask.shape[1], tuple(options.items()))
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
