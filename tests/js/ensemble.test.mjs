/** Several seeds: curves, their intervals, how time is dealt out, and the survey's trails. */

import assert from "node:assert/strict";
import test from "node:test";
import { Ensemble, EVERY, MAX_EPISODES, POINTS, Run } from
  "../../book/pgbook/explorables/js/engine/ensemble.js";
import { Reinforce } from "../../book/pgbook/explorables/js/engine/reinforce.js";
import { quantiles, Running } from "../../book/pgbook/explorables/js/engine/statistics.js";
import { RATES, Survey } from "../../book/pgbook/explorables/js/engine/survey.js";
import { close } from "./shared.mjs";

/** @type {import("../../book/pgbook/explorables/js/engine/reinforce.js").Settings} */
const SETTINGS = { seed: 3, episodes: 16, learningRate: 0.2, gamma: 1, psi: "reward_to_go", hidden: 0 };

/** The chance that Student's t with so many degrees of freedom lies within ±t, by quadrature. */
function within(/** @type {number} */ t, /** @type {number} */ freedom) {
  // with t = √ν tan φ the density is proportional to cos^(ν-1) φ
  const end = Math.atan(t / Math.sqrt(freedom)), n = 20_000;
  const area = (/** @type {number} */ to) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.cos(((i + 0.5) * to) / n) ** (freedom - 1) * (to / n);
    return sum;
  };
  return area(end) / area(Math.PI / 2);
}

/** An ensemble of finished runs with these curves. @param {number[][]} curves */
function finished(curves) {
  const all = new Ensemble(SETTINGS, curves.length);
  all.runs = curves.map((curve) => Object.assign(new Run(SETTINGS), { curve, solvedAt: 8 }));
  return all;
}

test("the band holds the mean of 95 % of such samples", () => {
  for (let n = 2; n <= 12; n++) {
    const ends = Array.from({ length: n }, (_, i) => (7 * i) % 5 + i);
    const [{ mean, low, high }] = finished(ends.map((x) => [x])).summary();
    const middle = ends.reduce((a, b) => a + b) / n;
    const spread = Math.sqrt(ends.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (n - 1));
    close([mean, mean - low], [middle, high - mean], "around the mean");
    const chance = within((high - mean) / (spread / Math.sqrt(n)), n - 1);
    close(chance, 0.95, `coverage with ${n} seeds`, 1e-4);
  }
  const many = finished(Array.from({ length: 20 }, (_, i) => [i])).summary()[0];
  close((many.high - many.mean) / Math.sqrt(35 / 20), 2.201, "at least as wide as with 12");
  const [one] = finished([[5]]).summary();
  assert.deepEqual([one.mean, one.low, one.high], [5, NaN, NaN]);
});

test("a solved run counts on with its last value; unfinished ones do not count", () => {
  const all = finished([[1, 2, 3], [10]]);
  all.runs.push(new Run(SETTINGS));
  const points = all.summary();
  assert.equal(points.length, POINTS);
  assert.deepEqual(points.slice(0, 4).map(({ mean }) => mean), [5.5, 6, 6.5, 6.5]);
  assert.deepEqual(points.map(({ episodes }) => episodes).slice(0, 2), [EVERY, 2 * EVERY]);
  assert.equal(points[POINTS - 1].episodes, MAX_EPISODES);
});

test("a run's curve is its learner's mean, every eight episodes and at the end", () => {
  const run = new Run(SETTINGS), learner = new Reinforce(SETTINGS), expected = [];
  while (!run.done) {
    run.playEpisode();
    learner.playEpisode();
    if (learner.finished % EVERY === 0 || learner.solved) expected.push(learner.mean100);
    assert.equal(run.done, learner.solved || learner.finished === MAX_EPISODES);
    assert.equal(run.solvedAt, learner.solved ? learner.finished : null);
  }
  assert.deepEqual(run.curve, expected);
  assert.ok(learner.solved && learner.finished < MAX_EPISODES);
  const slow = new Run({ ...SETTINGS, learningRate: 1e-9 });
  while (!slow.done) slow.playEpisode();
  const { finished: played } = slow.learner;
  assert.deepEqual([played, slow.solvedAt, slow.curve.length], [MAX_EPISODES, null, POINTS]);
  slow.playUpdate();
  assert.equal(slow.learner.finished, MAX_EPISODES);
  const batch = new Run(SETTINGS);
  batch.playUpdate();
  assert.deepEqual([batch.learner.updates, batch.learner.finished], [1, 16]);
});

