"""The policies: closed forms, finite differences, and NumPy against torch."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Discrete, MultiBinary
from pgbook.mlp import CategoricalMLP, Critic, GaussianMLP, make_policy
from scipy import stats

SCALE = (2.0, 0.5, 3.0)


def randomised(policy, seed=1):
    """Give every parameter a value that is not 0, in place."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=parameter.shape) * 0.7))
    return policy


def categorical(hidden=(8, 5)):
    sizes = (3, *hidden, 4)
    return randomised(CategoricalMLP(sizes, rng=np.random.default_rng(0), scale=SCALE))


def gaussian():
    return randomised(GaussianMLP((3, 8, 2), rng=np.random.default_rng(0), scale=SCALE))


def observations(count=7):
    return np.random.default_rng(2).normal(size=(count, 3)).astype(np.float32)


@pytest.mark.parametrize("hidden", [(), (6,), (8, 5)])
def test_the_network_is_the_formula(hidden):
    policy, x = categorical(hidden), observations() / np.array(SCALE)
    arrays = [p.detach().numpy().astype(float) for p in policy.parameters()]
    for i in range(0, 2 * len(hidden), 2):
        x = np.tanh(np.einsum("nd,dk->nk", x, arrays[i]) + arrays[i + 1])
    expected = np.einsum("nd,dk->nk", x, arrays[-2]) + arrays[-1]
    got = policy(torch.from_numpy(observations())).detach().numpy()
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_numpy_acts_with_torch_probabilities():
    policy, x = categorical(), observations()
    for dtype in (np.float32, np.float64):
        with torch.no_grad():
            expected = torch.softmax(policy(torch.from_numpy(x)), dim=-1).numpy()
        np.testing.assert_allclose(policy.probabilities(x.astype(dtype)), expected, atol=1e-6)


def test_categorical_log_prob_is_the_closed_form():
    policy, x = categorical(), observations()
    actions = np.array([0, 1, 2, 3, 3, 2, 1])
    got = policy.log_prob(torch.from_numpy(x), torch.from_numpy(actions)).detach().numpy()
    expected = np.log(policy.probabilities(x)[np.arange(7), actions])
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_gaussian_log_prob_is_the_closed_form():
    policy, x = gaussian(), observations()
    actions = np.random.default_rng(3).normal(size=(7, 2)).astype(np.float32)
    got = policy.log_prob(torch.from_numpy(x), torch.from_numpy(actions)).detach().numpy()
    mean = policy.in_numpy()(x)
    std = policy.log_std.detach().exp().numpy()
    expected = stats.norm(mean, std).logpdf(actions).sum(axis=1)
    np.testing.assert_allclose(got, expected, rtol=1e-5)


@pytest.mark.parametrize("make", [categorical, gaussian])
def test_autograd_agrees_with_central_differences(make):
    policy, x = make().double(), torch.from_numpy(observations().astype(float))
    rng = np.random.default_rng(4)
    discrete = isinstance(policy, CategoricalMLP)
    actions = rng.integers(0, 4, 7) if discrete else rng.normal(size=(7, 2))
    actions = torch.from_numpy(actions)
    policy.log_prob(x, actions).sum().backward()
    for parameter in policy.parameters():
        flat, gradient = parameter.data.view(-1), parameter.grad.view(-1)
        for i in rng.integers(0, len(flat), 3):
            values, here = [], flat[i].item()
            for step in (1e-6, -1e-6):
                flat[i] = here + step
                values.append(policy.log_prob(x, actions).sum().item())
            flat[i] = here
            assert (values[0] - values[1]) / 2e-6 == pytest.approx(gradient[i].item(), abs=1e-6)


def test_actions_have_the_policy_frequencies():
    policy, x = categorical(), np.repeat(observations(1), 40_000, axis=0)
    actions = policy.actor()(x, np.random.default_rng(0))
    expected = policy.probabilities(x[:1])[0] * len(x)
    assert actions.shape == (40_000,)
    counts = np.bincount(actions, minlength=4)
    assert stats.chisquare(counts, expected, sum_check=False).pvalue > 1e-3


