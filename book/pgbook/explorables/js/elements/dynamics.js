/**
 * Chapter 5: change the world, and its part of the score stays exactly 0. Let θ leak into the
 * world, and the slope of J parts from what the policy gradient reports.
 */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import {
  pier, pierObjective, scoreTerms, slopes, walker, WALKS,
} from "../engine/pier.js";
import { trajectoryProb } from "../engine/mdp.js";
import { Prng } from "../engine/prng.js";
import { button, h, onRequest, readouts, resetButton, slider } from "../ui/controls.js";
import { axisX, axisY, fixed, ink, MARGIN, picture, spans } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { integer, number } from "../ui/properties.js";

const LIMIT = 3; // of θ
const REACH = 1.1; // of the bars
const ROW = 34;
const GRID = Array.from({ length: 61 }, (_, i) => LIMIT * (i / 30 - 1));

/** Exactly zero is said in one digit. @param {number} v */
const exact = (v) => v === 0 ? "0" : fixed(v, 3);

/** The name of a factor of a walk. @param {import("../engine/mdp.js").Trajectory} tau */
const names = ({ states, actions }) => [
  `ρ₀(${states[0]})`,
  ...actions.flatMap((a, t) => {
    const way = a ? "right" : "left";
    return [`π(${way} | ${states[t]})`, `P(${states[t + 1]} | ${states[t]}, ${way})`];
  }),
];

