/** The estimator's drawing: the cloud with its ellipse, and the error against N. */

import { scaleLinear, scaleLog } from "d3-scale";
import { CHI, exactError } from "../engine/estimator.js";
import { axisX, axisY, category, grouped, ink, picture } from "../ui/draw.js";

/** @typedef {import("../engine/estimator.js").Batches} Batches */
/** @typedef {import("./estimator.js").Facts} Facts */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {ReturnType<typeof picture>} Picture */

export const MOST = 1000;
const HALF = 0.9; // half of the cloud's frame at N = 10
const SQUARE = "M-5,-5h10v10h-10z", DISC = "M-5.5,0a5.5,5.5 0 1 0 11,0a5.5,5.5 0 1 0 -11,0";

/**
 * Two components of the estimates, the exact gradient, the ellipse that holds 95 %.
 * @param {Picture} picture @param {Box} box @param {Batches} own @param {Facts} facts
 * @param {boolean} magnify
 */
export function drawCloud(picture, box, { N, drawn }, { centre, xx, xy, yy }, magnify) {
  const half = HALF * (magnify ? Math.sqrt(10 / N) : 1);
  const x = scaleLinear([centre[0] - half, centre[0] + half], [box.x0, box.x1]);
  const y = scaleLinear([centre[1] - half, centre[1] + half], [box.y1, box.y0]);
  axisX(picture.layer("cloud-x"), x, { y: box.y1, label: "component for θ[0, 0, 0]", ticks: 4 });
  axisY(picture.layer("cloud-y"), y, { x: box.x0, label: "component for θ[1, 0, 0]", ticks: 5 });
  const inFrame = (/** @type {number} */ v, /** @type {number} */ c) => Math.abs(v - c) < half;
  const lines = [
    ...(inFrame(0, centre[0]) ? [`M${x(0)},${box.y0}V${box.y1}`] : []),
    ...(inFrame(0, centre[1]) ? [`M${box.x0},${y(0)}H${box.x1}`] : []),
  ];
  path(picture.layer("frame"), `M${box.x0},${box.y0}H${box.x1}V${box.y1}H${box.x0}z`)
    .attr("fill", "none").attr("stroke", "var(--x-line)");
  path(picture.layer("zero"), lines.join("")).attr("stroke", "var(--x-muted)")
    .attr("stroke-dasharray", "2 4");
  const marks = drawn.filter(([a, b]) => inFrame(a, centre[0]) && inFrame(b, centre[1]))
    .map(([a, b]) => `M${x(a).toFixed(1)},${y(b).toFixed(1)}h0`);
  path(picture.layer("dots").attr("class", category(0)), marks.join(""))
    .attr("class", "x-stroke").attr("stroke-width", 3.5).attr("stroke-opacity", 0.6);
  const low = Math.sqrt(xx), slant = xy / low, high = Math.sqrt(yy - slant * slant); // Cholesky
  const ring = Array.from({ length: 73 }, (_, k) => {
    const turn = (2 * Math.PI * k) / 72, wide = Math.sqrt(CHI / N);
    const u = Math.cos(turn) * wide, v = Math.sin(turn) * wide;
    return [centre[0] + low * u, centre[1] + slant * u + high * v];
  });
  const clip = (/** @type {number} */ v, /** @type {number} */ a, /** @type {number} */ b) =>
    Math.min(Math.max(v, Math.min(a, b)), Math.max(a, b));
  const outline = ring.map(([a, b]) =>
    `${clip(x(a), box.x0, box.x1)},${clip(y(b), box.y0, box.y1)}`).join("L");
  path(picture.layer("ellipse").attr("class", category(1)), `M${outline}z`)
    .attr("class", "x-stroke").attr("stroke-width", 2);
  const [cx, cy] = [x(centre[0]), y(centre[1])];
  const cross = picture.layer("cross").attr("class", ink("objective"));
  path(cross, `M${cx - 9},${cy}H${cx + 9}M${cx},${cy - 9}V${cy + 9}`)
    .attr("class", "x-stroke").attr("stroke-width", 2.5);
  picture.layer("cloud-key").selectAll("text").data([
    { term: ink("objective"), text: "+ exact ∇J", y: box.y1 - 46 },
    { term: category(1), text: "○ 95 %, from Σ/N", y: box.y1 - 28 },
    { term: category(0), text: "• one ĝ for each batch", y: box.y1 - 10 },
  ]).join("text").attr("class", (d) => `x-term x-halo ${d.term}`).attr("x", box.x1 - 9)
    .attr("text-anchor", "end")
    .attr("y", (d) => d.y).text((d) => d.text);
}

