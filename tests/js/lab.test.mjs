import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import {
  RecordedCurves, meanOf, unpack,
} from "../../book/pgbook/explorables/js/elements/lab-data.js";

const file = new URL("../../book/pgbook/data/lab_sweep.json", import.meta.url);
/** @type {{ steps: number[], seeds: number[], settings: Record<string, any>[] }} */
const stored = JSON.parse(readFileSync(file, "utf-8"));

/** The committed sweep as the element gets it. The bounds are stand-ins. */
function recorded() {
  const names = Object.keys(stored.settings[0]).filter((name) => name !== "curves");
  const axes = Object.fromEntries(names.map((name) =>
    [name, [...new Set(stored.settings.map((row) => row[name]))]]));
  const first = stored.settings.map((row) => row.curves[0]).join("");
  return new RecordedCurves({
    axes, steps: stored.steps, seeds: stored.seeds.length, lower: first, upper: first,
    curves: stored.settings.flatMap((row) => row.curves).join(""),
  });
}

test("two letters are a count of half points", () => {
  assert.deepEqual([...unpack("AAABA/BAPo")], [0, 0.5, 31.5, 32, 500]);
});

test("every setting finds its own curves", () => {
  const lab = recorded();
  for (const { curves, ...setting } of stored.settings) {
    const found = lab.at(setting);
    assert.deepEqual(found.curves, curves.map(unpack));
    assert.deepEqual(found.lower, unpack(curves[0]));
    assert.equal(lab.problem(setting), "");
  }
});

test("the numbers of the chapter", () => {
  const lab = recorded();
  const setting = { psi: "total_return", gamma: 1, episodes: 10, learning_rate: 0.1 };
  assert.deepEqual(lab.ends(setting, "psi").map(Math.round), [22, 220, 500]);
  assert.deepEqual(lab.ends(setting, "learning_rate").map(Math.round), [219, 403, 355, 277, 22]);
});

test("what was not recorded is named", () => {
  const setting = { psi: "total_return", gamma: 0.5, episodes: 10, learning_rate: 0.1 };
  assert.equal(recorded().problem(setting), "gamma: expected one of 0.95, 0.99, 1, got 0.5");
});

test("texts of another length are refused", () => {
  const { data } = recorded();
  for (const name of /** @type {const} */ (["curves", "lower", "upper"])) {
    assert.throws(() => new RecordedCurves({ ...data, [name]: data[name].slice(2) }), /letters/);
  }
});

test("the mean goes as far as every curve does", () => {
  assert.deepEqual(meanOf([[1, 2, 3], [3, 4]]), [2, 3]);
  assert.deepEqual(meanOf([[1, 2], []]), []);
  assert.deepEqual(meanOf([]), []);
});
