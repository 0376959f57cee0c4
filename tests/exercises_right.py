"""Right answers to the book's programming exercises, each written in three ways or more."""

import math

import numpy as np
import torch

RIGHT = {}


def answers(id):
    """Register a function that returns right answers to an exercise."""

    def keep(make):
        RIGHT[id] = make()
        return make

    return keep


@answers("1.4")
def mean_return():
    def loops(prob, rewards):
        total = 0.0
        for chance, row in zip(prob, rewards, strict=True):
            total += chance * sum(row)
        return total

    def by_torch(prob, rewards):
        return torch.as_tensor(prob).float() @ torch.as_tensor(rewards).float().sum(1)

    return loops, by_torch, lambda p, r: np.average(r.sum(axis=1), weights=p)


@answers("1.5")
def objective():
    def backwards(start, transition, reward, policy):
        value = np.zeros(len(start))
        for t in reversed(range(len(policy))):
            value = np.einsum("sa,sa->s", policy[t], reward + transition @ value)
        return start @ value

    def forwards(start, transition, reward, policy):
        total, here = 0.0, start.copy()
        for table in policy:
            both = here[:, None] * table
            total += (both * reward).sum()
            here = np.einsum("sa,san->n", both, transition)
        return [total][0]

    def recursive(start, transition, reward, policy):
        def value(t, s):
            if t == len(policy):
                return 0.0
            after = [value(t + 1, n) for n in range(len(start))]
            q = reward[s] + transition[s] @ np.array(after)
            return policy[t, s] @ q

        return sum(chance * value(0, s) for s, chance in enumerate(start))

    return backwards, forwards, recursive


@answers("2.5")
def differences():
    def knob_by_knob(f, theta, h):
        theta, slopes = np.array(theta, dtype=float), np.zeros(theta.shape)
        for k in np.ndindex(theta.shape):
            old = theta[k]
            theta[k] = old + h
            up = f(theta)
            theta[k] = old - h
            slopes[k] = (up - f(theta)) / (2 * h)
            theta[k] = old
        return slopes

    def flat(f, theta, h):
        x = theta.ravel().astype(float)
        rows = [x + sign * h * k for k in np.eye(x.size) for sign in (1, -1)]
        ups_and_downs = np.array([f(row.reshape(theta.shape)) for row in rows]).reshape(-1, 2)
        return (ups_and_downs @ [0.5, -0.5]).reshape(theta.shape) / h

    def as_lists(f, theta, h):
        if theta.ndim == 2:
            return [
                [slope(f, theta, h, (i, j)) for j in range(theta.shape[1])]
                for i in range(len(theta))
            ]
        return [slope(f, theta, h, i) for i in range(len(theta))]

    def slope(f, theta, h, k):
        step = np.zeros(theta.shape)
        step[k] = h
        return (f(theta + step) - f(theta - step)) / h / 2

    return knob_by_knob, flat, as_lists


@answers("2.6")
def die_gradient():
    def closed_form(theta, R):
        p = np.exp(theta - theta.max())
        p /= p.sum()
        return p * (R - p @ R)

    def by_torch(theta, R):
        logits = torch.tensor(theta, requires_grad=True)
        (torch.softmax(logits, 0) * torch.tensor(R)).sum().backward()
        return logits.grad

    def double_loop(theta, R):
        p = [1 / sum(np.exp(other - mine) for other in theta) for mine in theta]
        faces = range(len(p))
        return [sum(p[x] * ((x == j) - p[j]) * R[x] for x in faces) for j in faces]

    return closed_form, by_torch, double_loop


@answers("3.5")
def score():
    def closed_form(theta, x):
        p = np.exp(theta - theta.max())
        result = -p / p.sum()
        result[x] += 1
        return result

    def by_torch(theta, x):
        logits = torch.tensor(theta, requires_grad=True)
        return torch.autograd.grad(torch.log_softmax(logits, 0)[x], logits)[0]

    def by_cases(theta, x):
        p = [1 / sum(np.exp(other - mine) for other in theta) for mine in theta]
        return [1 - q if k == x else -q for k, q in enumerate(p)]

    return closed_form, by_torch, by_cases


