/**
 * Chapter 14: six answers to one prompt. Their rewards are dragged; beside them stands what each
 * group rule does on average, over all groups of six that can be drawn, and the gradient.
 */

import { scaleBand, scaleLinear } from "d3-scale";
import { compared, gradient, groupWeights, meanUpdate, RULES } from "../engine/groups.js";
import { h, menu, readouts, resetButton, slider, toggle } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { axisY, category, fixed, ink, MARGIN, picture, spans } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { boolean, choice, number } from "../ui/properties.js";

const TOKENS = [1, 2, 3, 4, 6, 8], K = TOKENS.length;
const OPENS = [0, 1, 0, 0, 1, 0]; // rewards
const PLACES = TOKENS.map((_, i) => `reward${i + 1}`);
const SIX = Array.from(TOKENS, (_, i) => String(i));
const LEAST = -2.5, MOST = 5.2; // of a weight, times the number of answers
const NAMES = {
  reinforce: "REINFORCE", rloo: "RLOO", "dr-grpo": "Dr. GRPO", grpo: "GRPO", dapo: "DAPO",
  "reinforce-pp": "REINFORCE++", maxrl: "MaxRL",
};

/** @param {ArrayLike<number>} x at length 1 */
const unit = (x) => {
  const length = Math.hypot(...Array.from(x));
  return Array.from(x, (v) => (length > 1e-12 ? v / length : 0));
};
/** A difference that rounding leaves of none is none. @param {number} angle */
const degrees = (angle) => (Number.isNaN(angle) ? "–" : `${fixed(angle < 1e-4 ? 0 : angle, 1)}°`);

