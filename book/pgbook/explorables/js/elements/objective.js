/**
 * Chapter 1: move θ, and the probabilities of all trajectories, the objective J(θ) and its estimate
 * from N sampled episodes move together.
 */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import {
  enumerateTrajectories, greedyTrap, objective, softmaxPolicy, totalReward, trajectoryProb,
} from "../engine/mdp.js";
import { Prng } from "../engine/prng.js";
import { Running } from "../engine/statistics.js";
import { button, h, readouts, resetButton, slider } from "../ui/controls.js";
import { axisX, axisY, fixed, grouped, ink, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { integer, number } from "../ui/properties.js";

const MDP = greedyTrap(4);
const OTHER_STATES = 2; // the logit of "grab" away from the crossroads
const LIMIT = 5, FLOOR = 1.2, CEILING = 2.6; // of θ, and of the picture of J
const PART_OF_MOST = 0.6; // the tallest stack that the picture has room for

/** The 256 trajectories, in the order of their returns. */
const EVERY = enumerateTrajectories(MDP)
  .map((tau) => ({ tau, reward: totalReward(MDP, tau) }))
  .sort((a, b) => a.reward - b.reward);

/** θ is the logit of "walk on" at the crossroads, at every step. @param {number} theta */
export function policyAt(theta) {
  const { states: S, actions: A, horizon: T } = MDP, logits = new Float64Array(T * S * A);
  for (let row = 0; row < T * S; row++) {
    if (row % S === 0) logits[row * A + 1] = theta;
    else logits[row * A] = OTHER_STATES;
  }
  return softmaxPolicy(MDP, logits);
}

/**
 * The mean return of N episodes. An episode is one uniform number u: the trajectory at which the
 * probabilities, added up in the order of returns, pass u. The same u for every θ: so the estimate
 * moves with θ and not with chance.
 * @param {Float64Array} probabilities of EVERY
 * @param {Float64Array} uniforms
 */
export function estimate(probabilities, uniforms) {
  const total = new Float64Array(EVERY.length), running = new Running();
  const seen = new Uint32Array(EVERY.length);
  probabilities.reduce((sum, p, i) => total[i] = sum + p, 0);
  for (const u of uniforms) {
    let low = 0, high = EVERY.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (total[middle] > u) high = middle;
      else low = middle + 1;
    }
    seen[low] += 1;
    running.add(EVERY[low].reward);
  }
  return { mean: running.mean, error: running.error, seen };
}

const CURVE = Array.from({ length: 101 }, (_, i) => {
  const theta = LIMIT * (i / 50 - 1);
  return { theta, J: objective(MDP, policyAt(theta)) };
});

const HIGHEST = Math.max(...CURVE.map(({ J }) => J));

