/** What all explorables share, without a browser: themes, life, controls, drags, traits, axes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { scaleLinear } from "d3-scale";
import { Page, readout } from "./page.mjs";
import { close } from "./shared.mjs";

/** @typedef {import("../../book/pgbook/explorables/js/ui/element.js").PgElement} PgElement */

/** @type {Record<string, any>} */
const PALETTE = JSON.parse(
  readFileSync(new URL("../../book/pgbook/palette.json", import.meta.url), "utf8"));

/** Pages say light or dark in four ways. */
const THEMES = [
  ["the book", "data-theme", "html"], ["Colab", "theme", "html"],
  ["JupyterLab", "data-jp-theme-light", "body"],
];

test("the theme is what the page says, else the system's, and follows", async () => {
  for (const dark of [false, true]) {
    for (const [place, attribute, where] of THEMES) {
      const page = new Page({ dark }), el = page.mount("pg-ladder");
      const at = /** @type {Element} */ (page.document.querySelector(where));
      assert.equal(el.dataset.pgTheme, dark ? "dark" : "light");
      for (const theme of ["dark", "light", "dark"]) {
        const lab = attribute === "data-jp-theme-light";
        at.setAttribute(attribute, lab ? String(theme === "light") : theme);
        await page.rest();
        assert.equal(el.dataset.pgTheme, theme, place);
      }
      at.setAttribute(attribute, "other");
      await page.rest();
      if (where === "html") assert.equal(el.dataset.pgTheme, dark ? "dark" : "light", "neither");
    }
    const page = new Page({ dark }), el = page.mount("pg-ladder");
    page.document.body.dataset.jpThemeLight = String(dark);
    page.document.documentElement.dataset.theme = dark ? "dark" : "light";
    await page.rest();
    assert.equal(el.dataset.pgTheme, dark ? "dark" : "light", "the root before the body");
    page.document.documentElement.removeAttribute("data-theme");
    page.document.body.removeAttribute("data-jp-theme-light");
    await page.rest();
    const query = page.query("(prefers-color-scheme: dark)");
    page.media["(prefers-color-scheme: dark)"] = !dark;
    query.dispatchEvent(new page.window.Event("change"));
    assert.equal(el.dataset.pgTheme, dark ? "light" : "dark", "the system");
    el.remove();
    page.media["(prefers-color-scheme: dark)"] = dark;
    query.dispatchEvent(new page.window.Event("change"));
    page.document.documentElement.dataset.theme = dark ? "dark" : "light";
    await page.rest();
    assert.equal(el.dataset.pgTheme, dark ? "light" : "dark", "no more once it is gone");
  }
});

test("one style on the page, with both themes' shades of every term; one in a shadow root", async () => {
  const page = new Page();
  page.mount("pg-clip");
  page.mount("pg-tree");
  const styles = page.document.querySelectorAll("style[data-pg-x]");
  assert.equal(styles.length, 1);
  assert.equal(styles[0].parentElement, page.document.head);
  const css = String(styles[0].textContent);
  for (const theme of ["light", "dark"]) {
    const head = theme === "light" ? ".pg-x{" : ".pg-x[data-pg-theme=dark]{";
    const block = css.slice(css.indexOf(head) + head.length).split("}")[0];
    assert.deepEqual(block.split(";").filter(Boolean),
      Object.entries(PALETTE).map(([name, term]) => `--pg-${name}:${term[theme]}`));
  }
  for (const [name, { tex }] of Object.entries(PALETTE)) {
    assert.ok(css.includes(`.pg-x .tc-${tex}{color:var(--pg-${name})}`));
    assert.ok(css.includes(`[data-lit]:not([data-lit=${name}]) .pg-x svg .tc-${tex}{opacity:.2}`));
  }
  assert.ok(css.includes(".x-slider"));
  const host = page.document.body.appendChild(page.document.createElement("div"));
  const root = host.attachShadow({ mode: "open" });
  root.append(page.document.createElement("pg-clip"));
  assert.equal(root.querySelectorAll("style[data-pg-x]").length, 1);
  assert.equal(page.document.head.querySelectorAll("style[data-pg-x]").length, 1);
});

