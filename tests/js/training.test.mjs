/** Learning, from beginning to end: too long to be repeated for each mutant (tools/stryker.config.mjs). */

import assert from "node:assert/strict";
import test from "node:test";
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
