/**
 * Where learning works: for each weight Ψ a trail, how many seeds reach the threshold at which
 * learning rate. Rates that the reader visits are on it, and the rest is trained when there is time.
 */

import { Ensemble } from "./ensemble.js";

/** @typedef {import("./reinforce.js").Settings} Settings */
/** @typedef {import("./weights.js").PsiName} PsiName */

export const SLOWEST = 0.002, FASTEST = 2;
export const RATES = Array.from({ length: 11 }, (_, k) =>
  Number((SLOWEST * (FASTEST / SLOWEST) ** (k / 10)).toPrecision(2)));

export class Survey {
  /** @param {number} size how many seeds */
  constructor(size) {
    this.size = size;
    /** @type {Map<PsiName, Map<number, number>>} weight -> learning rate -> seeds that got there */
    this.trails = new Map();
    /** @type {Settings | undefined} */
    this.settings = undefined;
    /** @type {Ensemble | undefined} */
    this.scout = undefined;
  }

  /** Look at these settings. With another batch, γ or seed nothing found so far can be compared. */
  turnTo(/** @type {Settings} */ settings) {
    const before = this.settings;
    this.settings = settings;
    if (before && !alike(before, settings)) this.trails.clear();
    if (!before || before.psi !== settings.psi || !alike(before, settings)) this.scout = undefined;
  }

  /** Put what was found on its trail. @param {Ensemble} ensemble trained to its end */
  add({ settings, runs }) {
    if (!this.settings || !alike(this.settings, settings)) return;
    const trail = this.trails.get(settings.psi) ?? new Map();
    trail.set(settings.learningRate, runs.filter((run) => run.solvedAt !== null).length);
    this.trails.set(settings.psi, trail);
  }

  /** The next rate that nobody has tried with the present weight. */
  get next() {
    const { settings } = this;
    return settings && RATES.find((rate) => !this.trails.get(settings.psi)?.has(rate));
  }

  /** Train for about so long. @param {number} budget ms @returns {boolean} whether it had to */
  train(budget) {
    const rate = this.next;
    if (!this.settings || rate === undefined) return false;
    this.scout ??= new Ensemble({ ...this.settings, learningRate: rate }, this.size);
    this.scout.train(budget);
    if (this.scout.done) {
      this.add(this.scout);
      this.scout = undefined;
    }
    return true;
  }

  /** A weight's trail in the order of the rates. @param {PsiName} psi */
  trail(psi) {
    return [...this.trails.get(psi) ?? []].sort(([a], [b]) => a - b);
  }

  /** The trails as texts for a screen reader. */
  toString() {
    return [...this.trails.keys()].map((psi) => `${psi}: ` + this.trail(psi)
      .map(([rate, solved]) => `${solved} at ${rate}`).join(", ")).join("; ");
  }
}

/** @param {Settings} a @param {Settings} b whether only the rate or the weight differs */
function alike(a, b) {
  return a.episodes === b.episodes && a.gamma === b.gamma && a.seed === b.seed;
}
