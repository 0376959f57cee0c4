/** The two pictures of "old data": tokens with their ratios, and how the mean step lies ahead. */

import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import { ANSWERS, LONGEST } from "../engine/listed-model.js";
import { edges, own, weight } from "../engine/old-data.js";
import { axisX, axisY, category, fixed } from "../ui/draw.js";

/** @typedef {ReturnType<typeof import("../ui/draw.js").picture>} Picture */
/** @typedef {import("../engine/old-data.js").Rule} Rule */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {{ y: number, psi: number, omega: number[] }} Row an answer by its place in the list */
/** @typedef {{ angle: number, factor: number }} Turn */

export const ROW = 30; // px
const TEXT = 46, LETTER = 26; // px: left of the cells, left in a cell
const WIDEST = 4; // the ratios that a cell shows, and one over it
const TICKS = /** @type {Record<string, string>} */ ({ 0.25: "¼", 1: "1", 4: "4" });

/**
 * Answers of both signs, a token a cell: where its ratio lies, and whether it still pushes.
 * @param {Picture} picture @param {Box} box @param {Row[][]} blocks good answers, bad answers
 * @param {{ rule: Rule, epsilon: number }} what
 */
export function drawTokens(picture, box, blocks, { rule, epsilon }) {
  const wide = (box.x1 - box.x0 - TEXT) / LONGEST, gap = 34;
  const scales = Array.from({ length: LONGEST }, (_, t) => {
    const left = box.x0 + TEXT + t * wide + LETTER;
    return scaleLog([1 / WIDEST, WIDEST], [left, left + wide - LETTER - 8]).base(2).clamp(true);
  });
  const rows = blocks.flatMap((block, b) => block.map((row, i) => ({
    ...row, top: box.y0 + b * gap + (b * blocks[0].length + i + 0.5) * ROW,
  })));
  const bottom = rows[rows.length - 1].top + ROW / 2;
  scales.forEach((x, t) => axisX(picture.layer(`token-${t}`), x, {
    y: bottom, label: `token ${t + 1}`, ticks: 5, format: (v) => TICKS[v] ?? "",
  }));
  const heads = blocks.map((_, b) => ({
    text: b ? "Ψ < 0: pushed down" : "Ψ > 0: pushed up",
    y: box.y0 + b * (gap + blocks[0].length * ROW) - 7,
  }));
  picture.layer("heads").selectAll("text").data(heads).join("text").attr("class", "x-muted")
    .attr("x", box.x0).attr("y", ({ y }) => y).text(({ text }) => text);
  picture.layer("psi").selectAll("text").data(rows).join("text")
    .attr("x", box.x0).attr("y", ({ top }) => top + 5)
    .text(({ psi }) => (psi > 0 ? "+" : "") + fixed(psi, 2));
  const cells = rows.flatMap(({ y, psi, omega, top }) => rule.of(omega).map((ratio, t) => {
    const x = scales[t], used = weight(rule, ratio, psi, epsilon), [low, high] = edges(rule, psi, epsilon);
    return {
      top, x, ratio, used, alone: omega[t], letter: ANSWERS[y].text[t].replace(".", "end"),
      zones: [[1 / WIDEST, low], [high, WIDEST]].filter(([from, to]) => from < to),
    };
  }));
  const zones = cells.flatMap(({ zones: all, x, top }) =>
    all.map(([from, to]) => ({ from: x(from), to: x(to), top })));
  picture.layer("zones").selectAll("rect").data(zones).join("rect").attr("x", ({ from }) => from)
    .attr("width", ({ from, to }) => Math.max(0, to - from)).attr("y", ({ top }) => top - ROW / 2 + 3)
    .attr("height", ROW - 6).attr("fill", "var(--x-muted)").attr("fill-opacity", 0.16);
  picture.layer("ones").selectAll("line").data(cells).join("line").attr("stroke", "var(--x-line)")
    .attr("x1", ({ x }) => x(1)).attr("x2", ({ x }) => x(1))
    .attr("y1", ({ top }) => top - ROW / 2).attr("y2", ({ top }) => top + ROW / 2);
  picture.layer("letters").selectAll("text").data(cells).join("text")
    .attr("text-anchor", "end").attr("x", ({ x }) => x.range()[0] - 4)
    .attr("y", ({ top }) => top + 5).attr("class", ({ used }) => (used ? "" : "x-muted"))
    .text(({ letter }) => letter);
  const marks = picture.layer("marks").attr("class", category(0));
  marks.selectAll("line").data(cells.filter(({ used }) => used)).join("line")
    .attr("stroke", "currentColor").attr("stroke-width", 4)
    .attr("x1", ({ x }) => x(1)).attr("x2", ({ x, used }) => x(used))
    .attr("y1", ({ top }) => top).attr("y2", ({ top }) => top);
  marks.selectAll("circle").data(cells).join("circle").attr("r", 4.5).attr("stroke", "currentColor")
    .attr("stroke-width", 1.75).attr("cx", ({ x, ratio }) => x(ratio)).attr("cy", ({ top }) => top)
    .attr("fill", ({ used, ratio }) => (used === ratio ? "currentColor" : "var(--x-paper)"));
  const ticks = rule.of === own ? [] : cells;
  picture.layer("own").selectAll("line").data(ticks).join("line").attr("stroke", "var(--x-ink)")
    .attr("stroke-width", 1.5).attr("x1", ({ x, alone }) => x(alone)).attr("x2", ({ x, alone }) => x(alone))
    .attr("y1", ({ top }) => top - 8).attr("y2", ({ top }) => top + 8);
}

