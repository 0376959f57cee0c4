/** Chapter 14's group rules: weights and exact mean updates are what Python lists. */

import assert from "node:assert/strict";
import test from "node:test";
import {
  compared, gradient, groupWeights, meanUpdate, multisets, RULES,
} from "../../book/pgbook/explorables/js/engine/groups.js";
import { close, vectors } from "./shared.mjs";

const CASES = vectors("groups");

test("seven rules on groups of several sizes, equal rewards among them", () => {
  assert.equal(CASES.length, 63);
  for (const { rule, rewards, lengths, K, weights, update } of CASES) {
    close(groupWeights(rewards, lengths, RULES[rule]), weights, `${rule}: weights`);
    close(meanUpdate(rewards, lengths, K, RULES[rule]), update, `${rule}: mean update`);
  }
});

test("every multiset once, with the number of its orders", () => {
  const found = multisets(3, 4);
  assert.equal(found.length, 15);
  assert.equal(new Set(found.map(({ group }) => group.join())).size, 15);
  assert.equal(found.reduce((total, { orders }) => total + orders, 0), 3 ** 4);
  assert.deepEqual(found.filter(({ group }) => group.join() === "0,0,1,2")[0].orders, 12);
});

test("RLOO's mean is the gradient, the own mean shortens it, and nothing has no angle", () => {
  const rewards = [0, 1, 0.5, 0.2], lengths = [1, 2, 3, 4], truth = gradient(rewards);
  close(meanUpdate(rewards, lengths, 3, RULES.rloo), truth, "RLOO");
  const shorter = compared(meanUpdate(rewards, lengths, 3, RULES["dr-grpo"]), truth);
  close(shorter.factor, 2 / 3, "length");
  assert.ok(shorter.angle < 1e-5);
  assert.ok(compared(meanUpdate(rewards, lengths, 3, RULES.grpo), truth).angle > 5);
  assert.ok(Number.isNaN(compared(truth, gradient([1, 1, 1, 1])).angle));
});
