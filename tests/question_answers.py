"""The answers of the questions, and of their slips, computed: closed forms, enumeration, slopes.

Each function takes a question's variables and gives the right answer, then what each slip comes to
in the order of `questions.json`; None where a slip is a misreading that no computation makes.
"""

from itertools import product

import numpy as np
import torch
from pgbook.loss import policy_loss
from pgbook.mdp import enumerate_trajectories, random_mdp
from pgbook.tokens.groups import group_weights
from pgbook.weights import gae, leave_one_out, reward_to_go
from scipy.integrate import quad
from scipy.optimize import minimize_scalar


def slope(f, x, h=1e-6):
    """A central difference."""
    return (f(x + h) - f(x - h)) / (2 * h)


# --- 1 The objective -----------------------------------------------------------------------------


def mean_of_two(p, r0, r1):
    """1.b: the mean over both actions, listed."""
    listed = np.dot([p, 1 - p], [r0, r1])
    return [listed, np.mean([r0, r1]), p * r0, p * (r0 + r1), np.dot([1 - p, p], [r0, r1]), r0 + r1]


def episodes_for_half():
    """1.c: the error is σ/√N; 0.13 at N = 100 gives σ."""
    sigma = 0.13 * np.sqrt(100)
    return [(sigma / 0.065) ** 2, 100 * 2, 100 / 2, 100 * 10]


# --- 2 The gradient of an expectation ------------------------------------------------------------


def moving_edge():
    """2.b: J by quadrature and its slope by differences; the slope inside; J; the edge."""

    def J(theta):
        return quad(lambda a: a**2 / theta, 0, theta)[0]

    inside = quad(lambda a: -(a**2), 0, 1)[0]
    return [slope(J, 1.0), inside, J(1.0), 1.0, slope(np.square, 1.0)]


# --- 3 The log-derivative trick ------------------------------------------------------------------


def score_of_tails(theta):
    """3.a: the slope of the logarithm, by differences."""
    score = slope(lambda x: np.log(1 - x), theta)
    heads = slope(np.log, theta)
    return [score, -score, heads, -heads, slope(lambda x: 1 - x, theta), np.log(1 - theta)]


# --- 4 The probability of a trajectory -----------------------------------------------------------


def factors():
    """4.a: count what is multiplied for one trajectory of a world with three steps."""
    world = random_mdp(0, horizon=3)
    ours = enumerate_trajectories(world).actions.shape[1]
    moves = enumerate_trajectories(world).states.shape[1] - 1
    return [1 + ours + moves, ours + moves, 1 + ours + 1 + moves, ours, 1 + moves]


def ratio_of_two():
    """4.b: from logarithms back to probabilities."""
    first, second = np.exp(-3), np.exp(-5)
    return [first / second, -3 + 5, -5 / -3, 10.0 ** (-3 + 5), second / first]


# --- 5 Dropping the dynamics ---------------------------------------------------------------------


def own_score(p):
    """5.b: the slope of log p in the logit, by differences."""

    def chance(logit):
        return 1 / (1 + np.exp(-logit))

    at = np.log(p / (1 - p))
    own = slope(lambda x: np.log(chance(x)), at)
    other = slope(lambda x: np.log(1 - chance(x)), at)
    return [own, slope(chance, at), other, slope(np.log, p), chance(at)]


def one_episode():
    """5.c: the sum of the scores times the return."""
    scores, paid = np.array([0.4, -0.1]), 3.0
    return [
        scores.sum() * paid,
        scores.sum(),
        scores.prod() * paid,
        scores[0] * paid,
        scores.mean() * paid,
    ]


# --- 6 The estimator -----------------------------------------------------------------------------


def two_votes():
    """6.a: each score meets its own return."""
    scores, paid = np.array([2.0, -1.0]), np.array([3.0, 4.0])
    votes = scores * paid
    return [votes.mean(), votes.sum(), scores.mean() * paid.mean(), np.abs(votes).mean()]


def votes_needed(sigma, error):
    """6.c: N with σ/√N equal to the error, found by bisection in log N."""
    low, high = -20.0, 20.0
    while high - low > 1e-13:
        middle = (low + high) / 2
        low, high = (middle, high) if sigma / np.exp(middle / 2) > error else (low, middle)
    return [np.exp(low), sigma / error, np.exp(-low), sigma**2 / error]


# --- 7 REINFORCE ---------------------------------------------------------------------------------