@answers("3.6")
def estimate():
    def vectorised(theta, x, R):
        p = np.exp(theta) / np.exp(theta).sum()
        return ((np.eye(len(theta))[x] - p) * R[:, None]).mean(axis=0)

    def by_torch(theta, x, R):
        logits = torch.tensor(theta, requires_grad=True)
        log_prob = torch.distributions.Categorical(logits=logits).log_prob(torch.tensor(x))
        (log_prob * torch.tensor(R)).mean().backward()
        return logits.grad

    def by_counts(theta, x, R):
        p = np.exp(theta) / np.exp(theta).sum()
        return np.bincount(x, R, len(theta)) / len(x) - p * R.mean()

    return vectorised, by_torch, by_counts


@answers("4.4")
def log_prob():
    def vectorised(start, transition, policy, states, actions):
        here, after = states[:-1], states[1:]
        ours = policy[np.arange(len(actions)), here, actions]
        return np.log(start[states[0]]) + np.log(ours * transition[here, actions, after]).sum()

    def by_torch(*given):
        start, transition, policy, s, a = map(torch.as_tensor, given)
        factors = torch.cat([start[s[:1]], policy[torch.arange(len(a)), s[:-1], a]])
        return factors.log().sum() + transition[s[:-1], a, s[1:]].log().sum()

    def with_exponents(start, transition, policy, states, actions):
        mantissa, exponent = np.frexp(start[states[0]])
        for t, action in enumerate(actions):
            for factor in (
                policy[t, states[t], action],
                transition[states[t], action, states[t + 1]],
            ):
                mantissa, more = np.frexp(mantissa * factor)
                exponent += more
        return np.log(mantissa) + exponent * np.log(2)

    return vectorised, by_torch, with_exponents


@answers("4.5")
def marginals():
    def matrices(start, transition, policy):
        rows = [start]
        for table in policy:
            rows.append(rows[-1] @ (table[:, :, None] * transition).sum(axis=1))
        return np.stack(rows)

    def loops(start, transition, policy):
        states, actions = transition.shape[:2]
        result = np.zeros((len(policy) + 1, states))
        result[0] = start
        for t in range(len(policy)):
            for s in range(states):
                for a in range(actions):
                    result[t + 1] += result[t, s] * policy[t, s, a] * transition[s, a]
        return result

    def by_torch(start, transition, policy):
        rows = [torch.tensor(start)]
        for table in torch.tensor(policy):
            rows.append(
                torch.einsum("s,sa,san->n", rows[-1], table, torch.as_tensor(transition.copy()))
            )
        return torch.stack(rows)

    return matrices, loops, by_torch


@answers("5.4")
def trajectory_score():
    def loops(policy, states, actions):
        result = np.zeros(policy.shape)
        for t, a in enumerate(actions):
            s = states[t]
            for b in range(policy.shape[1]):
                result[s, b] += (a == b) - policy[s, b]
        return result

    def counts(policy, states, actions):
        taken = np.zeros(policy.shape)
        np.add.at(taken, (states[:-1], actions), 1)
        return taken - taken.sum(axis=1, keepdims=True) * policy

    def by_torch(policy, states, actions):
        logits = torch.tensor(np.log(policy), requires_grad=True)
        every = torch.log_softmax(logits, -1)
        every[torch.tensor(states[:-1]), torch.tensor(actions)].sum().backward()
        return logits.grad

    return loops, counts, by_torch


@answers("5.5")
def exact_gradient():
    def two_sweeps(start, transition, reward, policy):
        here = [start]
        for table in policy[:-1]:
            here.append(np.einsum("s,sa,san->n", here[-1], table, transition))
        value, result = np.zeros(len(start)), np.zeros(policy.shape)
        for t in reversed(range(len(policy))):
            q = reward + transition @ value
            value = (policy[t] * q).sum(axis=1)
            result[t] = here[t][:, None] * policy[t] * (q - value[:, None])
        return result

    def by_torch(start, transition, reward, policy):
        theta = torch.tensor(np.log(policy), requires_grad=True)
        value = torch.zeros(len(start), dtype=torch.float64)
        for table in reversed(theta.softmax(-1)):
            q = torch.tensor(reward.copy()) + torch.tensor(transition.copy()) @ value
            value = (table * q).sum(1)
        return torch.autograd.grad(torch.tensor(start.copy()) @ value, theta)[0]

    def by_the_jacobian(start, transition, reward, policy):
        result, here = np.zeros(policy.shape), start
        for t, table in enumerate(policy):
            value = np.zeros(len(start))
            for later in policy[:t:-1]:
                value = (later * (reward + transition @ value)).sum(axis=1)
            q = reward + transition @ value
            for s, p in enumerate(table):
                result[t, s] = here[s] * (np.diag(p) - np.outer(p, p)) @ q[s]
            here = np.einsum("s,sa,san->n", here, table, transition)
        return result

    return two_sweeps, by_torch, by_the_jacobian


