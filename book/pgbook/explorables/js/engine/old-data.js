/**
 * Chapter 15's old data: answers of an old policy, the ratio of each token to the one ahead of it,
 * what a rule makes of the ratios, and the exact mean of its step, by listing.
 */

import { compared } from "./groups.js";
import { ANSWERS, logPolicy, ofTokens, PROMPTS, pull, THETA } from "./listed-model.js";

export const WANTED = ["ab.", "ba."]; // by each prompt

/**
 * A rule: the ratio that it looks at; its edges, 1 + up·ε and 1 − down·ε; what becomes of a token
 * past the edge to which it is pushed, or past the only one: dropped, or counted with the edge; the
 * most that a bad token counts for; whether an answer's sum is divided by its length.
 * @typedef {{ of: (omega: number[]) => number[], up?: number, down?: number,
 *   past?: "drop" | "cut", most?: number, share?: boolean }} Rule
 */

/** @param {number[]} omega @param {number} ratio one for all tokens */
const all = (omega, ratio) => omega.map(() => ratio);
/** @param {number[]} omega */
const whole = (omega) => omega.reduce((product, each) => product * each, 1);
/** The token's own ratio. @param {number[]} omega */
export const own = (omega) => omega;

/** The proportions of the edges are those of the papers. @type {Record<string, Rule>} */
export const RULES = {
  none: { of: (omega) => all(omega, 1) },
  token: { of: own },
  ppo: { of: own, up: 1, down: 1, past: "drop" },
  higher: { of: own, up: 1.4, down: 1, past: "drop" },
  dual: { of: own, up: 1, down: 1, past: "drop", most: 3 },
  gspo: {
    of: (omega) => all(omega, whole(omega) ** (1 / omega.length)), up: 4 / 3, down: 1, past: "drop",
    share: true,
  },
  cispo: { of: own, up: 1.4, past: "cut" },
  truncated: { of: (omega) => all(omega, whole(omega)), up: 1, past: "cut" },
  answer: { of: (omega) => all(omega, whole(omega)) },
};

/**
 * Between which ratios a token pushes with its own weight.
 * @param {Rule} rule @param {number} psi @param {number} epsilon @returns {[number, number]}
 */
export function edges({ up = 0, down = 0, past, most = Infinity }, psi, epsilon) {
  if (!past) return [0, Infinity];
  if (past === "cut") return [0, 1 + up * epsilon];
  return psi > 0 ? [0, 1 + up * epsilon] : [1 - down * epsilon, most];
}

/**
 * What stands before Ψ and a token's score, where the ratio is this.
 * @param {Rule} rule @param {number} ratio @param {number} psi @param {number} epsilon
 */
export function weight(rule, ratio, psi, epsilon) {
  const [low, high] = edges(rule, psi, epsilon);
  if (ratio >= low && ratio <= high) return ratio;
  return rule.past === "cut" ? high : 0;
}

/** Mean over y of what the old policy answers; Ψ is the reward less the prompt's true mean. */
export class OldData {
  constructor() {
    const log = logPolicy(THETA);
    this.before = WANTED.map((_, x) => ANSWERS.map((answer) => ofTokens(log, x, answer)));
    this.p = this.before.map((answers) => answers.map(likelihood));
    this.psi = WANTED.map((wanted, x) => {
      const reward = ANSWERS.map(({ text }) => inPlace(text, wanted) / wanted.length);
      const mean = reward.reduce((sum, r, y) => sum + this.p[x][y] * r, 0);
      return reward.map((r) => r - mean);
    });
    this.uphill = pull(log, (x, y) => all(this.before[x][y], this.p[x][y] * this.psi[x][y]));
  }

  /** The policy so many gradients ahead, and the gradient there. @param {number} far */
  ahead(far) {
    const log = logPolicy(THETA.map((value, k) => value + far * this.uphill[k]));
    const now = WANTED.map((_, x) => ANSWERS.map((answer) => ofTokens(log, x, answer)));
    const omega = now.map((answers, x) => answers.map((logs, y) =>
      logs.map((each, t) => Math.exp(each - this.before[x][y][t]))));
    const truth = pull(log, (x, y) => all(now[x][y], likelihood(now[x][y]) * this.psi[x][y]));
    return { log, omega, truth };
  }

  /**
   * The exact mean step of a rule: the slope of its surrogate over the old policy's answers.
   * @param {Ahead} ahead @param {Rule} rule @param {number} epsilon
   */
  step({ log, omega }, rule, epsilon) {
    return pull(log, (x, y) => rule.of(omega[x][y]).map((ratio, _, { length }) => {
      const psi = this.psi[x][y], share = rule.share ? 1 / length : 1;
      return this.p[x][y] * weight(rule, ratio, psi, epsilon) * psi * share;
    }));
  }

  /** How that step lies to the gradient. @param {Ahead} ahead @param {Rule} rule @param {number} epsilon */
  turned(ahead, rule, epsilon) {
    const { angle, factor } = compared(this.step(ahead, rule, epsilon), ahead.truth);
    return { angle: angle < 1e-4 ? 0 : angle, factor }; // what a last digit makes of none is none
  }

  /**
   * The share of tokens that a rule drops, as they are drawn: of good answers, of bad ones.
   * @param {Ahead} ahead @param {Rule} rule @param {number} epsilon
   */
  dropped({ omega }, rule, epsilon) {
    return [1, -1].map((sign) => {
      let gone = 0, drawn = 0;
      for (let x = 0; x < PROMPTS; x++) {
        omega[x].forEach((ratios, y) => {
          if (this.psi[x][y] * sign <= 0) return;
          for (const ratio of rule.of(ratios)) {
            drawn += this.p[x][y];
            if (weight(rule, ratio, this.psi[x][y], epsilon) === 0) gone += this.p[x][y];
          }
        });
      }
      return gone / drawn;
    });
  }

  /** The likeliest answers of a sign. @param {number} prompt @param {number} sign @param {number} count */
  likeliest(prompt, sign, count) {
    const p = this.p[prompt];
    const found = ANSWERS.map((_, y) => y).filter((y) => this.psi[prompt][y] * sign > 0);
    return found.sort((a, b) => p[b] - p[a]).slice(0, count);
  }
}

/** @param {number[]} logs of its tokens */
const likelihood = (logs) => Math.exp(logs.reduce((sum, each) => sum + each, 0));

/** How many tokens stand where they are wanted. @param {string} text @param {string} wanted */
const inPlace = (text, wanted) =>
  [...text].filter((letter, t) => letter === wanted[t]).length;

/** @typedef {{ log: Float64Array, omega: number[][][], truth: Float64Array }} Ahead */
