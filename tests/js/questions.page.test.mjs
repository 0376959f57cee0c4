/** The script of the questions on a small page, in jsdom: judging, keeping, ticking, moving. */

import assert from "node:assert/strict";
import { build } from "esbuild";
import { JSDOM } from "jsdom";
import test from "node:test";
import { fileURLToPath } from "node:url";

const { outputFiles: [{ text: SCRIPT }] } = await build({
  entryPoints: [fileURLToPath(new URL("../../book/pgbook/exercises/js/page.js", import.meta.url))],
  bundle: true, write: false, format: "iife",
});
const KEY = "pg-progress-1";
const NUMBER = { id: "1.a", kind: "number", answer: "1/4", within: 0.01, why: "So it is.", hint: "Think.",
  wrong: [["1/2", "Half of it."]] };
const CHOICE = { id: "1.b", kind: "choice", answer: 2, why: "Yes, two.", wrong: [[1, "No, one."]] };
const FORMULA = { id: "1.c", kind: "formula", answer: "p*(1-p)", variables: { p: [0.1, 0.9] },
  why: "A parabola.", hint: "Think.", wrong: [["p", "The rest."]] };

/** @param {{ id: string }} question @param {string} field */
const form = (question, field) => `<form class="pg-question" data-question='${JSON.stringify(question)}'>
  ${field}<button>Check</button><p role="status"></p><details><summary>Show</summary></details></form>`;
const TEXT = '<input name="answer"><span class="pg-read"></span>';
const BODY = form(NUMBER, TEXT) + form(CHOICE, ["1", "2"].map((place) =>
  `<label><input type="radio" name="answer" value="${place}">${place}</label>`).join("")) +
  form(FORMULA, TEXT) + `<input type="checkbox" data-id="1.1">
  <p data-of="1.a 1.b 1.c 1.1"></p><a data-id="1.b" aria-label="Question 1.b">b</a>
  <div class="pg-progress"><button data-do="export"></button><button data-do="import"></button>
  <input type="file"><button data-do="forget"></button><p role="status"></p></div>`;

/** @param {{ kept?: string, refuses?: boolean }} [given] */
const open = ({ kept, refuses } = {}) => {
  const { window } = new JSDOM(`<!doctype html><body>${BODY}</body>`,
    { url: "https://book.example/a.html", runScripts: "outside-only" });
  if (kept) window.localStorage.setItem(KEY, kept);
  if (refuses) window.Storage.prototype.setItem = () => {
    throw new Error("refused");
  };
  window.eval(SCRIPT);
  const { document } = window;
  const [number, choice, formula] = /** @type {HTMLFormElement[]} */ ([...document.forms]);
  /** @param {string} selector @param {ParentNode} [within] */
  const one = (selector, within = document) =>
    /** @type {any} */ (within.querySelector(selector));
  /** @param {HTMLFormElement} to @param {string} [text] */
  const answer = (to, text) => {
    if (text !== undefined) {
      one("input", to).value = text;
      one("input", to).dispatchEvent(new window.Event("input", { bubbles: true }));
    }
    to.dispatchEvent(new window.Event("submit", { cancelable: true }));
    return one("[role=status]", to).textContent;
  };
  const done = () => JSON.parse(window.localStorage.getItem(KEY) ?? "{}").done;
  return { window, document, number, choice, formula, one, answer, done };
};

test("a number: right, a slip, the hint, what cannot be read; the answer after two tries", () => {
  const { number, one, answer, done } = open();
  const details = one("details", number);
  assert.equal(details.hidden, true);
  assert.equal(answer(number, "").trim(), "Type an answer first.");
  assert.match(answer(number, "1/"), /At character 3: expected a number/);
  assert.equal(done(), undefined, "what cannot be read is no try");
  assert.equal(answer(number, "0,5"), "Not yet. Half of it.");
  assert.equal(details.hidden, true);
  assert.equal(answer(number, "7"), "Not yet. Think.");
  assert.equal(details.hidden, false);
  assert.equal(one("input", number).getAttribute("aria-invalid"), "true");
  assert.equal(answer(number, ".25"), "Right. So it is.");
  assert.equal(one("input", number).getAttribute("aria-invalid"), "false");
  assert.equal(details.hidden, true, "it says no more than the verdict");
  assert.deepEqual(done(), { "1.a": { tries: 3, right: true, last: ".25" } });
  assert.equal(answer(number, "7"), "Not yet. Think.");
  assert.equal(done()["1.a"].right, true, "what was right stays done");
});