test("values: attributes and properties are one, what does not fit is named", async () => {
  const page = new Page(), el = /** @type {any} */ (page.mount("pg-trainer", { playing: "false" }));
  /** @type {unknown[]} */
  const told = [];
  el.addEventListener("pg-change", (/** @type {CustomEvent} */ event) => told.push(event.detail));
  const good = [["gamma", 0.9], ["episodes", 3], ["psi", "total_return"], ["mode", "trained"],
    ["learningRate", 0.5]];
  for (const [name, value] of good) {
    const attribute = name === "learningRate" ? "learning-rate" : String(name);
    el[name] = value;
    assert.equal(el.getAttribute(attribute), String(value));
    el.setAttribute(attribute, String(el.kind.properties[name].initial));
    assert.equal(el[name], el.kind.properties[name].initial);
    el.setAttribute(attribute, String(value));
    assert.equal(el[name], value);
    el.removeAttribute(attribute);
    assert.equal(el[name], el.kind.properties[name].initial);
    assert.deepEqual(told.splice(0).map((/** @type {any} */ d) => [d.name, d.value]),
      [value, el[name], value, el[name]].map((each) => [name, each]));
  }
  el.gamma = el.gamma;
  assert.deepEqual(told, [], "no news");
  el.setAttribute("learning-rate", "");
  await page.frame(3);
  const { alert, body } = el;
  assert.equal(alert.textContent, "learning-rate: expected a number from 0.002 to 2, got “”");
  assert.ok(!alert.hidden && body.hidden && alert.getAttribute("role") === "alert");
  el.episodes = 2.5;
  await page.frame(3);
  assert.ok(alert.textContent.endsWith(
    ". episodes: expected a whole number from 2 to 64, got 2.5"), alert.textContent);
  const bad = [
    ["gamma", 0.79, "a number from 0.8 to 1, got 0.79"], ["gamma", 1.01, "a number from 0.8 to 1, got 1.01"],
    ["gamma", NaN, "a number from 0.8 to 1, got NaN"], ["gamma", "1", "a number from 0.8 to 1, got “1”"],
    ["playing", "yes", "true or false, got “yes”"], ["playing", null, "true or false, got null"],
    ["mode", "x".repeat(50), `one of watch, trained, got “${"x".repeat(40)}”`],
  ];
  for (const [name, value, says] of bad) {
    const before = el[String(name)];
    el[String(name)] = value;
    assert.equal(el.problems.get(name), `${name}: expected ${says}`);
    assert.equal(el[String(name)], before);
    el[String(name)] = before;
    assert.ok(!el.problems.has(name));
  }
  for (const [name, text] of [["playing", "nonsense"], ["gamma", "0.9x"], ["gamma", " "]]) {
    el.setAttribute(name, text);
    assert.match(el.problems.get(name), new RegExp(`got “${text}”$`));
    el.removeAttribute(name);
  }
  el.episodes = 2;
  el.learningRate = 2;
  await page.frame(3);
  assert.ok(alert.hidden && !body.hidden && alert.textContent === "");
  const { fits, expected, parse, text, number, integer, kebab, snake } = page.modules;
  assert.equal(expected(text("")), "text");
  assert.deepEqual([fits(text(""), "a"), fits(text(""), 1), parse(text(""), "3")], [true, false, "3"]);
  assert.deepEqual([0, 1, 0.5, -1, 2].map((x) => fits(number(0, 0, 1), x)), [true, true, true, false, false]);
  assert.deepEqual([0, 1, 0.5].map((x) => fits(integer(0, 0, 1), x)), [true, true, false]);
  assert.deepEqual([kebab("aBcDe"), snake("aBcDe")], ["a-bc-de", "a_bc_de"]);
});

test("it paints once a frame, not without a width, and stops with a sentence", async () => {
  const page = new Page(), el = /** @type {any} */ (page.document.createElement("pg-clip"));
  let painted = 0;
  const { paint } = Object.getPrototypeOf(el);
  el.paint = function () {
    painted++;
    paint.call(this);
  };
  page.document.body.append(el);
  await page.frame(3);
  assert.equal(painted, 0);
  page.resize(500);
  el.x = 1;
  el.x = 2;
  await page.frame(1);
  assert.equal(painted, 1);
  await page.frame(5);
  assert.deepEqual([painted, page.frames.size], [1, 0], "at rest");
  page.resize(500);
  await page.frame(2);
  assert.equal(painted, 1, "the same width");
  page.resize(501);
  page.tell("view", { isIntersecting: true });
  await page.frame(2);
  assert.equal(painted, 2);
  page.document.dispatchEvent(new page.window.Event("visibilitychange"));
  await page.frame(2);
  assert.equal(painted, 3);
  assert.deepEqual([el.className, el.getAttribute("role"), el.getAttribute("aria-label")],
    ["pg-x", "group", "Explorable: the surrogate and its clip"]);
  el.paint = () => {
    throw new Error("broken");
  };
  el.start();
  await page.frame(2);
  assert.equal(el.alert.textContent, "This figure stopped: broken");
  assert.deepEqual([el.running, page.errors.map(String)], [false, ["Error: broken"]]);
  el.paint = () => {
    throw "text";
  };
  el.invalidate();
  await page.frame(2);
  assert.equal(el.alert.textContent, "This figure stopped: text");
  el.remove();
  assert.equal(page.frames.size, 0);
  assert.ok(page.observers.every(({ on, kind }) => !on || kind === "theme"));
  el.invalidate();
  el.x = 5;
  assert.deepEqual([page.frames.size, el.getAttribute("x")], [0, "2"], "off the page");
  page.document.body.append(el);
  assert.ok(page.frames.size && !el.signal.aborted);
  assert.equal(el.querySelectorAll(".pg-x-body").length, 1, "built anew");
});

