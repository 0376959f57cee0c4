"""The small transformer: torch's own layers, all answers listed, difference quotients, cache."""

import itertools
import math

import numpy as np
import pytest
import torch
from pgbook.tokens.transformer import LAYER, Transformer
from torch import nn

RNG = np.random.default_rng


def model(seed=0, **sizes):
    """A network of double precision, every weight of it random, so that none can be forgotten."""
    sizes = {"tokens": 5, "places": 7, "width": 8, "heads": 2, **sizes}
    made = Transformer(rng=RNG(seed), **sizes).double()
    noise = torch.from_numpy(RNG((seed, 1)).normal(size=len(made.theta)))
    made.theta.data += 0.5 * noise
    return made


def gelu(x):
    """The one that GPT-2 has: x Φ(x), with Φ by a tanh."""
    return x / 2 * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def by_torch(made, tokens):
    """The same logits by torch's own encoder layers, filled with the same weights."""
    weights, width = made.weights(), made.weights()["token"].shape[1]
    x = weights["token"][tokens] + weights["place"][: tokens.shape[1]]
    causal = nn.Transformer.generate_square_subsequent_mask(tokens.shape[1], dtype=x.dtype)
    for i in range(made.layers):
        part = {name: weights[f"{i}.{name}"] for name in LAYER}
        layer = nn.TransformerEncoderLayer(
            width, made.heads, 4 * width, 0.0, gelu, batch_first=True, norm_first=True
        ).double()
        state = {
            "self_attn.in_proj_weight": part["qkv.weight"].T,
            "self_attn.in_proj_bias": part["qkv.bias"],
            "self_attn.out_proj.weight": part["out.weight"].T,
            "self_attn.out_proj.bias": part["out.bias"],
            "linear1.weight": part["up.weight"].T,
            "linear1.bias": part["up.bias"],
            "linear2.weight": part["down.weight"].T,
            "linear2.bias": part["down.bias"],
        }
        for norm in ("norm1", "norm2"):
            state |= {
                f"{norm}.weight": part[f"{norm}.scale"],
                f"{norm}.bias": part[f"{norm}.shift"],
            }
        layer.load_state_dict(state)
        x = layer(x, src_mask=causal)
    last = nn.LayerNorm(width).double()
    last.load_state_dict({"weight": weights["norm.scale"], "bias": weights["norm.shift"]})
    return last(x) @ weights["head"]


@pytest.mark.parametrize("sizes", [{}, {"heads": 4, "layers": 3}, {"heads": 1, "layers": 1}])
def test_the_logits_are_those_of_torchs_own_layers(sizes):
    made = model(**sizes)
    tokens = torch.from_numpy(RNG(0).integers(5, size=(6, 7)))
    torch.testing.assert_close(made(tokens), by_torch(made, tokens), rtol=0, atol=1e-12)


def test_a_token_sees_nothing_behind_it():
    made, tokens = model(), torch.from_numpy(RNG(0).integers(5, size=(1, 7)))
    for place in range(1, 7):
        other = tokens.clone()
        other[0, place] = (other[0, place] + 1) % 5
        change = (made(other) - made(tokens)).abs().amax((0, 2))
        assert (change[:place] == 0).all() and (change[place:] > 1e-6).all()


def test_reading_by_pieces_on_the_cache_is_reading_at_once():
    made, tokens = model(), torch.from_numpy(RNG(0).integers(5, size=(3, 7)))
    whole = made(tokens)
    for cuts in ([7], [1] * 7, [3, 1, 1, 1, 1], [2, 5], [1, 4, 2]):
        pieces, cache, start = [], None, 0
        for size in cuts:
            piece, cache = made._extend(made.weights(), tokens[:, start : start + size], cache)
            pieces.append(piece)
            start += size
        torch.testing.assert_close(torch.cat(pieces, 1), whole, rtol=0, atol=1e-12)


def listed(made, prompts, longest):
    """Every answer to the prompts, cut off at the limit: tokens [P, M, T] and their mask [M, T]."""
    end = made.end
    every = itertools.product(range(made.tokens), repeat=longest)
    rows = [a for a in every if end not in a or set(a[a.index(end) :]) == {end}]
    tokens = np.array(rows)
    ended = np.cumsum(tokens == end, axis=1)
    mask = ended - (tokens == end) == 0
    return np.broadcast_to(tokens, (len(prompts), *tokens.shape)), mask


def test_the_probabilities_of_all_answers_sum_to_one():
    made, prompts = model(tokens=3), np.array([[0, 1], [1, 1], [0, 0]])
    answers, mask = listed(made, prompts, 4)
    assert answers.shape == (3, 31, 4)
    log_prob = (made.log_prob(prompts, answers) * torch.from_numpy(mask)).sum(-1)
    torch.testing.assert_close(log_prob.exp().sum(1), torch.ones(3).double(), rtol=0, atol=1e-12)


def test_an_answers_log_probability_is_that_of_one_long_text():
    made, rng = model(), RNG(3)
    prompts, answers = rng.integers(5, size=(2, 3)), rng.integers(5, size=(2, 3, 4))
    found = made.log_prob(prompts, answers)
    for p, k in np.ndindex(2, 3):
        text = torch.tensor([[*prompts[p], *answers[p, k]]])
        log_policy = made(text).log_softmax(-1)[0]
        for t in range(4):
            assert abs(found[p, k, t] - log_policy[2 + t, answers[p, k, t]]) < 1e-12


