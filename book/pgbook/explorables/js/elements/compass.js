/**
 * Which update is unbiased: two rules as arrows beside the true gradient, exact over every batch of
 * the engine's small world; on the right, what fades as the group grows.
 */

import { scaleLinear, scalePoint } from "d3-scale";
import { line, symbol, symbolCircle, symbolDiamond } from "d3-shape";
import {
  ADVANTAGES, beside, gradient, MEANS, meanUpdate, PROMPTS, SIZES, WIDEST,
} from "../engine/compass.js";
import { choices, h, menu, readouts, resetButton, slider, steady, toggle } from "../ui/controls.js";
import { axisX, axisY, fixed, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { copyLink, fromLink } from "../ui/link.js";
import { boolean, choice, number } from "../ui/properties.js";
import { drawDial } from "./compass-dial.js";
import { ADVANTAGE_NAMES, MEAN_NAMES, nameOf, SIZE_NAMES, verdictOf } from "./compass-words.js";

const TICKS = [0, 1, 5, 10, 20, 45, 90]; // degrees

/** Room for small turns and large ones: the axis is of the root of the angle. @param {number} a */
const root = (a) => Math.sqrt(a);

export class Compass extends PgElement {
  static tag = "pg-compass";
  static label = "Explorable: where an update rule points on average";
  static properties = {
    rule: choice("group-deviation", ADVANTAGES),
    mean: choice("answers", MEANS),
    other: choice("leave-one-out", ADVANTAGES),
    otherMean: choice("episodes", MEANS),
    size: choice("4", SIZES),
    prompts: choice("two", PROMPTS),
    error: number(0.75, 0, 1),
    equal: boolean(false),
  };

  /** @param {HTMLElement} body */
  build(body) {
    /** @type {Map<string, Found[]>} what was computed, until the setting changes */
    this.known = new Map();
    this.numbers = readouts({
      angleA: { label: "A: turned", widest: "180.0°" },
      lengthA: { label: "A: length", widest: "0.00" },
      angleB: { label: "B: turned", widest: "180.0°" },
      lengthB: { label: "B: length", widest: "0.00" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.says = h("p", { className: "x-says" });
    const said = h("span", { className: "x-key" });
    said.setAttribute("role", "status");
    const link = h("button", { type: "button" }, "Copy link to this setting");
    link.addEventListener("click", async () => {
      said.textContent = await copyLink(this);
    }, { signal: this.signal });
    this.guess = guess(this, this.picture, {
      ask: "By how many degrees is A’s mean update turned away from the gradient?",
      label: "A’s turn", min: 0, max: WIDEST, step: 1, format: (v) => `${fixed(v, 0)}°`,
      at: (_, y) => (this.upwards && Math.max(0, this.upwards.invert(y)) ** 2),
      covers: [...["arm-A", "sizes-A"].map((name) => `[data-layer=${name}]`),
        ...["angleA", "lengthA"].map((name) => `[data-pg-value=${name}]`), ".x-says"],
    });
    const most = Object.values(ADVANTAGE_NAMES).reduce((a, b) => (b.length > a.length ? b : a));
    const long = `A, ${most}, over answers: turned downhill by 120.0°, 0.00 as long.`;
    body.append(this.guess.bar, this.numbers.list, figure, steady(this.says, [`${long} ${long}`]), h("div", { className: "x-controls" },
      h("div", { className: "x-halves" },
        menu(this, "rule", { label: "A, solid: its Ψ", names: ADVANTAGE_NAMES }),
        menu(this, "mean", { label: "A: its mean is over", names: MEAN_NAMES }),
        menu(this, "other", { label: "B, dashed: its Ψ", names: ADVANTAGE_NAMES }),
        menu(this, "otherMean", { label: "B: its mean is over", names: MEAN_NAMES }),
        choices(this, "size", { label: "K: episodes of a prompt", names: SIZE_NAMES }),
        choices(this, "prompts", { label: "Prompts in a batch", names: PROMPT_NAMES })),
      slider(this, "error", {
        label: "Error of the critic", step: 0.05, format: (v) => fixed(v, 2),
      }),
      toggle(this, "equal", "all episodes equally long"),
      h("div", { className: "x-row" }, link, said, resetButton(this)),
    ));
    fromLink(this);
  }

  /** Every size of a rule, kept while the world stays. @param {Rule} rule @returns {Found[]} */
  found(rule) {
    const { equal, error, prompts } = this.setting();
    const key = [rule.advantage, rule.mean, prompts, equal, error].join(" ");
    const known = /** @type {Map<string, Found[]>} */ (this.known);
    if (!known.has(key)) {
      if (known.size > 40) known.clear();
      const truth = gradient({ equal, error, prompts });
      known.set(key, SIZES.map((size) =>
        beside(meanUpdate(rule, { equal, error, prompts, size }), truth)));
    }
    return /** @type {Found[]} */ (known.get(key));
  }

  setting() {
    return /** @type {Setting} */ (/** @type {unknown} */ (this.values));
  }

  paint() {
    const { rule, mean, other, otherMean, size } = this.setting();
    const arms = [{ advantage: rule, mean }, { advantage: other, mean: otherMean }]
      .map((each, i) => ({ letter: "AB"[i], side: i ? -1 : 1, rule: each, all: this.found(each) }))
      .map((arm) => ({ ...arm, now: arm.all[SIZES.indexOf(size)] }));
    const words = arms.map(({ letter, rule: each, now }) =>
      `${letter}, ${nameOf(each)}: ${verdictOf(now)}.`);
    const [a, b] = arms.map(({ now }) => now);
    this.numbers?.show({
      angleA: turned(a), lengthA: fixed(a.length, 2), angleB: turned(b), lengthB: fixed(b.length, 2),
    });
    this.says?.replaceChildren(...words.map((text) => h("span", {}, text)));
    const narrow = this.width < 600, room = narrow ? this.width : Math.round(this.width * 0.6);
    const r = Math.min(room / 2 - 34, 210), low = Math.round(1.34 * r) + 50;
    const top = narrow ? low + 44 : 46, bottom = narrow ? low + 200 : low - 52;
    this.picture?.size(this.width, bottom + 52, words.join(" "));
    const picture = /** @type {Picture} */ (this.picture);
    drawDial(picture, { x: room / 2, y: r + 32, r }, arms);
    const left = narrow ? MARGIN : room + 58;
    this.paintSizes({ x0: left, x1: this.width - 14, y0: top, y1: bottom }, arms);
    this.guess?.paint(a.angle, (value) => {
      const at = /** @type {Scale} */ (this.upwards)(root(value));
      return [left, at, this.width - 14, at];
    });
  }

  /** The angle of both by the size of the group. @param {Box} box @param {Arm[]} arms */
  paintSizes(box, arms) {
    const layer = (/** @type {string} */ name) => /** @type {Picture} */ (this.picture).layer(name);
    const x = scalePoint([...SIZES], [box.x0, box.x1]).padding(0.35);
    this.upwards = scaleLinear([0, root(WIDEST)], [box.y1, box.y0]);
    const y = Object.assign(this.upwards.copy(), { ticks: () => TICKS.map(root) });
    axisY(layer("size-y"), y, {
      x: box.x0, label: "turned by", grid: box.x1 - box.x0,
      format: (d) => `${Math.round(d * d)}°`,
    });
    axisX(layer("size-x"), x, { y: box.y1, label: "K, episodes of a prompt", format: inShort });
    const { size } = this.setting(), middle = (/** @type {Size} */ s) => x(s) ?? 0;
    layer("size-now").selectAll("line").data([size]).join("line").attr("stroke", "var(--x-muted)")
      .attr("stroke-dasharray", "2 4").attr("x1", middle).attr("x2", middle)
      .attr("y1", box.y0).attr("y2", box.y1);
    for (const { letter, side, all } of arms) {
      const group = layer(`sizes-${letter}`);
      const points = all.map((each, i) =>
        [middle(SIZES[i]) + 3 * side, y(root(each.gone ? 0 : each.angle))]);
      group.selectAll("path.x-stroke").data([points]).join("path").attr("class", "x-stroke")
        .attr("stroke-width", 1.5).attr("stroke-dasharray", side < 0 ? "7 5" : null)
        .attr("d", (d) => line()(/** @type {[number, number][]} */ (d)));
      group.selectAll("path.x-fill").data(points).join("path").attr("class", "x-fill")
        .attr("d", symbol(side > 0 ? symbolCircle : symbolDiamond, 58)())
        .attr("transform", (d) => `translate(${d[0]},${d[1]})`);
      const first = side > 0, [tx, ty] = points[first ? 0 : points.length - 1];
      group.selectAll("text").data([letter]).join("text").attr("class", "x-halo")
        .attr("font-weight", 600).attr("text-anchor", first ? "end" : "start").attr("x", first ? tx - 9 : tx + 9).attr("y", ty + 4)
        .text(String);
    }
  }
}

const PROMPT_NAMES = { one: "one", two: "two", endless: "∞ (of two kinds)" };

/** @param {string} size */
const inShort = (size) => (size === "endless" ? "∞" : size);

/** @param {Found} found */
const turned = ({ angle, gone }) => (gone ? "—" : angle < 1e-6 ? "0°" : `${fixed(angle, 1)}°`);

/** @typedef {import("d3-scale").ScaleLinear<number, number>} Scale */
/** @typedef {ReturnType<typeof beside>} Found */
/** @typedef {import("../engine/compass.js").Rule} Rule */
/** @typedef {import("../engine/compass.js").Size} Size */
/** @typedef {{ x0: number, x1: number, y0: number, y1: number }} Box */
/** @typedef {{ letter: string, side: number, all: Found[], now: Found }} Arm */
/** @typedef {ReturnType<typeof picture>} Picture */
/**
 * @typedef {object} Setting
 * @property {import("../engine/compass.js").Advantage} rule
 * @property {import("../engine/compass.js").Mean} mean
 * @property {import("../engine/compass.js").Advantage} other
 * @property {import("../engine/compass.js").Mean} otherMean
 * @property {import("../engine/compass.js").Size} size
 * @property {import("../engine/compass.js").Prompts} prompts
 * @property {number} error @property {boolean} equal
 */
