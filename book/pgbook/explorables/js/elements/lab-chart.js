/** The lab's drawing: learning curves with their intervals, and the small bars above a slider. */

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { axisX, axisY, category, picture } from "../ui/draw.js";

/** @typedef {import("./lab-data.js").Bundle} Bundle */
/** @typedef {ReturnType<typeof picture>} Picture */
/** @typedef {(value: number) => number} Scale */

export const SOLVED = 475;
const TOP = 500;

/**
 * Kept curves: a letter, a colour and a dash each, so that the colour is never alone.
 * @type {{ letter: string, look: number, dash: string }[]} */
export const MARKS = [
  { letter: "A", look: 1, dash: "7 4" },
  { letter: "B", look: 2, dash: "2 4" },
  { letter: "C", look: 3, dash: "10 3 2 3" },
];

export const LIVE = 4; // the category of what was trained here

/**
 * What one picture holds.
 * @typedef {object} Scene
 * @property {number} width in pixels
 * @property {number[]} steps numbers of environment steps
 * @property {Bundle} now
 * @property {Bundle | null} live trained in the reader's kernel
 * @property {number[][]} kept mean curves to compare with
 * @property {string} says the picture in words
 */

/** @param {Picture} picture @param {Scene} scene */
export function drawCurves(picture, { width, steps, now, live, kept, says }) {
  const { layer, size } = picture, end = steps[steps.length - 1];
  const height = Math.round(Math.max(270, Math.min(360, width * 0.5)));
  const x = scaleLinear([0, end], [34, width - 46]);
  const y = scaleLinear([0, TOP], [height - 48, 30]);
  size(width, height, says);
  axisX(layer("x"), x, {
    y: y(0), label: "environment steps, thousands", ticks: width < 480 ? 4 : 6,
    format: (value) => String(value / 1000),
  });
  const label = "mean return of the last 100 episodes";
  axisY(layer("y"), y, { x: x(0), label, grid: x(end) - x(0) });
  const tip = now.mean[now.mean.length - 1], crowded = Math.abs(y(tip) - y(SOLVED)) < 14;
  threshold(picture, x(0), x(end), y(SOLVED), crowded ? "" : String(SOLVED));
  /** @param {number} i */
  const across = (i) => x(steps[i]);
  bundle(picture, "now", 0, now, across, y);
  bundle(picture, "live", LIVE, live, across, y);
  compare(picture, kept, across, y);
}

/**
 * @param {Picture} picture @param {number} from @param {number} to @param {number} at
 * @param {string} label
 */
function threshold(picture, from, to, at, label) {
  const group = picture.layer("threshold");
  group.selectAll("line").data([at]).join("line").attr("x1", from).attr("x2", to).attr("y1", at)
    .attr("y2", at).attr("stroke", "var(--x-ink)").attr("stroke-dasharray", "5 4");
  group.selectAll("text").data([at]).join("text").attr("x", to + 6).attr("y", at + 4).text(label);
}

/**
 * A thin line for each seed, their mean and its interval.
 * @param {Picture} picture @param {string} name @param {number} look @param {Bundle | null} bundle
 * @param {Scale} x of the i-th step @param {Scale} y
 */
function bundle(picture, name, look, bundle, x, y) {
  const group = picture.layer(name).attr("class", category(look)), mean = bundle?.mean ?? [];
  const { lower = [], upper = [] } = bundle ?? {};
  const path = line((_, i) => x(i), (value) => y(Number(value)));
  const between = area((_, i) => x(i), (_, i) => y(lower[i]), (_, i) => y(upper[i]));
  group.selectAll("path.band").data([mean]).join("path").attr("class", "band x-fill")
    .attr("fill-opacity", 0.18).attr("d", /** @type {any} */ (between));
  group.selectAll("path.seed").data(bundle?.curves ?? []).join("path")
    .attr("class", "seed x-stroke").attr("stroke-width", 1).attr("stroke-opacity", 0.55)
    .attr("d", (curve) => path(/** @type {any} */ (curve)));
  group.selectAll("path.mean").data([mean]).join("path").attr("class", "mean x-stroke")
    .attr("stroke-width", 3).attr("d", /** @type {any} */ (path));
  const tip = mean.length - 1, label = name === "now" ? String(Math.round(mean[tip])) : "yours";
  group.selectAll("text").data(mean.length ? [label] : []).join("text")
    .attr("class", "x-term x-halo").attr("font-weight", 600).attr("x", x(tip) + 6)
    .attr("y", y(mean[tip]) + 4).text(String);
}

/**
 * The kept curves' means, each with its letter at the end.
 * @param {Picture} picture @param {number[][]} kept @param {Scale} x of the i-th step
 * @param {Scale} y
 */
function compare(picture, kept, x, y) {
  const path = line((_, i) => x(i), (value) => y(Number(value)));
  const rows = kept.map((mean, i) => ({ ...MARKS[i], mean }));
  const marks = picture.layer("kept").selectAll("g").data(rows).join("g")
    .attr("class", ({ look }) => category(look));
  marks.selectAll("path").data((row) => [row]).join("path").attr("class", "x-stroke")
    .attr("stroke-width", 2.25).attr("stroke-dasharray", ({ dash }) => dash)
    .attr("d", ({ mean }) => path(/** @type {any} */ (mean)));
  marks.selectAll("text").data((row) => [row]).join("text").attr("class", "x-term x-halo")
    .attr("font-weight", 600).attr("x", ({ mean }) => x(mean.length - 1) + 30)
    .attr("y", ({ mean }) => y(mean[mean.length - 1]) + 4).text(({ letter }) => letter);
}

/**
 * A bar for each stop of a slider, as high as the curve ends there; the present one is filled.
 * @param {HTMLElement} row @param {number[]} ends @param {number} at the present stop
 */
export function drawEnds(row, ends, at) {
  while (row.children.length < ends.length) row.append(document.createElement("span"));
  ends.forEach((end, i) => {
    const bar = /** @type {HTMLElement} */ (row.children[i]);
    bar.style.cssText = "border: 1.5px solid; border-radius: 2px 2px 0 0; width: 0.75rem;" +
      `background: ${i === at ? "currentColor" : "none"}; height: ${(100 * end) / TOP}%`;
  });
}
