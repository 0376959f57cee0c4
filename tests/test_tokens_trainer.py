"""Training on answers: the step is the rule's, to the weight; every habit of the trainers' loop."""

import copy
import dataclasses
import math

import numpy as np
import pytest
import torch
from pgbook import trainer as episodes
from pgbook.tokens import trainer as trainer_module
from pgbook.tokens.groups import RULES, group_weights
from pgbook.tokens.tasks import END, TASKS
from pgbook.tokens.trainer import Config, Progress, Trainer, TrainingStopped

SMALL = {"prompts": 4, "answers": 4, "width": 8, "layers": 1}


def made(**settings):
    return Trainer(Config(**{**SMALL, **settings}))


def batch_of(trainer, update):
    """What the trainer's next update draws: it is a function of the seed and of theta."""
    config, task = trainer.config, trainer.task
    rng = np.random.default_rng((config.seed, update))
    prompts = task.prompts(config.prompts, rng)
    answers, lengths = trainer.policy.sample(prompts, config.answers, task.longest, rng)
    return prompts, answers, lengths, task.reward(prompts, answers, lengths)


def score(policy, prompt, answer):
    """The slope of log p(answer), from the logits of the whole text, without a cache or padding."""
    text = torch.tensor([[*prompt, *answer]])
    log_policy = policy(text[:, :-1]).log_softmax(-1)[0, len(prompt) - 1 :]
    total = log_policy[range(len(answer)), list(answer)].sum()
    return torch.autograd.grad(total, policy.theta)[0]


# --- the step ------------------------------------------------------------------------------------


def small_digits(prompts, answers, mask):
    """A reward that beginners earn too: the share of an answer's digits that are small."""
    return ((answers < 4) & mask).sum(-1) / mask.sum(-1)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("task", ["sum", "reverse"])
def test_the_step_is_the_scores_of_answers_weighed_by_the_rule(rule, task):
    trainer = made(rule=rule, task=task, seed=3)
    trainer.task = dataclasses.replace(trainer.task, pays=small_digits)
    trainer.policy.double()
    for update in (1, 2):
        before = copy.deepcopy(trainer.policy)
        prompts, answers, lengths, rewards = batch_of(trainer, update)
        weights = group_weights(rewards, lengths, **RULES[rule])
        gradient = torch.zeros_like(before.theta)
        for p, k in np.ndindex(rewards.shape):
            answer = answers[p, k, : lengths[p, k]].tolist()
            gradient -= weights[p, k] * score(before, prompts[p].tolist(), answer)
        record = trainer.step()
        torch.testing.assert_close(trainer.policy.theta.grad, gradient, rtol=0, atol=1e-12)
        assert abs(record.gradient_norm - gradient.norm().item()) < 1e-9
        assert record.gradient_norm > 0.1 and len(set(lengths.flat)) > 1


def test_the_weights_move_by_adams_step():
    trainer = made(learning_rate=0.01)
    trainer.policy.double()
    theta = trainer.policy.theta.detach().clone()
    trainer.step()
    slope = trainer.policy.theta.grad
    expected = theta - 0.01 * slope / (slope.abs() + 1e-8)  # the first step of Adam
    torch.testing.assert_close(trainer.policy.theta.detach(), expected, rtol=0, atol=1e-9)


def test_a_record_says_what_the_batch_was():
    trainer, drawn, tokens, exact = made(task="sum", seed=1), 0, 0, []
    for update in range(1, 4):
        policy = copy.deepcopy(trainer.policy)
        prompts, answers, lengths, rewards = batch_of(trainer, update)
        record = trainer.step()
        drawn, tokens = drawn + 16, tokens + lengths.sum()
        exact.append((rewards == 1).mean())
        assert (record.update, record.answers, record.tokens) == (update, drawn, tokens)
        assert record.mean_reward == rewards.mean() and record.exact == exact[-1]
        assert record.length == lengths.mean()
        assert math.isclose(record.recent_exact, np.mean(exact))
        assert math.isclose(record.wrong_length, lengths[rewards < 1].mean())
        assert record.level == np.mean([len(set(row)) == 1 for row in rewards.tolist()])
        log_prob = policy.log_prob(prompts, answers).detach().numpy()
        mask = np.arange(answers.shape[2]) < lengths[..., None]
        assert math.isclose(record.surprise, -(log_prob * mask).sum(-1).mean(), rel_tol=1e-5)
    assert trainer.records[-1] == record and len(trainer.records) == 3


