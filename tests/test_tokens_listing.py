"""The language model that can be listed: every number by a second route."""

import itertools
import math

import numpy as np
import pytest
import torch
from pgbook.tokens.listing import LanguageModel

SIZES = [(3, 4, 2), (2, 3, 1), (4, 3, 2), (3, 1, 3)]
MODELS = [LanguageModel(*sizes) for sizes in SIZES]
MODEL = MODELS[0]


def sizes(model):
    return f"{model.tokens}-{model.longest}-{model.prompts}"


def spelled_out(model):
    """Every answer as a tuple of tokens, by filtering all sequences, in no order."""
    for size in range(1, model.longest + 1):
        for row in itertools.product(range(model.tokens), repeat=size):
            if 0 not in row[:-1] and (row[-1] == 0 or size == model.longest):
                yield row


def probability(model, theta, x, answer):
    """The product of the softmaxes along the answer, with the prefix looked up by its tokens."""
    p = 1.0
    for t, token in enumerate(answer):
        logits = theta[x, prefix_index(model, answer[:t])].tolist()
        p *= math.exp(logits[token]) / sum(math.exp(z) for z in logits)
    return p


def prefix_index(model, prefix):
    """Where the prefix stands among all, shorter ones first."""
    others = [
        row
        for size in range(model.longest)
        for row in itertools.product(range(1, model.tokens), repeat=size)
    ]
    return others.index(tuple(prefix))


def said(model):
    rows = zip(model.answers.tolist(), model.lengths, strict=True)
    return [tuple(row[:size]) for row, size in rows]


def random_reward(model, seed=1):
    return np.random.default_rng(seed).normal(size=(model.prompts, model.num_answers))


def by_differences(function, theta, h=1e-5):
    slope = torch.zeros_like(theta)
    for place in itertools.product(*map(range, theta.shape)):
        step = torch.zeros_like(theta)
        step[place] = h
        slope[place] = (function(theta + step) - function(theta - step)) / (2 * h)
    return slope


def autograd(function, theta):
    theta = theta.clone().requires_grad_()
    return torch.autograd.grad(function(theta), theta)[0]


# --- the list -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=sizes)
def test_the_list_is_every_answer_once(model):
    assert sorted(said(model)) == sorted(spelled_out(model))
    assert len(said(model)) == model.num_answers == len(set(said(model)))
    for answer, cut, size in zip(said(model), model.cut, model.lengths, strict=True):
        assert cut == (answer[-1] != 0) and size == len(answer)
    np.testing.assert_array_equal(model.mask.sum(axis=1), model.lengths)


def test_the_numbers_of_answers_that_the_book_names():
    assert LanguageModel(3, 5).num_answers == 63 and LanguageModel(4, 5).num_answers == 364
    assert MODEL.num_answers == 31 and MODEL.theta_shape == (2, 15, 3)
    assert LanguageModel(3, 2).texts == (".", "a.", "b.", "aa", "ab", "ba", "bb")


@pytest.mark.parametrize("model", MODELS, ids=sizes)
def test_each_token_is_drawn_at_its_prefix(model):
    for row, prefixes in zip(said(model), model.prefixes, strict=True):
        expected = [prefix_index(model, row[:t]) for t in range(len(row))]
        assert prefixes[: len(row)].tolist() == expected


def test_a_reward_sees_the_prompt_and_the_tokens():
    table = MODEL.tabulate(lambda x, answer: 10 * x + sum(answer) / len(answer))
    for x, (i, answer) in itertools.product(range(2), enumerate(said(MODEL))):
        assert table[x, i] == 10 * x + sum(answer) / len(answer)


# --- probabilities ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=sizes)
def test_probabilities_are_the_products_of_the_tokens(model):
    theta = model.random_theta(0)
    p = model.log_prob(theta).exp()
    torch.testing.assert_close(p.sum(-1), torch.ones(model.prompts, dtype=p.dtype))
    for x, (i, answer) in itertools.product(range(model.prompts), enumerate(said(model))):
        assert p[x, i].item() == pytest.approx(probability(model, theta, x, answer), rel=1e-12)


@pytest.mark.parametrize("model", MODELS, ids=sizes)
def test_a_prefix_is_reached_by_the_answers_that_begin_with_it(model):
    theta = model.random_theta(0)
    p, expected = model.log_prob(theta).exp(), torch.zeros(model.prompts, model.num_prefixes)
    expected = expected.double()
    for i, answer in enumerate(said(model)):
        for t in range(len(answer)):
            expected[:, prefix_index(model, answer[:t])] += p[:, i]
    torch.testing.assert_close(model.reach(theta), expected)


def test_samples_come_as_often_as_listed():
    """Each frequency of 40,000 answers a prompt lies within five standard errors."""
    theta, count = MODEL.random_theta(0), 40_000
    drawn = MODEL.sample(theta, count, np.random.default_rng(0))
    for x, p in enumerate(MODEL.log_prob(theta).exp().numpy()):
        seen = np.bincount(drawn[x], minlength=MODEL.num_answers) / count
        assert (np.abs(seen - p) <= 5 * np.sqrt(p * (1 - p) / count)).all()
    again = MODEL.sample(theta, count, np.random.default_rng(0))
    assert np.array_equal(drawn, again)


