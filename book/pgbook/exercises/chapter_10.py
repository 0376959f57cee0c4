"""Chapter 10: generalised advantages of a window, and n-step targets for a critic."""

import numpy as np

from pgbook.exercises.exercise import Case, Exercise, Slip

# --- 10.4 generalised advantages -----------------------------------------------------------------


def _windows():
    for why, seed, ends, gamma, lam in (
        ("two steps, no end", 0, [0, 0], 0.9, 0.8),
        ("the last step is an end", 1, [0, 0, 1], 0.9, 0.8),
        ("an end in the middle", 2, [0, 1, 0, 0], 0.9, 0.8),
        ("gamma = 1, lambda = 1", 3, [0, 0, 1, 0], 1.0, 1.0),
        ("lambda = 0", 4, [0, 1, 0], 0.9, 0.0),
    ):
        rng = np.random.default_rng(seed)
        rewards, values = rng.normal(size=len(ends)), rng.normal(size=len(ends) + 1)
        yield Case(why, (rewards.round(2), values.round(2), np.array(ends), gamma, lam))


def _by_definition(rewards, values, ended, gamma, lam):
    """Σ_k (γλ)^k δ_{t+k}, up to the end of the episode or of the window."""
    advantage = np.zeros(len(rewards))
    for t in range(len(rewards)):
        for k in range(t, len(rewards)):
            after = 0.0 if ended[k] else values[k + 1]
            delta = rewards[k] + gamma * after - values[k]
            advantage[t] += (gamma * lam) ** (k - t) * delta
            if ended[k]:
                break
    return advantage


def _recursion(r, V, ended, gamma, lam, *, value_stops=True, carry_stops=True, last=None):
    after = V[1:].copy()
    if last is not None:
        after[-1] = last
    delta = r + gamma * after * (1 - ended * value_stops) - V[:-1]
    result, carry = np.zeros(len(r)), 0.0
    for t in reversed(range(len(r))):
        carry = delta[t] + gamma * lam * (1 - ended[t] * carry_stops) * carry
        result[t] = carry
    return result


def _forwards(r, V, ended, gamma, lam):
    back = _recursion(r, V, ended, gamma, 0.0)
    result, carry = np.zeros(len(r)), 0.0
    for t in range(len(r)):
        carry = back[t] + gamma * lam * carry * (1 - (ended[t - 1] if t else 0))
        result[t] = carry
    return result


def _lambda_only(r, V, ended, gamma, lam):
    delta = _recursion(r, V, ended, gamma, 0.0)
    result, carry = np.zeros(len(r)), 0.0
    for t in reversed(range(len(r))):
        carry = delta[t] + lam * (1 - ended[t]) * carry
        result[t] = carry
    return result


GAE = Exercise(
    id="10.4",
    asks="Return the generalised advantage of each step of a window.",
    call="window_advantage(rewards, values, ended, gamma, lam)",
    cases=lambda: tuple(_windows()),
    answer=_by_definition,
    slips=(
        Slip(
            "end-ignored",
            "an end changes nothing: the next episode's value and errors flow into this one",
            "multiply both with 1 - ended[t]",
            lambda *given: _recursion(*given, value_stops=False, carry_stops=False),
        ),
        Slip(
            "value-after-the-end",
            "the value of the next state counts after a true end, where nothing follows",
            "rewards[t] + gamma * values[t + 1] * (1 - ended[t]) - values[t]",
            lambda *given: _recursion(*given, value_stops=False),
        ),
        Slip(
            "sum-across-the-end",
            "the sum runs on into the next episode",
            "carry = delta[t] + gamma * lam * (1 - ended[t]) * carry",
            lambda *given: _recursion(*given, carry_stops=False),
        ),
        Slip(
            "gamma-not-in-the-sum",
            "the errors to come are discounted with lambda alone",
            "gamma * lam",
            _lambda_only,
        ),
        Slip(
            "lambda-missing",
            "lambda is left out: it is the whole return less the value",
            "gamma * lam",
            lambda r, V, e, g, lam: _recursion(r, V, e, g, 1.0),
        ),
        Slip(
            "one-error-only",
            "it is the error of the step itself: the errors to come are missing",
            "add gamma * lam times the advantage of the next step",
            lambda r, V, e, g, lam: _recursion(r, V, e, g, 0.0),
        ),
        Slip(
            "cut-is-an-end",
            "the window's last value counts as 0, as if the world had ended there",
            "values[T] is the critic's word for what is still to come",
            lambda *given: _recursion(*given, last=0.0),
        ),
        Slip(
            "forwards",
            "the errors of the past are added up, not those to come",
            "t runs from the last step to the first",
            _forwards,
        ),
        Slip(
            "value-added-back",
            "the value is not taken off: it is a target for the critic",
            "less values[t]",
            lambda r, V, *rest: _recursion(r, V, *rest) + V[:-1],
        ),
    ),
)


