/** What is shown is what the engine computes: readouts, and curves read off by their own axes. */

import assert from "node:assert/strict";
import test from "node:test";
import { baselineParts, meanAt, parabola, varianceAt } from
  "../../book/pgbook/explorables/js/engine/baselines.js";
import { CASES, insideOf, quotientOf } from "../../book/pgbook/explorables/js/engine/families.js";
import { Listing } from "../../book/pgbook/explorables/js/engine/gae.js";
import { enumerateTrajectories, greedyTrap, objective, softmaxPolicy, values } from
  "../../book/pgbook/explorables/js/engine/mdp.js";
import { slopes } from "../../book/pgbook/explorables/js/engine/pier.js";
import { CAT, EVERY, goingPolicy, products, whole } from
  "../../book/pgbook/explorables/js/engine/tree.js";
import { Page, readouts } from "./page.mjs";
import { close } from "./shared.mjs";

const TRAP = greedyTrap(4);
/** The trap's policy: θ at the crossroads, 2 for grabbing elsewhere. @param {number} theta */
const policyAt = (theta) => softmaxPolicy(TRAP, Float64Array.from({ length: 24 }, (_, k) =>
  k % 6 < 2 ? (k % 2) * theta : 2 * (1 - (k % 2))));

/** Readouts as numbers. @param {Element} el @returns {Record<string, number>} */
const shown = (el) => Object.fromEntries(Object.entries(readouts(el)).map(([name, text]) =>
  [name, parseFloat(String(text).replace("−", "-"))]));

/**
 * From pixels to the numbers of an axis, by two of its ticks.
 * @param {Element} el @param {string} layer
 */
function reading(el, layer) {
  const ticks = [...el.querySelectorAll(`[data-layer="${layer}"] .tick`)].map((tick) => ({
    value: Number(tick.textContent?.replace("−", "-")),
    place: (tick.getAttribute("transform") ?? "").match(/[-\d.]+/g)?.map(Number) ?? [],
  }));
  const axis = ticks[0].place[0] === ticks[1].place[0] ? 1 : 0;
  const [one, other] = [ticks[0], ticks[ticks.length - 1]];
  const rate = (other.value - one.value) / (other.place[axis] - one.place[axis]);
  // d3 puts ticks on half pixels
  return (/** @type {number} */ pixel) => one.value + rate * (pixel + 0.5 - one.place[axis]);
}

/**
 * The points of a path, read by two axes.
 * @param {Element} el @param {string} layer @param {string} across @param {string} up
 */
function points(el, layer, across, up) {
  const flat = el.querySelector(`[data-layer="${layer}"] path`)?.getAttribute("d")
    ?.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
  const x = reading(el, across), y = reading(el, up);
  return Array.from({ length: flat.length / 2 }, (_, i) => [x(flat[2 * i]), y(flat[2 * i + 1])]);
}

/** Set, wait, read. @param {Page} page @param {any} el @param {Record<string, unknown>} given */
async function at(page, el, given) {
  for (const [name, value] of Object.entries(given)) el[name] = value;
  await page.rest();
  return shown(el);
}

test("the objective: J at θ and along its curve", async () => {
  const page = new Page({ calm: true }), el = page.mount("pg-objective");
  for (const theta of [-5, -0.7, 0, 1.35, 5]) {
    const said = await at(page, el, { theta, episodes: 10_000 });
    close([said.objective, said.walk], [objective(TRAP, policyAt(theta)), policyAt(theta)[1]],
      `at ${theta}`, 0.006);
    assert.ok(Math.abs(said.estimate - said.objective) < 0.06, "the estimate is near");
  }
  const curve = points(el, "curve", "curve-x", "curve-y");
  assert.equal(curve.length, 101);
  for (const [theta, J] of curve) close(J, objective(TRAP, policyAt(theta)), `J at ${theta}`, 4e-3);
});

