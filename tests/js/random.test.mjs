/** Random numbers, and what is drawn with them: against a second generator, by replay, at the ends. */

import assert from "node:assert/strict";
import test from "node:test";
import * as cartpole from "../../book/pgbook/explorables/js/engine/cartpole.js";
import { Alias } from "../../book/pgbook/explorables/js/engine/estimator.js";
import { score, softmaxPolicy, sampleTrajectory, stateDistribution } from
  "../../book/pgbook/explorables/js/engine/mdp.js";
import { HiddenPolicy } from "../../book/pgbook/explorables/js/engine/policies.js";
import { Prng } from "../../book/pgbook/explorables/js/engine/prng.js";
import { Reinforce, SCALE } from "../../book/pgbook/explorables/js/engine/reinforce.js";
import { RANDOM_THETA, RANDOM_WORLD } from "../../book/pgbook/explorables/js/engine/worlds.js";
import { close } from "./shared.mjs";

/** A generator that gives these numbers. @param {number[]} numbers */
function given(...numbers) {
  const rng = new Prng(0);
  rng.uniform = () => Number(numbers.shift());
  return rng;
}

/** sfc32 after splitmix32, in whole numbers modulo 2^32. @param {number} seed @param {number} stream */
function reference(seed, stream) {
  const M = 2n ** 32n, word = (/** @type {bigint} */ x) => ((x % M) + M) % M;
  let state = word(word(BigInt(seed) * 0x9e3779b1n) ^ word(BigInt(stream + 1) * 0x85ebca6bn));
  const next = () => {
    state = word(state + 0x9e3779b9n);
    let z = word((state ^ (state >> 16n)) * 0x21f0aaadn);
    z = word((z ^ (z >> 15n)) * 0x735a2d97n);
    return z ^ (z >> 15n);
  };
  let a = next(), b = next(), c = next(), counter = 1n;
  const draw = () => {
    const sum = word(a + b + counter);
    [a, b, c] = [b ^ (b >> 9n), word(c + (c << 3n)), word(word((c << 21n) | (c >> 11n)) + sum)];
    counter = word(counter + 1n);
    return Number(sum);
  };
  for (let i = 0; i < 12; i++) draw();
  return draw;
}

test("the generator is sfc32, seeded through splitmix32", () => {
  for (const [seed, stream] of [[0, 0], [1, 0], [7, 3], [-5, 1], [2 ** 31, 0], [123456789, 2]]) {
    const rng = new Prng(seed, stream), draw = reference(seed, stream);
    for (let i = 0; i < 200; i++) assert.equal(rng.uint32(), draw(), `${seed}, ${stream}, ${i}`);
  }
});

test("uniform, normal and choice are made of its numbers", () => {
  const rng = new Prng(4), twin = new Prng(4), u = () => twin.uint32() / 2 ** 32;
  for (let i = 0; i < 100; i++) {
    assert.equal(rng.uniform(), u());
    const radius = Math.sqrt(-2 * Math.log(1 - u()));
    close(rng.normal(), radius * Math.cos(2 * Math.PI * u()), "normal");
  }
  const p = [9, 0.25, 0, 0.5, 0.25, 9];
  for (const [at, index] of [[0, 0], [0.2499, 0], [0.25, 2], [0.7499, 2], [0.75, 3], [0.9999, 3]]) {
    assert.equal(given(at).choice(p, 1, 4), index, `choice at ${at}`);
  }
  assert.equal(given(0.6).choice([0.5, 0.25, 0.25]), 1);
  assert.equal(given(0.9).choice([0.3, 0.3, 0.3]), 2, "what rounding left over");
});

test("what has no chance is never drawn", () => {
  const few = new Alias(Float64Array.of(0, 0.5, 0, 0.5));
  few.keep.forEach((_, i) => {
    const at = few.draw(given(i / 4, 0));
    assert.ok(at % 2 === 1, `${i}: ${at}`);
  });
});

test("an episode starts anywhere in ±0.05, in all four numbers", () => {
  for (const [u, start] of [[0, -0.05], [0.5, 0], [0.75, 0.025], [1 - 2 ** -32, 0.05]]) {
    const state = new Float64Array(4).fill(9);
    cartpole.reset(state, given(u, u, u, u));
    close(state, [start, start, start, start], "start", 1e-9);
  }
  const low = new Float64Array(4), high = new Float64Array(4), rng = new Prng(0);
  for (let i = 0; i < 500; i++) {
    const state = new Float64Array(4);
    cartpole.reset(state, rng);
    state.forEach((x, k) => {
      low[k] = Math.min(low[k], x);
      high[k] = Math.max(high[k], x);
    });
  }
  [...low, ...high].forEach((x) => assert.ok(Math.abs(x) > 0.049 && Math.abs(x) <= 0.05));
});