/**
 * How the mean step of a rule lies to the gradient, further and further ahead: turned above, its
 * length below, and the token's own ratio beside both. Returns the scales of the upper chart.
 * @param {Picture} picture @param {Box} box @param {number[]} distances
 * @param {{ turns: Turn[], plain: Turn[], far: number, here: Turn }} what
 */
export function drawCourse(picture, box, distances, { turns, plain, far, here }) {
  const x = scaleLog([distances[0], distances[distances.length - 1]], [box.x0, box.x1]).base(2);
  x.clamp(true);
  const tall = box.y1 - box.y0 - 50, middle = box.y0 + 0.6 * tall, grid = box.x1 - box.x0;
  const angle = scaleLinear([0, 180], [middle, box.y0]);
  angle.ticks = () => [0, 90, 180];
  const factor = scaleLinear([0, 1.4], [box.y1, box.y1 - 0.4 * tall]);
  axisY(picture.layer("turn-y"), angle, {
    x: box.x0, label: "turned, degrees (past 90: it points back)", ticks: 3, grid,
  });
  axisY(picture.layer("length-y"), factor, { x: box.x0, label: "length, ∇J = 1", ticks: 3, grid });
  const bare = { y: middle, label: "", ticks: 5, format: () => "" };
  axisX(picture.layer("turn-x"), x, bare);
  axisX(picture.layer("length-x"), x, { y: box.y1, label: "gradients ahead", ticks: 5,
    format: (v) => ([0.25, 1, 4, 16, 64].includes(v) ? String(v).replace("0.25", "¼") : "") });
  const curves = [
    { layer: "plain", all: plain, look: category(1), dash: "7 5", wide: 2 },
    { layer: "turned", all: turns, look: category(0), dash: "none", wide: 3 },
  ];
  for (const { layer, all, look, dash, wide } of curves) {
    const paths = [
      all.map((turn, i) => [x(distances[i]), angle(turn.angle)]),
      all.map((turn, i) => [x(distances[i]), factor(turn.factor)]),
    ].map((points) => line()(/** @type {[number, number][]} */ (points)));
    picture.layer(layer).attr("class", look).selectAll("path").data(paths).join("path")
      .attr("class", "x-stroke").attr("stroke-width", wide).attr("stroke-dasharray", dash)
      .attr("d", String);
  }
  picture.layer("now").selectAll("line").data([angle.range(), factor.range()]).join("line")
    .attr("stroke", "var(--x-muted)").attr("stroke-dasharray", "2 4").attr("x1", x(far))
    .attr("x2", x(far)).attr("y1", ([low]) => low).attr("y2", ([, high]) => high);
  picture.layer("here").attr("class", category(0)).selectAll("circle").data([here.factor])
    .join("circle").attr("class", "x-fill").attr("r", 5).attr("cx", x(far)).attr("cy", factor);
  return { x, angle };
}
