/**
 * Generalised advantage estimation on a finite MDP: the exact mean, squared bias and variance of the
 * gradient estimate of one episode, for any critic and any λ. No discount: γ is 1.
 */

import { enumerateTrajectories, gradient, trajectoryProb } from "./mdp.js";

/** @typedef {import("./mdp.js").MDP} MDP */

/**
 * Â_t = δ_t + λ Â_{t+1}, from the back to the front.
 * @param {ArrayLike<number>} rewards r_t, [T]
 * @param {ArrayLike<number>} values v(s_t), [T+1]
 * @param {number} lam λ
 * @param {Float64Array} psi written to, [T]
 */
export function advantages(rewards, values, lam, psi) {
  let ahead = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    ahead = rewards[t] + values[t + 1] - values[t] + lam * ahead;
    psi[t] = ahead;
  }
}

/** Every trajectory of one policy, once: then each λ and each critic costs one walk over the list. */
export class Listing {
  /** @param {MDP} mdp @param {Float64Array} policy [T, S, A] */
  constructor(mdp, policy) {
    this.mdp = mdp;
    this.policy = policy;
    /** ∇J, [T, S, A] */
    this.truth = gradient(mdp, policy);
    const { actions: A, states: S } = mdp;
    this.every = enumerateTrajectories(mdp).map((tau) => ({
      states: tau.states,
      probability: trajectoryProb(mdp, policy, tau),
      rewards: Float64Array.from(tau.actions, (a, t) => mdp.reward[tau.states[t] * A + a]),
      taken: tau.actions.map((a, t) => (t * S + tau.states[t]) * A + a),
    }));
    /** ‖∇ log π(a|s)‖² of each entry of the table */
    this.square = policy.map((p, k) => {
      const row = policy.subarray(k - (k % A), k - (k % A) + A);
      return row.reduce((sum, q) => sum + q * q, 0) - p * p + (1 - p) ** 2;
    });
    this.psi = new Float64Array(mdp.horizon);
    this.seen = new Float64Array(mdp.horizon + 1);
  }

  /**
   * @param {Float64Array} critic v_t(s), [T+1, S]
   * @param {number} lam λ
   * @returns {{ mean: Float64Array, bias2: number, variance: number }} of one episode's estimate:
   *   its mean [T, S, A], the squared length of its bias, the trace of its covariance
   */
  moments(critic, lam) {
    const { policy, truth, psi, seen } = this, { states: S, actions: A } = this.mdp;
    const mean = new Float64Array(policy.length);
    let second = 0;
    for (const { states, probability, rewards, taken } of this.every) {
      for (let t = 0; t < seen.length; t++) seen[t] = critic[t * S + states[t]];
      advantages(rewards, seen, lam, psi);
      for (let t = 0; t < psi.length; t++) {
        const k = taken[t], row = k - (k % A), weight = probability * psi[t];
        second += weight * psi[t] * this.square[k];
        for (let a = row; a < row + A; a++) mean[a] -= weight * policy[a];
        mean[k] += weight;
      }
    }
    let bias2 = 0, length2 = 0;
    for (let k = 0; k < mean.length; k++) {
      bias2 += (mean[k] - truth[k]) ** 2;
      length2 += mean[k] ** 2;
    }
    return { mean, bias2, variance: second - length2 };
  }
}
