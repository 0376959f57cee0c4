/**
 * Chapter 8's table: the score of step t times the reward of step t', over every trajectory. And a
 * coin that is paid at even steps and taken back at odd ones, on top of any world.
 */

import { enumerateTrajectories } from "./mdp.js";

/** @typedef {import("./mdp.js").MDP} MDP */
/** @typedef {"all" | "future" | "past"} Keep which rewards t' a score of step t is weighted with */

/** @param {Keep} keep @param {number} t @param {number} paid */
export const keeps = (keep, t, paid) => keep === "all" || (paid < t) === (keep === "past");

/**
 * What does not change with the policy: each trajectory's pairs (s, a), its rewards, its dynamics.
 * @param {MDP} mdp
 */
export function listing(mdp) {
  const { states: S, actions: A, horizon: T } = mdp, every = enumerateTrajectories(mdp);
  const pairs = new Uint16Array(every.length * T), world = new Float64Array(every.length).fill(1);
  every.forEach(({ states, actions }, m) => {
    world[m] = mdp.start[states[0]];
    actions.forEach((a, t) => {
      const pair = states[t] * A + a;
      pairs[m * T + t] = pair;
      world[m] *= mdp.transition[pair * S + states[t + 1]];
    });
  });
  return { mdp, pairs, world, count: every.length };
}

/**
 * The T×T table of a policy, by enumeration. `mean` [T, T, S, A] is E[∇log π_t r_t'],
 * `norm` [T, T] is its length, `rms` [T, T] the root mean square length of one sample of it,
 * `second` [T, T, T] the mean of ‖∇log π_t‖² r_t' r_t'', and `square` [T] that of ‖∇log π_t‖².
 * @param {ReturnType<typeof listing>} list @param {Float64Array} policy [T, S, A]
 */
export function creditTable({ mdp, pairs, world, count }, policy) {
  const { states: S, actions: A, horizon: T } = mdp, SA = S * A;
  const mean = new Float64Array(T * T * SA), second = new Float64Array(T * T * T);
  const square = new Float64Array(T), lengths = scoreLengths(policy, A), r = new Float64Array(T);
  for (let m = 0; m < count; m++) {
    let p = world[m];
    for (let t = 0; t < T; t++) p *= policy[t * SA + pairs[m * T + t]];
    for (let k = 0; k < T; k++) r[k] = mdp.reward[pairs[m * T + k]];
    for (let t = 0; t < T; t++) {
      const own = pairs[m * T + t], row = own - (own % A), heavy = p * lengths[t * SA + own];
      square[t] += heavy;
      for (let k = 0; k < T; k++) {
        const cell = t * T + k, pr = p * r[k];
        for (let a = 0; a < A; a++) mean[cell * SA + row + a] -= pr * policy[t * SA + row + a];
        mean[cell * SA + own] += pr;
        for (let l = 0; l <= k; l++) second[cell * T + l] += heavy * r[k] * r[l];
      }
    }
  }
  for (let t = 0; t < T; t++) { // E[r_k r_l] is symmetric
    for (let k = 0; k < T; k++) {
      for (let l = 0; l < k; l++) second[(t * T + l) * T + k] = second[(t * T + k) * T + l];
    }
  }
  const norm = new Float64Array(T * T), rms = new Float64Array(T * T);
  for (let cell = 0; cell < T * T; cell++) {
    norm[cell] = Math.hypot(...mean.subarray(cell * SA, (cell + 1) * SA));
    rms[cell] = Math.sqrt(second[cell * T + (cell % T)]);
  }
  return { mean, norm, rms, second, square };
}

/**
 * ‖∇log π_t(a|s)‖² of a softmax table: Σ_b (1[b = a] − π_b)². @param {Float64Array} policy
 * @param {number} A
 */
function scoreLengths(policy, A) {
  return policy.map((p, k) => {
    let sum = 0;
    for (let b = k - (k % A); b < k - (k % A) + A; b++) sum += policy[b] ** 2;
    return 1 - 2 * p + sum;
  });
}

/**
 * Exact mean [T, S, A] and total variance of Σ_t ∇log π_t Ψ_t, where Ψ_t is the sum of the
 * rewards that `keep` keeps.
 * @param {MDP} mdp @param {ReturnType<typeof creditTable>} table @param {Keep} keep
 * @param {number} [coin] what a fair coin, tossed at each even step, adds to the reward there and
 *   takes from the next one
 */
export function weighted(mdp, table, keep, coin = 0) {
  const T = mdp.horizon, SA = mdp.states * mdp.actions, mean = new Float64Array(T * SA);
  let variance = 0;
  for (let t = 0; t < T; t++) {
    for (let k = 0; k < T; k++) {
      if (!keeps(keep, t, k)) continue;
      for (let i = 0; i < SA; i++) mean[t * SA + i] += table.mean[(t * T + k) * SA + i];
      for (let l = 0; l < T; l++) {
        if (keeps(keep, t, l)) variance += table.second[(t * T + k) * T + l];
      }
    }
    variance += coin ** 2 * table.square[t] * openTosses(T, t, keep);
  }
  return { mean, variance: variance - mean.reduce((sum, x) => sum + x * x, 0) };
}

/**
 * How many of the tosses stand in Ψ_t with one of their two rewards only: these do not cancel.
 * @param {number} T @param {number} t @param {Keep} keep
 */
function openTosses(T, t, keep) {
  let open = 0;
  for (let paid = 0; paid < T; paid += 2) {
    open += Number(keeps(keep, t, paid) !== (paid + 1 < T && keeps(keep, t, paid + 1)));
  }
  return open;
}
