/** Every explorable without a browser: each control through its range, and what is drawn. */

import assert from "node:assert/strict";
import test from "node:test";
import { Page, readouts } from "./page.mjs";
import { album, marks } from "./pictures.mjs";
import { close } from "./shared.mjs";

/** @typedef {import("../../book/pgbook/explorables/js/ui/element.js").PgElement} PgElement */

const same = album("pictures");

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
  "pg-bias-variance": [{}, { lam: 0.1, episodes: 300 }, { lam: 0.9, error: 0.2, episodes: 8 }],
  "pg-causality": [{}, {}],
  "pg-clip": [{}, { x: 7.5, epsilon: 0.4 }, { x: -2, whole: true }],
  "pg-compass": [{}, { rule: "one-step-td", mean: "tokens", size: "2", prompts: "one" },
    { rule: "own-episode", other: "mean-at-t", prompts: "endless", equal: true }],
  "pg-density": [{}, { squash: "clipped", slip: true, sigma: 1.5 }, { squash: "tanh", slip: true },
    { squash: "raw", slip: true, unit: 2, mean: -1 }, { squash: "clipped", mean: 1 }],
  "pg-dynamics": [{}, {}],
  "pg-estimator": [{}, { episodes: 40, magnify: true }, { episodes: 12, repeat: true }],
  "pg-lab": [{ data: LAB, psi: "reward_to_go" }, { gamma: 0.95 }, { "learning-rate": 0.01, episodes: 20 }],
  "pg-ladder": [{ data: LADDER }, { rung: 1, budget: 75_000 }, { rung: 2 }, { rung: 6, budget: 130_000 }],
  "pg-leash": [{}, { use: "loss", beta: 0.8 }, { "logit-b": 2, "logit-c": -3.5 }],
  "pg-log-derivative": [{}, { family: "coin", coin: 0.6 }, { family: "die", "without-p": true },
    { family: "wait", wait: 2 }, { family: "sigma", sigma: 1.1, "without-p": true }],
  "pg-objective": [{}, { theta: 2, episodes: 30, seed: 4 }],
  "pg-old-data": [{}, { rule: "gspo", epsilon: 0.0003, far: 1 },
    { rule: "truncated", prompt: "ba.", far: 40 }, { rule: "cispo", far: 64 }],
  "pg-swap": [{}, { moving: true, theta: 1, h: 0.05 }, { theta: 0.7, h: 0.5 }],
  "pg-tree": [{}, { trajectory: 31, theta: 2, "post-indices": true }, { trajectory: 2, theta: -1 }],
};

/** What shows another thing, and may show it on axes of its own: nothing that slides. */
const REFRAMES = /** @type {Record<string, string[]>} */ ({
  "pg-estimator": ["magnify"], "pg-log-derivative": ["family"], "pg-swap": ["moving"],
});

/** What each axis and each scale reaches over. @param {Element} el */
const frames = (el) => Object.fromEntries([...el.querySelectorAll("[data-domain]")].map((each) =>
  [each.getAttribute("data-layer"), each.getAttribute("data-domain")]));

/** Nothing that is no number, no message, and every control says what it is set to. @param {PgElement} el */
function sound(el, where = "") {
  const html = el.innerHTML;
  assert.doesNotMatch(html, /NaN|undefined|\[object|Infinity/, where);
  assert.doesNotMatch(html, / (width|height|r)="-/, where);
  assert.equal(el.alert?.textContent, "", where);
  assert.ok(el.alert?.hidden && !el.body?.hidden, where);
  for (const text of Object.values(readouts(el))) assert.ok(text, `${where}: an empty number`);
  for (const each of el.querySelectorAll("[data-widest]")) {
    const [text, room] = [String(each.textContent), String(each.getAttribute("data-widest"))];
    assert.ok(text.length <= room.length, `${where}: “${text}” has the room of “${room}”`);
  }
  for (const axis of el.querySelectorAll(".x-axis")) {
    assert.ok(axis.getAttribute("data-domain"), `${where}: an axis says what it reaches over`);
  }
  for (const svg of el.querySelectorAll("svg")) {
    assert.ok(svg.getAttribute("aria-label") && svg.getAttribute("viewBox"), where);
  }
  for (const select of el.querySelectorAll("select")) {
    assert.equal(select.value, el.values[String(select.dataset.pg)], where);
    assert.ok([...select.options].every(({ text }) => text), where);
  }
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (
    el.querySelectorAll("input[data-pg]"))) {
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
    const before = marks(el), first = { ...el.values }, framed = frames(el);
    assert.ok(Object.keys(framed).length, "there is an axis");
    same(`${tag} opens`, el);
    /** @returns {NodeListOf<HTMLInputElement>} */
    const controls = () => el.querySelectorAll("input[data-pg], select");
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
        if (!REFRAMES[tag]?.includes(name)) assert.deepEqual(frames(el), framed, `${name} rescales`);
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
      // chance, and what it opened beside, are its own
      if (!["pg-estimator", "pg-lab"].includes(tag)) assert.deepEqual(marks(el), marks(other), "by turns");
      same(`${tag} ${JSON.stringify(state)}`, other);
      const framed = frames(other);
      const magnified = other.values.magnify; // the wish is a picture that grows with N
      for (const input of other.querySelectorAll("input[type=range][data-pg]")) {
        for (const move of moves(/** @type {HTMLInputElement} */ (input))) {
          move();
          await fresh.rest();
          if (!magnified) assert.deepEqual(frames(other), framed, `${input.getAttribute("data-pg")} rescales`);
          sound(other, `${JSON.stringify(state)}, ${input.getAttribute("data-pg")}`);
        }
      }
      for (const name of Object.keys(state)) {
        if (name in start) el.setAttribute(name, start[name]);
        else el.removeAttribute(name);
      }
    }
    for (const width of [420, 600]) {
      page.resize(width);
      await page.rest();
      sound(el, `${width} wide`);
      same(`${tag} at ${width}`, el);
    }
    for (const width of [140, 60]) { // twice the text beside two lists
      page.resize(width);
      await page.rest();
      sound(el, `${width} wide`);
    }
  });
}

