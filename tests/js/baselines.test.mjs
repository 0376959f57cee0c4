/** Chapter 9's parabola: mean and variance of the estimate at every b are what Python lists. */

import assert from "node:assert/strict";
import test from "node:test";
import {
  baselineParts, meanAt, parabola, varianceAt,
} from "../../book/pgbook/explorables/js/engine/baselines.js";
import { enumerateTrajectories } from "../../book/pgbook/explorables/js/engine/mdp.js";
import { close, vectors, world } from "./shared.mjs";

const CASES = vectors("baselines");

test("the parabola, honest and not, in the trap and in random worlds", () => {
  assert.ok(CASES.length > 20);
  for (const v of CASES) {
    const mdp = world(v.world);
    const policy = Float64Array.from(v.policy), direction = Float64Array.from(v.direction);
    const every = enumerateTrajectories(mdp);
    const curve = parabola(baselineParts(mdp, every, policy, direction, v));
    close(curve.best, v.best, `${v.sees}: lowest point`);
    for (const point of v.at) {
      close(curve.J, point.J, "J");
      close(meanAt(curve, point.b), point.mean, `${v.sees}: mean at ${point.b}`);
      close(varianceAt(curve, point.b), point.variance, `${v.sees}: variance at ${point.b}`);
      const bias = Math.abs(meanAt(curve, point.b) - point.slope);
      if (v.sees === "nothing") assert.ok(bias < 1e-12, `honest, yet biased by ${bias}`);
      else if (point.b !== 0) assert.ok(bias > 1e-4, `${v.sees} at ${point.b}: no bias`);
    }
  }
});
