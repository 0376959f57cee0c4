/**
 * What is drawn, kept to be compared: a file of tests/js holds the pictures of one test file.
 * After a change that is meant, look at the book and write it anew, with UPDATE=1 before the node
 * --test of that file.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { close } from "./shared.mjs";

/** @typedef {Record<string, [string, number, number]>} Marks words and numbers of each part */

/**
 * What a reader sees, part by part: a hash of the marks and words, and two sums of the numbers in
 * them, so that a last digit does not matter. @param {Element} el @returns {Marks}
 */
export function marks(el) {
  const copy = /** @type {Element} */ (el.cloneNode(true));
  copy.querySelector(".x-said")?.remove(); // what was told last
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

/** The pictures of a file, as a function that holds one to it. @param {string} name */
export function album(name) {
  const file = new URL(`./${name}.json`, import.meta.url);
  const update = Boolean(process.env.UPDATE);
  /** @type {Record<string, Marks>} */
  const pictures = JSON.parse(readFileSync(file, "utf8")); // an update of some tests keeps the rest
  if (update) process.on("exit", () => writeFileSync(file, `${JSON.stringify(pictures)}\n`));
  return (/** @type {string} */ title, /** @type {Element} */ el) => {
    const ours = marks(el), theirs = pictures[title] ?? {};
    if (update) {
      pictures[title] = ours;
      return;
    }
    assert.deepEqual(Object.keys(ours), Object.keys(theirs), `${title}: layers`);
    for (const [part, [words, mean, size]] of Object.entries(ours)) {
      const [wanted, ...sums] = theirs[part];
      assert.equal(words, wanted, `${title}: what ${part} is made of`);
      close([mean, size], sums, `${title}: numbers in ${part}`, 1e-9);
    }
  };
}
