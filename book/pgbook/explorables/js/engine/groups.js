/**
 * Group rules of language models: the weight that K answers of one prompt give one another, and its
 * exact mean over all groups that can be drawn. As in `pgbook.tokens.groups` and `mean_update`.
 */

/** @typedef {{ centre: "none" | "own" | "others" | "tokens",
 *   deviation: "none" | "group" | "tokens" | "mean", length: "none" | "answer" | "batch" }} Switches */

/** Published rules by name. @type {Record<string, Switches>} */
export const RULES = {
  reinforce: { centre: "none", deviation: "none", length: "none" },
  rloo: { centre: "others", deviation: "none", length: "none" },
  "dr-grpo": { centre: "own", deviation: "none", length: "none" },
  grpo: { centre: "own", deviation: "group", length: "answer" },
  dapo: { centre: "own", deviation: "group", length: "batch" },
  "reinforce-pp": { centre: "tokens", deviation: "tokens", length: "batch" },
  maxrl: { centre: "own", deviation: "mean", length: "none" },
};

const TINY = 1e-12; // a variance below this part of the mean square is what rounding leaves of none

/** @param {ArrayLike<number>} x @param {(i: number) => number} of the weight of an entry */
function sum(x, of) {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i] * of(i);
  return total;
}

/** The variance, 0 where it is only rounding. @param {number} square @param {number} mean */
const variance = (square, mean) =>
  square - mean ** 2 > TINY * square ? square - mean ** 2 : 0;

/**
 * What stands before each token's score, in a batch of one prompt.
 * @param {ArrayLike<number>} rewards @param {ArrayLike<number>} lengths @param {Switches} switches
 */
export function groupWeights(rewards, lengths, { centre, deviation, length }) {
  const K = rewards.length, tokens = sum(lengths, () => 1);
  const mean = sum(rewards, () => 1 / K), square = sum(rewards, (i) => rewards[i] / K);
  const ofTokens = sum(rewards, (i) => lengths[i] / tokens);
  const squareOfTokens = sum(rewards, (i) => (rewards[i] * lengths[i]) / tokens);
  const over = {
    none: 1, mean, group: Math.sqrt(variance(square, mean)),
    tokens: Math.sqrt(variance(squareOfTokens, ofTokens)),
  }[deviation];
  return Float64Array.from({ length: K }, (_, i) => {
    const off = { none: 0, own: mean, others: (K * mean - rewards[i]) / (K - 1), tokens: ofTokens };
    const share = { none: 1 / K, answer: 1 / (K * lengths[i]), batch: 1 / tokens }[length];
    const difference = rewards[i] - off[centre];
    const real = Math.abs(difference) > TINY * Math.max(Math.abs(rewards[i]), Math.abs(off[centre]));
    return over > 0 && real ? (difference / over) * share : 0;
  });
}

/**
 * Every multiset of K kinds with the number of its orders. @param {number} kinds @param {number} K
 * @returns {{ group: number[], orders: number }[]}
 */
export function multisets(kinds, K) {
  /** @type {{ group: number[], orders: number }[]} */
  const found = [];
  /** @param {number[]} group @param {number} orders @param {number} run how often the last came */
  const grow = (group, orders, run) => {
    if (group.length === K) {
      found.push({ group, orders: Math.round(orders) });
      return;
    }
    const last = group[group.length - 1] ?? 0;
    for (let kind = last; kind < kinds; kind++) {
      const again = group.length && kind === last ? run + 1 : 1;
      grow([...group, kind], (orders * (group.length + 1)) / again, again);
    }
  };
  grow([], 1, 0);
  return found;
}

/**
 * The mean weight of each answer over all groups of K, where each answer is equally likely.
 * @param {ArrayLike<number>} rewards @param {ArrayLike<number>} lengths @param {number} K
 * @param {Switches} switches
 */
export function meanWeights(rewards, lengths, K, switches) {
  const kinds = rewards.length, mean = new Float64Array(kinds);
  for (const { group, orders } of multisets(kinds, K)) {
    const weights = groupWeights(group.map((k) => rewards[k]), group.map((k) => lengths[k]), switches);
    group.forEach((kind, i) => {
      mean[kind] += (orders / kinds ** K) * weights[i];
    });
  }
  return mean;
}

/**
 * The mean update of a softmax over whole answers, one logit each, all equal.
 * @param {ArrayLike<number>} rewards @param {ArrayLike<number>} lengths @param {number} K
 * @param {Switches} switches
 */
export function meanUpdate(rewards, lengths, K, switches) {
  const mean = meanWeights(rewards, lengths, K, switches);
  const share = sum(mean, () => 1) / mean.length;
  return mean.map((m) => m - share);
}

/** ∇J of that policy. @param {ArrayLike<number>} rewards */
export function gradient(rewards) {
  const n = rewards.length, J = sum(rewards, () => 1 / n);
  return Float64Array.from(rewards, (r) => (r - J) / n);
}

/**
 * How far an update is turned from the gradient, in degrees, and its length beside it; NaN where
 * one of the two is nothing. @param {Float64Array} update @param {Float64Array} truth
 */
export function compared(update, truth) {
  const one = Math.sqrt(sum(update, (i) => update[i])), other = Math.sqrt(sum(truth, (i) => truth[i]));
  if (one < TINY || other < TINY) return { angle: NaN, factor: NaN };
  const cosine = sum(update, (i) => truth[i]) / one / other;
  return { angle: (180 / Math.PI) * Math.acos(Math.min(1, Math.max(-1, cosine))), factor: one / other };
}