test("it ends beyond the limits, and not at them", () => {
  const { X_LIMIT, ANGLE_LIMIT, step } = cartpole, tiny = 1e-12;
  close([X_LIMIT, ANGLE_LIMIT, cartpole.MAX_STEPS], [2.4, Math.PI / 15, 500], "limits");
  for (const sign of [-1, 1]) {
    const ends = (/** @type {number[]} */ ...state) => step(Float64Array.of(...state), 1);
    assert.ok(!ends(sign * X_LIMIT, 0, 0, 0) && ends(sign * (X_LIMIT + tiny), 0, 0, 0));
    assert.ok(!ends(0, 0, sign * ANGLE_LIMIT, 0) && ends(0, 0, sign * (ANGLE_LIMIT + tiny), 0));
  }
});

test("a hidden layer starts within 1 over the root of its inputs, the rest at zero", () => {
  const H = 7, { theta } = new HiddenPolicy(SCALE, H, new Prng(5)), rng = new Prng(5);
  theta.forEach((x, k) => assert.equal(x, k < 4 * H ? (2 * rng.uniform() - 1) / 2 : 0));
  assert.equal(theta.length, 4 * H + H + 2 * H + 2);
});

test("a run can be replayed: every action, every return, every update", () => {
  for (const hidden of [0, 3]) {
    const N = 5, learner = new Reinforce({
      seed: 2, episodes: N, learningRate: 0.1, gamma: 1, psi: "reward_to_go", hidden,
    });
    /** @type {number[]} */
    const returns = [];
    for (let episode = 1; episode <= 130; episode++) {
      const { a, b, c, counter } = learner.rng, rng = Object.assign(new Prng(0), { a, b, c, counter });
      const before = learner.policy.theta.slice(), start = learner.first[learner.first.length - 1];
      const state = new Float64Array(4), tape = new Float64Array(20), taken = [];
      const policy = hidden ? new HiddenPolicy(SCALE, hidden, new Prng(0)) : learner.policy;
      const now = learner.policy.theta.slice();
      cartpole.reset(state, rng);
      policy.theta.set(now);
      for (let ended = false; !ended && taken.length < 500;) {
        taken.push(rng.uniform() < policy.forward(state, tape, 0) ? 1 : 0);
        ended = cartpole.step(state, taken[taken.length - 1]);
      }
      returns.push(learner.playEpisode());
      assert.equal(returns[episode - 1], taken.length);
      assert.deepEqual([...learner.actions.subarray(start, start + taken.length)], taken);
      const last = returns.slice(-100), mean = last.reduce((x, y) => x + y) / last.length;
      close(learner.mean100, mean, "mean of the last 100");
      assert.equal(learner.solved, episode >= 100 && mean >= 475);
      assert.equal(learner.envSteps, returns.reduce((x, y) => x + y));
      assert.equal(learner.updates, Math.floor(episode / N));
      const moved = learner.policy.theta.some((x, k) => x !== before[k]);
      assert.equal(moved, episode % N === 0, "it learns after every batch");
      assert.equal(learner.first.length, (episode % N) + 1);
    }
    assert.ok(returns.includes(500), "a whole episode among them");
  }
  const none = new Reinforce({
    seed: 0, episodes: 1, learningRate: 0.1, gamma: 1, psi: "total_return", hidden: 0,
  });
  assert.equal(none.mean100, 0);
  for (const [finished, mean, solved] of [[99, 500, false], [100, 475, true], [100, 474.9, false]]) {
    Object.assign(none, { finished, recentSum: Number(finished) * Number(mean) });
    assert.equal(none.solved, solved, `${finished} episodes with mean ${mean}`);
  }
});

test("sampled states and actions come as often as they must", () => {
  const { states: S, actions: A, horizon: T } = RANDOM_WORLD, n = 20_000, rng = new Prng(1);
  const policy = softmaxPolicy(RANDOM_WORLD, RANDOM_THETA), d = stateDistribution(RANDOM_WORLD, policy);
  const met = new Float64Array((T + 1) * S), mean = new Float64Array(policy.length);
  for (let i = 0; i < n; i++) {
    const tau = sampleTrajectory(RANDOM_WORLD, policy, rng);
    assert.deepEqual([tau.states.length, tau.actions.length], [T + 1, T]);
    tau.states.forEach((s, t) => met[t * S + s] += 1 / n);
    score(RANDOM_WORLD, policy, tau).forEach((x, k) => mean[k] += x / n);
  }
  d.forEach((p, k) => assert.ok(Math.abs(met[k] - p) < 5 * Math.sqrt(p * (1 - p) / n) + 1e-12));
  mean.forEach((x, k) => {
    const spread = d[Math.floor(k / A)] * policy[k] * (1 - policy[k]);
    assert.ok(Math.abs(x) < 5 * Math.sqrt(spread / n), `mean score ${k}: ${x}`);
  });
});

test("large logits do not overflow", () => {
  const huge = softmaxPolicy(RANDOM_WORLD, RANDOM_THETA.map((x) => 1000 + x));
  close(huge, softmaxPolicy(RANDOM_WORLD, RANDOM_THETA), "policy");
});
