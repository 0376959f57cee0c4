"""What a loss is called: every slip, every pair, and nothing wrongly."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from pgbook import weights
from pgbook.audit import audit, pieces, worlds
from pgbook.audit.batch import make_batch
from pgbook.audit.compositions import Composition, compositions
from pgbook.audit.listing import every_batch
from pgbook.audit.measure import Setting, measure
from pgbook.audit.recognise import recognise
from pgbook.audit.slips import SLIPS
from pgbook.audit.stale import pulls
from pgbook.audit.subject import Subject
from pgbook.audit.tables import frame, rows_to_compare

BOOK = Path(__file__).resolve().parents[1] / "book"
SETTINGS = ((worlds.EPISODES, 3), (worlds.EPISODES, 2), (worlds.SHORT, 3))
FIRST = {
    "kind": next(kind for kind in pieces.KINDS if kind.key == "to go"),
    "centre": pieces.CENTRES[0],
    "scale": None,
    "mean": pieces.MEANS[0],
    "term": pieces.TERMS[0],
}


def short_listing(world, size):
    """The batches that recognition looks at, and no others."""
    critic = worlds.dyadic(worlds.right_critic(world, discounted=False) + world.error)
    listing = every_batch(world, size, critic=critic)
    rows = rows_to_compare(listing)
    return dataclasses.replace(listing, index=listing.index[rows], weight=listing.weight[rows])


LISTINGS = [short_listing(world, size) for world, size in SETTINGS]


def settings_of(loss):
    return [Setting(listing, measure(Subject(loss), listing)) for listing in LISTINGS]


def silent(settings):
    """Whether a loss has no update at all in one of the settings: then it has no name."""
    return any(not np.nan_to_num(each.updates.each).round(12).any() for each in settings)


def recognised(settings):
    return recognise(settings, objective="J", tolerance=1e-6)


def advantages():
    """Every slip of the weights, by itself: kinds, centres, scales."""
    for kind in pieces.KINDS:
        if kind.slips:
            yield {"kind": kind}
    whole = {"kind": pieces.KINDS[0]}
    for centre in pieces.CENTRES:
        if centre.slips:
            yield {"centre": centre}
            if centre.key != "own":  # the whole return is its own mean
                yield whole | {"centre": centre}
    for keys, scale in pieces.SCALES:
        for key in keys:
            centre = next(centre for centre in pieces.CENTRES if centre.key == key)
            kind = FIRST if key == "own" else whole
            yield {"kind": kind["kind"], "centre": centre, "scale": scale}


def pairs():
    """One slip of the weights, one mean and one sign."""
    for count, change in enumerate(advantages()):
        for place, mean in enumerate(pieces.MEANS):
            if (count + place) % 5 == 0:  # a fifth of all: every slip and every mean many times
                sign = -1.0 if (count + place) % 2 else 1.0
                yield Composition(**(FIRST | change | {"mean": mean})), sign


@pytest.mark.once
def test_every_pair_is_named_or_among_those_that_are_the_same_function():
    count, wrong = 0, []
    for one, sign in pairs():
        settings = settings_of(lambda b, one=one, sign=sign: sign * one.loss(b))
        if silent(settings):  # as one step late, at the last step only
            continue
        found = recognised(settings)
        count += 1
        expected = set(one.named("J")) | ({"wrong-sign"} if sign < 0 else set())
        names = [] if found is None else [found.slips, *found.same]
        if not any(set(each) == expected for each in names):
            wrong.append((one.kind.key, one.centre.key, one.scale and one.scale.key, one.mean.key))
        else:
            assert len(names[0]) <= len(expected)
    assert not wrong and count >= 600


@pytest.mark.parametrize("term", pieces.TERMS[1:], ids=lambda piece: piece.key)
@pytest.mark.parametrize("mean", pieces.MEANS, ids=lambda piece: piece.key)
def test_every_term_is_named(term, mean):
    one = Composition(**(FIRST | {"mean": mean, "term": term}))
    settings = settings_of(one.loss)
    if silent(
        settings
    ):  # at the first step all logits are one start's: a softmax over them is flat
        assert term.slips == ("softmax-axis",) and mean.key in ("first", "no last")
        return
    found = recognised(settings)
    assert any(set(each) == set(one.named("J")) for each in (found.slips, *found.same))


def test_the_tables_hold_what_the_losses_do():
    """The updates that are looked through are the gradients of the compositions' losses."""
    listing = LISTINGS[0]
    found = frame(listing, np.arange(6))
    rng = np.random.default_rng(0)
    for several in compositions():
        table = found.all_composed(several)
        for i in rng.choice(len(several), 40, replace=False):
            np.testing.assert_allclose(table[i], found.composed(several[i]), atol=1e-12)
            for row in (0, 5):
                theta = torch.tensor(listing.world.theta, requires_grad=True)
                loss = several[i].loss(make_batch(theta, listing.fields(row), listing.world.gamma))
                (slope,) = torch.autograd.grad(loss, theta)
                own = table[i].reshape(6, -1)[row]
                np.testing.assert_allclose(-slope.numpy().ravel(), own, atol=1e-10)


