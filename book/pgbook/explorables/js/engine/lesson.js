/**
 * A model's schooling: so many updates with one reward, as many with another. It keeps what it was
 * after every update, to look back.
 */

import { rightShare } from "./answers.js";
import { Writer } from "./writer.js";

export const HALF = 150, UPDATES = 2 * HALF;

/** @typedef {import("./digits.js").Reward} Reward */
/** @typedef {import("./writer.js").Setting & { first: Reward, then: Reward }} Plan */

export class Lesson {
  /** @param {Plan} plan @param {Lesson} [before] whose first half is taken over if it is the same */
  constructor(plan, before) {
    /** @type {Plan} */
    this.plan = plan;
    /** @type {Float32Array[]} parameters after 0, 1, ... updates */
    this.kept = [];
    /** @type {number[]} mean reward of the answers that it then gave */
    this.rewards = [];
    /** @type {number[]} their mean length, tokens */
    this.lengths = [];
    /** @type {number[]} probability of the right answer, over all prompts */
    this.right = [];
    this.writer = new Writer(plan);
    /** @type {Writer | undefined} as it was half way */
    this.halfway = undefined;
    if (before?.halfway && same(before.plan, plan)) this.takeOver(before, before.halfway);
  }

  /** @param {Lesson} before @param {Writer} halfway */
  takeOver(before, halfway) {
    for (const name of /** @type {const} */ (["kept", "rewards", "lengths", "right"])) {
      Object.assign(this, { [name]: before[name].slice(0, HALF) });
    }
    this.halfway = halfway;
    this.writer = halfway.copy();
  }

  /** Updates whose outcome is known; -1 before the beginning is. */
  get trained() {
    return this.kept.length - 1;
  }

  get done() {
    return this.trained === UPDATES;
  }

  /** What is rewarded after so many updates. @param {number} updates @returns {Reward} */
  rewardAt(updates) {
    return updates < HALF ? this.plan.first : this.plan.then;
  }

  /** Look at the model as it is; then one update, unless it was the last. */
  step() {
    const { writer } = this, updates = this.kept.length;
    if (updates === HALF) this.halfway = writer.copy();
    const { reward, length } = writer.play(this.rewardAt(updates));
    this.kept.push(Float32Array.from(writer.model.theta));
    this.rewards.push(reward);
    this.lengths.push(length);
    this.right.push(rightShare(writer.model));
    if (updates < UPDATES) writer.learn();
  }

  /** Train for about so long. @param {number} budget ms @param {() => number} [now] */
  train(budget, now = () => performance.now()) {
    const start = now();
    while (!this.done && now() - start < budget) this.step();
  }
}

/** Whether two plans have one first half. @param {Plan} one @param {Plan} other */
const same = (one, other) => one.first === other.first && one.seed === other.seed &&
  one.answers === other.answers && one.entropy === other.entropy;