test("a verdict is of the answer that was judged: another one makes it stale", () => {
  const { number, one, answer, window } = open();
  answer(number, "7");
  const verdict = one("[role=status]", number);
  assert.equal(verdict.className, "pg-said pg-wrong");
  one("input", number).dispatchEvent(new window.Event("input", { bubbles: true }));
  assert.equal(verdict.className, "pg-said pg-wrong pg-stale");
  answer(number, "1/4");
  assert.equal(verdict.className, "pg-said pg-right");
});

test("a choice: none, a wrong one, the right one", () => {
  const { choice, one, answer, done } = open();
  assert.equal(answer(choice).trim(), "Choose an answer first.");
  one("[value='1']", choice).checked = true;
  assert.equal(answer(choice), "Not yet. No, one.");
  one("[value='2']", choice).checked = true;
  assert.equal(answer(choice), "Right. Yes, two.");
  assert.deepEqual(done()["1.b"], { tries: 2, right: true, last: "2" });
});

test("what is typed is drawn as it was read", () => {
  const { number, formula, one, answer } = open();
  const drawn = (/** @type {string} */ text) => {
    answer(formula, text);
    const math = one("math", formula);
    return math ? math.innerHTML.replace(/ xmlns="[^"]*"/g, "") : one(".pg-read", formula).textContent;
  };
  const p = "<mi>p</mi>", one1 = "<mn>1</mn>";
  const boxed = (/** @type {string} */ inside) => `<mrow><mo>(</mo>${inside}<mo>)</mo></mrow>`;
  const less = `<mrow>${one1}<mo>−</mo>${p}</mrow>`;
  assert.equal(drawn("p(1-p)"), `<mrow>${p}<mo>·</mo>${boxed(less)}</mrow>`);
  assert.equal(drawn("1/(1-p)"), `<mfrac>${one1}${less}</mfrac>`);
  assert.equal(drawn("1/1-p"), `<mrow><mfrac>${one1}${one1}</mfrac><mo>−</mo>${p}</mrow>`);
  assert.equal(drawn("1-(1-p)"), `<mrow>${one1}<mo>−</mo>${boxed(less)}</mrow>`);
  assert.equal(drawn("(1-p)^2"), `<msup>${boxed(less)}<mn>2</mn></msup>`);
  assert.equal(drawn("(1/p)^2"), `<msup>${boxed(`<mfrac>${one1}${p}</mfrac>`)}<mn>2</mn></msup>`);
  assert.equal(drawn("-p^2"), `<mrow><mo>−</mo><msup>${p}<mn>2</mn></msup></mrow>`);
  assert.equal(drawn("p*-p"), `<mrow>${p}<mo>·</mo>${boxed(`<mrow><mo>−</mo>${p}</mrow>`)}</mrow>`);
  assert.equal(drawn("log(p)"), `<mrow><mi>log</mi><mo>(</mo>${p}<mo>)</mo></mrow>`);
  assert.equal(drawn("p+"), "At character 3: expected a number, a name or “(”, got the end.");
  assert.equal(drawn(""), "");
  const said = (/** @type {string} */ text) => {
    answer(number, text);
    return one(".pg-read", number).textContent;
  };
  assert.deepEqual(["2/3", "0.25", "-3", "1/0"].map(said), ["= 0.6667", "", "", "= Infinity"]);
});

