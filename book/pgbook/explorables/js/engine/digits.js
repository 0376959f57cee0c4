/**
 * The task: read two of six digits, write them in reverse order, and end. And what an answer may be
 * rewarded for, wisely or not. A token is a number: the digits, then the one that ends an answer; the
 * same number, read, ends the prompt.
 */

const DIGITS = 6;
export const END = DIGITS;
export const LONGEST = 5; // tokens of an answer, the end among them; then it is cut off
/** @type {import("./gru.js").Sizes} */
export const SIZES = { inputs: DIGITS + 1, outputs: DIGITS + 1, hidden: 32 };

/** All prompts, as one types them: "00", "01", ... */
export const PROMPTS = Array.from({ length: DIGITS ** 2 }, (_, i) => `${Math.floor(i / DIGITS)}${i % DIGITS}`);

/** The right answer. @param {string} prompt @returns {number[]} tokens */
export const right = (prompt) => [Number(prompt[1]), Number(prompt[0]), END];

/** @param {number[]} answer @param {string} prompt */
const placed = (answer, prompt) =>
  right(prompt).reduce((sum, token, t) => sum + Number(answer[t] === token), 0) / 3;

/**
 * What an answer earns, from 0 to 1.
 * @satisfies {Record<string, (answer: number[], prompt: string) => number>}
 */
export const REWARDS = {
  /** A third for each of the three tokens in its place. */
  graded: placed,
  /** All or nothing. */
  exact: (/** @type {number[]} */ answer, /** @type {string} */ prompt) =>
    Number(placed(answer, prompt) === 1),
  /** The more digits, the better. */
  longer: (/** @type {number[]} */ answer) =>
    answer.filter((token) => token !== END).length / LONGEST,
  /** A point for each digit that the right answer has: so repeat it. */
  counted: (/** @type {number[]} */ answer, /** @type {string} */ prompt) =>
    answer.filter((token) => prompt.includes(String(token))).length / LONGEST,
};

/** @typedef {keyof typeof REWARDS} Reward */
export const REWARD_NAMES = /** @type {Reward[]} */ (Object.keys(REWARDS));

/** The prefix that a prompt is. @param {import("./gru.js").Gru} model @param {string} prompt */
export const ask = (model, prompt) =>
  model.read(model.read(model.read(-1, Number(prompt[0])), Number(prompt[1])), END);