def test_only_the_last_thousand_answers_are_recent(monkeypatch):
    trainer = made(prompts=50, answers=8, max_answers=10_000)  # two updates more than they fill
    shares = iter([1, 0, 0.5, 1, 0])
    monkeypatch.setattr(
        trainer_module.TASKS["reverse"].__class__,
        "reward",
        lambda self, prompts, answers, lengths: np.where(
            np.arange(lengths.size).reshape(lengths.shape) < next(shares) * lengths.size, 1.0, 0.0
        ),
    )
    found = [trainer.step().recent_exact for _ in range(5)]
    assert found == pytest.approx([1, 1 / 2, 1 / 2, 1 / 2, 1 / 2])


def test_all_right_has_no_wrong_length(monkeypatch):
    monkeypatch.setattr(
        trainer_module.TASKS["sum"].__class__,
        "reward",
        lambda self, prompts, answers, lengths: np.ones(lengths.shape),
    )
    record = made(task="sum").step()
    assert record.wrong_length is None and record.level == 1 and record.gradient_norm == 0


# --- it learns, and stops -----------------------------------------------------------------------


def test_it_learns_to_reverse_and_stops_at_the_threshold():
    trainer = Trainer(Config(threshold=0.9))
    updates = [record.update for record in trainer]
    assert trainer.solved and updates == list(range(1, len(updates) + 1))
    last = trainer.records[-1]
    assert last.recent_exact >= 0.9 and all(r.recent_exact < 0.9 for r in trainer.records[7:-1])
    prompts = TASKS["reverse"].every_prompt()
    answers, _ = trainer.policy.sample(prompts, 1, 4, np.random.default_rng(0))
    right = (answers[:, 0, :3] == prompts[:, ::-1]).all(1) & (answers[:, 0, 3] == END)
    assert right.mean() > 0.8


def test_a_threshold_wants_a_thousand_answers():
    trainer = made(threshold=0.0, max_answers=5000)
    assert [r.answers for r in trainer][-1] == 1008  # 16 an update


def test_no_update_starts_behind_the_limit():
    trainer = made(max_answers=33)
    assert [r.answers for r in trainer] == [16, 32, 48] and not trainer.solved
    assert list(trainer) == [] and trainer.step().update == 4


# --- the habits ---------------------------------------------------------------------------------


def same(one, other):
    """Whether two trainers know the same, bit for bit."""
    mine, theirs = one.optimizer.state_dict()["state"], other.optimizer.state_dict()["state"]
    moments = [(mine[0][key], theirs[0][key]) for key in mine.get(0, {})]
    pairs = [(one.policy.theta, other.policy.theta), *moments]
    return one.records == other.records and all(torch.equal(a, b) for a, b in pairs)


def test_the_same_config_is_the_same_run_and_another_seed_another():
    one, other, third = made(seed=4), made(seed=4), made(seed=5)
    for trainer in (one, other, third):
        for _ in range(3):
            trainer.step()
    assert same(one, other) and not torch.equal(one.policy.theta, third.policy.theta)


def test_a_checkpoint_goes_on_bit_for_bit(tmp_path):
    trainer = made(rule="GRPO", task="sum")
    for _ in range(3):
        trainer.step()
    trainer.save(tmp_path / "file.pt")
    again = Trainer.load(tmp_path / "file.pt")
    assert again.config == trainer.config and same(again, trainer)
    for each in (trainer, again):
        each.step()
    assert same(again, trainer) and len(again.records) == 4