@answers("6.4")
def gradient_estimate():
    def by_torch(scores, mask, returns):
        scores, mask, returns = map(torch.tensor, (scores, mask, returns))
        return (scores * (mask * returns[:, None])[:, :, None]).sum(1).mean(0)

    def only_what_runs(scores, mask, returns):
        episode, step = np.nonzero(mask)
        return returns[episode] @ scores[episode, step] / len(mask)

    return (
        by_torch,
        only_what_runs,
        lambda s, m, R: np.einsum("ntd,nt,n->d", s, m, R) / len(R),
    )


@answers("6.5")
def error_bar():
    def loops(votes):
        mean = sum(votes) / len(votes)
        squares = sum(((vote - mean) ** 2).sum() for vote in votes)
        return (squares / (len(votes) - 1) / len(votes)) ** 0.5

    def by_torch(votes):
        return (torch.tensor(votes).var(0).sum() / len(votes)).sqrt()

    def by_covariance(votes):
        return np.sqrt(np.trace(np.atleast_2d(np.cov(votes.T))) / len(votes))

    return loops, by_torch, by_covariance


@answers("7.4")
def reinforce_loss():
    def one_line(batch):
        returns = (batch.rewards * batch.mask).sum(1, keepdim=True)
        return -(batch.log_prob * returns * batch.mask).sum() / len(batch.mask)

    def by_episode(batch):
        rewards, log_prob = batch.rewards * batch.mask, batch.log_prob * batch.mask
        return -(log_prob.sum(1) * rewards.sum(1)).mean()

    def loops(batch):
        loss = 0
        for log_prob, rewards, mask in zip(batch.log_prob, batch.rewards, batch.mask, strict=True):
            length = int(mask.sum())
            loss = loss - log_prob[:length].sum() * rewards[:length].sum()
        return loss / len(batch.mask)

    return one_line, by_episode, loops


@answers("7.5")
def running():
    def sums(terminated, truncated):
        done = np.logical_or(terminated, truncated).astype(int)
        return np.cumsum(done, axis=1) - done == 0

    def by_torch(terminated, truncated):
        goes_on = 1 - (torch.tensor(terminated) | torch.tensor(truncated)).int()
        before = torch.cat([torch.ones(len(goes_on), 1).int(), goes_on[:, :-1]], dim=1)
        return before.cumprod(1)

    def by_length(terminated, truncated):
        done = terminated | truncated
        steps = done.shape[1]
        lengths = [int(row.argmax()) + 1 if row.any() else steps for row in done]
        return [[float(t < length) for t in range(steps)] for length in lengths]

    return sums, by_torch, by_length


@answers("8.4")
def discounted():
    def backwards(rewards, gamma):
        result, to_go = [], 0.0
        for reward in rewards[::-1]:
            to_go = reward + gamma * to_go
            result.insert(0, to_go)
        return result

    def by_torch(rewards, gamma):
        rewards = torch.tensor(rewards, dtype=torch.float32)
        result = torch.zeros(len(rewards))
        for t in range(len(rewards)):
            powers = torch.tensor(gamma) ** torch.arange(len(rewards) - t)
            result[t] = (powers * rewards[t:]).sum()
        return result

    def triangle(rewards, gamma):
        t = np.arange(len(rewards))
        return np.triu(np.float64(gamma) ** np.maximum(t - t[:, None], 0)) @ rewards

    return backwards, by_torch, triangle


