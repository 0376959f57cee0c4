/** The worlds of chapters 4 and 5 agree with tools/small_worlds.py. */

import assert from "node:assert/strict";
import test from "node:test";
import * as pier from "../../book/pgbook/explorables/js/engine/pier.js";
import {
  CAT, EDGES, EVERY, goingPolicy, products, whole,
} from "../../book/pgbook/explorables/js/engine/tree.js";
import { close, vectors } from "./shared.mjs";

test("every product of the tree, with and without the factors of t = 0", () => {
  for (const { theta, whole: theirs, without } of vectors("tree")) {
    const policy = goingPolicy(CAT, theta);
    close(products(CAT, policy, EVERY, 0).map(whole), theirs, "whole");
    close(products(CAT, policy, EVERY, 1).map(whole), without, "without t = 0");
  }
});

test("the tree has an edge for each draw, and each edge holds the paths that begin alike", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((d) => EDGES.filter((e) => e.depth === d).length),
    [2, 4, 8, 16, 32]);
  for (const { depth, first, last } of EDGES) assert.equal(last - first + 1, 2 ** (4 - depth));
});

test("the pier: world, objective, slopes, terms", () => {
  for (const v of vectors("pier")) {
    const world = pier.pier(v.theta, v);
    close(world.start, v.start, "start");
    close(world.transition, v.transition, "transition");
    assert.equal(pier.WALKS.length, v.count);
    close([pier.pierObjective(v.theta, v)], [v.J], "J");
    const { truth, reported } = pier.slopes(v.theta, v);
    close([truth, reported], [v.truth, v.reported], "slopes");
    close(pier.scoreTerms(v.theta, v, pier.WALKS[v.walk]).map((d) => d.slope), v.terms, "terms");
  }
});

test("without leaks the world's terms are exactly 0 for every walk, and 5.4 is right", () => {
  for (const wind of [-1, 0.3, 1]) {
    const settings = { wind, slip: 0.35, leak: 0, leakStart: 0 };
    for (const walk of pier.WALKS) {
      const worlds = pier.scoreTerms(-0.8, settings, walk).filter((d) => d.term !== "policy");
      assert.ok(worlds.every((d) => d.slope === 0));
    }
    const { truth, reported } = pier.slopes(-0.8, settings);
    assert.ok(Math.abs(truth - reported) < 1e-7, `${truth} against ${reported}`);
  }
});
