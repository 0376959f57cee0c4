/** Chapter 15's leash: pulls, ways and optima are what Python computes by other routes. */

import assert from "node:assert/strict";
import test from "node:test";
import {
  climb, leashed, pull, REFERENCE, reversed, REWARD, tilted,
} from "../../book/pgbook/explorables/js/engine/leash.js";
import { close, vectors } from "./shared.mjs";

const CASES = vectors("leash");

test("pulls and ways of every estimate in both uses, and both optima", () => {
  for (const { beta, theta, uses, ...v } of CASES) {
    close(tilted(beta), v.tilted, "optimum");
    close(reversed(beta), v.reversed, "optimum of the reversed leash");
    close(leashed(tilted(beta), beta), v.best, "most of J − β KL");
    for (const { estimate, use, ...wanted } of uses) {
      close(pull(theta, estimate, use), wanted.pull, `${estimate} ${use}`);
      const seen = climb(theta, beta, estimate, use, 25, 0.5);
      assert.equal(seen.length, 26);
      close(seen[25], wanted.after, `${estimate} ${use} after 25 steps`);
    }
  }
});

test("where the ways end: at the optimum, at the other one, at the best answer, or nowhere", () => {
  const beta = 0.3, start = [0, -0.7, -1.8];
  const end = (/** @type {any} */ k, /** @type {any} */ use) => climb(start, beta, k, use).at(-1);
  close(end("k1", "reward") ?? [], tilted(beta), "k₁ in the reward", 1e-6);
  close(end("k2", "loss") ?? [], tilted(beta), "k₂ as a loss", 1e-6);
  close(end("k3", "loss") ?? [], reversed(beta), "k₃ as a loss", 1e-6);
  const [, , loose] = end("k1", "loss") ?? [];
  assert.ok(loose > 0.99, "k₁ as a loss holds nothing");
  assert.ok(leashed(tilted(beta), beta) - leashed(end("k3", "reward") ?? [], beta) > 0.05);
});

test("an answer that has become impossible is no answer, not an endless number", () => {
  assert.equal(leashed([0, 0, 1], 1), REWARD[2] - Math.log(1 / REFERENCE[2]));
  for (const use of /** @type {const} */ (["reward", "loss"])) {
    for (const k of /** @type {const} */ (["k1", "k2", "k3"])) {
      assert.ok(pull([0, -1e5, 3], k, use).every(Number.isFinite), `${k} ${use}`);
    }
  }
});
