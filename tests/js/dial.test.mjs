/** Chapter 10's dial: bias and variance of the advantage estimate are what Python lists. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { advantages, Listing } from "../../book/pgbook/explorables/js/engine/gae.js";

const CASES = JSON.parse(readFileSync(new URL("../vectors/dial.json", import.meta.url), "utf8"));

/** @param {ArrayLike<number>} ours @param {ArrayLike<number>} theirs @param {string} what */
function close(ours, theirs, what) {
  assert.equal(ours.length, theirs.length, `${what}: length`);
  for (let i = 0; i < ours.length; i++) {
    const off = Math.abs(ours[i] - theirs[i]);
    assert.ok(off <= 1e-10 * Math.max(1, Math.abs(theirs[i])), `${what}[${i}] is off by ${off}`);
  }
}

test("mean, squared bias and variance for right and wrong critics at several λ", () => {
  for (const v of CASES) {
    const mdp = {
      ...v.world,
      start: Float64Array.from(v.world.start),
      transition: Float64Array.from(v.world.transition),
      reward: Float64Array.from(v.world.reward),
    };
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
