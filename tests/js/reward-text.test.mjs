/** The small language model: its forward and backward pass, loss and step against PyTorch's. */

import assert from "node:assert/strict";
import test from "node:test";
import { likeliest, probability, rightShare } from "../../book/pgbook/explorables/js/engine/answers.js";
import {
  ask, END, LONGEST, PROMPTS, REWARD_NAMES, REWARDS, right, SIZES,
} from "../../book/pgbook/explorables/js/engine/digits.js";
import { firstWeights, Gru, size } from "../../book/pgbook/explorables/js/engine/gru.js";
import { Adam } from "../../book/pgbook/explorables/js/engine/optimisers.js";
import { Prng } from "../../book/pgbook/explorables/js/engine/prng.js";
import { weighed, write, Writer } from "../../book/pgbook/explorables/js/engine/writer.js";
import { close, vectors } from "./shared.mjs";

/** @typedef {import("../../book/pgbook/explorables/js/engine/writer.js").Group} Group */

const VECTORS = vectors("gru"), ROOM = 2000;

/** A model of H units with weights that Python has, too. @param {number} hidden */
function model(hidden) {
  const sizes = { ...SIZES, hidden };
  const theta = Float64Array.from({ length: size(sizes) }, (_, k) => 0.6 * Math.sin(1.7 * k));
  return new Gru(sizes, theta, ROOM);
}

/** The log-distributions at an answer's tokens. @param {Gru} gru @param {string} prompt @param {number[]} answer */
function logs(gru, prompt, answer) {
  let node = ask(gru, prompt);
  return answer.map((_, t) => {
    if (t) node = gru.read(node, answer[t - 1]);
    return Array.from(gru.p.slice(7 * node, 7 * node + 7), Math.log);
  });
}

test("rewards, loss, gradient and one step are PyTorch's", () => {
  for (const { hidden, entropy, reward, groups, loss, every, gradient, stepped, after } of VECTORS.cases) {
    const gru = model(hidden), ours = new Float64Array(gru.theta.length);
    for (const { prompt, answers, all } of groups) {
      for (const name of REWARD_NAMES) {
        close(answers.map((/** @type {number[]} */ a) => REWARDS[name](a, prompt)), all[name], name);
      }
    }
    close(weighed(gru, groups, entropy), loss, `loss, ${reward}`);
    gru.backward(ours);
    const some = (/** @type {Float64Array} */ list) => [...list].filter((_, k) => k % every === 0);
    close(some(ours.map((g) => -g)), gradient, `gradient, ${reward}`);
    new Adam(0.02, ours.length).ascend(gru.theta, ours);
    close(some(gru.theta), stepped, `step, ${reward}`);
    gru.clear();
    const [{ prompt, answers }] = groups;
    answers.forEach((/** @type {number[]} */ answer, /** @type {number} */ i) =>
      logs(gru, prompt, answer).forEach((row, t) => close(row, after.logs[i][t], `log π, token ${t}`)));
    close(rightShare(gru), after.right, "right");
  }
});

test("the likeliest answers are those of a full listing", () => {
  for (const { prompt, answers, probabilities, sum } of VECTORS.likeliest) {
    const gru = model(4), best = likeliest(gru, prompt, 8);
    close(sum, 1, "all answers");
    assert.deepEqual(best.map(({ answer }) => answer), answers);
    close(best.map((each) => each.probability), probabilities, "probabilities");
    best.forEach((each) => close(probability(gru, prompt, each.answer), each.probability, "one by one"));
  }
  const fresh = new Gru(SIZES, firstWeights(SIZES, new Prng(1)), ROOM);
  assert.deepEqual(likeliest(fresh, "12", 2)[0], { answer: [END], probability: 1 / 7 });
  close(rightShare(fresh), 7 ** -3, "before it learns");
});

test("a prefix is read once, forgotten with the rest, and there is room for so many", () => {
  const gru = model(4), tight = new Gru(gru.sizes, gru.theta, 2);
  const node = ask(gru, "12"), p = gru.p.slice(7 * node, 7 * node + 7);
  assert.deepEqual([ask(gru, "12"), gru.count, ask(gru, "13"), gru.count], [node, 3, 4, 5]);
  gru.push(node, 2, 1);
  gru.clear();
  assert.deepEqual([gru.count, ask(gru, "31") + 1, gru.count], [0, 3, 3]);
  assert.ok(gru.dLogits.every((d) => d === 0) && gru.dState.every((d) => d === 0));
  gru.clear();
  close(gru.p.slice(7 * ask(gru, "12"), 7 * node + 7), p, "the same again");
  assert.throws(() => ask(tight, "12"), /expected at most 2 prefixes/);
  assert.throws(() => new Gru(SIZES, gru.theta, 2), /expected 3975 parameters, got 167/);
});

