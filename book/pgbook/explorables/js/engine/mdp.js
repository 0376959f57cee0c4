/**
 * The finite MDP of `pgbook/mdp.py`: time-indexed softmax table, enumeration, dynamic programming.
 * Tables are flat Float64Arrays, row by row: policy and theta [T, S, A], transition [S, A, S].
 */

/**
 * @typedef {object} MDP
 * @property {number} states S
 * @property {number} actions A
 * @property {number} horizon T
 * @property {Float64Array} start [S]
 * @property {Float64Array} transition [S, A, S]
 * @property {Float64Array} reward [S, A]
 */

/** @typedef {{ states: number[], actions: number[] }} Trajectory T+1 states, T actions */

/** @param {MDP} mdp @param {Float64Array} theta @returns {Float64Array} probabilities [T, S, A] */
export function softmaxPolicy(mdp, theta) {
  const policy = new Float64Array(theta.length), A = mdp.actions;
  for (let row = 0; row < theta.length; row += A) {
    let top = -Infinity, sum = 0;
    for (let a = 0; a < A; a++) top = Math.max(top, theta[row + a]);
    for (let a = 0; a < A; a++) sum += policy[row + a] = Math.exp(theta[row + a] - top);
    for (let a = 0; a < A; a++) policy[row + a] /= sum;
  }
  return policy;
}

/** @param {MDP} mdp @returns {Trajectory[]} all that start and dynamics allow, in order */
export function enumerateTrajectories(mdp) {
  const { states: S, actions: A, horizon: T } = mdp;
  /** @type {Trajectory[]} */
  const all = [];
  /** @param {number[]} states @param {number[]} actions */
  const grow = (states, actions) => {
    if (actions.length === T) {
      all.push({ states, actions });
      return;
    }
    const s = states[states.length - 1];
    for (let a = 0; a < A; a++) {
      for (let next = 0; next < S; next++) {
        if (mdp.transition[(s * A + a) * S + next] > 0) grow([...states, next], [...actions, a]);
      }
    }
  };
  for (let s = 0; s < S; s++) if (mdp.start[s] > 0) grow([s], []);
  return all;
}

/** @param {MDP} mdp @param {Trajectory} tau @returns {number} R(τ) */
export function totalReward(mdp, tau) {
  return tau.actions.reduce((sum, a, t) => sum + mdp.reward[tau.states[t] * mdp.actions + a], 0);
}

/**
 * The factors of p(τ) in order: ρ0, then π and P of each step.
 * @param {MDP} mdp @param {Float64Array} policy @param {Trajectory} tau
 * @returns {{ term: "start" | "policy" | "dynamics", t: number, value: number }[]}
 */
export function factors(mdp, policy, tau) {
  const { states: S, actions: A } = mdp;
  /** @type {{ term: "start" | "policy" | "dynamics", t: number, value: number }[]} */
  const list = [{ term: "start", t: 0, value: mdp.start[tau.states[0]] }];
  tau.actions.forEach((a, t) => {
    const s = tau.states[t];
    list.push({ term: "policy", t, value: policy[(t * S + s) * A + a] });
    list.push({ term: "dynamics", t, value: mdp.transition[(s * A + a) * S + tau.states[t + 1]] });
  });
  return list;
}

/** @param {MDP} mdp @param {Float64Array} policy @param {Trajectory} tau @returns {number} p(τ) */
export function trajectoryProb(mdp, policy, tau) {
  return factors(mdp, policy, tau).reduce((product, factor) => product * factor.value, 1);
}

/**
 * @param {MDP} mdp
 * @param {Float64Array} policy
 * @param {Trajectory} tau
 * @returns {number} log p(τ)
 */
export function trajectoryLogProb(mdp, policy, tau) {
  return factors(mdp, policy, tau).reduce((sum, factor) => sum + Math.log(factor.value), 0);
}

/**
 * @param {MDP} mdp
 * @param {Float64Array} policy
 * @param {Trajectory} tau
 * @returns {Float64Array} ∇ log p(τ), [T, S, A]
 */
