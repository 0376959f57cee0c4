"""The explorable "reward to text" as Python computes it: torch's GRU and autograd."""

import itertools

import numpy as np
import torch

DIGITS, LONGEST = 6, 5
END = DIGITS  # the token that ends a prompt or an answer
TOKENS = DIGITS + 1
RATE = 0.02


def weights(hidden: int) -> torch.Tensor:
    """Parameters [3H (7 + H) + 7 (H + 1)] that another language can write down too."""
    size = 3 * hidden * (TOKENS + hidden) + TOKENS * (hidden + 1)
    return torch.sin(1.7 * torch.arange(size, dtype=torch.float64)) * 0.6


def next_tokens(theta: torch.Tensor, hidden: int, read: torch.Tensor) -> torch.Tensor:
    """Log-distributions [L, N, 7] of the next token after each of the tokens read [L, N].

    Args:
        theta: E [7, 3H], U [3H, H], W [7, H], b [7], one after another; gates in torch's order.
        hidden: units H.
        read: tokens, from the beginning.
    """
    sizes = [TOKENS * 3 * hidden, 3 * hidden * hidden, TOKENS * hidden, TOKENS]
    E, U, W, b = torch.split(theta, sizes)
    inputs = torch.nn.functional.one_hot(read, TOKENS).to(torch.float64)
    gru = torch.nn.GRU(TOKENS, hidden, bias=False, dtype=torch.float64)
    own = {
        "weight_ih_l0": E.reshape(TOKENS, 3 * hidden).T,
        "weight_hh_l0": U.reshape(3 * hidden, hidden),
    }
    states, _ = torch.func.functional_call(gru, own, (inputs,))
    return torch.log_softmax(states @ W.reshape(TOKENS, hidden).T + b, dim=-1)


def log_probs(theta: torch.Tensor, hidden: int, prompt: str, answer: list[int]) -> torch.Tensor:
    """Log-distributions [T, 7] of the next token at each of an answer's T tokens."""
    read = [int(prompt[0]), int(prompt[1]), END, *answer[:-1]]
    return next_tokens(theta, hidden, torch.tensor(read)[:, None])[2:, 0]


def placed(answer: list[int], prompt: str) -> float:
    """Share of the three right tokens that stand in their place."""
    right = [int(prompt[1]), int(prompt[0]), END]
    return sum(one == other for one, other in zip(answer, right, strict=False)) / 3


REWARDS = {
    "graded": placed,
    "exact": lambda answer, prompt: float(answer == [int(prompt[1]), int(prompt[0]), END]),
    "longer": lambda answer, prompt: len([v for v in answer if v < END]) / LONGEST,
    "counted": lambda answer, prompt: (
        sum(answer.count(v) for v in {int(prompt[0]), int(prompt[1])}) / LONGEST
    ),
}


def loss(theta: torch.Tensor, hidden: int, groups: list[dict], entropy: float) -> torch.Tensor:
    """The loss -(1/n) Σ_i Σ_t [A_i log π(y_t) + c H_t], A_i leave-one-out in its group."""
    total, n = torch.zeros((), dtype=torch.float64), 0
    for group in groups:
        rewards = np.array(group["rewards"])
        for i, answer in enumerate(group["answers"]):
            advantage = rewards[i] - np.delete(rewards, i).mean()
            logs = log_probs(theta, hidden, group["prompt"], answer)
            chosen = logs[torch.arange(len(answer)), torch.tensor(answer)]
            total += advantage * chosen.sum() - entropy * (logs.exp() * logs).sum()
            n += 1
    return -total / n


def random_groups(seed: int, prompts: list[str], answers: int) -> list[dict]:
    """Answers of every length, drawn without a model; some of them right; each with its rewards."""
    rng = np.random.default_rng(seed)
    groups = []
    for prompt in prompts:
        drawn = [[int(prompt[1]), int(prompt[0]), END]]
        while len(drawn) < answers:
            digits = rng.integers(DIGITS, size=rng.integers(LONGEST + 1)).tolist()
            drawn.append((digits + [END])[:LONGEST])
        rewards = {name: [earn(a, prompt) for a in drawn] for name, earn in REWARDS.items()}
        groups.append({"prompt": prompt, "answers": drawn, "all": rewards})
    return groups


def every_answer() -> list[list[int]]:
    """All answers: those that end, and those that are cut off."""
    ended = [
        [*digits, END]
        for length in range(LONGEST)
        for digits in itertools.product(range(DIGITS), repeat=length)
    ]
    return ended + [list(digits) for digits in itertools.product(range(DIGITS), repeat=LONGEST)]


def likeliest(theta: torch.Tensor, hidden: int, prompt: str, count: int) -> dict:
    """The most likely answers by listing all 9,331, and what all of them sum to."""
    listed = every_answer()
    digits = torch.cartesian_prod(*[torch.arange(DIGITS)] * (LONGEST - 1)).T
    asked = torch.tensor([int(prompt[0]), int(prompt[1]), END])[:, None].expand(3, digits.shape[1])
    logs = next_tokens(theta, hidden, torch.cat([asked, digits]))[2:].tolist()
    tree = {
        tuple(prefix[:t]): logs[t][i]
        for i, prefix in enumerate(digits.T.tolist())
        for t in range(LONGEST)
    }
    log_p = [sum(tree[tuple(a[:t])][a[t]] for t in range(len(a))) for a in listed]
    order = np.argsort(log_p)[::-1][:count]
    return {
        "prompt": prompt,
        "answers": [listed[i] for i in order],
        "probabilities": [float(np.exp(log_p[i])) for i in order],
        "sum": float(np.exp(log_p).sum()),
    }


def right_share(theta: torch.Tensor, hidden: int) -> float:
    """The probability of the right answer, averaged over the 36 prompts."""
    total = 0.0
    for a, b in itertools.product(range(DIGITS), repeat=2):
        logs = log_probs(theta, hidden, f"{a}{b}", [b, a, END])
        total += logs[torch.arange(3), torch.tensor([b, a, END])].sum().exp().item()
    return total / DIGITS**2


def case(hidden: int, reward: str, entropy: float, seed: int) -> dict:
    """One update: log-probabilities, loss, its gradient, and θ after a step of Adam.

    Of a large model every 41st number of the last two, which touches each part of it.
    """
    theta = weights(hidden).requires_grad_()
    groups = random_groups(seed, ["13", "50", "22", "13"], answers=5)
    for group in groups:
        group["rewards"] = group["all"][reward]
    value = loss(theta, hidden, groups, entropy)
    adam = torch.optim.Adam([theta], lr=RATE)
    value.backward()
    adam.step()
    first = groups[0]
    logs = [log_probs(theta, hidden, first["prompt"], a).tolist() for a in first["answers"]]
    every = 41 if hidden > 8 else 1
    return {
        "hidden": hidden,
        "entropy": entropy,
        "reward": reward,
        "groups": groups,
        "loss": value.item(),
        "every": every,
        "gradient": theta.grad[::every].tolist(),
        "stepped": theta.detach()[::every].tolist(),
        "after": {"logs": logs, "right": right_share(theta.detach(), hidden)},
    }


def gru_vectors() -> dict:
    """One update for every reward, small and as large as the explorable's; answers by listing."""
    cases = [
        case(4 if name != "counted" else 32, name, entropy, seed)
        for seed, (name, entropy) in enumerate(zip(REWARDS, (0.0, 0.05, 0.2, 0.05), strict=True))
    ]
    with torch.no_grad():
        best = [likeliest(weights(4), 4, prompt, 8) for prompt in ("04", "33")]
    return {"cases": cases, "likeliest": best}