def test_an_array_may_be_read_only_run_backwards_or_skip():
    made, rng = model(), RNG(3)
    prompts, answers = rng.integers(5, size=(2, 3)), rng.integers(5, size=(2, 3, 4))
    plain = made.log_prob(prompts, answers)
    for turn in (np.s_[:, ::-1], np.s_[::-1]):
        other = np.array(prompts[turn])[turn], np.array(answers[:, :, :])
        assert torch.equal(made.log_prob(*other), plain)
    prompts.flags.writeable = answers.flags.writeable = False
    assert torch.equal(made.log_prob(prompts, np.repeat(answers, 2, 2)[:, :, ::2]), plain)


def test_the_gradient_of_the_objective_is_a_difference_quotient():
    made, prompts = model(tokens=3, width=4, layers=1, places=4), np.array([[0, 1], [1, 0]])
    answers, mask = listed(made, prompts, 3)
    reward, mask = torch.from_numpy(RNG(0).normal(size=answers.shape[:2])), torch.from_numpy(mask)

    def objective():
        return ((made.log_prob(prompts, answers) * mask).sum(-1).exp() * reward).sum()

    (slope,) = torch.autograd.grad(objective(), made.theta)
    assert slope.abs().min() >= 0 and (slope != 0).double().mean() > 0.9
    with torch.no_grad():
        for place in range(0, len(made.theta), 3):
            ends = []
            for step in (1e-5, -1e-5):
                made.theta[place] += step
                ends.append(objective())
                made.theta[place] -= step
            assert abs((ends[0] - ends[1]) / 2e-5 - slope[place]) < 1e-7


def test_samples_have_the_frequencies_of_their_probabilities():
    made, prompts = model(tokens=3, seed=3), np.array([[0, 1], [1, 0]])
    answers, mask = listed(made, prompts, 3)
    with torch.no_grad():
        chance = (made.log_prob(prompts, answers) * torch.from_numpy(mask)).sum(-1).exp().numpy()
    assert (np.abs(chance[0] - chance[1])).sum() > 0.5  # the prompts matter
    drawn, lengths = made.sample(prompts, 4000, 3, RNG(0))
    assert drawn.shape == (2, 4000, 3)
    seen = (drawn[:, :, None] == answers[:, None]).all(-1).mean(1)
    assert (np.abs(seen - chance) < 4.5 * np.sqrt(chance * (1 - chance) / 4000) + 1 / 4000).all()
    ended = (drawn == made.end).argmax(-1) + 1
    assert (lengths == np.where((drawn == made.end).any(-1), ended, 3)).all()


def test_samples_are_the_seeds_and_no_others():
    made, prompts = model(), np.array([[0, 1], [1, 1]])
    one, other, third = (made.sample(prompts, 50, 4, RNG(seed))[0] for seed in (0, 0, 1))
    assert np.array_equal(one, other) and one.tolist() != third.tolist()


def test_the_first_weights_are_the_seeds_of_the_scale_asked_for():
    sizes = {"tokens": 11, "places": 6}
    one, other = (Transformer(rng=RNG(0), scale=scale, **sizes) for scale in (0.1, 0.3))
    for (name, part), wide in zip(one.weights().items(), other.weights().values(), strict=True):
        if part.ndim == 2:
            torch.testing.assert_close(3 * part, wide)
            assert abs(part.std() / 0.1 - 1) < 4 / np.sqrt(part.numel()), name
        else:
            assert (part == (1 if name.endswith("scale") else 0)).all(), name
    assert len(one.theta) == 26_368


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"tokens": 1}, "tokens: expected a whole number >= 2, got 1"),
        ({"places": 0}, "places: expected a whole number >= 1, got 0"),
        ({"width": 6, "heads": 4}, "width: expected a multiple of 4 heads, got 6"),
        ({"layers": 0}, "layers: expected a whole number >= 1, got 0"),
        ({"heads": 0}, "heads: expected a whole number >= 1, got 0"),
        ({"scale": -1.0}, "scale: expected a number"),
    ],
)
def test_sizes_that_make_no_network_are_refused(sizes, says):
    with pytest.raises(ValueError, match=says):
        Transformer(rng=RNG(0), **{"tokens": 5, "places": 7, "width": 8, **sizes})


def test_a_seed_is_no_generator():
    with pytest.raises(ValueError, match="rng: expected"):
        Transformer(tokens=5, places=7, rng=0)
    with pytest.raises(ValueError, match="rng: expected"):
        model().sample(np.array([[0]]), 2, 2, 0)


GOOD = np.array([[0, 1], [1, 1]])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda m: m(torch.zeros(2, 8, dtype=torch.long)), r"expected shape \[N, 1 to 7\]"),
        (lambda m: m(torch.zeros(2, dtype=torch.long)), r"got \(2,\)"),
        (lambda m: m.sample(np.array([[0, 5]]), 2, 2, RNG(0)), "prompts: expected integers"),
        (lambda m: m.sample(np.array([[0, -1]]), 2, 2, RNG(0)), "prompts: expected .* got -1"),
        (lambda m: m.sample(GOOD, 0, 2, RNG(0)), "answers: expected a whole number"),
        (lambda m: m.sample(GOOD, 2, 0, RNG(0)), "longest: expected a whole number"),
        (lambda m: m.sample(GOOD, 2, 7, RNG(0)), r"prompts: expected shape \[P, 1 to 1\]"),
        (lambda m: m.sample(GOOD[0], 2, 2, RNG(0)), r"got \(2,\)"),
        (lambda m: m.log_prob(GOOD, np.zeros((2, 2), int)), r"expected shape \[2, K, T\]"),
        (lambda m: m.log_prob(GOOD, np.zeros((3, 2, 2), int)), r"got \(3, 2, 2\)"),
        (lambda m: m.log_prob(GOOD, np.zeros((2, 2, 7), int)), r"7 tokens to come"),
        (lambda m: m.log_prob(GOOD, np.full((2, 2, 2), 0.5)), "answers: expected integers"),
    ],
)
def test_what_is_no_text_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call(model())
