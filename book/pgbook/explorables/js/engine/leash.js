/**
 * A policy on a leash: three answers to one prompt, a reference and a reward. The optimum in closed
 * form, and where exact ascent goes when the divergence is estimated by k₁, k₂ or k₃.
 */

export const REFERENCE = [0.6, 0.3, 0.1], REWARD = [0, 0.6, 1];
export const STEPS = 1500, RATE = 2; // of an ascent

/** @typedef {"k1" | "k2" | "k3"} Estimate */
/** @typedef {"reward" | "loss"} Use whether an estimate is paid as a cost or differentiated */
/** @typedef {{ p: number, ref: number, ratio: number }} Answer ratio: log p − log ref */

/**
 * What an estimate weighs a score with, times p: k(ℓ) p in the reward, k'(ℓ) p as a loss. Where p
 * is 0 the weight may be endless, the product is not.
 * @type {Record<Use, Record<Estimate, (answer: Answer) => number>>}
 */
const WEIGHTS = {
  reward: {
    k1: ({ p, ratio }) => p * ratio,
    k2: ({ p, ratio }) => (p * ratio * ratio) / 2,
    k3: ({ p, ref, ratio }) => ref - p + p * ratio,
  },
  loss: {
    k1: ({ p }) => p,
    k2: ({ p, ratio }) => p * ratio,
    k3: ({ p, ref }) => p - ref,
  },
};

/** @param {number[]} theta logits @returns {number[]} log-probabilities */
export function logSoftmax(theta) {
  const most = Math.max(...theta);
  const norm = most + Math.log(theta.reduce((sum, x) => sum + Math.exp(x - most), 0));
  return theta.map((x) => x - norm);
}

/** The optimum of J − β KL(p‖ref), (15.1). @param {number} beta */
export const tilted = (beta) =>
  logSoftmax(REFERENCE.map((ref, i) => Math.log(ref) + REWARD[i] / beta)).map(Math.exp);

/**
 * The optimum of J − β KL(ref‖p): p = β ref / (level − R), the level found by halving.
 * @param {number} beta
 */
export function reversed(beta) {
  const most = Math.max(...REWARD);
  let low = most, high = most + beta;
  const at = (/** @type {number} */ level) =>
    REFERENCE.map((ref, i) => (beta * ref) / (level - REWARD[i]));
  for (let k = 0; k < 100; k++) {
    const level = (low + high) / 2;
    if (at(level).reduce((sum, p) => sum + p, 0) > 1) low = level;
    else high = level;
  }
  return at(high);
}

/**
 * The mean gradient of an estimate, used in one way, in the logits.
 * @param {number[]} theta @param {Estimate} estimate @param {Use} use
 */
export function pull(theta, estimate, use) {
  const weights = logSoftmax(theta).map((log, i) => WEIGHTS[use][estimate]({
    p: Math.exp(log), ref: REFERENCE[i], ratio: log - Math.log(REFERENCE[i]),
  }));
  return centred(theta, weights);
}

/** Σ_y p(y) w(y) times its score, from p w. @param {number[]} theta @param {number[]} weights */
function centred(theta, weights) {
  const total = weights.reduce((sum, w) => sum + w, 0);
  return logSoftmax(theta).map((log, i) => weights[i] - Math.exp(log) * total);
}

/**
 * Exact ascent on J less β times an estimate: the policy before each step, and the last.
 * @param {number[]} theta @param {number} beta @param {Estimate} estimate @param {Use} use
 * @param {number} [steps] @param {number} [rate]
 */
export function climb(theta, beta, estimate, use, steps = STEPS, rate = RATE) {
  const seen = [logSoftmax(theta).map(Math.exp)];
  for (let step = 0; step < steps; step++) {
    const here = theta, p = seen[step], leash = pull(here, estimate, use);
    const uphill = centred(here, p.map((each, i) => each * REWARD[i]));
    theta = here.map((x, i) => x + rate * (uphill[i] - beta * leash[i]));
    seen.push(logSoftmax(theta).map(Math.exp));
  }
  return seen;
}

/** J − β KL(p‖ref). @param {number[]} p @param {number} beta */
export const leashed = (p, beta) => p.reduce((sum, each, i) => sum +
  (each > 0 ? each * (REWARD[i] - beta * Math.log(each / REFERENCE[i])) : 0), 0);
