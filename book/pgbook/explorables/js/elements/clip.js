/**
 * Chapter 12: move the policy along its gradient. The true gain, the surrogate's promise and the
 * clipped promise part; on the right, every step that the old policy may take, with its ratio.
 */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { gradient, greedyTrap, softmaxPolicy } from "../engine/mdp.js";
import { clipped, free, Surrogate } from "../engine/surrogate.js";
import { RANDOM_THETA } from "../engine/worlds.js";
import { h, readouts, resetButton, slider, toggle } from "../ui/controls.js";
import { axisX, axisY, category, fixed, ink, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { boolean, number } from "../ui/properties.js";

const MDP = greedyTrap(4);
const OLD = softmaxPolicy(MDP, RANDOM_THETA);
const DATA = new Surrogate(MDP, OLD);
const SLOPE = gradient(MDP, OLD), LENGTH = Math.hypot(...SLOPE);
const LEAST = -3, MOST = 8, WIDEST = 2.6; // x, and the ratios that the right picture shows
const LINE = Array.from({ length: 111 }, (_, i) => LEAST + i / 10);

/** The policy x units up the gradient. @param {number} x */
const along = (x) =>
  softmaxPolicy(MDP, RANDOM_THETA.map((value, k) => value + (x * SLOPE[k]) / LENGTH));

const POLICIES = LINE.map(along);

/** @param {[number, number][]} points */
const path = (points) => line()(points);

export class Clip extends PgElement {
  static tag = "pg-clip";
  static label = "Explorable: the surrogate and its clip";
  static properties = {
    x: number(4, LEAST, MOST),
    epsilon: number(0.2, 0.05, 1),
    whole: boolean(false),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      gain: { label: "J: true gain", widest: "−0.00", className: ink("objective") },
      promise: { label: "promised gain", widest: "−0.00", className: category(0) },
      clipped: { label: "promised, clipped", widest: "−0.00", className: category(1) },
      gap: { label: "promise − J", widest: "0 (< 1e-12)" },
      stopped: { label: "steps past the clip", widest: "100 %" },
    });
    /** @type {Gains[]} the gains along the line, for the ε of `lined` */
    this.line = [];
    /** @type {number} */
    this.lined = NaN;
    const figure = h("div");
    this.picture = picture(figure);
    this.guess = guess(this, this.picture, {
      ask: "U promises more and more. How high does the clipped promise get?", label: "its height",
      min: 0, max: 1, step: 0.02, format: (v) => fixed(v, 2), at: (_, y) => this.upwards?.invert(y),
      covers: [".x-clipped", ...["steps", "shapes"].map((name) => `[data-layer=${name}]`),
        ...["clipped", "stopped"].map((name) => `[data-pg-value=${name}]`)],
    });
    body.append(this.guess.bar, this.numbers.list, figure, h("div", { className: "x-controls" },
      slider(this, "x", {
        label: "x: distance from the old", step: 0.1, format: (v) => fixed(v, 1),
      }),
      slider(this, "epsilon", {
        label: "ε: width of the clip", step: 0.05, format: (v) => fixed(v, 2),
      }),
      h("div", { className: "x-row" },
        toggle(this, "whole", "whole-trajectory ratios (12.1)"), resetButton(this)),
    ));
  }

  paint() {
    const x = Number(this.values.x), epsilon = Number(this.values.epsilon);
    const whole = Boolean(this.values.whole), policy = along(x);
    const now = DATA.gains(policy, epsilon), promise = whole ? now.whole : now.L;
    const steps = DATA.places.map(({ k, mass, advantage }) => {
      const ratio = policy[k] / OLD[k];
      return { ratio, mass, advantage, free: free(ratio, advantage, epsilon) };
    });
    const stopped = steps.reduce((sum, s) => sum + (s.free ? 0 : s.mass), 0) / MDP.horizon;
    const gap = promise - now.J;
    this.numbers?.show({
      gain: fixed(now.J, 2),
      promise: fixed(promise, 2),
      clipped: fixed(now.clip, 2),
      gap: Math.abs(gap) < 1e-12 ? "0 (< 1e-12)" : fixed(gap, 2),
      stopped: `${fixed(100 * stopped, 0)} %`,
    });
    const narrow = this.width < 600, gutter = 62, height = 330;
    const left = narrow ? this.width : Math.round((this.width - gutter) * 0.58);
    this.picture?.size(this.width, narrow ? 2 * height - 30 : height,
      `At distance ${fixed(x, 1)} the true gain is ${fixed(now.J, 2)}, the promise ` +
      `${fixed(promise, 2)}, the clipped promise ${fixed(now.clip, 2)}.`);
    const box = { x0: MARGIN, x1: left - 12, y0: 46, y1: height - 52 };
    this.paintLine(box, { x, epsilon, whole });
    const top = narrow ? height + 40 : 46, start = narrow ? MARGIN : left + gutter;
    const bottom = narrow ? 2 * height - 82 : height - 52;
    this.paintSteps({ x0: start, x1: this.width - 12, y0: top, y1: bottom }, steps, epsilon);
    const highest = Math.max(...(this.line ?? []).map(({ clip }) => clip));
    this.guess?.paint(highest, (value) => {
      const at = /** @type {Scale} */ (this.upwards)(value);
      return [box.x0, at, box.x1, at];
    });
  }

  /**
   * Left: gains along the gradient. @param {Box} box
   * @param {{ x: number, epsilon: number, whole: boolean }} setting
   */
  paintLine(box, { x: at, epsilon, whole }) {
    const picture = /** @type {Picture} */ (this.picture);
    const x = scaleLinear([LEAST, MOST], [box.x0, box.x1]);
    const y = this.upwards = scaleLinear([-0.8, 1.05], [box.y1, box.y0]);
    axisY(picture.layer("line-y"), y, {
      x: box.x0, label: "gain over the old policy", ticks: 5, grid: box.x1 - box.x0,
    });
    axisX(picture.layer("line-x"), x, { y: box.y1, label: "distance x", ticks: 6 });
    if (this.lined !== epsilon) this.line = POLICIES.map((policy) => DATA.gains(policy, epsilon));
    this.lined = epsilon; // x moves no curve
    const all = this.line ?? [];
    const here = DATA.gains(along(at), epsilon);
    const curves = [
      { look: ink("objective"), of: (/** @type {Gains} */ g) => g.J,
        name: "J", dash: "none", wide: 3 },
      { look: category(1), of: (/** @type {Gains} */ g) => g.clip,
        name: "clipped", dash: "2 4", wide: 2.5 },
      { look: category(0),
        of: (/** @type {Gains} */ g) => (whole ? g.whole : g.L),
        name: whole ? "" : "U", dash: "8 5", wide: 2.5 },
    ];
    /** @param {{ name: string }} curve */
    const mark = ({ name }) => (name === "clipped" ? "x-clipped" : "x-free");
    picture.layer("old").selectAll("line").data([0]).join("line").attr("x1", x(0)).attr("x2", x(0))
      .attr("y1", box.y0).attr("y2", box.y1).attr("stroke", "var(--x-muted)");
    picture.layer("old").selectAll("text").data(["old policy"]).join("text").attr("x", x(0) + 6)
      .attr("y", box.y1 - 8).attr("class", "x-muted").text(String);
    picture.layer("curves").selectAll("path").data(curves).join("path")
      .attr("class", (c) => `${mark(c)} x-stroke ${c.look}`).attr("stroke-width", (c) => c.wide)
      .attr("stroke-dasharray", (c) => c.dash)
      .attr("d", (c) => path(all.map((g, i) => [x(LINE[i]), y(c.of(g))])));
    picture.layer("dots").selectAll("circle").data(curves).join("circle")
      .attr("class", (c) => `${mark(c)} x-fill ${c.look}`).attr("r", 5).attr("cx", x(at))
      .attr("cy", (c) => y(c.of(here)));
    const end = all[all.length - 1], lifts = [-9, 19, -10]; // the clipped one below its line
    picture.layer("names").selectAll("text").data(curves).join("text")
      .attr("class", (c) => `${mark(c)} x-term x-halo ${c.look}`).attr("font-weight", 600)
      .attr("text-anchor", "end").attr("x", x(MOST) - 4)
      .attr("y", (c, i) => y(c.of(end)) + lifts[i])
      .text((c) => c.name);
  }

  /**
   * Right: each step that the old policy may take, as large as it is frequent, by its ratio; hollow
   * where the clip stopped it. @param {Box} box @param {Step[]} steps @param {number} epsilon
   */
  paintSteps(box, steps, epsilon) {
    const picture = /** @type {Picture} */ (this.picture);
    const x = scaleLinear([0, WIDEST], [box.x0, box.x1]).clamp(true);
    const middle = (box.y0 + box.y1) / 2, reach = (box.y1 - box.y0) / 2 - 14;
    axisX(picture.layer("steps-x"), x, { y: box.y1, label: "ratio ω", ticks: 5 });
    const zone = [{ from: 1 - epsilon, to: 1 + epsilon }];
    picture.layer("zone").selectAll("rect").data(zone).join("rect").attr("x", (d) => x(d.from))
      .attr("width", (d) => Math.max(0, x(d.to) - x(d.from))).attr("y", box.y0).attr("height", box.y1 - box.y0)
      .attr("fill", "var(--x-muted)").attr("fill-opacity", 0.14);
    const rows = [
      { name: "Ψ > 0: pushed up", sign: 1, y: middle - 6 },
      { name: "Ψ < 0: pushed down", sign: -1, y: middle + reach - 6 },
    ];
    const slopes = scaleLinear([0, WIDEST], [0, reach * 0.75]);
    const tall = { x: box.x0 - 16, y: (box.y0 + box.y1) / 2 };
    picture.layer("steps-y").selectAll("text").data(["clipped ω·Ψ"]).join("text")
      .attr("class", "x-muted").attr("text-anchor", "middle").attr("x", tall.x).attr("y", tall.y)
      .attr("transform", `rotate(-90 ${tall.x} ${tall.y})`).text(String);
    picture.layer("shapes").selectAll("path").data(rows).join("path")
      .attr("class", `x-stroke ${category(1)}`).attr("stroke-width", 2)
      .attr("d", (row) => path(Array.from({ length: 53 }, (_, i) => {
        const ratio = (i * WIDEST) / 52, value = clipped(ratio, row.sign, epsilon);
        return [x(ratio), row.y - slopes(row.sign > 0 ? value : WIDEST + value)];
      })));
    picture.layer("rows").selectAll("text").data(rows).join("text").attr("class", "x-muted")
      .attr("text-anchor", "end").attr("x", box.x1)
      .attr("y", (row) => row.y - reach * (row.sign > 0 ? 0.86 : 0.72) + 6).text((row) => row.name);
    picture.layer("steps").attr("class", category(0)).selectAll("circle").data(steps)
      .join("circle").attr("r", (s) => 2.5 + 7 * Math.sqrt(s.mass)).attr("cx", (s) => x(s.ratio))
      .attr("cy", (s) => {
        const up = s.advantage > 0, value = clipped(s.ratio, up ? 1 : -1, epsilon);
        return (up ? rows[0] : rows[1]).y -
          slopes(Math.max(0, Math.min(WIDEST, up ? value : WIDEST + value)));
      })
      .attr("fill", (s) => (s.free ? "currentColor" : "var(--x-paper)"))
      .attr("fill-opacity", (s) => (s.free ? 0.7 : 1))
      .attr("stroke", "currentColor").attr("stroke-width", 1.75);
    picture.layer("steps-key").selectAll("text").data(["filled: still pushes, hollow: stopped"])
      .join("text").attr("class", "x-muted").attr("text-anchor", "end").attr("x", box.x1)
      .attr("y", box.y0 - 14).text(String);
  }
}

/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {import("d3-scale").ScaleLinear<number, number>} Scale */
/** @typedef {ReturnType<Surrogate["gains"]>} Gains */
/** @typedef {{ ratio: number, mass: number, advantage: number, free: boolean }} Step */
/** @typedef {ReturnType<typeof picture>} Picture */
