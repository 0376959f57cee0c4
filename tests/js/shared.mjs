/** What the engine's tests share: Python's vectors, and a tolerance to hold the engine to them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** @typedef {import("../../book/pgbook/explorables/js/engine/mdp.js").MDP} MDP */

/** The vectors that tools/write_vectors.py wrote: tests/vectors/<name>.json.
 * @param {string} name
 */
export const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));

/** A finite MDP from its JSON.
 * @param {any} stored @returns {MDP}
 */
export const world = ({ states, actions, horizon, start, transition, reward }) => ({
  states, actions, horizon,
  start: Float64Array.from(start),
  transition: Float64Array.from(transition),
  reward: Float64Array.from(reward),
});

/** Two numbers, or two lists of them, agree.
 * @param {number | ArrayLike<number>} ours @param {number | ArrayLike<number>} theirs
 * @param {string} what
 */
export function close(ours, theirs, what, tolerance = 1e-10) {
  if (typeof ours === "number" || typeof theirs === "number") {
    const one = Number(ours), other = Number(theirs), off = Math.abs(one - other);
    assert.ok(off <= tolerance * Math.max(1, Math.abs(other)), `${what} is off by ${off}`);
    return;
  }
  assert.equal(ours.length, theirs.length, `${what}: length`);
  for (let i = 0; i < ours.length; i++) close(ours[i], theirs[i], `${what}[${i}]`, tolerance);
}