test("the page remembers: answers, verdicts, ticks, the tally", () => {
  const before = open();
  before.answer(before.formula, "p - p^2");
  before.one("[value='1']", before.choice).checked = true;
  before.answer(before.choice);
  before.answer(before.choice);
  before.one("[data-id='1.1']").click();
  assert.equal(before.one("[data-of]").textContent, "2 of 4");
  const after = open({ kept: before.window.localStorage.getItem(KEY) ?? "" });
  assert.equal(after.one("[data-of]").textContent, "2 of 4");
  assert.equal(after.one("input", after.formula).value, "p - p^2");
  assert.equal(after.one("[role=status]", after.formula).textContent, "Right. A parabola.");
  assert.equal(after.one("[value='1']", after.choice).checked, true);
  assert.equal(after.one("details", after.choice).hidden, false);
  assert.equal(after.one("[data-id='1.1']").checked, true);
  assert.equal(after.one("a[data-id]").className, "");
  after.one("[value='2']", after.choice).checked = true;
  after.answer(after.choice);
  assert.equal(after.one("a[data-id]").getAttribute("aria-label"), "Question 1.b, done");
  assert.equal(after.one("a[data-id]").className, "pg-done");
  after.one("[data-id='1.1']").click();
  assert.equal(after.one("[data-of]").textContent, "2 of 4");
  assert.equal(after.done()["1.1"], undefined);
});

test("what lies in the storage and is no progress does no harm", () => {
  for (const kept of ["{", "null", '{"format":"pg-progress-1","done":{"1.a":{}}}']) {
    const { one, answer, number } = open({ kept });
    assert.equal(one("[data-of]").textContent, "0 of 4");
    assert.equal(answer(number, "1/4"), "Right. So it is.");
    assert.equal(one("[data-of]").textContent, "1 of 4");
  }
});

test("where the browser keeps nothing, the page still counts", () => {
  const { one, answer, number } = open({ refuses: true });
  answer(number, "1/4");
  assert.equal(one("[data-of]").textContent, "1 of 4");
});

/** Let promises and events pass. */
const turn = () => new Promise((done) => setTimeout(done, 0));

/** @param {ReturnType<typeof open>} page @param {string} text */
const imported = async ({ window, one }, text) => {
  const input = one("input[type=file]");
  Object.defineProperty(input, "files", { configurable: true, value: [{ text: async () => text }] });
  Object.defineProperty(input, "value", { configurable: true, value: "", writable: true });
  input.dispatchEvent(new window.Event("change"));
  await turn();
  return one(".pg-progress [role=status]").textContent;
};

test("progress is saved to a file, and a file is added to what is there", async () => {
  const from = open();
  from.answer(from.number, "1/4");
  /** @type {Blob[]} */
  const blobs = [];
  const saved = { href: "", name: "" };
  from.window.URL.createObjectURL = (/** @type {any} */ blob) => `blob:${blobs.push(blob)}`;
  from.window.URL.revokeObjectURL = () => {};
  from.window.HTMLAnchorElement.prototype.click = function () {
    Object.assign(saved, { href: this.href, name: this.download });
  };
  from.one("[data-do=export]").click();
  assert.deepEqual(saved, { href: "blob:1", name: "policy-gradients-progress.json" });
  const reader = new from.window.FileReader();
  const text = await new Promise((done) => {
    reader.onload = () => done(String(reader.result));
    reader.readAsText(blobs[0]);
  });
  const to = open();
  to.one("[data-id='1.1']").click();
  assert.equal(await imported(to, text), "Imported: 2 answers done.");
  assert.deepEqual(Object.keys(to.done()).sort(), ["1.1", "1.a"]);
  assert.equal(to.one("[data-of]").textContent, "2 of 4");
  assert.match(await imported(to, "<html>"), /expected JSON\. What you have done is as it was\.$/);
  assert.deepEqual(Object.keys(to.done()).sort(), ["1.1", "1.a"]);
});

test("the button of an import opens the file's field", () => {
  const { one, window } = open();
  let opened = 0;
  window.HTMLInputElement.prototype.click = () => (opened += 1);
  one("[data-do=import]").click();
  assert.equal(opened, 1);
});

test("all is forgotten when the reader says so twice", () => {
  const { one, answer, number, window, done } = open();
  const says = () => one(".pg-progress [role=status]").textContent;
  one("[data-do=forget]").click();
  assert.equal(says(), "There is nothing to forget.");
  answer(number, "1/4");
  /** @type {string[]} */
  const asked = [];
  window.confirm = (text) => asked.push(String(text)) > 1;
  one("[data-do=forget]").click();
  assert.equal(one("[data-of]").textContent, "1 of 4");
  one("[data-do=forget]").click();
  assert.deepEqual(asked, Array(2).fill("Forget 1 answer done, and every try?"));
  assert.deepEqual([says(), one("[data-of]").textContent, done()], ["Forgotten.", "0 of 4", {}]);
});
