/**
 * Chapter 11: a bell as it is drawn, clipped or squashed. Above, the density of what is carried
 * out; below, the score of what was drawn; and two slips.
 */

import { scaleLinear } from "d3-scale";
import { area as areaShape, line } from "d3-shape";
import {
  area, carriedOut, curve, heightOf, LIMIT, logDensity, logDensityDrawn, lumps, meanScore,
  residual, score, scored,
} from "../engine/density.js";
import { choices, h, readouts, resetButton, slider, steady, toggle } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { axisX, axisY, fixed, ink, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { boolean, choice, number } from "../ui/properties.js";

const REACH = 3, FAR = 2.2; // the actions in view: drawn, and carried out
const TOP = 2; // of the densities in view: the horns of a wide squashed bell rise above any
const SCORES = 8; // the scores in view
const POINTS = 400;
const SLIPS = {
  raw: "Slip: leave the factor c out", tanh: "Slip: leave the Jacobian out",
  clipped: "Slip: score the clipped action",
};
const KEYS = [
  "Above: what is carried out, and in grey the bell as it was drawn. Below: the score of what was drawn.",
  "With the slip the area, or the mean of the score, is not what it should be. Dashed: without it.",
];

/** A number without a minus before zeros. @param {number} value @param {number} digits */
const shown = (value, digits) => fixed(Math.abs(value) < 0.5 / 10 ** digits ? 0 : value, digits);

/** 0.25, 1, 10 @param {number} value */
const short = (value) => String(Number(value.toPrecision(2)));

export class Density extends PgElement {
  static tag = "pg-density";
  static label = "Explorable: the density of a continuous action";
  static properties = {
    mean: number(0.5, -1, 1),
    sigma: number(0.8, 0.4, 1.5),
    action: number(1.2, -2.5, 2.5),
    unit: number(1, 0.75, 2),
    squash: choice("tanh", ["raw", "clipped", "tanh"]),
    slip: boolean(false),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      area: { label: "area, should be 1", widest: "0.000", className: ink("policy") },
      meanScore: { label: "mean score, should be 0", widest: "−0.000", className: ink("logprob") },
      residual: { label: "residual", widest: "0.000" },
      logDensity: { label: "log π of the action", widest: "−00.00", className: ink("policy") },
      score: { label: "its score in μ", widest: "−00.00", className: ink("logprob") },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.key = h("p", { className: "x-key" });
    const slip = toggle(this, "slip", ""), named = h("span");
    slip.append(named);
    this.followers.add(() => {
      named.textContent = SLIPS[this.bell.squash];
    });
    body.append(this.numbers.list, figure, steady(this.key, KEYS), h("div", {
      className: "x-controls x-compact",
    },
      choices(this, "squash", {
        label: "The drawn action is carried out",
        names: { raw: "as drawn", clipped: "clipped", tanh: "squashed by tanh" },
      }),
      slider(this, "sigma", { label: "σ: width", step: 0.05, format: (v) => fixed(v, 2) }),
      slider(this, "mean", { label: "μ: mean", step: 0.05, format: (v) => fixed(v, 2) }),
      slider(this, "action", {
        label: "a: drawn", step: 0.05, format: (v) => fixed(v, 2),
      }),
      slider(this, "unit", { label: "c: unit", log: true, format: short }),
      h("div", { className: "x-row" }, slip, resetButton(this)),
    ));
    this.grip = handle(this, this.picture, "grip", (x) => {
      const at = Math.round(drawnScale(this.width).invert(x) / 0.05) * 0.05;
      this.set("action", Math.min(2.5, Math.max(-2.5, Number(at.toFixed(2)))));
    });
  }

  /** @returns {Bell} */
  get bell() {
    return /** @type {Bell} */ (/** @type {unknown} */ (this.values));
  }

  paint() {
    const { bell } = this, a = Number(this.values.action);
    const now = { a, log: logDensity(bell, a), score: score(bell, a).mean };
    this.numbers?.show({
      area: shown(area(bell), 3),
      meanScore: shown(meanScore(bell), 3),
      residual: shown(residual(bell), 3),
      logDensity: shown(now.log, 2),
      score: shown(now.score, 2),
    });
    if (this.key) this.key.textContent = KEYS[Number(bell.slip)];
    const top = 236, gap = 84, low = 150, height = top + gap + low + 48;
    const says = `Density of the action, area ${shown(area(bell), 2)}. Below it the score, ` +
      `${shown(now.score, 2)} at the drawn action ${fixed(a, 2)}.`;
    this.picture?.size(this.width, height, says);
    const [x0, x1] = drawnScale(this.width).range(), wide = { x0, x1 };
    this.paintDensity({ ...wide, y0: 34, y1: top }, now);
    this.paintScore({ ...wide, y0: top + gap, y1: top + gap + low }, now);
  }

  /** Above: the density of what is carried out. @param {Box} box @param {Now} now */
  paintDensity(box, now) {
    const { bell } = this, { unit, squash } = bell;
    const picture = /** @type {Picture} */ (this.picture);
    const x = scaleLinear([-FAR, FAR], [box.x0, box.x1]).clamp(true);
    const y = scaleLinear([0, TOP], [box.y1, box.y0]).clamp(true);
    const inside = (/** @type {Point[]} */ all) => all.filter((p) => Math.abs(p.at) <= FAR);
    const ours = inside(curve(bell, 2 * REACH, POINTS));
    const right = inside(curve({ ...bell, slip: false }, 2 * REACH, POINTS));
    axisY(picture.layer("density-y"), y, {
      x: box.x0, label: "density of the action", ticks: 4, grid: box.x1 - box.x0, format: short,
    });
    axisX(picture.layer("density-x"), x, {
      y: box.y1, label: "action carried out, times c", ticks: 5, format: minus,
    });
    const shape = line(/** @param {Point} p */ (p) => x(p.at), (p) => y(p.density));
    const filled = areaShape(/** @param {Point} p */ (p) => x(p.at), box.y1, (p) => y(p.density));
    const bell0 = curve({ ...bell, squash: "raw", unit: 1, slip: false }, FAR, POINTS);
    picture.layer("as-drawn").selectAll("path").data([bell0]).join("path")
      .attr("fill", "var(--x-line)").attr("opacity", 0.7).attr("d", filled);
    const group = picture.layer("density").attr("class", ink("policy"));
    group.selectAll("path.x-fill").data([ours]).join("path").attr("class", "x-fill")
      .attr("opacity", 0.18).attr("d", filled);
    group.selectAll("path.x-stroke").data([ours]).join("path").attr("class", "x-stroke")
      .attr("stroke-width", 2.5).attr("d", shape);
    dashed(picture.layer("density-right"), bell.slip && squash !== "clipped" ? [right] : [], shape);
    const { low, high } = lumps(bell), tall = box.y1 - box.y0;
    const bars = squash === "clipped" ? [[-LIMIT * unit, low], [LIMIT * unit, high]] : [];
    const bar = picture.layer("lumps").attr("class", ink("policy"));
    bar.selectAll("line").data(bars).join("line").attr("stroke", "currentColor")
      .attr("stroke-width", 7).attr("x1", (d) => x(d[0])).attr("x2", (d) => x(d[0]))
      .attr("y1", box.y1).attr("y2", (d) => box.y1 - tall * d[1]);
    bar.selectAll("text").data(bars).join("text").attr("class", "x-term x-halo")
      .attr("text-anchor", (d) => (d[0] < 0 ? "start" : "end"))
      .attr("x", (d) => x(d[0]) - 10 * Math.sign(d[0])).attr("y", box.y0 + 6)
      .text((d) => `lump of probability ${fixed(d[1], 2)}`.slice(this.width < 560 ? 8 : 0));
    const at = x(carriedOut(bell, now.a) * unit);
    const density = y(squash === "clipped" ? heightOf(bell, now.a) : Math.exp(now.log));
    this.paintAction(picture.layer("density-action"), at, box, density);
  }

  /** Below: the score of what was drawn. @param {Box} box @param {Now} now */
  paintScore(box, now) {
    const { bell } = this, picture = /** @type {Picture} */ (this.picture);
    const x = drawnScale(this.width);
    const y = scaleLinear([-SCORES, SCORES], [box.y1, box.y0]).clamp(true);
    axisY(picture.layer("score-y"), y, {
      x: box.x0, label: "score in μ", ticks: 4, grid: box.x1 - box.x0, format: minus,
    });
    axisX(picture.layer("score-x"), x, {
      y: box.y1, label: "drawn action a", ticks: 5, format: minus,
    });
    const tall = 0.8 * (box.y1 - box.y0), peak = Math.exp(logDensityDrawn(bell, bell.mean));
    const bell0 = areaShape(/** @param {number} a */ (a) => x(a), box.y1,
      (a) => box.y1 - (tall * Math.exp(logDensityDrawn(bell, a))) / peak);
    const grid = Array.from({ length: POINTS + 1 }, (_, i) => REACH * ((2 * i) / POINTS - 1));
    picture.layer("drawn").selectAll("path").data([grid]).join("path")
      .attr("fill", "var(--x-line)").attr("opacity", 0.7).attr("d", bell0);
    const slope = (/** @type {Bell} */ b) => line(/** @param {number} a */ (a) => x(a),
      (a) => y(score(b, a).mean))(inView(b));
    const group = picture.layer("score").attr("class", ink("logprob"));
    group.selectAll("path").data([slope(bell)]).join("path").attr("class", "x-stroke")
      .attr("stroke-width", 2.5).attr("d", String);
    const other = bell.slip && bell.squash === "clipped" ? [bell] : [];
    dashed(picture.layer("score-right"), other, (b) => slope({ ...b, slip: false }));
    this.paintAction(picture.layer("score-action"), x(now.a), box);
    this.grip?.(x(now.a), y(now.score));
  }

  /**
   * The action that is looked at: a line, and a dot if the handle is not there.
   * @param {import("../ui/draw.js").Group} group
   * @param {number} x @param {Box} box @param {number} [y]
   */
  paintAction(group, x, box, y) {
    group.selectAll("line").data([0]).join("line").attr("stroke", "var(--x-ink)")
      .attr("stroke-dasharray", "2 4").attr("x1", x).attr("x2", x)
      .attr("y1", box.y1).attr("y2", box.y0);
    group.selectAll("circle").data(y === undefined ? [] : [y]).join("circle").attr("r", 5.5)
      .attr("fill", "var(--x-ink)").attr("cx", x).attr("cy", (d) => Math.max(d, box.y0 - 6));
  }
}

/** The axis of the drawn action. @param {number} width of the picture */
const drawnScale = (width) => scaleLinear([-REACH, REACH], [MARGIN + 4, width - 12]);

/** A real minus, and no noise. @param {number} v */
const minus = (v) => short(v).replace("-", "−");

/**
 * A dashed comparison.
 * @param {import("../ui/draw.js").Group} group
 * @param {any[]} data @param {(d: any) => string | null} shape
 */
function dashed(group, data, shape) {
  group.selectAll("path").data(data).join("path").attr("class", "x-stroke")
    .attr("stroke", "var(--x-ink)").attr("stroke-width", 1.5).attr("stroke-dasharray", "6 5")
    .attr("d", shape);
}

/**
 * The drawn actions whose scores are in view, with the corners of a clipped score.
 * @param {Bell} bell
 */
function inView(bell) {
  const far = SCORES * bell.sigma ** 2, from = Math.max(-REACH, bell.mean - far);
  const to = Math.min(REACH, bell.mean + far);
  const flat = scored(bell, REACH) !== REACH;
  const inner = [from, to].map((a) => Math.min(LIMIT, Math.max(-LIMIT, a)));
  return flat ? [-REACH, -LIMIT, ...inner, LIMIT, REACH] : [from, to];
}

/** @typedef {import("../engine/density.js").Bell} Bell */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {import("../engine/density.js").Point} Point */
/** @typedef {{ a: number, log: number, score: number }} Now */
/** @typedef {ReturnType<typeof picture>} Picture */