test("the baseline: variance, mean and bias, and the parabola", async () => {
  const page = new Page({ calm: true }), el = page.mount("pg-baseline");
  const every = enumerateTrajectories(TRAP);
  const direction = Float64Array.from({ length: 24 }, (_, k) => Number(k % 6 === 1));
  for (const sees of /** @type {const} */ (["nothing", "action", "return"])) {
    for (const [baseline, theta, offset] of [[0, -1, 0], [2.5, 1, 0.25], [4.5, 3, 0.5]]) {
      const policy = policyAt(theta), settings = { offset, sees };
      const curve = parabola(baselineParts(TRAP, every, policy, direction, settings));
      const honest = parabola(baselineParts(TRAP, every, policy, direction,
        { ...settings, sees: "nothing" }));
      const said = await at(page, el, { baseline, theta, offset, sees });
      close([said.variance, said.least, said.best, said.J, said.residual], [
        varianceAt(curve, baseline), curve.least, curve.best, curve.J,
        Math.abs(meanAt(curve, baseline) - honest.u),
      ], sees, 0.0051);
      for (const [b, variance] of points(el, "curve", "variance-x", "variance-y").slice(0, 60)) {
        close(variance, varianceAt(curve, b), `parabola at ${b}`, 0.02);
      }
    }
  }
});

test("the dial: bias², variance, their sum and its least place", async () => {
  const page = new Page({ calm: true }), el = page.mount("pg-bias-variance");
  const policy = policyAt(0), list = new Listing(TRAP, policy), { V } = values(TRAP, policy);
  for (const [lam, error, episodes] of [[0, 0.75, 8], [0.4, 0.5, 20], [1, 0.2, 300]]) {
    const said = await at(page, el, { lam, error, episodes });
    const all = (/** @type {number} */ dial) => {
      const { bias2, variance } = list.moments(V.map((v) => (1 - error) * v), dial);
      return { bias2, variance: variance / episodes, sum: bias2 + variance / episodes };
    };
    const now = all(lam), sums = Array.from({ length: 101 }, (_, i) => all(i / 100).sum);
    close([said.bias2, said.variance, said.sum], [now.bias2, now.variance, now.sum], "now", 1e-4);
    close(said.best, sums.indexOf(Math.min(...sums)) / 100, "least");
    points(el, "total", "dial-x", "dial-y").forEach(([, sum], i) =>
      close(sum, sums[i], `sum at ${i}`, 0.01));
  }
});

test("the tree, the pier and the integral", async () => {
  const page = new Page({ calm: true }), tree = page.mount("pg-tree");
  for (const [theta, trajectory, postIndices] of [[0.5, 14, false], [-2, 3, true], [3, 32, false]]) {
    const said = await at(page, tree, { theta, trajectory, postIndices });
    const all = products(CAT, goingPolicy(CAT, Number(theta)), EVERY, postIndices ? 1 : 0).map(whole);
    const p = all[Number(trajectory) - 1];
    close([said.probability, said.sum], [p, all.reduce((a, b) => a + b)], "tree", 6e-4);
    close(said.log, Math.log(p), "log", 0.006);
  }
  const dynamics = page.mount("pg-dynamics");
  for (const given of [{ theta: 0.5, wind: 0, slip: 0.2, leak: 0, leakStart: 0 },
    { theta: -1, wind: 0.6, slip: 0.4, leak: 0.5, leakStart: -0.2 }]) {
    const said = await at(page, dynamics, given), { truth, reported } = slopes(given.theta, given);
    close([said.truth, said.reported], [truth, reported], "pier", 6e-4);
    close(Math.abs(said.bias), Math.abs(reported - truth), "bias", 6e-4);
  }
  const swap = page.mount("pg-swap");
  for (const moving of [false, true]) {
    for (const [theta, h] of [[2, 0.3], [0.8, 0.05]]) {
      const said = await at(page, swap, { moving, theta, h });
      const which = CASES[moving ? "uniform" : "bell"];
      const quotient = quotientOf(which, theta, h), inside = insideOf(which, theta);
      close([said.quotient, said.inside, said.residual],
        [quotient, inside, Math.abs(quotient - inside)], "swap", 6e-4);
    }
  }
});
