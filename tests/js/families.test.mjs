/** The families of chapters 2 and 3 agree with Python: tests/vectors/families.json, swap.json. */

import assert from "node:assert/strict";
import test from "node:test";
import {
  CASES, FAMILIES, insideOf, integral, objectiveOf, quotientAt, quotientOf, slope,
} from "../../book/pgbook/explorables/js/engine/families.js";
import { close, vectors } from "./shared.mjs";

/** @typedef {keyof typeof FAMILIES} Name */

test("probabilities and scores of every family", () => {
  const all = vectors("families");
  assert.deepEqual(new Set(all.map((/** @type {any} */ v) => v.family)), new Set(Object.keys(FAMILIES)));
  for (const { family, x, theta, p, score } of all) {
    const name = /** @type {Name} */ (family), where = `${family} at x=${x}, θ=${theta}`;
    close(FAMILIES[name].p(x, theta), p, `p of ${where}`);
    close(FAMILIES[name].score(x, theta), score, `score of ${where}`);
    close(slope(name, x, theta), p * score, `slope of ${where}`, 1e-8);
  }
});

test("a coin at the ends of its range: the slope is there, p times score is not a number", () => {
  for (const [x, theta] of [[1, 0], [0, 1]]) {
    const { p, score } = FAMILIES.coin;
    close(slope("coin", x, theta), x ? 1 : -1, "one-sided slope");
    assert.ok(Number.isNaN(p(x, theta) * score(x, theta)));
  }
});

test("the integral, its quotient and the integral of the derivative", () => {
  for (const v of vectors("swap")) {
    for (const name of /** @type {const} */ (["bell", "uniform"])) {
      const which = CASES[name], where = `${name} at θ=${v.theta}, h=${v.h}`;
      close(objectiveOf(which, v.theta), v[name].J, `J of ${where}`);
      close(quotientOf(which, v.theta, v.h), v[name].quotient, `quotient of ${where}`);
      close(insideOf(which, v.theta), v[name].inside, `inside of ${where}`);
    }
    /** @type {[number, number]} */
    const beyond = [v.theta + 1e-12, v.theta + v.h];
    const strip = integral((a) => quotientAt(CASES.uniform, a, v.theta, v.h), beyond);
    close(strip, v.strip, `strip at θ=${v.theta}, h=${v.h}`, 1e-8);
  }
});
