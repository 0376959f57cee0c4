/**
 * The questions of a page, answered without a kernel, and what the reader has done. The page is
 * whole without this script: then it shows the questions, and the answers on request.
 */

import { Unread, draw, read, value } from "./formula.js";
import { judge, names } from "./judge.js";
import { drop, keep, load, merged, note, parsed, written } from "./progress.js";

/** @typedef {import("./judge.js").Question} Question */

const ENOUGH = 2; // tries, after which the answer may be seen
const FILE = "policy-gradients-progress.json";

/** @template {Element} T @param {string} selector @param {ParentNode} within @returns {T[]} */
const all = (selector, within = document) =>
  /** @type {T[]} */ ([...within.querySelectorAll(selector)]);
/** @template {Element} T @param {string} selector @param {ParentNode} [within] @returns {T} */
const one = (selector, within) => /** @type {T} */ (all(selector, within)[0]);

/** Say how an answer that is being typed was read. @param {Question} question
 * @param {string} text @param {Element} place */
const preview = (question, text, place) => {
  try {
    if (!text.trim()) return place.replaceChildren();
    const tree = read(text, names(question));
    if (question.kind === "number") {
      const plain = tree[0] === "number" || (tree[0] === "-" && tree[1][0] === "number");
      return place.replaceChildren(plain ? "" : `= ${Number(value(tree, {}).toPrecision(4))}`);
    }
    const math = document.createElementNS("http://www.w3.org/1998/Math/MathML", "math");
    math.append(draw(tree));
    place.replaceChildren("Read as ", math);
  } catch (error) {
    place.replaceChildren(/** @type {Error} */ (error).message);
  }
};

/** @param {HTMLFormElement} form */
const ask = (form) => {
  /** @type {Question} */
  const question = JSON.parse(form.dataset.question ?? "");
  const verdict = /** @type {HTMLElement} */ (one("[role=status]", form));
  const answer = /** @type {HTMLElement} */ (one("details", form));
  const input = /** @type {HTMLInputElement | undefined} */ (one("input:not([type])", form));
  const given = () => String(new FormData(form).get("answer") ?? "");

  /** @param {"right" | "wrong" | "unread"} kind @param {string} text */
  const say = (kind, text) => {
    verdict.className = `pg-said pg-${kind}`;
    const head = document.createElement("b");
    head.textContent = { right: "Right.", wrong: "Not yet.", unread: "" }[kind];
    verdict.replaceChildren(head, " ", text);
    input?.setAttribute("aria-invalid", String(kind !== "right"));
  };
  /** @param {number} tries @param {boolean} right */
  const offer = (tries, right) => (answer.hidden = right || tries < ENOUGH);
  /** Judge; what cannot be read is no try. @returns {boolean | null} */
  const check = () => {
    if (!given().trim()) {
      say("unread", input ? "Type an answer first." : "Choose an answer first.");
      return null;
    }
    try {
      const { right, says } = judge(question, given());
      say(right ? "right" : "wrong", says);
      return right;
    } catch (error) {
      if (!(error instanceof Unread)) throw error;
      say("unread", error.message);
      return null;
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const right = check();
    if (right === null) return;
    const had = load()[question.id];
    const tries = (had?.tries ?? 0) + 1;
    note(question.id, { tries, right: right || !!had?.right, last: given() });
    offer(tries, right);
    paint();
  });
  form.addEventListener("input", () => {
    verdict.classList.add("pg-stale"); // it speaks of another answer
    if (input) preview(question, input.value, one(".pg-read", form));
  });

  const had = load()[question.id];
  answer.hidden = true;
  if (!had) return;
  if (input) input.value = had.last;
  else all("input", form).forEach((each) => {
    const radio = /** @type {HTMLInputElement} */ (each);
    radio.checked = radio.value === had.last;
  });
  check();
  offer(had.tries, had.right);
};

/** @param {HTMLInputElement} box */
const tick = (box) =>
  box.addEventListener("change", () => {
    const id = box.dataset.id ?? "";
    if (box.checked) note(id, { right: true });
    else drop(id);
    paint();
  });

/** Say on this page what was done. */
const paint = () => {
  const done = load();
  const right = (/** @type {string} */ id) => !!done[id]?.right;
  for (const box of all("input[data-id]")) {
    const tickbox = /** @type {HTMLInputElement} */ (box);
    tickbox.checked = right(tickbox.dataset.id ?? "");
  }
  for (const link of all("a[data-id]")) {
    const { dataset } = /** @type {HTMLElement} */ (link);
    const is = right(dataset.id ?? "");
    link.classList.toggle("pg-done", is);
    link.ariaLabel = `${link.ariaLabel?.replace(/, done$/, "")}${is ? ", done" : ""}`;
  }
  for (const tally of all("[data-of]")) {
    const ids = /** @type {HTMLElement} */ (tally).dataset.of?.split(" ") ?? [];
    tally.textContent = `${ids.filter(right).length} of ${ids.length}`;
  }
};

/** The buttons below the table of chapters. @param {HTMLElement} bar */
const manage = (bar) => {
  const says = /** @type {HTMLElement} */ (one("[role=status]", bar));
  const file = /** @type {HTMLInputElement} */ (one("input[type=file]", bar));
  /** @param {string} name @param {() => void} act */
  const on = (name, act) => one(`[data-do=${name}]`, bar).addEventListener("click", act);
  const much = () => {
    const count = Object.values(load()).filter(({ right }) => right).length;
    return `${count} ${count === 1 ? "answer" : "answers"}`;
  };

  on("export", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([written(load())], { type: "application/json" }));
    link.download = FILE;
    link.click();
    URL.revokeObjectURL(link.href);
    says.textContent = `Saved as ${FILE}.`;
  });
  on("import", () => file.click());
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    if (!chosen) return;
    try {
      const kept = keep(merged(load(), parsed(await chosen.text())));
      says.textContent = `Imported: ${much()} done.${kept ? "" : " This browser keeps nothing."}`;
    } catch (error) {
      says.textContent = `${/** @type {Error} */ (error).message} What you have done is as it was.`;
    }
    file.value = "";
    paint();
  });
  on("forget", () => {
    if (!Object.keys(load()).length) says.textContent = "There is nothing to forget.";
    else if (confirm(`Forget ${much()} done, and every try?`)) {
      keep({});
      says.textContent = "Forgotten.";
      paint();
    }
  });
};

/** @type {HTMLFormElement[]} */ (all("form.pg-question")).forEach(ask);
/** @type {HTMLInputElement[]} */ (all("input[data-id]")).forEach(tick);
/** @type {HTMLElement[]} */ (all(".pg-progress")).forEach(manage);
addEventListener("storage", paint); // from another page of the book
paint();
