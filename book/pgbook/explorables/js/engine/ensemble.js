/** Learning curves of several seeds, trained a slice at a time so that a page stays responsive. */

import { Reinforce } from "./reinforce.js";
import { Running } from "./statistics.js";

export const MAX_EPISODES = 800;
export const EVERY = 8; // episodes between two points of a curve
export const POINTS = MAX_EPISODES / EVERY;

/** Two-sided 95 % points of Student's t with n - 1 degrees of freedom, n = 2 to 12. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201];

/** One training run and its learning curve: the mean return of the last 100 episodes. */
export class Run {
  /** @param {import("./reinforce.js").Settings} settings */
  constructor(settings) {
    this.learner = new Reinforce(settings);
    /** @type {number[]} at 8, 16, ... finished episodes */
    this.curve = [];
    /** @type {number | null} finished episodes when the threshold was reached */
    this.solvedAt = null;
  }

  get done() {
    return this.solvedAt !== null || this.learner.finished >= MAX_EPISODES;
  }

  playEpisode() {
    const { learner } = this;
    learner.playEpisode();
    if (learner.solved) this.solvedAt = learner.finished;
    if (learner.finished % EVERY === 0 || this.done) this.curve.push(learner.mean100);
  }

  /** Go on until the batch is full and the policy has been updated. */
  playUpdate() {
    const { updates } = this.learner;
    while (!this.done && this.learner.updates === updates) this.playEpisode();
  }
}

export class Ensemble {
  /**
   * @param {import("./reinforce.js").Settings} settings its seed is the first of them
   * @param {number} size how many seeds
   */
  constructor(settings, size) {
    this.settings = settings;
    this.size = size;
    /** @type {Run[]} */
    this.runs = [];
  }

  get finished() {
    return this.runs.filter((run) => run.done);
  }

  get done() {
    return this.finished.length === this.size;
  }

  /** Train for about so long. @param {number} budget ms @param {() => number} [now] */
  train(budget, now = () => performance.now()) {
    const start = now();
    while (!this.done && now() - start < budget) {
      let run = this.runs[this.runs.length - 1];
      if (!run || run.done) {
        run = new Run({ ...this.settings, seed: this.settings.seed + this.runs.length });
        this.runs.push(run);
      }
      while (!run.done && now() - start < budget) run.playEpisode();
    }
  }

  /**
   * The mean over the finished runs and its 95 % interval, point by point. A run that has reached
   * the threshold stops there, and counts on with its last value.
   */
  summary() {
    const runs = this.finished, t = STUDENT[Math.min(runs.length, 12) - 2] ?? NaN;
    return Array.from({ length: POINTS }, (_, i) => {
      const at = new Running();
      for (const { curve } of runs) at.add(curve[Math.min(i, curve.length - 1)]);
      const half = t * at.error;
      return { episodes: (i + 1) * EVERY, mean: at.mean, low: at.mean - half, high: at.mean + half };
    });
  }
}
