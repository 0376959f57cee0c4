/** Learning, from beginning to end: too long to be repeated for each mutant (tools/stryker.config.mjs). */

import assert from "node:assert/strict";
import test from "node:test";
import { Ensemble, MAX_EPISODES } from "../../book/pgbook/explorables/js/engine/ensemble.js";
import { Reinforce } from "../../book/pgbook/explorables/js/engine/reinforce.js";

test("all twenty seeds reach the threshold, linear and hidden", () => {
  for (const [hidden, learningRate] of [[0, 0.2], [16, 0.03]]) {
    for (let seed = 0; seed < 20; seed++) {
      const learner = new Reinforce({
        seed, episodes: 16, learningRate, gamma: 1, psi: "reward_to_go_minus_mean", hidden,
      });
      while (!learner.solved && learner.envSteps < 1e6) learner.playEpisode();
      assert.ok(learner.solved, `seed ${seed}, ${hidden} hidden units: ${learner.mean100}`);
    }
  }
});

/**
 * How many of twelve seeds arrive, as the landing page counts them.
 * @param {import("../../book/pgbook/explorables/js/engine/weights.js").PsiName} psi
 * @param {number} learningRate
 */
const arrive = (psi, learningRate) => {
  const ensemble = new Ensemble({ seed: 0, episodes: 16, learningRate, gamma: 1, psi, hidden: 0 }, 12);
  ensemble.train(Infinity);
  return ensemble.runs;
};

test("what the landing page says of the ends of the dial: slow is not broken", () => {
  assert.ok(arrive("reward_to_go_minus_mean", 2).every((run) => run.solvedAt !== null));
  for (const { learner } of arrive("reward_to_go_minus_mean", 0.002)) {
    assert.ok(!learner.solved && learner.finished === MAX_EPISODES);
    while (!learner.solved && learner.finished < 15_000) learner.playEpisode();
    assert.ok(learner.solved);
  }
});

test("what the landing page says of the total return: fewer than half arrive, at 2 none", () => {
  const rates = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];
  const arrived = rates.map((rate) => arrive("total_return", rate).filter((run) => run.solvedAt).length);
  assert.ok(arrived.every((count) => count < 6), String(arrived));
  assert.equal(arrived.at(-1), 0);
});