@answers("8.5")
def weights():
    def backwards(rewards, mask, gamma):
        psi, to_go = np.zeros_like(rewards), np.zeros(len(rewards))
        for t in reversed(range(rewards.shape[1])):
            to_go = (rewards[:, t] + gamma * to_go) * mask[:, t]
            psi[:, t] = gamma**t * to_go
        return psi

    def reverse_sum(rewards, mask, gamma):
        paid = rewards * mask * gamma ** np.arange(mask.shape[1])
        return paid[:, ::-1].cumsum(axis=1)[:, ::-1] * mask

    def by_torch(rewards, mask, gamma):
        paid = torch.tensor(rewards * mask) * gamma ** torch.arange(mask.shape[1])
        return paid.sum(1, keepdim=True) - paid.cumsum(1) + paid

    return backwards, reverse_sum, by_torch


@answers("9.5")
def leave_one_out():
    def rescaled(returns):
        return (returns - returns.mean()) * len(returns) / (len(returns) - 1)

    def by_torch(returns):
        returns = torch.tensor(returns, dtype=torch.float64)
        others = (returns.sum() - returns) / (len(returns) - 1)
        return returns - others

    def by_deleting(returns):
        return [R - np.delete(returns, i).mean() for i, R in enumerate(returns)]

    return rescaled, by_torch, by_deleting


@answers("9.6")
def best_baseline():
    def closed_form(prob, scores, returns):
        weight = prob * (scores**2).sum(axis=1)
        return (weight * returns).sum() / weight.sum()

    def by_torch(prob, scores, returns):
        prob, scores, returns = map(torch.tensor, (prob, scores, returns))
        weight = prob * scores.square().sum(1)
        return weight @ returns / weight.sum()

    def least_squares(prob, scores, returns):
        root = np.sqrt(prob)[:, None] * scores
        best, *_ = np.linalg.lstsq(root.reshape(-1, 1), (root * returns[:, None]).ravel())
        return best[0]

    return closed_form, by_torch, least_squares


@answers("10.4")
def gae():
    def backwards(rewards, values, ended, gamma, lam):
        result, carry = np.zeros(len(rewards)), 0.0
        for t in reversed(range(len(rewards))):
            delta = rewards[t] + gamma * values[t + 1] * (1 - ended[t]) - values[t]
            carry = delta + gamma * lam * (1 - ended[t]) * carry
            result[t] = carry
        return result

    def by_torch(rewards, values, ended, gamma, lam):
        rewards, values, ended = map(torch.tensor, (rewards, values, ended))
        delta = rewards + gamma * values[1:] * (1 - ended) - values[:-1]
        result = [torch.zeros(())]
        for t in range(len(rewards) - 1, -1, -1):
            result.append(delta[t] + gamma * lam * (1 - ended[t]) * result[-1])
        return torch.stack(result[:0:-1])

    def episode_by_episode(rewards, values, ended, gamma, lam):
        pieces, first = [], 0
        for last in [*np.flatnonzero(ended), len(rewards) - 1]:
            if last < first:
                continue
            after = values[first + 1 : last + 2].copy()
            after[-1] *= 1 - ended[last]
            delta = rewards[first : last + 1] + gamma * after - values[first : last + 1]
            t = np.arange(len(delta))
            power = np.triu((gamma * lam) ** np.maximum(t - t[:, None], 0.0))
            pieces.append(power @ delta)
            first = last + 1
        return np.concatenate(pieces)

    return backwards, by_torch, episode_by_episode


@answers("10.5")
def targets():
    def by_slices(rewards, values, n, gamma):
        result = np.zeros(len(rewards))
        for t in range(len(rewards)):
            paid = rewards[t : t + n]
            discounts = gamma ** np.arange(len(paid))
            result[t] = discounts @ paid + gamma ** len(paid) * values[t + len(paid)]
        return result

    def one_step_again_and_again(rewards, values, n, gamma):
        target = np.array(values)
        for _ in range(n):
            target[:-1] = rewards + gamma * target[1:]
        return target[:-1]

    def recursive(rewards, values, n, gamma):
        def ahead(t, left):
            if left == 0 or t == len(rewards):
                return values[t]
            return rewards[t] + gamma * ahead(t + 1, left - 1)

        return [ahead(t, n) for t in range(len(rewards))]

    return by_slices, one_step_again_and_again, recursive


