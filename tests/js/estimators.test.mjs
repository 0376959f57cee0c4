/** The estimator of chapter 6 and the table of chapter 8: exact, as Python has them, and sampled. */

import assert from "node:assert/strict";
import test from "node:test";
import { creditTable, keeps, listing, weighted } from
  "../../book/pgbook/explorables/js/engine/credit.js";
import { Alias, Batches, exactError, logSlope, moments, repeats, voters, votes } from
  "../../book/pgbook/explorables/js/engine/estimator.js";
import { gradient, softmaxPolicy } from "../../book/pgbook/explorables/js/engine/mdp.js";
import { Prng } from "../../book/pgbook/explorables/js/engine/prng.js";
import { RANDOM_THETA, RANDOM_WORLD } from "../../book/pgbook/explorables/js/engine/worlds.js";
import { close, vectors, world } from "./shared.mjs";

/** @typedef {import("../../book/pgbook/explorables/js/engine/credit.js").Keep} Keep */

const CASES = vectors("estimators").map((/** @type {any} */ v) => {
  const mdp = world(v.world);
  const theta = Float64Array.from(v.theta);
  return { ...v, mdp, theta, policy: softmaxPolicy(mdp, theta) };
});

test("the random world and its logits are the book's", () => {
  assert.deepEqual(RANDOM_WORLD, CASES[0].mdp);
  assert.deepEqual(RANDOM_THETA, CASES[0].theta);
});

test("exact mean and covariance of one vote", () => {
  for (const { mdp, policy, voteMean, voteCovariance } of CASES) {
    const { mean, covariance, trace } = moments(votes(mdp, policy));
    close(mean, voteMean, "mean");
    close(mean, gradient(mdp, policy), "gradient of J");
    close(covariance, voteCovariance, "covariance");
    const diagonal = mean.map((_, k) => covariance[k * mean.length + k]);
    close([trace], [diagonal.reduce((a, b) => a + b, 0)], "trace");
  }
});

test("the T×T table: means, and the sizes of single samples", () => {
  for (const { mdp, policy, credit, norm, rms } of CASES) {
    const table = creditTable(listing(mdp), policy), T = mdp.horizon;
    close(table.mean, credit, "credit");
    close(table.norm, norm, "norm");
    close(table.rms, rms, "rms");
    for (let t = 0; t < T; t++) {
      for (let k = 0; k < T; k++) {
        if (k < t) assert.ok(table.norm[t * T + k] < 1e-15 && table.rms[t * T + k] > 0.1);
        else assert.ok(table.norm[t * T + k] > 1e-3);
      }
    }
  }
});

test("mean and variance with every weight, with the coin and without", () => {
  for (const { mdp, policy, weights } of CASES) {
    const table = creditTable(listing(mdp), policy);
    for (const { keep, coin, mean, variance } of weights) {
      const ours = weighted(mdp, table, keep, coin);
      close(ours.mean, mean, `mean, ${keep}`);
      close([ours.variance], [variance], `variance, ${keep}, coin ${coin}`);
    }
  }
  /** @param {Keep} keep */
  const row = (keep) => [0, 1, 2, 3].filter((paid) => keeps(keep, 2, paid));
  assert.deepEqual([row("all"), row("future"), row("past")], [[0, 1, 2, 3], [2, 3], [0, 1]]);
});

test("an alias table draws what it was given", () => {
  const { prob } = votes(CASES[0].mdp, CASES[0].policy), alias = new Alias(prob);
  const n = prob.length, implied = new Float64Array(n);
  alias.keep.forEach((keep, i) => {
    implied[i] += keep / n;
    implied[alias.other[i]] += (1 - keep) / n;
  });
  close(implied, prob, "probability");
  const rng = new Prng(0), few = new Alias(Float64Array.of(0.5, 0.3, 0, 0.2));
  const seen = new Float64Array(4);
  for (let i = 0; i < 40_000; i++) seen[few.draw(rng)] += 1 / 40_000;
  [0.5, 0.3, 0, 0.2].forEach((p, i) => assert.ok(Math.abs(seen[i] - p) < 0.0125));
});

test("batches of repeated trajectories", () => {
  const times = (/** @type {number} */ N) => {
    const each = repeats(N, 4);
    return Array.from({ length: each.fresh }, (_, i) => each.times(i));
  };
  assert.deepEqual([times(1), times(4), times(10)], [[1], [1, 1, 1, 1], [3, 3, 2, 2]]);
  assert.equal(exactError(2, 16), 0.5);
  assert.equal(exactError(2, 16, 4), 1);
  assert.ok(Math.abs(exactError(2, 10, 4) - 2 * Math.sqrt(0.26)) < 1e-15);
});

test("sampled batches scatter as they must, fresh and repeated", () => {
  const { mdp, policy } = CASES[0], all = votes(mdp, policy), { mean, covariance } = moments(all);
  const ready = voters(all, mean, mdp.horizon * mdp.actions), D = mean.length, show = [0, 6];
  const sigma = Math.sqrt(moments(all).trace);
  for (const [N, distinct] of [[1, Infinity], [50, Infinity], [50, 4]]) {
    const some = new Batches(ready, N, { distinct, show }), again = new Batches(ready, N, { show });
    for (let i = 0; i < 2000; i++) some.draw();
    const expected = exactError(sigma, N, distinct), fresh = (sigma / expected) ** 2;
    assert.ok(Math.abs(some.error / expected - 1) < 0.1, `${N}: ${some.error}, ${expected}`);
    show.forEach((k, axis) => {
      const middle = some.drawn.reduce((sum, at) => sum + at[axis], 0) / 2000;
      const error = Math.sqrt(covariance[k * D + k] / fresh / 2000);
      assert.ok(Math.abs(middle - mean[k]) < 5 * error, `${N}, component ${k}: ${middle}`);
    });
    again.draw();
    if (distinct === Infinity) assert.deepEqual(again.drawn[0], some.drawn[0]);
  }
});

test("slope on log axes", () => {
  const dots = [1, 10, 100].map((x) => ({ x, y: 3 * x ** -0.5 }));
  assert.ok(Math.abs(logSlope(dots) + 0.5) < 1e-12);
  assert.ok(Math.abs(logSlope(dots.map(({ x }) => ({ x, y: 2 })))) < 1e-12);
});
