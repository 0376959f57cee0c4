"""What a `Config` says reaches the loss and the randomness."""

import numpy as np
import pytest
from pgbook import trainer as trainer_module
from pgbook.rollout import collect
from pgbook.trainer import Config, Trainer
from pgbook.weights import WEIGHTS


def linear(**settings):
    return Trainer(Config(episodes=4, hidden=(), **settings))


@pytest.mark.parametrize("gamma", [1.0, 0.9])
@pytest.mark.parametrize("psi", sorted(WEIGHTS))
def test_the_weight_and_the_discount_reach_the_gradient(psi, gamma):
    """The bias of a fresh linear policy: -(1/N) Σ_i Σ_t (1[a = a_t] - 1/2) Ψ_t."""
    trainer = linear(psi=psi, gamma=gamma)
    rollout = collect(trainer.envs, trainer.policy.actor(), np.random.default_rng((0, 1)))
    weight = WEIGHTS[psi](rollout.rewards, rollout.mask, gamma=gamma)
    expected = -np.einsum("nt,nta->a", weight, np.eye(2)[rollout.actions] - 0.5) / 4
    trainer.step()
    got = trainer.policy.layers[-1].grad.numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_every_update_and_every_seed_has_its_own_start_states(monkeypatch):
    starts = []

    def record(*args):
        starts.append(collect(*args).observations[:, 0].tobytes())
        return collect(*args)

    monkeypatch.setattr(trainer_module, "collect", record)
    for seed in range(2):
        trainer = linear(seed=seed)
        for _ in range(3):
            trainer.step()
    assert len(set(starts)) == 6


def test_the_seed_draws_the_first_weights():
    one, same, other = (
        Trainer(Config(episodes=1, seed=seed)).policy.layers[0].detach().numpy()
        for seed in (0, 0, 1)
    )
    assert np.array_equal(one, same) and not np.array_equal(one, other)
