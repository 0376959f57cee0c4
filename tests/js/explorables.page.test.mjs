/**
 * Every explorable without a browser: each control through its range, and what is drawn. The
 * pictures are compared with tests/vectors/pictures.json; after a change that is meant, look at the
 * book and write it anew: UPDATE=1 node --test tests/js/explorables.page.test.mjs
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { Page, readouts } from "./page.mjs";
import { close } from "./shared.mjs";

/** @typedef {import("../../book/pgbook/explorables/js/ui/element.js").PgElement} PgElement */
/** @typedef {Record<string, [string, number, number]>} Marks words and numbers of each part */

const FILE = new URL("../vectors/pictures.json", import.meta.url);
const UPDATE = Boolean(process.env.UPDATE);
/** @type {Record<string, Marks>} */
const PICTURES = UPDATE ? {} : JSON.parse(readFileSync(FILE, "utf8"));

/** Curves in the half points of the book's recordings. @param {number[]} values */
const packed = (values) => values.map((value) => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const halves = Math.round(2 * value);
  return letters[Math.floor(halves / 64)] + letters[halves % 64];
}).join("");
const curve = (/** @type {number} */ k) => [20 + k, 100 + 2 * k, 300 + 3.5 * k, 440 + 4 * k];
const LAB = JSON.stringify({
  axes: { psi: ["total_return", "reward_to_go"], learning_rate: [0.01, 0.1], episodes: [10, 20],
    gamma: [0.95, 1] },
  steps: [1000, 2000, 3000, 4000], seeds: 2,
  curves: Array.from({ length: 32 }, (_, k) => packed(curve(k / 2))).join(""),
  lower: Array.from({ length: 16 }, (_, k) => packed(curve(k - 4).map((x) => x - 3))).join(""),
  upper: Array.from({ length: 16 }, (_, k) => packed(curve(k).map((x) => x + 4))).join(""),
});
const LADDER = JSON.stringify({
  steps: [0, 50_000, 100_000, 200_000],
  rungs: ["one", "two", "three", "four", "five", "six"],
  curves: [0, 1, 2, 3, 4, 5].map((k) => [0, -6, 5].map((off) =>
    packed([30, 90 + 9 * k, 300 - 12.5 * k, 430 + 11 * k].map((x) => x + off)))),
});

/** Tag -> what it is opened with, and more states to draw than the ends of each property. */
const ALL = {
  "pg-baseline": [{}, { baseline: 3, sees: "action" }, { sees: "return", theta: 2 }],
  "pg-bias-variance": [{}, { lam: 0.1, episodes: 300 }, { lam: 0.9, error: 0.2, episodes: 1 }],
  "pg-causality": [{}, {}],
  "pg-clip": [{}, { x: 7.5, epsilon: 0.4 }, { x: -2, whole: true }],
  "pg-compass": [{}, { rule: "one-step-td", mean: "tokens", size: "2", prompts: "one" },
    { rule: "own-episode", other: "mean-at-t", prompts: "endless", equal: true }],
  "pg-density": [{}, { squash: "clipped", slip: true, sigma: 1.5 }, { squash: "tanh", slip: true },
    { squash: "raw", slip: true, unit: 4, mean: -1 }, { squash: "clipped", mean: 1.5 }],
  "pg-dynamics": [{}, {}],
  "pg-estimator": [{}, { episodes: 40, magnify: true }, { episodes: 12, repeat: true }],
  "pg-lab": [{ data: LAB }, { gamma: 0.95 }, { "learning-rate": 0.01, episodes: 20 }],
  "pg-ladder": [{ data: LADDER }, { rung: 1, budget: 75_000 }, { rung: 2 }, { rung: 6, budget: 130_000 }],
  "pg-log-derivative": [{}, { family: "coin", coin: 0.6 }, { family: "die", "without-p": true },
    { family: "wait", wait: 2 }, { family: "sigma", sigma: 1.1, "without-p": true }],
  "pg-objective": [{}, { theta: 2, episodes: 30, seed: 4 }],
  "pg-swap": [{}, { moving: true, theta: 1, h: 0.05 }, { theta: 0.7, h: 0.5 }],
  "pg-tree": [{}, { trajectory: 31, theta: 2, "post-indices": true }, { trajectory: 2, theta: -1 }],
};

