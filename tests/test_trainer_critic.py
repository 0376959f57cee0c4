"""The critic, the clip and the epochs: by hand, exactly repeatable, undone when interrupted."""

import copy
import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from pgbook.rollout import collect
from pgbook.trainer import Config, Trainer, TrainingStopped, policy_loss
from pgbook.weights import WEIGHTS, reward_to_go, standardise
from toy_envs import Bandit, Script, registered

SCALE = (2.0, 2.0, 0.2, 2.0)
ACTOR_CRITIC = Config(
    episodes=4, hidden=(8,), learning_rate=0.02, observation_scale=SCALE, psi="gae", lam=0.9
)
PPO = dataclasses.replace(ACTOR_CRITIC, clip=0.2, epochs=4, standardise=True)
# Episodes that end and episodes that are cut off, of different lengths.
LINES = [(3, True, False), (2, False, True), (1, True, False), (4, False, True)]


def weights(trainer):
    parts = [trainer.policy, trainer.critic] if trainer.critic else [trainer.policy]
    return np.concatenate([p.detach().numpy().ravel() for m in parts for p in m.parameters()])


def steps(trainer, count):
    for _ in range(count):
        trainer.step()
    return trainer


def by_torch(module, observations):
    with torch.no_grad():
        return module(torch.from_numpy(observations)).numpy()


