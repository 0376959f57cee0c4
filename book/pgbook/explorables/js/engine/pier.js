/**
 * A walk on a pier of five planks, whose world may know the policy's parameter. The wind tilts each
 * move's probabilities; a leak turns the wind, or shifts the start, with θ. Everything is exact.
 */

import {
  enumerateTrajectories, factors, objective, softmaxPolicy, totalReward, trajectoryProb,
} from "./mdp.js";

/** @typedef {import("./mdp.js").MDP} MDP */
/** @typedef {import("./mdp.js").Trajectory} Trajectory */
/** @typedef {{ wind: number, slip: number, leak: number, leakStart: number }} Settings */

const PLANKS = 5, HORIZON = 3;
const START = [0.1, 0.2, 0.4, 0.2, 0.1];
const PAY = [0, 1, 2, 3, 4]; // the further out, the more sun
const STEP = 1e-4; // of the central differences

/** p tilted by e^(w n) and scaled to add up to 1. @param {ArrayLike<number>} p @param {number} w */
function tilted(p, w) {
  const weights = Array.from(p, (value, n) => value * Math.exp(w * n));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((value) => value / sum);
}

/** The world when the policy's parameter is θ. @param {number} theta @param {Settings} settings */
export function pier(theta, { wind, slip, leak, leakStart }) {
  /** @type {number[]} */
  const transition = [], reward = [];
  for (let s = 0; s < PLANKS; s++) {
    for (const way of [-1, 1]) {
      const to = new Float64Array(PLANKS);
      for (const [move, p] of [[way, 1 - slip], [0, slip / 2], [-way, slip / 2]]) {
        to[Math.min(PLANKS - 1, Math.max(0, s + move))] += p;
      }
      transition.push(...tilted(to, wind + leak * theta));
      reward.push(PAY[s]);
    }
  }
  return /** @type {MDP} */ ({
    states: PLANKS,
    actions: 2,
    horizon: HORIZON,
    start: Float64Array.from(tilted(START, leakStart * theta)),
    transition: Float64Array.from(transition),
    reward: Float64Array.from(reward),
  });
}

/** θ is the logit of "right", on every plank at every step. @param {number} theta */
export function walker(theta) {
  const logits = Float64Array.from({ length: HORIZON * PLANKS * 2 }, (_, k) => theta * (k % 2));
  return softmaxPolicy(/** @type {MDP} */ ({ actions: 2 }), logits);
}

/** J(θ), with all that leaks. @param {number} theta @param {Settings} settings */
export const pierObjective = (theta, settings) => objective(pier(theta, settings), walker(theta));

/** Every walk that can happen: the same list for every setting. */
export const WALKS = enumerateTrajectories(
  pier(0, { wind: 0, slip: 0.2, leak: 0, leakStart: 0 }));

/**
 * The slope in θ of each term of log p(τ), by central differences of the term itself.
 * @param {number} theta @param {Settings} settings @param {Trajectory} tau
 */
export function scoreTerms(theta, settings, tau) {
  const at = (/** @type {number} */ x) => factors(pier(x, settings), walker(x), tau);
  const up = at(theta + STEP), down = at(theta - STEP);
  return up.map(({ term, t, value }, i) => ({
    term, t, slope: (Math.log(value) - Math.log(down[i].value)) / (2 * STEP),
  }));
}

/**
 * The slope of J by central differences, and what equation 5.4 says it is: the scores of the
 * policy's draws times the return, added up over every trajectory.
 * @param {number} theta @param {Settings} settings
 */
export function slopes(theta, settings) {
  const rise = pierObjective(theta + STEP, settings) - pierObjective(theta - STEP, settings);
  const world = pier(theta, settings), policy = walker(theta), right = policy[1];
  const reported = WALKS.reduce((sum, tau) => {
    const score = tau.actions.reduce((all, action) => all + action - right, 0);
    return sum + trajectoryProb(world, policy, tau) * score * totalReward(world, tau);
  }, 0);
  return { truth: rise / (2 * STEP), reported };
}
