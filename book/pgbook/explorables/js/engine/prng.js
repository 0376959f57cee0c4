/** Random numbers from a seed: the same seed gives the same numbers on every machine. */

/** A small fast counter generator (sfc32), seeded through splitmix32. */
export class Prng {
  /**
   * @param {number} seed a whole number;
   * @param {number} [stream] keeps sequences of one seed apart
   */
  constructor(seed, stream = 0) {
    let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) | 0;
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return (z ^ (z >>> 15)) | 0;
    };
    this.a = next();
    this.b = next();
    this.c = next();
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** @returns {number} a whole number in [0, 2^32) */
  uint32() {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum | 0;
    return sum >>> 0;
  }

  /** @returns {number} uniform in [0, 1), 32 bits */
  uniform() {
    return this.uint32() / 4294967296;
  }

  /** @returns {number} standard normal (Box and Muller, one of the pair) */
  normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * @param {ArrayLike<number>} probabilities
   * @param {number} [from]
   * @param {number} [size]
   * @returns {number} an index
   */
  choice(probabilities, from = 0, size = probabilities.length) {
    let u = this.uniform();
    for (let i = 0; i < size - 1; i++) {
      u -= probabilities[from + i];
      if (u < 0) return i;
    }
    return size - 1;
  }
}
