/**
 * The compass: what an update rule is on average, over every batch of a small world, beside the
 * true gradient. Two prompts, two actions, one or two steps.
 *
 * A group of K episodes is a list of stories with shares. Every rule is a function of a few sums
 * over a group (`features`), so a batch of two groups is the mean of two such sums, an endless
 * number of groups is their expectation, and an endless group is the stories at their own chance.
 */

/** π(a | s), r(s, a), V̂'s errors at t; states 0 and 1 are the prompts, 2 and 3 follow. */
export const WORLD = {
  policy: [[0.4, 0.6], [0.2, 0.8], [0.6, 0.4], [0.2, 0.8]],
  next: [[2, 3], [3, 2]],
  reward: [[0, 1.5], [1.5, 2], [2, 0.5], [-1, 0]],
  error: [[-0.375, -0.375, 0, 0], [0, 0, -0.5625, 0.5625]],
  ends: 0.5, // chance that the first step is the last, where lengths differ
  gamma: 0.75,
  lambda: 0.95,
};

/** No mean update of this world is longer, in lengths of the gradient, or turned by more degrees. */
export const REACH = 1.75, WIDEST = 105;

export const ADVANTAGES = /** @type {const} */ ([
  "total-return", "reward-to-go", "minus-critic", "gae", "one-step-td", "discounted",
  "leave-one-out", "group-mean", "group-deviation", "mean-at-t", "standardised", "own-episode",
]);
export const MEANS = /** @type {const} */ (["episodes", "tokens", "answers"]);
export const SIZES = /** @type {const} */ (["2", "3", "4", "endless"]);
export const PROMPTS = /** @type {const} */ (["one", "two", "endless"]);

/** @typedef {typeof ADVANTAGES[number]} Advantage */
/** @typedef {typeof MEANS[number]} Mean */
/** @typedef {typeof SIZES[number]} Size */
/** @typedef {typeof PROMPTS[number]} Prompts */
/** @typedef {{ equal: boolean, error: number }} Setting */
/** @typedef {{ advantage: Advantage, mean: Mean }} Rule */
/**
 * @typedef {object} Story
 * @property {number} p its chance @property {number} length
 * @property {Float64Array[]} score of each step, [8] @property {number[]} rewards
 * @property {number[]} togo @property {number[]} delta the critic's errors
 */

const WIDE = 8; // logits: 4 states × 2 actions
const STEPS = 2;
const G = 5, Z = [G + WIDE, G + 2 * WIDE], FEATURES = G + 3 * WIDE; // n0 n1 c0 c1 a² | g | z0 | z1
/** Advantages that are compared with the whole batch's. */
const POOLED = new Set(["mean-at-t", "standardised"]);
const TINY = 1e-12; // a variance below this part of the square is rounding

/** ∇ log π(a | s) for all logits, [8]. @param {number} s @param {number} a */
function scoreOf(s, a) {
  const found = new Float64Array(WIDE);
  for (let b = 0; b < 2; b++) found[2 * s + b] = (a === b ? 1 : 0) - WORLD.policy[s][b];
  return found;
}

/** E r + E V(next) in a state. @param {number} s @param {number} go @param {number[]} after */
const valueOf = (s, go, after) => [0, 1].reduce((sum, a) =>
  sum + WORLD.policy[s][a] * (WORLD.reward[s][a] + go * (after[WORLD.next[s]?.[a]] ?? 0)), 0);

/** The stories of one prompt. @param {number} start @param {Setting} setting @returns {Story[]} */
export function storiesOf(start, { equal, error }) {
  const { policy, next, reward, ends } = WORLD, end = equal ? 0 : ends;
  const last = [0, 1, 2, 3].map((s) => valueOf(s, 0, []));
  const V = [valueOf(start, 1 - end, last) + error * WORLD.error[0][start]];
  const found = [];
  for (const a of [0, 1]) {
    const s = next[start][a], own = policy[start][a], r = reward[start][a];
    const seen = last[s] + error * WORLD.error[1][s], score = scoreOf(start, a);
    if (end) found.push(story(own * end, [score], [r], [r - V[0]]));
    for (const b of [0, 1]) {
      const p = own * (1 - end) * policy[s][b], paid = reward[s][b];
      found.push(story(p, [score, scoreOf(s, b)], [r, paid], [r + seen - V[0], paid - seen]));
    }
  }
  return found;
}

