/**
 * Chapter 15: three answers, so that every policy is a point of a triangle. From the reader's policy
 * three ways lead on, one for each estimate of the divergence; the optimum is a point in closed form.
 */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { climb, leashed, logSoftmax, REFERENCE, REWARD, tilted } from "../engine/leash.js";
import { choices, h, readouts, resetButton, slider } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { axisX, category, fixed, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { choice, number } from "../ui/properties.js";

/** @type {{ estimate: Estimate, name: string, dash: string, radius: number }[]} */
const WAYS = [
  { estimate: "k1", name: "k₁", dash: "none", radius: 11 },
  { estimate: "k2", name: "k₂", dash: "8 5", radius: 8 },
  { estimate: "k3", name: "k₃", dash: "2 4", radius: 5 },
];
const ANSWERS = ["a", "b", "c"], SHADES = [0.1, 0.3, 0.55];
const WIDEST = 4; // a logit
const BETAS = Array.from({ length: 60 }, (_, i) => 0.04 * 1.1 ** i);
const OPTIMA = BETAS.map(tilted);

export class Leash extends PgElement {
  static tag = "pg-leash";
  static label = "Explorable: a policy on a leash";
  static properties = {
    beta: number(0.3, 0.1, 1),
    use: choice("reward", ["reward", "loss"]),
    logitB: number(-0.7, -WIDEST, WIDEST),
    logitC: number(-1.8, -WIDEST, WIDEST),
  };

  /** @param {HTMLElement} body */
  build(body) {
    const lost = (/** @type {string} */ name, /** @type {number} */ i) =>
      ({ label: `lost with ${name}`, widest: "0.000", className: category(i) });
    this.numbers = readouts({
      best: { label: "most of J − β KL", widest: "−0.000" },
      ...Object.fromEntries(WAYS.map(({ estimate, name }, i) => [estimate, lost(name, i)])),
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.grip = handle(this, this.picture, "grip", (x, y) => this.drop(x, y));
    body.append(this.numbers.list, figure, h("div", { className: "x-controls" },
      slider(this, "beta", {
        label: "β: strength of the leash", step: 0.05, format: (v) => fixed(v, 2),
      }),
      slider(this, "logitB", { label: "start: logit of b", step: 0.1, format: (v) => fixed(v, 1) }),
      slider(this, "logitC", { label: "start: logit of c", step: 0.1, format: (v) => fixed(v, 1) }),
      h("div", { className: "x-row" },
        choices(this, "use", {
          label: "the estimate is", names: { reward: "in the reward", loss: "a loss" },
        }),
        resetButton(this)),
    ));
  }

  /** The start was dragged: the nearest policy inside. @param {number} x @param {number} y */
  drop(x, y) {
    const { left, low, side, tall } = /** @type {Triangle} */ (this.triangle);
    const b = (low - y) / tall, c = (x - left) / side - b / 2;
    const logs = [1 - b - c, b, c].map((p) => Math.log(Math.min(1, Math.max(p, Math.exp(-WIDEST)))));
    [["logitB", logs[1]], ["logitC", logs[2]]].forEach(([name, log]) => {
      const logit = Math.round(10 * (Number(log) - logs[0])) / 10;
      this.set(String(name), Math.min(WIDEST, Math.max(-WIDEST, logit)));
    });
  }

  paint() {
    const beta = Number(this.values.beta), use = /** @type {Use} */ (this.values.use);
    const theta = [0, Number(this.values.logitB), Number(this.values.logitC)];
    const best = tilted(beta), most = leashed(best, beta);
    const ways = WAYS.map((way) => {
      const seen = climb(theta, beta, way.estimate, use);
      return { ...way, seen, end: seen[seen.length - 1] };
    });
    const short = ways.map(({ end }) => fixed(Math.max(0, most - leashed(end, beta)), 3));
    this.numbers?.show({
      best: fixed(most, 3),
      ...Object.fromEntries(ways.map(({ estimate }, i) => [estimate, short[i]])),
    });
    const narrow = this.width < 600, gutter = 40, height = 340;
    const wide = narrow ? this.width : Math.round((this.width - gutter) * 0.54);
    this.picture?.size(this.width, narrow ? height + 300 : height,
      `At β ${fixed(beta, 2)}, with the estimate ${use === "loss" ? "as a loss" : "in the reward"}, ` +
      `k₁ ends ${short[0]} below the best, k₂ ${short[1]}, k₃ ${short[2]}.`);
    this.paintTriangle(wide, ways, best);
    this.paintStart(logSoftmax(theta).map(Math.exp));
    const box = narrow
      ? { x0: MARGIN, x1: this.width - 12, y0: height + 20, y1: height + 252 }
      : { x0: wide + gutter + 20, x1: this.width - 12, y0: 40, y1: height - 52 };
    this.paintRows(box, [
      { name: "reference", p: REFERENCE, look: "x-muted" }, { name: "optimum", p: best, look: "" },
      ...ways.map(({ name, end }, i) => ({ name: `${name} ends`, p: end, look: category(i) })),
    ]);
  }

  /** The ring that can be dragged, and its name. @param {number[]} p */
  paintStart(p) {
    const [x, y] = this.at(p);
    this.picture?.layer("start").selectAll("text").data(["start"]).join("text")
      .attr("class", "x-halo").attr("text-anchor", "end").attr("x", x - 12).attr("y", y - 4)
      .text(String);
    this.grip?.(x, y);
  }

  /** Where a policy stands in the picture. @param {number[]} p @returns {[number, number]} */
  at([, b, c]) {
    const { left, low, side, tall } = /** @type {Triangle} */ (this.triangle);
    return [left + side * (c + b / 2), low - tall * b];
  }

  /**
   * All policies, the way of the optimum as β falls, and where the three estimates lead.
   * @param {number} width @param {Way[]} ways @param {number[]} best
   */
  paintTriangle(width, ways, best) {
    const picture = /** @type {Picture} */ (this.picture);
    const side = Math.min(width - 60, 320), tall = side * 0.8;
    this.triangle = { left: (width - side) / 2, low: 46 + tall, side, tall };
    const corners = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((p) => this.at(p));
    const path = (/** @type {number[][]} */ list) => line()(list.map((p) => this.at(p)));
    picture.layer("triangle").selectAll("polygon").data([corners]).join("polygon")
      .attr("points", (d) => d.map(String).join(" ")).attr("fill", "none")
      .attr("stroke", "var(--x-muted)");
    picture.layer("corners").selectAll("text").data(corners).join("text")
      .attr("class", "x-muted").attr("text-anchor", "middle").attr("x", (d) => d[0])
      .attr("y", (d, i) => d[1] + (i === 1 ? -18 : 29)) // clear of a ring at the corner
      .text((_, i) => `${ANSWERS[i]}: R = ${REWARD[i]}`);
    picture.layer("optima").selectAll("path").data([OPTIMA]).join("path")
      .attr("fill", "none").attr("stroke", "var(--x-muted)").attr("stroke-width", 6)
      .attr("stroke-opacity", 0.3).attr("d", path);
    picture.layer("ways").selectAll("path").data(ways).join("path")
      .attr("class", (_, i) => `x-stroke ${category(i)}`).attr("stroke-width", 2.5)
      .attr("stroke-dasharray", (way) => way.dash)
      .attr("d", (way) => path(way.seen.filter((_, i) => i < 60 || i % 20 === 0)));
    const cramped = this.at(best)[1] > this.triangle.low - 30; // by a corner's name
    const places = [
      { p: REFERENCE, name: "reference", over: 22 },
      { p: best, name: "optimum", over: cramped ? -18 : 30 },
    ];
    picture.layer("places").selectAll("rect").data(places).join("rect")
      .attr("x", ({ p }) => this.at(p)[0] - 4).attr("y", ({ p }) => this.at(p)[1] - 4)
      .attr("width", 8).attr("height", 8).attr("fill", "var(--x-ink)");
    picture.layer("places").selectAll("text").data(places).join("text").attr("class", "x-halo")
      .attr("text-anchor", "middle").attr("x", ({ p }) => this.at(p)[0])
      .attr("y", ({ p, over }) => this.at(p)[1] + over).text(({ name }) => name);
    picture.layer("ends").selectAll("circle").data(ways).join("circle")
      .attr("class", (_, i) => `x-stroke ${category(i)}`).attr("stroke-width", 2.5)
      .attr("fill", "none").attr("r", (way) => way.radius)
      .attr("cx", ({ end }) => this.at(end)[0]).attr("cy", ({ end }) => this.at(end)[1]);
  }

  /**
   * Policies as bars, cut where one answer's probability ends and the next one's begins.
   * @param {Box} box @param {Row[]} rows
   */
  paintRows(box, rows) {
    const picture = /** @type {Picture} */ (this.picture);
    const x = scaleLinear([0, 1], [box.x0, box.x1]), step = (box.y1 - box.y0) / rows.length;
    axisX(picture.layer("rows-x"), x, { y: box.y1 + 6, label: "probability", ticks: 5 });
    const parts = rows.flatMap(({ p, look }, row) => p.map((each, i) => ({
      look, i, wide: x(each) - x(0), from: x(p.slice(0, i).reduce((sum, q) => sum + q, 0)),
      y: box.y0 + row * step,
    })));
    picture.layer("rows").selectAll("rect").data(parts).join("rect")
      .attr("class", ({ look }) => look).attr("x", ({ from }) => from).attr("y", ({ y }) => y)
      .attr("width", ({ wide }) => Math.max(0, wide)).attr("height", step - 24)
      .attr("fill", "currentColor").attr("fill-opacity", ({ i }) => SHADES[i])
      .attr("stroke", "currentColor").attr("stroke-width", 1);
    picture.layer("letters").selectAll("text").data(parts.filter(({ wide }) => wide > 18))
      .join("text").attr("class", "x-halo").attr("text-anchor", "middle")
      .attr("x", ({ from, wide }) => from + wide / 2).attr("y", ({ y }) => y + (step - 24) / 2 + 5)
      .text(({ i }) => ANSWERS[i]);
    picture.layer("row-names").selectAll("text").data(rows).join("text")
      .attr("class", ({ look }) => `x-term ${look}`).attr("x", box.x0)
      .attr("y", (_, row) => box.y0 + row * step - 5).text(({ name }) => name);
  }
}

/** @typedef {import("../engine/leash.js").Estimate} Estimate */
/** @typedef {import("../engine/leash.js").Use} Use */
/** @typedef {{ left: number, low: number, side: number, tall: number }} Triangle */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {{ name: string, p: number[], look: string }} Row */
/** @typedef {typeof WAYS[number] & { seen: number[][], end: number[] }} Way */
/** @typedef {ReturnType<typeof picture>} Picture */
