/** What is clicked, trained and drawn from data: the buttons, the trainer, its three pictures. */

import assert from "node:assert/strict";
import test from "node:test";
import { scaleLinear, scaleLog } from "d3-scale";
import { Prng } from "../../book/pgbook/explorables/js/engine/prng.js";
import { Page, readout } from "./page.mjs";
import { album } from "./pictures.mjs";
import { close } from "./shared.mjs";

const same = album("pictures-parts");

/** The numbers of a path or a transform. @param {Element | null} mark @param {string} name */
const numbers = (mark, name) =>
  (mark?.getAttribute(name) ?? "").match(/-?\d+(\.\d+)?(e-?\d+)?/g)?.map(Number) ?? [];
/** @param {Element} el @param {string} text */
const press = (el, text) => /** @type {HTMLElement} */ (
  [...el.querySelectorAll("button")].find((each) => each.textContent === text)).click();
/** @param {Element} root @param {string} layer @param {string} what */
const all = (root, layer, what) => [...root.querySelectorAll(`[data-layer="${layer}"] :is(${what})`)];
/** @param {Element} mark @param {string[]} names */
const at = (mark, ...names) => names.map((name) => Number(mark.getAttribute(name)));

test("learning curves are drawn where the axes say", () => {
  const page = new Page(), { picture, drawCurves } = page.modules;
  const div = page.document.createElement("div"), drawn = picture(div), width = 500, height = 300;
  const x = scaleLinear([0, 800], [38, 490]), y = scaleLinear([0, 500], [252, 30]);
  const mean = [10, 200, 400].map((m, i) =>
    ({ episodes: 8 * (i + 1), mean: m, low: m - 60, high: m + 150 }));
  const runs = [[10, 480, 490], [20, 475], [20, 100]], watched = [5, 7];
  drawCurves(drawn, { width, height, runs, mean, watched,
    kept: [{ name: "A", points: mean }, { name: "B", points: mean.slice(0, 1) }] });
  same("curves", div);
  const points = (/** @type {number[]} */ curve) => curve.flatMap((v, i) => [x(8 * (i + 1)), y(v)]);
  const near = (/** @type {Element | null} */ mark, /** @type {number[]} */ wanted) =>
    close(numbers(mark, "d"), wanted, "points", 2e-3);
  all(div, "seeds", "path").forEach((path, i) => near(path, points(runs[i])));
  near(all(div, "watched", "path")[0], points(watched));
  near(all(div, "mean", "path")[0], points([10, 200, 400]));
  all(div, "kept", "path").forEach((path, i) => near(path, points([10, 200, 400].slice(0, 3 - 2 * i))));
  near(all(div, "band", "path")[0], [
    ...points([160, 350, 500]),
    ...[340, 140, 0].flatMap((v, i) => [x(8 * (3 - i)), y(v)]),
  ]);
  const ends = all(div, "ends", "circle");
  close(ends.flatMap((end) => at(end, "cx", "cy")), [x(24), y(490), x(16), y(475)], "got there");
  close(at(all(div, "watched", "circle")[0], "cx", "cy"), [x(16), y(7)], "the run shown");
  close(at(all(div, "goal", "line")[0], "x1", "x2", "y1", "y2"), [38, 490, y(475), y(475)], "goal");
  assert.equal(all(div, "goal", "text")[0].textContent, "solved: 475");
  close(at(all(div, "goal", "text")[0], "x", "y"), [42, y(475) + 16], "its name");
  const names = all(div, "kept", "text");
  assert.deepEqual(names.map((text) => text.textContent), ["A", "B"]);
  close(names.flatMap((text) => at(text, "x", "y")), [486, y(400) - 6, 486, y(10) - 6], "letters");
  assert.deepEqual(all(div, "kept", "path").map((path) => path.getAttribute("stroke-dasharray")),
    ["7 5", "2 5"]);
  for (const layer of ["band", "seeds", "ends", "mean"]) {
    const group = div.querySelector(`[data-layer="${layer}"]`);
    assert.equal(group?.getAttribute("class"), page.modules.category(0));
  }
  drawCurves(drawn, { width, height, runs: [], mean: [], kept: [], watched: [] });
  for (const layer of ["band", "seeds", "ends", "kept", "mean"]) {
    assert.equal(all(div, layer, "path, circle, text").length, 0, layer);
  }
  assert.equal(all(div, "watched", "circle").length, 0);
});