/** @param {number} p @param {Float64Array[]} score @param {number[]} rewards @param {number[]} delta */
function story(p, score, rewards, delta) {
  const togo = rewards.map((_, t) => rewards.slice(t).reduce((sum, r) => sum + r, 0));
  return { p, length: rewards.length, score, rewards, togo, delta };
}

/** Every way to pick K of M with repeats: how often each, and the number of orders over K!.
 * @param {number} M @param {number} K @returns {{ counts: number[], orders: number }[]} */
export function collections(M, K) {
  if (M === 1) return [{ counts: [K], orders: 1 / factorial(K) }];
  return Array.from({ length: K + 1 }, (_, first) => collections(M - 1, K - first).map((rest) => ({
    counts: [first, ...rest.counts], orders: rest.orders / factorial(first),
  }))).flat();
}

/** @param {number} n @returns {number} */
const factorial = (n) => (n < 2 ? 1 : n * factorial(n - 1));

/** Ψ of every step of every story in a group with these shares.
 * @param {Advantage} advantage @param {Story[]} stories @param {number[]} shares @param {number} K */
function weightsOf(advantage, stories, shares, K) {
  const mean = stories.reduce((sum, { togo }, i) => sum + shares[i] * togo[0], 0);
  const square = stories.reduce((sum, { togo }, i) => sum + shares[i] * togo[0] ** 2, 0);
  const variance = stories.reduce((sum, { togo }, i) => sum + shares[i] * (togo[0] - mean) ** 2, 0);
  const scale = variance > TINY * square ? 1 / Math.sqrt(variance) : 0;
  const other = K === Infinity ? 1 : K / (K - 1);
  /** @type {Record<Advantage, (s: Story) => number[]>} */
  const rules = {
    "total-return": ({ togo }) => togo.map(() => togo[0]),
    "reward-to-go": ({ togo }) => togo,
    "minus-critic": ({ delta }) => backwards(delta, 1),
    gae: ({ delta }) => backwards(delta, WORLD.lambda),
    "one-step-td": ({ delta }) => delta,
    discounted: ({ rewards }) => backwards(rewards, WORLD.gamma),
    "leave-one-out": ({ togo }) => togo.map(() => other * (togo[0] - mean)),
    "group-mean": ({ togo }) => togo.map(() => togo[0] - mean),
    "group-deviation": ({ togo }) => togo.map(() => scale * (togo[0] - mean)),
    "mean-at-t": ({ togo }) => togo,
    standardised: ({ delta }) => backwards(delta, WORLD.lambda),
    "own-episode": ({ togo }) => alone(togo),
  };
  return stories.map(rules[advantage]);
}

/** x_t + decay·x_{t+1} + … @param {number[]} x @param {number} decay */
const backwards = (x, decay) => x.map((_, t) =>
  x.slice(t).reduce((sum, each, k) => sum + decay ** k * each, 0));

/** Less its own mean, over its own deviation. @param {number[]} x */
function alone(x) {
  const mean = x.reduce((sum, each) => sum + each, 0) / x.length;
  const spread = Math.sqrt(x.reduce((sum, each) => sum + (each - mean) ** 2, 0) / x.length);
  return x.map((each) => (spread > 0 ? (each - mean) / spread : 0));
}

/** The sums over one group. @param {Rule} rule @param {Story[]} stories @param {number[]} shares
 * @param {number} K */
function features({ advantage, mean }, stories, shares, K) {
  const found = new Float64Array(FEATURES), psi = weightsOf(advantage, stories, shares, K);
  stories.forEach(({ length, score }, i) => {
    if (!shares[i]) return;
    const part = mean === "answers" ? shares[i] / length : shares[i];
    for (let t = 0; t < length; t++) {
      found[t] += shares[i];
      found[2 + t] += shares[i] * psi[i][t];
      found[4] += shares[i] * psi[i][t] ** 2;
      for (let j = 0; j < WIDE; j++) {
        found[G + j] += part * psi[i][t] * score[t][j];
        found[Z[t] + j] += part * score[t][j];
      }
    }
  });
  return found;
}

/** Add the update of a batch with these sums. @param {Float64Array} f @param {Rule} rule
 * @param {number} weight @param {Float64Array} out */