def test_every_name_has_a_slip_and_every_slip_a_name():
    used = {"wrong-sign", "constant-factor", "sum-over-batch", "twice-averaged", "cut-is-an-end"}
    used |= {"mean-over-padding", "entropy-bonus", "entropy-penalty", "kl-k2-loss", "kl-k3-loss"}
    used |= {"penalty-left-out"} | {name for names, _ in pulls() for name in names}
    scales = tuple(scale for _, scale in pieces.SCALES)
    for piece in (*pieces.KINDS, *pieces.CENTRES, *scales, *pieces.MEANS, *pieces.TERMS):
        used |= {name for goal in pieces.OBJECTIVES for name in piece.named(goal)}
    assert used == set(SLIPS) and len(SLIPS) >= 35
    for slip in SLIPS.values():
        assert slip.says and slip.mend and not slip.says.endswith(".")


def test_the_pieces_are_the_librarys_weights():
    """The catalogue's right pieces are the weights that the chapters prove."""
    listing = LISTINGS[0]
    make = {kind.key: kind.make for kind in pieces.KINDS}
    centre = {piece.key: piece.make for piece in pieces.CENTRES}
    scales = {scale.key: scale.make for _, scale in pieces.SCALES}
    for row in range(0, len(listing.index), 5):
        b = make_batch(torch.tensor(listing.world.theta), listing.fields(row), 0.75)
        r, on = b.rewards.numpy(), b.mask.numpy()
        v = np.hstack([b.values.numpy(), np.zeros((len(on), 1))])
        for k, last in enumerate(on.sum(axis=1).astype(int)):
            v[k, last] = b.next_values[k, last - 1]
        seen = {"values": v, "terminated": b.terminated.numpy()}
        whole, to_go = make["whole"](b), make["to go"](b)
        advantage = make["γ GAE 0.95"](b)
        pairs = (
            (whole * b.mask, weights.total_return(r, on)),
            (to_go, weights.reward_to_go(r, on)),
            (make["γ whole"](b) * b.mask, weights.total_return(r, on, gamma=0.75)),
            (make["γ to go"](b), weights.reward_to_go(r, on, gamma=0.75)),
            (centre["others"](whole, b) * b.mask, weights.leave_one_out(r, on)),
            (centre["at t"](to_go, b) * b.mask, weights.reward_to_go_minus_mean(r, on)),
            (advantage, weights.gae(r, on, gamma=0.75, lam=0.95, **seen)),
            (make["minus critic"](b), weights.gae(r, on, lam=1.0, **seen)),
            (make["one step"](b), weights.n_step(r, on, n=1, **seen)),
            (make["two steps"](b), weights.n_step(r, on, n=2, **seen)),
            (
                scales["pooled-deviation 0 0"](centre["pooled"](advantage, b), advantage, b)
                * b.mask,
                weights.standardise(advantage.numpy(), on),
            ),
        )
        for ours, theirs in pairs:
            np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-12)


