/** What the engine has in closed form, once more the long way round: sums, quadratures, coins. */

import assert from "node:assert/strict";
import test from "node:test";
import { baselineParts, meanAt, parabola, varianceAt } from
  "../../book/pgbook/explorables/js/engine/baselines.js";
import { creditTable, keeps, listing, weighted } from
  "../../book/pgbook/explorables/js/engine/credit.js";
import * as density from "../../book/pgbook/explorables/js/engine/density.js";
import { Batches, exactError, moments, repeats, voters, votes } from
  "../../book/pgbook/explorables/js/engine/estimator.js";
import { FAMILIES, integral, quotientAt, CASES } from
  "../../book/pgbook/explorables/js/engine/families.js";
import { enumerateTrajectories, factors, gradient, greedyTrap, objective, score, softmaxPolicy,
  totalReward, trajectoryProb } from "../../book/pgbook/explorables/js/engine/mdp.js";
import * as pier from "../../book/pgbook/explorables/js/engine/pier.js";
import { free } from "../../book/pgbook/explorables/js/engine/surrogate.js";
import { CAT, EDGES, EVERY, goingPolicy, products } from
  "../../book/pgbook/explorables/js/engine/tree.js";
import { RANDOM_THETA, RANDOM_WORLD } from "../../book/pgbook/explorables/js/engine/worlds.js";
import { close } from "./shared.mjs";

const KEEPS = /** @type {const} */ (["all", "future", "past"]);
/** The random world with another horizon. @param {number} horizon */
const short = (horizon) => {
  const mdp = { ...RANDOM_WORLD, horizon }, theta = RANDOM_THETA.slice(0, 6 * horizon);
  return { mdp, policy: softmaxPolicy(mdp, theta) };
};

test("the coin's variance, toss by toss", () => {
  for (const horizon of [1, 2, 3]) {
    const { mdp, policy } = short(horizon), coin = 0.7, all = enumerateTrajectories(mdp);
    const table = creditTable(listing(mdp), policy), tosses = Math.ceil(horizon / 2);
    for (const keep of KEEPS) {
      let square = 0;
      const mean = new Float64Array(policy.length);
      for (let heads = 0; heads < 2 ** tosses; heads++) {
        for (const tau of all) {
          const p = trajectoryProb(mdp, policy, tau) / 2 ** tosses;
          const paid = tau.actions.map((a, t) => mdp.reward[tau.states[t] * 2 + a] +
            ((heads >> Math.floor(t / 2)) % 2 ? coin : -coin) * (t % 2 ? -1 : 1));
          const vote = score(mdp, policy, tau).map((x, k) => x * paid.reduce((sum, r, t) =>
            sum + (keeps(keep, Math.floor(k / 6), t) ? r : 0), 0));
          vote.forEach((x, k) => mean[k] += p * x);
          square += p * vote.reduce((sum, x) => sum + x * x, 0);
        }
      }
      const ours = weighted(mdp, table, keep, coin);
      close(ours.mean, mean, `mean, ${keep}`);
      close(ours.variance, square - mean.reduce((s, x) => s + x * x, 0), `${horizon}, ${keep}`);
      if (keep === "all") close(ours.mean, gradient(mdp, policy), "the gradient");
    }
  }
});

test("a list without impossible trajectories, in order; walls cost nothing", () => {
  const trap = greedyTrap(), all = enumerateTrajectories(trap);
  assert.equal(trap.horizon, 4);
  const policy = softmaxPolicy(trap, new Float64Array(24));
  close(all.reduce((sum, tau) => sum + trajectoryProb(trap, policy, tau), 0), 1, "whole");
  assert.ok(all.every((tau) => tau.states[0] === 0 && trajectoryProb(trap, policy, tau) > 0));
  const keys = all.map(({ states, actions }) => states.map((s, t) => `${s}${actions[t] ?? ""}`));
  const names = keys.map((key) => key.join(""));
  assert.equal(new Set(names).size, names.length);
  const sum = all.reduce((J, tau) =>
    J + trajectoryProb(trap, policy, tau) * totalReward(trap, tau), 0);
  close(objective(trap, policy), sum, "J");
  const parts = factors(trap, policy, all[5]);
  const draws = Array(4).fill(["policy", "dynamics"]).flat();
  assert.deepEqual(parts.map(({ term }) => term), ["start", ...draws]);
  assert.deepEqual(parts.map(({ t }) => t), [0, 0, 0, 1, 1, 2, 2, 3, 3]);
});

