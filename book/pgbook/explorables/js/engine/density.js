/**
 * A Gaussian policy over one action and what becomes of it: as drawn, clipped to [-1, 1], or
 * squashed by tanh; in a unit of the reader's choice. Areas and means are quadratures, so that a
 * wrong density shows.
 */

/** @typedef {"raw" | "clipped" | "tanh"} Squash */
/**
 * @typedef {object} Bell
 * @property {number} mean of the drawn action
 * @property {number} sigma its standard deviation
 * @property {Squash} squash what happens to it before it is carried out
 * @property {number} unit how many of the new units make an old one
 * @property {boolean} slip leaves out the Jacobian; with "clipped", scores the clipped action
 */

export const LIMIT = 1; // of the clipped and the squashed action, in the old unit
const ROOT_TAU = Math.sqrt(2 * Math.PI);
const REACH = 12; // widths from the mean beyond which a bell is nothing
const STEP = 1 / 64, LAST = 6; // of the double-exponential rule

/** The standard normal density. @param {number} z */
export const phi = (z) => Math.exp(-0.5 * z * z) / ROOT_TAU;

/**
 * The chance that a standard normal number exceeds z: a series near 0, a continued fraction beyond.
 * @param {number} z
 * @returns {number}
 */
export function upperTail(z) {
  if (z < 0) return 1 - upperTail(-z);
  if (z < 3) {
    let term = z, sum = z;
    for (let n = 3; Math.abs(term) > 1e-17 * sum; n += 2) sum += term *= (z * z) / n;
    return 0.5 - phi(z) * sum;
  }
  let fraction = z;
  for (let n = 60; n > 0; n--) fraction = z + n / fraction;
  return phi(z) / fraction;
}

/** log π of a drawn action, old unit. @param {Bell} bell @param {number} a */
export function logDensityDrawn({ mean, sigma }, a) {
  const z = (a - mean) / sigma;
  return -0.5 * z * z - Math.log(sigma * ROOT_TAU);
}

/** What is carried out, old unit. @param {Bell} bell @param {number} a the drawn action */
export function carriedOut({ squash }, a) {
  if (squash === "raw") return a;
  return squash === "tanh" ? Math.tanh(a) : Math.min(LIMIT, Math.max(-LIMIT, a));
}

/** log(1 - tanh(a)²), without losing its digits. @param {number} a */
export const logJacobian = (a) => 2 * (Math.log(2) - a - softplus(-2 * a));

/** @param {number} x */
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * log density that the program uses for a drawn action a: of the action carried out, in the new
 * unit; with "clipped", of the drawn one (with the slip, the bell's at the clipped one).
 * @param {Bell} bell @param {number} a
 */
export function logDensity(bell, a) {
  const { squash, unit, slip } = bell;
  if (squash === "clipped") return logDensityDrawn(bell, scored(bell, a)) - Math.log(unit);
  const jacobian = Math.log(unit) + (squash === "tanh" ? logJacobian(a) : 0);
  return logDensityDrawn(bell, a) - (slip ? 0 : jacobian);
}

/** The action that the program scores. @param {Bell} bell @param {number} a the drawn one */
export function scored(bell, a) {
  return bell.squash === "clipped" && bell.slip ? carriedOut(bell, a) : a;
}

/** The scores in μ and log σ that the program uses. @param {Bell} bell @param {number} a */
export function score(bell, a) {
  const z = (scored(bell, a) - bell.mean) / bell.sigma;
  return { mean: z / bell.sigma, logSigma: z * z - 1 };
}

/** The chances of the lumps at the two limits. @param {Bell} bell */
export function lumps({ mean, sigma, squash }) {
  if (squash !== "clipped") return { low: 0, high: 0 };
  return { low: upperTail((mean + LIMIT) / sigma), high: upperTail((LIMIT - mean) / sigma) };
}

/**
 * The area under the density that the program uses, lumps included: 1 if it is a density.
 * @param {Bell} bell
 */
export function area(bell) {
  const { mean, sigma, squash, unit } = bell;
  if (squash === "tanh") return unit * overSquashed((a) => Math.exp(logDensity(bell, a)));
  const density = (/** @type {number} */ a) => unit * Math.exp(logDensity(bell, a));
  if (squash === "raw") return integral(density, mean - REACH * sigma, mean + REACH * sigma);
  const { low, high } = lumps(bell);
  const from = Math.max(-LIMIT, mean - REACH * sigma), to = Math.min(LIMIT, mean + REACH * sigma);
  return low + integral(density, from, to) + high;
}

/** The mean of the score in μ that the program uses: 0 if it is a score. @param {Bell} bell */
export function meanScore(bell) {
  const { mean, sigma } = bell, low = mean - REACH * sigma, high = mean + REACH * sigma;
  const inside = (/** @type {number} */ x) => Math.min(high, Math.max(low, x));
  const ends = [low, inside(-LIMIT), inside(LIMIT), high];
  const f = (/** @type {number} */ a) => Math.exp(logDensityDrawn(bell, a)) * score(bell, a).mean;
  return [0, 1, 2].reduce((sum, i) => sum + integral(f, ends[i], ends[i + 1]), 0);
}

/**
 * The height of the curve at an action: clipped ones beyond a limit lie in a lump beside it.
 * @param {Bell} bell @param {number} a
 */
export function heightOf(bell, a) {
  if (bell.squash !== "clipped") return Math.exp(logDensity(bell, a));
  return Math.exp(logDensityDrawn(bell, carriedOut(bell, a))) / bell.unit;
}

/**
 * The density over what is carried out, in the new unit; between the limits if there are any.
 * @param {Bell} bell @param {number} reach of the drawn actions @param {number} points
 * @returns {Point[]}
 */
export function curve(bell, reach, points) {
  return Array.from({ length: points + 1 }, (_, i) => {
    const share = (2 * i) / points - 1;
    // closer steps in the middle, and all the way to the limits of tanh
    const a = { raw: reach * share, clipped: LIMIT * share, tanh: 4 * reach * share ** 3 };
    const drawn = a[bell.squash];
    return { at: carriedOut(bell, drawn) * bell.unit, density: heightOf(bell, drawn) };
  });
}

/** @typedef {{ at: number, density: number }} Point */

/** How far from a density and its score we are. @param {Bell} bell */
export const residual = (bell) => Math.max(Math.abs(area(bell) - 1), Math.abs(meanScore(bell)));

/**
 * ∫ f over [from, to] by the double-exponential rule: x = tanh(π/2 sinh t) crowds the points at
 * the ends, and equal steps in t are then as good as exact for a smooth f.
 * @param {(x: number) => number} f @param {number} from @param {number} to
 */
export function integral(f, from, to) {
  const centre = (from + to) / 2, half = (to - from) / 2;
  if (!(half > 0)) return 0;
  return half * overSquashed((a) => f(centre + half * Math.tanh(a)));
}

/**
 * ∫ over u in (-1, 1), of a function of artanh u, by the same rule.
 * @param {(a: number) => number} f
 */
function overSquashed(f) {
  let sum = 0;
  for (let t = -LAST; t <= LAST; t += STEP) {
    const a = (Math.PI / 2) * Math.sinh(t), slope = (Math.PI / 2) * Math.cosh(t);
    const weight = slope * Math.exp(logJacobian(a));
    if (weight > 0) sum += weight * f(a);
  }
  return STEP * sum;
}