/**
 * The error against N on logarithmic axes: the exact line, a dot for each measured N.
 * @param {Picture} picture @param {Box} box @param {{ x: number, y: number }[]} dots
 * @param {Batches} own the batches of the slider's N @param {Facts} facts @param {boolean} repeat
 */
export function drawErrors(picture, box, dots, own, { sigma, length }, repeat) {
  const x = scaleLog([1, MOST], [box.x0, box.x1]), y = scaleLog([0.05, 4], [box.y1, box.y0]);
  const power = (/** @type {number} */ v) => grouped(v);
  axisX(picture.layer("error-x"), decades(x, [1, 10, 100, MOST]), {
    y: box.y1, label: "trajectories in a batch, N", format: power,
  });
  axisY(picture.layer("error-y"), decades(y, [0.1, 0.3, 1, 3]), {
    x: box.x0, label: "root mean square of ‖ĝ − ∇J‖", grid: box.x1 - box.x0, format: String,
  });
  const rate = (/** @type {number} */ N) => `${x(N)},${y(exactError(sigma, N))}`;
  path(picture.layer("rate").attr("class", category(1)), `M${rate(1)}L${rate(MOST)}`)
    .attr("class", "x-stroke").attr("stroke-width", 2);
  path(picture.layer("length").attr("class", ink("objective")),
    `M${box.x0},${y(length)}H${box.x1}`).attr("class", "x-stroke")
    .attr("stroke-dasharray", "6 4").attr("stroke-width", 1.5);
  const shape = repeat ? SQUARE : DISC;
  picture.layer("measured").attr("class", category(0)).selectAll("path").data(dots).join("path")
    .attr("class", "x-fill").attr("d", shape)
    .attr("transform", (d) => `translate(${x(d.x)},${y(d.y)})`);
  picture.layer("own").selectAll("circle").data(own.drawn.length ? [own] : []).join("circle")
    .attr("fill", "none").attr("stroke", "var(--x-ink)").attr("stroke-width", 2).attr("r", 10)
    .attr("cx", (d) => x(d.N)).attr("cy", (d) => y(d.error));
  picture.layer("error-key").selectAll("text").data([
    { term: category(1), text: "exact: σ/√N", x: x(70), y: y(0.33), anchor: "start" },
    { term: ink("objective"), text: "‖∇J‖", x: box.x1, y: y(length) - 8, anchor: "end" },
    {
      term: category(0), text: repeat ? "■ the same 4, repeated" : "● measured",
      x: box.x1, y: box.y0 + 14, anchor: "end",
    },
  ]).join("text").attr("class", (d) => `x-term x-halo ${d.term}`)
    .attr("text-anchor", (d) => d.anchor).attr("x", (d) => d.x).attr("y", (d) => d.y)
    .text((d) => d.text);
}

/** The one path of a group. @param {import("../ui/draw.js").Group} group @param {string} shape */
function path(group, shape) {
  return group.selectAll("path").data([shape]).join("path").attr("d", String);
}

/**
 * A logarithmic scale with ticks of our choice.
 * @param {import("d3-scale").ScaleLogarithmic<number, number>} scale @param {number[]} values
 */
function decades(scale, values) {
  return Object.assign(scale.copy(), { ticks: () => values, tickFormat: () => String });
}
