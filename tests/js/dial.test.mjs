/** Chapter 10's dial: bias and variance of the advantage estimate are what Python lists. */

import assert from "node:assert/strict";
import test from "node:test";
import { advantages, Listing } from "../../book/pgbook/explorables/js/engine/gae.js";
import { close, vectors, world } from "./shared.mjs";

const CASES = vectors("dial");

test("mean, squared bias and variance for right and wrong critics at several λ", () => {
  for (const v of CASES) {
    const mdp = world(v.world);
    const list = new Listing(mdp, Float64Array.from(v.policy));
    const ours = list.moments(Float64Array.from(v.critic), v.lam);
    close(ours.mean, v.mean, "mean");
    close([ours.bias2, ours.variance], [v.bias2, v.variance], "bias², variance");
  }
});

test("the ends of the dial, by hand", () => {
  const psi = new Float64Array(2), rewards = [1, 2], seen = [10, 20, 0];
  advantages(rewards, seen, 0, psi);
  assert.deepEqual([...psi], [1 + 20 - 10, 2 - 20]);
  advantages(rewards, seen, 1, psi);
  assert.deepEqual([...psi], [3 - 10, 2 - 20]);
});