test("answers are drawn with their probabilities, and cut off at the longest", () => {
  const gru = model(4), rng = new Prng(3), drawn = 20_000, [top] = likeliest(gru, "04", 1);
  let hits = 0, length = 0;
  for (let i = 0; i < drawn; i++) {
    const answer = write(gru, "04", rng);
    assert.ok(answer.indexOf(END) === answer.length - 1 || (answer.length === LONGEST && !answer.includes(END)));
    hits += Number(String(answer) === String(top.answer));
    length += answer.length;
  }
  const p = top.probability, error = Math.sqrt(p * (1 - p) / drawn);
  assert.ok(Math.abs(hits / drawn - p) < 4 * error, `${hits / drawn}, expected ${p}`);
  assert.ok(length / drawn > 1 && length / drawn < LONGEST);
});

test("rewards pay what they say", () => {
  const earn = (/** @type {number[]} */ answer) => REWARD_NAMES.map((name) => REWARDS[name](answer, "12"));
  assert.deepEqual(REWARD_NAMES, ["graded", "exact", "longer", "counted"]);
  assert.deepEqual(earn([2, 1, END]), [1, 1, 0.4, 0.4]);
  assert.deepEqual(earn([1, 2, END]), [1 / 3, 0, 0.4, 0.4]);
  assert.deepEqual(earn([2, 1, 1, 1, 1]), [2 / 3, 0, 1, 1]);
  assert.deepEqual(earn([END]), [0, 0, 0, 0]);
  assert.deepEqual([PROMPTS.length, new Set(PROMPTS).size, PROMPTS[8], right("12")], [36, 36, "12", [2, 1, END]]);
  for (const prompt of PROMPTS) assert.equal(REWARDS.exact(right(prompt), prompt), 1);
});

test("advantages leave one out: a batch of equal rewards teaches nothing", () => {
  const gru = model(4), gradient = new Float64Array(gru.theta.length);
  /** @type {Group[]} */
  const groups = [{ prompt: "12", answers: [[1, END], [2, END], [END]], rewards: [0.5, 0.5, 0.5] }];
  close(weighed(gru, groups, 0), 0, "loss");
  gru.backward(gradient);
  assert.ok(gradient.every((g) => Math.abs(g) < 1e-15));
  const writer = new Writer({ answers: 3, entropy: 0.05, seed: 5 }), { reward, length } = writer.play("longer");
  const all = writer.groups.flatMap(({ answers }) => answers);
  close(length, all.reduce((sum, a) => sum + a.length, 0) / 36, "mean length");
  close(reward, all.reduce((sum, a) => sum + REWARDS.longer(a), 0) / 36, "mean reward");
});

test("there is room for a batch of the longest answers and all prompts beside it", () => {
  const { model: gru } = new Writer({ answers: 2, entropy: 0, seed: 0 });
  PROMPTS.slice(0, 12).forEach((prompt) => [1, 2].forEach((shift) => {
    let node = ask(gru, prompt); // no two alike, none right
    for (const token of [(Number(prompt[1]) + shift) % 6, 3, 0, 5]) node = gru.read(node, token);
  }));
  rightShare(gru);
});

test("a writer begins with nothing learned, and takes the step that its answers ask for", () => {
  const writer = new Writer({ answers: 6, entropy: 0.1, seed: 2 }), { theta } = writer.model;
  const { hidden: H } = SIZES, read = 3 * H * 7, kept = read + 3 * H * H;
  const most = (/** @type {number} */ from, /** @type {number} */ to) =>
    Math.max(...theta.slice(from, to).map(Math.abs));
  close([most(0, read), most(read, kept) * Math.sqrt(H), most(kept, theta.length)], [1, 1, 0], "scale", 0.01);
  assert.ok(Math.min(...theta.slice(0, read)) < -0.9, "both signs");
  for (let round = 0; round < 2; round++) {
    writer.play("graded");
    const other = new Gru(SIZES, theta.slice(), ROOM), gradient = new Float64Array(theta.length);
    weighed(other, writer.groups, 0.1);
    other.backward(gradient);
    const { mean, square, steps } = writer.optimiser, adam = new Adam(0.02, theta.length);
    Object.assign(adam, { mean: mean.slice(), square: square.slice(), steps });
    adam.ascend(other.theta, gradient);
    writer.learn();
    close(writer.model.theta, other.theta, `step ${round + 1}`);
    other.clear();
    close(rightShare(writer.model), rightShare(other), "nothing is left of the model before");
  }
});

test("a copy goes on as its original does, and leaves it alone", () => {
  const one = new Writer({ answers: 3, entropy: 0.05, seed: 4 });
  const on = (/** @type {Writer} */ writer) => {
    const seen = [writer.play("longer"), writer.groups];
    writer.learn();
    return [...seen, Array.from(writer.model.theta)];
  };
  on(one);
  on(one);
  const other = one.copy(), before = Array.from(one.model.theta), later = [on(other), on(other)];
  assert.deepEqual(Array.from(one.model.theta), before);
  assert.deepEqual([on(one), on(one)], later);
});
