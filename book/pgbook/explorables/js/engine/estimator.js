/**
 * The estimator ĝ of chapter 6: its exact mean and covariance by enumeration, and batches drawn
 * from the list of all trajectories, in which a trajectory costs two random numbers.
 */

import { enumerateTrajectories, score, totalReward, trajectoryProb } from "./mdp.js";
import { Prng } from "./prng.js";

/** @typedef {import("./mdp.js").MDP} MDP */

/** 95 % point of a chi-square on two components. */
export const CHI = 5.991;

/**
 * Every trajectory's vote, its score times its return, and how likely it is to be cast.
 * @param {MDP} mdp @param {Float64Array} policy
 */
export function votes(mdp, policy) {
  const every = enumerateTrajectories(mdp), size = policy.length;
  const prob = Float64Array.from(every, (tau) => trajectoryProb(mdp, policy, tau));
  const vote = new Float64Array(every.length * size);
  every.forEach((tau, m) => {
    const R = totalReward(mdp, tau);
    score(mdp, policy, tau).forEach((value, k) => vote[m * size + k] = value * R);
  });
  return { prob, vote, size };
}

/**
 * Exact mean [D], covariance [D, D] and σ² (its trace) of one vote.
 * @param {ReturnType<typeof votes>} all
 */
export function moments({ prob, vote, size }) {
  const mean = new Float64Array(size), covariance = new Float64Array(size * size);
  prob.forEach((p, m) => {
    for (let k = 0; k < size; k++) mean[k] += p * vote[m * size + k];
  });
  const off = new Float64Array(size);
  prob.forEach((p, m) => {
    for (let k = 0; k < size; k++) off[k] = vote[m * size + k] - mean[k];
    for (let k = 0; k < size; k++) {
      if (off[k] === 0) continue;
      for (let l = 0; l < size; l++) covariance[k * size + l] += p * off[k] * off[l];
    }
  });
  let trace = 0;
  for (let k = 0; k < size; k++) trace += covariance[k * size + k];
  return { mean, covariance, trace };
}

/** Draws an index from a fixed distribution in constant time (Vose's alias table). */
export class Alias {
  /** @param {Float64Array} prob */
  constructor(prob) {
    const n = prob.length;
    /** @type {number[]} */
    const small = [];
    /** @type {number[]} */
    const large = [];
    this.keep = Float64Array.from(prob, (p) => p * n);
    this.other = new Uint32Array(n);
    for (let i = 0; i < n; i++) (this.keep[i] < 1 ? small : large).push(i);
    while (small.length && large.length) {
      const low = Number(small.pop()), high = large[large.length - 1];
      this.other[low] = high;
      this.keep[high] -= 1 - this.keep[low];
      if (this.keep[high] < 1) small.push(Number(large.pop()));
    }
    for (const i of [...small, ...large]) this.keep[i] = 1;
  }

  /** @param {Prng} rng */
  draw(rng) {
    const i = Math.floor(rng.uniform() * this.keep.length);
    return rng.uniform() < this.keep[i] ? i : this.other[i];
  }
}

/**
 * How often each of at most `distinct` fresh trajectories counts in a batch of N. Without a limit
 * each counts once; with one they are repeated in turn until there are N.
 * @param {number} N @param {number} distinct
 */
export function repeats(N, distinct) {
  const fresh = Math.min(N, distinct), whole = Math.floor(N / fresh), rest = N % fresh;
  return { fresh, times: (/** @type {number} */ i) => whole + (i < rest ? 1 : 0) };
}

/**
 * The exact root mean square error of such a batch: σ √Σ (times/N)², or σ/√N if all are fresh.
 * @param {number} sigma @param {number} N @param {number} [distinct]
 */
export function exactError(sigma, N, distinct = Infinity) {
  const { fresh, times } = repeats(N, distinct);
  if (fresh === N) return sigma / Math.sqrt(N);
  let sum = 0;
  for (let i = 0; i < fresh; i++) sum += (times(i) / N) ** 2;
  return sigma * Math.sqrt(sum);
}

/**
 * Slope of log y on log x by least squares.
 * @param {{ x: number, y: number }[]} dots
 */
export function logSlope(dots) {
  const xs = dots.map(({ x }) => Math.log(x)), ys = dots.map(({ y }) => Math.log(y));
  const middle = xs.reduce((a, b) => a + b, 0) / xs.length;
  let up = 0, down = 0;
  xs.forEach((x, i) => {
    up += (x - middle) * ys[i];
    down += (x - middle) ** 2;
  });
  return up / down;
}

/** Batches of N trajectories, drawn one by one: the same ones whenever they are drawn afresh. */
export class Batches {
  /**
   * @param {Voters} voters @param {number} N
   * @param {{ distinct?: number, seed?: number, show?: number[] }} [options] at most so many fresh
   *   trajectories in a batch; components of ĝ to keep for a picture
   */
  constructor(voters, N, { distinct = Infinity, seed = 0, show = [0, 1] } = {}) {
    const { fresh, times } = repeats(N, distinct);
    this.voters = voters;
    this.N = N;
    this.weights = Float64Array.from({ length: fresh }, (_, i) => times(i) / N);
    this.rng = new Prng(seed, N);
    this.show = show;
    /** @type {number[][]} the shown components of each ĝ */
    this.drawn = [];
    this.squares = 0;
  }

  /** One more batch, one more ĝ. */
  draw() {
    const { alias, mean, parts, where, value } = this.voters, sum = new Float64Array(mean.length);
    for (const weight of this.weights) {
      const from = alias.draw(this.rng) * parts;
      for (let k = from; k < from + parts; k++) sum[where[k]] += weight * value[k];
    }
    this.drawn.push(this.show.map((k) => sum[k]));
    for (let k = 0; k < mean.length; k++) this.squares += (sum[k] - mean[k]) ** 2;
  }

  /** Root mean square distance from the exact gradient. */
  get error() {
    return Math.sqrt(this.squares / this.drawn.length);
  }
}

/**
 * Ready to be drawn from: the non-zero entries of each vote, `parts` of them (as many as T * A).
 * @param {ReturnType<typeof votes>} all @param {Float64Array} mean @param {number} parts
 */
export function voters({ prob, vote, size }, mean, parts) {
  const where = new Uint16Array(prob.length * parts), value = new Float64Array(where.length);
  prob.forEach((_, m) => {
    let next = m * parts;
    for (let k = 0; k < size; k++) {
      if (vote[m * size + k] === 0) continue;
      where[next] = k;
      value[next++] = vote[m * size + k];
    }
  });
  return { alias: new Alias(prob), mean, parts, where, value };
}

/** @typedef {ReturnType<typeof voters>} Voters */