def test_what_is_near_a_slip_is_not_called_so():
    """Numbers between those of the catalogue's, and a touch of something else."""
    for loss in (
        lambda b: pg(b, gae(b, 0.951, 1.0) + 1e-4 * gae(b, 0.3, 1.0)),
        lambda b: pg(b, (R(b) - R(b).mean()) / (R(b).std() + 5e-4)),
        lambda b: pg(b, G(b, 0.985)),
        lambda b: pg(b, R(b) - 0.99 * R(b).mean()),
        lambda b: -(b.log_prob * G(b) * b.mask).sum() / b.mask.sum() ** 0.99,
        lambda b: pg(b, G(b) + 1e-4 * b.rewards**2),
    ):
        report = audit(loss, sizes=(3, 2))
        assert report.verdict in ("turned", "scaled") and report.slips == (), str(report)


def test_every_slip_leads_to_a_place_in_the_book():
    for slip in SLIPS.values():
        page, _, place = slip.page.partition("#")
        notebook = json.loads((BOOK / page).with_suffix(".ipynb").read_text("utf-8"))
        ids = {cell["id"] for cell in notebook["cells"]}
        assert page.endswith(".html") and (not place or place in ids), slip.page


# --- losses written as people write them ---------------------------------------------------------


def R(b):
    return (b.rewards * b.mask).sum(1, keepdim=True)


def G(b, gamma=1.0):
    triangle = torch.tril(torch.ones(b.rewards.shape[1], b.rewards.shape[1]).double())
    steps = torch.arange(b.rewards.shape[1]).double()
    decay = torch.tensor(gamma).double() ** (steps[:, None] - steps[None, :]).clamp(min=0)
    return (b.rewards * b.mask) @ (triangle * decay) * b.mask


def pg(b, psi):
    return -(b.log_prob * psi * b.mask).sum(1).mean()


def gae(b, lam, gamma, done=None):
    done = b.terminated if done is None else done
    delta = (b.rewards + gamma * b.next_values * (1 - done) - b.values) * b.mask
    psi, last = [], 0
    for t in range(b.mask.shape[1] - 1, -1, -1):
        last = delta[:, t] + gamma * lam * last
        psi.insert(0, last)
    return torch.stack(psi, 1)


def normalised(x, b):
    mean = (x * b.mask).sum() / b.mask.sum()
    variance = ((x - mean) ** 2 * b.mask).sum() / b.mask.sum()
    return (x - mean) / (variance.sqrt() + 1e-8)


def late(b, first=0.0):
    return torch.nn.functional.pad(b.mask[:, :-1], (1, 0), value=first)


def whitened_rewards(b):
    """As `masked_whiten(rewards, mask, shift_mean=False)` of programs for language models."""
    mean = (b.rewards * b.mask).sum() / b.mask.sum()
    variance = ((b.rewards - mean) ** 2 * b.mask).sum() / (b.mask.sum() - 1)
    return ((b.rewards - mean) * torch.rsqrt(variance + 1e-8) + mean) * b.mask


def normalised_others(b):
    """Leave-one-out, then less its mean and over its deviation, as RLOO with an option."""
    psi = R(b) - (R(b).sum() - R(b)) / (len(b.mask) - 1)
    return pg(b, (psi - psi.mean()) / (psi.std() + 1e-4))


def own_episode(b):
    losses = []
    for log_prob, reward, mask in zip(b.log_prob, b.rewards, b.mask, strict=True):
        length = int(mask.sum().item())
        returns = reward[:length].flip(0).cumsum(0).flip(0)
        if length > 1:
            returns = (returns - returns.mean()) / (returns.std() + 1e-6)
        else:
            returns = returns - returns.mean()
        losses.append(-(log_prob[:length] * returns).sum())
    return sum(losses) / len(losses)


