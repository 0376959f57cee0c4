/** A lesson from beginning to end: too long to be repeated for each mutant (tools/stryker.config.mjs). */

import assert from "node:assert/strict";
import test from "node:test";
import { likeliest } from "../../book/pgbook/explorables/js/engine/answers.js";
import { HALF, Lesson, UPDATES } from "../../book/pgbook/explorables/js/engine/lesson.js";

const PLAN = /** @type {const} */ ({ first: "graded", then: "counted", answers: 24, entropy: 0.05, seed: 0 });

/** A whole lesson. @param {object} given @param {Lesson} [before] */
function taught(given, before) {
  const lesson = new Lesson({ ...PLAN, ...given }, before);
  lesson.train(Infinity);
  assert.ok(lesson.done && lesson.kept.length === UPDATES + 1);
  return lesson;
}

test("it learns to reverse, then does what the other reward pays", () => {
  for (const seed of [0, 1]) {
    const { right: share, rewards, lengths, writer } = taught({ seed });
    assert.ok(share[0] < 0.01 && share[HALF] > 0.8, `seed ${seed}: ${share[HALF]} at half time`);
    assert.ok(share[UPDATES] < 0.01 && rewards[UPDATES] > 0.8 && lengths[UPDATES] > 4.5);
    writer.model.clear();
    const [{ answer }] = likeliest(writer.model, "12", 1);
    assert.ok(answer.every((token) => token === 1 || token === 2), `it writes ${answer}`);
  }
});

test("without the entropy bonus it settles too soon", () => {
  const plain = new Lesson({ ...PLAN, entropy: 0 });
  while (plain.trained < HALF) plain.step();
  assert.ok(plain.right[HALF] < 0.7, `${plain.right[HALF]}`);
});

test("all or nothing: no reward for a hundred updates, then it takes off; or soon, after thirds", () => {
  const { right: share, rewards } = taught({ first: "exact", then: "exact" });
  assert.ok(Math.max(...rewards.slice(0, 90)) < 0.05 && share[90] < 0.02, "at first");
  assert.ok(share[UPDATES] > 0.95, `${share[UPDATES]}`);
  assert.ok(taught({ then: "exact" }).right[UPDATES] > 0.98);
});

test("paid for length first it never ends: all or nothing has nothing to pay later", () => {
  const { rewards, lengths } = taught({ first: "longer", then: "exact" });
  assert.ok(rewards[HALF - 1] > 0.95 && rewards[UPDATES] === 0 && lengths[UPDATES] > 4.9);
});

test("a first half that is the same is taken over, and goes on as it would have", () => {
  const given = { answers: 4 }, one = taught(given), other = new Lesson({ ...PLAN, ...given }, one);
  assert.deepEqual([other.trained, other.halfway === one.halfway], [HALF - 1, true]);
  other.train(Infinity);
  for (const name of /** @type {const} */ (["right", "rewards", "lengths", "kept"])) {
    assert.deepEqual(other[name], one[name], name);
  }
  const longer = taught({ ...given, then: "longer" }, one);
  assert.deepEqual(longer.right.slice(0, HALF + 1), one.right.slice(0, HALF + 1));
  assert.notDeepEqual(longer.right, one.right);
  for (const change of [{ seed: 1 }, { answers: 5 }, { entropy: 0.1 }, { first: "exact" }]) {
    assert.equal(new Lesson({ ...PLAN, ...given, .../** @type {object} */ (change) }, one).trained, -1);
  }
  const early = new Lesson({ ...PLAN, ...given });
  early.step();
  assert.equal(new Lesson({ ...PLAN, ...given }, early).trained, -1, "not half way yet");
  assert.deepEqual([one.rewardAt(HALF - 1), one.rewardAt(HALF)], ["graded", "counted"]);
});

test("a lesson is given in slices", () => {
  const lesson = new Lesson({ ...PLAN, answers: 2 });
  let clock = 0;
  lesson.train(3, () => clock++);
  assert.deepEqual([lesson.trained, lesson.rewards.length, lesson.done], [1, 2, false]);
});
