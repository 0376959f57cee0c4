/**
 * A small language model: a gated recurrent network (Cho and others, 2014; gates as in PyTorch,
 * without biases) that reads tokens and gives the distribution of the next one. Its backward pass is
 * written out. It keeps what it reads as a tree, so that a prefix is read once, however many answers
 * begin with it.
 */

/** @typedef {{ inputs: number, outputs: number, hidden: number }} Sizes tokens read, written; units H */

/**
 * Number of parameters: E [inputs, 3H], U [3H, H], W [outputs, H], b [outputs], one after another;
 * gates in the order r, z, n. @param {Sizes} sizes
 */
export const size = ({ inputs, outputs, hidden }) =>
  3 * hidden * (inputs + hidden) + outputs * (hidden + 1);

/**
 * E within ±1, U within ±1/√H; W and b are 0, so that every next token is equally likely.
 * @param {Sizes} sizes @param {import("./prng.js").Prng} rng
 */
export function firstWeights(sizes, rng) {
  const { inputs, outputs, hidden: H } = sizes, theta = new Float64Array(size(sizes));
  const drawn = theta.length - outputs * (H + 1), read = 3 * H * inputs;
  for (let k = 0; k < drawn; k++) {
    theta[k] = (2 * rng.uniform() - 1) * (k < read ? 1 : 1 / Math.sqrt(H));
  }
  return theta;
}

const logistic = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

export class Gru {
  /** @param {Sizes} sizes @param {Float64Array} theta @param {number} room for so many prefixes */
  constructor(sizes, theta, room) {
    const { inputs, outputs, hidden: H } = sizes;
    if (theta.length !== size(sizes)) {
      throw new Error(`expected ${size(sizes)} parameters, got ${theta.length}`);
    }
    this.sizes = sizes;
    this.theta = theta;
    this.room = room;
    this.count = 0;
    this.token = new Uint8Array(room);
    this.parent = new Int32Array(room);
    this.roots = new Int32Array(inputs).fill(-1);
    this.longer = new Int32Array(room * inputs).fill(-1); // the prefix with one more token
    this.state = new Float64Array(room * H);
    this.gates = new Float64Array(room * 4 * H); // r, z, n, and U_n h
    this.p = new Float64Array(room * outputs);
    this.dLogits = new Float64Array(room * outputs);
    this.dState = new Float64Array(room * H);
    this.slope = new Float64Array(3 * H);
    this.empty = new Float64Array(H); // the state before anything is read
  }

  /** Forget all prefixes, as one must once the parameters have changed. */
  clear() {
    const { inputs, outputs, hidden: H } = this.sizes;
    this.roots.fill(-1);
    this.longer.fill(-1, 0, this.count * inputs);
    this.dLogits.fill(0, 0, this.count * outputs);
    this.dState.fill(0, 0, this.count * H);
    this.count = 0;
  }

  /**
   * Read a token. @param {number} parent the prefix before it; -1 at the beginning
   * @param {number} token @returns {number} the prefix with it
   */
  read(parent, token) {
    const known = parent < 0 ? this.roots : this.longer;
    const at = parent < 0 ? token : parent * this.sizes.inputs + token;
    if (known[at] >= 0) return known[at];
    if (this.count === this.room) throw new Error(`expected at most ${this.room} prefixes`);
    const node = this.count++;
    known[at] = node;
    this.parent[node] = parent;
    this.token[node] = token;
    this.advance(node);
    this.predict(node);
    return node;
  }

  /** The state after a prefix, h ← (1 − z) n + z h. @param {number} node */
  advance(node) {
    const { theta, state, gates } = this, { inputs, hidden: H } = this.sizes;
    const parent = this.parent[node], h = parent < 0 ? this.empty : state, from = Math.max(0, parent) * H;
    const E = this.token[node] * 3 * H, U = inputs * 3 * H, at = node * 4 * H;
    for (let i = 0; i < H; i++) {
      const row = U + i * H, second = row + H * H, third = second + H * H;
      let r = theta[E + i], z = theta[E + H + i], kept = 0;
      for (let j = 0; j < H; j++) {
        const hj = h[from + j];
        r += theta[row + j] * hj;
        z += theta[second + j] * hj;
        kept += theta[third + j] * hj;
      }
      r = logistic(r);
      z = logistic(z);
      const n = Math.tanh(theta[E + 2 * H + i] + r * kept);
      gates[at + i] = r;
      gates[at + H + i] = z;
      gates[at + 2 * H + i] = n;
      gates[at + 3 * H + i] = kept;
      state[node * H + i] = (1 - z) * n + z * h[from + i];
    }
  }

