/**
 * Chapter 9: the exact mean and variance of one trajectory's estimate along one parameter, for every
 * constant baseline b at once. With d = dθ-logits the estimate is X(b) = U − bY, linear in b: so its
 * variance is a parabola, and three numbers hold it.
 */

/** @typedef {import("./mdp.js").MDP} MDP */
/** @typedef {import("./mdp.js").Trajectory} Trajectory */
/** @typedef {"nothing" | "action" | "return"} Sees what the baseline knows that it should not */

import { totalReward, trajectoryProb } from "./mdp.js";

export const BATCH = 4; // whose mean holds the episode's own return, if the baseline sees that

/**
 * U and Y of every trajectory. Honest: weight R − b at every step. "action": R − b·1[a_t = 1].
 * "return": R − (R/K + (1 − 1/K) b), the mean of a batch of K whose other returns average to b.
 * @param {MDP} mdp
 * @param {Trajectory[]} every
 * @param {Float64Array} policy [T, S, A]
 * @param {Float64Array} direction derivative of the logits in the parameter, [T, S, A]
 * @param {{ offset: number, sees: Sees }} settings offset: added to every reward
 */
export function baselineParts(mdp, every, policy, direction, { offset, sees }) {
  const { states: S, actions: A, horizon: T } = mdp, count = every.length;
  const p = new Float64Array(count), R = new Float64Array(count);
  const U = new Float64Array(count), Y = new Float64Array(count);
  const kept = sees === "return" ? 1 - 1 / BATCH : 1;
  every.forEach((tau, m) => {
    p[m] = trajectoryProb(mdp, policy, tau);
    R[m] = totalReward(mdp, tau) + offset * T;
    let whole = 0, seen = 0;
    tau.actions.forEach((action, t) => {
      const row = (t * S + tau.states[t]) * A;
      let score = direction[row + action];
      for (let a = 0; a < A; a++) score -= policy[row + a] * direction[row + a];
      whole += score;
      if (action === 1) seen += score;
    });
    U[m] = kept * R[m] * whole;
    Y[m] = kept * (sees === "action" ? seen : whole);
  });
  return { p, R, U, Y };
}

/** @param {Float64Array} p @param {(m: number) => number} f */
const mean = (p, f) => p.reduce((sum, each, m) => sum + each * f(m), 0);

/**
 * What the parabola needs. @param {ReturnType<typeof baselineParts>} parts
 * @returns {Parabola}
 */
export function parabola({ p, R, U, Y }) {
  const J = mean(p, (m) => R[m]), u = mean(p, (m) => U[m]), y = mean(p, (m) => Y[m]);
  const varU = mean(p, (m) => (U[m] - u) ** 2), varY = mean(p, (m) => (Y[m] - y) ** 2);
  const covariance = mean(p, (m) => (U[m] - u) * (Y[m] - y));
  const best = covariance / varY; // where the slope −2 cov + 2 b var Y is zero
  return { J, u, y, varY, best, least: varU - best * covariance };
}

/** The mean of the estimate. @param {Parabola} of @param {number} b */
export const meanAt = ({ u, y }, b) => u - b * y;

/** Its variance. @param {Parabola} of @param {number} b */
export const varianceAt = ({ least, best, varY }, b) => least + (b - best) ** 2 * varY;

/**
 * @typedef {object} Parabola
 * @property {number} J mean return, offset included
 * @property {number} u mean of U
 * @property {number} y mean of Y, 0 for an honest baseline
 * @property {number} varY variance of Y
 * @property {number} best where the variance is least
 * @property {number} least the variance there
 */
