/** Mean and spread, one number at a time (Welford's recurrence: no large squares are subtracted). */
export class Running {
  constructor() {
    this.count = 0;
    this.mean = 0;
    this.squares = 0;
  }

  /** @param {number} value */
  add(value) {
    this.count += 1;
    const off = value - this.mean;
    this.mean += off / this.count;
    this.squares += off * (value - this.mean);
  }

  /** Unbiased; NaN below two values. */
  get variance() {
    return this.count > 1 ? this.squares / (this.count - 1) : NaN;
  }

  /** Standard error of the mean; NaN below two values. */
  get error() {
    return Math.sqrt(this.variance / this.count);
  }
}

/**
 * Quantiles by linear interpolation, as NumPy's default.
 * @param {ArrayLike<number>} values
 * @param {number[]} levels in [0, 1]
 */
export function quantiles(values, levels) {
  const sorted = Float64Array.from(values).sort();
  return levels.map((level) => {
    const at = level * (sorted.length - 1), low = Math.floor(at);
    const high = Math.min(low + 1, sorted.length - 1);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
  });
}
