/** Predict, then reveal: what is covered, until when, and what is said; and what is told of a change. */

import assert from "node:assert/strict";
import test from "node:test";
import { Page } from "./page.mjs";

/** Tag -> the slider's value of a guess, what is then said, and how many parts are covered. */
const ALL = /** @type {Record<string, [number, string, number]>} */ ({
  "pg-baseline": [1.2, "You guessed 1.20. It is 2.07.", 8],
  "pg-bias-variance": [0.3, "You guessed 0.30. It is 0.75.", 8],
  "pg-causality": [4, "You guessed 4.00. It is 2.61.", 3],
  "pg-clip": [0.7, "You guessed 0.70. It is 0.16.", 7],
  "pg-compass": [45, "You guessed 45°. It is 21°.", 5],
  "pg-objective": [2.5, "You guessed 2.50. It is 2.26.", 1],
  "pg-swap": [0.5, "You guessed +0.500. It is −0.001.", 5],
});

/** @param {Element} el @param {string} text */
const press = (el, text) => /** @type {HTMLElement} */ (
  [...el.querySelectorAll("button")].find((each) => each.textContent === text)).click();
/** The slider of the guess. @param {Element} el */
const slider = (el) => /** @type {HTMLInputElement} */ (el.querySelector(".x-guess input"));
/** @param {Element} el */
const state = (el) => /** @type {HTMLElement} */ (el.querySelector(".x-guess")).dataset.state;
/** @param {Element} el */
const covered = (el) => el.querySelectorAll("[data-covered]").length;
/** @param {Element} el */
const label = (el) => String(el.querySelector("svg")?.getAttribute("aria-label"));
/** @param {Page} page @param {Element} at @param {string} kind @param {object} [given] */
const send = (page, at, kind, given = {}) => at.dispatchEvent(Object.assign(
  new page.window.Event(kind, { bubbles: true, cancelable: true }), given));

for (const [tag, [value, words, parts]] of Object.entries(ALL)) {
  test(`${tag}: guess first, then reveal`, async () => {
    const page = new Page({ calm: true }), el = /** @type {any} */ (page.mount(tag));
    const said = () => el.querySelector(".x-guess [role=status]")?.textContent;
    const line = () => el.querySelector(".x-guessed")?.getAttribute("d");
    await page.rest();
    const opens = label(el), first = { ...el.values };
    assert.deepEqual([state(el), covered(el), said(), line()], ["closed", 0, "", undefined]);
    press(el, "Guess first");
    await page.rest();
    const ask = el.querySelector(".x-guess p").textContent;
    assert.match(ask, /\?$/);
    assert.deepEqual([state(el), covered(el), label(el)],
      ["open", parts, `Covered while you guess. ${ask}`]);
    assert.equal(page.document.activeElement, slider(el), "the keys are at the guess");
    const middle = line();
    slider(el).value = String(value);
    send(page, slider(el), "input");
    await page.rest();
    assert.ok(middle && line() && line() !== middle, "the mark moves");
    assert.equal(said(), "", "not yet");
    assert.equal(slider(el).getAttribute("aria-valuetext"), words.split(/guessed |\. It/)[1]);
    press(el, "Reveal");
    await page.rest();
    assert.deepEqual([state(el), covered(el), said(), label(el)], ["told", 0, words, opens]);
    assert.ok(line(), "the guess stays beside the truth");
    assert.equal(page.document.activeElement?.textContent, "Guess again");
    assert.deepEqual({ ...el.values }, first, "a guess sets nothing");
    press(el, "Guess again");
    await page.rest();
    assert.deepEqual([state(el), covered(el), Number(slider(el).value)], ["open", parts, value]);
    press(el, "Reset");
    await page.rest();
    assert.deepEqual([state(el), covered(el), said(), line()], ["closed", 0, "", undefined]);
  });

  test(`${tag}: the mark is dragged in the picture, to the end of its range`, async () => {
    const page = new Page({ calm: true }), el = page.mount(tag);
    await page.rest();
    const [, grip] = /** @type {any[]} */ ([...el.querySelectorAll('[data-layer="guess"] circle')]);
    assert.equal(grip.getAttribute("display"), "none", "no grip before it is asked for");
    press(el, "Guess first");
    await page.rest();
    assert.equal(grip.getAttribute("display"), null);
    const x = Number(grip.getAttribute("cx")), y = Number(grip.getAttribute("cy"));
    Object.assign(grip, {
      setPointerCapture() {}, hasPointerCapture: () => true,
      getBoundingClientRect: () => ({ left: x - 22, right: x + 22, top: y - 22, bottom: y + 22 }),
    });
    grip.ownerSVGElement.getBoundingClientRect = () => ({ left: 0, top: 0 });
    const before = Number(slider(el).value), { min, max } = slider(el);
    send(page, grip, "pointerdown", { button: 0, pointerId: 1, clientX: x, clientY: y });
    send(page, grip, "pointermove", { pointerId: 1, clientX: x, clientY: y });
    await page.rest();
    assert.ok(Math.abs(Number(slider(el).value) - before) <= Number(slider(el).step), "no jump");
    const ends = [];
    for (const far of [-5000, 5000]) {
      send(page, grip, "pointermove", { pointerId: 1, clientX: far, clientY: far });
      await page.rest();
      ends.push(Number(slider(el).value));
    }
    assert.deepEqual(ends.sort((a, b) => a - b), [Number(min), Number(max)]);
  });
}

test("a guess that is not made yet is silent once the element is gone", async () => {
  const page = new Page({ calm: true }), el = page.mount("pg-objective");
  await page.rest();
  const [first] = [...el.querySelectorAll("button")], input = slider(el);
  el.remove();
  first.click();
  input.value = "2.5";
  send(page, input, "input");
  page.document.body.append(el);
  await page.rest();
  assert.deepEqual([state(el), Number(slider(el).value)], ["closed", 1.9]);
});

test("what was changed is told once the hand rests, and only what the reader changed", async () => {
  const page = new Page({ calm: true }), el = /** @type {any} */ (page.mount("pg-clip"));
  await page.rest();
  const told = () => el.querySelector(".x-said").textContent;
  const input = /** @type {HTMLInputElement} */ (el.querySelector("input[data-pg=x]"));
  el.x = 2;
  await page.frame(60);
  assert.deepEqual([told(), el.querySelector(".x-said").getAttribute("role")], ["", "status"]);
  for (const value of [5, 6, 7]) {
    input.value = String(value);
    send(page, input, "input");
    await page.frame(30);
    assert.equal(told(), "", "the hand moves");
  }
  await page.frame(20);
  assert.equal(told(), label(el));
  assert.match(told(), /^At distance 7\.0 /);
  press(el, "Reset");
  await page.frame(50);
  assert.match(told(), /^At distance 4\.0 /);
  input.value = "1";
  send(page, input, "input");
  el.remove();
  assert.equal(page.timers.size, 0, "nothing is told once it is gone");
});

test("until its first picture an element keeps what stood in its place", async () => {
  const page = new Page({ calm: true }), { document } = page;
  const el = document.createElement("pg-clip"), place = document.createElement("p");
  place.textContent = "a sentence";
  el.append(place);
  document.body.append(el);
  const body = /** @type {HTMLElement} */ (el.querySelector(".pg-x-body"));
  assert.ok(place.isConnected && body.hidden, "no width yet");
  page.resize(700);
  assert.ok(place.isConnected && body.hidden, "nor a picture");
  await page.frame();
  assert.ok(!place.isConnected && !body.hidden);
  assert.ok(el.querySelector("svg path"));
});
