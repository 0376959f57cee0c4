/** Chapter 15's old data: steps in closed form are what Python differentiates. */

import assert from "node:assert/strict";
import test from "node:test";
import { ANSWERS, LONGEST, THETA } from
  "../../book/pgbook/explorables/js/engine/listed-model.js";
import { edges, OldData, RULES, weight } from
  "../../book/pgbook/explorables/js/engine/old-data.js";
import { close, vectors } from "./shared.mjs";

const VECTORS = vectors("old-data"), DATA = new OldData();

test("the model, its answers and what each is worth", () => {
  close(THETA, VECTORS.theta, "logits");
  assert.deepEqual(ANSWERS.map(({ text }) => text), VECTORS.texts);
  close(DATA.psi.flat(), VECTORS.psi.flat(), "Ψ");
  DATA.p.forEach((p) => close(p.reduce((a, b) => a + b), 1, "answers of a prompt"));
  assert.ok(ANSWERS.every(({ tokens }) => tokens.length <= LONGEST));
});

test("the mean step of every rule, near and far, and the gradient beside it", () => {
  for (const { far, epsilon, truth, steps, dropped } of VECTORS.cases) {
    const ahead = DATA.ahead(far);
    close(ahead.truth, truth, `∇J at ${far}`);
    assert.deepEqual(Object.keys(steps), Object.keys(RULES));
    for (const [name, wanted] of Object.entries(steps)) {
      close(DATA.step(ahead, RULES[name], epsilon), wanted, `${name} at ${far}`);
    }
    close(DATA.dropped(ahead, RULES.ppo, epsilon), dropped, `dropped at ${far}`);
  }
});

test("the answer's ratio turns nothing; until a ratio leaves, a clip does nothing", () => {
  for (const far of [0.25, 3, 64]) {
    const { angle, factor } = DATA.turned(DATA.ahead(far), RULES.answer, 0.2);
    close([angle, factor], [0, 1], `at ${far}`, 1e-5);
  }
  const near = DATA.ahead(3), beyond = DATA.ahead(4);
  assert.deepEqual(DATA.step(near, RULES.ppo, 0.2), DATA.step(near, RULES.token, 0.2));
  assert.ok(DATA.turned(beyond, RULES.ppo, 0.2).angle > 20);
  assert.ok(DATA.turned(beyond, RULES.higher, 0.2).angle < 5);
  for (const name of ["none", "token", "cispo", "truncated", "answer"]) {
    assert.deepEqual(DATA.dropped(DATA.ahead(64), RULES[name], 0.1), [0, 0], name);
  }
});

test("edges: good tokens stop above, bad ones below, and a dual clip at three", () => {
  assert.deepEqual(edges(RULES.ppo, 1, 0.5), [0, 1.5]);
  assert.deepEqual(edges(RULES.ppo, -1, 0.5), [0.5, Infinity]);
  assert.deepEqual(edges(RULES.dual, -1, 0.5), [0.5, 3]);
  assert.deepEqual(edges(RULES.truncated, -1, 0.5), [0, 1.5]);
  assert.deepEqual(edges(RULES.token, -1, 0.5), [0, Infinity]);
  const at = (/** @type {string} */ rule, /** @type {number} */ ratio, /** @type {number} */ psi) =>
    weight(RULES[rule], ratio, psi, 0.5);
  assert.deepEqual([at("ppo", 1.6, 1), at("ppo", 1.6, -1), at("ppo", 0.4, -1), at("ppo", 0.4, 1)],
    [0, 1.6, 0, 0.4]);
  assert.deepEqual([at("dual", 3.1, -1), at("ppo", 3.1, -1)], [0, 3.1]);
  assert.deepEqual([at("truncated", 2, -1), at("truncated", 2, 1), at("none", 1, 1)], [1.5, 1.5, 1]);
});

test("the likeliest answers of a sign, in order", () => {
  for (const prompt of [0, 1]) {
    for (const sign of [1, -1]) {
      const found = DATA.likeliest(prompt, sign, 4), p = found.map((y) => DATA.p[prompt][y]);
      assert.equal(found.length, 4);
      assert.ok(found.every((y) => sign * DATA.psi[prompt][y] > 0));
      assert.deepEqual(p, [...p].sort((a, b) => b - a));
    }
  }
  assert.deepEqual(DATA.likeliest(0, -1, 1).map((y) => ANSWERS[y].text), ["."]);
});