# --- 10.5 n-step targets -------------------------------------------------------------------------


def _runs():
    for why, seed, steps, n, gamma in (
        ("one step ahead", 0, 3, 1, 0.5),
        ("two steps ahead", 1, 5, 2, 0.9),
        ("further than the window", 2, 3, 7, 0.8),
        ("gamma = 1", 3, 4, 3, 1.0),
        ("a window of one step", 4, 1, 2, 0.9),
    ):
        rng = np.random.default_rng(seed)
        rewards, values = rng.normal(size=steps), rng.normal(size=steps + 1)
        yield Case(why, (rewards.round(2), values.round(2), n, gamma))


def _by_errors(rewards, values, n, gamma):
    """V_t plus n discounted errors: another route than rewards and one value."""
    delta = rewards + gamma * values[1:] - values[:-1]
    steps = range(len(rewards))
    return [
        values[t] + sum(gamma ** (k - t) * delta[k] for k in steps if t <= k < t + n) for t in steps
    ]


def _targets(r, V, n, gamma, *, value=1, power=0, late=0, fixed=False, at=0):
    result = []
    for t in range(len(r)):
        end = min(t + n + late, len(r))
        paid = sum(gamma ** (k - t) * r[k] for k in range(t, end))
        ahead = n if fixed else end - t
        stops = max(end + at, t)
        result.append(paid + value * gamma ** max(ahead + power, 0) * V[stops])
    return np.array(result)


def _undiscounted(r, V, n, gamma):
    end = np.minimum(np.arange(len(r)) + n, len(r))
    return _targets(r, V, n, gamma, value=0) + V[end]


TARGETS = Exercise(
    id="10.5",
    asks="Return the n-step target of a critic for each step of a window without ends.",
    call="targets(rewards, values, n, gamma)",
    cases=lambda: tuple(_runs()),
    answer=_by_errors,
    slips=(
        Slip(
            "value-not-discounted",
            "the value at the end is not discounted",
            "gamma ** n * values[t + n]",
            _undiscounted,
        ),
        Slip(
            "one-discount-short",
            "the value at the end is discounted n - 1 times",
            "gamma ** n * values[t + n]",
            lambda *given: _targets(*given, power=-1),
        ),
        Slip(
            "no-value",
            "the value at the end is missing: all that comes after n steps counts as 0",
            "add gamma ** n * values[t + n]",
            lambda *given: _targets(*given, value=0),
        ),
        Slip(
            "one-reward-too-many",
            "n + 1 rewards are counted",
            "k runs from t to t + n - 1",
            lambda *given: _targets(*given, late=1),
        ),
        Slip(
            "value-one-early",
            "it takes the value one step early, of a state whose reward is counted already",
            "values[t + n]",
            lambda *given: _targets(*given, at=-1),
        ),
        Slip(
            "window-is-an-end",
            "where the window ends first, nothing is taken to follow",
            "add gamma ** (T - t) * values[T] there",
            lambda r, V, n, g: _targets(r, np.append(V[:-1], 0.0), n, g),
        ),
        Slip(
            "fixed-power",
            "where the window ends first, the value is discounted as if n steps had passed",
            "gamma ** (T - t) there",
            lambda *given: _targets(*given, fixed=True),
        ),
        Slip(
            "advantage",
            "the value of now is taken off: that is an advantage, and a target is what V should be",
            "leave - values[t] out",
            lambda r, V, *rest: _targets(r, V, *rest) - V[:-1],
        ),
    ),
)


EXERCISES = (GAE, TARGETS)