/**
 * What a reader sees, part by part: a hash of the marks and words, and two sums of the numbers in
 * them, so that a last digit does not matter. @param {PgElement} el @returns {Marks}
 */
function marks(el) {
  const copy = /** @type {Element} */ (el.cloneNode(true));
  copy.querySelectorAll("[name]").forEach((input) => input.removeAttribute("name"));
  // marks come in the order of their making, which is not the reader's business
  for (const each of copy.querySelectorAll("svg *")) {
    const given = [...each.attributes].filter(({ value }) => value !== "");
    given.sort((a, b) => a.name < b.name ? -1 : 1);
    [...each.attributes].forEach(({ name }) => each.removeAttribute(name));
    given.forEach(({ name, value }) => each.setAttribute(name, value));
  }
  for (const group of copy.querySelectorAll("g")) {
    const key = (/** @type {Element} */ each) =>
      group.classList.contains("x-axis") ? each.outerHTML : each.localName;
    group.append(...[...group.children].sort((a, b) =>
      key(a) < key(b) ? -1 : Number(key(a) > key(b))));
  }
  const layers = [...copy.querySelectorAll("g[data-layer]")];
  const parts = layers.map((layer) => [layer.getAttribute("data-layer"), layer.outerHTML]);
  layers.forEach((layer) => layer.remove());
  return Object.fromEntries([...parts, ["around", copy.innerHTML]].map(([name, html]) => {
    /** @type {number[]} */
    const numbers = [];
    const words = String(html).replace(/-?\d+(\.\d+)?(e-?\d+)?/g, (found) => {
      numbers.push(Number(found));
      return "#";
    });
    const sum = numbers.reduce((all, x, i) => all + x * (1 + (i % 97) / 97), 0);
    const size = numbers.reduce((all, x) => all + Math.abs(x), 1);
    return [name, [createHash("sha256").update(words).digest("hex").slice(0, 8),
      Number((sum / size).toPrecision(11)), Number(size.toPrecision(11))]];
  }));
}

/** The picture is the one of the file. @param {string} name @param {PgElement} el */
function same(name, el) {
  const ours = marks(el), theirs = PICTURES[name] ?? {};
  if (UPDATE) {
    PICTURES[name] = ours;
    return;
  }
  assert.deepEqual(Object.keys(ours), Object.keys(theirs), `${name}: layers`);
  for (const [part, [words, mean, size]] of Object.entries(ours)) {
    const [wanted, ...sums] = theirs[part];
    assert.equal(words, wanted, `${name}: what ${part} is made of`);
    close([mean, size], sums, `${name}: numbers in ${part}`, 1e-9);
  }
}

