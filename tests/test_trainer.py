"""The loop: gradients by hand, exact continuation, interrupts, NaNs, bad settings."""

import dataclasses

import numpy as np
import pytest
import torch
from pgbook import trainer as trainer_module
from pgbook.rollout import collect
from pgbook.trainer import Config, Trainer, TrainingStopped
from toy_envs import Bandit, Script, Target, registered

SMALL = Config(episodes=4, hidden=(8,), learning_rate=0.02, observation_scale=(2, 2, 0.2, 2))


def weights(trainer):
    return torch.cat([p.detach().flatten() for p in trainer.policy.parameters()]).numpy().copy()


def run(trainer, updates):
    for progress in trainer:
        if progress.update == updates:
            break
    return trainer


def test_the_gradient_is_the_one_of_equation_6_3():
    """-(1/N) Σ_i Σ_t ∇log π R(τ), summed in a loop over episodes and steps, on a linear policy."""
    trainer = Trainer(dataclasses.replace(SMALL, hidden=()))
    rollout = collect(trainer.envs, trainer.policy.actor(), np.random.default_rng((0, 1)))
    expected_w, expected_b, loss = np.zeros((4, 2)), np.zeros(2), 0.0
    for i in range(4):
        for t in range(rollout.lengths[i]):
            x = rollout.observations[i, t] / np.array([2, 2, 0.2, 2])
            score = np.eye(2)[rollout.actions[i, t]] - 0.5  # a fresh policy is uniform
            expected_w -= np.outer(x, score) * rollout.lengths[i] / 4
            expected_b -= score * rollout.lengths[i] / 4
            loss -= np.log(0.5) * rollout.lengths[i] / 4
    progress = trainer.step()
    gradient = [layer.grad.numpy() for layer in trainer.policy.layers]
    np.testing.assert_allclose(gradient[0], expected_w, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(gradient[1], expected_b, rtol=1e-4, atol=1e-4)
    assert progress.loss == pytest.approx(loss, rel=1e-5)
    norm = np.sqrt((expected_w**2).sum() + (expected_b**2).sum())
    assert progress.gradient_norm == pytest.approx(norm, rel=1e-4)
    # Adam's first step is the learning rate times the sign of the gradient
    step = trainer.policy.layers[1].detach().numpy()
    np.testing.assert_allclose(step, -0.02 * np.sign(expected_b), rtol=1e-4)


def test_progress_counts_what_happened():
    lines = [(3, True, False), (1, True, False)]
    with registered(Script, lines=lines, shared={"next": 0}) as env_id:
        trainer = Trainer(Config(env_id=env_id, episodes=2))
        first = trainer.step()
        assert (first.update, first.episodes) == (1, 2)
        assert (first.env_steps, first.discarded_steps) == (4, 2)
        assert first.returns == (3.0, 10.0) and first.mean_return == first.mean_100 == 6.5
        assert trainer.records == [first]


def test_mean_100_is_the_last_100_episodes():
    trainer = run(Trainer(dataclasses.replace(SMALL, episodes=30)), 5)
    returns = [r for record in trainer.records for r in record.returns]
    for record in trainer.records:
        assert record.mean_100 == pytest.approx(np.mean(returns[: record.episodes][-100:]))
    assert trainer.records[-1].episodes == 150


def test_training_stops_at_the_threshold_but_not_before_100_episodes():
    with registered(Bandit, reward=0.0) as env_id:
        trainer = Trainer(Config(env_id=env_id, episodes=30, threshold=0.0))
        assert [p.episodes for p in trainer] == [30, 60, 90, 120]
        assert trainer.solved and list(trainer) == []


def test_training_stops_at_the_step_limit():
    with registered(Bandit) as env_id:
        trainer = Trainer(Config(env_id=env_id, episodes=4, max_env_steps=10))
        assert [p.env_steps for p in trainer] == [4, 8, 12]


def test_repetition_is_exact_and_seeds_differ():
    one, same = (run(Trainer(SMALL), 5) for _ in range(2))
    other = run(Trainer(dataclasses.replace(SMALL, seed=1)), 5)
    assert np.array_equal(weights(one), weights(same)) and one.records == same.records
    assert not np.array_equal(weights(one), weights(other))


@pytest.mark.parametrize("psi", ["total_return", "reward_to_go", "leave_one_out"])
def test_a_checkpoint_continues_bit_for_bit(tmp_path, psi):
    config = dataclasses.replace(SMALL, psi=psi)
    whole = run(Trainer(config), 8)
    run(Trainer(config), 3).save(tmp_path / "checkpoint.pt")
    resumed = Trainer.load(tmp_path / "checkpoint.pt")
    assert resumed.config == config and len(resumed.records) == 3
    run(resumed, 8)
    assert np.array_equal(weights(whole), weights(resumed)) and whole.records == resumed.records


def test_a_broken_off_loop_goes_on_as_if_nothing_had_happened():
    whole, broken = run(Trainer(SMALL), 6), run(Trainer(SMALL), 2)
    assert np.array_equal(weights(run(broken, 6)), weights(whole))


@pytest.mark.parametrize("where", ["collect", "_progress"])
def test_an_interrupt_keeps_the_last_finished_update(monkeypatch, where):
    """Before the step of the optimiser and after it."""
    trainer = run(Trainer(SMALL), 3)
    before, records = weights(trainer), list(trainer.records)

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer_module if where == "collect" else Trainer, where, interrupt)
        with pytest.raises(KeyboardInterrupt):
            run(trainer, 6)
    assert np.array_equal(weights(trainer), before) and trainer.records == records
    assert np.array_equal(weights(run(trainer, 6)), weights(run(Trainer(SMALL), 6)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_reward_that_is_not_finite_stops_training(bad):
    with registered(Bandit, good=5, then=bad) as env_id:
        trainer = run(Trainer(Config(env_id=env_id, episodes=3)), 5)
        before = weights(trainer)
        with pytest.raises(TrainingStopped, match=f"expected finite rewards, got {bad}.*update 5"):
            run(trainer, 9)
    assert np.array_equal(weights(trainer), before) and len(trainer.records) == 5


@pytest.mark.parametrize(("what", "reward"), [("loss", 1e308), ("gradient", 1e40)])
def test_a_loss_or_gradient_that_is_not_finite_stops_training(what, reward):
    """The sum of 1e308 over the batch overflows float64; 1e40 overflows the float32 gradient."""
    with registered(Bandit, reward=reward) as env_id:
        trainer = Trainer(Config(env_id=env_id, episodes=50))
        before = weights(trainer)
        with pytest.raises(TrainingStopped, match=f"expected finite {what}.*update 0"):
            trainer.step()
    assert trainer.records == [] and np.array_equal(weights(trainer), before)


@torch.no_grad()
def overflow(layer):
    layer.fill_(np.inf)


def test_weights_that_overflow_stop_training(monkeypatch):
    with registered(Bandit) as env_id:
        trainer = run(Trainer(Config(env_id=env_id, episodes=5)), 2)
        before = weights(trainer)
        monkeypatch.setattr(trainer.optimizer, "step", lambda: overflow(trainer.policy.layers[0]))
        with pytest.raises(TrainingStopped, match="expected finite weights, got inf.*update 2"):
            trainer.step()
    assert np.array_equal(weights(trainer), before)


def test_it_learns_to_choose_and_to_aim():
    with registered(Bandit) as env_id:
        trainer = run(Trainer(Config(env_id=env_id, episodes=16, learning_rate=0.05)), 40)
    assert trainer.policy.probabilities(np.ones((1, 1)))[0, 1] > 0.95
    with registered(Target) as env_id:
        config = Config(env_id=env_id, episodes=64, psi="leave_one_out", learning_rate=0.05)
        trainer = run(Trainer(config), 60)
    assert trainer.policy.log_std.item() < -1 and trainer.records[-1].mean_return > -0.3


def test_it_learns_cartpole():
    config = dataclasses.replace(
        SMALL, episodes=32, hidden=(32,), psi="reward_to_go_minus_mean", threshold=475.0
    )
    trainer = Trainer(config)
    assert [p.mean_100 for p in trainer][-1] >= 475 and trainer.solved
    assert trainer.records[-1].env_steps < 250_000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"learning_rate": 0.0}, r"learning_rate: expected a number in \[1e-30, 1e\+30\], got 0.0"),
        (
            {"learning_rate": -1.0},
            r"learning_rate: expected a number in \[1e-30, 1e\+30\], got -1.0",
        ),
        ({"learning_rate": float("nan")}, "learning_rate: expected .* got nan"),
        ({"env_id": "CartPol-v1"}, "env_id: expected a registered .* got 'CartPol-v1'"),
        ({"episodes": 0}, "episodes: expected a whole number >= 1, got 0"),
        ({"episodes": 2.5}, "episodes: expected a whole number >= 1, got 2.5"),
        ({"seed": -1}, "seed: expected a whole number >= 0, got -1"),
        ({"psi": "advantage"}, "psi: expected one of total_return, .* got 'advantage'"),
        ({"gamma": 1.01}, "gamma: expected a number in .* got 1.01"),
        ({"hidden": (0,)}, "hidden: expected a whole number >= 1, got 0"),
        (
            {"observation_scale": (1.0, 0.0)},
            r"observation_scale: expected a number in \[1e-30, 1e\+30\], got 0.0",
        ),
        ({"max_env_steps": 0}, "max_env_steps: expected a whole number >= 1, got 0"),
        ({"hidden": 32}, "hidden: expected a tuple, got 32"),
        ({"hidden": [32]}, r"hidden: expected a tuple, got \[32\]"),
        ({"observation_scale": 3.0}, "observation_scale: expected a tuple, got 3.0"),
        ({"threshold": float("nan")}, "threshold: expected a number in .*, got nan"),
        (
            {"learning_rate": "0.1"},
            r"learning_rate: expected a number in \[1e-30, 1e\+30\], got '0.1'",
        ),
        ({"gamma": None}, "gamma: expected a number in .* got None"),
        ({"episodes": True}, "episodes: expected a whole number >= 1, got True"),
        ({"env_id": None}, "env_id: expected a registered .* got None"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Config(**settings)


def test_spaces_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="observation_scale: expected shape \\(4,\\), got"):
        Trainer(Config(observation_scale=(1.0, 2.0)))