function addUpdate(f, { advantage, mean }, weight, out) {
  const tokens = f[0] + f[1], centre = [0, 0];
  let scale = mean === "tokens" ? weight / tokens : weight;
  if (advantage === "mean-at-t") {
    for (let t = 0; t < STEPS; t++) centre[t] = f[t] ? f[2 + t] / f[t] : 0;
  } else if (advantage === "standardised") {
    const square = f[4] / tokens;
    centre.fill((f[2] + f[3]) / tokens);
    const variance = square - centre[0] ** 2;
    scale = variance > TINY * square ? scale / Math.sqrt(variance) : 0;
  }
  if (!POOLED.has(advantage)) {
    for (let j = 0; j < WIDE; j++) out[j] += scale * f[G + j];
    return;
  }
  for (let j = 0; j < WIDE; j++) {
    out[j] += scale * (f[G + j] - centre[0] * f[Z[0] + j] - centre[1] * f[Z[1] + j]);
  }
}

/** The sums of every group of one prompt, and the chance of each.
 * @param {Rule} rule @param {Story[]} stories @param {Size} size */
function groups(rule, stories, size) {
  if (size === "endless") {
    return [{ chance: 1, sums: features(rule, stories, stories.map(({ p }) => p), Infinity) }];
  }
  const K = Number(size);
  return collections(stories.length, K).map(({ counts, orders }) => ({
    chance: counts.reduce((c, n, i) => c * stories[i].p ** n, orders * factorial(K)),
    sums: features(rule, stories, counts.map((n) => n / K), K),
  }));
}

/** Their expectation. @param {ReturnType<typeof groups>} found */
const expected = (found) => found.reduce((sum, { chance, sums }) =>
  sum.map((each, i) => each + chance * sums[i]), new Float64Array(FEATURES));

/** Of two groups: the sums, as far as a rule reads them. @param {Float64Array} one
 * @param {Float64Array} other @param {Float64Array} into @param {number} upTo */
function average(one, other, into, upTo = FEATURES) {
  for (let i = 0; i < upTo; i++) into[i] = (one[i] + other[i]) / 2;
  return into;
}

/**
 * The mean update over every batch, [8]: what a step of size 1 adds to the logits.
 * @param {Rule} rule @param {Setting & { size: Size, prompts: Prompts }} setting
 */
export function meanUpdate(rule, setting) {
  const { size, prompts } = setting, out = new Float64Array(WIDE);
  const starts = prompts === "one" ? [0] : [0, 1];
  const [one, two] = starts.map((start) => groups(rule, storiesOf(start, setting), size));
  const pooled = POOLED.has(rule.advantage), coupled = pooled || rule.mean === "tokens";
  const both = new Float64Array(FEATURES), upTo = pooled ? FEATURES : Z[0];
  if (prompts === "endless" || (two && !coupled)) {
    addUpdate(average(expected(one), expected(two), both), rule, 1, out);
  } else if (!two) {
    for (const { chance, sums } of one) addUpdate(sums, rule, chance, out);
  } else {
    for (const a of one) {
      for (const b of two) {
        addUpdate(average(a.sums, b.sums, both, upTo), rule, a.chance * b.chance, out);
      }
    }
  }
  return out;
}

/** ∇J, [8]: of one prompt, or the mean of both. @param {Setting & { prompts: Prompts }} setting */
export function gradient(setting) {
  const found = new Float64Array(WIDE), starts = setting.prompts === "one" ? [0] : [0, 1];
  for (const start of starts) {
    for (const { p, score, togo } of storiesOf(start, setting)) {
      score.forEach((each, t) => each.forEach((s, j) => {
        found[j] += (p * togo[t] * s) / starts.length;
      }));
    }
  }
  return found;
}

/**
 * A mean update beside the gradient: its length in lengths of the gradient, the angle between the
 * two in degrees, exact near 0 too, and whether it is gone: zero up to rounding, without direction.
 * @param {Float64Array} update @param {Float64Array} truth
 */
export function beside(update, truth) {
  const dot = (/** @type {Float64Array} */ x, /** @type {Float64Array} */ y) =>
    x.reduce((sum, each, i) => sum + each * y[i], 0);
  const size = dot(truth, truth), along = dot(update, truth) / size;
  const rest = update.map((each, i) => each - along * truth[i]);
  const across = Math.sqrt(dot(rest, rest) / size), length = Math.hypot(along, across);
  return { length, angle: (Math.atan2(across, along) * 180) / Math.PI, gone: length < 1e-12 };
}