def test_each_trainer_refuses_the_others_checkpoint(tmp_path):
    made().save(tmp_path / "answers.pt")
    with pytest.raises(ValueError, match=r"answers.pt: expected a checkpoint that fits"):
        episodes.Trainer.load(tmp_path / "answers.pt")
    episodes.Trainer(episodes.Config(episodes=2)).save(tmp_path / "episodes.pt")
    with pytest.raises(ValueError, match=r"episodes.pt: expected a checkpoint that fits"):
        Trainer.load(tmp_path / "episodes.pt")


@pytest.mark.parametrize("where", ["sample", "log_prob"])
def test_an_interrupt_undoes_the_whole_update(monkeypatch, where):
    trainer, calm = made(), made()
    for each in (trainer, calm):
        each.step()

    def interrupted(*_):
        trainer.policy.theta.data += 1  # whatever was half done
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer.policy, where, interrupted)
        with pytest.raises(KeyboardInterrupt):
            trainer.step()
    assert same(trainer, calm)
    assert trainer.step() == calm.step() and same(trainer, calm)


def test_a_reward_that_is_not_finite_is_refused_and_undone(monkeypatch):
    trainer = made()
    trainer.step()
    before = trainer.policy.theta.detach().clone()
    monkeypatch.setattr(
        trainer_module.TASKS["reverse"].__class__,
        "reward",
        lambda self, prompts, answers, lengths: np.full(lengths.shape, np.nan),
    )
    with pytest.raises(TrainingStopped, match="update 2: expected finite rewards, got nan"):
        trainer.step()
    assert torch.equal(trainer.policy.theta, before) and len(trainer.records) == 1


def test_weights_that_are_not_finite_stop_training():
    trainer = made(learning_rate=1e30, task="sum", seed=1, rule="REINFORCE")
    with pytest.raises(TrainingStopped, match=r"expected finite .*, that of update \d+"):
        for _ in range(20):
            trainer.step()
    assert torch.isfinite(trainer.policy.theta).all()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"task": "copy"}, "task: expected one of reverse, .*, got 'copy'"),
        ({"rule": "PPO"}, "rule: expected one of REINFORCE, .*, got 'PPO'"),
        ({"seed": -1}, "seed: expected a whole number >= 0, got -1"),
        ({"prompts": 0}, "prompts: expected a whole number >= 1, got 0"),
        ({"answers": 2.5}, "answers: expected a whole number >= 1, got 2.5"),
        ({"answers": 1}, "answers: expected at least 2 with rule='RLOO'"),
        ({"learning_rate": 0}, "learning_rate: expected a number"),
        ({"learning_rate": math.nan}, "learning_rate: expected a number"),
        ({"scale": -0.1}, "scale: expected a number"),
        ({"width": True}, "width: expected a whole number"),
        ({"max_answers": 0}, "max_answers: expected a whole number >= 1"),
        ({"threshold": 1.5}, "threshold: expected a number"),
    ],
)
def test_bad_settings_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        Config(**settings)


def test_what_is_no_config_and_heads_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="config: expected a Config, got 3"):
        Trainer(3)
    with pytest.raises(ValueError, match="width: expected a multiple of 2 heads, got 5"):
        Trainer(Config(width=5, heads=2))


def test_numbers_of_another_type_are_the_same_setting():
    one = Config(seed=np.int64(3), scale=np.float32(0.5), max_answers=1e4, learning_rate=1)
    assert one == Config(seed=3, scale=0.5, max_answers=10_000, learning_rate=1.0)
    assert type(one.seed) is type(one.max_answers) is int and type(one.learning_rate) is float


def test_a_rule_that_compares_nothing_takes_one_answer():
    assert made(rule="REINFORCE", answers=1, prompts=8).step().answers == 8


def test_records_are_frozen():
    assert {field.name for field in dataclasses.fields(Progress)} >= {"surprise", "level"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        made().step().loss = 0.0