def grpo(b):
    psi = (R(b) - R(b).mean(0)) / (R(b).std(0) + 1e-4)
    ratio = (b.log_prob - b.old_log_prob).exp()
    gain = torch.minimum(ratio * psi, ratio.clamp(0.8, 1.2) * psi)
    return -((gain * b.mask).sum(1) / b.mask.sum(1)).mean()


def categorical(b, actions):
    return torch.distributions.Categorical(logits=b.logits).log_prob(actions)


def gathered(b, actions, heat=1.0):
    return (b.logits / heat).log_softmax(-1).gather(-1, actions[..., None])[..., 0]


def whiten(b, psi, put_back=0.0):
    mean = (psi * b.mask).sum() / b.mask.sum()
    variance = (((psi - mean) ** 2) * b.mask).sum() / (b.mask.sum() - 1)
    return (psi - mean) * torch.rsqrt(variance + 1e-8) + put_back * mean


WRITTEN = {
    "wrong sign": (lambda b: -pg(b, G(b)), {"wrong-sign"}),
    "half": (lambda b: 0.5 * pg(b, R(b)), {"constant-factor"}),
    "sum": (lambda b: -(b.log_prob * R(b) * b.mask).sum(), {"sum-over-batch"}),
    "padded mean": (lambda b: -(b.log_prob * R(b) * b.mask).mean(), {"mean-over-padding"}),
    "mean of a mean": (lambda b: pg(b, R(b)) / len(b.mask), {"twice-averaged"}),
    "tokens": (lambda b: -(b.log_prob * G(b))[b.mask.bool()].mean(), {"token-mean"}),
    "sequences": (
        lambda b: -((b.log_prob * R(b) * b.mask).sum(1) / b.mask.sum(1)).mean(),
        {"own-length-mean"},
    ),
    "longest": (
        lambda b: pg(b, R(b)) / b.mask.sum(1).max(),
        {"longest-length-mean"},
    ),
    "no mask": (lambda b: -(b.log_prob * R(b)).sum(1).mean(), {"mask-forgotten"}),
    "one step": (lambda b: -(b.log_prob[:, 0] * R(b)[:, 0]).mean(), {"first-step-only"}),
    "last step": (
        lambda b: -(b.log_prob * (b.terminated + b.truncated) * R(b)).sum(1).mean(),
        {"last-step-only"},
    ),
    "late start": (
        lambda b: -(b.log_prob * G(b) * b.mask)[:, 1:].sum(1).mean(),
        {"first-step-dropped"},
    ),
    "early stop": (
        lambda b: -(b.log_prob[:, :-1] * G(b)[:, :-1] * b.mask[:, 1:]).sum(1).mean(),
        {"last-step-dropped"},
    ),
    "group mean": (lambda b: pg(b, R(b) - R(b).mean()), {"own-sample-mean"}),
    "mean at t": (
        lambda b: pg(b, G(b) - (G(b) * b.mask).sum(0) / b.mask.sum(0).clamp(min=1)),
        {"own-sample-mean-at-t"},
    ),
    "pooled mean": (lambda b: pg(b, G(b) - G(b)[b.mask.bool()].mean()), {"pooled-mean"}),
    "padded mean off": (lambda b: pg(b, G(b) - G(b).mean()), {"padded-mean"}),
    "own mean": (
        lambda b: pg(b, G(b) - G(b).sum(1, True) / b.mask.sum(1, True)),
        {"own-episode-mean"},
    ),
    "best": (lambda b: pg(b, R(b) - R(b).max()), {"largest-as-baseline"}),
    "median": (lambda b: pg(b, R(b) - R(b).median()), {"median-as-baseline"}),
    "next value": (lambda b: pg(b, G(b) - b.next_values), {"next-value-baseline"}),
    "deviation": (
        lambda b: pg(b, (R(b) - R(b).mean()) / (R(b).std() + 1e-8)),
        {"own-sample-mean", "group-deviation"},
    ),
    "GRPO": (grpo, {"own-sample-mean", "group-deviation", "own-length-mean"}),
    "normalised": (lambda b: pg(b, normalised(G(b), b)), {"pooled-mean", "pooled-deviation"}),
    "PPO": (
        lambda b: (
            -(b.log_prob * normalised(gae(b, 0.95, b.gamma), b) * b.mask).sum() / b.mask.sum()
        ),
        {"gae-lambda", "lost-discount", "pooled-mean", "pooled-deviation", "token-mean"},
    ),
    "padded deviation": (
        lambda b: pg(b, (G(b) - G(b).mean()) / (G(b).std() + 1e-6)),
        {"padded-mean", "padded-deviation"},
    ),
    "own episode": (own_episode, {"own-episode-mean", "own-episode-deviation"}),
    "by the largest": (lambda b: pg(b, R(b) / R(b).abs().max()), {"largest-as-scale"}),
    "lost discount": (lambda b: pg(b, G(b, b.gamma)), {"lost-discount"}),
    "double discount": (
        lambda b: pg(
            b,
            b.gamma ** torch.arange(b.mask.shape[1]).double()
            * (
                R(b) * 0
                + (b.rewards * b.mask * b.gamma ** torch.arange(b.mask.shape[1]).double()).sum(
                    1, True
                )
            ),
        ),
        {"double-discount"},
    ),
    "own discount": (lambda b: pg(b, G(b, 0.99)), {"own-discount"}),
    "immediate": (lambda b: pg(b, b.rewards), {"immediate-reward"}),
    "one late": (lambda b: pg(b, G(b) - b.rewards), {"own-reward-left-out"}),
    "past": (lambda b: pg(b, (b.rewards * b.mask).cumsum(1)), {"past-rewards"}),
    "last reward": (
        lambda b: pg(b, (b.rewards * b.terminated).sum(1, True)),
        {"last-reward-only"},
    ),
    "first reward": (lambda b: pg(b, b.rewards[:, :1]), {"first-reward-only"}),
    "padded rewards": (lambda b: pg(b, b.rewards.sum(1, True)), {"padded-rewards"}),
    "mean reward": (lambda b: pg(b, R(b) / b.mask.sum(1, True)), {"mean-reward"}),
    "one step critic": (lambda b: pg(b, gae(b, 0.0, 1.0)), {"one-step-critic"}),
    "GAE": (lambda b: pg(b, gae(b, 0.9, 1.0)), {"gae-lambda"}),
    "GAE between the catalogue's": (lambda b: pg(b, gae(b, 0.73, 1.0)), {"gae-lambda"}),
    "GAE between, through ends": (
        lambda b: pg(b, gae(b, 0.65, 1.0, done=torch.zeros_like(b.mask))),
        {"gae-lambda", "end-forgotten"},
    ),
    "whitened GAE between": (
        lambda b: -(b.log_prob * whiten(b, gae(b, 0.94, b.gamma)) * b.mask).sum() / b.mask.sum(),
        {"gae-lambda", "lost-discount", "pooled-mean", "pooled-deviation", "token-mean"},
    ),
    "the mean put back after the deviation": (
        lambda b: pg(b, whiten(b, G(b) - b.values, put_back=1.0)),
        {"pooled-deviation"},
    ),
    "GAE through ends": (
        lambda b: pg(b, gae(b, 0.95, 1.0, done=torch.zeros_like(b.mask))),
        {"gae-lambda", "end-forgotten"},
    ),
    "end forgotten": (
        lambda b: pg(b, gae(b, 1.0, 1.0, done=torch.zeros_like(b.mask))),
        {"end-forgotten"},
    ),
    "probability": (
        lambda b: -(b.log_prob.exp() * G(b) * b.mask).sum(1).mean(),
        {"probability"},
    ),
    "squared": (
        lambda b: -(b.log_prob * b.log_prob.abs() / 2 * G(b) * b.mask).sum(1).mean(),
        {"squared-log-prob"},
    ),
    "greedy": (
        lambda b: -(categorical(b, b.logits.argmax(-1)) * G(b) * b.mask).sum(1).mean(),
        {"greedy-action"},
    ),
    "shifted": (
        lambda b: -(gathered(b, b.actions.roll(-1, 1)) * G(b) * b.mask).sum(1).mean(),
        {"shifted-actions"},
    ),
    "softmax over episodes": (
        lambda b: (
            -(
                b.logits.log_softmax(0).gather(-1, b.actions[..., None])[..., 0] * G(b) * b.mask
            ).sum()
            / len(b.mask)
        ),
        {"softmax-axis"},
    ),
    "softmax over steps": (
        lambda b: (
            -(
                b.logits.log_softmax(1).gather(-1, b.actions[..., None])[..., 0] * G(b) * b.mask
            ).sum()
            / len(b.mask)
        ),
        {"softmax-axis"},
    ),
    "logits": (
        lambda b: (
            -(b.logits.gather(-1, b.actions[..., None])[..., 0] * G(b) * b.mask).sum(1).mean()
        ),
        {"bare-logit"},
    ),
    "late mask": (
        lambda b: -(b.log_prob * R(b) * late(b, 1.0)).sum(1).mean(),
        {"mask-late"},
    ),
    "mask of the inputs": (
        lambda b: -(b.log_prob * R(b) * late(b)).sum() / late(b).sum().clamp(min=1),
        {"mask-late", "token-mean"},
    ),
    "K by K": (
        lambda b: -((b.log_prob * b.mask).sum(1, keepdim=True) * R(b)[:, 0]).mean(),
        {"everyones-return"},
    ),
    "mean times sum": (
        lambda b: -(b.log_prob * b.mask).sum(1).mean() * R(b).sum() / len(b.mask),
        {"everyones-return"},
    ),
    "whitened rewards": (
        lambda b: pg(b, whitened_rewards(b).flip(1).cumsum(1).flip(1)),
        {"rewards-normalised"},
    ),
    "normalised others": (normalised_others, {"own-sample-mean", "group-deviation"}),
    "GAE with a discount of its own": (
        lambda b: pg(b, gae(b, 0.95, 0.99)),
        {"gae-lambda", "own-discount"},
    ),
    "bonus of padding": (
        lambda b: pg(b, R(b)) - 0.01 * b.entropy.mean(),
        {"entropy-bonus", "mask-forgotten"},
    ),
    "bonus": (
        lambda b: pg(b, G(b)) - 0.01 * (b.entropy * b.mask).sum(1).mean(),
        {"entropy-bonus"},
    ),
    "penalty": (
        lambda b: pg(b, G(b)) + 0.01 * (b.entropy * b.mask).sum(1).mean(),
        {"entropy-penalty"},
    ),
    "k2": (
        lambda b: (
            pg(b, R(b) - 0.5)
            + 0.05 * ((b.log_prob - b.ref_log_prob) ** 2 / 2 * b.mask).sum(1).mean()
        ),
        {"kl-k2-loss"},
    ),
    "k3": (
        lambda b: (
            pg(b, R(b))
            + 0.05
            * (((b.ref_log_prob - b.log_prob).exp() + b.log_prob - b.ref_log_prob - 1) * b.mask)
            .sum(1)
            .mean()
        ),
        {"kl-k3-loss"},
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_slip_as_it_is_written_is_named(name):
    loss, expected = WRITTEN[name]
    report = audit(loss)
    assert report.verdict != "gradient"
    assert any(set(each) == expected for each in (report.slips, *report.same_slips)), str(report)
    assert len(report.slips) <= len(expected)
    for slip in report.slips:
        assert SLIPS[slip].says in str(report) and SLIPS[slip].link in str(report)


def test_under_the_discounted_objective_the_names_are_others():
    undiscounted = audit(lambda b: pg(b, R(b)), objective="J_gamma")
    assert undiscounted.slips == ("undiscounted",)
    discounted = audit(lambda b: pg(b, G(b, b.gamma)), objective="J")
    assert discounted.slips == ("discounted",)


def test_an_ended_cut_is_named():
    def loss(b):
        over = b.terminated + b.truncated
        front = b.gamma ** torch.arange(b.mask.shape[1]).double()
        return pg(b, front * gae(b, 1.0, b.gamma, done=over))

    report = audit(loss)
    assert report.slips == ("cut-is-an-end",) and report.same_slips == ()


def paid(b, kl=0.0, entropy=0.0):
    """Rewards less what the divergence and the entropy cost, [K, T]."""
    log_prob = b.log_prob.detach()
    return b.rewards - kl * (log_prob - b.ref_log_prob) - entropy * log_prob


def log_ratio_as_a_loss(b):
    return 0.1 * ((b.log_prob - b.ref_log_prob) * b.mask).sum(1).mean()


@pytest.mark.parametrize(
    ("loss", "objective", "slips"),
    [
        (
            lambda b: -(b.log_prob * (paid(b, 0.1) * b.mask).sum(1, True) * b.mask).sum() / 7,
            "J - 0.1 KL",
            {"sum-over-batch", "constant-factor"},
        ),
        (
            lambda b: (
                -(b.log_prob * (paid(b, 0.1) * b.mask).sum(1, True) * b.mask).sum() / b.mask.sum()
            ),
            "J - 0.1 KL",
            {"token-mean"},
        ),
        (
            lambda b: pg(
                b,
                (lambda r: (r - r.mean()) / (r.std() + 1e-6))(
                    (paid(b, entropy=0.01) * b.mask).sum(1, True)
                ),
            ),
            "J + 0.01 entropy",
            {"own-sample-mean", "group-deviation"},
        ),
        (lambda b: pg(b, R(b)), "J - 0.1 KL", {"penalty-left-out"}),
        (lambda b: pg(b, R(b)) + log_ratio_as_a_loss(b), "J - 0.1 KL", {"penalty-left-out"}),
        (
            lambda b: pg(b, R(b)) - 0.01 * (b.entropy * b.mask).sum(1).mean(),
            "J + 0.01 entropy",
            {"entropy-bonus"},
        ),
    ],
)
def test_under_another_objective_the_slips_beside_its_terms_are_named(loss, objective, slips):
    report = audit(loss, objective=objective)
    assert report.verdict in ("turned", "scaled") and set(report.slips) == slips, str(report)


def ratio(b, whole=False):
    log_ratio = (b.log_prob - b.old_log_prob) * b.mask
    return (log_ratio.sum(1, True) if whole else log_ratio).exp()


def geometric(b):
    return (((b.log_prob - b.old_log_prob) * b.mask).sum(1) / b.mask.sum(1)).exp()


def clipped(psi, ratio, low=0.2, high=0.2):
    return torch.minimum(psi * ratio, psi * ratio.clamp(1 - low, 1 + high))


@pytest.mark.parametrize(
    ("loss", "slips"),
    [
        (lambda b: pg(b, G(b)) + 0 * b.old_log_prob.sum(), ("ratio-forgotten",)),
        (lambda b: -(ratio(b) * G(b) * b.mask).sum(1).mean(), ("step-ratio",)),
        (
            lambda b: -(clipped(G(b) - b.values, ratio(b)) * b.mask).sum(1).mean(),
            ("step-ratio", "clipped-ratio"),
        ),
        (
            lambda b: -(clipped(R(b), ratio(b), 0.2, 0.28) * b.mask).sum() / b.mask.sum(),
            ("step-ratio", "clipped-ratio"),
        ),
        (
            lambda b: -(ratio(b).clamp(0.9, 1.1) * G(b) * b.mask).sum(1).mean(),
            ("step-ratio", "clip-without-minimum"),
        ),
        (
            lambda b: (
                -(ratio(b).detach().clamp(max=1.1) * b.log_prob * G(b) * b.mask).sum(1).mean()
            ),
            ("step-ratio", "clipped-weight"),
        ),
        (lambda b: -clipped(R(b), ratio(b, whole=True))[:, 0].mean(), ("clipped-ratio",)),
        (lambda b: -(geometric(b) * R(b)[:, 0]).mean(), ("geometric-ratio",)),
        (lambda b: -(ratio(b, whole=True) * R(b))[:, 0].mean(), ()),  # exact
        (lambda b: -(ratio(b) ** 2 / 2 * G(b) * b.mask).sum(1).mean(), ()),  # nobody's
    ],
)
def test_what_turns_on_old_data_is_named(loss, slips):
    report = audit(loss)
    assert report.second_slips == slips, str(report)
    assert report.to_dict()["second_slips"] == [*slips]
    for name in slips:
        assert f"{name}: {SLIPS[name].says}" in str(report)


def test_what_is_read_for_nothing_is_said():
    silent = audit(lambda b: pg(b, R(b)) + log_ratio_as_a_loss(b))
    assert silent.verdict == "gradient" and "(k1) as a loss pulls nowhere" in str(silent)
    mixed = audit(lambda b: pg(b, R(b) - R(b).mean()) + 0 * b.prompts.sum())
    assert "it reads prompts, and its update does not depend on it" in str(mixed)

    def by_prompt(b):
        same = (b.prompts[:, None] == b.prompts).double()
        return pg(b, R(b) - same @ R(b) / same.sum(1, keepdim=True))

    assert "does not depend on it" not in str(audit(by_prompt))
    assert "does not depend on it" not in str(audit(lambda b: pg(b, paid(b, 0.1))))


def test_the_changelog_counts_the_slips():
    text = (BOOK.parent / "CHANGELOG.md").read_text("utf-8")
    assert f"{len(SLIPS)} slips by name" in text


@pytest.mark.once
def test_what_the_catalogue_does_not_know_gets_no_name():
    from audit_outside import losses

    named, count = {}, 0
    for name, loss in losses():
        report = audit(loss, sizes=(3, 2))
        count += 1
        assert report.verdict in ("turned", "scaled", "invalid"), f"{name}: {report}"
        if report.slips:
            named[name] = report.slips
    assert not named and count >= 50
    assert "not in the catalogue" in str(report)


@pytest.mark.parametrize(
    ("loss", "slips"),
    [
        (lambda b: -(b.log_prob * gae(b, 0.0, b.gamma)).sum() / len(b.mask), {"sum-over-steps"}),
        (lambda b: (b.log_prob * gae(b, 0.9, b.gamma)).mean(), {"wrong-sign"}),
        (
            lambda b: -(b.log_prob * normalised(gae(b, 0.95, b.gamma), b)).mean(),
            {"pooled-mean", "pooled-deviation"},
        ),
        (
            lambda b: -(b.log_prob * (G(b, b.gamma) - b.values)).mean(),
            {"window-rest-left-out"},
        ),
        (
            lambda b: (
                -(b.log_prob * gae(b, 1.0, b.gamma) * torch.tensor([1.0, b.gamma]).double()).mean()
            ),
            {"window-discount"},
        ),
        (lambda b: -(b.log_prob * gae(b, 0.9, 1.0)).mean(), {"undiscounted"}),
        (
            lambda b: -(b.log_prob * normalised(gae(b, 1.0, b.gamma), b)).mean(),
            {"pooled-mean", "pooled-deviation"},
        ),
        (
            lambda b: -(b.log_prob * normalised(gae(b, 1.0, b.gamma) + b.values, b)).mean(),
            {"pooled-mean", "pooled-deviation"},
        ),
        (
            lambda b: -(b.log_prob * gae(b, 0.95, b.gamma) + 0.01 * b.entropy).mean(),
            {"entropy-bonus"},
        ),
    ],
)
def test_slips_in_windows_have_names_of_their_own(loss, slips):
    report = audit(loss, sampling="windows")
    assert report.verdict in ("turned", "scaled")
    assert any(set(each) == slips for each in (report.slips, *report.same_slips)), str(report)
    assert len(report.slips) <= len(slips)
    assert "objective=" not in str(report) + report._repr_html_()
    assert (
        audit(lambda b: -(b.log_prob * gae(b, 0.9, b.gamma)).mean(), sampling="windows").slips == ()
    )
