/**
 * Chapter 15: answers of an old policy. Each token's ratio, which tokens a rule lets push, and how
 * the exact mean of the step is turned and shortened, as the policy moves away from the old one.
 */

import { OldData as Data, RULES, WANTED } from "../engine/old-data.js";
import { choices, h, menu, readouts, resetButton, slider } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { category, fixed, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { choice, number } from "../ui/properties.js";
import { drawCourse, drawTokens, ROW } from "./old-data-views.js";

const NEAREST = 0.25, FURTHEST = 64; // gradients ahead
const DISTANCES = Array.from({ length: 65 }, (_, i) => NEAREST * (FURTHEST / NEAREST) ** (i / 64));
const DATA = new Data();
const GOOD = 5, BAD = 3; // answers in view
const NAMES = /** @type {Record<string, string>} */ ({
  none: "no ratio", token: "token’s ratio, no clip", ppo: "PPO’s clip", higher: "clip-higher (DAPO)",
  dual: "dual clip", gspo: "GSPO: geometric mean", cispo: "CISPO", truncated: "answer’s ratio, cut",
  answer: "answer’s ratio",
});

/** @type {Ahead[]} the policies along the line, once a figure asks for them */
const line = [];
/** @type {Map<string, Turn[]>} */
const known = new Map();

/** How a rule's step lies to the gradient along the line. @param {string} name @param {number} epsilon */
function turns(name, epsilon) {
  if (!line.length) line.push(...DISTANCES.map((far) => DATA.ahead(far)));
  const key = `${name} ${epsilon}`;
  const found = known.get(key) ?? line.map((ahead) => DATA.turned(ahead, RULES[name], epsilon));
  known.set(key, found);
  return found;
}

export class OldData extends PgElement {
  static tag = "pg-old-data";
  static label = "Explorable: old data";
  static properties = {
    far: number(16, NEAREST, FURTHEST),
    epsilon: number(0.2, 0.0003, 1),
    rule: choice("ppo", Object.keys(RULES)),
    prompt: choice("ab.", WANTED),
  };

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      angle: { label: "turned by", widest: "180°", className: category(0) },
      factor: { label: "length, gradient = 1", widest: "1.00", className: category(0) },
      good: { label: "dropped: of Ψ > 0", widest: "100 %" },
      bad: { label: "of Ψ < 0", widest: "100 %" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    this.grip = handle(this, this.picture, "grip", (x) => {
      const far = Number((this.across?.invert(x) ?? NEAREST).toPrecision(2));
      this.set("far", Math.min(FURTHEST, Math.max(NEAREST, far)));
    });
    const key = h("p", { className: "x-key" }, "Dot: the ratio that the rule looks at, on a log " +
      "scale; filled where the token pushes, hollow past the clip. Bar: what counts of it. Shade: " +
      "past the clip. Upright line: the token’s own ratio, if the rule looks at another. Dashed: the " +
      "token’s ratio, no clip.");
    body.append(this.numbers.list, figure, key, h("div", { className: "x-controls" },
      slider(this, "far", { label: "gradients ahead", log: true }),
      slider(this, "epsilon", { label: "ε: width of the clip", log: true }),
      menu(this, "rule", { label: "Rule", names: NAMES }),
      h("div", { className: "x-row" },
        choices(this, "prompt", {
          label: "the prompt wants", names: Object.fromEntries(WANTED.map((text) => [text, text])),
        }),
        resetButton(this)),
    ));
  }

  paint() {
    const far = Number(this.values.far), epsilon = Number(this.values.epsilon);
    const name = String(this.values.rule), rule = RULES[name];
    const ahead = DATA.ahead(far), here = DATA.turned(ahead, rule, epsilon);
    const [good, bad] = DATA.dropped(ahead, rule, epsilon).map((share) =>
      `${fixed(100 * share, 0)} %`);
    const angle = `${fixed(here.angle, 0)}°`, factor = fixed(here.factor, 2);
    this.numbers?.show({ angle, factor, good, bad });
    const narrow = this.width < 600, gutter = 52, height = (GOOD + BAD) * ROW + 122;
    const left = narrow ? this.width : Math.round((this.width - gutter) * 0.56);
    const drawn = /** @type {ReturnType<typeof picture>} */ (this.picture);
    drawn.size(this.width, narrow ? 2 * height + 10 : height,
      `${far} gradients ahead, ${NAMES[name]}, ε ${epsilon}: the mean step is turned by ${angle} ` +
      `and ${factor} of the gradient long; ${good} of the tokens of good answers are dropped, ` +
      `${bad} of those of bad ones.`);
    const x = WANTED.indexOf(String(this.values.prompt));
    const blocks = [[1, GOOD], [-1, BAD]].map(([sign, count]) =>
      DATA.likeliest(x, sign, count).map((y) =>
        ({ y, psi: DATA.psi[x][y], omega: ahead.omega[x][y] })));
    drawTokens(drawn, { x0: 0, x1: left, y0: 26, y1: height - 52 }, blocks, { rule, epsilon });
    const box = narrow
      ? { x0: MARGIN, x1: this.width - 12, y0: height + 40, y1: 2 * height - 42 }
      : { x0: left + gutter, x1: this.width - 12, y0: 32, y1: height - 62 };
    const scales = drawCourse(drawn, box, DISTANCES,
      { turns: turns(name, epsilon), plain: turns("token", 1), far, here });
    this.across = scales.x;
    this.grip?.(scales.x(far), scales.angle(here.angle));
  }
}

/** @typedef {import("../engine/old-data.js").Ahead} Ahead */
/** @typedef {import("./old-data-views.js").Turn} Turn */
