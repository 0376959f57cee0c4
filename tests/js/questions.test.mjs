/** Formulas and questions: what Python reads and says in test_questions.py, JavaScript does, too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Unread, read, value } from "../../book/pgbook/exercises/js/formula.js";
import { judge, points } from "../../book/pgbook/exercises/js/judge.js";
import { merged, parsed, written } from "../../book/pgbook/exercises/js/progress.js";

/** @param {string} path */
const json = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf-8"));
const { at, values } = json("./formulas.json");
const questions = json("../../book/pgbook/exercises/questions.json");
const names = Object.keys(at);

/** Python's spelling of a vector, in JavaScript. @param {string} python */
const expected = (python) =>
  new Function(...names.map((name) => name.replace("γ", "g")), "math",
    `return ${python.replace("-(p**2)", "-(p*p)")}`)(
    ...Object.values(at), { log: Math.log, exp: Math.exp, sqrt: Math.sqrt, e: Math.E });

test("a formula comes to what Python's comes to, or is refused with the same words", () => {
  for (const [text, python, error] of values) {
    if (python) {
      const found = value(read(text, names), at);
      assert.ok(Math.abs(found - expected(python)) < 1e-12 * (1 + Math.abs(found)), text);
    } else if (error) {
      assert.throws(() => read(text, names), (/** @type {Error} */ thrown) => {
        assert.ok(thrown instanceof Unread);
        assert.equal(thrown.message, error);
        return true;
      });
    } else assert.ok(!Number.isFinite(value(read(text, names), at)), text);
  }
  assert.ok(values.length > 50);
});

test("the points are Python's: Park and Miller's generator from 1", () => {
  const found = points({ a: [0, 1], b: [2, 4] });
  assert.equal(found.length, 8);
  assert.ok(Math.abs(found[0].a - 16807 / 2147483647) < 1e-15);
  assert.ok(Math.abs(found[0].b - (2 + (2 * 282475249) / 2147483647)) < 1e-15);
});

test("each question: the answer is right, each slip is told its sentence, the rest the hint", () => {
  for (const [id, each] of Object.entries(questions)) {
    const question = { id, ...each };
    assert.deepEqual(judge(question, String(each.answer)), { right: true, says: each.why }, id);
    for (const [answer, says] of each.wrong) {
      assert.deepEqual(judge(question, String(answer)), { right: false, says }, `${id}: ${answer}`);
    }
    if (each.kind === "choice") continue;
    assert.deepEqual(judge(question, "77.7"), { right: false, says: each.hint }, id);
    assert.deepEqual(judge(question, "1/0"), { right: false, says: each.hint }, id);
    assert.throws(() => judge(question, "nonsense"), Unread);
  }
});

test("two formulas are one if they agree to nine digits", () => {
  const question = { id: "1.b", ...questions["1.b"] };
  assert.equal(judge(question, "r1 + p(r0 - r1)").right, true);
  assert.equal(judge(question, "r1 + p(r0 - r1) + 1e-6").right, false);
});

const right = { tries: 1, right: true, last: "2" };
const wrong = { tries: 3, right: false, last: "1" };

test("progress is written and read again", () => {
  const done = { "1.a": right, "H.2": wrong };
  assert.deepEqual(parsed(written(done)), done);
});

test("what is no progress is refused, and the sentence says why", () => {
  const good = { "1.a": right };
  const damaged = (/** @type {object} */ change) => written({ "1.a": { ...right, ...change } });
  for (const [text, says] of /** @type {[string, RegExp][]} */ ([
    ["", /no file of progress: expected JSON/],
    ["<html>", /no file of progress: expected JSON/],
    ["null", /expected the format pg-progress-1/],
    ["[1]", /expected the format pg-progress-1/],
    [JSON.stringify({ format: "other", done: good }), /expected the format pg-progress-1/],
    [JSON.stringify({ format: "pg-progress-1", done: [right] }), /expected the format/],
    [JSON.stringify({ format: "pg-progress-1", done: { __proto: right } }), /“__proto” cannot be read/],
    [damaged({ right: "yes" }), /“1.a” cannot be read/],
    [damaged({ tries: -1 }), /“1.a” cannot be read/],
    [damaged({ tries: 1.5 }), /“1.a” cannot be read/],
    [damaged({ last: 2 }), /“1.a” cannot be read/],
    [written(/** @type {any} */ ({ "1.a": null })), /“1.a” cannot be read/],
  ])) {
    assert.throws(() => parsed(text), says, text);
  }
});

test("two together: what is right stays right, else what was tried more often", () => {
  const more = { ...wrong, tries: 4 };
  assert.deepEqual(merged({ "1.a": right }, { "1.a": wrong }), { "1.a": right });
  assert.deepEqual(merged({ "1.a": wrong }, { "1.a": right }), { "1.a": right });
  assert.deepEqual(merged({ "1.a": wrong }, { "1.a": more }), { "1.a": more });
  assert.deepEqual(merged({ "1.a": more }, { "1.a": wrong }), { "1.a": more });
  assert.deepEqual(merged({ "1.a": wrong }, { "2.1": right }), { "1.a": wrong, "2.1": right });
});
