/** Controls, drags, axes, readouts, and Jupyter's traits, without a browser. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { scaleLinear } from "d3-scale";
import { Page, readout } from "./page.mjs";
import { close } from "./shared.mjs";

/** @type {Record<string, any>} */
const PALETTE = JSON.parse(
  readFileSync(new URL("../../book/pgbook/palette.json", import.meta.url), "utf8"));

/** @param {Page} page @param {string} kind @param {Element} at @param {object} [given] */
function send(page, kind, at, given = {}) {
  const event = new page.window.Event(kind, { bubbles: true, cancelable: true });
  at.dispatchEvent(Object.assign(event, given));
  return event;
}

test("a mark is dragged without a jump, by the first button, once it is taken", async () => {
  const page = new Page(), el = page.mount("pg-density");
  await page.rest();
  const [mark, grip] = /** @type {any[]} */ ([...el.querySelectorAll('[data-layer="grip"] circle')]);
  const svg = /** @type {any} */ (grip.ownerSVGElement);
  let held = 0;
  grip.setPointerCapture = (/** @type {number} */ id) => held = id;
  grip.hasPointerCapture = (/** @type {number} */ id) => held === id;
  svg.getBoundingClientRect = () => ({ left: 10, top: 20 });
  const at = Number(grip.getAttribute("cx"));
  assert.deepEqual([mark.getAttribute("r"), grip.getAttribute("r"), mark.getAttribute("cx")],
    ["7", "22", String(at)]);
  grip.getBoundingClientRect = () =>
    ({ left: 10 + at - 22, right: 10 + at + 22, top: 178, bottom: 222 });
  const first = el.values.action, scale = scaleLinear([-3, 3], [42, page.width - 12]);
  close(scale(Number(first)), at, "where it stands");
  send(page, "pointermove", grip, { pointerId: 3, clientX: 300, clientY: 200 });
  assert.equal(el.values.action, first, "not taken");
  const other = send(page, "pointerdown", grip, { pointerId: 3, button: 2, clientX: 15 + at, clientY: 0 });
  assert.deepEqual([held, other.defaultPrevented], [0, false]);
  const down = send(page, "pointerdown", grip, { pointerId: 3, button: 0, clientX: 15 + at, clientY: 205 });
  assert.deepEqual([held, down.defaultPrevented], [3, true]);
  send(page, "pointermove", grip, { pointerId: 3, clientX: 15 + at, clientY: 205 });
  assert.equal(el.values.action, first, "it does not jump");
  send(page, "pointermove", grip, { pointerId: 3, clientX: 15 + scale(-2), clientY: 205 });
  assert.equal(el.values.action, -2);
  send(page, "pointermove", grip, { pointerId: 3, clientX: 5000, clientY: 205 });
  assert.equal(el.values.action, 2.5, "the end of its range");
  const { handle, picture } = page.modules, div = page.document.createElement("div");
  /** @type {number[][]} */
  const moves = [], drawn = picture(div);
  const put = handle(el, drawn, "mark", (/** @type {number} */ x, /** @type {number} */ y) => moves.push([x, y]));
  put(5, 6);
  put(7, 8);
  const circles = /** @type {any[]} */ ([...div.querySelectorAll("circle")]);
  assert.equal(circles.length, 2);
  circles.forEach((each) => assert.deepEqual([each.getAttribute("cx"), each.getAttribute("cy")], ["7", "8"]));
  assert.equal(circles[0].parentElement.getAttribute("class"), "x-handle");
  Object.assign(circles[1], { setPointerCapture() {}, hasPointerCapture: () => true });
  circles[1].getBoundingClientRect = () => ({ left: 0, right: 20, top: 40, bottom: 60 });
  drawn.node.getBoundingClientRect = () => ({ left: 1, top: 2 });
  send(page, "pointerdown", circles[1], { button: 0, clientX: 13, clientY: 44 });
  send(page, "pointermove", circles[1], { clientX: 100, clientY: 200 });
  assert.deepEqual(moves, [[100 - 3 - 1, 200 + 6 - 2]]);
  el.remove();
  send(page, "pointerdown", circles[1], { button: 0, clientX: 13, clientY: 44 });
  send(page, "pointermove", circles[1], { clientX: 101, clientY: 200 });
  assert.equal(moves.length, 1, "silent once the element is gone");
});

