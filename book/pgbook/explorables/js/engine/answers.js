/** What the model would answer, exactly: no sampling. */

import { ask, END, LONGEST, PROMPTS, right } from "./digits.js";

/** @typedef {import("./gru.js").Gru} Gru */
/** @typedef {{ answer: number[], probability: number }} Candidate */

/** The probability of an answer. @param {Gru} model @param {string} prompt @param {number[]} answer */
export function probability(model, prompt, answer) {
  let node = ask(model, prompt), product = 1;
  answer.forEach((token, t) => {
    product *= model.p[node * model.sizes.outputs + token];
    if (t < answer.length - 1) node = model.read(node, token);
  });
  return product;
}

/** The probability of the right answer, averaged over all prompts. @param {Gru} model */
export const rightShare = (model) => PROMPTS.reduce((sum, prompt) =>
  sum + probability(model, prompt, right(prompt)), 0) / PROMPTS.length;

/**
 * The most likely answers to a prompt, in order: prefixes are followed from the likeliest on, and
 * left once they can't reach the list.
 * @param {Gru} model @param {string} prompt @param {number} count @param {number} [longest]
 * @returns {Candidate[]}
 */
export function likeliest(model, prompt, count, longest = LONGEST) {
  /** @type {Candidate[]} */
  const best = [], { outputs } = model.sizes;
  const least = () => (best.length < count ? 0 : best[count - 1].probability);
  /** @param {number} node @param {number[]} prefix @param {number} mass */
  const follow = (node, prefix, mass) => {
    const next = Array.from({ length: outputs }, (_, token) =>
      ({ token, reached: mass * model.p[node * outputs + token] }));
    next.sort((a, b) => b.reached - a.reached);
    for (const { token, reached } of next) {
      if (reached <= least()) return;
      const answer = [...prefix, token];
      if (token !== END && answer.length < longest) follow(model.read(node, token), answer, reached);
      else {
        const place = best.findIndex((each) => each.probability < reached);
        best.splice(place < 0 ? best.length : place, 0, { answer, probability: reached });
        best.length = Math.min(best.length, count);
      }
    }
  };
  follow(ask(model, prompt), [], 1);
  return best;
}