@pytest.mark.parametrize("standard", [False, True])
@pytest.mark.parametrize(
    ("psi", "own"), [("gae", {"lam": 0.0}), ("gae", {"lam": 0.8}), ("n_step", {"n": 2})]
)
def test_psi_is_the_weight_on_the_critic_before_its_fit(psi, own, standard):
    """The third update's gradient of the last bias, added up by hand; some episodes are cut off."""
    with registered(Script, lines=LINES, shared={"next": 0}) as env_id:
        trainer = steps(
            Trainer(
                Config(env_id=env_id, episodes=4, psi=psi, gamma=0.9, standardise=standard, **own)
            ),
            2,
        )
        rollout = collect(trainer.envs, trainer.policy.actor(), np.random.default_rng((0, 3)))
        assert rollout.terminated.any() and rollout.truncated.any()
        values = by_torch(trainer.critic, rollout.observations)
        critic = {"values": values, "terminated": rollout.terminated}
        weight = WEIGHTS[psi](rollout.rewards, rollout.mask, gamma=0.9, **own, **critic)
        weight = standardise(weight, rollout.mask) if standard else weight
        score = np.eye(3)[rollout.actions] - trainer.policy.probabilities(
            rollout.observations[:, :-1]
        )
        expected = -np.einsum("nt,nta->a", weight, score) / 4
        trainer.step()
    np.testing.assert_allclose(
        trainer.policy.layers[-1].grad.numpy(), expected, rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("lam", [0.0, 0.8, 1.0])
def test_the_critic_takes_least_squares_steps_towards_psi_plus_v(lam):
    config = dataclasses.replace(ACTOR_CRITIC, lam=lam, gamma=0.9, critic_epochs=3)
    trainer = steps(Trainer(config), 2)
    mine = copy.deepcopy(trainer.critic)
    adam = torch.optim.Adam(mine.parameters(), lr=config.critic_learning_rate)
    adam.load_state_dict(copy.deepcopy(trainer.critic_optimizer.state_dict()))
    adam.param_groups[0]["lr"] = config.critic_learning_rate  # else the trainer's came along
    rollout = collect(trainer.envs, trainer.policy.actor(), np.random.default_rng((0, 3)))
    values = by_torch(mine, rollout.observations)
    psi = WEIGHTS["gae"](
        rollout.rewards, rollout.mask, gamma=0.9, lam=lam, values=values,
        terminated=rollout.terminated,
    )  # fmt: skip
    x = torch.from_numpy(rollout.observations[:, :-1][rollout.mask])
    target = torch.from_numpy((psi + values[:, :-1])[rollout.mask])
    losses = []
    for _ in range(3):
        losses.append((mine(x) - target).square().mean())
        adam.zero_grad()
        losses[-1].backward()
        adam.step()
    assert trainer.step().critic_loss == pytest.approx(losses[0].item(), rel=1e-6)
    for ours, theirs in zip(mine.parameters(), trainer.critic.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("cut_off", "expected"), [(True, 10.0), (False, 3.439)])
def test_the_critic_learns_what_a_step_is_worth(cut_off, expected):
    """1 a step for 4 steps, γ = 0.9. Cut off, it goes on for ever: 1/(1-γ), not 1+γ+γ²+γ³."""
    with registered(Steady, cut_off=cut_off) as env_id:
        config = Config(
            env_id=env_id, episodes=1, psi="gae", lam=0.5, gamma=0.9, hidden=(8,),
            critic_learning_rate=0.05, critic_epochs=20,
        )  # fmt: skip
        trainer = steps(Trainer(config), 40)
        value = by_torch(trainer.critic, np.zeros((1, 2), dtype=np.float32)).item()
    assert value == pytest.approx(expected, rel=0.05)


class Steady(Script):
    """Episodes of 4 steps that pay 1 each; the observation tells the step, unless cut off."""

    def __init__(self, cut_off):
        """Say how they end."""
        super().__init__([(4, not cut_off, cut_off)], {"next": 0})
        self.blind = cut_off

    def step(self, action):
        """Take one step."""
        observation, _, *rest = super().step(action)
        return observation, 1.0, *rest

    def _observe(self):
        return np.array([0, 0 if self.blind else self.t], dtype=np.float32)


def test_a_fresh_critic_has_the_units_of_the_first_returns():
    trainer = Trainer(dataclasses.replace(ACTOR_CRITIC, gamma=0.9))
    assert by_torch(trainer.critic, np.ones((3, 4), dtype=np.float32)).tolist() == [0, 0, 0]
    rollout = collect(trainer.envs, trainer.policy.actor(), np.random.default_rng((0, 1)))
    returns = reward_to_go(rollout.rewards, rollout.mask, gamma=0.9)[rollout.mask]
    steps(trainer, 1)
    units = trainer.critic.centre.item(), trainer.critic.spread.item()
    assert units == pytest.approx((returns.mean(), returns.std()))
    steps(trainer, 1)
    assert (trainer.critic.centre.item(), trainer.critic.spread.item()) == units


def test_without_a_critic_there_is_none():
    trainer = steps(Trainer(dataclasses.replace(ACTOR_CRITIC, psi="reward_to_go")), 1)
    assert trainer.critic is None and trainer.records[0].critic_loss is None


def test_a_critic_does_not_change_the_first_weights_of_the_policy():
    one, other = (Trainer(dataclasses.replace(ACTOR_CRITIC, psi=psi)) for psi in ("gae", "n_step"))
    plain = Trainer(dataclasses.replace(ACTOR_CRITIC, psi="reward_to_go"))
    for ours, theirs in zip(one.policy.parameters(), plain.policy.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert np.array_equal(weights(one), weights(other))


def by_hand(ratio, psi, clip):
    """PPO's term for one step."""
    return min(ratio * psi, min(max(ratio, 1 - clip), 1 + clip) * psi)


@pytest.mark.parametrize(
    ("ratio", "psi", "value", "slope"),
    [
        (0.5, 1.0, 0.5, 1.0),  # a good action became rarer: pull it back
        (1.0, 1.0, 1.0, 1.0),
        (1.5, 1.0, 1.2, 0.0),  # it is 1.5 times as likely: enough
        (0.5, -1.0, -0.8, 0.0),  # a bad action is rare already: enough
        (1.0, -1.0, -1.0, -1.0),
        (1.5, -1.0, -1.5, -1.0),  # a bad action became likelier: push it back
        (1.5, -2.0, -3.0, -2.0),
    ],
)
def test_the_clip_by_hand(ratio, psi, value, slope):
    """The objective and its slope in the ratio, for ε = 0.2."""
    old = torch.tensor([math.log(0.3)], dtype=torch.float64)
    log_prob = (old + math.log(ratio)).requires_grad_()
    loss = policy_loss(log_prob, torch.tensor([psi], dtype=torch.float64), 5, old, 0.2)
    assert loss.item() == pytest.approx(-value / 5) == pytest.approx(-by_hand(ratio, psi, 0.2) / 5)
    loss.backward()
    assert log_prob.grad.item() == pytest.approx(-slope * ratio / 5, abs=1e-12)


def test_at_the_first_epoch_the_clipped_gradient_is_the_policy_gradient():
    """Bit for bit: the ratio is 1 there and its slope is that of log π."""
    rng = np.random.default_rng(0)
    psi = torch.from_numpy(rng.normal(size=50))
    plain, clipped = (torch.from_numpy(rng.normal(size=50)) for _ in range(2))
    clipped = plain.clone().requires_grad_()
    plain.requires_grad_()
    policy_loss(plain, psi, 7).backward()
    loss = policy_loss(clipped, psi, 7, clipped.detach(), 0.1)
    loss.backward()
    assert torch.equal(plain.grad, clipped.grad)
    assert loss.item() == pytest.approx(-psi.sum().item() / 7)  # every ratio is 1


@pytest.mark.parametrize("psi", ["reward_to_go_minus_mean", "gae"])
def test_one_epoch_of_ppo_is_the_policy_gradient_bit_for_bit(psi):
    base = dataclasses.replace(ACTOR_CRITIC, psi=psi)
    one, other = (steps(Trainer(dataclasses.replace(base, clip=clip)), 4) for clip in (None, 0.2))
    assert np.array_equal(weights(one), weights(other))


@pytest.mark.parametrize("clip", [0.05, math.inf])
def test_the_epochs_are_steps_down_the_clipped_loss_of_one_batch(clip):
    """Written out again: the old policy is the one that collected, at every epoch."""
    config = dataclasses.replace(ACTOR_CRITIC, psi="leave_one_out", clip=clip, epochs=3)
    trainer = steps(Trainer(config), 2)
    mine = copy.deepcopy(trainer.policy)
    adam = torch.optim.Adam(mine.parameters(), lr=config.learning_rate)
    adam.load_state_dict(copy.deepcopy(trainer.optimizer.state_dict()))
    adam.param_groups[0]["lr"] = config.learning_rate  # else the trainer's came along
    rollout = collect(trainer.envs, trainer.policy.actor(), np.random.default_rng((0, 3)))
    psi = WEIGHTS["leave_one_out"](rollout.rewards, rollout.mask)[rollout.mask]
    x = torch.from_numpy(rollout.observations[:, :-1][rollout.mask])
    a = torch.from_numpy(rollout.actions[rollout.mask])
    old, psi = mine.log_prob(x, a).detach(), torch.from_numpy(psi)
    beyond, norms = [], []
    for _ in range(3):
        ratio = (mine.log_prob(x, a) - old).exp()
        beyond.append(((ratio - 1).abs() > clip).double().mean().item())
        inside = torch.where(psi > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
        adam.zero_grad()
        (-(inside * psi).sum() / 4).backward()
        norms.append(torch.cat([p.grad.flatten() for p in mine.parameters()]).norm().item())
        adam.step()
    assert beyond[0] == 0 and (beyond[-1] > 0) == (clip < 1)  # the clip was at work
    record = trainer.step()
    for ours, theirs in zip(mine.parameters(), trainer.policy.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
    assert record.gradient_norm == pytest.approx(norms[0], rel=1e-4)  # the first epoch's


@pytest.mark.parametrize("config", [ACTOR_CRITIC, PPO], ids=["actor-critic", "ppo"])
def test_repetition_and_a_checkpoint_are_exact(tmp_path, config):
    whole, broken = steps(Trainer(config), 6), steps(Trainer(config), 2)
    broken.save(tmp_path / "checkpoint.pt")
    resumed = Trainer.load(tmp_path / "checkpoint.pt")
    assert resumed.config == config and np.array_equal(weights(resumed), weights(broken))
    for trainer in (resumed, broken):
        steps(trainer, 4)
        assert np.array_equal(weights(trainer), weights(whole))
        assert trainer.records == whole.records
    other = steps(Trainer(dataclasses.replace(config, seed=1)), 6)
    assert not np.array_equal(weights(other), weights(whole))


@pytest.mark.parametrize("at", ["weigh", "critic fit", "second epoch", "end"])
def test_an_interrupt_undoes_the_whole_update(monkeypatch, at):
    trainer = steps(Trainer(PPO), 2)
    before, records = weights(trainer), list(trainer.records)
    calls = {"critic fit": 3, "second epoch": PPO.critic_epochs + 2}

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    count, descend = itertools.count(1), trainer._descend

    def late(*args):
        return interrupt() if next(count) == calls[at] else descend(*args)

    with monkeypatch.context() as patch:
        if at in calls:
            patch.setattr(trainer, "_descend", late)
        else:
            patch.setattr(trainer, {"weigh": "_weigh", "end": "_progress"}[at], interrupt)
        with pytest.raises(KeyboardInterrupt):
            trainer.step()
    assert np.array_equal(weights(trainer), before) and trainer.records == records
    assert np.array_equal(weights(steps(trainer, 3)), weights(steps(Trainer(PPO), 5)))


def test_an_interrupt_of_the_first_update_gives_the_critic_its_units_back(monkeypatch):
    trainer = Trainer(PPO)
    monkeypatch.setattr(trainer, "_fit_critic", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        trainer.step()
    assert (trainer.critic.centre, trainer.critic.spread) == (0, 1)


@torch.no_grad()
def fill(module, value):
    module.layers[0].fill_(value)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_critic_that_is_not_finite_stops_training(value):
    trainer = steps(Trainer(PPO), 2)
    fill(trainer.critic, value)
    before = weights(trainer)
    with pytest.raises(
        TrainingStopped, match="finite critic's loss, got nan.*policy, that of update 2"
    ):
        trainer.step()
    assert np.array_equal(weights(trainer), before, equal_nan=True) and len(trainer.records) == 2


@pytest.mark.parametrize(("reward", "what"), [(1e30, "gradient"), (1e100, "loss")])
def test_returns_too_large_for_the_critic_stop_training(reward, what):
    """1e30 squared overflows the critic's float32 gradient; 1e100 is no float32 at all."""
    with registered(Bandit, reward=reward) as env_id:
        trainer = Trainer(Config(env_id=env_id, episodes=20, psi="gae"))
        before = weights(trainer)
        with pytest.raises(TrainingStopped, match=f"expected finite critic's {what}.*update 0"):
            trainer.step()
    assert np.array_equal(weights(trainer), before) and trainer.records == []


def test_the_critics_weights_that_overflow_stop_training(monkeypatch):
    trainer = steps(Trainer(ACTOR_CRITIC), 2)
    before = weights(trainer)
    monkeypatch.setattr(trainer.critic_optimizer, "step", lambda: fill(trainer.critic, np.inf))
    with pytest.raises(
        TrainingStopped, match="expected finite critic's weights, got inf.*update 2"
    ):
        trainer.step()
    assert np.array_equal(weights(trainer), before)


def test_ppo_learns_cartpole():
    config = Config(
        psi="gae", gamma=0.99, lam=0.95, clip=0.2, epochs=5, episodes=16, learning_rate=0.02,
        observation_scale=(2.4, 3.0, 0.21, 3.0), threshold=475.0, max_env_steps=250_000,
    )  # fmt: skip
    trainer = Trainer(config)
    for _ in trainer:
        pass
    assert trainer.solved


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lam": 1.5}, r"lam: expected a number in \[0, 1\], got 1.5"),
        ({"lam": math.nan}, "lam: expected .* got nan"),
        ({"n": 0}, "n: expected a whole number >= 1, got 0"),
        ({"epochs": 0}, "epochs: expected a whole number >= 1, got 0"),
        ({"critic_epochs": 2.0}, "critic_epochs: expected a whole number >= 1, got 2.0"),
        (
            {"critic_learning_rate": 0.0},
            r"critic_learning_rate: expected a number in \[1e-30, 1e\+30\]",
        ),
        ({"critic_learning_rate": math.inf}, "critic_learning_rate: expected .* got inf"),
        ({"clip": 0.0}, r"clip: expected a number in \[1e-30, 1e\+30\], got 0.0"),
        ({"clip": math.nan}, "clip: expected .* got nan"),
        ({"standardise": 1}, "standardise: expected True or False, got 1"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Config(**settings)
