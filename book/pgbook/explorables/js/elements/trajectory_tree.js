/**
 * Chapter 4: every trajectory of a small world as a path in a tree. One is chosen: its probability
 * as a product of factors, its logarithm as a sum, each factor in the colour of who draws it.
 */

import { scaleLinear } from "d3-scale";
import { linkHorizontal } from "d3-shape";
import { CAT, EDGES, EVERY, goingPolicy, products, whole } from "../engine/tree.js";
import { h, readouts, resetButton, slider, toggle } from "../ui/controls.js";
import { fixed, ink, picture, spans } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { boolean, integer, number } from "../ui/properties.js";
import { DEPTHS, paintLog, paintProduct, SYMBOLS, termOf } from "./tree_chain.js";

/** @typedef {import("../engine/tree.js").Chain} Chain */

const PLACES = ["in", "out"], MOVES = ["stay", "go"];
const ROW = 14, TOP = 34, WIDEST = 20; // px: between leaves, above them, of an edge with p = 1
const FOOT = TOP + ROW * EVERY.length;
const TALL = FOOT + 172;
const LONGEST = 0.62; // no trajectory is likelier
const RAREST = 11; // −log p of every one is less

/** The world's draws are dashed. @param {Edge} edge */
const dashes = ({ depth }) => depth % 2 ? null : "5 2.5";

/** What was drawn at a depth, in words. @param {number} depth @param {number} value */
const word = (depth, value) => (depth % 2 ? MOVES : PLACES)[value];

/** The words of each trajectory, in the order of its draws. */
const WORDS = EVERY.map((_, i) => Array.from({ length: DEPTHS }, (_, depth) =>
  word(depth, EDGES.find((e) => e.depth === depth && e.first <= i && i <= e.last)?.value ?? 0)));