test("the cart stands, leans and pushes as its state says", () => {
  const page = new Page(), { picture, drawScene } = page.modules;
  const div = page.document.createElement("div"), drawn = picture(div), width = 310, height = 178;
  for (const [x, angle, right, fell] of [[0.6, 0.1, 0.8, 0], [-1.2, -0.15, 0.1, 1], [9, 0, 0.5, 0]]) {
    const demo = { state: Float64Array.of(x, 0, angle, 0), right, fell, steps: 12, toString: () => "s" };
    drawScene(drawn, { width, height, demo });
    same(`cart at ${x}`, div);
    const cart = 155 + Math.min(2.4, x) * 50, ground = 130, hinge = 104;
    close(numbers(div.querySelector('[data-layer="cart"]'), "transform"), [cart, ground], "cart");
    close(at(all(div, "pole", "line")[0], "x1", "y1", "x2", "y2"),
      [cart, hinge, cart + 68 * Math.sin(angle), hinge - 68 * Math.cos(angle)], "pole");
    const limit = Math.PI / 15, reach = 82 * Math.sin(limit), up = hinge - 82 * Math.cos(limit);
    all(div, "limits", "line").forEach((line, i) => close(at(line, "x1", "y1", "x2", "y2"),
      [cart, hinge, cart + (i ? 1 : -1) * reach, up], "limit"));
    close(all(div, "track", "line").flatMap((line) => at(line, "x1", "y1", "x2", "y2")),
      [11, 130, 299, 130, 11, 123, 11, 137, 299, 123, 299, 137], "track");
    const side = right >= 0.5 ? 1 : -1, length = Math.abs(2 * right - 1) * 38, y = 113;
    const tail = cart + side * 32, head = tail + side * (length + 4), wing = head - side * 7;
    close(numbers(all(div, "push", "path")[0], "d"),
      [tail, y, head, wing, y - 6, head, y, wing, y + 6], "arrow");
    close(at(all(div, "push", "path")[0], "opacity"), [Math.min(1, length / 8)], "how strong");
    const split = 155 + 70 - 140 * right;
    close(all(div, "push", "rect").flatMap((rect) => at(rect, "x", "width", "opacity", "y", "height")),
      [85, Math.max(0, split - 86), 0.4, 157, 8, split + 1, Math.max(0, 224 - split), 1, 157, 8], "bar");
    assert.deepEqual(all(div, "push", "text").map((text) => text.textContent),
      [`← ${Math.round(100 - 100 * right)} %`, `${Math.round(100 * right)} % →`]);
    close(all(div, "push", "text").flatMap((text) => at(text, "x", "y")), [76, 166, 234, 166], "shares");
    assert.equal(all(div, "caption", "text")[0].textContent, fell ? "fell after 12 steps" : "s");
    assert.deepEqual(all(div, "cart", "circle").map((c) => at(c, "cx")[0]), [-15, 15]);
    close(at(all(div, "hinge", "circle")[0], "cx", "cy"), [cart, hinge], "hinge");
  }
});

test("the survey's trails lie where rates and seeds say, each with its sign", () => {
  const page = new Page(), { picture, drawSurvey, sign } = page.modules;
  const div = page.document.createElement("div"), drawn = picture(div);
  const room = { width: 400, height: 200 }, trails = /** @type {Record<string, number[][]>} */ ({
    total_return: [[0.002, 0], [0.2, 8]], reward_to_go: [[0.02, 12]],
  });
  const survey = { size: 12, settings: { psi: "reward_to_go", learningRate: 0.2 },
    trail: (/** @type {string} */ psi) => trails[psi] ?? [] };
  drawSurvey(drawn, { ...survey, settings: undefined }, room);
  assert.equal(div.querySelectorAll("g").length, 0);
  drawSurvey(drawn, survey, room);
  same("survey", div);
  const x = scaleLog([0.002, 2], [38, 390]), y = scaleLinear([0, 12], [152, 30]);
  for (const [psi, trail] of Object.entries(trails)) {
    const present = psi === "reward_to_go", group = div.querySelector(`[data-layer="${psi}"]`);
    assert.equal(group?.getAttribute("class"), present ? page.modules.category(0) : "x-muted");
    const where = trail.flatMap(([rate, n]) => [x(rate), y(n)]);
    close(all(div, psi, "path.x-fill").flatMap((mark) => numbers(mark, "transform")), where, "marks");
    const [line] = all(div, psi, "path.x-stroke");
    close(numbers(line, "d").slice(0, where.length), where, "trail", 2e-3);
    assert.equal(line.getAttribute("stroke-width"), present ? "2" : "1.25");
  }
  assert.equal(/** @type {Element} */ (drawn.node.lastElementChild).getAttribute("data-layer"),
    "reward_to_go", "the present one on top");
  close(at(all(div, "now", "line")[0], "x1", "x2", "y1", "y2"), [x(0.2), x(0.2), 152, 30], "now");
  assert.deepEqual(all(div, "x", ".tick > text").map((text) => text.textContent), ["0.002", "0.02", "0.2", "2"]);
  assert.deepEqual(all(div, "y", ".tick > text").map((text) => text.textContent), ["0", "6", "12"]);
  const shapes = ["total_return", "reward_to_go"].map((psi) => numbers(all(div, psi, "path.x-fill")[0], "d"));
  assert.notDeepEqual(shapes[0], shapes[1]);
  assert.deepEqual(["total_return", "reward_to_go", "reward_to_go_minus_mean", "leave_one_out"].map(sign),
    ["●", "■", "▲", "◆"]);
});

