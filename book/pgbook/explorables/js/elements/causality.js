/**
 * Chapter 8: the score of each step meets the reward of each step. A disc is the mean of a pair, a
 * ring around it the size of a single sample; below the diagonal there are rings without discs.
 */

import { scaleLinear, scaleSqrt } from "d3-scale";
import { creditTable, keeps, listing, weighted } from "../engine/credit.js";
import { softmaxPolicy } from "../engine/mdp.js";
import { RANDOM_THETA, RANDOM_WORLD } from "../engine/worlds.js";
import { choices, h, readouts, resetButton, slider, steady } from "../ui/controls.js";
import { axisX, category, fixed, ink, picture, spans } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { choice, integer, number } from "../ui/properties.js";

/** @typedef {import("../engine/credit.js").Keep} Keep */

const T = RANDOM_WORLD.horizon;
const MOST = 10; // variance at the end of the bars' axis
const SUB = ["₀", "₁", "₂", "₃"];
/** @type {Record<Keep, string>} */
const NAMES = {
  all: "all: the total return R(τ)",
  future: "t′ ≥ t: the reward-to-go",
  past: "t′ < t: the past instead",
};
/** @type {Record<Keep, string>} */
const BARS = { all: "total return", future: "reward-to-go", past: "the past only" };

/** @type {ReturnType<typeof listing> | null} */
let listed = null;

/**
 * What the figure shows, exactly. @param {number} scale @param {number} coin @param {Keep} keep
 */
export function exact(scale, coin, keep) {
  listed ??= listing(RANDOM_WORLD);
  const policy = softmaxPolicy(RANDOM_WORLD, RANDOM_THETA.map((x) => scale * x));
  const table = creditTable(listed, policy);
  const of = (/** @type {Keep} */ name) => weighted(RANDOM_WORLD, table, name, coin);
  const all = of("all"), future = of("future"), past = of("past");
  const mean = { all, future, past }[keep].mean;
  return {
    norm: table.norm,
    rms: table.rms.map((x, cell) => Math.sqrt(x ** 2 + coin ** 2 * table.square[(cell / T) | 0])),
    variance: { all: all.variance, future: future.variance, past: past.variance },
    bias: Math.hypot(...mean.map((x, k) => x - all.mean[k])),
  };
}

export class Causality extends PgElement {
  static tag = "pg-causality";
  static label = "Explorable: which reward teaches which action";
  static properties = {
    scale: number(1, 0, 3),
    coin: number(0, 0, 2.5),
    keep: choice("future", ["all", "future", "past"]),
    score: integer(2, 0, T - 1),
    reward: integer(0, 0, T - 1),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      total: { label: "variance, total return", widest: "0.00" },
      togo: { label: "variance, reward-to-go", widest: "0.00" },
      bias: { label: "kept pairs: ‖mean − ∇J‖", widest: "0.000", className: category(1) },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.words = h("p", { className: "x-cell" });
    this.guess = guess(this, this.picture, {
      ask: "The total return’s noise is the long bar. Where does the bar of reward-to-go end?",
      label: "its variance", min: 0, max: MOST, step: 0.05, format: (v) => fixed(v, 2),
      at: (x) => this.across?.invert(x),
      covers: ["[data-bar=future]", "[data-bar=past]", "[data-pg-value=togo]"],
    });
    const controls = h("div", { className: "x-controls" },
      choices(this, "keep", { label: "Keep the pairs with", names: NAMES }),
      slider(this, "coin", {
        label: "A coin pays ±, and takes it back next", step: 0.05, format: (v) => `±${fixed(v, 2)}`,
      }),
      slider(this, "scale", { label: "Policy, θ ×", step: 0.05, format: (v) => fixed(v, 2) }),
      slider(this, "score", { label: "Score of step t" }),
      slider(this, "reward", { label: "Reward of step t′" }),
      h("div", { className: "x-row" }, resetButton(this)),
    );
    controls.style.gridTemplateColumns = "repeat(2, minmax(0, 1fr))";
    const long = "∇log π₀ · r₃: action 0 helps to decide where step 3 finds us, and so what it " +
      "pays. The mean has length 0.00, a single sample 0.00.";
    const past = "∇log π₃ · r₀: r₀ is paid before action 3 is drawn. Once the past is known it is " +
      "a mere number, and the score times a number averages to 0. A single sample has length " +
      "0.00, all of it noise.";
    body.append(this.guess.bar, this.numbers.list, figure, steady(this.words, [long, past]), controls);
  }

