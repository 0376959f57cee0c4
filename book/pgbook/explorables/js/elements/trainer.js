/**
 * Chapter 7 and the landing page: REINFORCE on CartPole-v1, trained in the page. The curves of
 * twelve seeds are trained afresh at every change of a setting; one run is slowed down to watch.
 */

import { MAX_STEPS, reset, step } from "../engine/cartpole.js";
import { Ensemble, MAX_EPISODES, Run } from "../engine/ensemble.js";
import { Prng } from "../engine/prng.js";
import { THRESHOLD } from "../engine/reinforce.js";
import { PSI_NAMES } from "../engine/weights.js";
import { button, choices, h, readouts, resetButton, slider } from "../ui/controls.js";
import { fixed, grouped, ink, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { boolean, choice, integer, number } from "../ui/properties.js";
import { drawScene } from "./cartpole_scene.js";
import { drawCurves } from "./curves.js";

/** @typedef {import("../engine/weights.js").PsiName} PsiName */

const SEEDS = 12;
const BUDGET = 10; // ms of training a frame
const SHOW_FROM = 4; // finished seeds that replace the curves of the last setting
const FRESH = 150; // ms that training goes on with a setting while newer ones come in
const STEP = 20; // ms of CartPole's clock
const GLIMPSE = 80; // steps shown of the policy after one update
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

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      solved: { label: `reach ${THRESHOLD}`, className: ink("objective") },
      median: { label: "median" },
      mean: { label: "this run’s last 100" },
      time: { label: "all trained in" },
    });
    const views = [h("div"), h("div")];
    this.scene = picture(views[0]);
    this.curves = picture(views[1]);
    this.key = h("p", { className: "x-key" });
    this.play = button(this, "Pause", () => {
      const still = !this.moving;
      this.asked = true;
      this.set("playing", still);
      this.invalidate();
    });
    const one = button(this, "One update", () => this.stepOnce());
    const keep = button(this, "Keep to compare", () => this.keep());
    body.append(this.numbers.list, h("div", { className: "x-pair" }, ...views), this.key,
      h("div", { className: "x-controls x-compact" }, ...this.sliders(),
        choices(this, "psi", { label: "Ψ: what each step is weighted with", names: PSI }),
        choices(this, "mode", {
          label: "The cart shows",
          names: { watch: "one run as it learns", trained: "its trained policy" },
        }),
        h("div", { className: "x-row" }, this.play, one, keep, resetButton(this))));
    this.forget();
  }

  sliders() {
    return [
      slider(this, "learningRate", { label: "learning rate", log: true, format: String }),
      slider(this, "episodes", { label: "episodes per step" }),
      slider(this, "gamma", { label: "discount γ", step: 0.01, format: (v) => fixed(v, 2) }),
      slider(this, "seed", { label: "first seed" }),
    ];
  }

  /** Start over. */
  forget() {
    /** @type {import("./curves.js").Kept[]} */
    this.kept = [];
    this.asked = false;
    this.restart();
  }

  /** Train with the present settings: the run that is watched, and all seeds. */
  restart() {
    const { learningRate, episodes, gamma, psi, seed } = this.values;
    const settings = {
      learningRate: Number(learningRate), episodes: Number(episodes), gamma: Number(gamma),
      psi: /** @type {PsiName} */ (psi), seed: Number(seed), hidden: 0,
    };
    this.run = new Run(settings);
    this.wanted = settings;
    const rng = new Prng(settings.seed, 1);
    this.demo = { state: new Float64Array(4), rng, steps: 0, fell: true };
    this.clock = 0;
    this.stale = true;
    if (this.isConnected) this.start();
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
    if (this.moving) this.playDemo(ms);
    if (!training && !this.moving && (this.values.mode === "watch" || this.run?.done)) this.stop();
  }

  /** A slice of the seeds' training. @returns {boolean} whether there is more to do */
  trainSeeds() {
    const now = performance.now(), late = now - (this.began ?? 0) > FRESH;
    if (this.wanted && (!this.ensemble || this.ensemble.done || late)) {
      this.ensemble = new Ensemble(this.wanted, SEEDS);
      this.wanted = undefined;
      this.began = now;
    }
    const { ensemble } = this;
    if (!ensemble || ensemble.done) return false;
    ensemble.train(BUDGET);
    if (ensemble.done || ensemble.finished.length >= SHOW_FROM) {
      this.shown = { ensemble, mean: ensemble.summary() };
    }
    this.stale = true;
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

  /** Move the cart on; between two episodes the policy learns. @param {number} ms */
  playDemo(ms) {
    const { demo, run } = this;
    if (!demo || !run) return;
    this.clock = (this.clock ?? 0) + ms;
    while (this.clock >= STEP) {
      this.clock -= STEP;
      const enough = this.values.mode === "watch" && !run.done ? GLIMPSE : MAX_STEPS;
      if (demo.fell || demo.steps >= enough) this.nextEpisode();
      else {
        const action = demo.rng.uniform() < this.pushRight() ? 1 : 0;
        demo.fell = step(demo.state, action);
        demo.steps += 1;
      }
    }
  }

  /** Learn from one batch, and put the pole upright again. */
  nextEpisode() {
    const { demo, run } = this;
    if (!demo || !run) return;
    if (this.values.mode === "watch" && demo.steps > 0) run.playUpdate();
    reset(demo.state, demo.rng);
    demo.steps = 0;
    demo.fell = false;
    this.stale = true;
  }

  /** Probability that the present policy pushes right. */
  pushRight() {
    const { policy } = /** @type {Run} */ (this.run).learner;
    const state = this.demo?.state ?? new Float64Array(4);
    return policy.forward(state, new Float64Array(policy.memory), 0);
  }

  stepOnce() {
    this.asked = true;
    this.set("playing", false);
    this.set("mode", "watch");
    if (this.demo) this.demo.steps = Math.max(this.demo.steps, 1);
    this.nextEpisode();
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
    const { run, demo, scene, curves, shown } = this;
    if (!run || !demo || !scene || !curves || !this.play) return;
    const narrow = this.width < 600, wide = narrow ? this.width : this.width * 0.58;
    const sceneWidth = narrow ? this.width : this.width - wide - 24, height = narrow ? 230 : 300;
    const right = this.pushRight(), { learner } = run;
    const text = `${grouped(learner.finished)} episodes, ${learner.updates} updates of the policy`;
    scene.size(sceneWidth, height, `A cart balances a pole. ${text}.`);
    drawScene(scene, { width: sceneWidth, height, state: demo.state, right, caption: text });
    this.play.textContent = this.moving ? "Pause" : "Play";
    if (!this.stale && this.drawnAt === this.width) return;
    this.drawnAt = this.width;
    this.stale = false;
    const runs = shown?.ensemble.finished ?? [], solved = runs.flatMap((r) => r.solvedAt ?? []);
    const middle = solved.sort((a, b) => a - b)[Math.floor((runs.length - 1) / 2)];
    this.numbers?.show({
      solved: `${solved.length} of ${runs.length} seeds`,
      median: middle ? `${grouped(middle)} episodes` : `over ${MAX_EPISODES} episodes`,
      mean: fixed(learner.mean100, 0),
      time: shown ? `${Math.round(shown.ensemble.milliseconds)} ms` : "…",
    });
    curves.size(wide, narrow ? 280 : 300, `Learning curves: ${solved.length} of ${runs.length} ` +
      `seeds reach ${THRESHOLD}.`);
    /** @type {import("./curves.js").Kept[]} */
    const kept = this.kept ?? [];
    drawCurves(curves, {
      width: wide, height: narrow ? 280 : 300, runs: runs.map((r) => r.curve),
      mean: shown?.mean ?? [], kept: kept.map((k) => ({ ...k, name: k.name[0] })),
      watched: run.curve,
    });
    this.paintKey(kept);
  }

  /** @param {import("./curves.js").Kept[]} kept */
  paintKey(kept) {
    if (!this.key) return;
    const key = `Thick: the mean of ${SEEDS} seeds with its 95 % interval. Thin: each seed. ` +
      "Dot: the run shown.";
    this.key.textContent = [key, ...kept.map((k) => `${k.name}.`)].join(" ");
  }
}



