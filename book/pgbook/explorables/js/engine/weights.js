/**
 * The weights Ψ_t on ∇log π: what `pgbook/weights.py` computes, on a batch of episodes laid end to
 * end. Episode i holds the entries first[i] .. first[i+1]-1 of `rewards` and of `psi`.
 */

/** @typedef {"total_return" | "reward_to_go" | "reward_to_go_minus_mean" | "leave_one_out"} PsiName */

/** @type {readonly PsiName[]} */
export const PSI_NAMES = [
  "total_return", "reward_to_go", "reward_to_go_minus_mean", "leave_one_out",
];

/**
 * @param {PsiName} name
 * @param {Float64Array} rewards r_t of all episodes
 * @param {ArrayLike<number>} first where each episode starts, and the end of the last: N+1 numbers
 * @param {number} gamma discount
 * @param {Float64Array} psi written to
 */
export function weigh(name, rewards, first, gamma, psi) {
  const episodes = first.length - 1;
  if (name === "total_return" || name === "leave_one_out") {
    const returns = new Float64Array(episodes);
    let sum = 0;
    for (let i = 0; i < episodes; i++) {
      let discount = 1;
      for (let k = first[i]; k < first[i + 1]; k++) {
        returns[i] += discount * rewards[k];
        discount *= gamma;
      }
      sum += returns[i];
    }
    if (name === "leave_one_out" && episodes < 2) {
      throw new RangeError(`leave_one_out: expected at least 2 episodes, got ${episodes}`);
    }
    for (let i = 0; i < episodes; i++) {
      const baseline = name === "leave_one_out" ? (sum - returns[i]) / (episodes - 1) : 0;
      psi.fill(returns[i] - baseline, first[i], first[i + 1]);
    }
    return;
  }
  let longest = 0;
  for (let i = 0; i < episodes; i++) {
    let toGo = 0;
    for (let k = first[i + 1] - 1; k >= first[i]; k--) {
      toGo = rewards[k] + gamma * toGo;
      psi[k] = toGo;
    }
    longest = Math.max(longest, first[i + 1] - first[i]);
  }
  if (name === "reward_to_go") return;
  const mean = new Float64Array(longest), running = new Float64Array(longest);
  for (let i = 0; i < episodes; i++) {
    for (let k = first[i]; k < first[i + 1]; k++) {
      mean[k - first[i]] += psi[k];
      running[k - first[i]] += 1;
    }
  }
  for (let t = 0; t < longest; t++) mean[t] /= running[t];
  for (let i = 0; i < episodes; i++) {
    for (let k = first[i]; k < first[i + 1]; k++) psi[k] -= mean[k - first[i]];
  }
}
