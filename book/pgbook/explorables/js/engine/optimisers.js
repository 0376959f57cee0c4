/** Steps up a gradient. */

/** θ ← θ + rate · g. */
export class SGD {
  /** @param {number} rate */
  constructor(rate) {
    this.rate = rate;
  }

  /** @param {Float64Array} theta @param {Float64Array} gradient */
  ascend(theta, gradient) {
    for (let k = 0; k < theta.length; k++) theta[k] += this.rate * gradient[k];
  }
}

/** Adam with PyTorch's defaults: β = (0.9, 0.999), ε = 1e-8 (Kingma and Ba, 2015). */
export class Adam {
  /** @param {number} rate @param {number} size number of parameters */
  constructor(rate, size) {
    this.rate = rate;
    this.mean = new Float64Array(size);
    this.square = new Float64Array(size);
    this.steps = 0;
  }

  /** @param {Float64Array} theta @param {Float64Array} gradient */
  ascend(theta, gradient) {
    this.steps += 1;
    const rate = this.rate / (1 - 0.9 ** this.steps);
    const correction = Math.sqrt(1 - 0.999 ** this.steps);
    for (let k = 0; k < theta.length; k++) {
      const g = gradient[k];
      this.mean[k] = 0.9 * this.mean[k] + 0.1 * g;
      this.square[k] = 0.999 * this.square[k] + 0.001 * g * g;
      theta[k] += (rate * this.mean[k]) / (Math.sqrt(this.square[k]) / correction + 1e-8);
    }
  }
}
