/** The run that one watches: a cart that shows the present policy, and learns between two episodes. */

import { MAX_STEPS, reset, step } from "../engine/cartpole.js";
import { Run } from "../engine/ensemble.js";
import { Prng } from "../engine/prng.js";
import { grouped } from "../ui/draw.js";

const STEP = 20; // ms of CartPole's clock
const GLIMPSE = 80; // steps shown of the policy after one update
const REST = 350; // ms that a fallen pole lies there

export class Demo {
  /** @param {import("../engine/reinforce.js").Settings} settings */
  constructor(settings) {
    this.run = new Run(settings);
    this.rng = new Prng(settings.seed, 1);
    this.state = new Float64Array(4);
    this.row = new Float64Array(this.run.learner.policy.memory);
    this.clock = 0;
    this.steps = 0;
    this.fell = false;
    this.begin();
  }

  /** Put the pole upright. */
  begin() {
    reset(this.state, this.rng);
    this.steps = 0;
    this.fell = false;
  }

  /** Probability that the present policy pushes right. */
  get right() {
    return this.run.learner.policy.forward(this.state, this.row, 0);
  }

  /**
   * Move on in time. @param {number} ms @param {boolean} learning whether a glimpse is enough, and
   * the policy learns after it @returns {boolean} whether it has learned
   */
  advance(ms, learning) {
    const enough = learning && !this.run.done ? GLIMPSE : MAX_STEPS;
    let learned = false;
    this.clock += ms;
    while (this.clock >= (this.fell ? REST : STEP)) {
      this.clock -= this.fell ? REST : STEP;
      if (this.fell || this.steps >= enough) {
        if (learning) this.run.playUpdate();
        learned ||= learning;
        this.begin();
      } else {
        this.fell = step(this.state, this.rng.uniform() < this.right ? 1 : 0);
        this.steps += 1;
      }
    }
    return learned;
  }

  /** Learn from one batch, now. */
  update() {
    this.run.playUpdate();
    this.begin();
  }

  /** What a reader should know of it, in one line. */
  toString() {
    const { finished, updates } = this.run.learner;
    const after = `after ${grouped(updates)} update${updates === 1 ? "" : "s"}`;
    return finished ? `${after}, ${grouped(finished)} episodes` : "before the first update";
  }
}