test("moments are sums over the list; batches weigh their trajectories to 1", () => {
  const { mdp, policy } = short(2), all = votes(mdp, policy), { mean, covariance } = moments(all);
  const list = enumerateTrajectories(mdp), D = policy.length;
  const each = list.map((tau) => score(mdp, policy, tau).map((x) => x * totalReward(mdp, tau)));
  for (let k = 0; k < D; k++) {
    for (let l = 0; l < D; l++) {
      const sum = list.reduce((s, tau, m) => s + trajectoryProb(mdp, policy, tau) *
        (each[m][k] - mean[k]) * (each[m][l] - mean[l]), 0);
      close(covariance[k * D + l], sum, `covariance ${k}, ${l}`);
    }
  }
  const ready = voters(all, mean, 4);
  for (const [N, distinct] of [[1, Infinity], [7, 7], [7, 3], [8, 4], [3, 5]]) {
    const batch = new Batches(ready, N, { distinct });
    close(batch.weights.reduce((a, b) => a + b), 1, "weights");
    const root = Math.sqrt(batch.weights.reduce((s, w) => s + w * w, 0));
    close(exactError(2, N, distinct), 2 * root, "exact error");
    assert.equal(repeats(N, distinct).fresh, Math.min(N, distinct));
    const twin = new Batches(ready, N, { distinct, show: [...mean.keys()] });
    for (let i = 0; i < 3; i++) [batch, twin].forEach((b) => b.draw());
    assert.deepEqual(batch.drawn, twin.drawn.map((g) => g.slice(0, 2)));
    const squares = twin.drawn.map((g) => g.reduce((s, x, k) => s + (x - mean[k]) ** 2, 0));
    close(batch.error, Math.sqrt(squares.reduce((a, b) => a + b) / 3), "error");
  }
});

test("the parabola is the variance, b by b", () => {
  const { mdp, policy } = short(2), list = enumerateTrajectories(mdp);
  const direction = Float64Array.from(policy, (_, k) => Math.sin(k));
  for (const sees of /** @type {const} */ (["nothing", "action", "return"])) {
    const { p, U, Y, R } = baselineParts(mdp, list, policy, direction, { offset: 0.3, sees });
    const curve = parabola({ p, U, Y, R });
    for (const b of [-2, 0, curve.best, 3]) {
      const X = U.map((u, m) => u - b * Y[m]), mean = X.reduce((s, x, m) => s + p[m] * x, 0);
      close(meanAt(curve, b), mean, "mean");
      close(varianceAt(curve, b), X.reduce((s, x, m) => s + p[m] * (x - mean) ** 2, 0), "variance");
    }
    list.forEach((tau, m) => close(R[m], totalReward(mdp, tau) + 0.3 * 2, "return"));
  }
});

test("tails of the bell, and what clipping leaves beyond a limit", () => {
  for (const z of [-7, -3, -0.5, 0, 0.3, 2.999, 3, 3.001, 5, 8]) {
    const below = density.integral(density.phi, Math.max(z, -12), z + 12 + Math.abs(z));
    close(density.upperTail(z) / below, 1, `beyond ${z}`, 1e-9);
  }
  assert.equal(density.integral(density.phi, 1, 1), 0);
  assert.equal(density.integral(density.phi, 2, 1), 0);
  close(density.integral((x) => x ** 3, 1, 3), 20, "a cubic");
  for (const a of [-400, -3, 0, 0.2, 3, 400]) {
    const exact = Math.abs(a) < 5 ? Math.log(1 - Math.tanh(a) ** 2) : 2 * (Math.log(2) - Math.abs(a));
    close(density.logJacobian(a), exact, `Jacobian at ${a}`);
  }
});

test("the curve goes from limit to limit in even steps, and stays at a lump's edge", () => {
  const bell = { mean: 0.2, sigma: 0.7, unit: 3, slip: false };
  const raw = density.curve({ ...bell, squash: "raw" }, 5, 10);
  const clipped = density.curve({ ...bell, squash: "clipped" }, 5, 10);
  const tanh = density.curve({ ...bell, squash: "tanh" }, 5, 10);
  raw.forEach(({ at, density: height }, i) => {
    close(at, 3 * (i - 5), "raw");
    close(clipped[i].at, 3 * (i / 5 - 1), "clipped");
    close(tanh[i].at, 3 * Math.tanh(20 * (i / 5 - 1) ** 3), "tanh");
    close(height, density.phi((at / 3 - 0.2) / 0.7) / 0.7 / 3, "height");
    close(clipped[i].density, density.phi((clipped[i].at / 3 - 0.2) / 0.7) / 0.7 / 3, "height");
  });
  const edge = { ...bell, squash: /** @type {const} */ ("clipped") };
  for (const sign of [-1, 1]) {
    close(density.heightOf(edge, sign * 4), density.heightOf(edge, sign), "beyond the limit");
    close(density.carriedOut(edge, sign * 4), sign, "carried out");
    close(density.scored(edge, sign * 4), sign * 4, "scored");
    close(density.scored({ ...edge, slip: true }, sign * 4), sign, "scored by the slip");
    close(density.scored({ ...bell, squash: "tanh", slip: true }, sign * 4), sign * 4, "tanh");
  }
});

