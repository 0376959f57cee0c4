/** "Reward to text" on a page: what is drawn, what is typed, what is taught anew. */

import assert from "node:assert/strict";
import test from "node:test";
import { scaleLinear } from "d3-scale";
import { Page, readouts } from "./page.mjs";
import { close } from "./shared.mjs";

const END = 6;

/** @param {Element} root @param {string} layer @param {string} what */
const all = (root, layer, what) => [...root.querySelectorAll(`[data-layer="${layer}"] ${what}`)];
/** @param {Element} mark @param {string[]} names */
const at = (mark, ...names) => names.map((name) => Number(mark.getAttribute(name)));
/** @param {Element} mark */
const path = (mark) => String(mark.getAttribute("d")).match(/-?[\d.]+/g)?.map(Number);
/** @param {Element[]} marks */
const texts = (marks) => marks.map(({ textContent }) => textContent);

/** @param {Page} page @param {Element} element @param {string} kind @param {object} [given] */
const send = (page, element, kind, given = {}) =>
  element.dispatchEvent(Object.assign(new page.window.Event(kind, { bubbles: true, cancelable: true }), given));

/** A quickly taught one. @param {Page} page @param {object} [given] */
const mount = (page, given = {}) =>
  /** @type {any} */ (page.mount("pg-reward-text", { answers: 2, ...given }));

test("answers: one a row, in words, as long as they are likely, the rest together", () => {
  const page = new Page(), { picture, drawAnswers, inWords } = page.modules;
  const div = page.document.createElement("div"), drawn = picture(div);
  drawAnswers(drawn, [
    { answer: [1, 1, 1, 1, 1], probability: 0.5, reward: 1, right: false },
    { answer: [2, 1, END], probability: 0.3, reward: 0.4, right: true },
  ], { width: 300, prompt: "12" });
  const x = scaleLinear([0, 1], [92, 222]);
  assert.deepEqual(texts(all(div, "heads", "text")), ["1 2 → right: 2 1 end", "earns"]);
  assert.deepEqual(texts(all(div, "answers", ".x-answer")), ["1 1 1 1 1 …", "2 1 end ✓", "all others"]);
  assert.deepEqual(texts(all(div, "answers", ".x-share")), ["0.50", "0.30", "0.20"]);
  assert.deepEqual(texts(all(div, "answers", ".x-earns")), ["1.00", "0.40", ""]);
  const bars = all(div, "answers", "rect");
  bars.forEach((bar, i) => close(at(bar, "x", "width", "y", "height"),
    [92, x([0.5, 0.3, 0.2][i]) - 92, 46 + 27 * i, 18], "bar"));
  const { category } = page.modules;
  assert.deepEqual(bars.map((bar) => bar.getAttribute("class")),
    ["x-fill x-muted", `x-fill ${category(0)}`, "x-fill x-muted"]);
  assert.equal(div.querySelector(".x-axis")?.getAttribute("data-domain"), "0 1");
  assert.deepEqual([[END], [0, END], [5, 5, 5, 5, 5]].map(inWords), ["end", "0 end", "5 5 5 5 5 …"]);
  drawAnswers(drawn, [], { width: 300, prompt: "12" });
  assert.equal(all(div, "answers", "*").length, 0);
});

test("a lesson: right answers and mean reward, as far as they are known, each with its name", () => {
  const page = new Page(), { picture, drawLesson } = page.modules;
  const div = page.document.createElement("div"), drawn = picture(div);
  const lesson = { plan: { first: "graded", then: "exact" }, rewards: [0.1, 0.5, 0.9], right: [0, 0.2, 0.8] };
  const what = { width: 500, height: 338, upTo: 2, shown: 1, names: { graded: "g", exact: "e" } };
  const { x, y } = drawLesson(drawn, lesson, what);
  assert.deepEqual([x(0), x(300), y(0), y(1)], [38, 492, 288, 48]);
  const [reward, right] = all(div, "curves", "path");
  close(path(reward) ?? [], [x(0), y(0.1), x(1), y(0.5), x(2), y(0.9)], "J", 2e-3);
  close(path(right) ?? [], [x(0), y(0), x(1), y(0.2), x(2), y(0.8)], "right", 2e-3);
  assert.ok(right.classList.contains("x-right") && !reward.classList.contains("x-right"));
  assert.deepEqual(texts(all(div, "halves", "text")), ["g", "e"]);
  close(all(div, "halves", "text").flatMap((text) => at(text, "x")), [x(75), x(225)], "halves");
  close([...all(div, "change", "line"), ...all(div, "now", "line")].flatMap((mark) => at(mark, "x1", "x2")),
    [x(150), x(150), x(1), x(1)], "change, now");
  const names = all(div, "curves", "text"), places = () => names.map((text) => at(text, "y")[0]);
  assert.deepEqual(texts(names), ["J: mean reward", "right answers"]);
  close(places(), [y(0.9) - 26, y(0.9) - 8], "close together and down to the axis: both above");
  drawLesson(drawn, { ...lesson, rewards: [0, 0.02, 0.01], right: [0, 0, 0] }, what);
  close(places(), [y(0.02) - 26, y(0.02) - 8], "both near nothing: no name among the axis' numbers");
  drawLesson(drawn, { ...lesson, rewards: [0.6, 0.7, 0.9], right: [0.5, 0.7, 0.8] }, what);
  close(places(), [y(0.9) - 8, y(0.5) + 18], "close together: one above, one below all that is near");
  drawLesson(drawn, { ...lesson, right: [0, 0, 0.1] }, what);
  close(places(), [y(0.9) - 8, y(0.1) - 8], "each above its own");
  drawLesson(drawn, { ...lesson, rewards: [0.3, 0.5, 0.9], right: [0.3, 0.4, 0.95] }, what);
  close(places(), [y(0.3) + 18, y(0.95) - 8], "the other way round");
  drawLesson(drawn, lesson, { ...what, upTo: 0 });
  assert.deepEqual([all(div, "curves", "text").length, path(all(div, "curves", "path")[0])?.length], [0, 2]);
});

