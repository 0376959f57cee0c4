"""Every field of a record, added up again from the environments' own diary and by other routes."""

import copy
import dataclasses

import numpy as np
import pytest
import torch
from pgbook.rollout import collect
from pgbook.trainer import Config, Progress, Trainer
from toy_envs import Bandit, Diary, Script, registered

UPDATES = 45  # of 3 episodes: the window of 100 is full, and moves on
BASE = Config(episodes=3, hidden=(4,), learning_rate=0.03, gamma=0.9)
CASES = {
    "total return": {"psi": "total_return"},
    "leave one out": {"psi": "leave_one_out", "observation_scale": (8.0, 2.0)},
    "critic": {"psi": "gae", "lam": 0.7, "critic_epochs": 2, "observation_scale": (8.0, 2.0)},
}


def counted(page):
    """The episodes that `collect` began: it resets with a seed."""
    return [episode for episode in page if episode["seeded"]]


def weigh(rewards, psi):
    """Ψ of the three weights for one batch of reward lists, by sums of their own."""
    returns = [sum(0.9**k * r for k, r in enumerate(episode)) for episode in rewards]
    for i, episode in enumerate(rewards):
        others = [r for j, r in enumerate(returns) if j != i]
        shift = sum(others) / len(others) if psi == "leave_one_out" else 0.0
        yield [returns[i] - shift] * len(episode)


def advantages(critic, episode):
    """GAE of one episode as its double sum, and the critic's targets."""
    x = torch.tensor(np.array(episode["observations"]), dtype=torch.float32)
    values = critic(x).double().tolist()
    if episode["terminated"]:
        values[-1] = 0.0
    delta = [r + 0.9 * values[t + 1] - values[t] for t, r in enumerate(episode["rewards"])]
    steps = range(len(delta))
    psi = [sum((0.9 * 0.7) ** (k - t) * delta[k] for k in steps[t:]) for t in steps]
    return psi, [p + v for p, v in zip(psi, values, strict=False)]


def expected_loss(policy, episodes, psi):
    """-(1/N) Σ log π Ψ step by step, and the norm of its gradient."""
    loss = 0.0
    for episode, weights in zip(episodes, psi, strict=True):
        for x, a, w in zip(episode["observations"], episode["actions"], weights, strict=False):
            logits = policy(torch.tensor(x, dtype=torch.float32))
            loss = loss - (logits[a] - torch.logsumexp(logits, 0)) * w / len(episodes)
    gradient = torch.autograd.grad(loss, list(policy.parameters()))
    return loss.item(), torch.cat([g.flatten() for g in gradient]).norm().item()


@pytest.mark.parametrize("case", CASES)
def test_every_field_is_what_the_diary_says(case):
    diary, before = [], []
    with registered(lambda: Diary(diary)) as env_id:
        trainer = Trainer(dataclasses.replace(BASE, env_id=env_id, **CASES[case]))
        for _ in range(UPDATES):
            before.append(copy.deepcopy((trainer.policy, trainer.critic)))
            trainer.step()
        trainer.envs.close()
    batches = list(zip(*(counted(page) for page in diary), strict=True))
    assert len(batches) == UPDATES == len(trainer.records)
    returns, steps, discarded = [], 0, 0
    for number, (batch, record) in enumerate(zip(batches, trainer.records, strict=True), 1):
        lengths = [len(episode["rewards"]) for episode in batch]
        returns += [sum(episode["rewards"]) for episode in batch]
        steps, discarded = steps + sum(lengths), discarded + sum(max(lengths) - n for n in lengths)
        policy, critic = before[number - 1]
        assert (record.update, record.episodes) == (number, 3 * number)
        assert (record.env_steps, record.discarded_steps) == (steps, discarded)
        assert record.returns == pytest.approx(returns[-3:])
        assert record.mean_return == pytest.approx(sum(returns[-3:]) / 3)
        recent = returns[-100:]
        assert record.mean_100 == pytest.approx(sum(recent) / len(recent))
        assert record.taught_nothing is False
        if critic is None:
            psi = list(weigh([episode["rewards"] for episode in batch], trainer.config.psi))
            assert record.critic_loss is None
        elif number == 1:
            continue  # the units are set in between; the other 44 will do
        else:
            psi, targets = zip(*(advantages(critic, episode) for episode in batch), strict=True)
            seen = np.concatenate([episode["observations"][:-1] for episode in batch])
            values = critic(torch.tensor(seen, dtype=torch.float32)).tolist()
            gaps = np.concatenate(targets) - values
            assert record.critic_loss == pytest.approx((gaps**2).mean(), rel=1e-4)
        loss, norm = expected_loss(policy, batch, psi)
        assert record.loss == pytest.approx(loss, rel=1e-3, abs=1e-4)
        assert record.gradient_norm == pytest.approx(norm, rel=1e-3, abs=1e-4)