@answers("11.5")
def log_density():
    def closed_form(a, mean, log_std):
        z = (a - mean) / np.exp(log_std)
        return (-0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi)).sum(axis=1)

    def by_torch(a, mean, log_std):
        normal = torch.distributions.Normal(torch.tensor(mean), torch.tensor(log_std).exp())
        return normal.log_prob(torch.tensor(a)).sum(-1)

    def of_a_matrix(a, mean, log_std):
        covariance = np.diag(np.exp(2 * log_std))
        apart, inverse = a - mean, np.linalg.inv(covariance)
        _, log_det = np.linalg.slogdet(2 * np.pi * covariance)
        return [-0.5 * (x @ inverse @ x + log_det) for x in apart]

    return closed_form, by_torch, of_a_matrix


@answers("11.6")
def squashed_log_density():
    def closed_form(u, mean, log_std):
        z = (np.arctanh(u) - mean) / np.exp(log_std)
        bell = -0.5 * z**2 - log_std - 0.5 * np.log(2 * np.pi)
        return (bell - np.log(1 - u**2)).sum(axis=1)

    def by_torch(u, mean, log_std):
        bell = torch.distributions.Normal(torch.tensor(mean), torch.tensor(log_std).exp())
        squash = torch.distributions.transforms.TanhTransform()
        both = torch.distributions.TransformedDistribution(bell, squash)
        return both.log_prob(torch.tensor(u)).sum(-1)

    def with_the_stable_jacobian(u, mean, log_std):
        total = np.zeros(len(u))
        for row, (mine, centre) in enumerate(zip(u, mean, strict=True)):
            for x, m, s in zip(mine, centre, log_std, strict=True):
                a = 0.5 * np.log((1 + x) / (1 - x))
                total[row] += -0.5 * ((a - m) / np.exp(s)) ** 2 - s - 0.5 * np.log(2 * np.pi)
                total[row] -= 2 * (np.log(2) - a - np.logaddexp(0, -2 * a))
        return total

    return closed_form, by_torch, with_the_stable_jacobian


@answers("12.5")
def clipped():
    def by_numpy(log_prob, old_log_prob, psi, eps):
        ratio = np.exp(log_prob - old_log_prob)
        return np.minimum(ratio * psi, np.clip(ratio, 1 - eps, 1 + eps) * psi)

    def by_torch(log_prob, old_log_prob, psi, eps):
        log_prob, old_log_prob, psi = map(torch.tensor, (log_prob, old_log_prob, psi))
        ratio = (log_prob - old_log_prob).exp()
        return torch.min(ratio * psi, ratio.clamp(1 - eps, 1 + eps) * psi)

    def one_bound(log_prob, old_log_prob, psi, eps):
        bound = np.where(psi > 0, (1 + eps) * psi, (1 - eps) * psi)
        return np.minimum(np.exp(log_prob - old_log_prob) * psi, bound)

    return by_numpy, by_torch, one_bound


@answers("12.6")
def slope():
    def by_signs(ratio, psi, eps):
        gone_too_far = np.sign(psi) * (ratio - 1) > eps
        return np.where(gone_too_far, 0, ratio * psi)

    def by_torch(ratio, psi, eps):
        log_prob = torch.tensor(np.log(ratio), requires_grad=True)
        w, psi = log_prob.exp(), torch.tensor(psi)
        torch.min(w * psi, w.clamp(1 - eps, 1 + eps) * psi).sum().backward()
        return log_prob.grad

    def by_cases(ratio, psi, eps):
        result = []
        for w, weight in zip(ratio, psi, strict=True):
            stopped = w > 1 + eps if weight > 0 else w < 1 - eps
            result.append(0.0 if stopped else w * weight)
        return result

    return by_signs, by_torch, by_cases


@answers("13.4")
def answer_log_prob():
    def by_index(logits, tokens, mask):
        row, place = np.ogrid[: tokens.shape[0], : tokens.shape[1]]
        normaliser = np.logaddexp.reduce(logits, axis=2)
        return ((logits[row, place, tokens] - normaliser) * mask).sum(axis=1)

    def by_torch(logits, tokens, mask):
        every = torch.tensor(logits).log_softmax(-1)
        chosen = every.gather(-1, torch.tensor(tokens)[..., None])[..., 0]
        return (chosen * torch.tensor(mask)).sum(1)

    def by_product(logits, tokens, mask):
        p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
        chosen = np.take_along_axis(p, tokens[..., None], axis=-1)[..., 0]
        return np.log(np.where(mask == 1, chosen, 1.0).prod(axis=1))

    return by_index, by_torch, by_product