test("it is taught as it opens, looks back, and says what it shows", async () => {
  const page = new Page({ calm: true }), el = mount(page, { at: 40 });
  await page.rest();
  const { lesson } = el;
  assert.ok(lesson.done && page.frames.size === 0);
  const said = (/** @type {number} */ u) => ({
    updates: String(u), right: `${(100 * lesson.right[u]).toFixed(1)} %`,
    reward: lesson.rewards[u].toFixed(2), length: lesson.lengths[u].toFixed(1),
  });
  assert.deepEqual(readouts(el), said(40));
  el.at = 0;
  await page.rest();
  assert.deepEqual([readouts(el), el.lesson === lesson], [said(0), true]);
  assert.equal(readouts(el).right, "0.3 %");
  assert.deepEqual(texts(all(el, "answers", ".x-answer")),
    ["end", ...[0, 1, 2, 3, 4, 5].map((d) => `${d} end`), "0 0 end", "all others"]);
  const [one, two] = [...el.querySelectorAll("svg")].map((svg) => svg.getAttribute("aria-label"));
  assert.equal(one, "After update 0 the likeliest answer to 12 is end, with probability 0.14.");
  assert.equal(two, `After update 0 0.3 % of the answers are right; the mean reward is ${said(0).reward}.`);
  const sizes = () => [...el.querySelectorAll("svg")].map((svg) => at(svg, "width", "height"));
  assert.deepEqual(sizes(), [[288, 338], [408, 338]]);
  page.resize(500);
  await page.rest();
  assert.deepEqual(sizes(), [[500, 338], [500, 290]]);
});

test("an answer earns what the reward of its half pays", async () => {
  const page = new Page({ calm: true }), el = mount(page, { reward: "longer", later: "exact" });
  await page.rest();
  /** @param {number} update @param {(answer: number[]) => number} pays */
  const holds = (update, pays) => {
    el.at = update;
    const listed = el.listed();
    assert.equal(listed.length, 8);
    for (const { answer, reward } of listed) close(reward, pays(answer), String(answer));
  };
  const digits = (/** @type {number[]} */ answer) => answer.filter((token) => token < END).length / 5;
  holds(0, digits);
  holds(149, digits);
  holds(150, (answer) => Number(String(answer) === "2,1,6"));
});

test("a new reward for the second half leaves the first; other settings start over", async () => {
  const page = new Page({ calm: true }), el = mount(page);
  await page.rest();
  const { lesson } = el;
  el.later = "longer";
  assert.deepEqual([el.lesson === lesson, el.lesson.trained, el.lesson.plan.then], [false, 149, "longer"]);
  await page.rest();
  assert.ok(el.lesson.done);
  el.entropy = 0.1;
  el.seed = 3;
  assert.deepEqual([el.lesson.trained, el.lesson.plan.entropy, el.lesson.plan.seed], [-1, 0.1, 3]);
  el.answers = 3;
  el.reward = "longer";
  assert.deepEqual([el.lesson.plan.answers, el.lesson.plan.first], [3, "longer"]);
});

test("while it is taught the newest update is shown; where less motion is wished for, the first", async () => {
  for (const calm of [false, true]) {
    const page = new Page({ calm }), el = mount(page), { lesson } = el;
    lesson.train = () => lesson.step();
    await page.frame(4);
    assert.ok(lesson.trained >= 2 && !lesson.done && page.frames.size);
    assert.equal(readouts(el).updates, String(calm ? 0 : lesson.trained));
    assert.equal(path(all(el, "curves", "path")[0])?.length, 2 * (calm ? 1 : lesson.trained + 1));
    el.remove();
  }
  const page = new Page(), el = mount(page);
  page.tell("view", { isIntersecting: false });
  await page.frame(3);
  assert.deepEqual([el.lesson.trained, readouts(el).right, page.frames.size], [-1, "…", 0], "off screen it rests");
});

