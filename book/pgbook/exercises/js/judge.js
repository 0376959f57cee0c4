/** What is said to an answer. `questions.py` says the same in a notebook. */

import { read, value } from "./formula.js";

/**
 * A question as the page holds it. A choice's answer is its place in the list, from 1; `wrong` holds
 * the answers that people give with what is said to each.
 * @typedef {{
 *   id: string, kind: "choice" | "number" | "formula", answer: number | string, why: string,
 *   hint?: string, within?: number, variables?: Record<string, [number, number]>,
 *   wrong: [number | string, string][],
 * }} Question
 */

const POINTS = 8; // at which two formulas are compared
const CLOSE = 1e-9; // relative

/** Points in the variables' ranges, the same in every browser: Park and Miller's generator.
 * @param {Record<string, [number, number]>} variables */
export const points = (variables) => {
  let seed = 1;
  return Array.from({ length: POINTS }, () =>
    Object.fromEntries(Object.entries(variables).map(([name, [low, high]]) => {
      seed = (seed * 16807) % 2147483647;
      return [name, low + ((high - low) * seed) / 2147483647];
    })));
};

/** The names in which a question is answered. @param {Question} question */
export const names = ({ variables }) => Object.keys(variables ?? {});

/** Whether two answers are one. @param {Question} question
 * @param {string | number} given @param {string | number} known */
const same = (question, given, known) => {
  if (question.kind === "choice") return Number(given) === Number(known);
  const [a, b] = [given, known].map((text) => read(String(text), names(question)));
  if (question.kind === "number") return Math.abs(value(a, {}) - value(b, {})) <= (question.within ?? 0);
  return points(question.variables ?? {}).every((point) => {
    const [x, y] = [value(a, point), value(b, point)];
    return Math.abs(x - y) <= CLOSE * (1 + Math.abs(y));
  });
};

/** Judge an answer; one that cannot be read is thrown as `Unread`.
 * @param {Question} question @param {string} given @returns {{ right: boolean, says: string }} */
export const judge = (question, given) => {
  if (same(question, given, question.answer)) return { right: true, says: question.why };
  const slip = question.wrong.find(([answer]) => same(question, given, answer));
  return { right: false, says: slip?.[1] ?? question.hint ?? "" };
};