test("a slider with equal ratios: two digits, whole where it must be, and back", async () => {
  const page = new Page({ calm: true }), el = page.mount("pg-bias-variance");
  await page.frame(2);
  const input = /** @type {HTMLInputElement} */ (el.querySelector('input[data-pg="episodes"]'));
  assert.deepEqual([input.min, input.max, input.step, input.dataset.lmSuppressShortcuts],
    ["0", "100", "1", "true"]);
  for (let at = 0; at <= 100; at += 7) {
    input.value = String(at);
    send(page, "input", input);
    const exact = 8 * 50 ** (at / 100), value = Number(el.values.episodes);
    assert.ok(Number.isInteger(value) && Math.abs(value / exact - 1) < Math.max(0.051, 0.51 / exact));
    assert.equal(value, Math.round(Number(exact.toPrecision(2))));
    await page.frame(1);
    assert.equal(input.value, String(at), "it stays where it was put");
  }
  el.set("episodes", 337);
  await page.frame(1);
  close(Number(input.value), 100 * Math.log(337 / 8) / Math.log(50), "where 337 is", 0.02);
  assert.equal(input.getAttribute("aria-valuetext"), "337");
});

test("controls are labelled, grouped, and silent once the element is gone", async () => {
  const page = new Page({ calm: true }), el = page.mount("pg-baseline"), two = page.mount("pg-baseline");
  await page.rest();
  const group = (/** @type {Element} */ of) => [...of.querySelectorAll("input[type=radio]")]
    .map((input) => /** @type {HTMLInputElement} */ (input).name);
  assert.equal(new Set(group(el)).size, 1);
  assert.match(group(el)[0], /^pg-x-\d+$/);
  assert.notEqual(group(el)[0], group(two)[0]);
  const fieldset = el.querySelector("fieldset");
  assert.equal(fieldset?.firstElementChild?.outerHTML, "<legend>What the baseline sees of its own episode</legend>");
  assert.deepEqual([...el.querySelectorAll("fieldset label")].map((label) => label.textContent),
    ["nothing", "the action", "the return, in a mean of 4"]);
  const shown = el.querySelectorAll(".x-value");
  assert.deepEqual([...shown].map((each) => each.getAttribute("data-widest")),
    ["0.00", "0.00", "0.00", "−3.00"], "as much room as the widest value takes");
  const slider = /** @type {HTMLInputElement} */ (el.querySelector("input[data-pg=baseline]"));
  el.remove();
  slider.value = "3";
  send(page, "input", slider);
  assert.equal(el.values.baseline, 0);
  const compass = page.mount("pg-compass"), select = compass.querySelector("select");
  assert.ok(select);
  const name = String(select.dataset.pg), before = compass.values[name];
  compass.remove();
  select.selectedIndex = select.options.length - 1;
  assert.notEqual(select.value, before);
  send(page, "change", select);
  assert.equal(compass.values[name], before);
  const { choices, valueShown } = page.modules;
  const made = choices(two, "sees", { label: "l", names: { nothing: "none" } });
  assert.deepEqual([...made.querySelectorAll("label")].map((label) => label.textContent),
    ["none", "action", "return"], "else its own name");
  const value = valueShown(["1", "100", "20"]);
  assert.equal(value.ariaHidden ?? value.getAttribute("aria-hidden"), "true");
  assert.equal(value.dataset.widest, "100");
});