test("a prompt is typed: what is none yet is left alone, and put right when one leaves", async () => {
  const page = new Page({ calm: true }), el = mount(page, { at: 0 });
  await page.rest();
  const input = /** @type {any} */ (el.querySelector("input[type=text]"));
  assert.equal(input.closest("label").textContent, "Prompt: two digits, 0 to 5");
  assert.deepEqual([input.value, input.maxLength, input.dataset.lmSuppressShortcuts], ["12", 2, "true"]);
  for (const taken of ["focus", "mousedown"]) {
    input.setSelectionRange(1, 1);
    send(page, input, taken);
    assert.deepEqual([input.selectionStart, input.selectionEnd], [0, 2], taken);
  }
  for (const [text, prompt, bad] of [["4", "12", "true"], ["47", "12", "true"], ["45", "45", null]]) {
    input.value = text;
    send(page, input, "input");
    await page.rest();
    assert.deepEqual([input.value, el.prompt, input.getAttribute("aria-invalid")], [text, prompt, bad]);
    assert.equal(input.selectionStart, bad ? String(text).length : 0, "the next one takes its place");
  }
  assert.equal(texts(all(el, "heads", "text"))[0], "4 5 → right: 5 4 end");
  input.value = "9";
  send(page, input, "input");
  send(page, input, "blur");
  assert.deepEqual([input.value, input.getAttribute("aria-invalid")], ["45", null]);
  el.prompt = "03";
  await page.rest();
  assert.equal(input.value, "03");
  el.remove();
  input.value = "11";
  send(page, input, "input");
  assert.equal(el.prompt, "03");
});

test("the mark is dragged along the updates", async () => {
  const page = new Page({ calm: true }), el = mount(page);
  await page.rest();
  const grip = /** @type {any} */ (all(el, "grip", "circle")[1]);
  Object.assign(grip, { setPointerCapture() {}, hasPointerCapture: () => true });
  grip.getBoundingClientRect = () => ({ left: 0, right: 0, top: 0, bottom: 0 });
  grip.ownerSVGElement.getBoundingClientRect = () => ({ left: 0, top: 0 });
  send(page, grip, "pointerdown", { button: 0, clientX: 0, clientY: 0 });
  for (const [x, update] of [[el.scales.x(120), 120], [-500, 0], [5000, 300]]) {
    send(page, grip, "pointermove", { clientX: x, clientY: 0 });
    assert.equal(el.at, update);
  }
});

test("a guess covers the right answers, and stays beside them", async () => {
  const page = new Page({ calm: true }), el = mount(page);
  await page.rest();
  const press = (/** @type {string} */ text) => /** @type {HTMLElement} */ (
    [...el.querySelectorAll("button")].find((each) => each.textContent === text)).click();
  const covered = () => [...el.querySelectorAll("[data-covered]")].map((part) =>
    part.dataset.pgValue ?? part.dataset.layer ?? part.localName);
  press("Guess first");
  await page.rest();
  assert.deepEqual(covered(), ["right", "length", "answers", "path", "text"]);
  const told = () => [...el.querySelectorAll("svg[aria-label]")].map((svg) => svg.getAttribute("aria-label"));
  assert.ok(told().length >= 2 && told().every((/** @type {string} */ label) => label.startsWith("Covered")), "aloud, too");
  press("Reveal");
  await page.rest();
  assert.deepEqual(covered(), []);
  assert.ok(!told().some((/** @type {string} */ label) => label.startsWith("Covered")));
  const truth = `${(100 * el.lesson.right[300]).toFixed(0)} %`;
  assert.equal(el.querySelector(".x-guess [role=status]").textContent, `You guessed 50 %. It is ${truth}.`);
  const { x, y } = el.scales;
  close(path(all(el, "guess", ".x-guessed")[0]) ?? [], [x(150), y(0.5), x(300), y(0.5)], "the guess");
});

test("a guess is not answered before the lesson is over", async () => {
  const page = new Page({ calm: true }), el = mount(page);
  await page.rest();
  Object.defineProperty(el.lesson, "done", { value: false });
  for (const text of ["Guess first", "Reveal"]) {
    /** @type {HTMLElement} */ ([...el.querySelectorAll("button")].find((each) => each.textContent === text)).click();
  }
  await page.frame(1);
  const said = el.querySelector(".x-guess [role=status]").textContent;
  assert.equal(said, "You guessed 50 %. It is still being learned.");
});