  paint() {
    const { scale, coin } = this.values, keep = /** @type {Keep} */ (this.values.keep);
    const now = exact(Number(scale), Number(coin), keep), { all, future } = now.variance;
    this.numbers?.show({
      total: fixed(all, 2), togo: fixed(future, 2), bias: fixed(Math.abs(now.bias), 3),
    });
    const narrow = this.width < 600, gap = 40, left = 74;
    const room = narrow ? this.width - left - 4 : this.width * 0.52 - left;
    const side = Math.max(4, Math.min(74, Math.floor(room / T)));
    const bottom = 46 + T * side, height = narrow ? bottom + 250 : bottom + 8;
    const says = "A table of four scores by four rewards. Below the diagonal all means are 0. " +
      `Variance with the total return ${fixed(all, 2)}, with reward-to-go ${fixed(future, 2)}.`;
    this.picture?.size(this.width, height, says);
    this.paintTable({ x0: left, y0: 46, side }, now, keep);
    const x0 = narrow ? 5 : left + T * side + gap, y0 = narrow ? bottom + 36 : 46;
    const y1 = narrow ? height - 52 : bottom - 44;
    this.paintBars({ x0, x1: this.width - 40, y0, y1 }, now.variance, keep);
    this.describe(now);
    this.guess?.paint(future, (value) => {
      const at = /** @type {Scale} */ (this.across)(value), step = (y1 - y0) / 3;
      return [at, y0 + step + 4, at, y0 + step + 46];
    });
  }

  /**
   * @param {{ x0: number, y0: number, side: number }} box @param {Exact} now @param {Keep} keep
   */
  paintTable({ x0, y0, side }, now, keep) {
    const picture = /** @type {Picture} */ (this.picture);
    const radius = scaleSqrt([0, 2.6], [0, side * 0.36]);
    const cells = Array.from({ length: T * T }, (_, cell) => {
      const t = Math.floor(cell / T), paid = cell % T;
      const chosen = t === this.values.score && paid === this.values.reward;
      return {
        t, paid, chosen, x: x0 + paid * side, y: y0 + t * side, kept: keeps(keep, t, paid),
        mean: now.norm[cell], noise: now.rms[cell],
      };
    });
    const groups = spans(picture.layer("cells"), radius).selectAll("g").data(cells).join("g")
      .attr("transform", (d) => `translate(${d.x},${d.y})`).style("cursor", "pointer")
      .on("click", (_, d) => {
        this.set("score", d.t);
        this.set("reward", d.paid);
      });
    groups.selectAll("rect").data((d) => [d]).join("rect").attr("x", 1.5).attr("y", 1.5)
      .attr("width", side - 3).attr("height", side - 3).attr("rx", 5)
      .attr("fill", (d) => (d.kept ? "var(--x-raised)" : "var(--x-paper)"))
      .attr("stroke", (d) => (d.chosen ? "var(--x-ink)" : "var(--x-line)"))
      .attr("stroke-width", (d) => (d.chosen ? 2.5 : 1));
    groups.selectAll("path").data((d) => [d]).join("path")
      .attr("stroke", "var(--x-muted)").attr("stroke-width", 1)
      .attr("d", (d) => (d.kept ? "" : `M6,${side - 6}L${side - 6},6`));
    const middle = side * 0.4;
    groups.selectAll("circle.noise").data((d) => [d]).join("circle")
      .attr("class", `noise x-stroke ${category(0)}`).attr("stroke-width", 1.5)
      .attr("cx", side / 2).attr("cy", middle).attr("r", (d) => radius(d.noise));
    groups.selectAll("circle.mean").data((d) => [d]).join("circle")
      .attr("class", `mean x-fill ${category(1)}`)
      .attr("cx", side / 2).attr("cy", middle).attr("r", (d) => radius(d.mean));
    groups.selectAll("text").data((d) => [d]).join("text")
      .attr("text-anchor", "end").attr("x", side - 7).attr("y", side - 8)
      .text((d) => (d.paid < d.t ? "0" : fixed(d.mean, 2)));
    const heads = Array.from({ length: T }, (_, k) => k);
    picture.layer("columns").selectAll("text").data(heads).join("text")
      .attr("text-anchor", "middle").attr("x", (k) => x0 + (k + 0.5) * side).attr("y", y0 - 9)
      .text((k) => `r${SUB[k]}`);
    picture.layer("rows").attr("class", ink("policy")).selectAll("text").data(heads).join("text")
      .attr("class", "x-term").attr("text-anchor", "end").attr("x", x0 - 9)
      .attr("y", (k) => y0 + (k + 0.5) * side + 4).text((k) => `∇log π${SUB[k]}`);
    picture.layer("caption").selectAll("text").data([0]).join("text").attr("class", "x-muted")
      .attr("x", 0).attr("y", 14).text("disc: mean of the pair, ring: size of one sample");
  }

