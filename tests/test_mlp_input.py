"""What policies, critic and loss refuse; a greedy action; nothing is broadcast."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.spaces import Box, Dict, Discrete, Graph, MultiBinary, MultiDiscrete, Sequence, Tuple
from pgbook.loss import policy_loss
from pgbook.mlp import CategoricalMLP, Critic, GaussianMLP, make_policy
from pgbook.network import MLP, NotFinite
from pgbook.rollout import collect, make_envs

RNG = np.random.default_rng
BOX = Box(-1, 1, (3,))


def discrete():
    return randomised(CategoricalMLP((3, 5, 4), rng=RNG(0), scale=(1.0, 2.0, 4.0)))


def gaussian():
    return randomised(GaussianMLP((3, 5, 2), rng=RNG(0)))


def randomised(policy):
    rng = RNG(1)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.copy_(torch.tensor(rng.normal(size=parameter.shape)))
    return policy


def seen(count=5):
    return RNG(2).normal(size=(count, 3)).astype(np.float32)


@pytest.mark.parametrize("shape", [(5,), (5, 1), (1,), (), (3, 5), (5, 4)])
@pytest.mark.parametrize("make", [discrete, gaussian, lambda: Critic((3, 5), rng=RNG(0))])
def test_observations_of_another_width_are_refused_everywhere(make, shape):
    policy, x = make(), np.zeros(shape, np.float32)
    uses = [lambda: policy(torch.from_numpy(x)), lambda: policy.in_numpy()(x)]
    if hasattr(policy, "log_prob"):
        actions = torch.zeros((*shape[:-1], 2))
        uses.append(lambda: policy.log_prob(torch.from_numpy(x), actions))
        uses += [lambda: policy.actor()(x, RNG(0)), lambda: policy.greedy()(x, RNG(0))]
    for use in uses:
        with pytest.raises(ValueError, match=r"observations: expected shape \[.*\], got \("):
            use()


@pytest.mark.parametrize("make", [discrete, gaussian])
@pytest.mark.parametrize("shape", [(3,), (1, 2, 3)])
def test_acting_is_for_one_row_an_environment(make, shape):
    policy, x = make(), np.zeros(shape, np.float32)
    for act in (policy.actor(), policy.greedy()):
        with pytest.raises(ValueError, match=r"observations: expected shape \[N, D\], got"):
            act(x, RNG(0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
@pytest.mark.parametrize("make", [discrete, gaussian])
def test_an_observation_that_is_not_finite_is_named_as_that(make, bad):
    policy, x = make(), seen().astype(np.float64)
    x[3, 1] = bad
    uses = [policy.in_numpy(), lambda x: policy.actor()(x, RNG(0))]
    for use in [*uses, lambda x: policy.greedy()(x, RNG(0))]:
        with pytest.raises(NotFinite, match="expected finite observations, got -?(nan|inf)"):
            use(x)


@pytest.mark.parametrize("make", [discrete, gaussian])
def test_what_is_no_real_number_is_refused(make):
    policy = make()
    for x in (seen().astype(complex), seen().astype(str), seen().astype(object)):
        with pytest.raises(ValueError, match="observations: expected real numbers, got"):
            policy.in_numpy()(x)
    with pytest.raises(ValueError, match="observations: expected real numbers, got torch.complex"):
        policy(torch.from_numpy(seen().astype(np.complex64)))


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32, np.uint8, bool])
@pytest.mark.parametrize("make", [discrete, gaussian])
def test_observations_are_cast_to_the_weights_dtype(make, dtype):
    policy, x = make(), (seen() > 0).astype(dtype)
    same = x.astype(np.float32)
    outputs = policy(torch.from_numpy(x))
    assert outputs.dtype == torch.float32
    assert torch.equal(outputs, policy(torch.from_numpy(same)))
    assert np.array_equal(policy.in_numpy()(x), policy.in_numpy()(same))
    assert policy.double()(torch.from_numpy(same)).dtype == torch.float64
    assert policy.in_numpy()(same).dtype == np.float64


@pytest.mark.parametrize("shape", [(5, 1), (1, 5), (1,), (), (4,), (5, 2)])
def test_choices_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"actions: expected shape \(5,\), got \("):
        discrete().log_prob(torch.from_numpy(seen()), torch.zeros(shape, dtype=torch.int64))


@pytest.mark.parametrize("shape", [(5,), (5, 1), (1, 2), (2,), (1,), (2, 5), (5, 2, 1)])
def test_continuous_actions_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"actions: expected shape \(5, 2\), got \("):
        gaussian().log_prob(torch.from_numpy(seen()), torch.zeros(shape))


@pytest.mark.parametrize("bad", [4, -1, 0.5, float("nan"), 2**40])
def test_choices_that_are_not_there_are_refused(bad):
    with pytest.raises(ValueError, match="actions: expected integers from 0 to 3, got"):
        discrete().log_prob(torch.from_numpy(seen()), torch.tensor([0, 1, 2, 3, bad]))


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.int32, torch.float64])
def test_whole_numbers_of_any_type_choose(dtype):
    policy, x, actions = discrete(), torch.from_numpy(seen()), torch.tensor([0, 3, 1, 2, 0])
    assert torch.equal(policy.log_prob(x, actions), policy.log_prob(x, actions.to(dtype)))


def test_greedy_is_the_most_probable_action_and_draws_nothing():
    policy, x, rng = discrete(), seen(200), RNG(0)
    actions = policy.greedy()(x, rng)
    assert np.array_equal(actions, policy.probabilities(x).argmax(axis=1))
    assert len(set(actions)) > 1 and rng.random() == RNG(0).random()
    with torch.no_grad():
        policy.layers[-1][2] += 1e4
    assert (policy.greedy()(x, rng) == 2).all()
    fresh = CategoricalMLP((3, 4), rng=RNG(0))
    assert (fresh.greedy()(x, rng) == 0).all()  # the first of equals


def test_greedy_is_the_mean_of_a_gaussian_and_draws_nothing():
    policy, x, rng = gaussian(), seen(), RNG(0)
    act = policy.greedy()
    assert np.array_equal(act(x, rng), policy.in_numpy()(x)) and rng.random() == RNG(0).random()
    with torch.no_grad():
        policy.layers[-1] += 1
        policy.log_std.fill_(-30)
    np.testing.assert_allclose(act(x, rng), policy.actor()(x, rng), atol=1e-6)


@pytest.mark.parametrize("env_id", ["CartPole-v1", "Pendulum-v1"])
def test_a_policy_of_either_kind_plays_by_collect(env_id):
    envs = make_envs(env_id, 3)
    spaces = envs.single_observation_space, envs.single_action_space
    policy = make_policy(*spaces, hidden=(4,), rng=RNG(0))
    one, same = (collect(envs, policy.greedy(), RNG(5)) for _ in range(2))
    assert np.array_equal(one.actions, same.actions) and np.array_equal(one.returns, same.returns)
    assert collect(envs, policy.actor(), RNG(5)).lengths.min() >= 1


@pytest.mark.parametrize(
    "space",
    [
        Discrete(16),
        MultiDiscrete([2, 3]),
        MultiBinary(4),
        Dict({"x": BOX, "y": Discrete(2)}),
        Tuple((BOX, Discrete(2))),
        Box(0, 255, (4, 4, 3), np.uint8),
        Box(0, 1, ()),
    ],
    ids=lambda space: type(space).__name__,
)
def test_a_refused_observation_names_what_flattens_it_and_that_mends_it(space):
    with pytest.raises(ValueError, match="observations: expected a Box of shape .D,., got .*Flatt"):
        make_policy(space, Discrete(2), hidden=(), rng=RNG(0))
    flat = gymnasium.spaces.flatten_space(space)  # what make_envs offers
    assert make_policy(flat, Discrete(2), hidden=(), rng=RNG(0))


@pytest.mark.parametrize("space", [Graph(BOX, None), Sequence(Discrete(2))], ids=str)
def test_what_nothing_mends_is_said_to_be_that(space):
    with pytest.raises(ValueError, match="expected a Box of shape .*; nothing of Gymnasium's"):
        make_policy(space, Discrete(2), hidden=(), rng=RNG(0))


@pytest.mark.parametrize(
    "space",
    [
        Discrete(3, start=1),
        MultiDiscrete([2, 2]),
        MultiBinary(3),
        Dict({"x": BOX}),
        Tuple((BOX,)),
        Box(-1, 1, (2, 2)),
        Box(-1, 1, ()),
        Box(0, 9, (2,), np.int64),  # a Gaussian draws no integers
    ],
    ids=str,
)
def test_a_refused_action_names_the_wrapper(space):
    with pytest.raises(ValueError, match="actions: expected Discrete.*, got .*TransformAction"):
        make_policy(BOX, space, hidden=(), rng=RNG(0))


@pytest.mark.parametrize("sizes", [(), (3,), (0, 2), (3, 2.0), (3, -1), (3, "2")])
def test_bad_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="sizes: expected (at least two|a whole number >= 1), got"):
        MLP(sizes, rng=RNG(0))


@pytest.mark.parametrize(
    "scale", [(1.0, 0.0, 1.0), (1.0, -2.0, 1.0), (np.nan, 1, 1), (np.inf, 1, 1)]
)
def test_a_scale_that_cannot_divide_is_refused(scale):
    with pytest.raises(ValueError, match="observation_scale: expected (finite )?numbers.*, got"):
        MLP((3, 2), rng=RNG(0), scale=scale)


@pytest.mark.parametrize("returns", [[], [1.0, np.nan], [np.inf]])
def test_units_of_nothing_or_of_what_is_not_finite_are_refused(returns):
    with pytest.raises(ValueError, match="returns: expected (at least one|finite numbers), got"):
        Critic((3,), rng=RNG(0)).set_units(np.array(returns))


@pytest.mark.parametrize("value", [20000.1, -8.1, 0.1, 1e-8, 0.0])
def test_returns_that_differ_by_rounding_have_no_spread(value):
    critic = Critic((3,), rng=RNG(0))
    critic.set_units(np.full(7, value))  # the standard deviation of these is not always 0
    assert critic.spread == 1 and critic.centre == pytest.approx(value)
    critic.set_units(value + np.array([0.0, 1.0]))
    assert critic.spread == pytest.approx(0.5)


LOG_PROB, PSI = torch.tensor([-1.0, -2.0, -3.0]), torch.tensor([1.0, 0.5, -2.0])


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1,), (), (2,), (3, 3)])
def test_a_loss_of_shapes_that_would_be_broadcast_is_refused(shape):
    other, message = torch.zeros(shape), r"expected the shape of log_prob, \(.*\), got \("
    with pytest.raises(ValueError, match="psi: " + message):
        policy_loss(LOG_PROB, other, 1)
    with pytest.raises(ValueError, match="psi: " + message):
        policy_loss(other, PSI, 1)
    with pytest.raises(ValueError, match="old_log_prob: " + message):
        policy_loss(LOG_PROB, PSI, 1, other, 0.2)


@pytest.mark.parametrize("episodes", [0, -1, 2.0, None, "3"])
def test_a_loss_per_no_episodes_is_refused(episodes):
    with pytest.raises(ValueError, match="episodes: expected a whole number >= 1, got"):
        policy_loss(LOG_PROB, PSI, episodes)


@pytest.mark.parametrize(
    ("old", "clip"), [(None, 0.2), (LOG_PROB, None), (LOG_PROB, 0.0), (LOG_PROB, np.nan)]
)
def test_half_a_clip_is_refused(old, clip):
    with pytest.raises(ValueError, match="expected both old_log_prob and a clip > 0, or neither"):
        policy_loss(LOG_PROB, PSI, 1, old, clip)
