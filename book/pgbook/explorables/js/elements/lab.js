/** The learning-curve lab: recorded curves of the torch trainer, one setting at a time. */

import { button, h, readouts, resetButton, valueShown } from "../ui/controls.js";
import { category, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { choice, integer, number, text } from "../ui/properties.js";
import { LIVE, MARKS, SOLVED, drawCurves, drawEnds } from "./lab-chart.js";
import { RecordedCurves, meanOf } from "./lab-data.js";

/** @typedef {import("./lab-data.js").Bundle} Bundle */
/** @typedef {import("./lab-data.js").Setting} Setting */
/** @typedef {Bundle & { label: string }} Drawn */

/** @type {Record<string, string>} */
const WEIGHTS = {
  total_return: "total return R(τ)",
  reward_to_go: "reward-to-go",
  reward_to_go_minus_mean: "reward-to-go − mean",
};
const KEEP = 3;
export class Lab extends PgElement {
  static tag = "pg-lab";
  static label = "Recorded learning curves";
  static properties = {
    data: text(""),
    live: text(""),
    psi: choice("reward_to_go_minus_mean", Object.keys(WEIGHTS)),
    learningRate: number(0.1, 0, 10),
    episodes: integer(10, 1, 100_000),
    gamma: number(1, 0, 1),
  };

  /** @type {RecordedCurves | null} */
  recorded = null;
  /** @type {Drawn | null} trained in the reader's kernel */
  trained = null;
  /** @type {Setting[]} */
  kept = [];

  constructor() {
    super();
    this.changed("data");
  }

  /** @returns {Setting} */
  get setting() {
    const { psi, learningRate, episodes, gamma } = this.values;
    return { psi, learning_rate: learningRate, episodes, gamma };
  }

  /** @param {string} name */
  changed(name) {
    if (name === "data") this.read("data", (data) => {
      this.recorded = null;
      if (!data) throw new Error("nothing was recorded");
      this.recorded = new RecordedCurves(data);
      this.rebuild();
    });
    if (name === "live") this.read("live", (live) => {
      this.trained = null;
      if (!live) return;
      const mean = meanOf(live.curves), bounds = [live.lower.length, live.upper.length];
      if (bounds.some((n) => n !== mean.length)) throw new Error(`expected ${mean.length} bounds`);
      this.trained = { ...live, mean };
    });
    const off = this.recorded?.problem(this.setting);
    if (off) this.problems.set("setting", off);
    else this.problems.delete("setting");
  }

  /** Take a property that holds JSON. @param {string} name @param {(value: any) => void} take */
  read(name, take) {
    const key = `${name} as curves`;
    this.problems.delete(key);
    try {
      take(this.values[name] ? JSON.parse(String(this.values[name])) : null);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const came = String(this.values[name]).slice(0, 40);
      this.problems.set(key, `${name}: expected learning curves, got “${came}” (${why})`);
    }
  }

  forget() {
    this.kept = this.opening;
  }

  /** What it opens beside: the same setting with the total return. @returns {Setting[]} */
  get opening() {
    const { psi, learningRate, episodes, gamma } = this.first, base = "total_return";
    const setting = { psi: base, learning_rate: learningRate, episodes, gamma };
    return psi === base || this.recorded?.problem(setting) !== "" ? [] : [setting];
  }

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      end: { label: "mean return at the end", widest: "500", className: category(0) },
      interval: { label: "95 % interval", widest: "000 to 000" },
      solved: { label: `seeds at ${SOLVED} or more`, widest: "0 of 0" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    const controls = h("div", { className: "x-controls" });
    this.legend = h("ul", { className: "x-legend" });
    this.legend.style.cssText = "list-style: none; margin: 0.4rem 0 0; padding: 0";
    body.append(this.numbers.list, figure, controls, this.legend);
    if (!this.recorded) return;
    this.kept = this.opening;
    const { axes } = this.recorded.data;
    const keep = button(this, "Keep this curve", () => {
      const same = JSON.stringify(this.setting);
      this.kept = this.kept.filter((setting) => JSON.stringify(setting) !== same);
      this.kept = [...this.kept, this.setting].slice(-KEEP);
      this.invalidate();
    }, "x-main");
    controls.append(
      this.weights(axes.psi.map(String)),
      this.stops("learningRate", "learning_rate", "Learning rate"),
      this.stops("episodes", "episodes", "Batch N, episodes"),
      this.stops("gamma", "gamma", "Discount γ"),
      h("div", { className: "x-row" }, keep, resetButton(this)),
    );
  }

  /** Ψ as radio buttons, each with the height at which its curve ends. @param {string[]} names */
  weights(names) {
    const group = `pg-lab-${Math.random().toString(36).slice(2)}`;
    const rows = names.map((name) => {
      const input = h("input", { type: "radio", name: group, value: name });
      input.dataset.lmSuppressShortcuts = "true";
      input.dataset.pg = "psi";
      input.addEventListener("change", () => this.set("psi", name), { signal: this.signal });
      const end = h("span", { className: "x-muted" });
      end.style.cssText = "font-variant-numeric: tabular-nums; margin-left: 0.5rem";
      return { name, input, end };
    });
    this.followers.add(() => {
      const ends = /** @type {RecordedCurves} */ (this.recorded).ends(this.setting, "psi");
      rows.forEach(({ name, input, end }, i) => {
        input.checked = name === this.values.psi;
        end.textContent = `→ ${Math.round(ends[i])}`;
      });
    });
    const labels = rows.map(({ name, input, end }) => h("label", {}, input, WEIGHTS[name], end));
    return h("fieldset", {}, h("legend", {}, "Weight Ψ"), ...labels);
  }

  /**
   * A slider over an axis, and above it a bar at each stop: as high as the curve ends there.
   * @param {string} property @param {string} axis @param {string} label
   */
  stops(property, axis, label) {
    const recorded = /** @type {RecordedCurves} */ (this.recorded);
    const values = recorded.data.axes[axis].map(Number), last = values.length - 1;
    const input = h("input", { type: "range", min: "0", max: String(last), step: "1" });
    input.dataset.lmSuppressShortcuts = "true";
    input.dataset.pg = property;
    const shown = valueShown(values.map(String));
    const bars = h("span", { ariaHidden: "true", className: `x-ends ${category(0)}` });
    bars.style.cssText = "align-items: end; display: flex; grid-column: 1 / -1; height: 2.25rem;" +
      "justify-content: space-between; padding: 0 0.25rem";
    input.addEventListener("input", () => this.set(property, values[Number(input.value)]),
      { signal: this.signal });
    this.followers.add(() => {
      const at = values.indexOf(Number(this.values[property]));
      if (Number(input.value) !== at) input.value = String(at);
      input.style.setProperty("--x-at", `${(100 * at) / last}%`);
      shown.textContent = String(values[at]);
      const ends = recorded.ends(this.setting, axis);
      input.setAttribute("aria-valuetext", `${values[at]}, ends at ${Math.round(ends[at])}`);
      drawEnds(bars, ends, at);
    });
    return h("label", { className: "x-slider" }, h("span", {}, label), shown, bars, input);
  }

  paint() {
    const recorded = /** @type {RecordedCurves} */ (this.recorded);
    const now = recorded.at(this.setting), last = now.mean.length - 1;
    const reached = now.curves.filter((curve) => curve[last] >= SOLVED).length;
    const texts = {
      end: String(Math.round(now.mean[last])),
      interval: `${Math.round(now.lower[last])} to ${Math.round(now.upper[last])}`,
      solved: `${reached} of ${now.curves.length}`,
    };
    this.numbers?.show(texts);
    const says = `Learning curves of ${now.curves.length} seeds, ${describe(this.setting)}. ` +
      `At the end the mean return is ${texts.end}, with an interval from ${texts.interval}.`;
    const kept = this.kept.map((setting) => recorded.at(setting).mean), live = this.trained;
    const { steps } = recorded.data;
    if (this.picture) drawCurves(this.picture, { width: this.width, steps, now, live, kept, says });
    const names = this.kept.map((setting, i) => ({
      look: MARKS[i].look, letter: MARKS[i].letter,
      label: `${describe(setting)}: ends at ${Math.round(kept[i][kept[i].length - 1])}`,
    }));
    if (live) names.push({ look: LIVE, letter: "yours", label: live.label });
    this.legend?.replaceChildren(...names.map(({ look, letter, label }) =>
      h("li", {}, h("strong", { className: category(look) }, letter), ` ${label}`)));
  }
}

/** @param {Setting} setting @returns {string} the setting in words */
function describe({ psi, learning_rate: rate, episodes, gamma }) {
  return `${WEIGHTS[String(psi)]}, rate ${rate}, N = ${episodes}, γ = ${gamma}`;
}