def test_the_diary_names_every_field_of_a_record():
    """A new field needs a line above."""
    names = {field.name for field in dataclasses.fields(Progress)}
    assert names == {
        *("update", "episodes", "env_steps", "discarded_steps", "returns", "mean_return"),
        *("mean_100", "loss", "gradient_norm", "critic_loss", "taught_nothing"),
    }


@pytest.mark.parametrize("case", CASES)
def test_dividing_the_observations_is_a_setting_or_an_environment(case):
    """Policy and critic, bit for bit: the divisors are powers of two."""
    found = []
    for factor, scale in ((1.0, None), (np.array([8.0, 0.5]), (8.0, 0.5))):
        with registered(lambda factor=factor: Diary([], factor)) as env_id:
            config = dataclasses.replace(BASE, env_id=env_id, **CASES[case])
            trainer = Trainer(dataclasses.replace(config, observation_scale=scale))
            for _ in range(5):
                trainer.step()
        parts = [trainer.policy, trainer.critic] if trainer.critic else [trainer.policy]
        found.append([p.tolist() for part in parts for p in part.parameters()])
        found[-1].append(trainer.records)
    assert found[0] == found[1]


def records_of(entry_point, updates=1, **settings):
    with registered(entry_point) as env_id:
        trainer = Trainer(Config(env_id=env_id, hidden=(), **settings))
        for _ in range(updates):
            trainer.step()
    return trainer.records


def test_a_batch_of_equal_rewards_taught_nothing():
    assert records_of(lambda: Bandit(reward=0.0), episodes=8)[0].taught_nothing
    assert not records_of(Bandit, episodes=8)[0].taught_nothing
    settings = {"episodes": 2, "max_env_steps": 1, "psi": "reward_to_go_minus_mean"}
    [record] = Trainer(Config(env_id="MountainCar-v0", **settings))
    assert record.taught_nothing and record.returns == (-200.0, -200.0)
    assert record.gradient_norm == 0


class Paid(Script):
    """Pays 1 at the steps of the line: (length, payday)."""

    def step(self, action):
        """Take one step."""
        length, payday = self.lines[self.line]
        reward, self.t = float(self.t == payday), self.t + 1
        return self._observe(), reward, self.t == length, False, {}


@pytest.mark.parametrize(
    ("lines", "gamma", "nothing"),
    [
        ([(3, 2), (3, 2)], 0.9, True),
        ([(3, 2), (4, 3)], 1.0, True),  # the same to come wherever both still run
        ([(3, 2), (4, 3)], 0.9, False),  # the sooner the better
        ([(3, 2), (3, 0)], 1.0, False),  # returns are equal, but step 1 had a difference to show
        ([(3, 9), (5, 9)], 0.9, True),  # never paid
        ([(3, 9), (5, 4)], 0.9, False),
        ([(3, 2)], 0.9, False),  # one alone: nobody to compare with
    ],
)
def test_taught_nothing_is_about_what_was_still_to_come(lines, gamma, nothing):
    shared = {"next": 0}
    settings = {"episodes": len(lines), "gamma": gamma}
    [record] = records_of(lambda: Paid(lines, shared), **settings)
    assert record.taught_nothing is nothing


@pytest.mark.parametrize("actions", [3, 0], ids=["discrete", "continuous"])
@pytest.mark.parametrize(
    "dtype", [np.float64, np.float16, np.int64, np.int8, np.uint16, np.float32]
)
def test_observations_of_any_dtype_are_the_same_numbers(dtype, actions):
    """Whole numbers from 0 to 20 are exact in all of them; actions may be float64 as well."""
    found = []
    for kind in (np.float32, dtype):

        def entry(kind=kind):
            return Diary([], dtype=kind, least=0, actions=actions)

        with registered(entry) as env_id:
            config = Config(env_id=env_id, episodes=3, psi="gae", hidden=(4,))
            trainer = Trainer(config)
            for _ in range(3):
                trainer.step()
            rollout = collect(trainer.envs, trainer.policy.greedy(), np.random.default_rng(0))
        assert rollout.observations.dtype == kind
        found.append((trainer.records, [p.tolist() for p in trainer.critic.parameters()]))
    assert found[0] == found[1]
