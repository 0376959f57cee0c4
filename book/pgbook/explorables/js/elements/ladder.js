/**
 * The ladder from R(τ) to PPO: recorded learning curves of ten seeds a rung (interquartile mean and
 * its interval), and beside them every rung at one budget of environment steps.
 */

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { h, readouts, resetButton, slider } from "../ui/controls.js";
import { axisX, axisY, category, fixed, grouped, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { integer, text } from "../ui/properties.js";
import { unpack } from "./lab-data.js";

const SOLVED = 475, TOP = 500;

/** @typedef {{ name: string, middle: Float64Array, lower: Float64Array, upper: Float64Array }} Rung */

/**
 * The rungs and their steps, from the element's `data`.
 * @param {string} json
 * @returns {{ steps: number[], rungs: Rung[] }}
 */
export function readLadder(json) {
  const { rungs, steps, curves } = JSON.parse(json);
  return {
    steps,
    rungs: rungs.map((/** @type {string} */ name, /** @type {number} */ i) => {
      const [middle, lower, upper] = curves[i].map(unpack);
      if (upper.length !== steps.length) throw new Error(`expected ${steps.length} points`);
      return { name, middle, lower, upper };
    }),
  };
}

export class Ladder extends PgElement {
  static tag = "pg-ladder";
  static label = "Explorable: the ladder from the total return to PPO";
  static properties = {
    data: text(""),
    rung: integer(3, 1, 6),
    budget: integer(60_000, 5_000, 200_000),
  };

  /** @type {ReturnType<typeof readLadder>} */
  ladder = { steps: [], rungs: [] };

  /** @param {string} name */
  changed(name) {
    if (name !== "data") return;
    this.problems.delete("curves");
    try {
      this.ladder = readLadder(String(this.values.data));
      this.rebuild();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.problems.set("curves", `data: expected recorded learning curves (${why})`);
    }
  }

  /** @param {HTMLElement} body */
  build(body) {
    const names = this.ladder.rungs.map(({ name }) => name);
    this.numbers = readouts({
      name: { label: "rung", widest: names.reduce((a, b) => b.length > a.length ? b : a, ""),
        className: category(0) },
      at: { label: "mean return there", widest: "000", className: category(0) },
      interval: { label: "95 % interval", widest: "000 to 000" },
      bought: { label: "this rung bought", widest: "the start" },
      solved: { label: `reaches ${SOLVED} after`, widest: "not within the budget shown" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    body.append(this.numbers.list, figure, h("div", { className: "x-controls" },
      slider(this, "rung", {
        label: "rungs climbed",
        format: (v) => `${v}: ${this.ladder.rungs[v - 1]?.name ?? ""}`,
      }),
      slider(this, "budget", { label: "budget of steps", step: 5_000, format: grouped }),
      h("div", { className: "x-row" }, resetButton(this)),
    ));
  }

  /** The value of a curve at the budget. @param {Float64Array} curve */
  read(curve) {
    const { steps } = this.ladder, budget = Number(this.values.budget);
    const i = Math.max(1, steps.findIndex((step) => step >= budget));
    const part = (budget - steps[i - 1]) / (steps[i] - steps[i - 1]);
    return curve[i - 1] + part * (curve[i] - curve[i - 1]);
  }

  paint() {
    const { steps, rungs } = this.ladder, climbed = Number(this.values.rung);
    if (!rungs.length) return;
    const now = rungs[climbed - 1], before = rungs[climbed - 2], at = this.read(now.middle);
    const reached = now.middle.findIndex((value) => value >= SOLVED);
    const gain = before ? at - this.read(before.middle) : 0;
    this.numbers?.show({
      name: now.name,
      at: fixed(at, 0),
      interval: `${fixed(this.read(now.lower), 0)} to ${fixed(this.read(now.upper), 0)}`,
      bought: before ? `${gain < 0 ? "" : "+"}${fixed(gain, 0)}` : "the start",
      solved: reached < 0 ? "not within the budget shown" : `${grouped(steps[reached])} steps`,
    });
    const narrow = this.width < 600, height = 350, gap = 40;
    const end = narrow ? this.width - 14 : Math.round(this.width * 0.62);
    const x = scaleLinear([0, steps[steps.length - 1]], [MARGIN, end]);
    const y = scaleLinear([0, TOP], [height - 50, 34]);
    const drawn = /** @type {Picture} */ (this.picture);
    drawn.size(this.width, narrow ? 2 * height - 20 : height, `Learning curves of ${climbed} rungs. ${now.name}: mean return ` +
      `${fixed(at, 0)} after ${grouped(Number(this.values.budget))} steps.`);
    axisX(drawn.layer("x"), x, {
      y: y(0), label: "environment steps, thousands", ticks: 5, format: (v) => String(v / 1000),
    });
    axisY(drawn.layer("y"), y, {
      x: MARGIN, label: "mean return, middle half of 10 seeds", grid: end - MARGIN,
    });
    this.paintCurves(x, y, climbed);
    const mark = x(Number(this.values.budget)), here = drawn.layer("budget");
    here.selectAll("line").data([mark]).join("line").attr("x1", mark).attr("x2", mark)
      .attr("y1", y(0)).attr("y2", y(TOP)).attr("stroke", "var(--x-ink)").attr("stroke-width", 1.25);
    here.selectAll("circle").data([at]).join("circle").attr("r", 5.5).attr("cx", mark)
      .attr("cy", y(at)).attr("fill", "var(--x-ink)");
    const top = narrow ? height + 20 : 20;
    this.paintBars({ x0: narrow ? 2 : end + gap, x1: this.width - 40, y0: top, y1: top + height - 70 });
  }

  /** Every rung at the budget, with its interval; the one climbed to is filled. @param {Box} box */
  paintBars(box) {
    const drawn = /** @type {Picture} */ (this.picture), { rungs } = this.ladder;
    const x = scaleLinear([0, TOP], [box.x0, box.x1]), step = (box.y1 - box.y0) / rungs.length;
    axisX(drawn.layer("bars-x"), x, {
      y: box.y1, label: `mean return at ${grouped(Number(this.values.budget))} steps`, ticks: 3,
    });
    const rows = rungs.map((rung, i) => ({
      name: `${i + 1}: ${rung.name}`, value: this.read(rung.middle), y: box.y0 + i * step,
      low: this.read(rung.lower), high: this.read(rung.upper), now: i + 1 === this.values.rung,
    }));
    const bars = drawn.layer("bars").selectAll("g").data(rows).join("g")
      .attr("class", (d) => (d.now ? category(0) : "x-muted"));
    bars.selectAll("rect").data((d) => [d]).join("rect").attr("x", box.x0)
      .attr("y", (d) => d.y + 17).attr("height", 14).attr("width", (d) => Math.max(0, x(d.value) - box.x0))
      .attr("fill", "currentColor").attr("fill-opacity", (d) => (d.now ? 0.85 : 0.25))
      .attr("stroke", "currentColor");
    bars.selectAll("path").data((d) => [d]).join("path").attr("fill", "none")
      .attr("stroke", "var(--x-ink)").attr("stroke-width", 1.5)
      .attr("d", (d) => `M${x(d.low)},${d.y + 24}H${x(d.high)}`);
    bars.selectAll("text.name").data((d) => [d]).join("text").attr("class", "name")
      .attr("font-weight", (d) => (d.now ? 600 : 400)).attr("x", box.x0)
      .attr("y", (d) => d.y + 12).text((d) => d.name);
    bars.selectAll("text.value").data((d) => [d]).join("text").attr("class", "value")
      .attr("x", (d) => x(Math.max(d.high, d.value)) + 6).attr("y", (d) => d.y + 29)
      .text((d) => fixed(d.value, 0));
  }

  /** @param {Scale} x @param {Scale} y @param {number} climbed */
  paintCurves(x, y, climbed) {
    const { steps, rungs } = this.ladder, drawn = /** @type {Picture} */ (this.picture);
    const shape = line((_, i) => x(steps[i]), (value) => y(Number(value)));
    const { lower, upper, middle } = rungs[climbed - 1];
    const band = area((_, i) => x(steps[i]), (_, i) => y(lower[i]), (_, i) => y(upper[i]));
    const solved = drawn.layer("solved");
    solved.selectAll("line").data([SOLVED]).join("line").attr("x1", x(0))
      .attr("x2", x(steps[steps.length - 1])).attr("y1", y).attr("y2", y)
      .attr("stroke", "var(--x-ink)").attr("stroke-dasharray", "5 4");
    drawn.layer("below").selectAll("path").data(rungs.slice(0, climbed - 1)).join("path")
      .attr("fill", "none").attr("stroke", "var(--x-muted)")
      .attr("stroke-width", (_, i) => (i === climbed - 2 ? 2.25 : 1.25))
      .attr("stroke-dasharray", (_, i) => (i === climbed - 2 ? "7 4" : "none"))
      .attr("d", (rung) => shape(/** @type {any} */ (rung.middle)));
    const now = drawn.layer("now").attr("class", category(0));
    now.selectAll("path.band").data([middle]).join("path").attr("class", "band x-fill")
      .attr("fill-opacity", 0.18).attr("d", /** @type {any} */ (band));
    now.selectAll("path.mean").data([middle]).join("path").attr("class", "mean x-stroke")
      .attr("stroke-width", 3).attr("d", /** @type {any} */ (shape));
    const key = ["thick: this rung, with its interval",
      ...(climbed > 1 ? [`dashed: ${rungs[climbed - 2].name}`] : []),
      ...(climbed > 2 ? ["thin: the rungs below"] : [])];
    drawn.layer("key").selectAll("text").data(key).join("text").attr("class", "x-muted x-halo")
      .attr("text-anchor", "end").attr("x", x(steps[steps.length - 1]) - 6)
      .attr("y", (_, i) => y(0) - 12 - 18 * (key.length - 1 - i)).text(String);
  }
}

/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {(value: number) => number} Scale */
/** @typedef {ReturnType<typeof picture>} Picture */