test("what moves rests off screen and in a hidden tab, and takes no long steps", async () => {
  const page = new Page(), el = /** @type {any} */ (page.mount("pg-clip"));
  /** @type {number[]} */
  const steps = [];
  el.tick = (/** @type {number} */ ms) => steps.push(ms);
  await page.frame(2);
  assert.deepEqual(steps, []);
  el.start();
  await page.frame(4);
  assert.deepEqual(steps.splice(0), [16, 16, 16, 16]);
  page.now += 500;
  await page.frame(1);
  assert.deepEqual(steps.splice(0), [100]);
  page.tell("view", { isIntersecting: false });
  await page.frame(5);
  assert.deepEqual([steps.splice(0), page.frames.size, el.awake], [[], 0, false]);
  page.tell("view", { isIntersecting: true });
  page.hidden = true;
  await page.frame(5);
  assert.deepEqual([steps.splice(0), page.frames.size, el.awake], [[], 0, false]);
  page.hidden = false;
  page.document.dispatchEvent(new page.window.Event("visibilitychange"));
  page.now += 500;
  await page.frame(2);
  assert.deepEqual(steps.splice(0), [16, 16], "the rest is not counted");
  el.setAttribute("x", "nonsense");
  await page.frame(3);
  assert.deepEqual([steps.splice(0), page.frames.size], [[], 0]);
  el.setAttribute("x", "1");
  await page.frame(2);
  assert.equal(steps.splice(0).length, 2);
  el.stop();
  await page.frame(3);
  assert.deepEqual([steps, page.frames.size], [[], 0]);
  assert.deepEqual(page.observers.map(({ seen }) => seen[0] === el), [true, true]);
});

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
  const first = el.values.action, scale = scaleLinear([-5, 5], [42, page.width - 12]);
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
  assert.equal(el.values.action, 4, "the end of its range");
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
});

test("a slider with equal ratios: two digits, whole where it must be, and back", async () => {
  const page = new Page({ calm: true }), el = page.mount("pg-objective");
  await page.frame(2);
  const input = /** @type {HTMLInputElement} */ (el.querySelector('input[data-pg="episodes"]'));
  assert.deepEqual([input.min, input.max, input.step, input.dataset.lmSuppressShortcuts],
    ["0", "100", "1", "true"]);
  for (let at = 0; at <= 100; at += 7) {
    input.value = String(at);
    send(page, "input", input);
    const exact = 10 * 1000 ** (at / 100), value = Number(el.values.episodes);
    assert.ok(Number.isInteger(value) && Math.abs(value / exact - 1) < Math.max(0.051, 0.51 / exact));
    assert.equal(value, Math.round(Number(exact.toPrecision(2))));
    await page.frame(1);
    assert.equal(input.value, String(at), "it stays where it was put");
  }
  el.set("episodes", 437);
  await page.frame(1);
  close(Number(input.value), 100 * Math.log(43.7) / Math.log(1000), "where 437 is", 0.02);
  assert.equal(input.getAttribute("aria-valuetext"), "437");
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
  assert.equal(shown.length, 3);
  const slider = /** @type {HTMLInputElement} */ (el.querySelector("input[type=range]"));
  el.remove();
  slider.value = "3";
  send(page, "input", slider);
  assert.equal(el.values.baseline, 0);
  const { choices, valueShown } = page.modules;
  const made = choices(two, "sees", { label: "l", names: { nothing: "none" } });
  assert.deepEqual([...made.querySelectorAll("label")].map((label) => label.textContent),
    ["none", "action", "return"], "else its own name");
  assert.equal(valueShown().ariaHidden ?? valueShown().getAttribute("aria-hidden"), "true");
});

test("numbers as the book writes them, and axes where the scale says", () => {
  const page = new Page(), { fixed, grouped, picture, axisX, axisY, ink } = page.modules;
  assert.deepEqual([fixed(-1.25, 1), fixed(2, 2), grouped(12345.6)], ["−1.3", "2.00", "12,346"]);
  assert.equal(ink("objective"), `tc-${PALETTE.objective.tex}`);
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
  const numbers = readouts({ a: { label: "A", className: "c" }, b: { label: "B" } });
  numbers.show({ a: "1" });
  assert.equal(numbers.list.outerHTML, '<dl class="x-readouts"><div><dt>A</dt>' +
    '<dd class="c" data-pg-value="a">1</dd></div><div><dt>B</dt>' +
    '<dd class="" data-pg-value="b"></dd></div></dl>');
  assert.equal(readout(numbers.list, "a"), "1");
});
