"""The planted bugs: what `test_planted_bugs.py` puts into copies of the package, one at a time.

An entry reads like a diff: the file and what the bug is, the old text (it must occur exactly once),
the new text, and the tests that must fail, each by itself. Indentation before the first line does
not count.
"""

from typing import NamedTuple


class Bug(NamedTuple):
    """One planted bug."""

    file: str
    name: str
    old: str
    new: str
    tests: tuple[str, ...]


TABLE = r"""
mdp.py: the dynamics left out of the trajectory probability
- step_prob = policy[..., None] * mdp.transition
+ step_prob = policy[..., None] * (mdp.transition > 0)
? test_mdp.py::test_trajectory_probability_is_the_product_and_sums_to_one

mdp.py: the start distribution ignored in the trajectory probability
- prob = mdp.start[states[..., 0]]
+ prob = np.ones(states.shape[:-1])
? test_mdp.py::test_a_trajectory_worked_by_hand

mdp.py: the post's indices: the factors of t = 0 left out of the product
- for t in range(mdp.horizon):  # one flat index
+ for t in range(1, mdp.horizon):  # one flat index
? test_mdp.py::test_trajectory_probability_is_the_product_and_sums_to_one
? chapter_checks.py::test_check[04-eq-trajectory-log-probability]

mdp.py: log P subtracted
- log_prob = log_prob + log_dynamics[
+ log_prob = log_prob - log_dynamics[
? test_mdp.py::test_trajectory_probability_is_the_product_and_sums_to_one

mdp.py: every step uses the first step's policy in the log probability
- log_policy[t][state, action]
+ log_policy[0][state, action]
? test_mdp.py::test_a_trajectory_worked_by_hand
? test_policies.py::test_the_score_is_the_central_difference_of_the_trajectory_log_probability

mdp.py: the reward one step off: that of the state reached
- pair = states[..., :-1] * mdp.num_actions
+ pair = states[..., 1:] * mdp.num_actions
? test_mdp.py::test_a_trajectory_worked_by_hand
? test_mdp.py::test_enumeration_and_dynamic_programming_give_one_objective

mdp.py: the sum over t left out of the return
- return rewards(mdp, trajectory).sum(axis=-1)
+ return rewards(mdp, trajectory)[..., -1]
? test_mdp.py::test_a_trajectory_worked_by_hand

trainer.py: the critic built without observation_scale
- self.critic = Critic(sizes, rng=rng, scale=scale)
+ self.critic = Critic(sizes, rng=rng)
? test_trainer_settings.py::test_other_units_with_another_scale_train_alike_to_the_last_bit[gae]

tokens/transformer.py: a token sees the one behind it
- .tril(past)
+ .tril(past + 1)
? test_tokens_transformer.py::test_a_token_sees_nothing_behind_it
? test_tokens_transformer.py::test_the_logits_are_those_of_torchs_own_layers[sizes0]

tokens/transformer.py: each piece read from the first place on
- weights["place"][past : past + new]
+ weights["place"][:new]
? test_tokens_transformer.py::test_reading_by_pieces_on_the_cache_is_reading_at_once
? test_tokens_transformer.py::test_an_answers_log_probability_is_that_of_one_long_text
? chapter_checks.py::test_check[16-eq-one-pass-2]

tokens/transformer.py: an answer continues another prompt
- part.repeat_interleave(answers, 0) for part
+ part.repeat(answers, 1, 1, 1) for part
? test_tokens_transformer.py::test_an_answers_log_probability_is_that_of_one_long_text
? test_tokens_transformer.py::test_samples_have_the_frequencies_of_their_probabilities

tokens/transformer.py: an answer that has ended goes on
- drawn.append(token.where(running, self.end))
+ drawn.append(token)
? test_tokens_transformer.py::test_samples_have_the_frequencies_of_their_probabilities

tokens/tasks.py: tokens behind the end paid
- ((answers == said) & mask)
+ (answers == said)
? test_tokens_tasks.py::test_what_stands_behind_the_end_is_not_paid

tokens/tasks.py: a sum without an end paid
- (ended & (total ==
+ ((ended | True) & (total ==
? test_tokens_tasks.py::test_answers_are_paid_as_by_hand[sum-12-answers5-1 1 0 0 1 1]

tokens/trainer.py: tokens behind the end learned from
- torch.where(torch.from_numpy(mask), log_prob, 0.0)
+ torch.where(torch.from_numpy(mask), log_prob, log_prob)
? test_tokens_trainer.py::test_the_step_is_the_scores_of_answers_weighed_by_the_rule[sum-RLOO]

tokens/trainer.py: one rule whatever is asked
- group_weights(rewards, lengths, **RULES[config.rule])
+ group_weights(rewards, lengths, **RULES["RLOO"])
? test_tokens_trainer.py::test_the_step_is_the_scores_of_answers_weighed_by_the_rule[sum-GRPO]

tokens/trainer.py: solved before a thousand answers
- last[0].answers >= RECENT and
+ last[0].answers >= 1 and
? test_tokens_trainer.py::test_a_threshold_wants_a_thousand_answers

tokens/trainer.py: the share of exact ones taken over one update
- *(record.exact for record in before), exact
+ exact
? test_tokens_trainer.py::test_only_the_last_thousand_answers_are_recent

ledger.py: a tag in a cell of another name is no equation
- if label.startswith("eq-") or tag:
+ if label.startswith("eq-"):
? test_ledger.py::test_a_tag_makes_an_equation_of_any_cell

mdp.py: the next state drawn as if the action were 0
- states[t] * mdp.num_actions + actions[t], rng
+ states[t] * mdp.num_actions, rng
? test_mdp.py::test_samples_are_possible_and_repeatable

mdp.py: every action drawn from the first step's policy
- actions[t] = _draw(policy[t], states[t], rng)
+ actions[t] = _draw(policy[0], states[t], rng)
? test_mdp.py::test_sampled_trajectories_have_the_frequencies_of_their_probabilities

mdp.py: the start distribution ignored in sampling
- states[0] = _draw(mdp.start[None], np
+ states[0] = _draw(np.ones_like(mdp.start)[None] / mdp.num_states, np
? test_mdp.py::test_sampled_trajectories_have_the_frequencies_of_their_probabilities

mdp.py: the enumeration walks to the parent of the wrong path
- path = parents[t].take(path)
+ path = parents[t].take(path[::-1])
? test_mdp.py::test_enumeration_lists_what_a_loop_over_all_tuples_lists_in_order

mdp.py: two actions to one state counted once
- branches = (mdp.transition > 0).sum(axis=1)
+ branches = (mdp.transition > 0).any(axis=1)
? test_mdp.py::test_the_count_needs_no_listing_and_does_not_overflow

mdp.py: one trajectory too few allowed
- if count > expect.whole("limit", limit, 0):
+ if count >= expect.whole("limit", limit, 0):
? test_mdp.py::test_enumeration_refuses_and_says_how_many

mdp.py: the mean of the estimator not weighted by probability
- mean = prob @ flat
+ mean = flat.mean(axis=0)
? test_mdp.py::test_exact_moments_by_hand
? test_policies.py::test_the_score_has_mean_zero

mdp.py: the covariance not centred
- centred = flat - mean
+ centred = flat
? test_mdp.py::test_exact_moments_by_hand
? test_mdp.py::test_exact_moments_against_a_large_sample

mdp.py: a sign in the enumerated gradient
- mass - policy[t] * mass.sum
+ mass + policy[t] * mass.sum
? test_mdp.py::test_the_gradient_of_a_bandit_worked_by_hand

mdp.py: the sum over t left out of the enumerated gradient
- result = np.empty(mdp.policy_shape)
-     for t in range(mdp.horizon):
+ result = np.zeros(mdp.policy_shape)
+     for t in range(mdp.horizon - 1, mdp.horizon):
? test_mdp.py::test_five_gradients_agree

mdp.py: the factor pi left out of the gradient
- return visited * policy * (
+ return visited * (
? test_mdp.py::test_the_gradient_of_a_bandit_worked_by_hand

mdp.py: the state distribution left out of the gradient
- return visited * policy * (
+ return policy * (
? test_mdp.py::test_five_gradients_agree

mdp.py: the state distribution one step late in the gradient
- state_distribution(mdp, policy)[:-1, :, None]
+ state_distribution(mdp, policy)[1:, :, None]
? test_mdp.py::test_five_gradients_agree

mdp.py: the baseline one step late in the gradient
- (action_value - value[:-1, :, None])
+ (action_value - value[1:, :, None])
? test_mdp.py::test_the_gradient_of_a_bandit_worked_by_hand

mdp.py: the future forgotten in the Bellman recursion
- mdp.transition @ value[t + 1]
+ mdp.transition @ value[t]
? test_mdp.py::test_the_values_worked_by_hand
? test_mdp.py::test_optimal_values_worked_by_hand
? chapter_checks.py::test_check[01-eq-objective]

mdp.py: every value under the first step's policy
- lambda t, q: (policy[t] * q).sum(axis=-1)
+ lambda t, q: (policy[0] * q).sum(axis=-1)
? test_mdp.py::test_values_are_conditional_expectations_of_the_reward_to_come

mdp.py: the optimal value is the mean over actions
- lambda t, q: q.max(axis=-1)
+ lambda t, q: q.mean(axis=-1)
? test_mdp.py::test_optimal_values_are_the_best_of_all_deterministic_policies
? chapter_checks.py::test_check[01-eq-optimal-policy]

mdp.py: the state distribution always steps from the start
- (distribution[t][:, None] * policy[t])
+ (distribution[0][:, None] * policy[t])
? test_mdp.py::test_state_distribution_is_the_marginal_of_the_trajectories

mdp.py: the start distribution ignored in torch
- return torch.tensor(mdp.start) @ value
+ return value.mean()
? test_mdp.py::test_torch_objective_is_the_objective
? chapter_checks.py::test_check[02-eq-gradient-integral]

mdp.py: greedy is right in the greedy trap
- reward=[[1.0, 0.0], [0.1, 0.0], [1.0, 0.0]],
+ reward=[[1.0, 0.0], [1.1, 0.0], [1.0, 0.0]],
? test_mdp.py::test_greedy_is_worse_than_optimal_in_the_greedy_trap

expect.py: NaN taken for a probability
- if not (array >= 0).all():  # NaN fails this too
+ if (array < 0).any():
? test_mdp_input.py::test_a_bad_process_is_refused_with_what_was_expected_and_what_came
? test_mdp_input.py::test_a_bad_policy_is_refused_wherever_one_is_used

expect.py: probabilities that sum to less than 1 taken
- if np.abs(total - 1).max() > 1e-9:
+ if (total - 1).max() > 1e-9:
? test_mdp_input.py::test_a_bad_process_is_refused_with_what_was_expected_and_what_came

mdp.py: the arrays of the record can be written
- own.flags.writeable = False
+ own.flags.writeable = True
? test_mdp_input.py::test_the_record_is_frozen_and_its_arrays_are_its_own_and_read_only

policies.py: - pi left out of the score
- return visited * (chosen - policy)
+ return visited * chosen
? test_policies.py::test_the_score_by_hand
? test_policies.py::test_the_score_has_mean_zero

policies.py: the score in the row of the next state
- visited = one_hot(states[..., :-1],
+ visited = one_hot(states[..., 1:],
? test_policies.py::test_the_score_is_the_gradient_of_the_log_probability

policies.py: the softmax over states
- return softmax(_logits(theta), axis=-1)
+ return softmax(_logits(theta), axis=-2)
? test_policies.py::test_probabilities_by_hand

expect.py: infinite numbers taken where finite ones are wanted
- if finite and not np.isfinite(array).all():
+ if finite and np.isnan(array).any():
? test_policies.py::test_logits_that_are_not_finite_are_refused

weights.py: the mask ignored in the total return
- .sum(axis=1, keepdims=True) * mask
+ .sum(axis=1, keepdims=True) + 0 * mask
? test_weights.py::test_hand_written_arrays

weights.py: rewards behind the end counted
- np.where(running, values, 0.0)
+ values
? test_weights.py::test_what_stands_behind_the_end_never_counts

weights.py: gamma off by one in the total return
- discounts = gamma ** np.arange(rewards.shape[1])
+ discounts = gamma ** np.arange(1, rewards.shape[1] + 1)
? test_weights.py::test_identities

weights.py: gamma off by one in the reward-to-go
- to_go = rewards[:, t] + gamma * to_go
+ to_go = gamma * (rewards[:, t] + to_go)
? test_weights.py::test_reward_to_go_is_the_double_sum

weights.py: the reward-to-go one step off
- to_go = rewards[:, t] + gamma * to_go
-         psi[:, t] = to_go
+ psi[:, t] = to_go
+         to_go = rewards[:, t] + gamma * to_go
? test_weights.py::test_hand_written_arrays

weights.py: the rewards of the past in place of those to come
- for t in reversed(range(rewards.shape[1])):
+ for t in range(rewards.shape[1]):
? test_weights.py::test_reward_to_go_is_the_double_sum

weights.py: the baseline over the wrong axis
- to_go.sum(axis=0) / np.maximum(running, 1)
+ to_go.mean(axis=1, keepdims=True)
? test_weights.py::test_identities
? test_weights.py::test_hand_written_arrays

weights.py: ended episodes counted in the mean at t
- running = mask.sum(axis=0)
+ running = len(mask)
? test_weights.py::test_hand_written_arrays

weights.py: the mean of the others divided by N
- (returns.sum() - returns) / (episodes - 1)
+ (returns.sum() - returns) / episodes
? test_weights.py::test_hand_written_arrays
? test_weights.py::test_a_constant_added_to_every_return_cancels_in_the_baselines

weights.py: an episode's own return in its baseline
- (returns.sum() - returns) / (episodes - 1)
+ returns.sum() / episodes
? test_weights.py::test_hand_written_arrays

weights.py: a sign before the baseline
- return _less(returns, others, rewards)[:, None] * mask
+ return _less(returns, -others, rewards)[:, None] * mask
? test_weights.py::test_hand_written_arrays

weights.py: the critic's value counted behind a true end
- following = np.where(mask & (ended == 0), values[:, 1:], 0.0)
+ following = np.where(mask, values[:, 1:], 0.0)
? test_weights_critic.py::test_hand_written_arrays
? test_weights_critic.py::test_a_true_end_is_worth_nothing_and_a_cut_is_worth_the_value

weights.py: a cut taken for an end: no value behind it
- following = np.where(mask & (ended == 0), values[:, 1:], 0.0)
+ following = np.where(goes_on & (ended == 0), values[:, 1:], 0.0)
? test_weights_critic.py::test_hand_written_arrays
? test_weights_critic.py::test_an_endless_task_cut_off_anywhere_has_no_advantage

weights.py: gamma missing before the critic's value
- rewards + gamma * following
+ rewards + following
? test_weights_critic.py::test_both_are_the_double_loop

weights.py: lambda on the critic's value in place of the sum
- to_come = delta[:, t] + gamma * lam * to_come
+ to_come = lam * delta[:, t] + gamma * to_come
? test_weights_critic.py::test_hand_written_arrays
? test_weights_critic.py::test_both_are_the_double_loop

weights.py: lambda forgotten
- gamma * lam * to_come
+ gamma * to_come
? test_weights_critic.py::test_identities

weights.py: gamma forgotten in the mixing
- gamma * lam * to_come
+ lam * to_come
? test_weights_critic.py::test_hand_written_arrays
? test_weights_critic.py::test_identities

weights.py: the critic's value of now forgotten
- following - now, gamma
+ following, gamma
? test_weights_critic.py::test_identities

weights.py: differences behind the end counted
- now = np.where(mask, values[:, :-1], 0.0)
+ now = values[:, :-1]
? test_weights_critic.py::test_hand_written_arrays
? test_weights_critic.py::test_what_stands_behind_the_end_never_counts

weights.py: one reward too many before the critic's value
- for k in range(min(n, steps)):
+ for k in range(min(n + 1, steps)):
? test_weights_critic.py::test_hand_written_arrays

weights.py: the rewards of n steps not discounted
- gamma**k * delta[:, k:]
+ delta[:, k:]
? test_weights_critic.py::test_both_are_the_double_loop

weights.py: steps behind the end standardised along
- psi - psi[running].mean()
+ psi - psi.mean()
? test_weights_critic.py::test_standardised_weights_have_mean_0_and_deviation_1_where_episodes_run

rollout.py: the observation that an episode ends in lost
- mask.sum(axis=1, keepdims=True))
+ mask.sum(axis=1, keepdims=True) - 1)
? test_rollout.py::test_observations_end_in_an_absorbing_state

rollout.py: rewards of the next episode counted
- np.where(mask, rewards, 0.0).astype
+ rewards.astype
? test_rollout.py::test_every_reward_length_and_end_of_the_script

rollout.py: terminated and truncated swapped
- after, reward, terminated, truncated, _ = envs.step
+ after, reward, truncated, terminated, _ = envs.step
? test_rollout.py::test_terminated_and_truncated_stay_apart_and_stand_at_the_last_step
? test_rollout.py::test_cartpole_is_truncated_at_500_and_not_terminated

rollout.py: the last step of an episode masked
- np.array(reward), running, np.array
+ np.array(reward), running & ~terminated & ~truncated, np.array
? test_rollout.py::test_every_reward_length_and_end_of_the_script

rollout.py: the ignored step after an end counted
- running = np.ones(envs.num_envs, dtype=bool)
-     while running.any():
+ running = ended = np.ones(envs.num_envs, dtype=bool)
+     while running.any():
+         running, ended = ended, running
? test_rollout.py::test_the_ignored_step_after_an_end_and_the_next_episode_stay_out

rollout.py: the ends of later episodes recorded
- *(mask & flag for flag in flags),
+ *flags,
? test_rollout.py::test_the_ignored_step_after_an_end_and_the_next_episode_stay_out

rollout.py: truncation does not end an episode
- running = running & ~(terminated | truncated)
+ running = running & ~terminated
? test_rollout.py::test_every_reward_length_and_end_of_the_script

rollout.py: observations of the next episode recorded
- np.minimum(np.arange(len(observations)), mask.sum(axis=1, keepdims=True))
+ np.arange(len(observations))[None]
? test_rollout.py::test_observations_end_in_an_absorbing_state

rollout.py: a continuous action beyond its bounds passed on
- action = np.clip(action, space.low, space.high)
+ action = action.copy()
? test_rollout.py::test_continuous_actions_are_recorded_as_drawn_and_clipped_for_the_environment

rollout.py: the same start every time
- envs.reset(seed=int(expect.generator(rng).integers(2**31))
+ envs.reset(seed=0
? test_rollout.py::test_repetition_is_exact_and_seeds_differ

rollout.py: any autoreset mode taken
- or mode != AutoresetMode.NEXT_STEP:
+ or mode is None:
? test_rollout.py::test_another_autoreset_mode_is_refused

network.py: the tanh left out
- x = tanh(x @ weight + bias)
+ x = x @ weight + bias
? test_mlp.py::test_the_network_is_the_formula

network.py: observations not scaled when acting
- return network(observations / scale, pairs, np.tanh)
+ return network(observations, pairs, np.tanh)
? test_mlp.py::test_numpy_acts_with_torch_probabilities

mlp.py: pi in place of log pi
- torch.log_softmax(self(observations), dim=-1)
+ torch.softmax(self(observations), dim=-1)
? test_mlp.py::test_categorical_log_prob_is_the_closed_form

network.py: acting on a copy of the weights, a stale policy
- [parameter.detach().numpy() for parameter in self.layers]
+ [parameter.detach().numpy().copy() for parameter in self.layers]
? test_mlp.py::test_acting_follows_learning_because_the_memory_is_the_same

mlp.py: actions drawn in reverse order
- >= cumulative).sum(axis=-1)
+ < cumulative).sum(axis=-1)
? test_mlp.py::test_actions_have_the_policy_frequencies

mlp.py: a sign before log sigma
- -0.5 * z**2 - self.log_std
+ -0.5 * z**2 + self.log_std
? test_mlp.py::test_gaussian_log_prob_is_the_closed_form

mlp.py: the variance in place of the standard deviation
- mu + np.exp(log_std) * rng
+ mu + np.exp(2 * log_std) * rng
? test_mlp.py::test_gaussian_actions_have_the_policy_mean_and_spread

loss.py: descent in place of ascent
- return -(log_prob * psi)
+ return (log_prob * psi)
? test_trainer.py::test_the_gradient_is_the_one_of_equation_6_3
? test_trainer.py::test_it_learns_to_choose_and_to_aim

loss.py: the loss divided by steps in place of episodes
- return -(log_prob * psi).sum() / episodes
+ return -(log_prob * psi).sum() / len(psi)
? test_trainer.py::test_the_gradient_is_the_one_of_equation_6_3

loss.py: the weight left out of the loss
- return -(log_prob * psi).sum()
+ return -log_prob.sum()
? test_trainer.py::test_the_gradient_is_the_one_of_equation_6_3

trainer.py: the observation after the action in place of the one before
- rollout.observations[:, :-1][running]
+ rollout.observations[:, 1:][running]
? test_trainer.py::test_the_gradient_is_the_one_of_equation_6_3

trainer.py: the choice of the weight ignored
- weigh, rewards, mask = WEIGHTS[config.psi],
+ weigh, rewards, mask = WEIGHTS["total_return"],
? test_trainer_settings.py::test_the_weight_and_the_discount_reach_the_gradient

trainer.py: gamma ignored
- psi = weigh(rewards, mask, gamma=config.gamma)
+ psi = weigh(rewards, mask)
? test_trainer_settings.py::test_the_weight_and_the_discount_reach_the_gradient

trainer.py: the seed of the first weights ignored
- rng = np.random.default_rng((config.seed, 0))
+ rng = np.random.default_rng(0)
? test_trainer_settings.py::test_the_seed_draws_the_first_weights

trainer.py: the same randomness in every update
- np.random.default_rng((self.config.seed, update))
+ np.random.default_rng((self.config.seed, 1))
? test_trainer_settings.py::test_every_update_and_every_seed_has_its_own_start_states

trainer.py: the seed of the rollouts ignored
- np.random.default_rng((self.config.seed, update))
+ np.random.default_rng(update)
? test_trainer_settings.py::test_every_update_and_every_seed_has_its_own_start_states

loss.py: the clip on one side only
- ratio.clamp(1 - clip, 1 + clip)
+ ratio.clamp(max=1 + clip)
? test_trainer_critic.py::test_the_clip_by_hand

loss.py: the ratio inverted
- (log_prob - old_log_prob).exp()
+ (old_log_prob - log_prob).exp()
? test_trainer_critic.py::test_at_the_first_epoch_the_clipped_gradient_is_the_policy_gradient

loss.py: the larger of the two terms
- -torch.minimum(ratio
+ -torch.maximum(ratio
? test_trainer_critic.py::test_the_clip_by_hand
? test_trainer_critic.py::test_the_epochs_are_steps_down_the_clipped_loss_of_one_batch

loss.py: the clip without the minimum: a bad step is never taken back
- -torch.minimum(ratio * psi, bounded * psi).sum()
+ -(bounded * psi).sum()
? test_trainer_critic.py::test_the_clip_by_hand

loss.py: down the clipped objective
- return -torch.minimum
+ return torch.minimum
? test_trainer_critic.py::test_one_epoch_of_ppo_is_the_policy_gradient_bit_for_bit

trainer.py: the old policy moves along, the ratio stays 1
- config.episodes, old_log_prob, config.clip)
+ config.episodes, log_prob.detach(), config.clip)
? test_trainer_critic.py::test_the_epochs_are_steps_down_the_clipped_loss_of_one_batch

trainer.py: one epoch whatever is asked
- for _ in range(config.epochs):
+ for _ in range(1):
? test_trainer_critic.py::test_the_epochs_are_steps_down_the_clipped_loss_of_one_batch

trainer.py: the last epoch's gradient recorded as the policy gradient
- first = first or (loss.item(), gradient.norm().item())
+ first = (loss.item(), gradient.norm().item())
? test_trainer_critic.py::test_the_epochs_are_steps_down_the_clipped_loss_of_one_batch

trainer.py: the critic fitted to the advantage
- (psi + values[:, :-1])[mask]
+ psi[mask]
? test_trainer_critic.py::test_the_critic_takes_least_squares_steps_towards_psi_plus_v
? test_trainer_critic.py::test_the_critic_learns_what_a_step_is_worth

trainer.py: the critic fitted to the next state
- observations[:, :-1][mask], targets)
+ observations[:, 1:][mask], targets)
? test_trainer_critic.py::test_the_critic_takes_least_squares_steps_towards_psi_plus_v

trainer.py: a cut told to the weight as an end
- terminated=rollout.terminated,
+ terminated=rollout.terminated | rollout.truncated,
? test_trainer_critic.py::test_psi_is_the_weight_on_the_critic_before_its_fit
? test_trainer_critic.py::test_the_critic_learns_what_a_step_is_worth

trainer.py: lambda and n ignored
- own: getattr(config, own)}
+ own: 1}
? test_trainer_critic.py::test_psi_is_the_weight_on_the_critic_before_its_fit

trainer.py: the critic learns at the policy's rate
- rate = config.critic_learning_rate
+ rate = config.learning_rate
? test_trainer_critic.py::test_the_critic_takes_least_squares_steps_towards_psi_plus_v

trainer.py: the critic's units measured anew at every update
- if update == 1:
+ if update >= 1:
? test_trainer_critic.py::test_a_fresh_critic_has_the_units_of_the_first_returns

trainer.py: standardise ignored
- if config.standardise else psi
+ if config.epochs < 0 else psi
? test_trainer_critic.py::test_psi_is_the_weight_on_the_critic_before_its_fit

trainer.py: checkpoints and interrupts forget the critic
- parts |= {"critic": self.critic, "critic_optimizer": self.critic_optimizer}
+ parts |= {"critic_optimizer": self.critic_optimizer}
? test_trainer_critic.py::test_repetition_and_a_checkpoint_are_exact
? test_trainer_critic.py::test_an_interrupt_undoes_the_whole_update

trainer.py: checkpoints forget the critic's optimiser
- parts |= {"critic": self.critic, "critic_optimizer": self.critic_optimizer}
+ parts |= {"critic": self.critic}
? test_trainer_critic.py::test_repetition_and_a_checkpoint_are_exact

loop.py: weights that are not finite taken
- self._require_finite(update, f"{whose}weights", weights.numpy())
+ self._require_finite(update, f"{whose}weights", gradient.numpy())
? test_trainer.py::test_weights_that_overflow_stop_training
? test_trainer_critic.py::test_the_critics_weights_that_overflow_stop_training

loop.py: the gradient not set to zero
- optimizer.zero_grad()
+ optimizer.zero_grad
? test_trainer.py::test_a_checkpoint_continues_bit_for_bit

trainer.py: a stale policy collects
- collect(self.envs, self.policy.actor(), rng, max
+ collect(self.envs, vars(self).setdefault("old", copy.deepcopy(self.policy)).actor(), rng, max
? test_trainer.py::test_a_checkpoint_continues_bit_for_bit

loop.py: the checkpoint forgets the optimiser
- part.load_state_dict(state[name])
+ name == "optimizer" or part.load_state_dict(state[name])
? test_trainer.py::test_a_checkpoint_continues_bit_for_bit

trainer.py: the learning rate ignored
- torch.optim.Adam(self.policy.parameters(), lr=config.learning_rate)
+ torch.optim.Adam(self.policy.parameters())
? test_trainer.py::test_the_gradient_is_the_one_of_equation_6_3

loop.py: an interrupt leaves a half-done update
- self._restore(before)
+ self._learned()
? test_trainer.py::test_an_interrupt_keeps_the_last_finished_update

loop.py: what an interrupt goes back to is no copy
- copy.deepcopy(self._learned())
+ self._learned()
? test_trainer.py::test_an_interrupt_keeps_the_last_finished_update

trainer.py: rewards that are not finite taken
- self._require_finite(update, "rewards", rollout.rewards)
+ self._require_finite(update, "rewards", rollout.lengths)
? test_trainer.py::test_a_reward_that_is_not_finite_stops_training

loop.py: a gradient that is not finite taken
- self._require_finite(update, f"{whose}gradient", gradient.numpy())
+ self._require_finite(update, f"{whose}gradient", loss.detach().numpy())
? test_trainer.py::test_a_loss_or_gradient_that_is_not_finite_stops_training

trainer.py: solved before 100 episodes
- last[0].episodes >= 100 and
+ last[0].episodes >= 1 and
? test_trainer.py::test_training_stops_at_the_threshold_but_not_before_100_episodes

trainer.py: the first 100 of the recent episodes in place of the last
- np.mean(recent[-100:])
+ np.mean(recent[:100])
? test_trainer.py::test_mean_100_is_the_last_100_episodes

trainer.py: steps behind an end counted
- last.env_steps + rollout.env_steps
+ last.env_steps + rollout.mask.size
? test_trainer.py::test_progress_counts_what_happened

mlp.py: the critic's units forgotten
- return self.centre + self.spread * super()
+ return self.centre + super()
? test_mlp.py::test_a_critic_speaks_in_its_units

config.py: a clip of 0 taken
- "clip": optional(or_infinity(RATE)),
+ "clip": optional(or_infinity(between(0, 1e30))),
? test_trainer_critic.py::test_bad_settings_are_refused

config.py: lambda beyond 1 taken
- "lam": FRACTION,
+ "lam": RATE,
? test_trainer_critic.py::test_bad_settings_are_refused

settings.py: a learning rate of 0 taken
- RATE = between(1e-30, 1e30)
+ RATE = between(0, 1e30)
? test_trainer.py::test_bad_settings_are_refused

weights.py: a mask with a hole taken
- (running[:, 1:] > running[:, :-1]).any()
+ False
? test_weights.py::test_bad_shapes_and_discounts_are_refused

settings.py: a list taken for a tuple of widths
- if not isinstance(values, tuple):
+ if not isinstance(values, tuple | list):
? test_trainer.py::test_bad_settings_are_refused

trainer.py: mean_100 sees eleven updates
- self.records[-100:]
+ self.records[-11:]
? test_trainer_record.py::test_every_field_is_what_the_diary_says

trainer.py: the median in place of the mean return
- mean_return=float(np.mean(returns)),
+ mean_return=float(np.median(returns)),
? test_trainer_record.py::test_every_field_is_what_the_diary_says

trainer.py: the critic sees observations that are not scaled
- self.critic = Critic(sizes, rng=rng, scale=scale)
+ self.critic = Critic(sizes, rng=rng)
? test_trainer_record.py::test_dividing_the_observations_is_a_setting_or_an_environment

loop.py: a checkpoint keeps a hundred records
- for record in self.records]
+ for record in self.records[-100:]]
? test_checkpoint.py::test_everything_comes_back_however_long_the_training

trainer.py: a batch that taught something said to have taught nothing
- bool((highest == lowest).all())
+ bool((highest == lowest).any())
? test_trainer_record.py::test_taught_nothing_is_about_what_was_still_to_come

trainer.py: an endless episode goes on
- rng, max_steps=self.most_steps)
+ rng, max_steps=10 * self.most_steps)
? test_rollout_input.py::test_training_without_an_end_stops_and_says_what_to_do

trainer.py: nothing said of a missing time limit
- if time_limit(self.envs) is None:
+ if time_limit(self.envs) == 0:
? test_rollout_input.py::test_training_without_an_end_stops_and_says_what_to_do

rollout.py: actions broadcast
- if action.shape != shape or not
+ if not
? test_rollout_input.py::test_continuous_actions_that_would_be_broadcast_are_refused
? test_rollout_input.py::test_choices_of_another_shape_or_range_are_refused

rollout.py: choices that are not there taken
- actions - space.start < count)
+ actions - space.start <= count)
? test_rollout_input.py::test_choices_of_another_shape_or_range_are_refused

rollout.py: a module's id looked up without importing it
- if colon:
+ if not module:
? test_rollout_input.py::test_a_module_can_register_its_environment

network.py: observations broadcast
- if observations.shape[-1:] != scale.shape:
+ if not observations.shape:
? test_mlp_input.py::test_observations_of_another_width_are_refused_everywhere

network.py: NaN taken for an observation
- if not np.isfinite(observations).all():
+ if np.isinf(observations).any():
? test_mlp_input.py::test_an_observation_that_is_not_finite_is_named_as_that

network.py: observations keep their precision
- observations.to(self.scale.dtype) / self.scale
+ observations / self.scale
? test_mlp_input.py::test_observations_are_cast_to_the_weights_dtype

mlp.py: actions broadcast
- if actions.shape != shape:
+ if actions.ndim > len(shape):
? test_mlp_input.py::test_choices_of_another_shape_are_refused
? test_mlp_input.py::test_continuous_actions_of_another_shape_are_refused

mlp.py: the least probable action taken for the greedy one
- logits(observations).argmax(axis=-1)
+ logits(observations).argmin(axis=-1)
? test_mlp_input.py::test_greedy_is_the_most_probable_action_and_draws_nothing

mlp.py: returns that differ by rounding set the unit
- spread if spread > FLOAT32 * np.abs(returns).max() else 1.0
+ spread or 1.0
? test_mlp_input.py::test_returns_that_differ_by_rounding_have_no_spread

loss.py: a loss broadcast
- if other.shape != log_prob.shape:
+ if other.ndim > 2:
? test_mlp_input.py::test_a_loss_of_shapes_that_would_be_broadcast_is_refused

settings.py: NumPy's numbers kept
- object.__setattr__(config, name, plain(name, getattr(config, name)))
+ plain(name, getattr(config, name))
? test_config_input.py::test_a_setting_of_another_type_is_the_same_setting
? test_config_input.py::test_a_config_of_numpy_numbers_can_be_saved_loaded_and_written_as_json

config.py: one episode compared with itself
- and self.episodes < 2:
+ and self.episodes < 1:
? test_config_input.py::test_a_weight_that_compares_needs_two_episodes

files.py: a file written in place
- half = target.with_name(f"{target.name}.{uuid.uuid4().hex}.half")
+ half = target
? test_checkpoint.py::test_the_old_file_is_there_until_the_new_one_is_whole

files.py: half a file left behind
- half.unlink(missing_ok=True)
+ half.exists()
? test_checkpoint.py::test_a_full_disk_or_an_interrupt_leaves_the_old_checkpoint

files.py: a link replaced by a file
- target = Path(os.path.realpath(path))
+ target = Path(path)
? test_checkpoint.py::test_a_link_stays_a_link_and_a_new_file_has_the_usual_rights

checkpoint.py: any version read
- if content.pop("format", 1) != FORMAT:
+ if content.pop("format", 1) == 0:
? test_checkpoint.py::test_a_checkpoint_of_another_version_is_refused

checkpoint.py: what a file holds is executed
- weights_only=True)
+ weights_only=False)
? test_checkpoint.py::test_nothing_in_a_file_is_executed

checkpoint.py: damage ends in whatever torch says
- except Exception as error:
+ except ZeroDivisionError as error:
? test_checkpoint.py::test_a_file_of_another_kind_is_refused

sweep.py: the weights left out of what makes a result stale
- settings, trainer, weights),
+ settings, trainer),
? test_sweep_input.py::test_a_change_to_any_module_of_the_trainer_makes_results_stale

sweep.py: a watcher that stops early passes
- if left := sum(run is None for run in runs.values()):
+ if left := sum(run == 0 for run in runs.values()):
? test_sweep_input.py::test_a_watcher_that_stops_early_is_an_error_and_loses_nothing

sweep.py: a worker keeps the environment that it had
- gymnasium.registry[spec.id] = spec
+ gymnasium.registry.get(spec.id)
? test_sweep_input.py::test_an_environment_of_ones_own_works_in_worker_processes

sweep.py: a deep record ends the sweep
- TypeError, RecursionError) as error
+ TypeError) as error
? test_sweep_input.py::test_a_record_of_any_text_is_trained_again_with_a_warning

ledger.py: NaN passes a check
- if not residual < tolerance:
+ if residual >= tolerance:
? test_ledger.py::test_a_side_that_is_not_finite_fails_the_check_and_is_no_control

ledger.py: the control is not run
- broken, _ = _residual(*sides(**replace))
+ broken = np.float64(1e300)
? test_ledger.py::test_a_control_that_changes_nothing_is_caught

ledger.py: an infinite residual taken for a control
- if not (np.isfinite(broken) and broken >= needed):
+ if not broken >= needed:
? test_ledger.py::test_a_side_that_is_not_finite_fails_the_check_and_is_no_control

ledger.py: a control need not reach a hundredth of the scale
- needed = max(CONTROL_MARGIN * tolerance, CONTROL_SCALE * scale)
+ needed = CONTROL_MARGIN * tolerance
? test_ledger.py::test_a_control_must_reach_a_hundredth_of_the_scale

ledger.py: the least residual in place of the largest
- float(np.abs(left - right).max())
+ float(np.abs(left - right).min())
? test_ledger.py::test_one_wrong_component_is_enough

ledger.py: a statistical control need only pass the bound
- broken >= STATISTIC_MARGIN * bound
+ broken >= bound
? test_ledger.py::test_a_statistical_control_must_reach_three_bounds

ledger.py: the spread of one sample in place of the mean's
- error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
+ error = samples.std(axis=0, ddof=1)
? test_ledger.py::test_z_score_closed_form

ledger.py: several ingredients replaced at once
- if len(replace) != 1 or not
+ if not
? test_ledger.py::test_replace_names_exactly_one_ingredient

ledger.py: an equation without a check let through
- if len(tag) != 1 or not own:
+ if len(tag) != 1:
? test_ledger.py::test_an_equation_has_one_tag_and_a_check_and_a_check_an_equation

ledger.py: a condition lost on the way to the ledger
- return tuple(lines.format(part) if "
+ return parts[1], ""
+     return tuple(lines.format(part) if "
? test_ledger.py::test_a_condition_is_read_apart_from_its_statement

ledger.py: words not escaped
- html.escape(self.control)
+ self.control
? test_ledger.py::test_words_are_escaped_in_html_and_only_there

mdp.py: the first reward left out of the return
- return rewards(mdp, trajectory).sum(axis=-1)
+ return rewards(mdp, trajectory)[..., 1:].sum(axis=-1)
? chapter_checks.py::test_check[01-eq-return]
? chapter_checks.py::test_check[01-eq-objective-2]
? chapter_checks.py::test_check[01-eq-objective-integral]
? chapter_checks.py::test_check[03-eq-score-expectation]
? chapter_checks.py::test_check[05-eq-policy-gradient]
? chapter_checks.py::test_check[06-eq-estimator]
? chapter_checks.py::test_check[wh-eq-shared-parameters]

policies.py: the score's sign turned over, seen by every check that it stands in
- return visited * (chosen - policy)
+ return visited * (policy - chosen)
? chapter_checks.py::test_check[03-eq-log-derivative-4]
? chapter_checks.py::test_check[03-eq-score-expectation]
? chapter_checks.py::test_check[03-eq-score-expectation-2]
? chapter_checks.py::test_check[05-eq-gradient-split]
? chapter_checks.py::test_check[05-eq-trajectory-score]
? chapter_checks.py::test_check[05-eq-policy-gradient]
? chapter_checks.py::test_check[05-eq-policy-gradient-2]
? chapter_checks.py::test_check[06-eq-estimator]
? chapter_checks.py::test_check[06-eq-estimator-2]
? chapter_checks.py::test_check[06-eq-estimator-3]
? chapter_checks.py::test_check[06-eq-monte-carlo-rate]
? chapter_checks.py::test_check[06-eq-monte-carlo-rate-2]
? chapter_checks.py::test_check[wh-eq-reference-measure-2]
? chapter_checks.py::test_check[wh-eq-reward-with-theta]
? chapter_checks.py::test_check[wh-eq-shared-parameters]

mdp.py: the start's factor knows the policy
- prob = mdp.start[states[..., 0]]
+ prob = mdp.start[states[..., 0]] * np.asarray(policy)[0, states[..., 0], actions[..., 0]]
? chapter_checks.py::test_check[04-eq-trajectory-probability-3]
? chapter_checks.py::test_check[05-eq-start-drops]

mdp.py: the dynamics' factors know the policy
- step_prob = policy[..., None] * mdp.transition
+ step_prob = policy[..., None] * mdp.transition ** policy[..., None]
? chapter_checks.py::test_check[04-eq-trajectory-probability-2]
? chapter_checks.py::test_check[05-eq-dynamics-drops]
? chapter_checks.py::test_check[05-eq-trajectory-score]

policies.py: a softmax twice as sharp
- return softmax(_logits(theta), axis=-1)
+ return softmax(2 * _logits(theta), axis=-1)
? chapter_checks.py::test_check[02-eq-gradient-integral]
? chapter_checks.py::test_check[03-eq-log-derivative-2]
? chapter_checks.py::test_check[06-eq-surrogate]

policies.py: the mean left out of the score
- return visited * (chosen - policy)
+ return visited * chosen
? chapter_checks.py::test_check[03-eq-score-zero-mean]
? chapter_checks.py::test_check[03-eq-score-zero-mean-2]

01_objective.ipynb: the Gaussian's reward has its top elsewhere
-     return -((a - 1) ** 2)
+     return -((a + 1) ** 2)
? chapter_checks.py::test_check[01-eq-objective-integral-2]

02_gradient_of_an_expectation.ipynb: the bell's slope one width too large
- return p(a, theta) * (a - theta) / width**2
+ return p(a, theta) * (a - theta) / width
? chapter_checks.py::test_check[02-eq-swap]
? chapter_checks.py::test_check[02-eq-swap-2]

03_log_derivative_trick.ipynb: the score of tails has the wrong sign
- closed_form = np.array([-1 / (1 - theta), 1 / theta])
+ closed_form = np.array([1 / (1 - theta), 1 / theta])
? chapter_checks.py::test_check[03-eq-log-derivative]

03_log_derivative_trick.ipynb: the bell's score one width too large
- return difference(bell, centre), factor(centre) * (grid - centre) / width**2
+ return difference(bell, centre), factor(centre) * (grid - centre) / width
? chapter_checks.py::test_check[03-eq-log-derivative-3]

03_log_derivative_trick.ipynb: the step of the reward in another place
- by_score, _ = quad(lambda x: bell(centre, x) * inside(x), 1, 12, epsabs=1e-12)
+ by_score, _ = quad(lambda x: bell(centre, x) * inside(x), 0, 12, epsabs=1e-12)
? chapter_checks.py::test_check[03-eq-score-expectation-3]

03_log_derivative_trick.ipynb: the mean left out of a waiting time's score
-     lambda x, theta: (x - theta) / theta**2,
+     lambda x, theta: x / theta**2,
? chapter_checks.py::test_check[03-eq-score-zero-mean-3]

04_trajectory_probability.ipynb: the policy of the next state
- p = p * world.transition[s, a, s_next] * policy[t, s, a]
+ p = p * world.transition[s, a, s_next] * policy[t, s_next, a]
? chapter_checks.py::test_check[04-eq-trajectory-probability]

05_dropping_the_dynamics.ipynb: θ moves the start a little
- start = softmax(np.log(base.start) + leak_start * wind)
+ start = softmax(np.log(base.start) + (leak_start + 0.001) * wind)
? chapter_checks.py::test_check[05-eq-start-drops]

05_dropping_the_dynamics.ipynb: θ moves the world a little
- transition = softmax(np.log(base.transition) + leak * wind, axis=-1)
+ transition = softmax(np.log(base.transition) + (leak + 0.001) * wind, axis=-1)
? chapter_checks.py::test_check[05-eq-dynamics-drops]

05_dropping_the_dynamics.ipynb: the largest score in place of the sum over the steps
- step_scores[:, list(steps)].sum(axis=1)
+ step_scores[:, list(steps)].max(axis=1)
? chapter_checks.py::test_check[05-eq-trajectory-score]

05_dropping_the_dynamics.ipynb: each step's own slope in place of the shared logit's
- gradient(base, act_by(shared)).sum(axis=0)
+ gradient(base, act_by(shared)).mean(axis=0)
? chapter_checks.py::test_check[05-eq-policy-gradient]

06_policy_gradient_estimator.ipynb: the variance of a vote taken around zero
- return by_pairs, (p @ (X**2).sum(axis=1) - exact @ exact) / 2
+ return by_pairs, p @ (X**2).sum(axis=1) / 2
? chapter_checks.py::test_check[06-eq-monte-carlo-rate-2]

when_it_holds.ipynb: half the mean taken off the score in the world without dice
- off = a - chance(1, s[:-1], position)
+ off = a - 0.5 * chance(1, s[:-1], position)
? chapter_checks.py::test_check[wh-eq-reference-measure]

when_it_holds.ipynb: the belief learns from the other sound
- joint = belief @ MOVE[:, a] * HEAR[a, :, o]
+ joint = belief @ MOVE[:, a] * HEAR[a, :, 1 - o]
? chapter_checks.py::test_check[wh-eq-reference-measure-3]

when_it_holds.ipynb: the entropy's slope not centred
- of_reward=lambda pi: -pi * (np.log(pi) + entropy(pi)[..., None])
+ of_reward=lambda pi: -pi * np.log(pi)
? chapter_checks.py::test_check[wh-eq-reward-with-theta]

when_it_holds.ipynb: the cut second moment off by a constant
- ** 3 + 1 / 8))]
+ ** 3 - 1 / 8))]
? chapter_checks.py::test_check[wh-eq-finite-variance]

when_it_holds.ipynb: the whole slope promised
- promised.append(eta / 2 * (g**2).sum())
+ promised.append(eta * (g**2).sum())
? chapter_checks.py::test_check[wh-eq-ascent]

when_it_holds.ipynb: the states of the policy in place of the optimal one's
- return (d_star / visited / by * slope).sum()
+ return (slope / by).sum()
? chapter_checks.py::test_check[wh-eq-distance-to-top]

when_it_holds.ipynb: a vote of nothing counted as one in favour
- p @ (votes > 0) - p @ (votes < 0)
+ p @ (votes >= 0) - p @ (votes < 0)
? chapter_checks.py::test_check[wh-eq-adam-first-step]

policies.py: the score's sign turned over, seen by the checks of Part II
- return visited * (chosen - policy)
+ return visited * (policy - chosen)
? chapter_checks.py::test_check[07-eq-absorbing]
? chapter_checks.py::test_check[08-eq-causality]
? chapter_checks.py::test_check[08-eq-reward-to-go-gradient]
? chapter_checks.py::test_check[09-eq-baseline-zero-mean]
? chapter_checks.py::test_check[09-eq-baseline-zero-mean-2]
? chapter_checks.py::test_check[09-eq-baseline-zero-mean-3]
? chapter_checks.py::test_check[09-eq-own-sample]
? chapter_checks.py::test_check[10-eq-policy-gradient-theorem]
? chapter_checks.py::test_check[10-eq-gae-unbiased]
? chapter_checks.py::test_check[10-eq-discounted-gradient]
? chapter_checks.py::test_check[10-eq-end-bonus]
? chapter_checks.py::test_check[12-eq-clip]
? chapter_checks.py::test_check[12-eq-clip-2]

weights.py: the rewards after an end counted, seen by the checks
- np.where(running, values, 0.0), finite=True), running
+ values, finite=True), running
? chapter_checks.py::test_check[08-eq-reward-to-go]

weights.py: reward-to-go without the reward of its step
- psi[:, t] = to_go
+ psi[:, t] = to_go - rewards[:, t]
? chapter_checks.py::test_check[08-eq-reward-to-go]
? chapter_checks.py::test_check[08-eq-reward-to-go-gradient]
? chapter_checks.py::test_check[09-eq-baseline-zero-mean]
? chapter_checks.py::test_check[10-eq-bellman]
? chapter_checks.py::test_check[10-eq-critic-least-squares]
? chapter_checks.py::test_check[10-eq-gae-ends]
? chapter_checks.py::test_check[10-eq-end-bonus]

weights.py: a true end that does not end, seen by the check
- following = np.where(mask & (ended == 0), values[:, 1:], 0.0)
+ following = np.where(mask, values[:, 1:], 0.0)
? chapter_checks.py::test_check[10-eq-time-limit]

weights.py: n-step without discounts, seen by the check
- psi[:, : steps - k] += gamma**k * delta[:, k:]
+ psi[:, : steps - k] += delta[:, k:]
? chapter_checks.py::test_check[10-eq-n-step]

mdp.py: the state distribution always steps from the start, seen by the checks
- (distribution[t][:, None] * policy[t])
+ (distribution[0][:, None] * policy[t])
? chapter_checks.py::test_check[08-eq-causality]
? chapter_checks.py::test_check[10-eq-visitation]
? chapter_checks.py::test_check[10-eq-policy-gradient-theorem]
? chapter_checks.py::test_check[10-eq-critic-least-squares]
? chapter_checks.py::test_check[12-eq-performance-difference]
? chapter_checks.py::test_check[12-eq-fisher]

07_reinforce.ipynb: the mean over steps in place of the sum over episodes
- return -(log_prob * psi[running]).sum() / EPISODES
+ return -(log_prob * psi[running]).mean()
? chapter_checks.py::test_check[07-eq-reinforce-loss]

07_reinforce.ipynb: the first layer learns twice as fast
- return tanh(x @ w1 + b1) @ w2 + b2
+ return tanh(x @ (2 * w1) + b1) @ w2 + b2
? chapter_checks.py::test_check[07-eq-reinforce-loss]

08_reward_to_go.ipynb: the surprises not averaged
- squares.append((sums**2).sum(axis=1) @ (1 / mass))  # E‖X_k‖²
+ squares.append((sums**2).sum(axis=1) @ (mass / mass))  # E‖X_k‖²
? chapter_checks.py::test_check[08-eq-variance-split]

09_baselines.ipynb: the plain mean as the best constant
- best = (probability * length) @ total[:, 0] / (probability @ length)
+ best = probability @ total[:, 0]
? chapter_checks.py::test_check[09-eq-optimal-constant-baseline]

09_baselines.ipynb: the parabola's arms straightened
- + (some - bottom) ** 2 * (probability @ length)
+ + np.abs(some - bottom) * (probability @ length)
? chapter_checks.py::test_check[09-eq-variance-parabola]

09_baselines.ipynb: weighted with the length in place of its square
- best_table = given_state(to_go, weight=step_length)
+ best_table = given_state(to_go, weight=np.sqrt(step_length))
? chapter_checks.py::test_check[09-eq-optimal-state-baseline]

09_baselines.ipynb: the covariance not divided
- return blind - V, together / given_state(weight)
+ return blind - V, together
? chapter_checks.py::test_check[09-eq-value-gap]

09_baselines.ipynb: each episode among the others
- np.delete(row, i).mean() for i in range(len(row))
+ row.mean() for i in range(len(row))
? chapter_checks.py::test_check[09-eq-leave-one-out]

09_baselines.ipynb: the batch divided by one less
- return weighted / N
+ return weighted / (N - 1)
? chapter_checks.py::test_check[09-eq-own-sample]
? chapter_checks.py::test_check[09-eq-pooled-mean]
? chapter_checks.py::test_check[09-eq-leave-one-out]

10_actor_critic.ipynb: the list added up without its probabilities
- np.add.at(total, tuple(where), probability[:, None] * x)
+ np.add.at(total, tuple(where), x / len(x))
? chapter_checks.py::test_check[10-eq-td-error]
? chapter_checks.py::test_check[10-eq-critic-td]

10_actor_critic.ipynb: the best action in place of the mean over actions
- return listed_V, (chances * listed_Q).sum(axis=2)
+ return listed_V, (chances * listed_Q).max(axis=2)
? chapter_checks.py::test_check[10-eq-value-functions]

10_actor_critic.ipynb: the discount left out of the walk
- ahead = delta[:, t] + gamma * lam * ahead
+ ahead = delta[:, t] + lam * ahead
? chapter_checks.py::test_check[10-eq-gae]
? chapter_checks.py::test_check[10-eq-gae-ends]

10_actor_critic.ipynb: only the next error carried back
- ahead = world.transition @ (error[t + 1] + lam * mean_ahead)
+ ahead = world.transition @ error[t + 1]
? chapter_checks.py::test_check[10-eq-gae-bias]

10_actor_critic.ipynb: discounted twice
- gamma=discount) * start_factor ** np.arange(T)
+ gamma=discount) * start_factor ** (2 * np.arange(T))
? chapter_checks.py::test_check[10-eq-discounted-gradient]
? chapter_checks.py::test_check[10-eq-symmetric]

11_continuous_actions.ipynb: a density without its constant
- - np.log(sigma * np.sqrt(2 * np.pi))
+ - np.log(sigma)
? chapter_checks.py::test_check[11-eq-action-units]
? chapter_checks.py::test_check[11-eq-gaussian-moments]
? chapter_checks.py::test_check[11-eq-tanh-density]
? chapter_checks.py::test_check[11-eq-tanh-density-2]
? chapter_checks.py::test_check[11-eq-tanh-entropy]

11_continuous_actions.ipynb: scores of a bell of width 1
- return np.stack(scores), np.stack([z / width, z**2 - 1])
+ return np.stack(scores), np.stack([z, z**2 - 1])
? chapter_checks.py::test_check[11-eq-action-units-2]

11_continuous_actions.ipynb: the mean left out of the width's score
- np.stack([(actions - mean) / width**power, z**2 - 1])
+ np.stack([(actions - mean) / width**power, z**2])
? chapter_checks.py::test_check[11-eq-gaussian-score]

11_continuous_actions.ipynb: the chain rule stops at the width
- by_hand = [hidden.T @ (z / width), (z**2 - minus).sum(axis=0)]
+ by_hand = [hidden.T @ z, (z**2 - minus).sum(axis=0)]
? chapter_checks.py::test_check[11-eq-gaussian-score-2]

11_continuous_actions.ipynb: one lump forgotten
- return inside + R(B) * high + R(-B) * low
+ return inside + R(-B) * low
? chapter_checks.py::test_check[11-eq-clip-gradient]
? chapter_checks.py::test_check[11-eq-clip-bias]

11_continuous_actions.ipynb: the excess without what lies inside
- return sigma * (norm.pdf(z) - z * ndtr(-z))
+ return sigma * norm.pdf(z)
? chapter_checks.py::test_check[11-eq-clip-bias]

11_continuous_actions.ipynb: the root of the Jacobian
- - jacobian * np.log1p(-(u**2))
+ - 0.5 * jacobian * np.log1p(-(u**2))
? chapter_checks.py::test_check[11-eq-tanh-density]
? chapter_checks.py::test_check[11-eq-tanh-density-2]
? chapter_checks.py::test_check[11-eq-tanh-entropy]

11_continuous_actions.ipynb: a squashed score one width too large
- return slopes, np.stack([xi / width, xi**2 - 1])
+ return slopes, np.stack([xi, xi**2 - 1])
? chapter_checks.py::test_check[11-eq-tanh-score]

11_continuous_actions.ipynb: exploration costs nothing
- J -= (Q_COST + R_COST * k**2) * m + R_COST * sigma**2
+ J -= (Q_COST + R_COST * k**2) * m
? chapter_checks.py::test_check[11-eq-lqr-objective]
? chapter_checks.py::test_check[11-eq-lqr-objective-2]
? chapter_checks.py::test_check[11-eq-lqr-gradient]

11_continuous_actions.ipynb: the square of the width differentiated as the width
- m_sigma = f**2 * m_sigma + 2 * BETA**2 * sigma**2
+ m_sigma = f**2 * m_sigma + BETA**2 * sigma**2
? chapter_checks.py::test_check[11-eq-lqr-gradient]
? chapter_checks.py::test_check[11-eq-lqr-gradient-2]
? chapter_checks.py::test_check[11-eq-pathwise]

11_continuous_actions.ipynb: the width's score off by one
- (divide_by or sigma), xi**2 - 1], axis=-1)
+ (divide_by or sigma), xi**2], axis=-1)
? chapter_checks.py::test_check[11-eq-lqr-gradient-2]
? chapter_checks.py::test_check[11-eq-lqr-gradient-3]

11_continuous_actions.ipynb: the slope of a state not carried on
- ds = ALPHA * ds + slope * da
+ ds = slope * da
? chapter_checks.py::test_check[11-eq-pathwise]

11_continuous_actions.ipynb: the mean's square not subtracted
- [d**4 / sigma**2 + 14 * d**2 + sixth * sigma**2, 4 * sigma**2]
+ [d**4 / sigma**2 + 18 * d**2 + sixth * sigma**2, 4 * sigma**2]
? chapter_checks.py::test_check[11-eq-one-step-variances]

11_continuous_actions.ipynb: a smaller bonus in J than in the reward
- return -mu + 5 * ndtr((mu - 1) / width)
+ return -mu + 4 * ndtr((mu - 1) / width)
? chapter_checks.py::test_check[11-eq-jump]

12_trust_regions.ipynb: ratios added in place of multiplied
- ratio = at_steps(along(x) / old)[:, list(kept_steps)].prod(axis=1)
+ ratio = at_steps(along(x) / old)[:, list(kept_steps)].mean(axis=1)
? chapter_checks.py::test_check[12-eq-importance-ratio]

12_trust_regions.ipynb: the ratio of samples turned over
- ratio = (new / old)[np.arange(T), tau.states[:, :-1], tau.actions].prod(axis=1)
+ ratio = (old / new)[np.arange(T), tau.states[:, :-1], tau.actions].prod(axis=1)
? chapter_checks.py::test_check[12-eq-importance-ratio-2]

12_trust_regions.ipynb: the ratio squared
- return p_old @ (ratio * at_steps(advantage)).sum(axis=1)
+ return p_old @ (ratio**2 * at_steps(advantage)).sum(axis=1)
? chapter_checks.py::test_check[12-eq-surrogate-step]

12_trust_regions.ipynb: all trajectories equally likely
- fisher = every_score.T @ (p_old[:, None] * every_score)
+ fisher = every_score.T @ every_score / len(R)
? chapter_checks.py::test_check[12-eq-fisher]
? chapter_checks.py::test_check[12-eq-kl-quadratic]
? chapter_checks.py::test_check[12-eq-natural-softmax]

12_trust_regions.ipynb: the metric of equally likely trajectories
- F = (phi_score * trajectory_prob(mdp, base, tau)) @ phi_score.T
+ F = phi_score @ phi_score.T / len(tau.states)
? chapter_checks.py::test_check[12-eq-natural-gradient]

12_trust_regions.ipynb: good and bad steps held alike
- free = np.where(weight > 0, ratio < 1 + EPSILON, ratio > 1 - EPSILON)
+ free = np.abs(ratio - 1) < EPSILON
? chapter_checks.py::test_check[12-eq-clip]

plots.py: the interval's tails twice as heavy
- tail = (1 - level) / 2
+ tail = 1 - level
? test_plots.py::test_the_interval_is_the_bootstrap_of_the_mean

plots.py: one line a step in place of one a seed
- ax.plot(steps, curves.T, color=GREY
+ ax.plot(steps, curves, color=GREY
? test_plots.py::test_learning_curves_draw_one_line_a_seed_the_mean_and_the_interval

plots.py: a figure's identifiers are random
- "svg.hashsalt": "pgbook",
+ "svg.hashsalt": None,
? test_plots.py::test_a_figure_repeats_byte_for_byte

plots.py: a style rule that would leak into the page
- svg = re.sub(r"\s*<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
+ svg = str(svg)
? test_plots.py::test_a_figure_can_be_inlined

crossroads.py: the score of the other action
- score=1 - pi[t, state, action],
+ score=pi[t, state, action],
? test_crossroads.py::test_the_numbers_are_those_of_enumeration[split]
? test_crossroads.py::test_the_picture_writes_its_numbers[score]

crossroads.py: the value of the step after
- value=V[t, state],
+ value=V[t + 1, state],
? test_crossroads.py::test_the_numbers_are_those_of_enumeration[baseline]

crossroads.py: the world's factors forgotten in the path's probability
- slope = (s.chance * s.move).cumprod() * s.score.cumsum()
+ slope = s.chance.cumprod() * s.score.cumsum()
? test_crossroads.py::test_the_numbers_are_those_of_enumeration[slope]
? test_crossroads.py::test_the_first_line_is_the_sum_that_the_path_makes

crossroads.py: every state taken to be as likely as any other
- flow = visited[t][:, None] * np.einsum(
+ flow = (visited[t] > 0)[:, None] * np.einsum(
? test_crossroads.py::test_a_line_is_as_wide_as_its_move_is_likely

expect.py: -1 taken for the last index
- wide.view(np.uint64).max() >= size
+ wide.max() >= size
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.rewards]
? test_inputs.py::test_the_right_answer_or_a_refusal[policies.one_hot]

expect.py: narrow integers stay narrow and overflow in a flat index
- return wide.astype(np.intp, copy=False)
+ return array
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.trajectory_prob]

expect.py: text taken for numbers
- name, value, "biuf", "real numbers")
+ name, value, "biufU", "real numbers")
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.FiniteMDP]

expect.py: what a mask hides taken as well
- array.dtype.kind not in kinds or isinstance(value, np.ma.MaskedArray):
+ array.dtype.kind not in kinds:
? test_inputs.py::test_the_right_answer_or_a_refusal[weights.total_return]

expect.py: states of one batch with the actions of another
- states.shape != (*actions.shape[:-1], steps + 1)
+ states.shape[-1:] != (steps + 1,)
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.returns]

expect.py: True taken for 1.0
- is_number = isinstance(value, Real) and not isinstance(value, bool)
+ is_number = isinstance(value, Real)
? test_inputs.py::test_the_right_answer_or_a_refusal[weights.reward_to_go]

expect.py: whole numbers below the least taken
- isinstance(value, bool) or value < least:
+ isinstance(value, bool):
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.sample_trajectories]

expect.py: a source of randomness of another kind taken
- if not isinstance(value, np.random.Generator):
+ if not hasattr(value, "random"):
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.sample_trajectories]

expect.py: no samples are samples
- if array.ndim == 0 or len(array) == 0:
+ if array.ndim == 0:
? test_inputs.py::test_the_right_answer_or_a_refusal[plots.interval]

mdp.py: the horizon kept in as narrow a type as it came
- object.__setattr__(self, "horizon", expect.whole("horizon", self.horizon, 1))
+ expect.whole("horizon", self.horizon, 1)
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.FiniteMDP]

mdp.py: a limit that is NaN is no limit
- if count > expect.whole("limit", limit, 0):
+ if count > limit:
? test_inputs.py::test_the_right_answer_or_a_refusal[mdp.enumerate_trajectories]

policies.py: the score of logits
- policy = expect.distribution("policy", policy, policy.shape)
+ policy = np.array(policy)
? test_inputs.py::test_the_right_answer_or_a_refusal[policies.score]

weights.py: equal weights standardised to the noise of their mean
- if spread > rounding
+ if spread > 0
? test_weights_critic.py::test_equal_weights_standardise_to_0_whatever_their_size

weights.py: squares of large weights overflow, of small ones vanish
- psi = np.ldexp(psi, -exponent)
+ psi = np.ldexp(psi, 0 * exponent)
? test_weights_critic.py::test_a_standardised_batch_does_not_know_its_unit

weights.py: equal returns leave the noise of their mean
- return np.where(np.abs(difference) > rounding, difference, 0.0)
+ return difference
? test_weights.py::test_equal_returns_teach_nothing_not_even_noise

weights.py: an end in mid-episode
- (ended > (mask & ~goes_on)).any()
+ (ended > mask).any()
? test_inputs.py::test_the_right_answer_or_a_refusal[weights.gae]

weights.py: half an end
- if not np.isin(ended, (0, 1)).all() or
+ if
? test_inputs.py::test_the_right_answer_or_a_refusal[weights.n_step]

ledger.py: a statistic with a sign passes
- if value < 0:
+ if value < -1e300:
? test_inputs.py::test_the_right_answer_or_a_refusal[ledger.statistical_check]

ledger.py: an equation without a check
- if len(tag) != 1 or not own:
+ if len(tag) != 1 and not own:
? test_inputs.py::test_the_right_answer_or_a_refusal[ledger.read_equations]

ledger.py: an equation without a label passed over
- if label.startswith("eq-") or tag:
+ if label.startswith("eq-"):
? test_inputs.py::test_the_right_answer_or_a_refusal[ledger.read_equations]

curves.py: a foreign letter in a curve
- or set(text) - set(LETTERS):
+ or not text:
? test_inputs.py::test_the_right_answer_or_a_refusal[curves.unpack]

curves.py: 95 % that is 68 %
- level: float = 0.95
+ level: float = 0.68
? test_curves.py::test_the_interval_of_the_interquartile_mean_covers_95_in_100_unless_told

curves.py: steps that stand still taken
- (np.diff(steps) <= 0).any()
+ (np.diff(steps) < 0).any()
? test_curves.py::test_steps_go_up

plots.py: 95 % that is 68 %
- def interval(samples, level=0.95):
+ def interval(samples, level=0.68):
? test_plots.py::test_the_interval_is_the_bootstrap_of_the_mean

plots.py: a band of 68 % around the mean
- mean, lower, upper = interval(curves)
+ mean, lower, upper = interval(curves, 0.68)
? test_plots.py::test_learning_curves_draw_one_line_a_seed_the_mean_and_the_interval

plots.py: thin lines that leave the first seed out
- ax.plot(steps, curves.T, color
+ ax.plot(steps, curves[1:].T, color
? test_plots.py::test_learning_curves_draw_one_line_a_seed_the_mean_and_the_interval

audit/truth.py: the discount left out of the clock
- moves[here, :, (t + 1) * states : (t + 2) * states] = gamma * go[..., :-1]
+ moves[here, :, (t + 1) * states : (t + 2) * states] = go[..., :-1]
? test_audit_worlds.py::test_the_truth_is_the_slope_of_the_enumerated_objective

audit/truth.py: the divergence rewarded
- -objective.kl * to_ref
+ objective.kl * to_ref
? test_audit_worlds.py::test_the_truth_is_the_slope_of_the_enumerated_objective

audit/truth.py: the critic's word at a cut left out
- pay[here] += gamma * go[..., :-1] @ cut[:-1]
+ pay[here] += 0
? test_audit_worlds.py::test_the_truth_of_a_cut_episode_counts_what_the_critic_says

audit/truth.py: a stream's truth weighs all states alike
- return stationary(world)[:, None] * policy * advantage
+ return policy * advantage / len(policy)
? test_audit_worlds.py::test_the_truth_of_a_stream_is_the_slope_with_its_distribution_held

audit/listing.py: every collection counted with all orders, equal episodes too
- math.factorial(size) / copies.prod(axis=1)
+ math.factorial(size)
? test_audit_worlds.py::test_the_listed_batches_are_all_there_are

audit/listing.py: the fresh policy's probabilities for stale data
- world.policy(world.old if stale else None)
+ world.policy(None)
? test_audit_checks.py::test_stale_data_are_looked_at_beside_the_verdict

audit/listing.py: nothing after an end but zeros
- "rewards": dyadic(rng.uniform(0.3, 0.9, size=shape)),
+ "rewards": np.zeros(shape),
? test_audit_worlds.py::test_the_fields_fit_together

audit/listing.py: a cut marked as an end
- else "truncated"
+ else "terminated"
? test_audit_worlds.py::test_the_fields_fit_together

audit/batch.py: the old log-probability has a gradient
- **{"old_log_prob": log_prob.detach(), **parts}
+ **{"old_log_prob": log_prob, **parts}
? test_audit_worlds.py::test_a_batch_is_made_of_the_policy

audit/batch.py: what vars() hands out is not counted as read
- elif name == "__dict__":
+ elif name == "__nothing__":
? test_audit_worlds.py::test_a_batch_knows_what_was_read

audit/batch.py: the entropy's sign
- entropy=-(every.exp() * every).sum(-1)
+ entropy=(every.exp() * every).sum(-1)
? test_audit_worlds.py::test_a_batch_is_made_of_the_policy

audit/worlds.py: the right critic forgets the discount
- on = t + 1 < world.horizon
+ on, gamma = t + 1 < world.horizon, 1.0
? test_audit_worlds.py::test_the_right_critic_is_the_mean_of_what_comes

audit/worlds.py: rewards that no mean of equals leaves as they are
- return np.round(np.asarray(numbers) * 64) / 64
+ return np.asarray(numbers)
? test_audit_worlds.py::test_equal_returns_are_equal_on_every_processor

audit/worlds.py: the last step pays as if the episode went on
- last = (policy * world.reward[..., -1]).sum(axis=1)
+ last = (policy * world.reward[..., 0]).sum(axis=1)
? test_audit_worlds.py::test_the_right_critic_is_the_mean_of_what_comes

audit/measure.py: batches without an update counted in the mean's probability
- weight = self.weight[there] / self.weight[there].sum()
-         return np.einsum(
+ weight = self.weight[there]
+         return np.einsum(
? test_audit.py::test_the_rest_is_a_mean_over_the_rest

audit/subject.py: an update that is the gradient of the loss
- np.zeros(batch.theta.shape) if slope is None else -slope
+ np.zeros(batch.theta.shape) if slope is None else slope
? test_audit.py::test_what_is_the_gradient_is_called_so

audit/measure.py: what vmap says is never compared
- rows = np.unique(np.linspace(0, len(each) - 1, 3).astype(int))
+ rows = []
? test_audit.py::test_what_vmap_gets_wrong_is_called_plainly

audit/trial.py: a loss without a gradient let pass
- if not sloped:
+ if False:
? test_audit.py::test_bad_losses_are_refused_in_a_sentence

audit/compare.py: the factor without its square
- factor = float((mean * truth).sum() / size**2)
+ factor = float((mean * truth).sum() / size)
? test_audit.py::test_the_group_mean_is_shorter_by_its_own_part

audit/compare.py: a wrong sign is a factor
- + rounding or factor < 0:
+ + rounding:
? test_audit.py::test_a_wrong_sign_is_a_turn_by_180_degrees

audit/compare.py: a part without an update is not told
- return "invalid" if self.lost > 0 else self.rest
+ return self.rest
? test_audit.py::test_a_deviation_of_equals_is_invalid_on_their_probability

audit/compare.py: any multiple is the gradient
- return "gradient" if abs(factor - 1) <= slack else "scaled"
+ return "gradient"
? test_audit.py::test_the_group_mean_is_shorter_by_its_own_part

audit/checks.py: memory is not looked for
- return REMEMBERS
+ return ""
? test_audit_checks.py::test_memory_is_found

audit/checks.py: chance is not looked for
- return RANDOM
+ return ""
? test_audit_checks.py::test_chance_is_found

audit/checks.py: traces in the batch are not looked for
- if not torch.equal(before[name], tensor.detach()):
+ if False:
? test_audit_checks.py::test_a_changed_batch_is_refused

audit/checks.py: no order is tried
- for places in _orders(len(listing.index[row]) // listing.size, listing.size):
+ for places in ():
? test_audit_checks.py::test_an_order_is_no_bias

audit/checks.py: episodes are turned round, not reordered
- every = itertools.permutations(range(size))
+ every = [np.roll(range(size), turn) for turn in range(size)]
? test_audit_checks.py::test_a_ring_of_episodes_is_an_order

audit/checks.py: all prompts are reordered alike
- found = [*itertools.product(every, repeat=prompts)][1:]
+ found = [[one] * prompts for one in every][1:]
? test_audit_checks.py::test_another_prompts_answers_in_order_are_an_order

audit/session.py: a time limit is always an end
- return self._critic(listing.world)[-1]
+ return None
? test_audit_checks.py::test_a_cut_episode_counts_what_the_critic_says

audit/session.py: the stale data are fresh
- return self._run(self.world, stale=True)
+ return self._run(self.world)
? test_audit_checks.py::test_stale_data_are_looked_at_beside_the_verdict

audit/session.py: the other critic is the same one
- return self._run(self.world, right=not self.windows)
+ return self._run(self.world, right=self.windows)
? test_audit_checks.py::test_a_wrong_critic_is_told_from_a_wrong_rule

audit/recognise.py: one setting is enough
- views = [view for view in (_view(each, paid) for each in settings) if view is not None]
+ views = [view for view in (_view(each, paid) for each in settings[:1]) if view is not None]
? test_audit_recognise.py::test_a_slip_as_it_is_written_is_named[sum]

audit/tables.py: a divergence in the reward with the wrong sign
- parts["rewards"] = parts["rewards"] - penalty
+ parts["rewards"] = parts["rewards"] + penalty
? test_audit_recognise.py::test_under_another_objective_the_slips_beside_its_terms_are_named

audit/stale.py: no clip is looked for
- return brake(ratio(log_ratio, mask), psi)
+ return ratio(log_ratio, mask)
? test_audit_recognise.py::test_what_turns_on_old_data_is_named

audit/endless.py: what leaves an episode out is taken for its limit
- weights = np.array([1 / 3, -2.0, 8 / 3])
+ weights = np.array([1.0, 0.0, 0.0])
? test_audit.py::test_the_endless_batch_leaves_an_episode_out_of_infinitely_many

audit/endless.py: loops over all pairs are run in the largest batch
- > CALLS:
+ > 1e3 * CALLS:
? test_audit.py::test_loops_over_all_pairs_are_not_asked_for_an_endless_group

audit/lambdas.py: later errors are not discounted
- yield gamma**later * moved * before
+ yield moved * before
? test_audit_recognise.py::test_a_slip_as_it_is_written_is_named[whitened GAE between]

audit/slips.py: windows are sent to another objective
- if windows else self.mend
+ if not windows else self.mend
? test_audit_recognise.py::test_slips_in_windows_have_names_of_their_own

audit/constants.py: the padded length multiplied where it divides
- sizes**a / horizons**b
+ sizes**a * horizons**b
? test_audit_recognise.py::test_a_slip_as_it_is_written_is_named[padded mean]

audit/constants.py: the sign is not told
- names += ["wrong-sign"] if rest[0] < 0 else []
+ names += []
? test_audit_recognise.py::test_a_slip_as_it_is_written_is_named[wrong sign]

audit/pieces/centres.py: the others' mean holds the episode itself
- return (psi.sum(-2, keepdim=True) - psi) / (episodes - 1)
+ return psi.sum(-2, keepdim=True) / episodes
? test_audit_recognise.py::test_the_pieces_are_the_librarys_weights

audit/pieces/returns.py: rewards to go begin one step late
- after = parts[..., t] + decay * after
-         found.append(after)
+ found.append(after)
+         after = parts[..., t] + decay * after
? test_audit_recognise.py::test_the_pieces_are_the_librarys_weights

audit/pieces/returns.py: the critic is asked beyond the end
- following = b.next_values * (1 - b.terminated) if ends else b.next_values
+ following = b.next_values
? test_audit_recognise.py::test_the_pieces_are_the_librarys_weights

rules/psi.py: rewards to come added up backwards in time
- ahead = step[:, None] - step
+ ahead = step - step[:, None]
? test_rules.py::test_each_weight_is_the_librarys

rules/psi.py: the group is the whole batch
- return (b.prompts[:, None] == b.prompts).to(x.dtype) @ x
+ return (b.prompts[:, None] >= 0).to(x.dtype) * x.sum()
? test_rules.py::test_each_weight_is_the_librarys
? test_rules.py::test_the_group_is_the_prompts_and_its_deviation_by_numpy

rules/psi.py: the group's deviation is its variance
- variance = in_group(b, centred[:, :1] ** 2) / count
+ variance = (in_group(b, centred[:, :1] ** 2) / count) ** 2
? test_rules.py::test_the_group_is_the_prompts_and_its_deviation_by_numpy

rules/psi.py: the mean over tokens is one over episodes
- return (x * mask).sum() / mask.sum()
+ return (x * mask).sum() / len(mask)
? test_rules.py::test_means_by_hand

rules/psi.py: each answer's mean counts the padding
- return ((x * mask).sum(1) / mask.sum(1)).mean()
+ return ((x * mask).sum(1) / mask.shape[1]).mean()
? test_rules.py::test_means_by_hand

rules/psi.py: leave-one-out keeps the own return
- return group_mean(b) * count / (count - 1)
+ return group_mean(b)
? test_rules.py::test_four_are_the_gradient[leave-one-out]
? test_rules.py::test_each_weight_is_the_librarys

rules/published.py: the constant stands under the root
- (deviation + epsilon)
+ (deviation**2 + epsilon).sqrt()
? test_rules.py::test_the_deviation_in_code_is_numpys_sample_deviation[0.5]

rules/published.py: the dual clip at every sign
- kept = torch.where(advantage < 0, torch.maximum(kept, dual * advantage), kept)
+ kept = torch.maximum(kept, dual * advantage)
? test_rules.py::test_clips_let_go_on_the_right_side

rules/published.py: the clip lets the wrong side go
- kept = torch.minimum(rho * advantage, rho.clamp(1 - low, 1 + high) * advantage)
+ kept = torch.maximum(rho * advantage, rho.clamp(1 - low, 1 + high) * advantage)
? test_rules.py::test_clips_let_go_on_the_right_side

rules/published.py: CISPO's ratio has a gradient
- rho = ratio(b).detach().clamp(max=1.28)
+ rho = ratio(b).clamp(max=1.28)
? test_rules.py::test_ratios_of_answers

rules/published.py: the penalty in the reward has a gradient
- paid = -ESTIMATES[name](log_ratio(b)).detach() * b.mask
+ paid = -ESTIMATES[name](log_ratio(b)) * b.mask
? test_rules.py::test_terms_that_are_exact

rules/published.py: k3 the other way round
- "k3": lambda x: (-x).exp() - 1 + x,
+ "k3": lambda x: x.exp() - 1 - x,
? test_rules.py::test_terms_that_are_not

rules/published.py: MaxRL takes nothing off
- float(centred), 0.0)
+ 0.0, 0.0)
? test_rules.py::test_goals_of_right_and_wrong_answers[2]

rules/published.py: a pair counts twice
- return -psi.over_episodes(b.log_prob * pairs / ((count - 1) / 2), b.mask)
+ return -psi.over_episodes(b.log_prob * pairs / (count - 1), b.mask)
? test_rules.py::test_goals_of_right_and_wrong_answers[3]

tokens/answers.py: a word's tokens read the wrong way round
- for t in reversed(range(size)):
+ for t in range(size):
? test_tokens_listing.py::test_each_token_is_drawn_at_its_prefix[3-4-2]

tokens/listing.py: the mean of the tokens' logarithms in place of their sum
- return self.token_log_prob(theta).sum(-1)
+ return self.token_log_prob(theta).mean(-1)
? test_tokens_listing.py::test_probabilities_are_the_products_of_the_tokens[3-4-2]
? chapter_checks.py::test_check[13-eq-answer-probability-2]

tokens/listing.py: the end pays nothing on the way back through the tree
- torch.cat([worth[:, level, None], onward], dim=-1)
+ torch.cat([0 * worth[:, level, None], onward], dim=-1)
? test_tokens_listing.py::test_the_objective_and_its_gradient_by_four_routes[3-4-2]
? chapter_checks.py::test_check[13-eq-token-gradient]

tokens/listing.py: one answer less than k
- return (1 - (1 - p) ** k).mean()
+ return (1 - (1 - p) ** (k - 1)).mean()
? test_tokens_listing.py::test_pass_at_k_is_the_chance_over_all_groups_of_k

tokens/listing.py: a sampled word read from the back
- word = word * (self.tokens - 1) + token - 1
+ word = word + (token - 1) * (self.tokens - 1)
? test_tokens_listing.py::test_samples_come_as_often_as_listed

tokens/groups.py: leave-one-out keeps the own reward
- return (total - rewards) / (count - 1)
+ return total / count
? test_tokens_groups.py::test_two_prompts_worked_by_hand[RLOO]
? test_tokens_groups.py::test_identities

tokens/groups.py: the sums of the rest forgotten
- sums = sums if rest is None else sums.beside(rest)
+ sums = sums if rest is None else sums
? test_tokens_groups.py::test_a_batch_may_come_in_parts

tokens/groups.py: a batch's deviation that is not centred
- variance = square - (sums.reward / sums.tokens) ** 2
+ variance = square
? test_tokens_groups.py::test_two_prompts_worked_by_hand[REINFORCE++]

13_an_answer_is_a_trajectory.ipynb: the tokens' mean logarithm
- product = np.exp(log_policy.sum(axis=-1))
+ product = np.exp(log_policy.mean(axis=-1))
? chapter_checks.py::test_check[13-eq-answer-probability]

13_an_answer_is_a_trajectory.ipynb: a score that is not centred
- (np.arange(3) == token) - pi[x, prefix]
+ (np.arange(3) == token) - 0 * pi[x, prefix]
? chapter_checks.py::test_check[13-eq-token-gradient]
? chapter_checks.py::test_check[13-eq-reward-at-the-end]

13_an_answer_is_a_trajectory.ipynb: the steps of Part I averaged
- theirs = gradient(asked, policy_of(theta)).sum(axis=0)
+ theirs = gradient(asked, policy_of(theta)).mean(axis=0)
? chapter_checks.py::test_check[13-eq-token-gradient-2]

13_an_answer_is_a_trajectory.ipynb: the others counted one too many
- others = (rewards.sum(axis=-1, keepdims=True) - rewards) / (K - 1)
+ others = (rewards.sum(axis=-1, keepdims=True) - rewards / 2) / (K - 1)
? chapter_checks.py::test_check[13-eq-group-leave-one-out]

13_an_answer_is_a_trajectory.ipynb: two answers in place of three
- (3 * (1 - right) ** power * exact)
+ (2 * (1 - right) ** power * exact)
? chapter_checks.py::test_check[13-eq-pass-at-k]

13_an_answer_is_a_trajectory.ipynb: the entropy of the most open token
- (p * at_tokens.sum(axis=2) / divide)
+ (p * at_tokens.max(axis=2) / divide)
? chapter_checks.py::test_check[13-eq-answer-entropy]

16_rewards_alone.ipynb: every place looks one ahead
- hidden = torch.full((L, L), later).triu(1)
+ hidden = torch.full((L, L), later).triu(2)
? chapter_checks.py::test_check[16-eq-one-pass]

16_rewards_alone.ipynb: the mean over tokens in place of answers
- return -(psi[:, None] * log_prob * mask).sum() / len(text)
+ return -(psi[:, None] * log_prob * mask).sum() / mask.sum()
? chapter_checks.py::test_check[16-eq-answer-loss]

tokens/groups.py: the others' sum divided by all
- (total - rewards) / (count - 1)
+ (total - rewards) / count
? chapter_checks.py::test_check[16-eq-first-lesson]

15_the_leash.ipynb: a reference that is tilted away from reward
- scores = model.log_prob(theta_ref) + R / beta
+ scores = model.log_prob(theta_ref) - R / beta
? chapter_checks.py::test_check[15-eq-leash-optimum]
? chapter_checks.py::test_check[15-eq-leash-tokens]

15_the_leash.ipynb: the leash forgotten at each token
- scores = log_ref[:, level] + Q / beta
+ scores = log_ref[:, level] + Q
? chapter_checks.py::test_check[15-eq-leash-tokens]
? chapter_checks.py::test_check[15-eq-partial-leash]

15_the_leash.ipynb: the divergence of each token the other way round
- return (reach * model.token_kl(at, theta_ref)).sum() / model.prompts
+ return (reach * model.token_kl(theta_ref, at)).sum() / model.prompts
? chapter_checks.py::test_check[15-eq-kl-chain]
? chapter_checks.py::test_check[15-eq-kl-values]
? chapter_checks.py::test_check[15-eq-kl-gradient]
? chapter_checks.py::test_check[15-eq-kl-in-reward]

15_the_leash.ipynb: a score that is not centred
- return pushed - pushed.sum(-1, keepdims=True) * at.softmax(-1).numpy()
+ return pushed
? chapter_checks.py::test_check[15-eq-kl-gradient]
? chapter_checks.py::test_check[15-eq-kl-token-loss]
? chapter_checks.py::test_check[15-eq-partial-leash]
? chapter_checks.py::test_check[15-eq-answer-ratio]

15_the_leash.ipynb: the slope of the third estimate with a wrong sign
- lambda x: 1 - (-x).exp()}
+ lambda x: 1 + (-x).exp()}
? chapter_checks.py::test_check[15-eq-kl-two-halves]

15_the_leash.ipynb: the reference's answers in the loss
- return (chance(theta if held else at) * each).sum()
+ return (chance(theta_ref if held else at) * each).sum()
? chapter_checks.py::test_check[15-eq-kl-as-loss]

15_the_leash.ipynb: the clip's edges moved
- free = torch.where(gain > 0, ratio < 1.2, ratio > 0.8)
+ free = torch.where(gain > 0, ratio < 1.5, ratio > 0.5)
? chapter_checks.py::test_check[15-eq-clip-shortens]

15_the_leash.ipynb: what lies below the cut is missed too
- above = (p - 1.1 * q).clamp(min=0) / p
+ above = (p - 1.1 * q) / p
? chapter_checks.py::test_check[15-eq-truncated-ratio]

15_the_leash.ipynb: the second derivative of the logarithm left out
- (score[:, :, None] * score[:, None, :] + torch.stack(bend))
+ (score[:, :, None] * score[:, None, :])
? chapter_checks.py::test_check[15-eq-second-step]

15_the_leash.ipynb: prefixes as the reference comes by them
- lambda at: (model.reach(theta) * model.token_entropy(at)).sum() / model.prompts, theta
+ lambda at: (model.reach(theta_ref) * model.token_entropy(at)).sum() / model.prompts, theta
? chapter_checks.py::test_check[15-eq-entropy-slope]

tokens/mean_update.py: every multiset as likely as one order of it
- return orders * chances[groups].prod(axis=1)
+ return chances[groups].prod(axis=1)
? test_tokens_mean_update.py::test_the_listing_is_the_loop_over_ordered_batches[RLOO]
? chapter_checks.py::test_check[14-eq-own-mean]
? chapter_checks.py::test_check[14-eq-filter]

tokens/mean_update.py: a prompt beside itself once too often
- beside += [other.sums] * (copies - (other is own))
+ beside += [other.sums] * copies
? test_tokens_mean_update.py::test_a_copy_is_one_more_prompt[DAPO]
? test_tokens_mean_update.py::test_classes_are_the_listing[DAPO-right]

tokens/groups.py: the group's deviation not rooted
- return np.sqrt(np.where(variance > TINY * square, variance, 0.0))
+ return np.where(variance > TINY * square, variance, 0.0)
? test_tokens_groups.py::test_two_prompts_worked_by_hand[GRPO]
? chapter_checks.py::test_check[14-eq-group-rule]
? chapter_checks.py::test_check[14-eq-prompt-weight]

tokens/groups.py: MaxRL divides by the number of right answers
- raise ValueError(f"rewards: expected group means >= 0 to divide by, got {mean.min()}")
-         return mean
+ raise ValueError(f"rewards: expected group means >= 0 to divide by, got {mean.min()}")
+         return mean * rewards.shape[-1]
? test_tokens_groups.py::test_two_prompts_worked_by_hand[MaxRL]
? chapter_checks.py::test_check[14-eq-prompt-weight-2]

tokens/groups.py: 1/length forgets the length
- "answer": 1 / (sums.answers * lengths)}
+ "answer": 1 / (sums.answers + 0 * lengths)}
? test_tokens_groups.py::test_two_prompts_worked_by_hand[GRPO]
? chapter_checks.py::test_check[14-eq-length-share]
"""


def _parse(entry):
    head, *lines = entry.split("\n")
    file, name = head.split(": ", 1)
    parts = {mark: [line[2:] for line in lines if line[:2] == mark] for mark in ("- ", "+ ", "? ")}
    if sum(map(len, parts.values())) != len(lines):
        raise ValueError(f"expected lines that begin with '- ', '+ ' or '? ', got {entry!r}")
    return Bug(file, name, "\n".join(parts["- "]), "\n".join(parts["+ "]), tuple(parts["? "]))


BUGS = [_parse(entry) for entry in TABLE.strip().split("\n\n")]
