/** The lab's recorded learning curves: how they are unpacked and looked up. */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const STEP = 0.5;

/**
 * @typedef {object} LabData
 * @property {Record<string, (string | number)[]>} axes a setting's fields and their values
 * @property {number[]} steps numbers of environment steps, [X]
 * @property {number} seeds how many curves a setting has
 * @property {string} curves all curves, end to end: settings with the last axis fastest, then seeds
 * @property {string} lower lower end of the mean's interval, for each setting
 * @property {string} upper its upper end
 */

/** @typedef {Record<string, unknown>} Setting a value for each axis */

/**
 * @typedef {object} Bundle the curves of one setting
 * @property {ArrayLike<number>[]} curves one for each seed; live ones may be shorter
 * @property {number[]} mean over the seeds, as far as all of them go
 * @property {ArrayLike<number>} lower
 * @property {ArrayLike<number>} upper
 */

/**
 * Two letters of base 64 for each value, in half points.
 * @param {string} text
 * @returns {Float64Array}
 */
export function unpack(text) {
  const values = new Float64Array(text.length / 2);
  for (let i = 0; i < values.length; i++) {
    const count = 64 * LETTERS.indexOf(text[2 * i]) + LETTERS.indexOf(text[2 * i + 1]);
    values[i] = STEP * count;
  }
  return values;
}

/**
 * @param {ArrayLike<number>[]} curves
 * @returns {number[]}
 */
export function meanOf(curves) {
  if (!Array.isArray(curves)) throw new Error("the curves are no list");
  const reach = curves.length ? Math.min(...curves.map((curve) => curve.length)) : 0;
  return Array.from({ length: reach }, (_, x) => {
    let sum = 0;
    for (const curve of curves) sum += curve[x];
    return sum / curves.length;
  });
}

export class RecordedCurves {
  /** @param {LabData} data */
  constructor(data) {
    this.data = data;
    this.names = Object.keys(data.axes);
    /** @type {Map<number, Bundle>} */
    this.cache = new Map();
    const rows = this.names.reduce((n, name) => n * data.axes[name].length, 1);
    this.letters = 2 * data.steps.length;
    for (const [text, count] of /** @type {const} */ ([
      [data.curves, rows * data.seeds], [data.lower, rows], [data.upper, rows],
    ])) {
      const wanted = count * this.letters;
      if (text.length !== wanted) throw new Error(`expected ${wanted} letters, got ${text.length}`);
    }
  }

  /** @param {Setting} setting @returns {string} what is not on the grid, in words; "" if all is */
  problem(setting) {
    for (const name of this.names) {
      const values = this.data.axes[name], value = /** @type {any} */ (setting[name]);
      if (!values.includes(value)) {
        return `${name}: expected one of ${values.join(", ")}, got ${value}`;
      }
    }
    return "";
  }

  /** The i-th text of many. @param {string} text @param {number} i */
  curve(text, i) {
    return unpack(text.slice(i * this.letters, (i + 1) * this.letters));
  }

  /**
   * @param {Setting} setting
   * @returns {Bundle}
   */
  at(setting) {
    let row = 0;
    for (const name of this.names) {
      const values = this.data.axes[name];
      row = row * values.length + values.indexOf(/** @type {any} */ (setting[name]));
    }
    let found = this.cache.get(row);
    if (!found) {
      const { seeds, curves, lower, upper } = this.data;
      const five = Array.from({ length: seeds }, (_, i) => this.curve(curves, row * seeds + i));
      found = {
        curves: five, mean: meanOf(five),
        lower: this.curve(lower, row), upper: this.curve(upper, row),
      };
      this.cache.set(row, found);
    }
    return found;
  }

  /**
   * The end of the mean curve at each position of one axis, the others as in the setting.
   * @param {Setting} setting
   * @param {string} name
   */
  ends(setting, name) {
    return this.data.axes[name].map((value) => {
      const { mean } = this.at({ ...setting, [name]: value });
      return mean[mean.length - 1];
    });
  }
}