test("pg-lab: curves are kept, named, taken from the kernel, or refused", async () => {
  const page = new Page({ calm: true });
  const el = /** @type {any} */ (page.mount("pg-lab", { data: LAB, psi: "reward_to_go" }));
  await page.rest();
  const keep = /** @type {HTMLElement} */ ([...el.querySelectorAll("button")].find((each) =>
    each.textContent === "Keep this curve"));
  const legend = () => [...el.querySelectorAll(".x-legend li")].map((item) => item.textContent);
  const end = Math.round(el.recorded.at(el.setting).mean[3]);
  const base = Math.round(el.recorded.at({ ...el.setting, psi: "total_return" }).mean[3]);
  const opening = `A total return R(τ), rate 0.1, N = 10, γ = 1: ends at ${base}`;
  assert.deepEqual(legend(), [opening], "it opens beside the total return");
  el.psi = "total_return";
  keep.click();
  await page.rest();
  assert.deepEqual(legend(), [opening], "the same one once");
  el.psi = "reward_to_go";
  keep.click();
  keep.click();
  await page.rest();
  assert.deepEqual(legend(), [opening, `B reward-to-go, rate 0.1, N = 10, γ = 1: ends at ${end}`]);
  for (const [name, value] of [["gamma", 0.95], ["episodes", 20], ["learningRate", 0.01]]) {
    el[String(name)] = value;
    keep.click();
  }
  await page.rest();
  assert.deepEqual(legend().map((text) => text?.slice(0, 1)), ["A", "B", "C"]);
  assert.match(String(legend()[2]),
    /^C reward-to-go, rate 0.01, N = 20, γ = 0.95: ends at \d+$/);
  same("pg-lab keeps", el);
  const curves = [[1, 2, 3], [3, 4]];
  el.live = JSON.stringify({ label: "mine", curves, lower: [0, 1], upper: [4, 5] });
  await page.rest();
  assert.equal(legend()[3], "yours mine");
  assert.deepEqual(el.trained.mean, [2, 3]);
  same("pg-lab lives", el);
  const bad = [
    ["live", "{", "JSON"],
    ["live", '{"curves":[[1,2]],"lower":[],"upper":[1,2]}', "expected 2 bounds"],
    ["live", '{"curves":[[1,2]],"lower":[1,2],"upper":[1]}', "expected 2 bounds"],
    ["live", '{"curves":3,"lower":[],"upper":[]}', "the curves are no list"],
    ["data", "", "nothing was recorded"],
  ];
  for (const [name, text, says] of bad) {
    const good = el[name];
    el[name] = text;
    await page.rest();
    assert.match(el.alert.textContent,
      new RegExp(`^${name}: expected learning curves, got “.*${says}`));
    el[name] = good;
    await page.rest();
    assert.equal(el.alert.textContent, "");
  }
  el.live = "";
  el.gamma = 0.5;
  await page.rest();
  assert.equal(el.alert.textContent, "gamma: expected one of 0.95, 1, got 0.5");
  el.reset();
  await page.rest();
  assert.deepEqual([legend(), el.trained, el.gamma], [[opening], null, 1]);
  const plain = page.mount("pg-lab", { data: LAB, psi: "total_return" });
  await page.rest();
  assert.equal(plain.querySelectorAll(".x-legend li").length, 0, "beside nothing");
  const two = page.mount("pg-lab", { data: LAB, psi: "total_return" }), group = (/** @type {Element} */ of) =>
    of.querySelector("input[type=radio]")?.getAttribute("name");
  assert.notEqual(group(el), group(two));
});

test("pg-ladder: what is no ladder is refused, and a good one after it taken", async () => {
  const page = new Page({ calm: true }), el = /** @type {any} */ (page.mount("pg-ladder"));
  await page.rest();
  assert.equal(el.querySelectorAll("path").length, 0);
  for (const [text, says] of [["{", "JSON"], [LADDER.replace("50000,", ""), "expected 3 points"]]) {
    el.data = text;
    await page.rest();
    assert.match(el.alert.textContent,
      new RegExp(`^data: expected recorded learning curves \\(.*${says}`));
  }
  el.data = LADDER;
  await page.rest();
  sound(el);
});