test("every family adds up to 1, and its score to 0", () => {
  const sums = {
    coin: [0, 1], die: [1, 2, 3, 4, 5, 6],
    mean: [-12, 12], sigma: [-12, 12], wait: [0, 40],
  };
  for (const [name, { p, score: of }] of Object.entries(FAMILIES)) {
    const values = sums[/** @type {keyof typeof sums} */ (name)], theta = 0.6;
    const add = (/** @type {(x: number) => number} */ f) => name === "coin" || name === "die"
      ? values.reduce((sum, x) => sum + f(x), 0)
      : integral(f, [values[0], values[1]], 100_000);
    close(add((x) => p(x, theta)), 1, `${name}: whole`, 1e-6);
    close(add((x) => p(x, theta) * of(x, theta)), 0, `${name}: mean score`, 1e-6);
  }
  assert.equal(FAMILIES.wait.p(-0.1, 1), 0);
  assert.equal(FAMILIES.wait.p(0, 2), 0.5);
  for (const [a, p] of [[-1e-9, 0], [0, 0.5], [2, 0.5], [2 + 1e-9, 0]]) {
    assert.equal(CASES.uniform.p(a, 2), p);
    close(CASES.uniform.slope(a, 2), -p * p, "slope");
  }
  close(quotientAt(CASES.bell, 0.5, 0.2, 0.1), (FAMILIES.mean.p(0.5, 0.3) -
    FAMILIES.mean.p(0.5, 0.2)) / 0.1 * -0.25, "quotient");
});

test("a tree's edges carry their draws, its chains their products", () => {
  for (const { depth, first, value } of EDGES) {
    const { states, actions } = EVERY[first], t = Math.ceil(depth / 2);
    assert.equal(value, depth % 2 ? actions[t - 1] : states[t]);
  }
  const policy = goingPolicy(CAT, 0.4), go = 1 / (1 + Math.exp(-0.4));
  policy.forEach((p, k) => close(p, k % 2 ? go : 1 - go, "policy"));
  for (const skip of /** @type {const} */ ([0, 1])) {
    products(CAT, policy, EVERY, skip).forEach((chain, i) => {
      assert.deepEqual(chain.map(({ absent }) => absent), [false, !!skip, !!skip, false, false]);
      const values = factors(CAT, policy, EVERY[i]).map((factor) => factor.value);
      assert.deepEqual(chain.map(({ value }) => value), values);
      chain.reduce((product, { absent, value, product: shown }) => {
        const now = absent ? product : product * value;
        close(shown, now, "product");
        return now;
      }, 1);
    });
  }
  assert.deepEqual(CAT.reward, new Float64Array(4));
});

test("a walk's terms say whose they are, and add up to the slope of log p", () => {
  const settings = { wind: 0.3, slip: 0.3, leak: 0.4, leakStart: -0.2 }, theta = 0.5, h = 1e-4;
  for (const tau of pier.WALKS.filter((_, i) => i % 97 === 0)) {
    const terms = pier.scoreTerms(theta, settings, tau);
    const all = factors(pier.pier(theta, settings), pier.walker(theta), tau);
    assert.deepEqual(terms.map(({ term, t }) => [term, t]), all.map(({ term, t }) => [term, t]));
    const log = (/** @type {number} */ x) =>
      Math.log(trajectoryProb(pier.pier(x, settings), pier.walker(x), tau));
    const sum = terms.reduce((s, { slope }) => s + slope, 0);
    close(sum, (log(theta + h) - log(theta - h)) / (2 * h), "slope", 1e-8);
  }
});

test("at the edge of the clip nothing pushes, and a zero weight goes by the lower edge", () => {
  assert.deepEqual([free(1.5, 1, 0.5), free(0.5, -1, 0.5)], [false, false]);
  assert.deepEqual([free(1.4, 0, 0.2), free(0.8, 0, 0.2)], [true, false]);
});
