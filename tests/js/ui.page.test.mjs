/** What all explorables share, without a browser: themes, style, values, life. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Page } from "./page.mjs";

/** @typedef {import("../../book/pgbook/explorables/js/ui/element.js").PgElement} PgElement */

/** @type {Record<string, any>} */
/** @type {any[]} */
const [PALETTE, CATEGORIES] = ["palette", "categories"].map((name) => JSON.parse(
  readFileSync(new URL(`../../book/pgbook/${name}.json`, import.meta.url), "utf8")));
/** @type {[string, Record<string, string>][]} each CSS variable's name and its two shades */
const SHADES = [...Object.entries(PALETTE),
  ...CATEGORIES.map((/** @type {object} */ shade, /** @type {number} */ i) => [`cat-${i}`, shade])];

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

test("one style on the page, with both themes' shades of every colour; one in a shadow root", async () => {
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
      SHADES.map(([name, shade]) => `--pg-${name}:${shade[theme]}`));
  }
  for (const [name, { tex }] of Object.entries(PALETTE)) {
    assert.ok(css.includes(`.pg-x .tc-${tex}{color:var(--pg-${name})}`));
    assert.ok(css.includes(`[data-lit]:not([data-lit=${name}]) .pg-x svg .tc-${tex}{opacity:.2}`));
  }
  CATEGORIES.forEach((/** @type {object} */ _, /** @type {number} */ i) =>
    assert.ok(css.includes(`.pg-x .cat-${i}{color:var(--pg-cat-${i})}`)));
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
  await page.frame(2);
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
  const view = page.observers.find(({ kind }) => kind === "view");
  assert.deepEqual(view?.options, { rootMargin: "100px" }, "it wakes before it is seen");
});
