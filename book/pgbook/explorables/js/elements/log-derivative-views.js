/** What the explorable of chapter 3 shows of each family. */

import { FAMILIES, LOGITS, MEAN } from "../engine/families.js";

const { die, mean, sigma, wait } = FAMILIES;
const OTHERS = LOGITS.reduce((sum, z) => sum + Math.exp(z), 0);

/**
 * Outcomes, the bounds of the three panels, and the point of p that is dragged: where it is, and
 * the θ that brings it to (x, height).
 * @typedef {object} View
 * @property {string} name
 * @property {string} label of the slider
 * @property {number} step of the slider
 * @property {number[]} across
 * @property {number[]} [few] the outcomes, when they are few
 * @property {(x: number) => string} [called] what an outcome is called
 * @property {number[]} p
 * @property {number[]} score
 * @property {number[]} slope
 * @property {(theta: number) => number[]} at
 * @property {(x: number, height: number) => number} to
 */

/** @type {Record<string, View>} */
export const VIEWS = {
  mean: {
    name: "bell: its mean", label: "θ: mean", step: 0.05, across: [-4, 4],
    p: [0, 0.56], score: [-6, 6], slope: [-0.42, 0.42],
    at: (theta) => [theta, mean.p(theta, theta)], to: (x) => x,
  },
  sigma: {
    name: "bell: its width", label: "θ: width", step: 0.05, across: [-4, 4],
    p: [0, 0.7], score: [-2, 8], slope: [-1.2, 0.5],
    at: (theta) => [MEAN + theta, sigma.p(MEAN + theta, theta)], to: (x) => Math.abs(x - MEAN),
  },
  wait: {
    name: "waiting time (exponential)", label: "θ: mean wait", step: 0.05, across: [0, 8],
    p: [0, 1.3], score: [-1.5, 4], slope: [-1.6, 0.3],
    at: (theta) => [theta, wait.p(theta, theta)], to: (x) => x,
  },
  coin: {
    name: "coin (Bernoulli)", label: "θ: probability of heads", step: 0.01, across: [-0.6, 1.6],
    few: [0, 1], called: (x) => (x ? "heads, 1" : "tails, 0"),
    p: [0, 1.1], score: [-8, 8], slope: [-1.3, 1.3],
    at: (theta) => [1, theta], to: (_, height) => height,
  },
  die: {
    name: "die (softmax)", label: "θ: logit of face 1", step: 0.05, across: [0.4, 6.6],
    few: [1, 2, 3, 4, 5, 6], called: String,
    p: [0, 1], score: [-1.15, 1.15], slope: [-0.32, 0.32],
    at: (theta) => [1, die.p(1, theta)],
    to: (_, height) => Math.log((OTHERS * height) / (1 - height)),
  },
};