  /** The distribution of the next token, softmax(W h + b). @param {number} node */
  predict(node) {
    const { theta, state, p } = this, { inputs, outputs, hidden: H } = this.sizes;
    const W = 3 * H * (inputs + H), b = W + outputs * H, at = node * outputs;
    let most = -Infinity, sum = 0;
    for (let v = 0; v < outputs; v++) {
      let logit = theta[b + v];
      for (let j = 0; j < H; j++) logit += theta[W + v * H + j] * state[node * H + j];
      p[at + v] = logit;
      most = Math.max(most, logit);
    }
    for (let v = 0; v < outputs; v++) sum += p[at + v] = Math.exp(p[at + v] - most);
    for (let v = 0; v < outputs; v++) p[at + v] /= sum;
  }

  /**
   * Add weight · log π(token | prefix) to what `backward` differentiates.
   * @param {number} node the prefix @param {number} token @param {number} weight
   */
  push(node, token, weight) {
    const { p, dLogits } = this, { outputs } = this.sizes, at = node * outputs;
    for (let v = 0; v < outputs; v++) dLogits[at + v] -= weight * p[at + v];
    dLogits[at + token] += weight;
  }

  /**
   * Add weight · H(π(· | prefix)), the entropy of the next token.
   * @param {number} node @param {number} weight @returns {number} the entropy, nats
   */
  spread(node, weight) {
    const { p, dLogits } = this, { outputs } = this.sizes, at = node * outputs;
    const log = (/** @type {number} */ q) => (q > 0 ? Math.log(q) : 0);
    let entropy = 0;
    for (let v = 0; v < outputs; v++) entropy -= p[at + v] * log(p[at + v]);
    for (let v = 0; v < outputs; v++) {
      dLogits[at + v] -= weight * p[at + v] * (log(p[at + v]) + entropy);
    }
    return entropy;
  }

  /** Add the gradient of all that was pushed and spread; once. @param {Float64Array} gradient */
  backward(gradient) {
    for (let node = this.count - 1; node >= 0; node--) {
      this.unpredict(node, gradient);
      this.retreat(node, gradient);
    }
  }

  /** From the logits to the state. @param {number} node @param {Float64Array} gradient */
  unpredict(node, gradient) {
    const { theta, state, dLogits, dState } = this, { inputs, outputs, hidden: H } = this.sizes;
    const W = 3 * H * (inputs + H), b = W + outputs * H, at = node * H;
    for (let v = 0; v < outputs; v++) {
      const d = dLogits[node * outputs + v];
      gradient[b + v] += d;
      for (let j = 0; j < H; j++) {
        gradient[W + v * H + j] += d * state[at + j];
        dState[at + j] += d * theta[W + v * H + j];
      }
    }
  }

  /** From the state to the one before. @param {number} node @param {Float64Array} gradient */
  retreat(node, gradient) {
    const { theta, state, gates, dState, slope } = this, { inputs, hidden: H } = this.sizes;
    const parent = this.parent[node], h = parent < 0 ? this.empty : state, from = Math.max(0, parent) * H;
    const E = this.token[node] * 3 * H, U = inputs * 3 * H, at = node * 4 * H;
    for (let i = 0; i < H; i++) {
      const r = gates[at + i], z = gates[at + H + i], n = gates[at + 2 * H + i];
      const d = dState[node * H + i], dn = d * (1 - z) * (1 - n * n);
      slope[i] = dn * gates[at + 3 * H + i] * r * (1 - r);
      slope[H + i] = d * (h[from + i] - n) * z * (1 - z);
      slope[2 * H + i] = dn * r; // of U_n h; what was read takes dn itself
      gradient[E + i] += slope[i];
      gradient[E + H + i] += slope[H + i];
      gradient[E + 2 * H + i] += dn;
      if (parent >= 0) dState[from + i] += d * z;
    }
    if (parent < 0) return;
    for (let i = 0; i < H; i++) {
      const dr = slope[i], dz = slope[H + i], dn = slope[2 * H + i];
      const row = U + i * H, second = row + H * H, third = second + H * H;
      for (let j = 0; j < H; j++) {
        const hj = h[from + j];
        gradient[row + j] += dr * hj;
        gradient[second + j] += dz * hj;
        gradient[third + j] += dn * hj;
        dState[from + j] += dr * theta[row + j] + dz * theta[second + j] + dn * theta[third + j];
      }
    }
  }
}
