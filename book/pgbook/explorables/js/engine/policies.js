/**
 * Softmax policies over two actions for observations of four numbers, with hand-written gradients.
 * Parameters lie in one flat Float64Array, so that an optimiser sees a vector.
 */

/**
 * @typedef {object} Policy
 * @property {Float64Array} theta parameters
 * @property {number} memory numbers that `forward` leaves in a tape row for `backward`
 * @property {(x: Float64Array, tape: Float64Array, at: number) => number} forward
 *   probability of action 1 at observation x; writes its tape row
 * @property {(
 *   tape: Float64Array, at: number, action: number, weight: number, gradient: Float64Array
 * ) => void} backward
 *   adds weight * ∇log π(action | x) to the gradient, from the tape row of x
 */

const INPUTS = 4;

/** Logits z = xW + b. Parameters: W [4, 2] row by row, then b [2]. @implements {Policy} */
export class LinearPolicy {
  /** @param {ArrayLike<number>} scale observations are divided by it */
  constructor(scale) {
    this.theta = new Float64Array(2 * INPUTS + 2);
    this.scale = Float64Array.from(scale);
    this.memory = INPUTS + 1;
  }

  /** @type {Policy["forward"]} */
  forward(x, tape, at) {
    const w = this.theta, s = this.scale;
    let z = w[9] - w[8]; // with two actions only the difference of the logits matters
    for (let i = 0; i < INPUTS; i++) {
      const scaled = x[i] / s[i];
      tape[at + i] = scaled;
      z += scaled * (w[2 * i + 1] - w[2 * i]);
    }
    const right = 1 / (1 + Math.exp(-z));
    tape[at + INPUTS] = right;
    return right;
  }

  /** @type {Policy["backward"]} */
  backward(tape, at, action, weight, gradient) {
    const d = weight * (action - tape[at + INPUTS]); // of logit 1; of logit 0 it is -d
    for (let i = 0; i < INPUTS; i++) {
      const g = d * tape[at + i];
      gradient[2 * i] -= g;
      gradient[2 * i + 1] += g;
    }
    gradient[8] -= d;
    gradient[9] += d;
  }
}

/**
 * Logits z = tanh(xV + c)W + b. Parameters: V [4, H], c [H], W [H, 2], b [2], row by row.
 * @implements {Policy}
 */
export class HiddenPolicy {
  /**
   * @param {ArrayLike<number>} scale
   * @param {number} hidden width H
   * @param {import("./prng.js").Prng} rng
   */
  constructor(scale, hidden, rng) {
    this.hidden = hidden;
    this.scale = Float64Array.from(scale);
    this.theta = new Float64Array(INPUTS * hidden + hidden + 2 * hidden + 2);
    for (let k = 0; k < INPUTS * hidden; k++) {
      this.theta[k] = (2 * rng.uniform() - 1) / Math.sqrt(INPUTS);
    }
    this.memory = INPUTS + hidden + 1;
  }

  /** @type {Policy["forward"]} */
  forward(x, tape, at) {
    const w = this.theta, s = this.scale, H = this.hidden;
    const bias = INPUTS * H, out = bias + H, last = out + 2 * H;
    for (let i = 0; i < INPUTS; i++) tape[at + i] = x[i] / s[i];
    const x0 = tape[at], x1 = tape[at + 1], x2 = tape[at + 2], x3 = tape[at + 3];
    let z = w[last + 1] - w[last];
    for (let j = 0; j < H; j++) {
      const pre = w[bias + j] + x0 * w[j] + x1 * w[H + j] + x2 * w[2 * H + j] + x3 * w[3 * H + j];
      const h = Math.tanh(pre);
      tape[at + INPUTS + j] = h;
      z += h * (w[out + 2 * j + 1] - w[out + 2 * j]);
    }
    const right = 1 / (1 + Math.exp(-z));
    tape[at + INPUTS + H] = right;
    return right;
  }

  /** @type {Policy["backward"]} */
  backward(tape, at, action, weight, gradient) {
    const w = this.theta, H = this.hidden;
    const bias = INPUTS * H, out = bias + H, last = out + 2 * H;
    const d = weight * (action - tape[at + INPUTS + H]);
    const x0 = tape[at], x1 = tape[at + 1], x2 = tape[at + 2], x3 = tape[at + 3];
    for (let j = 0; j < H; j++) {
      const h = tape[at + INPUTS + j];
      gradient[out + 2 * j] -= d * h;
      gradient[out + 2 * j + 1] += d * h;
      const g = d * (w[out + 2 * j + 1] - w[out + 2 * j]) * (1 - h * h);
      gradient[bias + j] += g;
      gradient[j] += g * x0;
      gradient[H + j] += g * x1;
      gradient[2 * H + j] += g * x2;
      gradient[3 * H + j] += g * x3;
    }
    gradient[last] -= d;
    gradient[last + 1] += d;
  }
}