export class TrajectoryTree extends PgElement {
  static tag = "pg-tree";
  static label = "Explorable: every trajectory of a small world";
  static properties = {
    trajectory: integer(14, 1, EVERY.length),
    theta: number(0.5, -3, 3),
    postIndices: boolean(false),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      probability: { label: "p(τ) of the chosen path", widest: "0.0000",
        className: ink("probability") },
      log: { label: "log p(τ)", widest: "−00.00", className: ink("logprob") },
      sum: { label: "sum over all 32 paths", widest: "0.000" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    /** @type {number} the width for which the tree was laid out */
    this.laid = 0;
    this.pickWith(this.picture.node);
    const describe = (/** @type {number} */ i) => WORDS[i - 1].join(" ");
    const key = "Dashed: the world draws. Solid: the policy draws. Width: the probability of " +
      "getting this far. Click a path to choose it.";
    body.append(this.numbers.list, figure, h("p", { className: "x-key" }, key), h("div", {
      className: "x-controls",
    },
      slider(this, "trajectory", { label: "path τ", format: describe }),
      slider(this, "theta", {
        label: "θ: liking for going", step: 0.05, format: (v) => fixed(v, 2),
      }),
      h("div", { className: "x-row" },
        toggle(this, "postIndices", "the post’s indices (no factors of t = 0)"),
        resetButton(this)),
    ));
  }

  /** A click, a tap or a drag with the mouse chooses the nearest path. @param {SVGElement} svg */
  pickWith(svg) {
    svg.style.cursor = "pointer";
    /** @param {MouseEvent} event */
    const pick = (event) => {
      const { top, height } = svg.getBoundingClientRect();
      const y = (event.clientY - top) * (TALL / height);
      if (y < 0 || y > FOOT) return;
      const row = Math.floor((y - TOP) / ROW);
      this.set("trajectory", 1 + Math.min(EVERY.length - 1, Math.max(0, row)));
    };
    svg.addEventListener("click", pick, { signal: this.signal });
    svg.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && event.buttons & 1) pick(event);
    }, { signal: this.signal });
  }

  paint() {
    const policy = goingPolicy(CAT, Number(this.values.theta));
    const chains = products(CAT, policy, EVERY, this.values.postIndices ? 1 : 0);
    const chosen = Number(this.values.trajectory) - 1, p = whole(chains[chosen]);
    const sum = chains.reduce((total, chain) => total + whole(chain), 0);
    this.numbers?.show({
      probability: fixed(p, 4), log: fixed(Math.log(p), 2), sum: fixed(sum, 3),
    });
    const narrow = this.width < 600;
    if (!this.picture) return;
    this.picture.size(this.width, TALL, `A tree of 32 paths. The chosen one, ` +
      `${WORDS[chosen].join(", ")}, has probability ${fixed(p, 4)}. ` +
      `All add up to ${fixed(sum, 3)}.`);
    this.paintTree(chains, chosen, narrow);
    paintProduct(this.picture, chains[chosen], WORDS[chosen], { y: FOOT + 34, width: this.width });
    paintLog(this.picture, chains[chosen], RAREST, { y: FOOT + 94, width: this.width });
  }

  /** @param {Chain[]} chains @param {number} chosen @param {boolean} narrow */
  paintTree(chains, chosen, narrow) {
    const picture = /** @type {Picture} */ (this.picture);
    const end = this.width - (narrow ? 82 : 190);
    const x = (/** @type {number} */ depth) => 4 + (end - 4) * (depth + 1) / DEPTHS;
    if (this.laid !== this.width) this.layTree(x);
    this.laid = this.width;
    const width = (/** @type {Edge} */ e) =>
      Math.max(1, WIDEST * chains[e.first][e.depth].product);
    const on = (/** @type {Edge} */ e) => e.first <= chosen && chosen <= e.last;
    picture.layer("edges").selectAll("path").data(EDGES).attr("stroke-width", width);
    picture.layer("chosen").selectAll("path").data(EDGES.filter(on)).join("path")
      .attr("class", (e) => `x-stroke ${ink(termOf(e.depth))}`).style("stroke-linecap", "butt")
      .attr("stroke-dasharray", dashes).attr("stroke-width", width)
      .attr("d", (e) => this.paths?.[EDGES.indexOf(e)] ?? "");
    picture.layer("nodes").selectAll("text").data(EDGES).classed("x-muted", (e) => !on(e))
      .attr("font-weight", (e) => on(e) ? 700 : 400);
    this.paintHeads(x, narrow);
    this.paintLeaves(chains, chosen, end + 16, narrow);
  }

  /** What only the width changes: where edges and words stand. @param {(d: number) => number} x */
  layTree(x) {
    const picture = /** @type {Picture} */ (this.picture), link = linkHorizontal();
    const middle = (/** @type {Edge} */ e) => TOP + ROW * (e.first + e.last + 1) / 2;
    const paths = EDGES.map((edge) => {
      const { depth, first, last } = edge;
      const parent = EDGES.find((e) => e.depth === depth - 1 && e.first <= first && last <= e.last);
      const from = parent ? middle(parent) : TOP + ROW * EVERY.length / 2;
      return link({
        source: [x(depth - 1) + (depth ? 16 : 0), from], target: [x(depth) - 16, middle(edge)],
      }) ?? "";
    });
    this.paths = paths;
    picture.layer("edges").attr("opacity", 0.3).selectAll("path").data(EDGES).join("path")
      .attr("class", (e) => `x-stroke ${ink(termOf(e.depth))}`).style("stroke-linecap", "butt")
      .attr("stroke-dasharray", dashes).attr("d", (_, i) => paths[i]);
    picture.layer("chosen");
    picture.layer("nodes").selectAll("text").data(EDGES).join("text")
      .attr("text-anchor", "middle").style("font-size", "12px")
      .attr("x", (e) => x(e.depth)).attr("y", (e) => middle(e) + 4)
      .text((e) => word(e.depth, e.value));
  }

  /**
   * Over each gap, which factor it is.
   * @param {(depth: number) => number} x @param {boolean} narrow
   */
  paintHeads(x, narrow) {
    const picture = /** @type {Picture} */ (this.picture);
    picture.layer("heads").selectAll("text").data(SYMBOLS).join("text")
      .attr("class", (_, d) => `x-term ${ink(termOf(d))}`).attr("text-anchor", "middle")
      .attr("x", (_, d) => (x(d - 1) + x(d)) / 2).attr("y", 16)
      .attr("text-decoration", (_, d) => this.gone(d) ? "line-through" : null)
      .text((s, d) => narrow ? s : `${s} ${d % 2 ? "policy" : "world"}`);
  }

  /** Whether the factor of that depth is left out. @param {number} depth */
  gone(depth) {
    return Boolean(this.values.postIndices) && (depth === 1 || depth === 2);
  }

  /**
   * Beside each leaf a bar, as long as its trajectory is likely.
   * @param {Chain[]} chains @param {number} chosen @param {number} left @param {boolean} narrow
   */
  paintLeaves(chains, chosen, left, narrow) {
    const picture = /** @type {Picture} */ (this.picture);
    const length = scaleLinear([0, LONGEST], [0, this.width - left - 4]);
    const group = spans(picture.layer("leaves"), length).attr("class", ink("probability"));
    group.selectAll("rect").data(chains).join("rect").attr("class", "x-fill")
      .attr("x", left).attr("y", (_, i) => TOP + ROW * i + 2).attr("height", ROW - 4)
      .attr("opacity", (_, i) => i === chosen ? 1 : 0.45)
      .attr("width", (c) => Math.max(0.75, length(whole(c))));
    const p = whole(chains[chosen]), tip = left + length(p);
    const inside = tip + 46 > this.width;
    picture.layer("leaf-number").attr("class", ink("probability")).selectAll("text").data([p])
      .join("text").attr("class", "x-term x-halo").attr("font-weight", 700)
      .attr("text-anchor", inside ? "end" : "start")
      .attr("x", inside ? this.width : tip + 5).attr("y", TOP + ROW * chosen + ROW - 3)
      .text(fixed(p, 4));
    picture.layer("leaf-head").attr("class", ink("probability")).selectAll("text").data(["p(τ)"])
      .join("text").attr("class", "x-term").attr("x", left).attr("y", 16)
      .text((s) => narrow ? s : `${s}, the whole product`);
  }
}

/** @typedef {typeof EDGES[0]} Edge */
/** @typedef {ReturnType<typeof picture>} Picture */