  /**
   * The exact variance with each weight.
   * @param {{ x0: number, x1: number, y0: number, y1: number }} box
   * @param {Record<Keep, number>} variance @param {Keep} keep
   */
  paintBars({ x0, x1, y0, y1 }, variance, keep) {
    const picture = /** @type {Picture} */ (this.picture), step = (y1 - y0) / 3;
    const x = this.across = scaleLinear([0, MOST], [x0, x1]);
    axisX(picture.layer("bars-x"), x, { y: y1, label: "variance of the estimate", ticks: 5 });
    const even = picture.layer("even").selectAll("line").data([variance.all]).join("line");
    even.attr("x1", (d) => x(d)).attr("x2", (d) => x(d)).attr("y1", y0 + 40)
      .attr("y2", y0 + step + 46).attr("stroke", "var(--x-muted)").attr("stroke-dasharray", "3 3");
    const bars = /** @type {Keep[]} */ (["all", "future", "past"]).map((name, i) => ({
      name, value: variance[name], y: y0 + i * step, chosen: name === keep,
    }));
    const groups = picture.layer("bars").selectAll("g").data(bars).join("g")
      .attr("data-bar", (d) => d.name)
      .attr("transform", (d) => `translate(0,${d.y})`);
    groups.selectAll("rect").data((d) => [d]).join("rect").attr("x", x0).attr("y", 18)
      .attr("height", 22).attr("rx", 2).attr("width", (d) => Math.max(0, x(d.value) - x0))
      .attr("class", category(0)).attr("stroke", "currentColor").attr("stroke-width", 1.5)
      .attr("fill", (d) => (d.chosen ? "currentColor" : "var(--x-paper)"));
    groups.selectAll("text.name").data((d) => [d]).join("text")
      .attr("class", "name x-halo").attr("font-weight", (d) => (d.chosen ? 600 : 400))
      .attr("x", x0).attr("y", 11).text((d) => BARS[d.name] + (d.chosen ? " ◂ kept" : ""));
    groups.selectAll("text.value").data((d) => [d]).join("text").attr("class", "value")
      .attr("x", (d) => x(d.value) + 7).attr("y", 34).text((d) => fixed(d.value, 2));
  }

  /** What the chosen cell means. @param {Exact} now */
  describe(now) {
    const t = Number(this.values.score), paid = Number(this.values.reward), cell = t * T + paid;
    const pair = `∇log π${SUB[t]} · r${SUB[paid]}`, noise = fixed(now.rms[cell], 2);
    const mean = fixed(now.norm[cell], 2);
    const why = paid < t
      ? `r${SUB[paid]} is paid before action ${t} is drawn. Once the past is known it is a mere ` +
        `number, and the score times a number averages to 0. A single sample has length ` +
        `${noise}, all of it noise.`
      : paid === t
        ? `r${SUB[t]} is what action ${t} is paid at once. The mean has length ${mean}, a single ` +
          `sample ${noise}.`
        : `action ${t} helps to decide where step ${paid} finds us, and so what it pays. The ` +
          `mean has length ${mean}, a single sample ${noise}.`;
    this.words?.replaceChildren(h("strong", {}, pair), `: ${why}`);
  }
}

/** @typedef {import("d3-scale").ScaleLinear<number, number>} Scale */
/** @typedef {ReturnType<typeof exact>} Exact */
/** @typedef {ReturnType<typeof picture>} Picture */