/** Nothing that is no number, no message, and every control says what it is set to. @param {PgElement} el */
function sound(el, where = "") {
  const html = el.innerHTML;
  assert.doesNotMatch(html, /NaN|undefined|\[object|Infinity/, where);
  assert.equal(el.alert?.textContent, "", where);
  assert.ok(el.alert?.hidden && !el.body?.hidden, where);
  for (const text of Object.values(readouts(el))) assert.ok(text, `${where}: an empty number`);
  for (const svg of el.querySelectorAll("svg")) {
    assert.ok(svg.getAttribute("aria-label") && svg.getAttribute("viewBox"), where);
  }
  for (const select of el.querySelectorAll("select")) {
    assert.equal(select.value, el.values[String(select.dataset.pg)], where);
    assert.ok([...select.options].every(({ text }) => text), where);
  }
  for (const input of el.querySelectorAll("input")) {
    const value = el.values[String(input.dataset.pg)];
    if (input.type === "radio") assert.equal(input.checked, input.value === value, where);
    else if (input.type === "checkbox") assert.equal(input.checked, value, where);
    else {
      const said = input.getAttribute("aria-valuetext");
      const shown = input.closest("label")?.querySelector(".x-value")?.textContent;
      assert.ok(said && shown && said.startsWith(shown), `${where}: ${said}, ${shown}`);
      const [low, high, now] = [input.min, input.max, input.value].map(Number);
      const at = (100 * (now - low)) / (high - low);
      close(Number(input.style.getPropertyValue("--x-at").slice(0, -1)), at, "the filled part");
    }
  }
}

/** Tell the page that a control was changed. @param {Element} control @param {string} what */
const tell = (control, what) => control.dispatchEvent(
  new /** @type {any} */ (control.ownerDocument.defaultView).Event(what));

/** The ends and the middle of a control's range, or its other choices. @param {HTMLInputElement} input */
function* moves(input) {
  if (input.localName === "select") {
    for (const { value } of /** @type {any} */ (input).options) {
      yield () => {
        input.value = value;
        tell(input, "change");
      };
    }
  } else if (input.type !== "range") yield () => input.click();
  else {
    const low = Number(input.min), high = Number(input.max), step = Number(input.step);
    const middle = Number((low + Math.round((high - low) / 2 / step) * step).toFixed(9));
    for (const value of [low, high, middle]) {
      yield () => {
        input.value = String(value);
        tell(input, "input");
      };
    }
  }
}

for (const [tag, [given, ...states]] of Object.entries(ALL)) {
  test(`${tag}: every control through its range, and back`, async () => {
    const page = new Page({ calm: true }), el = page.mount(tag, given);
    await page.rest();
    sound(el, "as it opens");
    const before = marks(el), first = { ...el.values };
    same(`${tag} opens`, el);
    /** @returns {NodeListOf<HTMLInputElement>} */
    const controls = () => el.querySelectorAll("input, select");
    const count = controls().length;
    assert.ok(count > 0);
    for (let i = 0; i < count; i++) {
      let moved = 0;
      for (const move of moves(controls()[i])) {
        const was = JSON.stringify(el.values), input = controls()[i];
        const name = String(input.dataset.pg);
        move();
        await page.rest();
        sound(el, `${name} = ${el.values[name]}`);
        const others = { ...el.values, [name]: first[name] };
        assert.deepEqual(others, { ...first }, "only its own property");
        same(`${tag} ${name}=${el.values[name]}`, el);
        if (JSON.stringify(el.values) !== was) moved++;
        const { min, max } = /** @type {any} */ (el.kind.properties[name]);
        if (input.type === "range" && tag !== "pg-lab" && input.value === input.max) {
          assert.equal(el.values[name], max);
        }
        if (input.type === "range" && tag !== "pg-lab" && input.value === input.min) {
          assert.equal(el.values[name], min);
        }
      }
      const input = controls()[i];
      assert.ok(moved || (input.type === "radio" && input.checked), "it moves something");
      /** @type {HTMLElement} */ (el.querySelector(".x-reset")).click();
      await page.rest();
      assert.deepEqual({ ...el.values }, first);
      assert.deepEqual(marks(el), before, "reset draws what was there");
    }
    assert.deepEqual(page.errors, []);
  });

  test(`${tag}: wide, narrow and in other states, from scratch and by turns`, async () => {
    const page = new Page({ calm: true }), el = page.mount(tag, given);
    await page.rest();
    const start = Object.fromEntries([...el.attributes].map(({ name, value }) => [name, value]));
    for (const state of states) {
      for (const [name, value] of Object.entries(state)) el.setAttribute(name, String(value));
      await page.rest();
      sound(el, JSON.stringify(state));
      const fresh = new Page({ calm: true }), other = fresh.mount(tag, { ...given, ...state });
      await fresh.rest();
      if (tag !== "pg-estimator") assert.deepEqual(marks(el), marks(other), "by turns");
      same(`${tag} ${JSON.stringify(state)}`, other);
      for (const name of Object.keys(state)) {
        if (name in start) el.setAttribute(name, start[name]);
        else el.removeAttribute(name);
      }
    }
    for (const width of [420, 1000]) {
      page.resize(width);
      await page.rest();
      sound(el, `${width} wide`);
      same(`${tag} at ${width}`, el);
    }
  });
}

if (UPDATE) process.on("exit", () => writeFileSync(FILE, `${JSON.stringify(PICTURES)}\n`));