# --- what an answer is worth --------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=sizes)
def test_the_objective_and_its_gradient_by_four_routes(model):
    theta, reward = model.random_theta(0), random_reward(model)
    by_hand = sum(
        probability(model, theta, x, answer) * reward[x, i] / model.prompts
        for x, (i, answer) in itertools.product(range(model.prompts), enumerate(said(model)))
    )
    J = model.objective(theta, reward)
    V, Q = model.values(theta, reward)
    assert J.item() == pytest.approx(by_hand, abs=1e-12)
    assert V[:, 0].mean().item() == pytest.approx(by_hand, abs=1e-12)
    torch.testing.assert_close((theta.softmax(-1) * Q).sum(-1), V)
    closed = model.gradient(theta, reward)
    torch.testing.assert_close(closed, autograd(lambda th: model.objective(th, reward), theta))
    slope = by_differences(lambda th: model.objective(th, reward), theta)
    torch.testing.assert_close(closed, slope, rtol=0, atol=1e-8)


def test_pass_at_k_is_the_chance_over_all_groups_of_k():
    model, k = LanguageModel(3, 2, 2), 3
    theta = model.random_theta(0)
    right = (random_reward(model) > 0.5).astype(float)
    p = model.log_prob(theta).exp().numpy()
    for x in range(2):
        assert 0 < right[x].sum() < model.num_answers
    by_hand = sum(
        math.prod(p[x, i] for i in group) * max(right[x, i] for i in group) / 2
        for x in range(2)
        for group in itertools.product(range(model.num_answers), repeat=k)
    )
    assert model.pass_at_k(theta, right, k).item() == pytest.approx(by_hand, abs=1e-12)
    once = model.pass_at_k(theta, right, 1)
    torch.testing.assert_close(once, model.objective(theta, right))


# --- entropy and divergence ---------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS, ids=sizes)
def test_entropy_and_divergence_add_up_over_tokens(model):
    """The chain rule: of answers by listing, of tokens by prefix and the chance to be there."""
    theta, other = model.random_theta(0), model.random_theta(1)
    reach = model.reach(theta)
    entropy = (reach * model.token_entropy(theta)).sum(-1)
    torch.testing.assert_close(model.entropy(theta), entropy)
    torch.testing.assert_close(
        model.kl(theta, other), (reach * model.token_kl(theta, other)).sum(-1)
    )
    assert (model.kl(theta, other) > 0.01).all()
    torch.testing.assert_close(model.kl(theta, theta), torch.zeros(model.prompts).double())


def test_an_even_policy_has_the_entropy_of_its_choices():
    even = torch.zeros(MODEL.theta_shape).double()
    torch.testing.assert_close(MODEL.token_entropy(even), torch.full((2, 15), math.log(3)).double())
    p = MODEL.log_prob(even).exp()[0]
    torch.testing.assert_close(p, torch.from_numpy(3.0**-MODEL.lengths))


@pytest.mark.parametrize("what", ["entropy", "token_entropy", "reach"])
def test_what_is_differentiable_has_the_slope_of_differences(what):
    model = LanguageModel(3, 2, 1)
    theta = model.random_theta(0)
    weights = torch.arange(1.0, 1 + getattr(model, what)(theta).numel()).double()

    def function(th):
        return (getattr(model, what)(th).ravel() * weights).sum()

    slope = by_differences(function, theta)
    torch.testing.assert_close(autograd(function, theta), slope, rtol=0, atol=1e-8)


def test_kl_has_the_slope_of_differences():
    model = LanguageModel(3, 2, 1)
    theta, other = model.random_theta(0), model.random_theta(1)
    slope = by_differences(lambda th: model.kl(th, other).sum(), theta)
    exact = autograd(lambda th: model.kl(th, other).sum(), theta)
    torch.testing.assert_close(exact, slope, rtol=0, atol=1e-8)


# --- bad input ----------------------------------------------------------------------------------

THETA, REWARD = MODEL.random_theta(0), random_reward(MODEL)
RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: LanguageModel(tokens=1),
        lambda: LanguageModel(longest=0),
        lambda: LanguageModel(prompts=0.5),
        lambda: MODEL.log_prob(THETA[0]),
        lambda: MODEL.log_prob("theta"),
        lambda: MODEL.log_prob(THETA * math.nan),
        lambda: MODEL.objective(THETA, REWARD[:, 1:]),
        lambda: MODEL.objective(THETA, REWARD * math.inf),
        lambda: MODEL.gradient(THETA, REWARD[0]),
        lambda: MODEL.pass_at_k(THETA, REWARD, 2),
        lambda: MODEL.pass_at_k(THETA, REWARD > 0, 0),
        lambda: MODEL.sample(THETA, 0, RNG),
        lambda: MODEL.sample(THETA, 3, 0),
        lambda: MODEL.tabulate(lambda x, answer: math.nan),
        lambda: LanguageModel(40, 1).texts,
        lambda: MODEL.random_theta(-1),
    ],
)
def test_bad_input_is_refused_with_a_reason(call):
    with pytest.raises(ValueError, match="expected .*got "):
        call()