def with_a_mask():
    """7.a: the library's loss, differentiated; every step's log-probability has the slope 0.5."""
    lengths = np.array([2, 4])
    mask = (np.arange(4) < lengths[:, None]).astype(float)
    steps = np.repeat(lengths, lengths)

    def ascent(psi):
        theta = torch.zeros((), dtype=torch.float64, requires_grad=True)
        log_prob = 0.5 * theta * torch.ones(6, dtype=torch.float64)
        loss = policy_loss(log_prob, torch.tensor(psi, dtype=torch.float64), 2)
        return -torch.autograd.grad(loss, theta)[0].item()

    whole = ascent(steps.astype(float))
    to_go = ascent(reward_to_go(mask, mask)[mask > 0])
    averaged = ascent(steps / steps)  # each episode's return over its own length
    return [whole, whole * 2 / 6, whole * 2, averaged, to_go]


# --- 8 Reward-to-go ------------------------------------------------------------------------------


def to_go_from_one():
    """8.a: the library's reward-to-go."""
    paid = np.array([[1.0, 3.0, 2.0, 5.0]])
    G = reward_to_go(paid, np.ones_like(paid))[0]
    return [G[1], G[2], G[0], paid[0, :2].sum(), paid[0, 1:].mean()]


# --- 9 Baselines ---------------------------------------------------------------------------------


def baseline_gone(p, r0, r1, b):
    """9.a: the mean over both actions, listed."""
    chance, score = np.array([p, 1 - p]), np.array([1 - p, -p])
    paid = np.array([r0, r1])
    return [
        chance @ (score * (paid - b)),
        p * (1 - p) * (r0 - r1 - b),
        chance @ (paid - b),
        -chance @ (score * paid),
        score @ (paid - b),
    ]


def others_mean():
    """9.b: the library's leave-one-out weight."""
    paid = np.array([[4.0], [1.0], [1.0], [2.0]])
    weight = leave_one_out(paid, np.ones_like(paid))[0, 0]
    return [weight, 4 - paid.mean(), 4 - weight, 4, 4 - paid[1:].sum() / 4]


# --- 10 Actor-critic -----------------------------------------------------------------------------


def one_delta():
    """10.a: the library's GAE with λ = 0; its end of an episode; and the slips."""

    def delta(reward=1.0, gamma=0.9, before=2.0, after=3.0, over=0.0):
        given = {"values": np.array([[before, after]]), "terminated": np.array([[over]])}
        return gae(np.array([[reward]]), np.ones((1, 1)), gamma=gamma, lam=0.0, **given)[0, 0]

    return [
        delta(),
        delta(gamma=1.0),
        delta(before=0.0),
        delta(over=1.0),
        delta(reward=0.0),
        delta(gamma=1.0, before=0.9 * 2.0),
    ]


def two_deltas(gamma, lam, first, second):
    """10.b: the library's GAE, whose critic says 0, so that each δ is a reward."""

    def estimate(gamma, lam):
        paid, given = np.array([[first, second]]), {"values": np.zeros((1, 3))}
        mask, over = np.ones((1, 2)), np.array([[0.0, 1.0]])
        return gae(paid, mask, gamma=gamma, lam=lam, terminated=over, **given)[0, 0]

    return [
        estimate(gamma, lam),
        estimate(gamma, 1.0),
        estimate(1.0, lam),
        gamma * lam * (first + second),
        estimate(gamma, lam) - lam * first,
    ]


# --- 11 Continuous actions -----------------------------------------------------------------------


def score_of_the_mean(a, mean, sigma):
    """11.a: slopes of the log-density by differences."""

    def log_density(mean, sigma):
        return -((a - mean) ** 2) / (2 * sigma**2) - np.log(sigma * np.sqrt(2 * np.pi))

    score = slope(lambda x: log_density(x, sigma), mean)
    width = slope(lambda x: log_density(mean, np.exp(x)), np.log(sigma))
    constant = np.log(sigma * np.sqrt(2 * np.pi))
    return [score, score * sigma, -score, width, log_density(mean, sigma) + constant]


# --- 12 Trust regions ----------------------------------------------------------------------------


def clipped():
    """12.a: the library's loss with a clip, and without."""
    log_prob, old = (torch.tensor([x], dtype=torch.float64).log() for x in (0.65, 0.5))

    def term(psi, clip):
        weight = torch.tensor([psi], dtype=torch.float64)
        return -policy_loss(log_prob, weight, 1, old, clip).item()

    ratio = (log_prob - old).exp().item()
    return [term(2.0, 0.2), term(2.0, 9.0), term(1.0, 0.2), ratio, 2 / ratio]


# --- 13 An answer is a trajectory ----------------------------------------------------------------


def answer_and_its_end():
    """13.a: a product."""
    tokens = np.array([0.5, 0.8, 0.5, 0.5])
    return [tokens.prod(), tokens[:-1].prod(), tokens.sum(), tokens.mean()]


