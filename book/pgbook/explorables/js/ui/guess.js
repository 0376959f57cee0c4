/**
 * Predict, then reveal: the reader marks a guess on the figure, by hand or with a slider, and what
 * answers it is covered until then. The guess stays beside the truth. A figure that nobody touches
 * covers nothing: so it prints, and so it stands where no script runs.
 */

import { button, h, valueShown } from "./controls.js";
import { handle } from "./drag.js";

/**
 * @typedef {object} Question
 * @property {string} ask the question, as a sentence
 * @property {string} label of what is guessed
 * @property {number} min
 * @property {number} max
 * @property {number} step
 * @property {(value: number) => string} format
 * @property {string[]} covers selectors of what answers it: layers, curves, numbers in view
 * @property {(x: number, y: number) => number | undefined} at the value at a place in the picture
 */

/** The line of a guess in the picture, and where the hand takes it: at its first end. */
/** @typedef {[number, number, number, number]} Line */

/**
 * The bar above a figure, and the mark in it.
 * @param {import("./element.js").PgElement} el
 * @param {ReturnType<typeof import("./draw.js").picture>} picture
 * @param {Question} question
 */
export function guess(el, picture, { ask, label, min, max, step, format, covers, at }) {
  let value = Number(((min + max) / 2).toFixed(9)), state = "closed";
  const shown = valueShown([min, max].map(format));
  const input = h("input", { type: "range", min: String(min), max: String(max), step: String(step) });
  input.dataset.lmSuppressShortcuts = "true";
  const said = h("p");
  said.setAttribute("role", "status");
  /** @param {string} next @param {HTMLElement} [focus] */
  const go = (next, focus) => {
    bar.dataset.state = state = next;
    el.invalidate();
    focus?.focus({ preventScroll: true });
  };
  /** @param {number} to */
  const set = (to) => {
    const near = min + Math.round((to - min) / step) * step;
    value = Number(Math.min(max, Math.max(min, near)).toFixed(9));
    el.invalidate();
  };
  input.addEventListener("input", () => set(Number(input.value)), { signal: el.signal });
  const reveal = button(el, "Reveal", () => go("told", again), "x-main");
  const again = button(el, "Guess again", () => go("open", input));
  const bar = h("div", { className: "x-guess x-steady" },
    h("div", {}, h("p", {}, ask), button(el, "Guess first", () => go("open", input))),
    h("div", {}, h("label", { className: "x-slider" }, h("span", {}, `Your guess: ${label}`), shown,
      input), reveal),
    h("div", {}, said, again));
  bar.dataset.state = state;
  const grip = handle(el, picture, "guess", (x, y) => set(at(x, y) ?? value));
  return {
    bar,
    close: () => go("closed"),
    /**
     * Cover what is to be guessed, and mark the guess; last in every paint.
     * @param {number} truth NaN: not known yet @param {(value: number) => Line} line
     */
    paint(truth, line) {
      const open = state === "open", marked = state !== "closed";
      el.querySelectorAll(covers.join(", ")).forEach((part) =>
        part.toggleAttribute("data-covered", open));
      if (open) {
        for (const svg of el.querySelectorAll("svg[aria-label]")) {
          svg.setAttribute("aria-label", `Covered while you guess. ${ask}`);
        }
      }
      input.value = String(value);
      input.style.setProperty("--x-at", `${(100 * (value - min)) / (max - min)}%`);
      input.setAttribute("aria-valuetext", shown.textContent = format(value));
      const answer = Number.isNaN(truth) ? "still being learned" : format(truth);
      const words = state === "told" ? `You guessed ${format(value)}. It is ${answer}.` : "";
      if (said.textContent !== words) said.textContent = words;
      const [x1, y1, x2, y2] = line(value), layer = picture.layer("guess");
      layer.selectAll(".x-guessed").data(marked ? [value] : []).join("path")
        .attr("class", "x-guessed").attr("d", `M${x1},${y1}L${x2},${y2}`);
      layer.selectAll("text").data(marked ? [value] : []).join("text")
        .attr("class", "x-halo").attr("text-anchor", x1 === x2 ? "middle" : "start")
        .attr("x", x1 === x2 ? x1 : x1 + 12).attr("y", x1 === x2 ? y1 - 12 : y1 - 8)
        .text("your guess");
      grip(x1, y1);
      layer.selectAll("circle").attr("display", open ? null : "none");
    },
  };
}
