/**
 * Chapter 2: ∫p R as an area, its difference quotient, and the integral of the derivative. With the
 * support fixed the two meet as h shrinks; with a support that moves they stay 1 apart.
 */

import { scaleLinear, scaleLog } from "d3-scale";
import { area, line } from "d3-shape";
import {
  CASES, insideOf, integral, objectiveOf, quotientAt, quotientOf,
} from "../engine/families.js";
import { h, readouts, resetButton, slider, steady, toggle } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { axisX, axisY, fixed, ink, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { boolean, number } from "../ui/properties.js";

const LOW = 0.001, HIGH = 0.6;
const GAPS = [-0.75, 1.15]; // of the lowest panel, in both cases
/** What the panels show of the two cases. */
const VIEWS = {
  bell: {
    says: "Action a: a bell of width 0.8 around θ, on the whole line. It is paid R(a) = −(a − 1)². " +
      "The rings can be dragged.",
    a: [-2, 6], pR: [-2.6, 0.1], integrand: [-2.7, 1],
  },
  uniform: {
    says: "Action a: uniform between 0 and θ, and never beyond. It is paid R(a) = a. " +
      "The rings can be dragged.",
    a: [-0.2, 3.2], pR: [0, 1.1], integrand: [-2.5, 10.5],
  },
};
const STEPS = Array.from({ length: 61 }, (_, i) => LOW * (HIGH / LOW) ** (i / 60));

/** Two significant digits, with a separator. @param {number} value */
const short = (value) => Number(value.toPrecision(2)).toLocaleString("en-GB", {
  maximumFractionDigits: 4,
});

export class Swap extends PgElement {
  static tag = "pg-swap";
  static label = "Explorable: the gradient moved inside the integral";
  static properties = {
    theta: number(2, 0.5, 2.4), h: number(0.05, LOW, HIGH), moving: boolean(false),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      quotient: { label: "slope of ∫p·R over the step h", widest: "+0.000",
        className: ink("objective") },
      inside: { label: "∫∇p·R", widest: "+0.000", className: ink("integral") },
      residual: { label: "they differ by", widest: "0.000" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.gripTheta = handle(this, this.picture, "grip-theta", (x) => {
      this.drop("theta", this.toAction?.invert(x), 0.05);
    });
    this.gripStep = handle(this, this.picture, "grip-step", (x) => {
      const at = this.toStep?.invert(x);
      this.drop("h", at && Number(at.toPrecision(2)), 0.001);
    });
    this.guess = guess(this, this.picture, {
      ask: "Let h shrink to 0.001. How far is the slope of ∫p·R from ∫∇p·R then?",
      label: "slope − ∫∇p·R", min: GAPS[0], max: 1.1, step: 0.05, format: signed,
      at: (_, y) => this.upwards?.invert(y),
      covers: [...["slopes-quotient", "slopes-gap", "grip-step"].map((name) =>
        `[data-layer=${name}]`), ...["quotient", "residual"].map((name) => `[data-pg-value=${name}]`)],
    });
    this.key = h("p", { className: "x-key" });
    const keys = Object.values(VIEWS).map(({ says }) => says);
    body.append(this.guess.bar, this.numbers.list, figure, steady(this.key, keys), h("div", { className: "x-controls" },
      slider(this, "h", { label: "h: the step", log: true, format: short }),
      slider(this, "theta", { label: "θ: the parameter", step: 0.05, format: (v) => fixed(v, 2) }),
      h("div", { className: "x-row" },
        toggle(this, "moving", "let the support move with θ"),
        resetButton(this)),
    ));
  }

  /** A mark was dragged: the nearest allowed value. @param {string} name @param {number} [value] */
  drop(name, value = NaN, step = 1) {
    const { min, max } = /** @type {import("../ui/properties.js").NumberProperty} */ (
      this.kind.properties[name]);
    const near = Number((Math.round(value / step) * step).toFixed(4));
    this.set(name, Math.min(max, Math.max(min, near)));
  }

  paint() {
    const name = /** @type {"bell" | "uniform"} */ (this.values.moving ? "uniform" : "bell");
    const which = CASES[name], view = VIEWS[name];
    const theta = Number(this.values.theta), step = Number(this.values.h);
    const quotient = quotientOf(which, theta, step), inside = insideOf(which, theta);
    const now = { name, which, view, theta, step, quotient, inside };
    const residual = fixed(Math.abs(quotient - inside), 3);
    this.numbers?.show({
      quotient: signed(quotient), inside: signed(inside), residual,
    });
    if (this.key) this.key.textContent = view.says;
    const narrow = this.width < 600, gap = 58, tall = 256, low = 186;
    const half = narrow ? this.width : Math.round((this.width - gap) / 2);
    const second = narrow ? tall + 20 : 0, third = second + tall + 24;
    this.picture?.size(this.width, third + low, `Integral of p times R for ` +
      `${name === "bell" ? "a bell" : "a uniform whose support moves"}: J is ` +
      `${fixed(objectiveOf(which, theta), 2)}, its slope over a step of ${short(step)} is ` +
      `${fixed(quotient, 3)}, the integral of the derivative ${fixed(inside, 3)}.`);
    this.paintArea({ x0: MARGIN, x1: half - 12, y0: 34, y1: tall - 46 }, now);
    const left = narrow ? MARGIN : half + gap;
    const box = { x0: left, x1: this.width - 12, y0: second + 34, y1: second + tall - 46 };
    this.paintIntegrand(box, now);
    const wide = { x0: MARGIN, x1: this.width - 12, y0: third + 30, y1: third + low - 44 };
    this.paintSlopes(wide, now);
    this.gripTheta?.(/** @type {Scale} */ (this.toAction)(theta), this.zero ?? 0);
    this.gripStep?.(/** @type {Scale} */ (this.toStep)(step), this.height ?? 0);
    this.guess?.paint(quotientOf(which, theta, LOW) - inside, (value) => {
      const at = /** @type {Scale} */ (this.upwards)(value);
      return [wide.x0, at, wide.x1, at];
    });
  }

  /** Actions over a panel, with both sides of every edge. @param {Now} now */
  actions({ view, theta, step }) {
    const [from, to] = view.a, tiny = 1e-9, wide = to - from;
    const grid = Array.from({ length: 181 }, (_, i) => from + (i / 180) * wide);
    const edges = [0, theta, theta + step].flatMap((a) => [a - tiny, a, a + tiny]);
    return [...grid, ...edges].sort((one, other) => one - other);
  }

  /** Density times reward at θ, filled, and at θ + h. @param {Box} box @param {Now} now */
  paintArea(box, now) {
    const { which: { p, reward }, view, theta, step } = now;
    const { x, y, layer } = this.frameOf("area", box, view.a, view.pR, "p·R", 4);
    this.toAction = x;
    this.zero = y(0);
    const actions = this.actions(now);
    const at = (/** @type {number} */ t) => actions.map((a) => [x(a), y(p(a, t) * reward(a))]);
    const filled = area(/** @param {number[]} d */ (d) => d[0], y(0), (d) => d[1]);
    const curves = layer("curves").attr("class", ink("objective"));
    curves.selectAll(".a").data([at(theta)]).join("path").attr("class", "a x-fill")
      .attr("opacity", 0.22).attr("d", filled);
    curves.selectAll(".b").data([at(theta), at(theta + step)]).join("path")
      .attr("class", "b x-stroke").attr("stroke-width", 2)
      .attr("stroke-dasharray", (_, i) => (i ? "6 5" : null)).attr("d", line());
    this.caption(layer("caption"), box, "shaded: at θ, dashed: at θ + h");
  }

  /** Both integrands: derivative and quotient. @param {Box} box @param {Now} now */
  paintIntegrand(box, now) {
    const { name, which, view, theta, step } = now, top = view.integrand[1];
    const { x, y, layer } = this.frameOf("in", box, view.a, view.integrand, "integrand", 5);
    const actions = this.actions(now);
    const dashed = actions.map((a) => [x(a), y(Math.min(top, quotientAt(which, a, theta, step)))]);
    const solid = actions.map((a) => [x(a), y(which.slope(a, theta) * which.reward(a))]);
    const filled = area(/** @param {number[]} d */ (d) => d[0], y(0), (d) => d[1]);
    layer("fill").attr("class", "x-muted").selectAll("path").data([dashed]).join("path")
      .attr("class", "x-fill").attr("opacity", 0.22).attr("d", filled);
    layer("solid").attr("class", ink("integral")).selectAll("path").data([solid]).join("path")
      .attr("class", "x-stroke").attr("stroke-width", 2.5).attr("d", line());
    layer("dashed").selectAll("path").data([dashed]).join("path").attr("class", "x-stroke")
      .attr("stroke-width", 1.6).attr("stroke-dasharray", "5 4").attr("d", line());
    this.caption(layer("caption"), box, "solid: ∂p/∂θ·R, dashed: difference quotient");
    const strip = integral((a) => quotientAt(which, a, theta, step), [theta + 1e-12, theta + step]);
    const size = `${short(step)} wide, ${short(strip / step)} high`;
    const says = name === "bell" ? [] : ["the strip beyond θ:", size, `area ${fixed(strip, 3)}`];
    const left = theta > 1.3, beside = left ? x(theta) - 10 : x(theta + step) + 10;
    layer("strip").selectAll("text").data(says).join("text").attr("class", "x-halo")
      .attr("text-anchor", left ? "end" : "start").attr("x", beside)
      .attr("y", (_, i) => box.y0 + 22 + 18 * i).text(String);
  }

  /** Both slopes over the step, on a logarithmic axis. @param {Box} box @param {Now} now */
  paintSlopes(box, now) {
    const { which, theta, step, quotient, inside } = now, label = "slope of ∫p·R over h, minus ∫∇p·R";
    const { layer, y } = this.frameOf("slopes", box, [0, 1], GAPS, label, 4, true);
    const x = scaleLog([LOW, HIGH], [box.x0, box.x1]);
    this.toStep = x;
    this.upwards = y;
    this.height = y(quotient - inside);
    axisX(layer("x"), x, {
      y: box.y1, label: "h", format: (v) => (Number.isInteger(Math.log10(v)) ? String(v) : ""),
    });
    const dashed = STEPS.map((s) => [x(s), y(quotientOf(which, theta, s) - inside)]);
    layer("gap").selectAll("line").data([0]).join("line").attr("stroke", "var(--x-ink)")
      .attr("stroke-width", 2).attr("x1", x(step)).attr("x2", x(step))
      .attr("y1", y(quotient - inside)).attr("y2", y(0));
    layer("inside").attr("class", ink("integral")).selectAll("path")
      .data([[[box.x0, y(0)], [box.x1, y(0)]]]).join("path")
      .attr("class", "x-stroke").attr("stroke-width", 2.5).attr("d", /** @type {any} */ (line()));
    layer("quotient").attr("class", ink("objective")).selectAll("path").data([dashed]).join("path")
      .attr("class", "x-stroke").attr("stroke-width", 2).attr("stroke-dasharray", "6 5")
      .attr("d", /** @type {any} */ (line()));
    this.caption(layer("caption"), box, "solid: no difference");
  }

  /**
   * Axes of one panel, and its layers. @param {string} name @param {Box} box
   * @param {number[]} across @param {number[]} up @param {string} label @param {number} ticks
   */
  frameOf(name, box, across, up, label, ticks, bare = false) {
    const x = scaleLinear(across, [box.x0, box.x1]), y = scaleLinear(up, [box.y1, box.y0]);
    const layer = (/** @type {string} */ part) => /** @type {Picture} */ (this.picture)
      .layer(`${name}-${part}`);
    axisY(layer("y"), y, { x: box.x0, label, ticks, grid: box.x1 - box.x0 });
    if (!bare) axisX(layer("x"), x, { y: box.y1, label: "action a", ticks: 5 });
    const zero = up[0] <= 0 && up[1] >= 0 ? [0] : [];
    layer("zero").selectAll("line").data(zero).join("line").attr("stroke", "var(--x-muted)")
      .attr("x1", box.x0).attr("x2", box.x1).attr("y1", y(0)).attr("y2", y(0));
    return { x, y, layer };
  }

  /**
   * What the lines are, at the top right.
   * @param {Group} group @param {Box} box @param {string} text
   */
  caption(group, box, text) {
    group.selectAll("text").data([text]).join("text").attr("class", "x-muted")
      .attr("text-anchor", "end").attr("x", box.x1).attr("y", box.y0 - 12).text(String);
  }
}

/** With its sign. @param {number} value */
const signed = (value) => (value > 0 ? "+" : "") + fixed(value, 3);

/** @typedef {import("../ui/draw.js").Group} Group */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {ReturnType<typeof picture>} Picture */
/** @typedef {((value: number) => number) & { invert: (at: number) => number }} Scale */
/**
 * @typedef {object} Now
 * @property {"bell" | "uniform"} name @property {typeof VIEWS.bell} view
 * @property {import("../engine/families.js").Case} which
 * @property {number} theta @property {number} step @property {number} quotient
 * @property {number} inside
 */