test("the demo plays on CartPole's clock, learns after a glimpse, and says where it is", () => {
  const page = new Page(), { Demo } = page.modules;
  const settings = { seed: 1, episodes: 2, learningRate: 0.1, gamma: 1, psi: "reward_to_go", hidden: 0 };
  const demo = new Demo(settings), rng = new Prng(1, 1);
  assert.equal(String(demo), "before the first update");
  close(demo.state, [0, 0, 0, 0].map(() => 0.1 * rng.uniform() - 0.05), "its own start");
  assert.equal(demo.right, 0.5);
  demo.advance(19, false);
  assert.equal(demo.steps, 0);
  assert.equal(demo.advance(1, false), false);
  assert.equal(demo.steps, 1);
  while (!demo.fell) demo.advance(20, false);
  const { steps } = demo;
  demo.advance(340, false);
  assert.deepEqual([demo.steps, demo.fell, demo.run.learner.updates], [steps, true, 0]);
  assert.equal(demo.advance(10, false), false);
  assert.deepEqual([demo.steps, demo.fell], [0, false]);
  while (!demo.fell) demo.advance(20, true);
  assert.equal(demo.advance(350, true), true);
  assert.deepEqual([demo.run.learner.updates, demo.steps], [1, 0]);
  assert.equal(String(demo), "after 1 update, 2 episodes");
  demo.update();
  assert.equal(String(demo), "after 2 updates, 4 episodes");
});

test("the trainer trains every seed, shows its numbers, keeps, steps, pauses and starts over", async () => {
  const page = new Page({ calm: true }), el = /** @type {any} */ (page.mount("pg-trainer"));
  await page.rest(2000);
  assert.ok(el.ensemble.done && page.frames.size === 0, "at rest, where less motion is wished for");
  const runs = el.ensemble.finished, solved = runs.map((/** @type {any} */ run) => run.solvedAt).sort(
    (/** @type {number} */ a, /** @type {number} */ b) => a - b);
  assert.equal(readout(el, "solved"), `${solved.filter(Boolean).length} of 12 seeds`);
  assert.equal(readout(el, "median"), `${Math.round((solved[5] + solved[6]) / 2)} episodes`);
  assert.equal(all(el, "seeds", "path").length, 12);
  assert.deepEqual(el.survey.trail("reward_to_go_minus_mean"), [[0.2, solved.filter(Boolean).length]]);
  assert.match(el.querySelectorAll("svg")[1].getAttribute("aria-label"), /^Seeds that get there by rate. reward/);
  assert.equal(el.querySelectorAll("svg")[2].getAttribute("aria-label"),
    `Learning curves: ${solved.filter(Boolean).length} of 12 seeds reach 475.`);
  for (const [width, right, heights] of [[600, 336, [178, 172, 350]], [599, 599, [178, 170, 280]]]) {
    page.resize(Number(width));
    await page.rest();
    const left = width === right ? width : Number(width) - Number(right) - 24;
    const sizes = [...el.querySelectorAll("svg")].map((svg) => at(svg, "width", "height"));
    assert.deepEqual(sizes, [left, left, right].map((w, i) => [w, /** @type {any} */ (heights)[i]]));
  }
  assert.deepEqual([...el.querySelectorAll("legend, .x-slider > span:first-child")].map((each) =>
    each.textContent), ["learning rate", "Ψ: what each step is weighted with",
    "episodes, N", "discount γ", "first seed", "The cart shows"]);
  assert.deepEqual([...el.querySelectorAll(".x-more :is(legend, .x-slider > span:first-child)")].length,
    4, "the rest on request");
  press(el, "Keep to compare");
  press(el, "One update");
  await page.rest();
  assert.deepEqual([el.demo.run.learner.updates, el.playing], [1, false]);
  assert.deepEqual([...el.querySelectorAll(".x-key")].map((each) => each.textContent), [
    "Thick: the mean of 12 seeds with its 95 % interval. Thin: each seed, until it reaches 475. " +
    "Dot: the run that the cart shows.", "A: rate 0.2, 16 episodes, γ 1, reward-to-go − mean."]);
  assert.deepEqual(all(el, "kept", "text").map((text) => text.textContent), ["A"]);
  for (let i = 0; i < 3; i++) press(el, "Keep to compare");
  await page.rest();
  assert.deepEqual(el.kept.map((/** @type {any} */ k) => k.name[0]), ["B", "C", "A"]);
  press(el, "Play");
  await page.frame(3);
  assert.ok(el.moving && page.frames.size);
  assert.ok(el.querySelector("button").textContent === "Pause");
  const { steps } = el.demo;
  await page.frame(5);
  assert.ok(el.demo.steps > steps);
  press(el, "Pause");
  await page.rest();
  assert.equal(el.moving, false);
  el.mode = "trained";
  await page.rest(3000);
  assert.ok(el.run.done);
  press(el, "Reset");
  assert.deepEqual([el.kept, el.survey.trails.size, el.mode, el.run.learner.finished], [[], 0, "watch", 0]);
  el.remove();
});