def one_of_two(p):
    """13.b: all four pairs of right and wrong, listed."""
    pairs = np.array([*product([1, 0], repeat=2)])
    chance = np.where(pairs, p, 1 - p).prod(axis=1)
    right = pairs.sum(axis=1)
    return [
        chance @ (right > 0),
        chance @ right,
        chance @ (right == 2),
        chance @ (right == 1),
        chance @ (right == 0),
    ]


# --- 14 Group rules ------------------------------------------------------------------------------


def right_one_of_four():
    """14.a: the library's weights, of which an answer has a fourth."""
    paid, lengths = np.array([[1.0, 0, 0, 0]]), np.ones((1, 4))

    def weight(**switches):
        return 4 * group_weights(paid, lengths, **switches)[0, 0]

    own = weight(centre="own")
    return [
        weight(centre="own", deviation="group"),
        own,
        own / paid.std(ddof=1),
        weight(deviation="group"),
        own / paid.var(),
    ]


def shorter(K):
    """14.c: the own mean beside the mean of the others, for the whole numbers around K."""
    for size in (int(K), int(K) + 1):
        paid, lengths = np.eye(1, size), np.ones((1, size))
        own, others = (
            group_weights(paid, lengths, centre=centre)[0, 0] for centre in ("own", "others")
        )
        assert np.isclose(own / others, 1 - 1 / size)
    return [1 - 1 / K, 1 / K, K / (K - 1), 1]


# --- 15 The leash --------------------------------------------------------------------------------


def best_on_the_leash(beta):
    """15.a: climb J - β KL itself."""

    def cost(p):
        both = np.array([p, 1 - p])
        return beta * both @ np.log(2 * both) - p

    best = minimize_scalar(
        cost, bounds=(1e-9, 1 - 1e-9), method="bounded", options={"xatol": 1e-12}
    )
    odds = np.exp(1 / beta)
    return [best.x, odds / 2, np.exp(beta) / (np.exp(beta) + 1), 1 - best.x, 0.5]


def ratio_of_the_answer():
    """15.c: a product of ratios."""
    ratios = np.array([1.2, 0.5])
    return [ratios.prod(), ratios.mean(), ratios.sum(), ratios[1]]


# --- 16 Rewards alone ----------------------------------------------------------------------------


def teaches():
    """16.a: all groups of four, listed; they are equally likely."""
    right = np.array([*product([1, 0], repeat=4)]).sum(axis=1)
    alike = ((right == 0) | (right == 4)).mean()
    pairs = np.array([*product([1, 0], repeat=2)]).sum(axis=1)
    return [1 - alike, (right > 0).mean(), (right == 4).mean(), alike, (pairs == 1).mean()]


# --- When it holds, and which update is unbiased -------------------------------------------------


def first_step_of_adam():
    """H.b: torch's own first step at each of the two estimates, averaged."""

    def step(gradient):
        theta = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        theta.grad = torch.tensor([-gradient], dtype=torch.float64)  # it minimises
        torch.optim.Adam([theta], lr=1.0).step()
        return theta.item()

    chance, estimates = np.array([0.9, 0.1]), np.array([1.0, -20.0])
    mean = chance @ estimates
    return [chance @ [step(each) for each in estimates], mean, np.sign(mean), chance[0]]


def share_of_the_long():
    """U.b: the library's weights of answers that are paid alike, with two kinds of mean."""
    paid, lengths = np.ones((1, 2)), np.array([[1.0, 3.0]])

    def of_long(length):
        each = (lengths * group_weights(paid, lengths, length=length))[0]
        return each[1] / each.sum()

    tokens = of_long("batch")
    return [tokens, of_long("answer"), 1 - tokens, tokens / (1 - tokens)]


COMPUTED = {
    "1.b": mean_of_two,
    "1.c": episodes_for_half,
    "2.b": moving_edge,
    "3.a": score_of_tails,
    "4.a": factors,
    "4.b": ratio_of_two,
    "5.b": own_score,
    "5.c": one_episode,
    "6.a": two_votes,
    "6.c": votes_needed,
    "7.a": with_a_mask,
    "8.a": to_go_from_one,
    "9.a": baseline_gone,
    "9.b": others_mean,
    "10.a": one_delta,
    "10.b": two_deltas,
    "11.a": score_of_the_mean,
    "12.a": clipped,
    "13.a": answer_and_its_end,
    "13.b": one_of_two,
    "14.a": right_one_of_four,
    "14.c": shorter,
    "15.a": best_on_the_leash,
    "15.c": ratio_of_the_answer,
    "16.a": teaches,
    "H.b": first_step_of_adam,
    "U.b": share_of_the_long,
}
