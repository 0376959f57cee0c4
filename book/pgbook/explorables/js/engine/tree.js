/**
 * A world small enough to draw every trajectory: a cat is in or out, stays or goes, twice. Its
 * trajectories are the leaves of a tree whose edges are the draws, one factor of p(τ) each.
 */

import { enumerateTrajectories, factors, softmaxPolicy } from "./mdp.js";

/** @typedef {import("./mdp.js").MDP} MDP */
/** @typedef {import("./mdp.js").Trajectory} Trajectory */

/** States in, out; actions stay, go. @returns {MDP} */
export function catWorld() {
  return {
    states: 2,
    actions: 2,
    horizon: 2,
    start: Float64Array.of(0.7, 0.3),
    transition: Float64Array.of(0.9, 0.1, 0.2, 0.8, 0.3, 0.7, 0.6, 0.4),
    reward: new Float64Array(4),
  };
}

/** θ is the logit of "go" in both places, at both steps. @param {MDP} mdp @param {number} theta */
export function goingPolicy(mdp, theta) {
  const logits = new Float64Array(mdp.horizon * mdp.states * mdp.actions);
  for (let k = 1; k < logits.length; k += mdp.actions) logits[k] = theta;
  return softmaxPolicy(mdp, logits);
}

/**
 * The factors of each trajectory with the products so far. With `firstStep` 1 the two factors of
 * t = 0 are absent, as in the post.
 * @param {MDP} mdp @param {Float64Array} policy
 * @param {Trajectory[]} every @param {0 | 1} firstStep
 */
export function products(mdp, policy, every, firstStep) {
  return every.map((tau) => {
    let product = 1;
    return factors(mdp, policy, tau).map((factor) => {
      const absent = factor.term !== "start" && factor.t < firstStep;
      if (!absent) product *= factor.value;
      return { ...factor, absent, product };
    });
  });
}

/** @typedef {ReturnType<typeof products>[0]} Chain one trajectory's factors */

/** @param {Chain} chain @returns {number} the product of all its factors */
export const whole = (chain) => chain[chain.length - 1].product;

/**
 * The edges of the tree: depth d is the draw of factor d, and an edge is shared by the leaves
 * first..last, the trajectories that begin alike.
 * @param {Trajectory[]} every in lexicographic order
 * @returns {{ depth: number, first: number, last: number, value: number }[]}
 */
export function edges(every) {
  const paths = every.map(({ states, actions }) =>
    [states[0], ...actions.flatMap((a, t) => [a, states[t + 1]])]);
  return paths[0].flatMap((_, depth) => {
    /** @type {{ depth: number, first: number, last: number, value: number }[]} */
    const found = [];
    paths.forEach((path, i) => {
      const start = path.slice(0, depth + 1).join();
      if (i && paths[i - 1].slice(0, depth + 1).join() === start) found[found.length - 1].last = i;
      else found.push({ depth, first: i, last: i, value: path[depth] });
    });
    return found;
  });
}

export const CAT = catWorld();
export const EVERY = enumerateTrajectories(CAT);
export const EDGES = edges(EVERY);
