/** The learning-curve lab: recorded curves of the torch trainer, one setting at a time. */

import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import { button, h, readouts, resetButton } from "../ui/controls.js";
import { axisX, axisY, ink, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { choice, integer, number, text } from "../ui/properties.js";
import { RecordedCurves, meanOf } from "./lab-data.js";

/** @typedef {import("./lab-data.js").Bundle} Bundle */
/** @typedef {import("./lab-data.js").Setting} Setting */
/** @typedef {Bundle & { label: string }} Drawn */
/** @typedef {import("../ui/palette.js").Term} Term */
/** @typedef {ReturnType<typeof picture>} Picture */
/** @typedef {(value: number) => number} Scale */

/** @type {Record<string, string>} */
const WEIGHTS = {
  total_return: "total return R(τ)",
  reward_to_go: "reward-to-go",
  reward_to_go_minus_mean: "reward-to-go − mean",
};
const TOP = 500;
const SOLVED = 475;
const KEEP = 3;
/**
 * Kept curves: a letter, a colour and a dash each, so that the colour is never alone.
 * @type {{ letter: string, term: Term, dash: string }[]} */
const MARKS = [
  { letter: "A", term: "probability", dash: "7 4" },
  { letter: "B", term: "logprob", dash: "2 4" },
  { letter: "C", term: "dynamics", dash: "10 3 2 3" },
];

const LIVE = "policy"; // the colour of what was trained here

export class Lab extends PgElement {
  static tag = "pg-lab";
  static label = "Recorded learning curves";
  static properties = {
    data: text(""),
    live: text(""),
    psi: choice("total_return", Object.keys(WEIGHTS)),
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
      if (!data) throw new Error("got none");
      this.recorded = new RecordedCurves(data);
      this.kept = [];
      if (this.body) this.rebuild(this.body);
    });
    if (name === "live") this.read("live", (live) => {
      this.trained = live && { ...live, mean: meanOf(live.curves) };
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
      this.problems.set(key, `${name}: expected learning curves (${why})`);
    }
  }

  /** @param {HTMLElement} body */
  rebuild(body) {
    body.replaceChildren();
    this.followers.clear();
    this.build(body);
  }

  forget() {
    this.kept = [];
  }

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      end: { label: "mean return at the end", className: ink("objective") },
      interval: { label: "95 % interval" },
      solved: { label: `seeds at ${SOLVED} or more` },
    });
    const figure = h("div");
    this.picture = picture(figure);
    const controls = h("div", { className: "x-controls" });
    this.legend = h("ul", { className: "x-legend" });
    this.legend.style.cssText = "list-style: none; margin: 0.4rem 0 0; padding: 0";
    body.append(this.numbers.list, figure, this.legend, controls);
    if (!this.recorded) return;
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
   * A slider over an axis, and above it a mark at each stop: as high as the curve ends there.
   * @param {string} property @param {string} axis @param {string} label
   */
  stops(property, axis, label) {
    const recorded = /** @type {RecordedCurves} */ (this.recorded);
    const values = recorded.data.axes[axis].map(Number), last = values.length - 1;
    const input = h("input", { type: "range", min: "0", max: String(last), step: "1" });
    input.dataset.lmSuppressShortcuts = "true";
    input.dataset.pg = property;
    const output = h("output");
    const hint = h("span");
    hint.style.cssText = "grid-column: 1 / -1; height: 2.25rem; padding: 0 0.625rem";
    const drawn = picture(hint);
    drawn.svg.attr("role", null).attr("aria-hidden", "true").style("width", "100%");
    input.addEventListener("input", () => this.set(property, values[Number(input.value)]),
      { signal: this.signal });
    this.followers.add(() => {
      const at = values.indexOf(Number(this.values[property]));
      if (Number(input.value) !== at) input.value = String(at);
      input.style.setProperty("--x-at", `${(100 * at) / last}%`);
      output.textContent = String(values[at]);
      const ends = recorded.ends(this.setting, axis);
      input.setAttribute("aria-valuetext", `${values[at]}, ends at ${Math.round(ends[at])}`);
      this.marks(drawn, ends, at, hint.clientWidth - 20);
    });
    return h("label", { className: "x-slider" }, h("span", {}, label), output, hint, input);
  }

  /**
   * @param {ReturnType<typeof picture>} drawn @param {number[]} ends @param {number} at
   * @param {number} width
   */
  marks(drawn, ends, at, width) {
    if (width <= 0) return;
    const height = 36, y = scaleLinear([0, TOP], [height - 5, 5]);
    const x = scaleLinear([0, ends.length - 1], [0, width]);
    drawn.svg.attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
    drawn.layer("line").attr("class", "x-muted").selectAll("path").data([ends]).join("path")
      .attr("class", "x-stroke").attr("stroke-width", 1)
      .attr("d", line((_, i) => x(i), (end) => y(Number(end))));
    drawn.layer("dots").attr("class", ink("objective")).selectAll("circle").data(ends)
      .join("circle").attr("cx", (_, i) => x(i)).attr("cy", y)
      .attr("r", (_, i) => (i === at ? 5 : 3)).attr("stroke", "currentColor")
      .attr("stroke-width", 1.5).attr("fill", (_, i) => (i === at ? "currentColor" : "var(--x-paper)"));
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
    this.draw(recorded, now, `Learning curves of ${now.curves.length} seeds, ` +
      `${describe(this.setting)}. At the end the mean return is ${texts.end}, ` +
      `with an interval from ${texts.interval}.`);
    const rows = this.kept.map((setting, i) => {
      const { mean } = recorded.at(setting);
      return { ...MARKS[i], label: `${describe(setting)}: ends at ${Math.round(mean[mean.length - 1])}` };
    });
    const names = rows.map(({ term, letter, label }) => ({ term, letter, label }));
    if (this.trained) names.push({ term: LIVE, letter: "yours", label: this.trained.label });
    this.legend?.replaceChildren(...names.map(({ term, letter, label }) =>
      h("li", {}, h("strong", { className: ink(term) }, letter), ` ${label}`)));
  }

  /** @param {RecordedCurves} recorded @param {Bundle} now @param {string} says */
  draw(recorded, now, says) {
    const { steps } = recorded.data, end = steps[steps.length - 1];
    const { layer, size } = /** @type {Picture} */ (this.picture);
    const height = Math.round(Math.max(270, Math.min(360, this.width * 0.5)));
    const x = scaleLinear([0, end], [34, this.width - 46]), y = scaleLinear([0, TOP], [height - 48, 30]);
    size(this.width, height, says);
    axisX(layer("x"), x, {
      y: y(0), label: "environment steps, thousands", ticks: this.width < 480 ? 4 : 6,
      format: (value) => String(value / 1000),
    });
    axisY(layer("y"), y, { x: x(0), label: "mean return of the last 100 episodes", grid: x(end) - x(0) });
    this.threshold(x(0), x(end), y(SOLVED));
    /** @param {number} i */
    const across = (i) => x(steps[i]);
    this.curves("now", "objective", now, across, y);
    this.curves("live", LIVE, this.trained, across, y);
    this.compare(recorded, across, y);
  }

  /** @param {number} from @param {number} to @param {number} at */
  threshold(from, to, at) {
    const group = /** @type {Picture} */ (this.picture).layer("threshold");
    group.selectAll("line").data([at]).join("line").attr("x1", from).attr("x2", to).attr("y1", at)
      .attr("y2", at).attr("stroke", "var(--x-ink)").attr("stroke-dasharray", "5 4");
    group.selectAll("text").data([at]).join("text").attr("x", to + 6).attr("y", at + 4).text(SOLVED);
  }

  /**
   * A thin line for each seed, their mean and its interval.
   * @param {string} name @param {Term} term @param {Bundle | null} bundle
   * @param {Scale} x of the i-th step @param {Scale} y
   */
  curves(name, term, bundle, x, y) {
    const group = /** @type {Picture} */ (this.picture).layer(name), mean = bundle?.mean ?? [];
    const path = line((_, i) => x(i), (value) => y(Number(value)));
    const between = area((_, i) => x(i), (_, i) => y(bundle?.lower[i] ?? 0), (_, i) =>
      y(bundle?.upper[i] ?? 0));
    group.attr("class", ink(term));
    group.selectAll("path.band").data([mean]).join("path").attr("class", "band x-fill")
      .attr("fill-opacity", 0.18).attr("d", /** @type {any} */ (between));
    group.selectAll("path.seed").data(bundle?.curves ?? []).join("path")
      .attr("class", "seed x-stroke").attr("stroke-width", 1).attr("stroke-opacity", 0.55)
      .attr("d", (curve) => path(/** @type {any} */ (curve)));
    group.selectAll("path.mean").data([mean]).join("path").attr("class", "mean x-stroke")
      .attr("stroke-width", 3).attr("d", /** @type {any} */ (path));
    const tip = mean.length - 1, label = name === "now" ? String(Math.round(mean[tip])) : "yours";
    group.selectAll("text").data(mean.length ? [label] : []).join("text")
      .attr("class", "x-term x-halo").attr("font-weight", 600).attr("x", x(tip) + 6)
      .attr("y", y(mean[tip]) + 4).text(String);
  }

  /**
   * The kept curves' means, each with its letter at the end.
   * @param {RecordedCurves} recorded @param {Scale} x of the i-th step @param {Scale} y
   */
  compare(recorded, x, y) {
    const path = line((_, i) => x(i), (value) => y(Number(value)));
    const rows = this.kept.map((setting, i) => ({ ...MARKS[i], mean: recorded.at(setting).mean }));
    const group = /** @type {Picture} */ (this.picture).layer("kept");
    const marks = group.selectAll("g").data(rows).join("g").attr("class", ({ term }) => ink(term));
    marks.selectAll("path").data((row) => [row]).join("path").attr("class", "x-stroke")
      .attr("stroke-width", 2.25).attr("stroke-dasharray", ({ dash }) => dash)
      .attr("d", ({ mean }) => path(/** @type {any} */ (mean)));
    marks.selectAll("text").data((row) => [row]).join("text").attr("class", "x-term x-halo")
      .attr("font-weight", 600).attr("x", ({ mean }) => x(mean.length - 1) + 30)
      .attr("y", ({ mean }) => y(mean[mean.length - 1]) + 4).text(({ letter }) => letter);
  }
}

/** @param {Setting} setting @returns {string} the setting in words */
function describe({ psi, learning_rate: rate, episodes, gamma }) {
  return `${WEIGHTS[String(psi)]}, rate ${rate}, N = ${episodes}, γ = ${gamma}`;
}
