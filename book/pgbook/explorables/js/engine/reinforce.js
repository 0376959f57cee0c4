/** REINFORCE on CartPole-v1: whole episodes, one update a batch, an episode at a time. */

import * as cartpole from "./cartpole.js";
import { Adam, SGD } from "./optimisers.js";
import { HiddenPolicy, LinearPolicy } from "./policies.js";
import { Prng } from "./prng.js";
import { weigh } from "./weights.js";

export const SCALE = [2.4, 3.0, 0.21, 3.0];
export const THRESHOLD = 475;
const WINDOW = 100;

/**
 * @typedef {object} Settings
 * @property {number} seed
 * @property {number} episodes N, episodes an update
 * @property {number} learningRate
 * @property {"adam" | "sgd"} [optimiser] Adam unless told
 * @property {number} gamma discount in Ψ
 * @property {import("./weights.js").PsiName} psi
 * @property {number} hidden width of the hidden layer; 0 for a linear policy
 */

export class Reinforce {
  /** @param {Settings} settings */
  constructor(settings) {
    this.settings = settings;
    this.rng = new Prng(settings.seed);
    const { hidden } = settings;
    /** @type {LinearPolicy | HiddenPolicy} */
    this.policy = hidden > 0 ? new HiddenPolicy(SCALE, hidden, this.rng) : new LinearPolicy(SCALE);
    this.optimiser = settings.optimiser === "sgd"
      ? new SGD(settings.learningRate)
      : new Adam(settings.learningRate, this.policy.theta.length);
    this.gradient = new Float64Array(this.policy.theta.length);
    this.state = new Float64Array(4);
    const room = settings.episodes * cartpole.MAX_STEPS;
    this.tape = new Float64Array(room * this.policy.memory);
    this.actions = new Uint8Array(room);
    this.rewards = new Float64Array(room).fill(1);
    this.psi = new Float64Array(room);
    /** @type {number[]} */
    this.first = [0];
    this.updates = 0;
    this.envSteps = 0;
    this.finished = 0;
    this.recent = new Float64Array(WINDOW);
    this.recentSum = 0;
  }

  /** Mean return of the last 100 finished episodes, of all while there are fewer. */
  get mean100() {
    return this.finished ? this.recentSum / Math.min(this.finished, WINDOW) : 0;
  }

  get solved() {
    return this.finished >= WINDOW && this.mean100 >= THRESHOLD;
  }

  /** Play one episode, and update after every N-th. @returns {number} its return */
  playEpisode() {
    const { policy, state, rng, tape, actions } = this;
    const start = this.first[this.first.length - 1], row = policy.memory;
    cartpole.reset(state, rng);
    let k = start, ended = false;
    while (!ended && k - start < cartpole.MAX_STEPS) {
      const right = policy.forward(state, tape, k * row);
      const action = rng.uniform() < right ? 1 : 0;
      actions[k++] = action;
      ended = cartpole.step(state, action);
    }
    const length = k - start;
    this.first.push(k);
    this.envSteps += length;
    this.recentSum += length - this.recent[this.finished % WINDOW];
    this.recent[this.finished % WINDOW] = length;
    this.finished += 1;
    if (this.first.length > this.settings.episodes) this.update();
    return length;
  }

  /** Weigh the batch, add up its scores, take one step. */
  update() {
    const { policy, gradient, first, psi, tape, actions } = this;
    const steps = first[first.length - 1], row = policy.memory;
    weigh(this.settings.psi, this.rewards, first, this.settings.gamma, psi);
    gradient.fill(0);
    for (let k = 0; k < steps; k++) policy.backward(tape, k * row, actions[k], psi[k], gradient);
    for (let j = 0; j < gradient.length; j++) gradient[j] /= this.settings.episodes;
    this.optimiser.ascend(policy.theta, gradient);
    this.first = [0];
    this.updates += 1;
  }
}
