/** Chapter 12's surrogates: gains and promises are what Python lists; the clip's three cases. */

import assert from "node:assert/strict";
import test from "node:test";
import { clipped, free, Surrogate } from "../../book/pgbook/explorables/js/engine/surrogate.js";
import { vectors, world } from "./shared.mjs";

const CASES = vectors("clip");

test("the true gain and what three kinds of ratios make of it", () => {
  for (const v of CASES) {
    const mdp = world(v.world);
    const data = new Surrogate(mdp, Float64Array.from(v.old));
    const ours = data.gains(Float64Array.from(v.new), v.epsilon);
    for (const [name, value] of Object.entries(v.gains)) {
      const off = Math.abs(ours[/** @type {keyof typeof ours} */ (name)] - value);
      assert.ok(off <= 1e-10, `${name} is off by ${off}`);
    }
    assert.ok(Math.abs(ours.whole - ours.J) < 1e-12 && Math.abs(ours.L - ours.J) > 1e-4);
  }
});

test("the clip stops a step only where it has gone too far the way it is pushed", () => {
  assert.equal(clipped(1.5, 2, 0.2), 2.4);
  assert.equal(clipped(0.5, 2, 0.2), 1);
  assert.equal(clipped(0.5, -2, 0.2), -1.6);
  assert.equal(clipped(1.5, -2, 0.2), -3);
  assert.deepEqual([free(1.5, 2, 0.2), free(0.5, 2, 0.2)], [false, true]);
  assert.deepEqual([free(0.5, -2, 0.2), free(1.5, -2, 0.2)], [false, true]);
});
