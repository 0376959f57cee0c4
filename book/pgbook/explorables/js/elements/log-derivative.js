/**
 * Chapter 3: p, its score and its slope over all outcomes, under a parameter that can be dragged.
 * p times score lies on the slope, which is measured by differences; the score alone does not.
 */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { FAMILIES, slope } from "../engine/families.js";
import { choices, h, readouts, resetButton, slider, toggle } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { axisX, axisY, fixed, ink, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { boolean, choice, number } from "../ui/properties.js";
import { VIEWS } from "./log-derivative-views.js";

const TOLERANCE = 1e-8, POINTS = 161, EVERY = 5;
const ONE = 1; // the outcome that the numbers speak of
const ROWS = { p: [158, 34], score: [306, 206], slope: [466, 354] }; // the panels, foot and head

/** A number of any size. @param {number} value */
function shown(value) {
  if (Number.isNaN(value)) return "0 · ∞";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  return fixed(value, 3);
}

/** As the ledger prints residuals. @param {number} value */
function residualText(value) {
  if (Number.isNaN(value)) return "no number: 0 · ∞";
  if (value < TOLERANCE) return "< 10⁻⁸";
  return Number.isFinite(value) ? value.toPrecision(2) : "∞";
}

export class LogDerivative extends PgElement {
  static tag = "pg-log-derivative";
  static label = "Explorable: the log-derivative trick";
  static properties = {
    family: choice("mean", ["mean", "sigma", "wait", "coin", "die"]),
    mean: number(0, -2, 2),
    sigma: number(0.8, 0.6, 2),
    wait: number(1.2, 0.8, 4),
    coin: number(0.3, 0, 1),
    die: number(1, -3, 3),
    withoutP: boolean(false),
  };

  get chosen() {
    return /** @type {keyof typeof FAMILIES} */ (this.values.family);
  }

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      p: { label: "at x = 1:  p", widest: "0.000", className: ink("probability") },
      score: { label: "∇log p", widest: "−100.000", className: ink("logprob") },
      product: { label: "p·∇log p", widest: "−100.000, p left out" },
      slope: { label: "∇p by differences", widest: "−0.000" },
      residual: { label: "largest residual, all x", widest: "no number: 0 · ∞" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.grip = handle(this, this.picture, "grip", (x, y) => this.drop(x, y));
    const names = Object.fromEntries(Object.entries(VIEWS).map(([key, { name }]) => [key, name]));
    this.sliders = Object.entries(VIEWS).map(([key, { label, step }]) => {
      const made = slider(this, key, { label, step, format: (v) => fixed(v, 2) });
      return { key, made };
    });
    const key = h("p", { className: "x-key" },
      "Dotted: the outcome x = 1, whose numbers stand above. The ring can be dragged.");
    body.append(this.numbers.list, figure, key, h("div", { className: "x-controls" },
      choices(this, "family", { label: "Family, and the parameter θ that is turned", names }),
      ...this.sliders.map(({ made }) => made),
      h("div", { className: "x-row" }, toggle(this, "withoutP", "leave the factor p out"),
        resetButton(this)),
    ));
  }

  /** The mark was dragged to a place in the picture. @param {number} x @param {number} y */
  drop(x, y) {
    if (!this.scales) return;
    const family = this.chosen, { to, step } = VIEWS[family];
    const { min, max } = LogDerivative.properties[family];
    const inside = Math.min(1 - 1e-9, Math.max(1e-9, this.scales.y.invert(y)));
    const theta = Math.round(to(this.scales.x.invert(x), inside) / step) * step;
    this.set(family, Math.min(max, Math.max(min, Number(theta.toFixed(2)))));
  }

  paint() {
    const family = this.chosen, view = VIEWS[family], { p, score } = FAMILIES[family];
    const theta = Number(this.values[family]), bare = Boolean(this.values.withoutP);
    const [from, to] = view.across;
    const outcomes = view.few ??
      Array.from({ length: POINTS }, (_, i) => from + (i / (POINTS - 1)) * (to - from));
    const values = outcomes.map((x) => {
      const at = { x, p: p(x, theta), score: score(x, theta), slope: slope(family, x, theta) };
      return { ...at, product: bare ? at.score : at.p * at.score };
    });
    const off = values.map((v) => Math.abs(v.slope - v.product));
    const worst = off.some(Number.isNaN) ? NaN : Math.max(...off);
    const one = p(ONE, theta), its = score(ONE, theta);
    this.numbers?.show({
      p: shown(one), score: shown(its), slope: shown(slope(family, ONE, theta)),
      product: bare ? `${shown(its)}, p left out` : shown(one * its),
      residual: residualText(worst),
    });
    this.sliders?.forEach(({ key, made }) => made.hidden = key !== family);
    const size = 512, x0 = MARGIN, x1 = this.width - 12;
    this.picture?.size(this.width, size, `${view.name}, θ = ${fixed(theta, 2)}. Top: p. Middle: ` +
      `the score. Bottom: the slope of p, and ${bare ? "the score alone" : "p times score"}; ` +
      `their largest residual is ${residualText(worst)}.`);
    const x = scaleLinear(view.across, [x0, x1]);
    const scales = {
      p: scaleLinear(view.p, ROWS.p), score: scaleLinear(view.score, ROWS.score),
      slope: scaleLinear(view.slope, ROWS.slope),
    };
    this.scales = { x, y: scales.p };
    this.paintMarker(x, view);
    this.paintPanel("p", "p(x)", x, scales.p, values, ink("probability"));
    this.paintPanel("score", "×  ∇log p(x), the score", x, scales.score, values, ink("logprob"));
    this.paintPanel("slope", "=  ∇p(x)", x, scales.slope, values, "");
    this.paintDots(x, scales.slope, values, bare);
    const [atX, atY] = view.at(theta);
    this.grip?.(x(atX), scales.p(atY));
  }

  /** Where the outcome is that the numbers speak of. @param {Scale} x @param {View} view */
  paintMarker(x, { few, called }) {
    const picture = /** @type {Picture} */ (this.picture), group = picture.layer("one");
    group.selectAll("line").data(Object.values(ROWS)).join("line").attr("stroke", "var(--x-muted)")
      .attr("stroke-dasharray", "2 4").attr("x1", x(ONE)).attr("x2", x(ONE))
      .attr("y1", ([, y0]) => y0).attr("y2", ([y1]) => y1);
    const axis = picture.layer("x");
    axisX(axis, x, { y: ROWS.slope[0], label: "outcome x", ticks: 8 });
    if (few) axis.selectAll(".tick").remove();
    axis.selectAll(".few").data(few ?? []).join("text").attr("class", "few")
      .attr("text-anchor", "middle").attr("x", (d) => x(d)).attr("y", 18)
      .text((d) => called?.(d) ?? "");
  }

  /**
   * One quantity over the outcomes: a line, or bars with their values.
   * @param {"p" | "score" | "slope"} name @param {string} label @param {Scale} x @param {Scale} y
   * @param {Value[]} values @param {string} className
   */
  paintPanel(name, label, x, y, values, className) {
    const picture = /** @type {Picture} */ (this.picture);
    const [x0, x1] = x.range(), [low, high] = y.domain(), few = values.length < POINTS;
    axisY(picture.layer(`${name}-y`), y, { x: x0, label, ticks: 4, grid: x1 - x0 });
    const group = picture.layer(name).attr("class", className);
    group.selectAll(".zero").data([0]).join("line").attr("class", "zero")
      .attr("stroke", "var(--x-muted)").attr("x1", x0).attr("x2", x1)
      .attr("y1", y(0)).attr("y2", y(0));
    const curve = line(/** @param {Value} d */ (d) => x(d.x), (d) => y(d[name]))
      .defined((d) => d[name] >= low && d[name] <= high);
    group.selectAll(".curve").data(few ? [] : [values]).join("path").attr("class", "curve x-stroke")
      .attr("stroke-width", 2).attr("d", curve);
    const wide = Math.min(56, (x(1) - x(0)) * 0.5);
    const end = (/** @type {number} */ v) => y(Math.min(high, Math.max(low, v)));
    group.selectAll(".bar").data(few ? values : []).join("rect").attr("class", "bar")
      .attr("fill", name === "slope" ? "none" : "currentColor").attr("fill-opacity", 0.3)
      .attr("stroke", "currentColor").attr("stroke-width", 2)
      .attr("x", (d) => x(d.x) - wide / 2).attr("width", wide)
      .attr("y", (d) => Math.min(y(0), end(d[name])))
      .attr("height", (d) => Math.abs(end(d[name]) - y(0)));
    const beyond = (/** @type {Value} */ d) => few && (d[name] > high || d[name] < low);
    group.selectAll(".beyond").data(values.filter(beyond)).join("text")
      .attr("class", "beyond x-halo").attr("x", (d) => x(d.x) + wide / 2 + 6)
      .attr("y", (d) => end(d[name]) + (d[name] > 0 ? 10 : 0))
      .text((d) => `${d[name] > 0 ? "↑" : "↓"} ${shown(d[name])}`);
  }

  /**
   * p times score as dots; where it is 0 · ∞, that in words.
   * @param {Scale} x @param {Scale} y @param {Value[]} values @param {boolean} bare
   */
  paintDots(x, y, values, bare) {
    const [low, high] = y.domain(), few = values.length < POINTS;
    const dots = values.filter((_, i) => few || i % EVERY === 0);
    const picture = /** @type {Picture} */ (this.picture), gold = picture.layer("dots");
    gold.attr("class", ink("logprob")).selectAll("circle")
      .data(dots.filter((v) => v.product >= low && v.product <= high))
      .join("circle").attr("class", "x-fill").attr("r", few ? 6 : 4)
      .attr("cx", (d) => x(d.x)).attr("cy", (d) => y(d.product));
    const away = dots.filter((v) => v.product < low || v.product > high); // arrows at the edge
    gold.selectAll("path").data(away).join("path").attr("class", "x-fill")
      .attr("d", (d) => (d.product > high ? "M-5,8h10l-5,-8z" : "M-5,-8h10l-5,8z"))
      .attr("transform", (d) => `translate(${x(d.x)},${y(d.product > high ? high : low)})`);
    const lost = values.filter((v) => Number.isNaN(v.product));
    picture.layer("lost").attr("class", ink("logprob")).selectAll("text").data(lost).join("text")
      .attr("class", "x-term x-halo").attr("x", (d) => x(d.x) + 36)
      .attr("y", (d) => (y(0) + y(d.slope)) / 2 + 4).text("0 · ∞");
    const key = `${few ? "bars" : "line"}: differences of p, dots: ${bare ? "∇log p" : "p·∇log p"}`;
    picture.layer("key").selectAll("text").data([key]).join("text").attr("class", "x-muted")
      .attr("text-anchor", "end").attr("x", x.range()[1]).attr("y", y.range()[1] - 12).text(String);
  }
}

/** @typedef {{ x: number, p: number, score: number, slope: number, product: number }} Value */
/** @typedef {import("./log-derivative-views.js").View} View */
/** @typedef {ReturnType<typeof picture>} Picture */
/** @typedef {import("d3-scale").ScaleLinear<number, number>} Scale */
