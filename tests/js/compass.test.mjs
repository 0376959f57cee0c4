/** The compass: its mean updates are what Python's audit lists, batch by batch. */

import assert from "node:assert/strict";
import test from "node:test";
import {
  ADVANTAGES, beside, collections, gradient, MEANS, meanUpdate, PROMPTS, REACH, SIZES, storiesOf,
  WIDEST, WORLD,
} from "../../book/pgbook/explorables/js/engine/compass.js";
import { close, vectors } from "./shared.mjs";

const { world, cases } = vectors("compass");

test("the world is Python's", () => {
  for (const name of /** @type {const} */ (["policy", "reward", "error", "next"])) {
    close(WORLD[name].flat(), world[name].flat(), name);
  }
  close([WORLD.ends, WORLD.gamma, WORLD.lambda], [world.ends, world.gamma, world.lambda], "rest");
});

test("every rule's mean update, and the gradient", () => {
  for (const { rule, setting, update, truth } of cases) {
    const what = `${rule.advantage} ${rule.mean} ${JSON.stringify(setting)}`;
    close(meanUpdate(rule, setting), update, what);
    close(gradient(setting), truth, `gradient, ${what}`);
  }
});

test("chances sum to one, and orders are counted", () => {
  for (const equal of [true, false]) {
    const chances = storiesOf(1, { equal, error: 0 }).map(({ p }) => p);
    close(chances.reduce((sum, p) => sum + p), 1, "stories");
    const all = collections(chances.length, 4);
    const each = all.map(({ counts, orders }) =>
      counts.reduce((sum, n, i) => sum * chances[i] ** n, 24 * orders));
    close(each.reduce((sum, p) => sum + p), 1, "batches");
  }
});

test("a mean over episodes: the four that are the gradient, in every setting", () => {
  for (const advantage of ADVANTAGES.filter((a) =>
    ["total-return", "reward-to-go", "minus-critic", "leave-one-out"].includes(a))) {
    for (const size of SIZES) {
      for (const prompts of PROMPTS) {
        const setting = { size, prompts, equal: false, error: 2 };
        close(meanUpdate({ advantage, mean: "episodes" }, setting), gradient(setting), advantage);
      }
    }
  }
});

test("every arrow stays on the dial", () => {
  for (const advantage of ADVANTAGES) {
    for (const mean of MEANS) {
      for (const prompts of PROMPTS) {
        for (const [size, equal] of /** @type {const} */ ([["2", true], ["endless", false]])) {
          const setting = { size, prompts, equal, error: 1 };
          const found = beside(meanUpdate({ advantage, mean }, setting), gradient(setting));
          const what = `${advantage} ${mean} ${prompts} ${size} ${equal}`;
          assert.ok(found.angle <= WIDEST && found.length < REACH && !found.gone, what);
        }
      }
    }
  }
});

test("angles near 0 and 180 are exact, and nothing is said to be nothing", () => {
  const up = Float64Array.of(1, 0), near = Float64Array.of(1, 1e-9);
  close(beside(near, up).angle, (1e-9 * 180) / Math.PI, "small", 1e-20);
  close(beside(Float64Array.of(-2, 0), up).angle, 180, "back");
  assert.ok(beside(Float64Array.of(0, 0), up).gone && !beside(near, up).gone);
});
