/**
 * CartPole-v1 as Gymnasium's classic control has it (Barto, Sutton and Anderson, 1983): explicit
 * Euler steps of 0.02 s, a push of 10 N to the left or right, one reward a step, 500 steps at most.
 */

export const MAX_STEPS = 500;
export const X_LIMIT = 2.4;
export const ANGLE_LIMIT = (12 * 2 * Math.PI) / 360;

const GRAVITY = 9.8;
const POLE_MASS = 0.1;
const TOTAL_MASS = POLE_MASS + 1.0;
const HALF_LENGTH = 0.5;
const POLE_MOMENT = POLE_MASS * HALF_LENGTH;
const FORCE = 10.0;
const TAU = 0.02;

/**
 * Advance a state in place.
 * @param {Float64Array} state x, x', angle, angle' (m, m/s, rad, rad/s)
 * @param {number} action 0 pushes left, 1 right
 * @returns {boolean} whether the episode has terminated
 */
export function step(state, action) {
  const x = state[0], velocity = state[1], angle = state[2], spin = state[3];
  const cosine = Math.cos(angle), sine = Math.sin(angle);
  const push = ((action === 1 ? FORCE : -FORCE) + POLE_MOMENT * (spin * spin) * sine) / TOTAL_MASS;
  const spinUp = (GRAVITY * sine - cosine * push) /
    (HALF_LENGTH * (4.0 / 3.0 - (POLE_MASS * (cosine * cosine)) / TOTAL_MASS));
  const speedUp = push - (POLE_MOMENT * spinUp * cosine) / TOTAL_MASS;
  state[0] = x + TAU * velocity;
  state[1] = velocity + TAU * speedUp;
  state[2] = angle + TAU * spin;
  state[3] = spin + TAU * spinUp;
  return Math.abs(state[0]) > X_LIMIT || Math.abs(state[2]) > ANGLE_LIMIT;
}

/** @param {Float64Array} state @param {import("./prng.js").Prng} rng each entry uniform in ±0.05 */
export function reset(state, rng) {
  for (let i = 0; i < 4; i++) state[i] = 0.1 * rng.uniform() - 0.05;
}