test("the trainer starts with the newest setting, and surveys the rest when there is time", async () => {
  const page = new Page(), el = /** @type {any} */ (page.mount("pg-trainer", { episodes: 64 }));
  await page.frame(4);
  const first = el.ensemble;
  assert.equal(first.settings.episodes, 64);
  el.gamma = 0.99;
  el.gamma = 0.98;
  el.learningRate = 1;
  await page.frame(2);
  assert.equal(el.ensemble, first, "not at once: newer settings may come");
  page.now += 200;
  await page.frame(2);
  assert.notEqual(el.ensemble, first);
  assert.deepEqual([el.ensemble.settings.gamma, el.ensemble.settings.learningRate], [0.98, 1]);
  for (let i = 0; i < 2000 && !el.survey.scout; i++) await page.frame();
  assert.ok(el.ensemble.done && el.survey.scout && el.moving);
  el.remove();
});

test("buttons draw again, draw more; a click or a drag in the tree chooses a path", async () => {
  const page = new Page({ calm: true }), el = /** @type {any} */ (page.mount("pg-objective"));
  await page.rest();
  press(el, "Draw again");
  assert.equal(el.seed, 1);
  el.seed = 9999;
  press(el, "Draw again");
  assert.equal(el.seed, 0);
  const estimator = /** @type {any} */ (page.mount("pg-estimator", { batches: 950 }));
  press(estimator, "Draw 100 more of each");
  assert.equal(estimator.batches, 1000);
  await page.frame(2);
  assert.ok(estimator.querySelector("button").disabled);
  estimator.remove();
  const tree = /** @type {any} */ (page.mount("pg-tree")), svg = tree.querySelector("svg");
  await page.rest();
  const tall = Number(svg.getAttribute("height"));
  svg.getBoundingClientRect = () => ({ top: 100, height: tall / 2 });
  for (const [clientY, chosen] of [[100 + 17, 1], [100 + 17 + 7 * 4.5, 5], [100 + 17 + 7 * 31.5, 32]]) {
    svg.dispatchEvent(Object.assign(new page.window.Event("click"), { clientY }));
    assert.equal(tree.trajectory, chosen);
  }
  svg.dispatchEvent(Object.assign(new page.window.Event("click"), { clientY: 90 }));
  svg.dispatchEvent(Object.assign(new page.window.Event("click"), { clientY: 100 + tall / 2 }));
  assert.equal(tree.trajectory, 32, "beside the tree");
  const drag = (/** @type {object} */ given) => svg.dispatchEvent(
    Object.assign(new page.window.Event("pointermove"), { clientY: 118, ...given }));
  drag({ pointerType: "touch", buttons: 1 });
  drag({ pointerType: "mouse", buttons: 0 });
  assert.equal(tree.trajectory, 32);
  drag({ pointerType: "mouse", buttons: 1 });
  assert.equal(tree.trajectory, 1);
});
