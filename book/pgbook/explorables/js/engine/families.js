/**
 * Families of distributions with one parameter θ: density or probability, score in closed form, and
 * what chapters 2 and 3 compute from them: slopes by differences, integrals, their quotients.
 */

/**
 * @typedef {object} Family
 * @property {(x: number, theta: number) => number} p density, or probability, of outcome x
 * @property {(x: number, theta: number) => number} score ∂ log p / ∂θ, in closed form
 */

const ROOT = Math.sqrt(2 * Math.PI);
/** Width of the bell whose mean is θ, mean of the bell whose width is θ. */
export const WIDTH = 0.8, MEAN = 0;
/** Logits of the faces 2 to 6; that of face 1 is θ. */
export const LOGITS = [0, 1, -1, 0.5, -0.5];

/** @param {number} x @param {number} mean @param {number} width */
const bell = (x, mean, width) => Math.exp(-0.5 * ((x - mean) / width) ** 2) / (width * ROOT);

/** @param {number} face 1 to 6 @param {number} theta */
function die(face, theta) {
  const total = LOGITS.reduce((sum, z) => sum + Math.exp(z), Math.exp(theta));
  return Math.exp(face === 1 ? theta : LOGITS[face - 2]) / total;
}

/** @satisfies {Record<string, Family>} */
export const FAMILIES = {
  coin: {
    p: (x, theta) => (x === 1 ? theta : 1 - theta),
    score: (x, theta) => (x === 1 ? 1 / theta : -1 / (1 - theta)),
  },
  die: { p: die, score: (x, theta) => (x === 1 ? 1 : 0) - die(1, theta) },
  mean: { p: (x, theta) => bell(x, theta, WIDTH), score: (x, theta) => (x - theta) / WIDTH ** 2 },
  sigma: {
    p: (x, theta) => bell(x, MEAN, theta),
    score: (x, theta) => (((x - MEAN) / theta) ** 2 - 1) / theta,
  },
  wait: {
    p: (x, theta) => (x < 0 ? 0 : Math.exp(-x / theta) / theta),
    score: (x, theta) => (x - theta) / theta ** 2,
  },
};

/**
 * ∂p/∂θ by a central difference: p's values alone. For the coin a step that would leave [0, 1] is
 * taken inwards.
 * @param {keyof typeof FAMILIES} name @param {number} x @param {number} theta
 */
export function slope(name, x, theta, h = 1e-5) {
  const { p } = FAMILIES[name], coin = name === "coin";
  const up = coin ? Math.min(1, theta + h) : theta + h;
  const down = coin ? Math.max(0, theta - h) : theta - h;
  return (p(x, up) - p(x, down)) / (up - down);
}

/**
 * One action, its reward, and a density whose parameter is θ.
 * @typedef {object} Case
 * @property {(a: number, theta: number) => number} p 0 outside the support
 * @property {(a: number, theta: number) => number} slope ∂p/∂θ at a fixed action
 * @property {(a: number) => number} reward
 * @property {(theta: number) => [number, number]} support all of it, or all that counts
 */

/** @type {Record<"bell" | "uniform", Case>} */
export const CASES = {
  bell: {
    p: FAMILIES.mean.p,
    slope: (a, theta) => FAMILIES.mean.p(a, theta) * ((a - theta) / WIDTH ** 2),
    reward: (a) => -((a - 1) ** 2),
    support: (theta) => [theta - 12 * WIDTH, theta + 12 * WIDTH],
  },
  uniform: {
    p: (a, theta) => (a >= 0 && a <= theta ? 1 / theta : 0),
    slope: (a, theta) => (a >= 0 && a <= theta ? -1 / theta ** 2 : 0),
    reward: (a) => a,
    support: (theta) => [0, theta],
  },
};

/**
 * The trapezium rule: exact for straight lines, and to rounding for a bell with all of its tails.
 * @param {(a: number) => number} f @param {[number, number]} between
 */
export function integral(f, [from, to], pieces = 400) {
  const step = (to - from) / pieces;
  let sum = (f(from) + f(to)) / 2;
  for (let i = 1; i < pieces; i++) sum += f(from + i * step);
  return sum * step;
}

/** J(θ) = ∫ p R. @param {Case} which @param {number} theta */
export const objectiveOf = ({ p, reward, support }, theta) =>
  integral((a) => p(a, theta) * reward(a), support(theta));

/**
 * (J(θ+h) − J(θ)) / h: integrate first.
 * @param {Case} which @param {number} theta @param {number} h
 */
export const quotientOf = (which, theta, h) =>
  (objectiveOf(which, theta + h) - objectiveOf(which, theta)) / h;

/** ∫ ∂p/∂θ R: differentiate first. @param {Case} which @param {number} theta */
export const insideOf = ({ slope: dp, reward, support }, theta) =>
  integral((a) => dp(a, theta) * reward(a), support(theta));

/** The integrand of `quotientOf`. @param {Case} which @param {number} a */
export const quotientAt = ({ p, reward }, a, theta = 0, h = 1) =>
  ((p(a, theta + h) - p(a, theta)) / h) * reward(a);
