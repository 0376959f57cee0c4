/**
 * What the data of an old policy says about a new one: the surrogate U, PPO's clipped one, and the
 * mean return weighed with whole-trajectory ratios. All exact, on a finite MDP.
 */

import {
  enumerateTrajectories, objective, stateDistribution, totalReward, trajectoryProb, values,
} from "./mdp.js";

/** @typedef {import("./mdp.js").MDP} MDP */
/** @typedef {{ k: number, mass: number, advantage: number }} Place an entry (t, s, a) of the table */

/**
 * min(ωΨ, clip(ω, 1 − ε, 1 + ε)Ψ).
 * @param {number} ratio @param {number} psi @param {number} epsilon
 */
export function clipped(ratio, psi, epsilon) {
  const bounded = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilon);
  return Math.min(ratio * psi, bounded * psi);
}

/** Whether a step still pushes. @param {number} ratio @param {number} psi @param {number} epsilon */
export const free = (ratio, psi, epsilon) =>
  psi > 0 ? ratio < 1 + epsilon : ratio > 1 - epsilon;

/** The old policy and its data, once; then each new policy costs one walk over the table. */
export class Surrogate {
  /** @param {MDP} mdp @param {Float64Array} old probabilities, [T, S, A] */
  constructor(mdp, old) {
    this.mdp = mdp;
    this.old = old;
    const { actions: A, states: S } = mdp, { V, Q } = values(mdp, old);
    const d = stateDistribution(mdp, old);
    this.before = objective(mdp, old);
    /** @type {Place[]} what the old policy meets, how often, and its advantage there */
    this.places = [...old].map((p, k) => {
      const row = Math.floor(k / A); // t * S + s
      return { k, mass: d[row] * p, advantage: Q[k] - V[row] };
    }).filter(({ mass }) => mass > 0);
    this.every = enumerateTrajectories(mdp).map((tau) => ({
      weight: trajectoryProb(mdp, old, tau) * totalReward(mdp, tau),
      taken: tau.actions.map((a, t) => (t * S + tau.states[t]) * A + a),
    }));
  }

  /**
   * Gains over the old policy.
   * @param {Float64Array} policy the new one @param {number} epsilon
   * @returns {{ J: number, L: number, clip: number, whole: number }} the true one, what the two
   *   surrogates promise, and what whole-trajectory ratios say
   */
  gains(policy, epsilon) {
    let L = 0, clip = 0, whole = 0;
    for (const { k, mass, advantage } of this.places) {
      const ratio = policy[k] / this.old[k];
      L += mass * ratio * advantage;
      clip += mass * clipped(ratio, advantage, epsilon);
    }
    for (const { weight, taken } of this.every) {
      whole += taken.reduce((product, k) => product * (policy[k] / this.old[k]), weight);
    }
    return { J: objective(this.mdp, policy) - this.before, L, clip, whole: whole - this.before };
  }
}