export class Group extends PgElement {
  static tag = "pg-group";
  static label = "Explorable: the group";
  static properties = {
    ...Object.fromEntries(PLACES.map((name, i) => [name, number(OPENS[i], 0, 1)])),
    rule: choice("grpo", Object.keys(RULES)),
    equal: boolean(false),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      mean: { label: "mean reward", widest: "0.00", className: ink("objective") },
      angle: { label: "turned by", widest: "180.0°" },
      factor: { label: "length, gradient = 1", widest: "10.00" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.grips = PLACES.map((name, i) =>
      handle(this, /** @type {Picture} */ (this.picture), `grip${i}`, (_, y) => {
        const reward = Math.round((this.upwards?.invert(y) ?? 0) * 20) / 20;
        this.set(name, Math.min(1, Math.max(0, reward)));
      }));
    body.append(this.numbers.list, figure, h("div", { className: "x-controls x-thirds" },
      h("div", { className: "x-wide" }, menu(this, "rule", { label: "Rule", names: NAMES })),
      ...PLACES.map((name, i) => slider(this, name, {
        label: `answer ${i + 1} earns`, step: 0.05, format: (v) => fixed(v, 2),
      })),
      h("div", { className: "x-row" },
        toggle(this, "equal", "all answers equally long"), resetButton(this)),
    ));
  }

  paint() {
    const rewards = PLACES.map((name) => Number(this.values[name]));
    const tokens = this.values.equal ? TOKENS.map(() => 4) : TOKENS;
    const rule = String(this.values.rule), truth = gradient(rewards);
    const rows = Object.entries(RULES).map(([name, switches]) => {
      const update = meanUpdate(rewards, tokens, K, switches);
      return { name, update, ...compared(update, truth) };
    });
    const chosen = rows.filter((row) => row.name === rule)[0];
    const mean = rewards.reduce((a, b) => a + b, 0) / K;
    this.numbers?.show({
      mean: fixed(mean, 2),
      angle: degrees(chosen.angle),
      factor: Number.isNaN(chosen.factor) ? "–" : fixed(chosen.factor, 2),
    });
    const narrow = this.width < 600, gutter = 56, height = 390;
    const left = narrow ? this.width : Math.round((this.width - gutter) * 0.48);
    this.picture?.size(this.width, narrow ? 2 * height - 10 : height,
      `Six answers with rewards ${rewards.map((r) => fixed(r, 2)).join(", ")}. The mean update of ` +
      `${NAMES[/** @type {keyof typeof NAMES} */ (rule)]} is turned by ${degrees(chosen.angle)}.`);
    this.paintGroup({ x0: MARGIN, x1: left - 8, y0: 46, y1: height - 24 }, rewards, tokens,
      groupWeights(rewards, tokens, RULES[rule]));
    const top = narrow ? height + 30 : 46, start = narrow ? 0 : left + gutter;
    const bottom = narrow ? 2 * height - 30 : height - 24;
    this.paintRules({ x0: start, x1: this.width - 4, y0: top, y1: bottom }, rows, rule, truth);
  }

  /**
   * Left: a bar for each reward, and what the chosen rule makes of the group that has each answer
   * once. @param {Box} box @param {number[]} rewards @param {number[]} tokens
   * @param {Float64Array} weights
   */
  paintGroup(box, rewards, tokens, weights) {
    const picture = /** @type {Picture} */ (this.picture);
    const x = scaleBand(SIX, [box.x0, box.x1]).padding(0.25), wide = x.bandwidth();
    /** @param {number} i */
    const middle = (i) => Number(x(String(i))) + wide / 2;
    const half = box.y0 + (box.y1 - box.y0) * 0.42;
    const y = this.upwards = scaleLinear([0, 1], [half, box.y0]);
    axisY(picture.layer("reward-y"), y, {
      x: box.x0, label: "reward: drag it", ticks: 2, grid: box.x1 - box.x0,
    });
    picture.layer("rewards").attr("class", ink("integral")).selectAll("rect").data(rewards)
      .join("rect").attr("class", "x-fill").attr("x", (_, i) => Number(x(String(i))))
      .attr("width", wide).attr("y", (r) => y(r)).attr("height", (r) => half - y(r));
    picture.layer("tokens").selectAll("text").data(tokens).join("text").attr("class", "x-muted")
      .attr("text-anchor", "middle").attr("x", (_, i) => middle(i)).attr("y", half + 25)
      .text((n, i) => (i ? String(n) : n === 1 ? "1 token" : `${n} tokens`));
    const v = scaleLinear([LEAST, MOST], [box.y1, half + 62]).clamp(true);
    axisY(picture.layer("weight-y"), v, {
      x: box.x0, label: "weight of each token, times six", ticks: 4, grid: box.x1 - box.x0,
    });
    picture.layer("weights").attr("class", category(0)).selectAll("rect").data(weights)
      .join("rect").attr("class", "x-fill").attr("x", (_, i) => Number(x(String(i))))
      .attr("width", wide).attr("y", (w) => Math.min(v(0), v(K * w)))
      .attr("height", (w) => Math.abs(v(K * w) - v(0)));
    rewards.forEach((r, i) => this.grips?.[i](middle(i), y(r)));
  }

  /**
   * Right: the direction of each rule's mean update, a bar an answer, and the gradient's as a dash.
   * @param {Box} box @param {{ name: string, update: Float64Array, angle: number }[]} rows
   * @param {string} rule @param {Float64Array} truth
   */
  paintRules(box, rows, rule, truth) {
    const picture = /** @type {Picture} */ (this.picture);
    const tall = (box.y1 - box.y0) / rows.length, dash = unit(truth);
    const x = scaleBand(SIX, [box.x0 + 108, box.x1 - 54]).padding(0.2);
    const v = scaleLinear([-0.95, 0.95], [tall * 0.47, -tall * 0.47]);
    spans(picture.layer("rules"), v);
    picture.layer("rules-title").selectAll("text").data(["mean update; dash: ∇J"])
      .join("text").attr("class", "x-muted").attr("x", box.x0).attr("y", box.y0 - 14).text(String);
    const lines = rows.map((row, k) => ({ ...row, y: box.y0 + (k + 0.5) * tall }));
    /** @param {{ name: string }} row */
    const look = (row) => (row.name === rule ? category(0) : category(1));
    picture.layer("rule-names").selectAll("text").data(lines).join("text").attr("x", box.x0)
      .attr("y", (row) => row.y + 5).attr("font-weight", (row) => (row.name === rule ? 600 : 400))
      .text((row) => NAMES[/** @type {keyof typeof NAMES} */ (row.name)]);
    picture.layer("rule-angles").selectAll("text").data(lines).join("text").attr("x", box.x1)
      .attr("text-anchor", "end").attr("y", (row) => row.y + 5).text((row) => degrees(row.angle));
    picture.layer("rule-zero").selectAll("line").data(lines).join("line")
      .attr("stroke", "var(--x-muted)").attr("stroke-opacity", 0.5).attr("x1", box.x0 + 108)
      .attr("x2", box.x1 - 54).attr("y1", (row) => row.y).attr("y2", (row) => row.y);
    const bars = lines.flatMap((row) =>
      unit(row.update).map((value, i) => ({ value, i, y: row.y, look: look(row) })));
    /** @param {{ i: number }} bar */
    const from = (bar) => Number(x(String(bar.i)));
    picture.layer("rules").selectAll("rect").data(bars).join("rect")
      .attr("class", (bar) => `x-fill ${bar.look}`).attr("x", from).attr("width", x.bandwidth())
      .attr("y", (bar) => bar.y + Math.min(0, v(bar.value)))
      .attr("height", (bar) => Math.abs(v(bar.value)));
    picture.layer("truths").attr("class", ink("objective")).selectAll("line").data(bars).join("line")
      .attr("stroke", "currentColor").attr("stroke-width", 2.5).attr("x1", (bar) => from(bar) - 3)
      .attr("x2", (bar) => from(bar) + x.bandwidth() + 3).attr("y1", (bar) => bar.y + v(dash[bar.i]))
      .attr("y2", (bar) => bar.y + v(dash[bar.i]));
  }
}

/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {ReturnType<typeof picture>} Picture */
