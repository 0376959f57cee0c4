/**
 * Chapter 16: a small language model learns to reverse two digits from rewards alone, in the page;
 * half way the reward is changed. What it would answer, and how it got there.
 */

import { likeliest } from "../engine/answers.js";
import { LONGEST, PROMPTS, REWARD_NAMES, REWARDS, right, SIZES } from "../engine/digits.js";
import { Gru, size } from "../engine/gru.js";
import { Lesson, UPDATES } from "../engine/lesson.js";
import { choices, h, onRequest, readouts, resetButton, slider, typed } from "../ui/controls.js";
import { handle } from "../ui/drag.js";
import { category, fixed, ink, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { guess } from "../ui/guess.js";
import { choice, integer, number } from "../ui/properties.js";
import { drawAnswers, drawLesson, inWords, LISTED } from "./reward-text-views.js";

const BUDGET = 10; // ms of training a frame
const ROOM = 2000; // prefixes of all answers to a prompt
const LOOKS = ["at", "prompt"]; // properties that train nothing
const NAMES = {
  graded: "each token in place", exact: "all or nothing",
  longer: "longer is better", counted: "right digits, counted",
};

export class RewardToText extends PgElement {
  static tag = "pg-reward-text";
  static label = "Explorable: a language model that learns from rewards alone";
  static properties = {
    reward: choice("graded", REWARD_NAMES),
    later: choice("counted", REWARD_NAMES),
    prompt: choice("12", PROMPTS),
    at: integer(UPDATES, 0, UPDATES),
    entropy: number(0.05, 0, 0.2),
    answers: integer(24, 2, 48),
    seed: integer(0, 0, 99),
  };

  stale = true;

  /** @param {HTMLElement} body */
  build(body) {
    /** The model as it was after an update: what is looked at. */
    this.seen = new Gru(SIZES, new Float64Array(size(SIZES)), ROOM);
    this.numbers = readouts({
      updates: { label: "after update", widest: String(UPDATES) },
      right: { label: "right answers", widest: "100.0 %", className: category(0) },
      reward: { label: "J: mean reward", widest: "0.00", className: ink("objective") },
      length: { label: "tokens an answer", widest: "0.0" },
    });
    const views = [h("div"), h("div")];
    const [answers, lesson] = views.map(picture);
    this.views = { answers, lesson };
    this.guess = guess(this, lesson, {
      ask: "Half way the reward is changed. What share of the answers is right at the end?",
      label: "right answers", min: 0, max: 100, step: 5, format: (v) => `${fixed(v, 0)} %`,
      at: (_, y) => this.scales && 100 * this.scales.y.invert(y),
      covers: [".x-right", "[data-pg-value=right]", "[data-pg-value=length]",
        "[data-layer=answers]"],
    });
    this.grip = handle(this, lesson, "grip", (x) => {
      const update = Math.round(this.scales?.x.invert(x) ?? 0);
      this.set("at", Math.min(UPDATES, Math.max(0, update)));
    });
    const names = NAMES;
    body.append(this.guess.bar, this.numbers.list, h("div", { className: "x-pair" }, ...views),
      h("p", { className: "x-key" }, KEY),
      h("div", { className: "x-controls" },
        choices(this, "reward", { label: "Rewarded at first", names }),
        choices(this, "later", { label: "Rewarded from half way on", names }),
        slider(this, "at", { label: "look back to update" }),
        typed(this, "prompt", "Prompt: two digits, 0 to 5"),
        h("div", { className: "x-row" }, resetButton(this))),
      onRequest("More settings",
        slider(this, "entropy", { label: "entropy bonus", step: 0.01, format: (v) => fixed(v, 2) }),
        slider(this, "answers", { label: "answers to a prompt, K" }),
        slider(this, "seed", { label: "seed" })));
    this.start();
  }

  /** @param {string} name */
  changed(name) {
    if (LOOKS.includes(name)) return;
    this.stale = true;
    if (this.isConnected) this.start();
  }

  /** The lesson of the present setting. @returns {Lesson} */
  get lesson() {
    if (this.stale || !this.given) {
      const { reward, later, entropy, answers, seed } = this.values;
      this.given = new Lesson({
        first: /** @type {Reward} */ (reward), then: /** @type {Reward} */ (later),
        entropy: Number(entropy), answers: Number(answers), seed: Number(seed),
      }, this.given);
      this.stale = false;
    }
    return this.given;
  }

  tick() {
    this.lesson.train(BUDGET);
    if (this.lesson.done) this.stop();
  }

  /** The update that is shown: where less motion is wished for, the first until the last is there. */
  get shown() {
    const { lesson } = this, ready = lesson.done || !this.reducedMotion;
    return Math.min(ready ? Number(this.values.at) : 0, lesson.trained);
  }

  /** The likeliest answers to the prompt at the update that is shown, and what each earns. */
  listed() {
    const { lesson, shown, seen } = this, prompt = String(this.values.prompt);
    if (!seen || shown < 0) return [];
    const earn = REWARDS[lesson.rewardAt(shown)], wanted = String(right(prompt));
    seen.clear();
    seen.theta.set(lesson.kept[shown]);
    return likeliest(seen, prompt, LISTED).map(({ answer, probability }) => ({
      answer, probability, reward: earn(answer, prompt), right: String(answer) === wanted,
    }));
  }

  paint() {
    const { lesson, shown, views } = this, prompt = String(this.values.prompt);
    if (!views) return;
    const at = (/** @type {number[]} */ list, /** @type {(x: number) => string} */ format) =>
      (shown < 0 ? "…" : format(list[shown]));
    const numbers = {
      updates: shown < 0 ? "…" : String(shown),
      right: at(lesson.right, (x) => `${fixed(100 * x, 1)} %`),
      reward: at(lesson.rewards, (x) => fixed(x, 2)),
      length: at(lesson.lengths, (x) => fixed(x, 1)),
    };
    this.numbers?.show(numbers);
    const narrow = this.width < 600, left = narrow ? this.width : Math.round(this.width * 0.4);
    const width = narrow ? this.width : this.width - left - 24, height = 338;
    const listed = this.listed(), best = listed[0];
    views.answers.size(left, height, best
      ? `After update ${shown} the likeliest answer to ${prompt} is ${inWords(best.answer)}, with ` +
        `probability ${fixed(best.probability, 2)}.`
      : "No answers yet.");
    drawAnswers(views.answers, listed, { width: left, prompt });
    views.lesson.size(width, narrow ? 290 : height, `After update ${shown} ${numbers.right} of the ` +
      `answers are right; the mean reward is ${numbers.reward}.`);
    const upTo = lesson.done || !this.reducedMotion ? lesson.trained : 0;
    this.scales = drawLesson(views.lesson, lesson, {
      width, height: narrow ? 290 : height, upTo, shown, names: NAMES,
    });
    const { x, y } = this.scales;
    this.grip?.(x(Number(this.values.at)), y(0));
    this.guess?.paint(lesson.done ? 100 * lesson.right[upTo] : NaN, (value) =>
      [x(UPDATES / 2), y(value / 100), x(UPDATES), y(value / 100)]);
  }
}

const KEY = "Bars: the likeliest answers to the prompt after that update, ✓ the right one; an answer " +
  `is cut off (…) at ${LONGEST} tokens.`;

/** @typedef {import("../engine/digits.js").Reward} Reward */
