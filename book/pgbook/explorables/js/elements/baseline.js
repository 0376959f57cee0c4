/**
 * Chapter 9: the exact variance of the estimate against a constant baseline b, a parabola, and
 * beside it the mean of the estimate, which stays on ∇J until the baseline sees what it should not.
 */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { baselineParts, BATCH, meanAt, parabola, varianceAt } from "../engine/baselines.js";
import { enumerateTrajectories, greedyTrap } from "../engine/mdp.js";
import { choices, h, readouts, resetButton, slider } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { axisX, axisY, fixed, ink, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { choice, number } from "../ui/properties.js";
import { policyAt } from "./objective.js";

/** @typedef {import("../engine/baselines.js").Parabola} Parabola */
/** @typedef {import("../engine/baselines.js").Sees} Sees */

const MDP = greedyTrap(4);
const EVERY = enumerateTrajectories(MDP);
const LOW = 0, HIGH = 4.5, TOP = 5; // of b, and of the variance: room for every setting
const LEAST = -0.8, MOST = 0.7; // of the mean's axis; what lies beyond is an arrow with its number
const EPISODES = 100; // in the batch whose scatter the right picture shows

/** θ moves one logit: walking on at the crossroads, at every step. */
const DIRECTION = Float64Array.from(
  { length: MDP.horizon * MDP.states * MDP.actions },
  (_, k) => Number(k % (MDP.states * MDP.actions) === 1),
);

export class Baseline extends PgElement {
  static tag = "pg-baseline";
  static label = "Explorable: the baseline";
  static properties = {
    baseline: number(0, LOW, HIGH),
    offset: number(0, 0, 0.5),
    theta: number(-1, -3, 3),
    sees: choice("nothing", ["nothing", "action", "return"]),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      variance: { label: "variance at b", widest: "0.000" },
      least: { label: "least", widest: "0.000" },
      best: { label: "at b* =", widest: "10.00" },
      J: { label: "mean return", widest: "0.00", className: ink("objective") },
      residual: { label: "bias", widest: "0.000", className: ink("expectation") },
    });
    const figure = h("div");
    this.picture = picture(figure);
    const two = (/** @type {number} */ v) => fixed(v, 2);
    this.guess = guess(this, this.picture, {
      ask: "At which b is the variance least?", label: "b", min: LOW, max: HIGH, step: 0.05,
      format: two, at: (x) => this.across?.invert(x),
      covers: [...["curve", "honest", "best", "grip", "whisker"].map((name) => `[data-layer=${name}]`),
        ...["variance", "least", "best"].map((name) => `[data-pg-value=${name}]`)],
    });
    this.grip = handle(this, this.picture, "grip", (x) => this.dragged(x));
    body.append(this.guess.bar, this.numbers.list, figure, h("div", { className: "x-controls" },
      slider(this, "baseline", { label: "b: the baseline", step: 0.05, format: two }),
      slider(this, "offset", { label: "added to every reward", step: 0.05, format: two }),
      slider(this, "theta", { label: "θ: liking for walking on", step: 0.05, format: two }),
      choices(this, "sees", {
        label: "What the baseline sees of its own episode",
        names: {
          nothing: "nothing", action: "the action", return: `the return, in a mean of ${BATCH}`,
        },
      }),
      h("div", { className: "x-row" }, resetButton(this)),
    ));
  }

  /** @param {number} x where the mark was dragged to */
  dragged(x) {
    if (!this.across) return;
    const b = Math.round(this.across.invert(x) * 20) / 20;
    this.set("baseline", Math.min(HIGH, Math.max(LOW, b)));
  }

  /** @param {Sees} sees */
  curve(sees) {
    const policy = policyAt(Number(this.values.theta)), offset = Number(this.values.offset);
    return parabola(baselineParts(MDP, EVERY, policy, DIRECTION, { offset, sees }));
  }

  paint() {
    const b = Number(this.values.baseline), sees = /** @type {Sees} */ (this.values.sees);
    const honest = this.curve("nothing"), curve = sees === "nothing" ? honest : this.curve(sees);
    const variance = varianceAt(curve, b), truth = honest.u, mean = meanAt(curve, b);
    this.numbers?.show({
      variance: fixed(variance, 3),
      least: fixed(curve.least, 3),
      best: fixed(curve.best, 2),
      J: fixed(curve.J, 2),
      residual: fixed(Math.abs(mean - truth), 3),
    });
    const says = `Variance ${fixed(variance, 2)} at baseline ${fixed(b, 2)}, least ` +
      `${fixed(curve.least, 2)} at ${fixed(curve.best, 2)}; the mean return is ` +
      `${fixed(curve.J, 2)}. The mean of the estimate is ${fixed(mean, 3)}, the truth ` +
      `${fixed(truth, 3)}.`;
    const narrow = this.width < 600, gap = 64, height = 350;
    const left = narrow ? this.width : Math.round((this.width - gap) * 0.6);
    this.picture?.size(this.width, narrow ? 2 * height - 50 : height, says);
    const main = { x0: MARGIN, x1: left - 12, y0: 46, y1: height - 70 };
    this.paintParabola(main, honest, curve, b);
    const top = narrow ? height + 34 : 34, start = narrow ? 8 : left + gap;
    const bottom = narrow ? 2 * height - 102 : height - 52;
    const half = 1.96 * Math.sqrt(variance / EPISODES);
    this.paintMean({ x0: start, x1: this.width - 14, y0: top, y1: bottom }, truth, mean, half);
    this.guess?.paint(curve.best, (value) => {
      const at = /** @type {Scale} */ (this.across)(value);
      return [at, main.y0, at, main.y1];
    });
  }

  /**
   * Left: the parabola; a ring at its lowest point, the mean return below the axis.
   * @param {Box} box @param {Parabola} honest @param {Parabola} curve @param {number} b
   */
  paintParabola(box, honest, curve, b) {
    const picture = /** @type {Picture} */ (this.picture);
    const x = this.across = scaleLinear([LOW, HIGH], [box.x0, box.x1]);
    const y = scaleLinear([0, TOP], [box.y1, box.y0]);
    axisY(picture.layer("variance-y"), y, {
      x: box.x0, label: "variance of one episode's estimate", ticks: 5, grid: box.x1 - box.x0,
    });
    axisX(picture.layer("variance-x"), x, { y: box.y1, label: "", ticks: 5 });
    /** @param {Parabola} of */
    const shape = (of) => {
      const points = Array.from({ length: 81 }, (_, i) => LOW + (i / 80) * (HIGH - LOW));
      return line(/** @param {number} d */ (d) => x(d), (d) => y(varianceAt(of, d)))(points);
    };
    picture.layer("honest").selectAll("path").data(curve === honest ? [] : [honest]).join("path")
      .attr("fill", "none").attr("stroke", "var(--x-muted)").attr("stroke-dasharray", "2 5")
      .attr("stroke-width", 1.75).attr("stroke-linecap", "round").attr("d", shape);
    picture.layer("curve").selectAll("path").data([curve]).join("path").attr("fill", "none")
      .attr("stroke", "var(--x-ink)").attr("stroke-width", 2.25).attr("d", shape);
    this.paintMarks(box, x, y, curve);
    this.grip?.(x(b), y(varianceAt(curve, b)));
  }

  /** @param {Box} box @param {Scale} x @param {Scale} y @param {Parabola} curve */
  paintMarks(box, x, y, curve) {
    const picture = /** @type {Picture} */ (this.picture);
    const inside = curve.best >= LOW && curve.best <= HIGH ? [curve] : [];
    const ring = picture.layer("best");
    ring.selectAll("circle").data(inside).join("circle").attr("r", 10).attr("fill", "none")
      .attr("stroke", "var(--x-ink)").attr("stroke-width", 1.75)
      .attr("cx", (d) => x(d.best)).attr("cy", (d) => y(d.least));
    ring.selectAll("text").data(inside).join("text").attr("class", "x-halo")
      .attr("text-anchor", "middle").attr("x", (d) => x(d.best)).attr("y", (d) => y(d.least) - 17)
      .text("b*");
    const tip = x(curve.J), foot = box.y1 + 26, right = tip > box.x1 - 100;
    const mean = picture.layer("mean-return").attr("class", ink("objective"));
    mean.selectAll("line").data([curve.J]).join("line").attr("stroke", "currentColor")
      .attr("stroke-width", 1.5).attr("stroke-dasharray", "5 4").attr("x1", tip).attr("x2", tip)
      .attr("y1", box.y1).attr("y2", y(varianceAt(curve, curve.J)));
    mean.selectAll("path").data([0]).join("path").attr("class", "x-fill")
      .attr("d", `M${tip},${foot}l8,13h-16z`);
    mean.selectAll("text").data(["mean return"]).join("text").attr("class", "x-term")
      .attr("text-anchor", right ? "end" : "start").attr("x", tip + (right ? -13 : 13))
      .attr("y", foot + 12).text(String);
    const broken = this.values.sees !== "nothing";
    picture.layer("caption").selectAll("text").data([
      { x: box.x1, anchor: "end", text: "baseline b" },
      { x: 0, anchor: "start", text: broken ? "dotted: if it saw nothing" : "" },
    ]).join("text").attr("class", "x-muted").attr("text-anchor", (d) => d.anchor)
      .attr("x", (d) => d.x).attr("y", box.y1 + 62).text((d) => d.text);
  }

  /**
   * Right: the truth and the mean of the estimate as bars from 0, and where batches land.
   * @param {Box} box @param {number} truth @param {number} mean @param {number} half
   */
  paintMean(box, truth, mean, half) {
    const picture = /** @type {Picture} */ (this.picture);
    const x = scaleLinear([LEAST, MOST], [box.x0, box.x1]).clamp(true);
    axisX(picture.layer("mean-x"), x, {
      y: box.y1, label: `slope in θ; whisker: 95 % of batches of ${EPISODES}`, ticks: 5,
      grid: box.y1 - box.y0 - 8,
    });
    const step = (box.y1 - box.y0 - 8) / 2, tall = 26;
    const rows = [
      { at: truth, term: ink("objective"), name: "∇J, the truth" },
      { at: mean, term: ink("expectation"), name: "mean of the estimate" },
    ].map((row, i) => ({ ...row, y: box.y0 + 8 + (i + 0.62) * step }));
    const bars = picture.layer("bars");
    bars.selectAll("rect").data(rows).join("rect").attr("class", (d) => `${d.term} x-fill`)
      .attr("fill-opacity", (_, i) => (i ? 0.85 : 0.35)).attr("height", tall)
      .attr("x", (d) => x(Math.min(0, d.at))).attr("y", (d) => d.y - tall / 2)
      .attr("width", (d) => Math.abs(x(d.at) - x(0)));
    bars.selectAll("text").data(rows).join("text").attr("class", "x-halo")
      .attr("x", box.x0).attr("y", (d) => d.y - tall / 2 - 10)
      .text((d) => `${d.name}: ${d.at < LEAST ? "◂ " : ""}${fixed(d.at, 2)}`);
    picture.layer("truth").attr("class", ink("objective")).selectAll("line").data([truth])
      .join("line").attr("stroke", "currentColor").attr("stroke-width", 2)
      .attr("x1", x(truth)).attr("x2", x(truth)).attr("y1", rows[0].y - tall / 2 - 4)
      .attr("y2", box.y1);
    const ends = [mean - half, mean + half].map(x), middle = rows[1].y;
    picture.layer("whisker").selectAll("path").data([0]).join("path").attr("fill", "none")
      .attr("stroke", "var(--x-ink)").attr("stroke-width", 2)
      .attr("d", `M${ends[0]},${middle}H${ends[1]}M${ends[0]},${middle - 7}v14M${ends[1]},` +
        `${middle - 7}v14`);
  }
}

/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {import("d3-scale").ScaleLinear<number, number>} Scale */
/** @typedef {ReturnType<typeof picture>} Picture */
