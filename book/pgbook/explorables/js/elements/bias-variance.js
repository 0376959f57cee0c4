/**
 * Chapter 10: λ against bias² and variance of the gradient estimate, in the trap of chapter 1, for a
 * critic that says (1 − c) V. A switch hands in the true V: then the bias is zero at every λ.
 */

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { Listing } from "../engine/gae.js";
import { greedyTrap, values } from "../engine/mdp.js";
import { h, readouts, resetButton, slider, toggle } from "../ui/controls.js";
import { axisX, axisY, category, fixed, grouped, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { boolean, integer, number } from "../ui/properties.js";
import { policyAt } from "./objective.js";

const MDP = greedyTrap(4);
const POLICY = policyAt(0); // a fair coin at the crossroads, mostly grabbing elsewhere
const LIST = new Listing(MDP, POLICY);
const { V } = values(MDP, POLICY);
const DIALS = Array.from({ length: 101 }, (_, i) => i / 100);
const TOP = 0.25; // of the error's axis: room for every setting
const PUSH = 0.27; // the widest push that the right picture has room for

/** Where in the table "walk on at the crossroads at step t" stands. @param {number} t */
const walkOn = (t) => t * MDP.states * MDP.actions + 1;

/** @param {number} value with its sign */
const signed = (value) => (value < 0 ? "" : "+") + fixed(value, 3);

/** @param {number} value 0 up to rounding is said as such */
const small = (value) => (Math.abs(value) < 1e-20 ? "0 (< 1e-20)" : fixed(value, 4));

export class BiasVariance extends PgElement {
  static tag = "pg-bias-variance";
  static label = "Explorable: bias against variance along λ";
  static properties = {
    lam: number(0.5, 0, 1),
    error: number(0.5, 0, 0.75),
    episodes: integer(10, 8, 400),
    trueValue: boolean(false),
  };

  /** @type {{ error: number, curve: Moments[] } | undefined} */
  swept;

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      bias2: { label: "bias²", widest: "0.0000", className: category(0) },
      variance: { label: "variance / N", widest: "0.0000", className: category(1) },
      sum: { label: "their sum", widest: "0.0000" },
      best: { label: "least at λ =", widest: "0.00" },
      push: { label: "push towards walking on", widest: "+0.000, true +0.000",
        className: category(2) },
      residual: { label: "largest bias² at any λ", widest: "0 (< 1e-20)" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.guess = guess(this, this.picture, {
      ask: "At which λ is the sum of bias² and variance least?", label: "λ", min: 0, max: 1,
      step: 0.01, format: (v) => fixed(v, 2), at: (x) => this.across?.invert(x),
      covers: [...["noise", "total", "least", "here", "names"].map((name) => `[data-layer=${name}]`),
        ...["variance", "sum", "best"].map((name) => `[data-pg-value=${name}]`)],
    });
    body.append(this.guess.bar, this.numbers.list, figure, h("div", { className: "x-controls" },
      slider(this, "lam", {
        label: "λ: how long we wait", step: 0.01, format: (v) => fixed(v, 2),
      }),
      slider(this, "error", {
        label: "c: error of the critic", step: 0.01, format: (v) => fixed(v, 2),
      }),
      slider(this, "episodes", { label: "N: episodes in a batch", log: true, format: grouped }),
      h("div", { className: "x-row" },
        toggle(this, "trueValue", "the critic is the true V"), resetButton(this)),
    ));
  }

  /** Both parts at every dial, kept until the critic changes. @param {number} error c */
  sweep(error) {
    if (this.swept?.error !== error) {
      const critic = V.map((value) => (1 - error) * value);
      this.swept = { error, curve: DIALS.map((dial) => LIST.moments(critic, dial)) };
    }
    return this.swept.curve;
  }

  paint() {
    const lam = Number(this.values.lam), N = Number(this.values.episodes);
    const error = this.values.trueValue ? 0 : Number(this.values.error);
    const curve = this.sweep(error), sums = curve.map((p) => p.bias2 + p.variance / N);
    const now = LIST.moments(V.map((value) => (1 - error) * value), lam);
    const least = sums.indexOf(Math.min(...sums)), push = now.mean[walkOn(0)];
    const sum = now.bias2 + now.variance / N;
    this.numbers?.show({
      bias2: fixed(now.bias2, 4),
      variance: fixed(now.variance / N, 4),
      sum: fixed(sum, 4),
      best: fixed(DIALS[least], 2),
      push: `${signed(push)}, true ${signed(LIST.truth[walkOn(0)])}`,
      residual: small(Math.max(...curve.map((p) => p.bias2))),
    });
    const narrow = this.width < 600, gap = 66, height = 320;
    const left = narrow ? this.width : Math.round((this.width - gap) * 0.62);
    const says = `At λ ${fixed(lam, 2)} the squared bias is ${fixed(now.bias2, 4)}, the variance ` +
      `of the batch ${fixed(now.variance / N, 4)}. Their sum is least at λ ${DIALS[least]}.`;
    this.picture?.size(this.width, narrow ? 2 * height - 70 : height, says);
    const dial = { lam, sum, least, sums, curve };
    const box = { x0: MARGIN, x1: left - 12, y0: 46, y1: height - 52 };
    this.paintDial(box, dial);
    const top = narrow ? height + 40 : 46, start = narrow ? MARGIN + 8 : left + gap;
    const bottom = narrow ? 2 * height - 122 : height - 52;
    this.paintPush({ x0: start, x1: this.width - 14, y0: top, y1: bottom }, now.mean);
    this.guess?.paint(DIALS[least], (value) => {
      const at = /** @type {Scale} */ (this.across)(value);
      return [at, box.y0, at, box.y1];
    });
  }

  /**
   * Left: bias² and, stacked on it, the variance of the batch; the line on top is their sum.
   * @param {Box} box @param {Dial} dial
   */
  paintDial(box, { lam, sum, least, sums, curve }) {
    const picture = /** @type {Picture} */ (this.picture);
    const x = this.across = scaleLinear([0, 1], [box.x0, box.x1]);
    const y = scaleLinear([0, TOP], [box.y1, box.y0]);
    axisY(picture.layer("dial-y"), y, {
      x: box.x0, label: "mean squared error of a batch", ticks: 5, grid: box.x1 - box.x0,
    });
    axisX(picture.layer("dial-x"), x, { y: box.y1, label: "λ", ticks: 5 });
    /** @param {number} i */
    const across = (i) => x(DIALS[i]);
    const bias = area((_, i) => across(i), y(0), (_, i) => y(curve[i].bias2));
    const noise = area((_, i) => across(i), (_, i) => y(curve[i].bias2), (_, i) => y(sums[i]));
    const edge = line((_, i) => across(i), (_, i) => y(curve[i].bias2));
    const total = line((_, i) => across(i), (_, i) => y(sums[i]));
    const path = (/** @type {string} */ name, /** @type {string} */ d) =>
      picture.layer(name).selectAll("path").data([d]).join("path").attr("d", d);
    const draw = (/** @type {Function} */ shape) => String(shape(sums) ?? "");
    path("noise", draw(noise)).attr("class", `x-fill ${category(1)}`)
      .attr("fill-opacity", 0.22);
    path("bias", draw(bias)).attr("class", `x-fill ${category(0)}`).attr("fill-opacity", 0.3);
    path("edge", draw(edge)).attr("class", `x-stroke ${category(0)}`)
      .attr("stroke-width", 1.75).attr("stroke-dasharray", "6 4");
    path("total", draw(total)).attr("fill", "none").attr("stroke", "var(--x-ink)")
      .attr("stroke-width", 2.5);
    this.paintNames(x, y, { lam, sum, least, sums, curve });
    const here = picture.layer("here");
    here.selectAll("line").data([lam]).join("line").attr("stroke", "var(--x-ink)")
      .attr("stroke-width", 1.25).attr("x1", x(lam)).attr("x2", x(lam)).attr("y1", y(0))
      .attr("y2", y(sum));
    here.selectAll("circle").data([lam]).join("circle").attr("r", 5.5).attr("cx", x(lam))
      .attr("cy", y(sum)).attr("fill", "var(--x-ink)");
    const ring = picture.layer("least");
    ring.selectAll("circle").data([least]).join("circle").attr("r", 8).attr("fill", "none")
      .attr("stroke", "var(--x-ink)").attr("stroke-width", 2).attr("cx", across(least))
      .attr("cy", y(sums[least]));
    const side = DIALS[least] > 0.85 ? "end" : DIALS[least] < 0.15 ? "start" : "middle";
    ring.selectAll("text").data([least]).join("text").attr("class", "x-halo")
      .attr("text-anchor", side).attr("x", across(least)).attr("y", y(sums[least]) - 15)
      .text(`least at ${fixed(DIALS[least], 2)}`);
  }

  /**
   * Name the two parts where they are thickest, if there is room.
   * @param {Scale} x @param {Scale} y @param {Dial} dial
   */
  paintNames(x, y, { lam, sums, curve }) {
    const left = lam < 0.25 ? 27 : 6, right = lam > 0.7 ? 68 : 98; // clear of the line at λ
    const rows = [
      { name: "bias²", part: 0, i: left, from: 0,
        to: curve[left].bias2 },
      { name: "variance / N", part: 1, i: right,
        from: curve[right - 8].bias2, to: sums[right - 8] },
    ].filter(({ from, to }) => y(from) - y(to) > 18);
    this.picture?.layer("names").selectAll("text").data(rows).join("text")
      .attr("class", (d) => `x-term ${category(d.part)}`).attr("font-weight", 600)
      .attr("text-anchor", (d) => (d.i < 30 ? "start" : "end"))
      .attr("x", (d) => x(DIALS[d.i])).attr("y", (d) => y((d.from + d.to) / 2) + 5)
      .text((d) => d.name);
  }

  /**
   * Right: what the estimate says on average about walking on, step by step; a tick is the truth.
   * @param {Box} box @param {Float64Array} mean [T, S, A]
   */
  paintPush(box, mean) {
    const picture = /** @type {Picture} */ (this.picture), steps = [0, 1, 2, 3];
    const x = scaleLinear([-PUSH, PUSH], [box.x0, box.x1]);
    const room = (box.y1 - box.y0) / steps.length, thick = Math.min(20, room * 0.45);
    /** @param {number} t */
    const middle = (t) => box.y0 + (t + 0.5) * room;
    axisX(picture.layer("push-x"), x, {
      y: box.y1, label: "mean push towards walking on", ticks: 4, grid: box.y1 - box.y0,
    });
    picture.layer("push-zero").selectAll("line").data([0]).join("line").attr("x1", x(0))
      .attr("x2", x(0)).attr("y1", box.y0).attr("y2", box.y1).attr("stroke", "var(--x-muted)");
    const bars = picture.layer("push").attr("class", category(2));
    bars.selectAll("rect").data(steps).join("rect").attr("class", "x-fill")
      .attr("fill-opacity", 0.75).attr("x", (t) => Math.min(x(0), x(mean[walkOn(t)])))
      .attr("width", (t) => Math.abs(x(mean[walkOn(t)]) - x(0)))
      .attr("y", (t) => middle(t) - thick / 2).attr("height", thick);
    const marks = picture.layer("truth");
    marks.selectAll("line").data(steps).join("line").attr("stroke", "var(--x-ink)")
      .attr("stroke-width", 2.5).attr("x1", (t) => x(LIST.truth[walkOn(t)]))
      .attr("x2", (t) => x(LIST.truth[walkOn(t)])).attr("y1", (t) => middle(t) - thick)
      .attr("y2", (t) => middle(t) + thick);
    picture.layer("steps").selectAll("text").data(steps).join("text").attr("class", "x-muted")
      .attr("text-anchor", "end").attr("x", box.x0 - 8).attr("y", (t) => middle(t) + 4)
      .text((t) => `t = ${t}`);
    picture.layer("push-key").selectAll("text").data(["bar: on average, tick: the truth"])
      .join("text").attr("class", "x-muted").attr("text-anchor", "end").attr("x", box.x1)
      .attr("y", box.y0 - 14).text(String);
  }
}

/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {ReturnType<Listing["moments"]>} Moments */
/**
 * @typedef {{ lam: number, sum: number, least: number, sums: number[], curve: Moments[] }} Dial
 */
/** @typedef {import("d3-scale").ScaleLinear<number, number>} Scale */
/** @typedef {ReturnType<typeof picture>} Picture */
