"""TRL's GRPOTrainer and RLOOTrainer on this book's small task, from this book's first weights.

The network is transformers' GPT-2 with the sizes of `pgbook.tokens.transformer` and with its
weights; the prompts are those that the book's trainer draws, in that order. What the book's
trainer has not is switched off: gradient clipping, a falling step size, a reference model. Nothing
of TRL is replaced.
"""

import math
import os
import tempfile
import time
from dataclasses import dataclass

import numpy as np

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}

import torch  # noqa: E402
from datasets import Dataset, disable_progress_bars  # noqa: E402
from pgbook.tokens.tasks import END, TASKS, TOKENS  # noqa: E402
from pgbook.tokens.trainer import RECENT, Config, Trainer  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402
from torch.nn import functional  # noqa: E402
from transformers import (  # noqa: E402
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    PrinterCallback,
    TrainerCallback,  # noqa: E402
)
from trl import GRPOConfig, GRPOTrainer, RLOOConfig, RLOOTrainer  # noqa: E402

disable_progress_bars()
PACKAGES = ("trl", "transformers", "accelerate", "datasets")
LEARNERS = {
    "RLOO": (RLOOTrainer, RLOOConfig, {}),
    "GRPO": (GRPOTrainer, GRPOConfig, {"loss_type": "grpo", "scale_rewards": "group"}),
}
"""By the rule's name: TRL's trainer, its settings, and which of them make it that rule."""


def network(ours: Trainer) -> GPT2LMHeadModel:
    """Return GPT-2 with the sizes and the weights of our policy."""
    policy, config = ours.policy, ours.config
    theirs = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=TOKENS,
            n_positions=policy.places + 1,  # TRL reads the last token too, and drops what follows
            n_embd=config.width,
            n_layer=config.layers,
            n_head=config.heads,
            activation_function="gelu_new",
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            tie_word_embeddings=False,
            bos_token_id=END,
            eos_token_id=END,
            pad_token_id=END,
        )
    )
    weights = policy.weights()
    state = {
        "transformer.wte.weight": weights["token"],
        "transformer.wpe.weight": functional.pad(weights["place"], (0, 0, 0, 1)),
        "transformer.ln_f.weight": weights["norm.scale"],
        "transformer.ln_f.bias": weights["norm.shift"],
        "lm_head.weight": weights["head"].T,
    }
    parts = {"norm1": "ln_1", "norm2": "ln_2", "qkv": "attn.c_attn", "out": "attn.c_proj"}
    parts |= {"up": "mlp.c_fc", "down": "mlp.c_proj"}
    names = {"scale": "weight", "shift": "bias", "weight": "weight", "bias": "bias"}
    for name, value in weights.items():
        if name[0].isdigit():
            layer, part, kind = name.split(".")
            state[f"transformer.h.{layer}.{parts[part]}.{names[kind]}"] = value
    theirs.load_state_dict(state)
    tokens = torch.from_numpy(np.random.default_rng(0).integers(TOKENS, size=(4, policy.places)))
    torch.testing.assert_close(theirs(tokens).logits, policy(tokens), rtol=0, atol=1e-4)
    return theirs


def tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of eleven words, with our numbers."""
    words = {**{str(digit): digit for digit in range(10)}, "<end>": END}
    backend = Tokenizer(models.WordLevel(words, unk_token="<end>"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    names = dict(eos_token="<end>", pad_token="<end>", unk_token="<end>")
    return PreTrainedTokenizerFast(tokenizer_object=backend, padding_side="left", **names)


def prompts_of(config: Config, updates: int) -> list[dict]:
    """Return the prompts of our first updates, as text, in order."""
    task, rows = TASKS[config.task], []
    for update in range(1, updates + 1):
        drawn = task.prompts(config.prompts, np.random.default_rng((config.seed, update)))
        rows += [{"prompt": " ".join(map(str, row))} for row in drawn.tolist()]
    return rows


@dataclass
class Watch(TrainerCallback):
    """Pays for completions, keeps the share of exact ones, and stops the run at the threshold."""

    config: Config
    exact: list

    def pay(self, prompts: list[str], completion_ids: list[list[int]], **_) -> list[float]:
        """Return the rewards of a batch."""
        task = TASKS[self.config.task]
        given = np.array([[int(word) for word in prompt.split()] for prompt in prompts])
        lengths = np.array([[len(ids)] for ids in completion_ids])
        padded = [[[*ids, *[END] * (task.longest - len(ids))]] for ids in completion_ids]
        rewards = task.reward(given, np.array(padded), lengths)[:, 0]
        self.exact.append(float((rewards == 1).mean()))
        return rewards.tolist()

    @property
    def recent(self) -> float:
        """The share of exact ones among the last 1,000 answers, as our trainer takes it."""
        size = self.config.prompts * self.config.answers
        return float(np.mean(self.exact[-math.ceil(RECENT / size) :]))

    @property
    def solved(self) -> bool:
        """Whether enough answers reach the threshold."""
        size = self.config.prompts * self.config.answers
        return len(self.exact) * size >= RECENT and self.recent >= self.config.threshold

    def on_step_end(self, args, state, control, **_) -> None:
        """Stop if it is solved."""
        control.should_training_stop = self.solved


def learn(config: Config) -> dict:
    """Train until the threshold or our limit; return seconds, answers drawn, whether it is solved.

    The seconds are process time from making the trainer on, without our first weights.
    """
    ours, size = Trainer(config), config.prompts * config.answers
    updates = math.ceil(config.max_answers / size)
    start = time.process_time()
    learner, settings, rule = LEARNERS[config.rule]
    watch = Watch(config, [])
    with tempfile.TemporaryDirectory() as folder:
        args = settings(
            output_dir=folder,
            seed=config.seed,
            per_device_train_batch_size=size,
            num_generations=config.answers,
            max_completion_length=TASKS[config.task].longest,
            max_steps=updates,
            learning_rate=config.learning_rate,
            lr_scheduler_type="constant",
            max_grad_norm=0.0,
            beta=0.0,
            shuffle_dataset=False,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to="none",
            logging_strategy="no",
            save_strategy="no",
            disable_tqdm=True,
            **rule,
        )
        trainer = learner(
            network(ours),
            reward_funcs=watch.pay,
            args=args,
            train_dataset=Dataset.from_list(prompts_of(config, updates)),
            processing_class=tokenizer(),
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return {
        "seconds": time.process_time() - start,
        "answers": len(watch.exact) * size,
        "solved": watch.solved,
        "recent_exact": watch.recent,
    }