test("numbers as the book writes them, and axes where the scale says", () => {
  const page = new Page(), { fixed, grouped, picture, axisX, axisY, category, ink } = page.modules;
  assert.deepEqual([fixed(-1.25, 1), fixed(2, 2), grouped(12345.6)], ["−1.3", "2.00", "12,346"]);
  assert.equal(ink("objective"), `tc-${PALETTE.objective.tex}`);
  assert.deepEqual([0, 5].map(category), ["cat-0", "cat-5"]);
  for (const none of [-1, 6, 0.5]) assert.throws(() => category(none), /expected a category below 6, got/);
  const div = page.document.createElement("div"), drawn = picture(div);
  const x = scaleLinear([0, 10], [50, 250]), y = scaleLinear([0, 1], [180, 20]);
  const layer = (/** @type {string} */ name) => /** @type {Element} */ (div.querySelector(`[data-layer="${name}"]`));
  axisX(drawn.layer("x"), x, { y: 180, label: "across", ticks: 5 });
  axisY(drawn.layer("y"), y, { x: 50, label: "up", ticks: 4, grid: 200 });
  axisX(drawn.layer("f"), x, { y: 9, label: "in words", grid: 30, format: (/** @type {number} */ v) => `v${v}` });
  axisY(drawn.layer("g"), y, { x: 9, label: "in words", format: (/** @type {number} */ v) => `w${v}` });
  const ticks = (/** @type {string} */ name) => [...layer(name).querySelectorAll(".tick")].map((tick) => {
    const line = /** @type {Element} */ (tick.querySelector("line"));
    return [tick.querySelector("text")?.textContent, tick.getAttribute("transform"),
      line.getAttribute("x2"), line.getAttribute("y2")];
  });
  assert.deepEqual(ticks("x")[1], ["2", "translate(90.5,0)", null, "4"]);
  assert.deepEqual(ticks("f")[1], ["v2", "translate(90.5,0)", null, "-30"]);
  assert.deepEqual(ticks("y")[0], ["0.0", "translate(0,180.5)", "200", null]);
  assert.deepEqual(ticks("g")[0], ["w0", "translate(0,180.5)", "-4", null]);
  assert.deepEqual([ticks("x").length, ticks("f").length, ticks("g").length], [6, 6, 6]);
  const title = (/** @type {string} */ name) => {
    const text = /** @type {Element} */ (layer(name).querySelector(".x-title"));
    return [text.textContent, ...["x", "y", "text-anchor"].map((a) => text.getAttribute(a))];
  };
  assert.deepEqual(title("x"), ["across", "150", "38", "middle"]);
  assert.deepEqual(title("y"), ["up", "-38", "8", "start"]);
  assert.deepEqual(["x", "y"].map((name) => [layer(name).getAttribute("class"), layer(name).getAttribute("transform")]),
    [["x-axis", "translate(0,180)"], ["x-axis", "translate(50,0)"]]);
  assert.doesNotMatch(layer("x").querySelector(".domain")?.getAttribute("d") ?? "", /V.*V.*V/);
  assert.equal(layer("x").querySelector(".tick text")?.getAttribute("y"), "11");
  drawn.size(300, 200, "says");
  assert.deepEqual(["role", "width", "height", "viewBox", "aria-label"].map((a) => drawn.svg.attr(a)),
    ["img", "300", "200", "0 0 300 200", "says"]);
  assert.equal(drawn.layer("x").node(), layer("x"), "made once");
});

test("traits and properties follow each other, with one message a frame", async () => {
  const page = new Page({ calm: true });
  /** @type {Map<string, Set<() => void>>} */
  const calls = new Map();
  const traits = /** @type {Record<string, any>} */ ({ _element: "pg-trainer", learning_rate: 0.5,
    episodes: 8, gamma: 0.9, psi: "total_return", seed: 2, mode: "watch", playing: false });
  let saved = 0;
  const model = {
    get: (/** @type {string} */ name) => traits[name],
    set: (/** @type {string} */ name, /** @type {unknown} */ value) => {
      traits[name] = value;
    },
    save_changes: () => saved++,
    on: (/** @type {string} */ name, /** @type {() => void} */ call) =>
      calls.set(name, (calls.get(name) ?? new Set()).add(call)),
    off: (/** @type {string} */ name, /** @type {() => void} */ call) => calls.get(name)?.delete(call),
  };
  const place = page.document.createElement("div"), life = new AbortController();
  place.append("loading");
  page.document.body.append(place);
  const end = page.modules.default.render({ model, el: place, signal: life.signal });
  const el = /** @type {any} */ (place.firstElementChild);
  assert.deepEqual([place.childNodes.length, el.localName], [1, "pg-trainer"]);
  assert.deepEqual([el.learningRate, el.episodes, el.psi, el.playing], [0.5, 8, "total_return", false]);
  assert.equal(el.getAttribute("learning-rate"), "0.5");
  assert.equal(el.getAttribute("seed"), "2");
  assert.deepEqual(el.first, { ...el.values }, "reset goes back to the traits");
  traits.gamma = 0.95;
  calls.get("change:gamma")?.forEach((call) => call());
  assert.equal(el.gamma, 0.95);
  assert.equal(saved, 0, "what came from Python is not sent back");
  el.learningRate = 1;
  el.learningRate = 0.7;
  el.seed = 9;
  assert.deepEqual([traits.learning_rate, traits.seed, saved], [0.7, 9, 0]);
  await page.frame(1);
  assert.equal(saved, 1);
  el.seed = 10;
  await page.frame(1);
  assert.equal(saved, 2);
  life.abort();
  assert.equal(place.childNodes.length, 0);
  assert.ok([...calls.values()].every((set) => set.size === 0));
  assert.equal(calls.size, 7);
  assert.doesNotThrow(end);
  const again = page.modules.default.render({ model, el: place });
  assert.equal(place.childNodes.length, 1);
  again();
  assert.equal(place.childNodes.length, 0);
});

