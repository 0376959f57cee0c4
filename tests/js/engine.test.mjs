/** The engine agrees with Python: tests/vectors/*.json are written by tools/write_vectors.py. */

import assert from "node:assert/strict";
import test from "node:test";
import * as cartpole from "../../book/pgbook/explorables/js/engine/cartpole.js";
import { Ensemble } from "../../book/pgbook/explorables/js/engine/ensemble.js";
import * as exact from "../../book/pgbook/explorables/js/engine/mdp.js";
import { Prng } from "../../book/pgbook/explorables/js/engine/prng.js";
import { Reinforce } from "../../book/pgbook/explorables/js/engine/reinforce.js";
import { quantiles, Running } from "../../book/pgbook/explorables/js/engine/statistics.js";
import { PSI_NAMES, weigh } from "../../book/pgbook/explorables/js/engine/weights.js";
import { close, vectors, world } from "./shared.mjs";

test("finite MDPs: probabilities, scores, exact J and its gradient", () => {
  for (const v of vectors("mdp")) {
    const mdp = world(v), policy = exact.softmaxPolicy(mdp, Float64Array.from(v.theta));
    close(policy, v.policy, "policy");
    close(policy.map(Math.log), v.logPolicy, "log policy");
    assert.equal(exact.enumerateTrajectories(mdp).length, v.count);
    v.some.states.forEach((/** @type {number[]} */ states, /** @type {number} */ i) => {
      const tau = { states, actions: v.some.actions[i] };
      close([exact.trajectoryProb(mdp, policy, tau)], [v.prob[i]], "p");
      close([exact.trajectoryLogProb(mdp, policy, tau)], [v.logProb[i]], "log p");
      close([exact.totalReward(mdp, tau)], [v.returns[i]], "R");
      close(exact.score(mdp, policy, tau), v.score[i], "score");
    });
    const { V, Q } = exact.values(mdp, policy);
    close(V, v.V, "V");
    close(Q, v.Q, "Q");
    close(exact.stateDistribution(mdp, policy), v.stateDistribution, "state distribution");
    close([exact.objective(mdp, policy)], [v.J], "J");
    close(exact.gradient(mdp, policy), v.gradient, "gradient of J");
  }
});

test("the trap of chapter 1 is the book's", () => {
  assert.deepEqual(exact.greedyTrap(4), world(vectors("mdp")[0]));
});

test("every Ψ", () => {
  for (const { gamma, rewards, first, psi } of vectors("psi")) {
    assert.deepEqual(Object.keys(psi).sort(), [...PSI_NAMES].sort());
    for (const name of PSI_NAMES) {
      const ours = new Float64Array(rewards.length + 2).fill(7); // room for longer episodes
      weigh(name, Float64Array.from(rewards), first, gamma, ours);
      close(ours, [...psi[name], 7, 7], name);
    }
  }
  const alone = new Float64Array(1);
  assert.throws(() => weigh("leave_one_out", alone, [0, 1], 1, alone), /at least 2 episodes, got 1/);
});

test("500 single steps of CartPole", () => {
  const { before, actions, after, terminated } = vectors("cartpole");
  assert.equal(actions.length, 500);
  assert.ok(terminated.includes(0) && terminated.includes(1));
  actions.forEach((/** @type {number} */ action, /** @type {number} */ i) => {
    const state = Float64Array.from(before.slice(4 * i, 4 * i + 4));
    const ended = cartpole.step(state, action);
    close(state, after.slice(4 * i, 4 * i + 4), `step ${i}`);
    assert.equal(Number(ended), terminated[i], `step ${i}: terminated`);
  });
});

test("training steps with given actions: torch's, linear and hidden, Adam and SGD", () => {
  for (const v of vectors("training")) {
    const learner = new Reinforce({
      seed: 0, episodes: v.first.length - 1, learningRate: v.rate, optimiser: v.optimiser,
      gamma: v.gamma, psi: "reward_to_go_minus_mean", hidden: v.hidden,
    });
    const { policy } = learner;
    policy.scale.set(v.scale);
    policy.theta.set(v.weights[0]);
    for (const expected of v.weights.slice(1)) {
      learner.first = [...v.first];
      learner.actions.set(v.actions);
      for (let k = 0; k < v.actions.length; k++) {
        const x = Float64Array.from(v.observations.slice(4 * k, 4 * k + 4));
        policy.forward(x, learner.tape, k * policy.memory);
      }
      learner.update();
      close(policy.theta, expected, `${v.optimiser}, ${v.hidden} hidden`);
    }
  }
});

test("sampling agrees with the exact probabilities", () => {
  const v = vectors("mdp")[1], mdp = world(v), policy = Float64Array.from(v.policy);
  const rng = new Prng(0), R = new Running();
  for (let i = 0; i < 20_000; i++) {
    R.add(exact.totalReward(mdp, exact.sampleTrajectory(mdp, policy, rng)));
  }
  assert.ok(Math.abs(R.mean - v.J) < 5 * R.error, `${R.mean} against ${v.J}`);
  const normals = new Running();
  for (let i = 0; i < 20_000; i++) normals.add(rng.normal());
  assert.ok(Math.abs(normals.mean) < 5 * normals.error && Math.abs(normals.variance - 1) < 0.05);
});

test("the same seed gives the same numbers, another one others", () => {
  const draw = (/** @type {number} */ seed, stream = 0) => {
    const rng = new Prng(seed, stream);
    return Array.from({ length: 5 }, () => rng.uint32());
  };
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
  assert.notDeepEqual(draw(3), draw(3, 1));
});

test("running statistics and quantiles", () => {
  const running = new Running(), values = [1e5 + 1, 1e5 + 2, 1e5 + 4];
  values.forEach((value) => running.add(value));
  close([running.mean, running.variance], [1e5 + 7 / 3, 7 / 3], "mean, variance");
  close(quantiles([3, 1, 2, 10], [0, 0.5, 1]), [1, 2.5, 10], "quantiles");
});

test("slices of training do not change its result", () => {
  const settings = /** @type {const} */ ({
    seed: 0, episodes: 8, learningRate: 0.3, gamma: 1, psi: "reward_to_go", hidden: 0,
  });
  const whole = new Ensemble(settings, 3), sliced = new Ensemble(settings, 3);
  whole.train(Infinity);
  let clock = 0;
  while (!sliced.done) sliced.train(3, () => clock++);
  assert.deepEqual(sliced.runs.map((run) => run.curve), whole.runs.map((run) => run.curve));
  assert.equal(whole.summary().length, 100);
});