@answers("13.5")
def causal_log_prob():
    def by_slices(logits, ids, start):
        before = logits[start - 1 : -1]
        log_prob = before - np.logaddexp.reduce(before, axis=1)[:, None]
        return log_prob[np.arange(len(before)), ids[start:]].sum()

    def by_torch(logits, ids, start):
        logits, ids = torch.tensor(logits), torch.tensor(ids)
        return -torch.nn.functional.cross_entropy(
            logits[start - 1 : -1], ids[start:], reduction="sum"
        )

    def all_then_cut(logits, ids, start):
        each = [
            np.log(np.exp(logits[i, ids[i + 1]]) / np.exp(logits[i]).sum())
            for i in range(len(ids) - 1)
        ]
        return sum(each[start - 1 :])

    return by_slices, by_torch, all_then_cut


@answers("14.4")
def group_weights():
    def by_numpy(rewards, eps):
        centred = rewards - rewards.mean(axis=1)[:, None]
        return centred / (np.sqrt((centred**2).mean(axis=1, keepdims=True)) + eps)

    def by_torch(rewards, eps):
        rewards = torch.tensor(rewards)
        deviation = rewards.std(1, correction=0, keepdim=True)
        return (rewards - rewards.mean(1, keepdim=True)) / (deviation + eps)

    def prompt_by_prompt(rewards, eps):
        return np.array([(row - row.mean()) / (row.std() + eps) for row in rewards])

    return by_numpy, by_torch, prompt_by_prompt


@answers("14.5")
def pass_at_k():
    def binomials(right, k):
        n, c = len(right), int(right.sum())
        return 1 - math.comb(n - c, k) / math.comb(n, k)

    def product(right, k):
        n, c = len(right), right.sum()
        if n - c < k:
            return 1.0
        return 1 - np.prod(1 - k / np.arange(n - c + 1, n + 1))

    def one_after_another(right, k):
        n, wrong, fail = len(right), len(right) - right.sum(), 1.0
        for drawn in range(k):
            fail *= max(wrong - drawn, 0) / (n - drawn)
        return 1 - torch.tensor(fail)

    return binomials, product, one_after_another


@answers("15.4")
def k3():
    def closed_form(log_prob, ref_log_prob):
        ell = log_prob - ref_log_prob
        return np.exp(-ell) - 1 + ell

    def by_expm1(log_prob, ref_log_prob):
        return np.expm1(ref_log_prob - log_prob) - (ref_log_prob - log_prob)

    def by_torch(log_prob, ref_log_prob):
        difference = torch.tensor(ref_log_prob) - torch.tensor(log_prob)
        return difference.exp() - difference - 1

    return closed_form, by_expm1, by_torch


@answers("15.5")
def divergence():
    def by_numpy(logits, ref_logits):
        log_p, log_q = (x - np.logaddexp.reduce(x, axis=1)[:, None] for x in (logits, ref_logits))
        return (np.exp(log_p) * (log_p - log_q)).sum(axis=1)

    def by_torch(logits, ref_logits):
        policy, reference = (
            torch.distributions.Categorical(logits=torch.tensor(x)) for x in (logits, ref_logits)
        )
        return torch.distributions.kl_divergence(policy, reference)

    def loops(logits, ref_logits):
        result = []
        for x, y in zip(logits, ref_logits, strict=True):
            p, q = np.exp(x) / np.exp(x).sum(), np.exp(y) / np.exp(y).sum()
            result.append(sum(a * np.log(a / b) for a, b in zip(p, q, strict=True)))
        return result

    return by_numpy, by_torch, loops


@answers("16.4")
def draw():
    def by_choice(logits, temperature, rng):
        x = np.exp((logits - logits.max()) / temperature)
        return rng.choice(len(x), p=x / x.sum())

    def by_gumbel(logits, temperature, rng):
        return (logits / temperature - np.log(-np.log(rng.random(len(logits))))).argmax()

    def by_intervals(logits, temperature, rng):
        x = np.exp((logits - logits.max()) / temperature).cumsum()
        return torch.tensor(np.searchsorted(x, rng.random() * x[-1]))

    return by_choice, by_gumbel, by_intervals
