/** The engine's continuous policies agree with Python: tests/vectors/density.json. */

import assert from "node:assert/strict";
import test from "node:test";
import * as density from "../../book/pgbook/explorables/js/engine/density.js";
import { close, vectors } from "./shared.mjs";

const CASES = vectors("density");

test("densities, scores, areas and means of scores, with and without the slip", () => {
  assert.ok(CASES.length >= 24);
  for (const { bell, ...v } of CASES) {
    const name = JSON.stringify(bell);
    close(density.area(bell), v.area, `${name} area`);
    close(density.meanScore(bell), v.meanScore, `${name} mean score`);
    close(density.lumps(bell).low, v.low, `${name} lower lump`);
    close(density.lumps(bell).high, v.high, `${name} upper lump`);
    v.actions.forEach((/** @type {number} */ a, /** @type {number} */ i) => {
      close(density.carriedOut(bell, a), v.carriedOut[i], `${name} carried out for ${a}`);
      close(density.logDensity(bell, a), v.logDensity[i], `${name} log density at ${a}`);
      close(density.score(bell, a).mean, v.scoreMean[i], `${name} score at ${a}`);
      close(density.score(bell, a).logSigma, v.scoreLogSigma[i], `${name} score at ${a}`);
    });
  }
});

test("the curve is the density at what is carried out", () => {
  for (const { bell } of CASES) {
    const points = density.curve(bell, 5, 40), honest = { ...bell, squash: "raw", slip: false };
    assert.equal(points.length, 41);
    points.forEach(({ at, density: height }) => {
      assert.ok(height >= 0 && Number.isFinite(height), JSON.stringify(bell));
      if (bell.squash === "tanh" || bell.slip) return;
      close(height, Math.exp(density.logDensity(honest, at / bell.unit)), "height");
    });
  }
});

test("without the slip the residual is zero, with it it is not", () => {
  for (const { bell } of CASES) {
    assert.ok(density.residual({ ...bell, slip: false }) < 1e-10, JSON.stringify(bell));
    const harmless = bell.squash === "raw" && bell.unit === 1; // no Jacobian to leave out
    const wrong = density.residual({ ...bell, slip: true });
    if (!harmless && bell.mean !== 0) assert.ok(wrong > 1e-4, JSON.stringify(bell));
  }
});