test("a bundle that comes twice registers nothing twice; readouts show what they are told", () => {
  const page = new Page(), { define, PgElement, readouts } = page.modules;
  class Other extends PgElement {
    static tag = "pg-clip";
  }
  define(Other);
  assert.notEqual(page.window.customElements.get("pg-clip"), Other);
  const numbers = readouts({ a: { label: "A", widest: "0", className: "c" },
    b: { label: "B", widest: "00" } });
  numbers.show({ a: "1" });
  assert.equal(numbers.list.outerHTML, '<dl class="x-readouts"><div><dt>A</dt>' +
    '<dd class="c" data-pg-value="a" data-widest="0">1</dd></div><div><dt>B</dt>' +
    '<dd class="" data-pg-value="b" data-widest="00"></dd></div></dl>');
  assert.equal(readout(numbers.list, "a"), "1");
});

test("a setting goes into the address and comes back, what does not fit stays out", async () => {
  const page = new Page({ calm: true }), el = /** @type {any} */ (page.mount("pg-trainer"));
  const { copyLink, hashOf, fromLink } = page.modules;
  assert.equal(hashOf(el), "#pg-trainer?");
  Object.assign(el, { learningRate: 0.5, psi: "leave_one_out", playing: false });
  const hash = "#pg-trainer?learning-rate=0.5&psi=leave_one_out&playing=false";
  assert.equal(hashOf(el), hash);
  assert.equal(await copyLink(el), "The link is in the address bar.");
  assert.equal(page.window.location.href, `https://book.example/page.html${hash}`);
  /** @type {string[]} */
  const copied = [];
  Object.defineProperty(page.window.navigator, "clipboard", {
    value: { writeText: async (/** @type {string} */ text) => void copied.push(text) },
  });
  assert.equal(await copyLink(el), "Copied.");
  assert.deepEqual(copied, [page.window.location.href]);
  const opened = (/** @type {string} */ end) => {
    const other = new Page({ calm: true, url: `https://book.example/page.html${end}` });
    const made = /** @type {any} */ (other.mount("pg-trainer"));
    const before = { ...made.values };
    other.modules.fromLink(made);
    return { made, before, other };
  };
  const { made, other } = opened(hash);
  assert.deepEqual({ ...made.values }, { ...el.values });
  assert.deepEqual(other.scrolled, [[made, { block: "start" }]]);
  for (const end of ["", "#pg-trainer", "#pg-clip?episodes=4", "#other"]) {
    const { made: same, before, other: page } = opened(end);
    assert.deepEqual([{ ...same.values }, page.scrolled], [before, []], end);
  }
  const { made: some } = opened("#pg-trainer?episodes=1e9&gamma=x&seed=7&nonsense=1");
  assert.deepEqual([some.episodes, some.gamma, some.seed, some.problems.size], [16, 1, 7, 0]);
  el.reset();
  fromLink(el);
  assert.equal(el.learningRate, 0.5);
});
