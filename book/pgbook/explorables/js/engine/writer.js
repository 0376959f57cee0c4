/**
 * A model that learns to write from rewards alone: several answers to each of a few prompts, each
 * answer weighed against the others of its prompt (leave one out), one step of Adam.
 */

import { ask, END, LONGEST, PROMPTS, REWARDS, SIZES } from "./digits.js";
import { firstWeights, Gru } from "./gru.js";
import { Adam } from "./optimisers.js";
import { Prng } from "./prng.js";

export const BATCH = 12; // prompts
const RATE = 0.02;

/** @typedef {{ prompt: string, answers: number[][], rewards: number[] }} Group answers of one prompt */
/** @typedef {{ answers: number, entropy: number, seed: number }} Setting answers of a prompt, K; weight of the entropy */

/** The prefixes at which an answer's tokens are written. @param {Gru} model @param {string} prompt @param {number[]} answer */
function places(model, prompt, answer) {
  const nodes = [ask(model, prompt)];
  answer.slice(0, -1).forEach((token, t) => nodes.push(model.read(nodes[t], token)));
  return nodes;
}

/**
 * An answer, token by token; cut off where it gets too long.
 * @param {Gru} model @param {string} prompt @param {Prng} rng @returns {number[]}
 */
export function write(model, prompt, rng) {
  const answer = [], { outputs } = model.sizes;
  for (let node = ask(model, prompt);;) {
    const token = rng.choice(model.p, node * outputs, outputs);
    answer.push(token);
    if (token === END || answer.length === LONGEST) return answer;
    node = model.read(node, token);
  }
}

/**
 * The loss −(1/n) Σ_i Σ_t [A_i log π(y_t | x, y_<t) + c H(π(· | x, y_<t))] over n answers, where A_i is
 * the reward less the mean of the prompt's others. Its negative gradient waits for `backward`.
 * @param {Gru} model @param {Group[]} groups @param {number} entropy c @returns {number}
 */
export function weighed(model, groups, entropy) {
  const n = groups.reduce((sum, { answers }) => sum + answers.length, 0), { outputs } = model.sizes;
  const visits = new Map();
  let gain = 0;
  for (const { prompt, answers, rewards } of groups) {
    const total = rewards.reduce((sum, r) => sum + r, 0), others = answers.length - 1;
    answers.forEach((answer, i) => {
      const advantage = rewards[i] - (total - rewards[i]) / others;
      places(model, prompt, answer).forEach((node, t) => {
        model.push(node, answer[t], advantage / n);
        gain += (advantage / n) * Math.log(model.p[node * outputs + answer[t]]);
        visits.set(node, (visits.get(node) ?? 0) + 1);
      });
    });
  }
  for (const [node, count] of visits) {
    const weight = (entropy * count) / n;
    gain += weight * model.spread(node, weight);
  }
  return -gain;
}

export class Writer {
  /** @param {Setting} setting */
  constructor(setting) {
    this.setting = setting;
    this.rng = new Prng(setting.seed);
    // room for what is written, for every prompt (three prefixes at most) and its right answer (two)
    const room = BATCH * setting.answers * (LONGEST - 1) + 5 * PROMPTS.length;
    this.model = new Gru(SIZES, firstWeights(SIZES, this.rng), room);
    this.optimiser = new Adam(RATE, this.model.theta.length);
    this.gradient = new Float64Array(this.model.theta.length);
    /** @type {Group[]} */
    this.groups = [];
  }

  /** Ask, and let it answer. @param {import("./digits.js").Reward} reward @returns {{ reward: number, length: number }} means */
  play(reward) {
    const { model, rng, setting: { answers: K } } = this;
    this.groups = Array.from({ length: BATCH }, () => {
      const prompt = PROMPTS[Math.floor(rng.uniform() * PROMPTS.length)];
      const answers = Array.from({ length: K }, () => write(model, prompt, rng));
      return { prompt, answers, rewards: answers.map((answer) => REWARDS[reward](answer, prompt)) };
    });
    const sum = (/** @type {number[]} */ list) => list.reduce((all, x) => all + x, 0);
    return {
      reward: sum(this.groups.flatMap(({ rewards }) => rewards)) / (BATCH * K),
      length: sum(this.groups.flatMap(({ answers }) => answers.map(({ length }) => length))) / (BATCH * K),
    };
  }

  /** One step, from the answers of the last `play`. */
  learn() {
    const { model, gradient } = this;
    gradient.fill(0);
    weighed(model, this.groups, this.setting.entropy);
    model.backward(gradient);
    this.optimiser.ascend(model.theta, gradient);
    model.clear();
  }

  /** Another that goes on from here as this one would. */
  copy() {
    const made = new Writer(this.setting);
    made.model.theta.set(this.model.theta);
    made.optimiser.mean.set(this.optimiser.mean);
    made.optimiser.square.set(this.optimiser.square);
    made.optimiser.steps = this.optimiser.steps;
    Object.assign(made.rng, this.rng);
    return made;
  }
}