def test_gaussian_actions_have_the_policy_mean_and_spread():
    policy, x = gaussian(), np.repeat(observations(1), 40_000, axis=0)
    actions = policy.actor()(x, np.random.default_rng(0))
    std = policy.log_std.detach().exp().numpy()
    z = (actions.mean(axis=0) - policy.in_numpy()(x[:1])[0]) / std * 200
    assert np.abs(z).max() < 4 and actions.dtype == np.float32
    np.testing.assert_allclose(actions.std(axis=0), std, rtol=0.02)


@pytest.mark.parametrize("make", [categorical, gaussian])
def test_acting_follows_learning_because_the_memory_is_the_same(make):
    policy, x = make(), observations()
    act = policy.actor()
    optimizer = torch.optim.Adam(policy.parameters(), lr=0.5)
    before = act(x, np.random.default_rng(0))
    policy.log_prob(torch.from_numpy(x), torch.from_numpy(before)).sum().backward()
    optimizer.step()
    after = policy.actor()(x, np.random.default_rng(0))
    assert np.array_equal(act(x, np.random.default_rng(0)), after)
    if make is gaussian:
        assert not np.array_equal(before, after)


def test_extreme_logits_do_not_overflow():
    policy, x = categorical(()), observations()
    with torch.no_grad():
        policy.layers[-1].copy_(torch.tensor([1e4, 0.0, -1e4, 0.0]))
    assert policy.probabilities(x)[:, 0].tolist() == [1.0] * 7
    assert (policy.actor()(x, np.random.default_rng(0)) == 0).all()


def test_a_states_probabilities_do_not_depend_on_the_states_beside_it():
    """However far apart the logits of two states are: each alone, and all at once."""
    policy = categorical(())
    with torch.no_grad():
        policy.layers[0].copy_(torch.arange(policy.layers[0].numel()).reshape_as(policy.layers[0]))
    x = np.array([[1e3, 1.0, 0.0], [0.0, 0.0, 0.1], [-1e3, 0.0, 1.0]], np.float32)
    together = policy.probabilities(x)
    np.testing.assert_array_equal(together, [policy.probabilities(row[None])[0] for row in x])
    np.testing.assert_allclose(together.sum(-1), 1)


def test_a_critic_speaks_in_its_units():
    critic, x = Critic((3, 8), rng=np.random.default_rng(0), scale=SCALE), observations()
    assert critic(torch.from_numpy(x)).tolist() == [0.0] * 7
    critic.set_units(np.array([1.0, 5.0]))  # mean 3, standard deviation 2
    assert critic(torch.from_numpy(x)).tolist() == [3.0] * 7
    expected = 3 + 2 * randomised(critic).in_numpy()(x)[:, 0]
    np.testing.assert_allclose(critic(torch.from_numpy(x)).detach(), expected, rtol=1e-5)
    critic.set_units(np.array([4.0, 4.0]))  # no spread to go by
    assert (critic.centre, critic.spread) == (4, 1)


def test_a_fresh_policy_is_uniform_and_follows_its_rng():
    spaces = Box(-1, 1, (3,)), Discrete(4)
    one, same, other = (
        make_policy(*spaces, hidden=(8,), rng=np.random.default_rng(seed)) for seed in (0, 0, 1)
    )
    assert np.allclose(one.probabilities(observations()), 0.25)
    assert torch.equal(one.layers[0], same.layers[0])
    assert not torch.equal(one.layers[0], other.layers[0])
    assert one.layers[0].abs().max() <= 3**-0.5


def test_the_policy_fits_the_spaces():
    rng, box = np.random.default_rng(0), Box(-1, 1, (3,))
    gauss = make_policy(box, Box(-1, 1, (2,)), hidden=(4,), rng=rng)
    assert isinstance(gauss, GaussianMLP) and gauss.log_std.shape == (2,)
    for bad in (MultiBinary(3), Discrete(3, start=1), Box(-1, 1, (2, 2))):
        with pytest.raises(ValueError, match=r"actions: expected Discrete\(K\).*got"):
            make_policy(box, bad, hidden=(4,), rng=rng)
    for bad in (Discrete(16), Box(0, 255, (4, 4), np.uint8), gymnasium.spaces.Dict({"x": box})):
        with pytest.raises(ValueError, match=r"observations: expected a Box.*got"):
            make_policy(bad, Discrete(2), hidden=(4,), rng=rng)
    with pytest.raises(ValueError, match="observation_scale: expected shape \\(3,\\), got"):
        make_policy(box, Discrete(2), hidden=(4,), rng=rng, scale=(1.0, 2.0))
