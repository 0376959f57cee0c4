/** Under the tree: one trajectory's factors, multiplied, and their logarithms, added. */

import { scaleLinear } from "d3-scale";
import { CAT, whole } from "../engine/tree.js";
import { axisX, fixed, ink } from "../ui/draw.js";

/** @typedef {import("../engine/tree.js").Chain} Chain */
/** @typedef {ReturnType<typeof import("../ui/draw.js").picture>} Picture */
/** @typedef {{ y: number, width: number }} Place */

/** The number of draws, 2T + 1. */
export const DEPTHS = 2 * CAT.horizon + 1;
export const SYMBOLS = ["ρ₀", "π₀", "P₀", "π₁", "P₁"];

/** The term of the draw at a depth. @param {number} depth */
export const termOf = (depth) => depth % 2 ? "policy" : "dynamics";

/** ρ₀(in), π(go | in), P(out | in, go). @param {string[]} path */
const names = (path) => path.map((here, d) => {
  if (d === 0) return `ρ₀(${here})`;
  const before = path[d - 1];
  return d % 2 ? `π(${here} | ${before})` : `P(${here} | ${path[d - 2]}, ${before})`;
});

/** @param {Picture} picture @param {Chain} chain @param {string[]} path @param {Place} place */
export function paintProduct(picture, chain, path, { y, width }) {
  const step = width / (DEPTHS + 1), at = (/** @type {number} */ d) => step * (d + 0.5);
  const called = width < 600 ? SYMBOLS : names(path);
  const cells = [...chain.map(({ value, absent }, d) => ({
    name: called[d], value: fixed(value, 2), sign: d ? "×" : "", className: ink(termOf(d)), absent,
  })), {
    name: "p(τ)", value: fixed(whole(chain), 4), sign: "=", className: ink("probability"),
    absent: false,
  }];
  const row = picture.layer("product").attr("transform", `translate(0,${y})`);
  for (const part of /** @type {const} */ (["name", "value"])) {
    row.selectAll(`text.${part}`).data(cells).join("text")
      .attr("class", (c) => `${part} x-term ${c.className}`).attr("text-anchor", "middle")
      .attr("x", (_, d) => at(d)).attr("y", part === "name" ? 0 : 22)
      .style("font-size", part === "name" ? "13px" : width < 600 ? "14px" : "16px")
      .attr("font-weight", part === "name" ? 400 : 600)
      .attr("text-decoration", (c) => c.absent ? "line-through" : null).text((c) => c[part]);
  }
  row.selectAll("text.sign").data(cells).join("text").attr("class", "sign")
    .attr("text-anchor", "middle").attr("x", (_, d) => at(d - 0.5)).attr("y", 22)
    .text((c) => c.absent ? "" : c.sign);
}

/**
 * The logarithm as one stacked bar; the world's pieces are striped.
 * @param {Picture} picture @param {Chain} chain
 * @param {number} longest -log p at the end of its axis
 * @param {Place} place
 */
export function paintLog(picture, chain, longest, { y, width }) {
  const height = 26, x = scaleLinear([0, longest], [6, width - 10]);
  let sum = 0;
  const pieces = chain.flatMap(({ value, absent }, d) => {
    if (absent) return [];
    const size = -Math.log(value), left = x(sum), right = x(sum += size);
    return [{ size, left, right, symbol: SYMBOLS[d], world: d % 2 === 0, ink: ink(termOf(d)) }];
  });
  const bar = picture.layer("bar");
  bar.selectAll("rect").data(pieces).join("rect")
    .attr("class", (c) => `x-fill ${c.ink}`)
    .attr("x", (c) => c.left + 0.5).attr("y", y).attr("height", height)
    .attr("width", (c) => Math.max(0, c.right - c.left - 1));
  const stripes = pieces.filter((c) => c.world).flatMap((c) => {
    const lines = [];
    for (let s = c.left + 6; s < c.right - 2; s += 7) lines.push(`M${s},${y}v${height}`);
    return lines;
  });
  picture.layer("stripes").selectAll("path").data([stripes.join("")]).join("path")
    .attr("stroke", "var(--x-paper)").attr("stroke-width", 1.5).attr("d", String);
  bar.selectAll("text").data(pieces.filter((c) => c.right - c.left > 19)).join("text")
    .attr("class", (c) => `x-term ${c.ink}`)
    .attr("text-anchor", "middle").attr("x", (c) => (c.left + c.right) / 2).attr("y", y - 7)
    .text((c) => c.symbol + (c.right - c.left > 70 ? ` ${fixed(c.size, 2)}` : ""));
  const label = width < 600 ? "−log p(τ)" : "−log p(τ), added piece by piece";
  axisX(picture.layer("bar-axis"), x, { y: y + height + 3, label, ticks: 6 });
}