export class Objective extends PgElement {
  static tag = "pg-objective";
  static label = "Explorable: the objective";
  static properties = {
    theta: number(-1, -LIMIT, LIMIT),
    episodes: integer(100, 10, 10000),
    seed: integer(0, 0, 9999),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      objective: { label: "J(θ), exact", widest: "0.000", className: ink("objective") },
      estimate: { label: "its estimate, 95 %", widest: "0.000 ± 0.000" },
      walk: { label: "walks on with probability", widest: "0.00", className: ink("policy") },
    });
    const figure = h("div");
    this.picture = picture(figure);
    const again = button(this, "Draw again", () => {
      this.set("seed", (Number(this.values.seed) + 1) % 10000);
    });
    this.guess = guess(this, this.picture, {
      ask: "The dot is J at this θ. How high does J get, at the best θ there is?",
      label: "the highest J", min: FLOOR, max: CEILING, step: 0.01, format: (v) => fixed(v, 2),
      at: (_, y) => this.upwards?.invert(y), covers: ["[data-layer=curve] path"],
    });
    body.append(this.guess.bar, this.numbers.list, figure, h("div", { className: "x-controls" },
      slider(this, "theta", {
        label: "θ: liking for walking on", step: 0.05, format: (v) => fixed(v, 2),
      }),
      slider(this, "episodes", { label: "N: episodes sampled", log: true, format: grouped }),
      h("div", { className: "x-row" }, again, resetButton(this)),
    ));
    this.drawn = new Float64Array();
  }

  /** @param {string} name */
  changed(name) {
    if (name !== "theta") this.drawn = new Float64Array();
  }

  /** The N uniform numbers. */
  uniforms() {
    if (!this.drawn?.length) {
      const rng = new Prng(Number(this.values.seed));
      this.drawn = Float64Array.from({ length: Number(this.values.episodes) }, () => rng.uniform());
    }
    return this.drawn;
  }

  paint() {
    const theta = Number(this.values.theta), policy = policyAt(theta);
    const p = Float64Array.from(EVERY, ({ tau }) => trajectoryProb(MDP, policy, tau));
    const J = objective(MDP, policy), sample = estimate(p, this.uniforms());
    const half = 1.96 * sample.error;
    this.numbers?.show({
      objective: fixed(J, 3),
      estimate: `${fixed(sample.mean, 3)} ± ${fixed(half, 3)}`,
      walk: fixed(policy[1], 2),
    });
    const says = `256 trajectories by return. J is ${fixed(J, 2)}, its estimate from ` +
      `${this.values.episodes} episodes ${fixed(sample.mean, 2)} plus or minus ${fixed(half, 2)}.`;
    const narrow = this.width < 600, gap = 56, height = 320;
    const left = narrow ? this.width : Math.round((this.width - gap) * 0.6);
    this.picture?.size(this.width, narrow ? 2 * height - 20 : height, says);
    const now = { theta, J, ...sample, half };
    this.paintReturns({ x0: MARGIN, x1: left - 12, y0: 34, y1: height - 66 }, p, now);
    const top = narrow ? height + 28 : 34, start = narrow ? MARGIN : left + gap;
    const bottom = narrow ? 2 * height - 72 : height - 52;
    const box = { x0: start, x1: this.width - 12, y0: top, y1: bottom };
    this.paintCurve(box, now);
    this.guess?.paint(HIGHEST, (value) => {
      const at = /** @type {Scale} */ (this.upwards)(value);
      return [box.x0, at, box.x1, at];
    });
  }

  /**
   * Left: every trajectory a block, as high as it is likely, stacked on its return.
   * @param {Box} box @param {Float64Array} p @param {Now} now
   */
  paintReturns(box, p, now) {
    const x = scaleLinear([-0.2, 4.2], [box.x0, box.x1]);
    const y = scaleLinear([0, PART_OF_MOST], [box.y1, box.y0]);
    const picture = /** @type {Picture} */ (this.picture);
    const wide = Math.max(7, (x(0.1) - x(0)) * 0.8);
    axisY(picture.layer("returns-y"), y, {
      x: box.x0, label: "probability", ticks: 4, grid: box.x1 - box.x0,
    });
    axisX(picture.layer("returns-x"), x, { y: box.y1, label: "", ticks: 5 });
    /** @type {Map<number, number>} */
    const heights = new Map(), shares = new Map();
    const blocks = EVERY.map(({ reward }, i) => {
      const key = Math.round(reward * 10), from = heights.get(key) ?? 0;
      heights.set(key, from + p[i]);
      shares.set(key, (shares.get(key) ?? 0) + now.seen[i] / this.uniforms().length);
      return { reward, from, to: from + p[i] };
    });
    const outline = blocks.map(({ reward, from, to }) => {
      const tall = y(from) - y(to), seam = tall > 3 ? 1 : 0; // a seam shows where a block ends
      return `M${x(reward) - wide / 2},${y(to) + seam}h${wide}V${y(from)}h${-wide}z`;
    });
    picture.layer("blocks").attr("class", ink("probability")).selectAll("path")
      .data([outline.join("")]).join("path").attr("class", "x-fill").attr("d", String);
    picture.layer("shares").selectAll("line").data([...shares]).join("line")
      .attr("stroke", "var(--x-ink)").attr("stroke-width", 2)
      .attr("x1", (d) => x(d[0] / 10) - wide / 2 - 3).attr("x2", (d) => x(d[0] / 10) + wide / 2 + 3)
      .attr("y1", (d) => y(d[1])).attr("y2", (d) => y(d[1]));
    const tip = x(now.J), foot = box.y1 + 24;
    const balance = picture.layer("balance").attr("class", ink("objective"));
    balance.selectAll("path").data([0]).join("path").attr("class", "x-fill")
      .attr("d", `M${tip},${foot}l8,14h-16z`);
    balance.selectAll("text").data(["J(θ)"]).join("text").attr("class", "x-term")
      .attr("x", tip + 13).attr("y", foot + 13).attr("font-style", "italic").text(String);
    this.paintInterval(picture.layer("interval"), x(now.mean), foot + 26,
      x(now.mean - now.half), x(now.mean + now.half), true);
    picture.layer("captions").selectAll("text").data([
      { x: box.x1, y: box.y0 - 12, text: "blocks: trajectories, ticks: sampled share" },
      { x: box.x1, y: box.y1 + 58, text: "return R(τ)" },
    ]).join("text").attr("class", "x-muted").attr("text-anchor", "end")
      .attr("x", (d) => d.x).attr("y", (d) => d.y).text((d) => d.text);
  }

  /** Right: the same J over all θ. @param {Box} box @param {Now} now */
  paintCurve(box, now) {
    const x = scaleLinear([-LIMIT, LIMIT], [box.x0, box.x1]);
    const y = this.upwards = scaleLinear([FLOOR, CEILING], [box.y1, box.y0]);
    const picture = /** @type {Picture} */ (this.picture);
    axisY(picture.layer("curve-y"), y, {
      x: box.x0, label: "mean return", ticks: 4, grid: box.x1 - box.x0,
    });
    const format = (/** @type {number} */ v) => fixed(v, 0);
    axisX(picture.layer("curve-x"), x, { y: box.y1, label: "θ", ticks: 5, format });
    const curve = picture.layer("curve").attr("class", ink("objective"));
    const shape = line(/** @param {typeof CURVE[0]} d */ (d) => x(d.theta), (d) => y(d.J));
    curve.selectAll("path").data([CURVE]).join("path").attr("class", "x-stroke")
      .attr("stroke-width", 2).attr("d", shape);
    curve.selectAll("circle").data([now]).join("circle").attr("class", "x-fill").attr("r", 6)
      .attr("cx", (d) => x(d.theta)).attr("cy", (d) => y(d.J));
    this.paintInterval(picture.layer("curve-interval"), x(now.theta), y(now.mean),
      y(now.mean - now.half), y(now.mean + now.half), false);
  }

  /**
   * A hollow dot with whiskers: an estimate.
   * @param {import("../ui/draw.js").Group} group @param {number} x @param {number} y
   * @param {number} from @param {number} to @param {boolean} level whether it lies flat
   */
  paintInterval(group, x, y, from, to, level) {
    group.selectAll("line").data([0]).join("line").attr("stroke", "var(--x-ink)")
      .attr("stroke-width", 2)
      .attr("x1", level ? from : x).attr("x2", level ? to : x)
      .attr("y1", level ? y : from).attr("y2", level ? y : to);
    group.selectAll("circle").data([0]).join("circle").attr("r", 4.5).attr("cx", x).attr("cy", y)
      .attr("fill", "var(--x-paper)").attr("stroke", "var(--x-ink)").attr("stroke-width", 2);
  }
}

/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {import("d3-scale").ScaleLinear<number, number>} Scale */
/**
 * @typedef {ReturnType<typeof estimate> & { theta: number, J: number, half: number }} Now
 */
/** @typedef {ReturnType<typeof picture>} Picture */