export function score(mdp, policy, tau) {
  const { states: S, actions: A } = mdp, result = new Float64Array(policy.length);
  tau.actions.forEach((action, t) => {
    const row = (t * S + tau.states[t]) * A;
    for (let a = 0; a < A; a++) result[row + a] = (a === action ? 1 : 0) - policy[row + a];
  });
  return result;
}

/**
 * V [T+1, S] and Q [T, S, A] by the backward recursion.
 * @param {MDP} mdp @param {Float64Array} policy
 */
export function values(mdp, policy) {
  const { states: S, actions: A, horizon: T } = mdp;
  const V = new Float64Array((T + 1) * S), Q = new Float64Array(T * S * A);
  for (let t = T - 1; t >= 0; t--) {
    for (let s = 0; s < S; s++) {
      for (let a = 0; a < A; a++) {
        const pair = s * A + a;
        let q = mdp.reward[pair];
        for (let n = 0; n < S; n++) q += mdp.transition[pair * S + n] * V[(t + 1) * S + n];
        Q[t * S * A + pair] = q;
        V[t * S + s] += policy[t * S * A + pair] * q;
      }
    }
  }
  return { V, Q };
}

/** @param {MDP} mdp @param {Float64Array} policy @returns {number} J */
export function objective(mdp, policy) {
  const { V } = values(mdp, policy);
  return mdp.start.reduce((sum, p, s) => sum + p * V[s], 0);
}

/** @param {MDP} mdp @param {Float64Array} policy @returns {Float64Array} d_t(s), [T+1, S] */
export function stateDistribution(mdp, policy) {
  const { states: S, actions: A, horizon: T } = mdp, d = new Float64Array((T + 1) * S);
  d.set(mdp.start);
  for (let t = 0; t < T; t++) {
    for (let pair = 0; pair < S * A; pair++) {
      const mass = d[t * S + Math.floor(pair / A)] * policy[t * S * A + pair];
      for (let n = 0; n < S; n++) d[(t + 1) * S + n] += mass * mdp.transition[pair * S + n];
    }
  }
  return d;
}

/** @param {MDP} mdp @param {Float64Array} policy @returns {Float64Array} ∇J, [T, S, A] */
export function gradient(mdp, policy) {
  const A = mdp.actions, { V, Q } = values(mdp, policy), d = stateDistribution(mdp, policy);
  return policy.map((p, k) => {
    const row = Math.floor(k / A); // t * S + s
    return d[row] * p * (Q[k] - V[row]);
  });
}

/**
 * @param {MDP} mdp
 * @param {Float64Array} policy
 * @param {import("./prng.js").Prng} rng
 * @returns {Trajectory}
 */
export function sampleTrajectory(mdp, policy, rng) {
  const { states: S, actions: A, horizon: T } = mdp;
  const states = [rng.choice(mdp.start)], actions = [];
  for (let t = 0; t < T; t++) {
    const s = states[t], a = rng.choice(policy, (t * S + s) * A, A);
    actions.push(a);
    states.push(rng.choice(mdp.transition, (s * A + a) * S, S));
  }
  return { states, actions };
}

/**
 * `pgbook.mdp.greedy_trap`: grabbing pays at once and leads to the poor state, walking on does not.
 * @param {number} [horizon]
 * @returns {MDP}
 */
export function greedyTrap(horizon = 4) {
  return {
    states: 3,
    actions: 2,
    horizon,
    start: Float64Array.of(1, 0, 0),
    transition: Float64Array.of(
      0.1, 0.9, 0.0, 0.1, 0.0, 0.9,
      0.1, 0.9, 0.0, 0.2, 0.8, 0.0,
      0.0, 0.1, 0.9, 0.5, 0.0, 0.5,
    ),
    reward: Float64Array.of(1.0, 0.0, 0.1, 0.0, 1.0, 0.0),
  };
}
