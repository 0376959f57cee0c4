/** Learning curves: every seed a thin line, their mean with its interval, one run over them. */

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { EVERY, MAX_EPISODES } from "../engine/ensemble.js";
import { THRESHOLD } from "../engine/reinforce.js";
import { axisX, axisY, category, grouped, MARGIN } from "../ui/draw.js";

/** @typedef {{ episodes: number, mean: number, low: number, high: number }} Point */
/** @typedef {{ name: string, points: Point[] }} Kept */
export const DASHES = ["7 5", "2 5", "12 4 2 4"];

/**
 * @param {ReturnType<typeof import("../ui/draw.js").picture>} picture
 * @param {{ width: number, height: number, runs: number[][], mean: Point[], kept: Kept[],
 *   watched: number[] }} what
 */
export function drawCurves(picture, { width, height, runs, mean, kept, watched }) {
  const x = scaleLinear([0, MAX_EPISODES], [MARGIN, width - 10]);
  const y = scaleLinear([0, 500], [height - 48, 30]);
  axisY(picture.layer("y"), y, {
    x: MARGIN, label: "mean return of the last 100 episodes", ticks: 5, grid: width - 10 - MARGIN,
  });
  axisX(picture.layer("x"), x, { y: height - 48, label: "episodes", ticks: 4, format: grouped });
  const seedLine = line(/** @param {number} _ @param {number} i */ (_, i) => x((i + 1) * EVERY), y);
  const meanLine = line(/** @param {Point} d */ (d) => x(d.episodes), (d) => y(d.mean));
  const clip = (/** @type {number} */ v) => y(Math.max(0, Math.min(500, v)));
  const right = (/** @type {Point} */ d) => x(d.episodes);
  const band = area(right, (d) => clip(d.low), (d) => clip(d.high));
  const seen = category(0);
  picture.layer("band").attr("class", seen).selectAll("path").data(mean.length ? [mean] : [])
    .join("path").attr("class", "x-fill").attr("opacity", 0.18).attr("d", band);
  picture.layer("seeds").attr("class", seen).selectAll("path").data(runs).join("path")
    .attr("class", "x-stroke").attr("stroke-width", 1).attr("opacity", 0.4).attr("d", seedLine);
  picture.layer("ends").attr("class", seen).selectAll("circle")
    .data(runs.filter((curve) => curve[curve.length - 1] >= THRESHOLD)).join("circle")
    .attr("class", "x-fill").attr("r", 2.6)
    .attr("cx", (d) => x(d.length * EVERY)).attr("cy", (d) => y(d[d.length - 1]));
  picture.layer("goal").selectAll("line").data([0]).join("line").attr("stroke", "var(--x-ink)")
    .attr("stroke-dasharray", "4 4").attr("x1", MARGIN).attr("x2", width - 10)
    .attr("y1", y(THRESHOLD)).attr("y2", y(THRESHOLD));
  picture.layer("goal").selectAll("text").data([`solved: ${THRESHOLD}`]).join("text")
    .attr("x", MARGIN + 4).attr("y", y(THRESHOLD) + 16)
    .attr("class", "x-halo").text(String);
  picture.layer("kept").attr("class", "x-muted").selectAll("path").data(kept).join("path")
    .attr("class", "x-stroke").attr("stroke-width", 2)
    .attr("stroke-dasharray", (_, i) => DASHES[i]).attr("d", (d) => meanLine(d.points));
  picture.layer("kept").selectAll("text").data(kept).join("text").attr("class", "x-halo")
    .attr("text-anchor", "end").attr("x", width - 14)
    .attr("y", (d) => Math.max(y(THRESHOLD) + 16, y(d.points[d.points.length - 1].mean) - 6))
    .text((d) => d.name);
  picture.layer("mean").attr("class", seen).selectAll("path").data(mean.length ? [mean] : [])
    .join("path").attr("class", "x-stroke").attr("stroke-width", 2.5).attr("d", meanLine);
  picture.layer("watched").selectAll("path").data([watched]).join("path").attr("fill", "none")
    .attr("stroke", "var(--x-ink)").attr("stroke-width", 2.5).attr("stroke-linejoin", "round")
    .attr("d", seedLine);
  picture.layer("watched").selectAll("circle").data(watched.length ? [watched] : []).join("circle")
    .attr("r", 5).attr("fill", "var(--x-ink)")
    .attr("stroke", "var(--x-paper)").attr("stroke-width", 2)
    .attr("cx", (d) => x(Math.min(d.length * EVERY, MAX_EPISODES)))
    .attr("cy", (d) => y(d[d.length - 1]));
}