export class Dynamics extends PgElement {
  static tag = "pg-dynamics";
  static label = "Explorable: the score without the dynamics";
  static properties = {
    theta: number(0.5, -LIMIT, LIMIT),
    wind: number(0, -1, 1),
    slip: number(0.2, 0.05, 0.5),
    leak: number(1, -1, 1),
    leakStart: number(0, -0.2, 0.2),
    walk: integer(470, 0, WALKS.length - 1),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      world: { label: "world’s part of this score", widest: "−0.000", className: ink("dynamics") },
      truth: { label: "true slope of J", widest: "−0.000", className: ink("objective") },
      reported: { label: "(5.4) reports", widest: "−0.000", className: ink("policy") },
      bias: { label: "off by", widest: "−0.000" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    const two = (/** @type {number} */ v) => fixed(v, 2);
    const named = (/** @type {string} */ name, /** @type {string} */ label) =>
      slider(this, name, { label, step: 0.01, format: two });
    const key = "Plain teal: the policy’s terms. Striped purple: the world’s. Red: the true " +
      "slope; dotted teal: the slope that (5.4) reports.";
    body.append(this.numbers.list, figure, h("p", { className: "x-key" }, key), h("div", {
      className: "x-controls",
    },
      named("leak", "leak: θ turns the wind"), named("wind", "wind"),
      h("div", { className: "x-row" },
        button(this, "Another walk", () => this.another()), resetButton(this)),
    ), onRequest("More to turn", named("theta", "θ: liking for right"), named("slip", "slip"),
      named("leakStart", "leak: θ moves the start")));
    /** @type {{ world: string, points: { theta: number, J: number }[] }} J over θ */
    this.curve = { world: "", points: [] };
    this.forget();
  }

  forget() {
    this.rng = new Prng(0);
  }

  /** @returns {import("../engine/pier.js").Settings} */
  get settings() {
    const { wind, slip, leak, leakStart } = this.values;
    return {
      wind: Number(wind), slip: Number(slip), leak: Number(leak), leakStart: Number(leakStart),
    };
  }

  /** Draw a walk as the world and the policy would. */
  another() {
    const theta = Number(this.values.theta), world = pier(theta, this.settings);
    const p = WALKS.map((tau) => trajectoryProb(world, walker(theta), tau));
    const drawn = this.rng?.choice(Float64Array.from(p)) ?? 0;
    this.set("walk", drawn);
  }

  paint() {
    const theta = Number(this.values.theta), { settings } = this;
    const tau = WALKS[Number(this.values.walk)];
    const terms = scoreTerms(theta, settings, tau), { truth, reported } = slopes(theta, settings);
    const world = terms.reduce((sum, { term, slope }) => sum + (term === "policy" ? 0 : slope), 0);
    const bias = Math.abs(reported - truth) < 5e-7 ? 0 : reported - truth;
    this.numbers?.show({
      world: exact(world), truth: fixed(truth, 3), reported: fixed(reported, 3),
      bias: fixed(bias, 3),
    });
    const narrow = this.width < 600, gap = 64, height = ROW * terms.length, top = 30;
    const left = narrow ? this.width : Math.round((this.width - gap) * 0.52);
    const second = narrow ? top + height + 58 : top;
    this.picture?.size(this.width, second + height + 48,
      `The score of one walk, term by term: the world's terms add up to ${exact(world)}. ` +
      `The true slope of J is ${fixed(truth, 2)}, equation 5.4 reports ${fixed(reported, 2)}.`);
    this.paintTerms({ x0: 0, x1: left, y0: top, y1: top + height }, terms, names(tau));
    this.paintCurve({
      x0: narrow ? MARGIN : left + gap, x1: this.width - 8, y0: second, y1: second + height,
    }, { theta, truth, reported, bias });
  }

  /**
   * Left: one bar for each draw of the walk.
   * @param {Box} box @param {ReturnType<typeof scoreTerms>} terms @param {string[]} labels
   */
  paintTerms(box, terms, labels) {
    const picture = /** @type {Picture} */ (this.picture), room = 124;
    const x = scaleLinear([-REACH, REACH], [box.x0 + room, box.x1 - 46]).clamp(true);
    const y = (/** @type {number} */ i) => box.y0 + ROW * (i + 0.5);
    const ofPolicy = (/** @type {{ term: string }} */ d) => d.term === "policy";
    const colour = (/** @type {{ term: string }} */ d) => ink(ofPolicy(d) ? "policy" : "dynamics");
    picture.layer("zero").selectAll("line").data([0]).join("line").attr("stroke", "var(--x-muted)")
      .attr("x1", x(0)).attr("x2", x(0)).attr("y1", box.y0).attr("y2", y(terms.length - 0.5));
    spans(picture.layer("bars"), x).selectAll("rect").data(terms).join("rect")
      .attr("class", (d) => `x-fill ${colour(d)}`).attr("height", ROW - 14)
      .attr("y", (_, i) => y(i) - ROW / 2 + 7).attr("x", (d) => Math.min(x(0), x(d.slope)))
      .attr("width", (d) => Math.abs(x(d.slope) - x(0)));
    const stripes = terms.flatMap((d, i) => {
      const lines = [], from = Math.min(x(0), x(d.slope)), to = Math.max(x(0), x(d.slope));
      for (let s = from + 5; s < to && !ofPolicy(d); s += 7) {
        lines.push(`M${s},${y(i) - ROW / 2 + 7}v${ROW - 14}`);
      }
      return lines;
    });
    picture.layer("stripes").selectAll("path").data([stripes.join("")]).join("path")
      .attr("stroke", "var(--x-paper)").attr("stroke-width", 1.5).attr("d", String);
    picture.layer("names").selectAll("text").data(terms).join("text")
      .attr("class", (d) => `x-term ${colour(d)}`).attr("x", box.x0).attr("y", (_, i) => y(i) + 4)
      .text((_, i) => `∇ log ${labels[i]}`);
    picture.layer("values").selectAll("text").data(terms).join("text")
      .attr("text-anchor", "end").attr("x", box.x1).attr("y", (_, i) => y(i) + 4)
      .attr("font-weight", (d) => ofPolicy(d) ? 400 : 700).text((d) => exact(d.slope));
    picture.layer("terms-head").selectAll("text").data(["the score of one walk, term by term"])
      .join("text").attr("class", "x-muted").attr("x", box.x0).attr("y", box.y0 - 14).text(String);
  }

  /** Right: J over θ with two tangents. @param {Box} box @param {Now} now */
  paintCurve(box, now) {
    const picture = /** @type {Picture} */ (this.picture), { settings } = this;
    const world = JSON.stringify(settings);
    if (this.curve?.world !== world) {
      const points = GRID.map((theta) => ({ theta, J: pierObjective(theta, settings) }));
      this.curve = { world, points }; // θ alone does not move it
    }
    const curve = this.curve?.points ?? [];
    const x = scaleLinear([-LIMIT, LIMIT], [box.x0, box.x1]);
    const y = scaleLinear([2, 10], [box.y1, box.y0]); // room for every world
    axisY(picture.layer("curve-y"), y, {
      x: box.x0, label: "J(θ)", ticks: 4, grid: box.x1 - box.x0,
    });
    axisX(picture.layer("curve-x"), x, {
      y: box.y1, label: "θ", ticks: 5, format: (/** @type {number} */ v) => fixed(v, 0),
    });
    const shape = line(/** @param {{ theta: number, J: number }} d */ (d) => x(d.theta), (d) => y(d.J));
    const J = pierObjective(now.theta, settings), reach = 1.6;
    const tangent = (/** @type {number} */ slope) => {
      const at = (/** @type {number} */ d) => `${x(now.theta + d)},${y(J + d * slope)}`;
      return `M${at(-reach)}L${at(reach)}`;
    };
    const wedge = [1, -1].map((d) => `M${x(now.theta)},${y(J)}` +
      [now.truth, now.reported].map((s) => `L${x(now.theta + d * reach)},${y(J + d * reach * s)}`)
        .join("") + "z").join("");
    picture.layer("wedge").attr("class", ink("dynamics")).selectAll("path").data([wedge])
      .join("path").attr("class", "x-fill").attr("opacity", 0.16).attr("d", String);
    const red = picture.layer("curve").attr("class", ink("objective"));
    red.selectAll("path").data([shape(curve), tangent(now.truth)]).join("path")
      .attr("class", "x-stroke").attr("opacity", (_, i) => i ? 1 : 0.5)
      .attr("stroke-width", (_, i) => i ? 3 : 2).attr("d", String);
    picture.layer("reported").attr("class", ink("policy")).selectAll("path")
      .data([tangent(now.reported)]).join("path").attr("class", "x-stroke")
      .attr("stroke-width", 3).attr("stroke-dasharray", "2 8").attr("d", String);
    const names = [
      { term: ink("objective"), text: "true slope", slope: now.truth },
      { term: ink("policy"), text: "(5.4)", slope: now.reported },
    ];
    picture.layer("slope-names").selectAll("text").data(now.bias ? names : []).join("text")
      .attr("class", (d) => `x-term x-halo ${d.term}`).attr("text-anchor", "end")
      .attr("x", x(now.theta + reach) - 8)
      .attr("y", (d) => y(J + reach * d.slope) + (d.slope > (now.truth + now.reported) / 2 ? -4 : 14))
      .text((d) => d.text);
    red.selectAll("circle").data([0]).join("circle").attr("class", "x-fill").attr("r", 5.5)
      .attr("cx", x(now.theta)).attr("cy", y(J));
  }
}

/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {{ theta: number, truth: number, reported: number, bias: number }} Now */
/** @typedef {ReturnType<typeof picture>} Picture */
