/** What the compass calls its rules, and its verdict in words. */

import { fixed } from "../ui/draw.js";

/** @typedef {import("../engine/compass.js").Rule} Rule */

export const ADVANTAGE_NAMES = {
  "total-return": "total return",
  "reward-to-go": "reward-to-go",
  "minus-critic": "reward-to-go − critic",
  gae: "GAE, λ = 0.95",
  "one-step-td": "one-step TD",
  discounted: "discounted, γ = 0.75",
  "leave-one-out": "leave-one-out",
  "group-mean": "− group mean",
  "group-deviation": "− group mean, ÷ deviation",
  "mean-at-t": "− mean at t",
  standardised: "GAE, batch standardised",
  "own-episode": "episode standardised",
};

export const MEAN_NAMES = {
  episodes: "episodes",
  tokens: "all tokens of the batch",
  answers: "each answer, then answers",
};

export const SIZE_NAMES = { endless: "∞" };

/** Combinations that have a name of their own. @type {Record<string, string>} */
const KNOWN = {
  "total-return episodes": "REINFORCE",
  "leave-one-out episodes": "RLOO",
  "group-mean episodes": "Dr. GRPO",
  "group-deviation answers": "GRPO",
  "group-deviation tokens": "DAPO's loss",
  "standardised tokens": "PPO's first step",
  "one-step-td tokens": "one-step actor-critic",
};

const SHORT = { tokens: "tokens", answers: "answers" };

/** @param {Rule} rule */
export function nameOf({ advantage, mean }) {
  const own = ADVANTAGE_NAMES[advantage], known = KNOWN[`${advantage} ${mean}`];
  return known ?? (mean === "episodes" ? own : `${own}, over ${SHORT[mean]}`);
}

/** @param {ReturnType<typeof import("../engine/compass.js").beside>} found */
export function verdictOf({ angle, length, gone }) {
  if (gone) return "no update at all, on average";
  if (angle < 1e-6) {
    return Math.abs(length - 1) < 1e-9 ? "the gradient" : `the gradient × ${fixed(length, 3)}`;
  }
  const how = angle > 90 ? "turned downhill" : angle < 1 ? "turned a little" : "turned";
  return `${how} by ${fixed(angle, angle < 1 ? 2 : 1)}°, ${fixed(length, 2)} as long`;
}
