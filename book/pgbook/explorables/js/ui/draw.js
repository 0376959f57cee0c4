/** Small drawing helpers over d3's scales and shapes: an SVG that fits its element, axes, bands. */

import { axisBottom, axisLeft } from "d3-axis";
import { select } from "d3-selection";
import { categories, palette } from "./palette.js";

/** @typedef {import("./palette.js").Term} Term */
/** @typedef {import("d3-selection").Selection<SVGGElement, unknown, any, any>} Group */

/** Room at the left of a picture for an axis' numbers. */
export const MARGIN = 38;

/**
 * The class that gives a mark the colour of its term; marks use `currentColor`.
 * @param {Term} term
 */
export const ink = (term) => `tc-${palette[term].tex}`;

/**
 * The class that gives a mark the colour of a category: a rule, a setting, a run, a part of an error.
 * Whatever is no term of the derivation is one; within a figure the numbers start at 0.
 * @param {number} index
 */
export function category(index) {
  if (!categories[index]) throw new Error(`expected a category below ${categories.length}, got ${index}`);
  return `cat-${index}`;
}

/**
 * An SVG picture inside `parent`. @param {HTMLElement} parent
 */
export function picture(parent) {
  const svg = select(parent).append("svg").attr("role", "img");
  return {
    svg,
    node: /** @type {SVGSVGElement} */ (svg.node()),
    /** The group of that name, made when first asked for. @param {string} name @returns {Group} */
    layer(name) {
      const found = svg.select(`g[data-layer="${name}"]`);
      const made = found.empty() ? svg.append("g").attr("data-layer", name) : found;
      return /** @type {Group} */ (made);
    },
    /**
     * @param {number} width
     * @param {number} height
     * @param {string} says what one would read aloud
     */
    size(width, height, says) {
      svg.attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
      svg.attr("aria-label", says);
    },
  };
}

/**
 * Say what a scale reaches over, for tests: no control may rescale its own effect away. Axes say it
 * themselves. @param {Group} group @param {{ domain(): any[] }} scale
 */
export function spans(group, scale) {
  return group.attr("data-domain", scale.domain().join(" "));
}

/**
 * Ticks, faint grid lines and a label under a picture. @param {Group} group
 * @param {import("d3-axis").AxisScale<any>} scale
 * @param {{ y: number, label: string, ticks?: number, grid?: number, format?: (v: any) => string }} options
 *   y: where it stands; grid: how far up its lines go
 */
export function axisX(group, scale, { y, label, ticks = 5, grid = 0, format }) {
  const axis = axisBottom(scale).ticks(ticks).tickSizeOuter(0).tickSizeInner(grid ? -grid : 4);
  if (format) axis.tickFormat(format);
  spans(group, scale).classed("x-axis", true).attr("transform", `translate(0,${y})`);
  group.call(/** @type {any} */ (axis.tickPadding(7)));
  const [from, to] = scale.range();
  title(group, label, "middle").attr("x", (from + to) / 2).attr("y", 38);
}

/**
 * The same at the left; the label stands above. @param {Group} group
 * @param {import("d3-axis").AxisScale<any>} scale
 * @param {{ x: number, label: string, ticks?: number, grid?: number, format?: (v: any) => string }} options
 */
export function axisY(group, scale, { x, label, ticks = 5, grid = 0, format }) {
  const axis = axisLeft(scale).ticks(ticks).tickSizeOuter(0).tickSizeInner(grid ? -grid : 4);
  if (format) axis.tickFormat(format);
  spans(group, scale).classed("x-axis", true).attr("transform", `translate(${x},0)`);
  group.call(/** @type {any} */ (axis.tickPadding(7)));
  title(group, label, "start").attr("x", -MARGIN).attr("y", Math.min(...scale.range()) - 12);
}

/** @param {Group} group @param {string} label @param {string} anchor */
function title(group, label, anchor) {
  return group.selectAll("text.x-title").data([label]).join("text")
    .attr("class", "x-title").attr("text-anchor", anchor).text(String);
}

/**
 * A number as the book writes it: a real minus sign.
 * @param {number} value
 * @param {number} digits
 */
export function fixed(value, digits) {
  return value.toFixed(digits).replace("-", "−");
}

/** 12,345 @param {number} value */
export function grouped(value) {
  return Math.round(value).toLocaleString("en-GB");
}
