/** The survey of learning rates: what it trains, what it keeps, what it forgets. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Ensemble } from "../../book/pgbook/explorables/js/engine/ensemble.js";
import { RATES, Survey } from "../../book/pgbook/explorables/js/engine/survey.js";

/** @type {import("../../book/pgbook/explorables/js/engine/reinforce.js").Settings} */
const SETTINGS = {
  seed: 0, episodes: 16, learningRate: 0.002, gamma: 1, psi: "reward_to_go", hidden: 0,
};

test("the rates run from one end of the slider to the other", () => {
  assert.equal(RATES[0], 0.002);
  assert.equal(RATES[RATES.length - 1], 2);
  assert.ok(RATES.every((rate, k) => k === 0 || rate > RATES[k - 1]));
});

test("it trains the rates that nobody has tried, one after the other", () => {
  const survey = new Survey(2), visited = new Ensemble(SETTINGS, 2);
  assert.equal(survey.train(1), false);
  survey.turnTo(SETTINGS);
  visited.train(Infinity);
  survey.add(visited);
  assert.equal(survey.next, RATES[1]);
  for (const rate of RATES.slice(1, 4)) {
    assert.equal(survey.train(Infinity), true);
    assert.ok(survey.trails.get("reward_to_go")?.has(rate));
  }
  assert.match(String(survey), /^reward_to_go: 0 at 0.002, \d at 0.004/);
});

test("another weight is laid over; another batch, discount or seed starts afresh", () => {
  const survey = new Survey(1), run = new Ensemble(SETTINGS, 1);
  survey.turnTo(SETTINGS);
  run.train(Infinity);
  survey.add(run);
  survey.turnTo({ ...SETTINGS, psi: "total_return", learningRate: 0.5 });
  assert.deepEqual([...survey.trails.keys()], ["reward_to_go"]);
  assert.equal(survey.next, RATES[0]);
  for (const other of [{ episodes: 8 }, { gamma: 0.9 }, { seed: 1 }]) {
    survey.turnTo(SETTINGS);
    survey.add(run);
    survey.turnTo({ ...SETTINGS, ...other });
    assert.equal(survey.trails.size, 0);
    survey.add(run);
    assert.equal(survey.trails.size, 0, "what was trained with other settings");
  }
});
