/** The compass' dial: the gradient up, rule A's mean update to the right of it, rule B's to the left. */

import { arc } from "d3-shape";
import { REACH, WIDEST } from "../engine/compass.js";
import { ink } from "../ui/draw.js";

const RINGS = [0.5, 1, 1.5];
const TICKS = [10, 20, 30, 45, 60, 75, 90];
const NAMED = [10, 20, 30, 45, 60, 90];
const HEAD = 11; // of an arrow

/** @param {Picture} picture @param {Dial} dial @param {Arm[]} arms */
export function drawDial(picture, dial, arms) {
  const { x, y, r } = dial, end = (WIDEST * Math.PI) / 180;
  const curve = (/** @type {number} */ d) => arc()({
    innerRadius: (d / REACH) * r, outerRadius: (d / REACH) * r, startAngle: -end, endAngle: end,
  });
  picture.layer("rings").selectAll("path").data([...RINGS, REACH]).join("path")
    .attr("fill", "none").attr("stroke", "var(--x-line)")
    .attr("stroke-width", (d) => (d === 1 ? 2.5 : 1.25))
    .attr("transform", `translate(${x},${y})`).attr("d", curve);
  const marks = [...TICKS.map((d) => -d), 0, ...TICKS];
  picture.layer("ticks").selectAll("line").data(marks).join("line")
    .attr("stroke", "var(--x-muted)")
    .attr("x1", (d) => at(dial, d, r)[0]).attr("y1", (d) => at(dial, d, r)[1])
    .attr("x2", (d) => at(dial, d, r + 5)[0]).attr("y2", (d) => at(dial, d, r + 5)[1]);
  const named = [...NAMED.map((d) => -d), 0, ...NAMED];
  picture.layer("degrees").selectAll("text").data(named).join("text").attr("class", "x-muted")
    .attr("text-anchor", "middle").attr("x", (d) => at(dial, d, r + 18)[0])
    .attr("y", (d) => at(dial, d, r + 18)[1] + 4).text((d) => `${Math.abs(d)}°`);
  picture.layer("ring-names").selectAll("text").data([0.5, 1, 1.5]).join("text").attr("class", "x-muted")
    .attr("text-anchor", "middle").attr("x", (d) => at(dial, WIDEST, (d / REACH) * r)[0])
    .attr("y", (d) => at(dial, WIDEST, (d / REACH) * r)[1] + 15).text((d) => `× ${d}`);
  drawTruth(picture, dial);
  for (const arm of arms) drawArm(picture, dial, arm);
}

/** A place on the dial. @param {Dial} dial @param {number} degrees @param {number} far in pixels */
function at({ x, y }, degrees, far) {
  const turn = (degrees * Math.PI) / 180;
  return [x + Math.sin(turn) * far, y - Math.cos(turn) * far];
}

/** The true gradient: wide and pale, so that an arrow that lies on it is seen.
 * @param {Picture} picture @param {Dial} dial */
function drawTruth(picture, dial) {
  const group = picture.layer("truth").attr("class", ink("objective")), far = dial.r / REACH;
  group.selectAll("line").data([0]).join("line").attr("class", "x-stroke")
    .attr("stroke-width", 9).attr("stroke-opacity", 0.35).attr("x1", dial.x).attr("x2", dial.x)
    .attr("y1", dial.y).attr("y2", dial.y - far + 14);
  group.selectAll("path").data([0]).join("path").attr("class", "x-fill")
    .attr("fill-opacity", 0.45).attr("d", "M0,0 L13,19 L-13,19 Z")
    .attr("transform", `translate(${dial.x},${dial.y - far})`);
  group.selectAll("text").data(["∇J"]).join("text").attr("class", "x-halo x-term")
    .attr("font-weight", 600).attr("text-anchor", "middle").attr("x", dial.x)
    .attr("y", dial.y - far - 9).text(String);
}

/** @param {Picture} picture @param {Dial} dial @param {Arm} arm */
function drawArm(picture, dial, { letter, side, now }) {
  const far = (now.length / REACH) * dial.r, degrees = side * now.angle;
  const group = picture.layer(`arm-${letter}`), tail = at(dial, degrees, Math.max(0, far - HEAD));
  group.selectAll("line").data([0]).join("line").attr("class", "x-stroke")
    .attr("stroke-width", 2.5).attr("stroke-dasharray", side < 0 ? "7 5" : null)
    .attr("x1", dial.x).attr("y1", dial.y).attr("x2", tail[0]).attr("y2", tail[1]);
  const [x, y] = at(dial, degrees, far);
  group.selectAll("path").data([0]).join("path").attr("class", "x-fill")
    .attr("d", `M0,0 L5.5,${HEAD} L-5.5,${HEAD} Z`)
    .attr("transform", `translate(${x},${y}) rotate(${degrees})`);
  const middle = at(dial, degrees, far * 0.6), off = (degrees * Math.PI) / 180;
  group.selectAll("text").data([letter]).join("text").attr("class", "x-halo")
    .attr("font-weight", 600).attr("text-anchor", "middle")
    .attr("x", middle[0] + side * 15 * Math.cos(off))
    .attr("y", middle[1] + side * 15 * Math.sin(off) + 5).text(String);
}

/** @typedef {{ x: number, y: number, r: number }} Dial */
/** @typedef {import("./compass.js").Arm} Arm */
/** @typedef {ReturnType<typeof import("../ui/draw.js").picture>} Picture */
