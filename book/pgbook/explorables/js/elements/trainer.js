/**
 * Chapter 7 and the landing page: REINFORCE on CartPole-v1, trained in the page. The curves of
 * twelve seeds are trained afresh at every change of a setting; one run is slowed down to watch.
 */

import { Ensemble, MAX_EPISODES } from "../engine/ensemble.js";
import { THRESHOLD } from "../engine/reinforce.js";
import { quantiles } from "../engine/statistics.js";
import { Survey } from "../engine/survey.js";
import { PSI_NAMES } from "../engine/weights.js";
import { button, choices, h, onRequest, readouts, resetButton, slider, steady } from "../ui/controls.js";
import { category, fixed, grouped, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { boolean, choice, integer, number } from "../ui/properties.js";
import { drawScene } from "./cartpole_scene.js";
import { drawCurves } from "./curves.js";
import { Demo } from "./demo.js";
import { drawSurvey, sign } from "./survey-chart.js";

/** @typedef {import("../engine/weights.js").PsiName} PsiName */

const SEEDS = 12;
const BUDGET = 10; // ms of training a frame
const SHOW_FROM = 4; // finished seeds that replace the curves of the last setting
const SCENE = 178, CURVES = 350; // heights
const KEY = `Thick: the mean of ${SEEDS} seeds with its 95 % interval. Thin: each seed, until it ` +
  `reaches ${THRESHOLD}. Dot: the run that the cart shows.`;
const FRESH = 150; // ms that training goes on with a setting while newer ones come in
const PSI = {
  total_return: "total return",
  reward_to_go: "reward-to-go",
  reward_to_go_minus_mean: "reward-to-go − mean",
  leave_one_out: "leave one out",
};

export class Trainer extends PgElement {
  static tag = "pg-trainer";
  static label = "Explorable: training a policy on CartPole";
  static properties = {
    learningRate: number(0.2, 0.002, 2),
    episodes: integer(16, 2, 64),
    gamma: number(1, 0.8, 1),
    psi: choice("reward_to_go_minus_mean", PSI_NAMES),
    seed: integer(0, 0, 999),
    mode: choice("watch", ["watch", "trained"]),
    playing: boolean(true),
  };

  survey = new Survey(SEEDS);

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      solved: { label: `reach ${THRESHOLD}`, widest: `${SEEDS} of ${SEEDS} seeds`,
        className: category(0) },
      median: { label: "median", widest: `over ${MAX_EPISODES} episodes` },
    });
    const views = [h("div"), h("div"), h("div")];
    const [scene, survey, curves] = views.map(picture);
    this.views = { scene, survey, curves };
    this.key = h("p", { className: "x-key" });
    this.legend = h("p", { className: "x-key" });
    const signs = PSI_NAMES.map((psi) => `${sign(psi)}\u00a0${PSI[psi]}`).join(", ");
    this.play = button(this, "Pause", () => {
      const still = !this.moving;
      this.asked = true;
      this.set("playing", still);
      this.invalidate();
    });
    const one = button(this, "One update", () => this.stepOnce());
    const keep = button(this, "Keep to compare", () => this.keep());
    const left = h("div", {}, views[0], views[1]);
    body.append(this.numbers.list, h("div", { className: "x-pair" }, left, views[2]),
      steady(this.key, [`${KEY} ${signs}.`]),
      h("div", { className: "x-controls" },
        slider(this, "learningRate", { label: "learning rate", log: true, format: String }),
        choices(this, "psi", { label: "Ψ: what each step is weighted with", names: PSI }),
        h("div", { className: "x-row" }, this.play, resetButton(this))),
      onRequest("More settings", ...this.sliders(),
        choices(this, "mode", {
          label: "The cart shows",
          names: { watch: "one run as it learns", trained: "its trained policy" },
        }),
        h("div", { className: "x-row" }, one, keep)), this.legend);
    this.forget();
  }

  sliders() {
    return [
      slider(this, "episodes", { label: "episodes, N" }),
      slider(this, "gamma", { label: "discount γ", step: 0.01, format: (v) => fixed(v, 2) }),
      slider(this, "seed", { label: "first seed" }),
    ];
  }

  /** Start over. */
  forget() {
    /** @type {import("./curves.js").Kept[]} */
    this.kept = [];
    this.asked = false;
    this.survey = new Survey(SEEDS);
    this.restart();
  }

  /** Train with the present settings: the run that is watched, and all seeds. */
  restart() {
    const { learningRate, episodes, gamma, psi, seed } = this.values;
    const settings = {
      learningRate: Number(learningRate), episodes: Number(episodes), gamma: Number(gamma),
      psi: /** @type {PsiName} */ (psi), seed: Number(seed), hidden: 0,
    };
    this.demo = new Demo(settings);
    this.survey.turnTo(settings);
    this.wanted = settings;
    this.stale = true;
    if (this.isConnected) this.start();
  }

  /** The run that is watched. */
  get run() {
    return this.demo?.run;
  }

  /** @param {string} name */
  changed(name) {
    if (name === "mode") this.stale = true;
    else if (name !== "playing") this.restart();
    if (this.isConnected) this.start();
  }

  /** Whether the cart moves: not by itself where less motion is wished for. */
  get moving() {
    return Boolean(this.values.playing) && (this.asked || !this.reducedMotion);
  }

  /** @param {number} ms */
  tick(ms) {
    const training = this.trainSeeds();
    if (this.values.mode === "trained") this.finishRun();
    if (this.moving && this.demo?.advance(ms, this.values.mode === "watch")) this.stale = true;
    if (!training && !this.moving && (this.values.mode === "watch" || this.run?.done)) this.stop();
  }

  /** A slice of the seeds' training, or of the survey's. @returns {boolean} whether there is more */
  trainSeeds() {
    const now = performance.now(), late = now - (this.began ?? 0) > FRESH;
    if (this.wanted && (!this.ensemble || this.ensemble.done || late)) {
      this.ensemble = new Ensemble(this.wanted, SEEDS);
      this.wanted = undefined;
      this.began = now;
    }
    const { ensemble } = this;
    if (!ensemble || ensemble.done) return this.lookAround();
    ensemble.train(BUDGET);
    if (ensemble.done) this.survey.add(ensemble);
    if (ensemble.done || ensemble.finished.length >= SHOW_FROM) {
      this.shown = { ensemble, mean: ensemble.summary() };
    }
    this.stale = true;
    return true;
  }

  /** The survey fills in by itself; where less motion is wished for, by the reader's moves only. */
  lookAround() {
    if (this.reducedMotion || !this.survey.train(BUDGET)) return false;
    if (!this.survey.scout) this.stale = true;
    return true;
  }

  /** A slice of the watched run's training, to its end. */
  finishRun() {
    const start = performance.now();
    while (this.run && !this.run.done && performance.now() - start < BUDGET) {
      this.run.playEpisode();
      this.stale = true;
    }
  }

  stepOnce() {
    this.asked = true;
    this.set("playing", false);
    this.set("mode", "watch");
    this.demo?.update();
    this.stale = true;
    this.invalidate();
  }

  /** Leave the present mean curve in the picture, to compare. */
  keep() {
    if (!this.shown || !this.kept) return;
    const { settings } = this.shown.ensemble, name = "ABC"[this.kept.length % 3];
    const { learningRate, episodes, gamma, psi } = settings;
    const text = `rate ${learningRate}, ${episodes} episodes, γ ${gamma}, ${PSI[psi]}`;
    this.kept = [...this.kept.slice(-2), { name: `${name}: ${text}`, points: this.shown.mean }];
    this.stale = true;
    this.invalidate();
  }

  paint() {
    const { demo, views } = this;
    if (!demo || !views || !this.play) return;
    const narrow = this.width < 600, right = narrow ? this.width : Math.round(this.width * 0.56);
    const left = narrow ? this.width : this.width - right - 24;
    views.scene.size(left, SCENE, `A cart balances a pole, ${demo}.`);
    drawScene(views.scene, { width: left, height: SCENE, demo });
    this.play.textContent = this.moving ? "Pause" : "Play";
    if (!this.stale && this.drawnAt === this.width) return;
    this.drawnAt = this.width;
    this.stale = false;
    const room = { width: left, height: narrow ? 170 : CURVES - SCENE };
    views.survey.size(room.width, room.height, `Seeds that get there by rate. ${this.survey}`);
    drawSurvey(views.survey, this.survey, room);
    this.paintCurves(right, narrow ? 280 : CURVES);
  }

  /** The learning curves and the numbers. @param {number} width @param {number} height */
  paintCurves(width, height) {
    const { shown, views, demo } = this;
    /** @type {import("./curves.js").Kept[]} */
    const kept = this.kept ?? [];
    if (!views || !demo) return;
    const runs = shown?.ensemble.finished ?? [];
    const ends = runs.map((run) => run.solvedAt ?? Infinity), [middle] = quantiles(ends, [0.5]);
    const solved = ends.filter(Number.isFinite).length;
    this.numbers?.show({
      solved: shown ? `${solved} of ${runs.length} seeds` : "…",
      median: middle < Infinity ? `${grouped(middle)} episodes`
        : shown ? `over ${MAX_EPISODES} episodes` : "…",
    });
    views.curves.size(width, height, `Learning curves: ${solved} of ${runs.length} seeds reach ` +
      `${THRESHOLD}.`);
    drawCurves(views.curves, {
      width, height, runs: runs.map((r) => r.curve), mean: shown?.mean ?? [],
      kept: kept.map((k) => ({ ...k, name: k.name[0] })), watched: demo.run.curve,
    });
    if (!this.key || !this.legend) return;
    const trails = [...this.survey.trails.keys()];
    this.key.textContent = [
      KEY,
      ...(trails.length > 1 ? [trails.map((psi) => `${sign(psi)}\u00a0${PSI[psi]}`).join(", ") + "."] : []),
    ].join(" ");
    this.legend.textContent = kept.map((k) => `${k.name}.`).join(" ");
  }
}