test("each seed is trained in turn, for as long as there is time", () => {
  const all = new Ensemble(SETTINGS, 3);
  all.train(0, () => 7);
  assert.deepEqual([...all.runs], [], "no time at all");
  let clock = 100;
  const now = () => clock++;
  all.train(0, now);
  assert.deepEqual([all.runs.length, all.done], [0, false]);
  all.train(10, now);
  const played = all.runs[0].learner.finished;
  assert.ok(played > 0 && played <= 10 && all.runs.length === 1);
  assert.deepEqual([all.finished, all.done], [[], false]);
  all.train(Infinity, now);
  assert.deepEqual(all.runs.map((run) => run.learner.settings.seed), [3, 4, 5]);
  assert.ok(all.done && all.finished.length === 3);
  all.runs.forEach((run, i) => {
    const alone = new Run({ ...SETTINGS, seed: 3 + i });
    while (!alone.done) alone.playEpisode();
    assert.deepEqual(run.curve, alone.curve);
  });
});

test("spread: nothing below two values, the error over the root of the count", () => {
  const running = new Running();
  assert.ok(Number.isNaN(running.variance));
  running.add(4);
  assert.deepEqual([running.mean, running.variance, running.error], [4, NaN, NaN]);
  [6, 11].forEach((x) => running.add(x));
  close([running.variance, running.error], [13, Math.sqrt(13 / 3)], "variance, error");
  assert.deepEqual(quantiles([5], [0, 0.3, 1]), [5, 5, 5]);
  close(quantiles([10, 9, 100, 1], [0.1, 0.25, 0.9]), [3.4, 7, 73], "sorted as numbers");
});

test("rates rise by equal ratios; trails keep their order, and only what can be compared", () => {
  RATES.forEach((rate, k) => assert.equal(rate, Number((0.002 * 1000 ** (k / 10)).toPrecision(2))));
  const survey = new Survey(2), found = (/** @type {number} */ learningRate, /** @type {any[]} */ at) =>
    Object.assign(new Ensemble({ ...SETTINGS, learningRate }, 2), {
      runs: at.map((solvedAt) => ({ solvedAt })),
    });
  survey.add(found(0.5, [1, 2]));
  assert.equal(survey.trails.size, 0, "before it looks at anything");
  assert.deepEqual([survey.next, survey.trail("reward_to_go"), String(survey)], [undefined, [], ""]);
  survey.turnTo(SETTINGS);
  survey.add(found(1, [1, null]));
  survey.add(found(0.02, [null, null]));
  survey.add(found(0.3, [100, 8]));
  assert.deepEqual(survey.trail("reward_to_go"), [[0.02, 0], [0.3, 2], [1, 1]]);
  survey.turnTo({ ...SETTINGS, psi: "total_return" });
  assert.deepEqual(survey.trail("total_return"), []);
  const other = /** @type {const} */ ({ ...SETTINGS, learningRate: 1, psi: "total_return" });
  survey.add(Object.assign(found(1, [7]), { settings: other }));
  assert.equal(String(survey), "reward_to_go: 0 at 0.02, 2 at 0.3, 1 at 1; total_return: 1 at 1");
});

test("the scout goes on where it was, and starts afresh for another weight", () => {
  const survey = new Survey(1);
  survey.turnTo(SETTINGS);
  survey.train(0);
  const { scout } = survey;
  assert.deepEqual([scout?.settings.learningRate, scout?.size, scout?.settings.seed], [RATES[0], 1, 3]);
  survey.turnTo({ ...SETTINGS, learningRate: 1 });
  survey.train(0);
  assert.equal(survey.scout, scout, "another rate of the slider's is no reason");
  survey.turnTo({ ...SETTINGS, psi: "total_return" });
  assert.equal(survey.scout, undefined);
  survey.train(0);
  survey.turnTo({ ...SETTINGS, psi: "total_return", gamma: 0.9 });
  assert.equal(survey.scout, undefined);
  survey.trails.set("total_return", new Map(RATES.map((rate) => [rate, 0])));
  assert.deepEqual([survey.next, survey.train(1), survey.scout], [undefined, false, undefined]);
});
