"""Reports about losses of reinforcement learning: tutorials, examples, libraries."""

import torch

from pgbook.audit.field.record import GITHUB, FieldReport, per_episode, powers, to_go


def mean_log_prob(b):
    """The mean log-probability of an episode, times the sum of all its rewards to go."""
    mean = (b.log_prob * b.mask).sum(1) / b.mask.sum(1)
    return -(mean * to_go(b).sum(1)).mean()


def rewards_to_go(b):
    """The log-probability of each step times its rewards to go."""
    return per_episode(b, b.log_prob * to_go(b))


def whole_discounted_return(b):
    """Every step weighed with the episode's whole discounted return."""
    total = (b.rewards * b.mask * powers(b)).sum(1, keepdim=True)
    return per_episode(b, b.log_prob * total)


def discounted_from_each_step(b):
    """Every step weighed with its rewards to go, discounted from that step on."""
    return per_episode(b, b.log_prob * to_go(b, b.gamma))


def discount_in_front(b):
    """The rewards to go, discounted from the step on, and γ^t in front."""
    return per_episode(b, b.log_prob * to_go(b, b.gamma) * powers(b))


def mean_over_own_steps(b):
    """The sum over an episode's steps, divided by their number."""
    gain = (b.log_prob * to_go(b) * b.mask).sum(1) / b.mask.sum(1)
    return -gain.mean()


def run_on(b, gamma):
    """The discounted sum runs on from each episode into the one behind it, [K, T]."""
    rows, after = [], torch.zeros_like(b.rewards[0, 0])
    for k in reversed(range(len(b.rewards))):
        row = []
        for t in reversed(range(b.rewards.shape[1])):
            new = b.rewards[k, t] + gamma * after
            after = torch.where(b.mask[k, t] > 0, new, after)
            row.append(after)
        rows.append(torch.stack(row[::-1]))
    return torch.stack(rows[::-1])


def returns_across_workers(b):
    """Returns over the workers' rewards laid end to end, with a discount."""
    return per_episode(b, b.log_prob * run_on(b, b.gamma))


def returns_across_workers_undiscounted(b):
    """The same without a discount."""
    return per_episode(b, b.log_prob * run_on(b, 1.0))


def own_reward_discounted(b):
    """Each reward times γ^t weighs the step that earned it, and no other; not standardised here."""
    return per_episode(b, b.log_prob * b.rewards * powers(b))


def sampled_entropy(b, sign):
    """Reward-to-go, and an entropy that is estimated by -log π of the actions taken."""
    return rewards_to_go(b) + sign * 0.1 * per_episode(b, -b.log_prob)


def sampled_entropy_minus(b):
    """The sampled entropy as it was reported: its sign is wrong."""
    return sampled_entropy(b, -1)


def sampled_entropy_plus(b):
    """The sampled entropy with the sign turned."""
    return sampled_entropy(b, 1)


def entropy_added(b):
    """The policy's entropy is added to the loss."""
    return rewards_to_go(b) - 0.1 * per_episode(b, b.entropy)


def entropy_subtracted(b):
    """The policy's entropy is taken off the loss."""
    return rewards_to_go(b) + 0.1 * per_episode(b, b.entropy)


def shared_critic(b):
    """A critic that shares the policy's parameters: one linear layer on the table's rows."""
    weights = torch.arange(1.0, b.logits.shape[-1] + 1, dtype=b.logits.dtype)
    return b.logits @ weights / 4


def critic_left_in_the_graph(b):
    """The critic's value is taken off, and the loss is differentiated through it too."""
    return per_episode(b, b.log_prob * (to_go(b) - shared_critic(b)))


def critic_detached(b):
    """The same critic, as a number."""
    return per_episode(b, b.log_prob * (to_go(b) - shared_critic(b).detach()))


def advantages(b, on):
    """Advantages, λ = 1; what follows a step counts, critic and all, where `on` is 1."""
    rows, after = [], torch.zeros_like(b.rewards[:, 0])
    for t in reversed(range(b.rewards.shape[1])):
        error = b.rewards[:, t] + b.gamma * b.next_values[:, t] * on[:, t] - b.values[:, t]
        after = (error + b.gamma * on[:, t] * after) * b.mask[:, t]
        rows.append(after)
    return torch.stack(rows[::-1], dim=1) * powers(b)


def limit_as_end(b):
    """Advantages that stop at a time limit as they do at an end."""
    return per_episode(b, b.log_prob * advantages(b, 1 - b.terminated - b.truncated))


def limit_goes_on(b):
    """The critic's value of what follows is added to the reward at a time limit."""
    paid = b.rewards + b.gamma * b.next_values * b.truncated
    psi = to_go(b, b.gamma, paid) - b.values
    return per_episode(b, b.log_prob * psi * powers(b))


def end_goes_on(b):
    """The same at a true end, and not at a time limit."""
    paid = b.rewards + b.gamma * b.next_values * b.terminated
    psi = to_go(b, b.gamma, paid) - b.values
    return per_episode(b, b.log_prob * psi * powers(b))


def done_of_the_next_step(b):
    """Advantages that ask whether the *next* step ended the episode."""
    ended = b.terminated * b.mask
    late = torch.cat([ended[:, 1:], ended[:, -1:]], dim=1)  # the last step looks at its own
    return per_episode(b, b.log_prob * advantages(b, 1 - late))


def done_of_this_step(b):
    """Advantages that ask whether this step ended it."""
    return per_episode(b, b.log_prob * advantages(b, 1 - b.terminated))


def every_value_for_every_step(b):
    """Returns [N] less values [N, 1]: a square of differences, averaged."""
    on = b.mask.flatten()
    square = to_go(b).flatten()[None, :] - b.values.flatten()[:, None]
    gain = b.log_prob.flatten()[None, :] * square
    return -(gain * on[:, None] * on[None, :]).sum() / on.sum() / len(b.mask)


def own_value_for_each_step(b):
    """Returns less values, step by step."""
    return per_episode(b, b.log_prob * (to_go(b) - b.values))


def softmax_over_the_batch(b):
    """The softmax runs over the episodes of the batch instead of the actions."""
    table = torch.log_softmax(b.logits, dim=0)
    taken = table.gather(-1, b.actions[..., None])[..., 0]
    return per_episode(b, taken * to_go(b))


def critic_unused(b):
    """The critic takes no part in the policy's loss."""
    return per_episode(b, b.log_prob * to_go(b))


def value_as_weight(b):
    """The critic's value of the state is the weight."""
    return per_episode(b, b.log_prob * b.values)


REPORTS = (
    FieldReport(
        "Gymnasium 1336",
        GITHUB + "Farama-Foundation/Gymnasium/issues/1336",
        "the tutorial averages the log-probabilities before it weighs them",
        mean_log_prob,
        rewards_to_go,
    ),
    FieldReport(
        "Udacity 42",
        GITHUB + "udacity/deep-reinforcement-learning/issues/42",
        "REINFORCE weighs all steps with one discounted return",
        whole_discounted_return,
        discounted_from_each_step,
    ),
    FieldReport(
        "easy-rl 181",
        GITHUB + "datawhalechina/easy-rl/issues/181",
        "γ^t in front of a discounted return discounts twice",
        discount_in_front,
        discounted_from_each_step,
    ),
    FieldReport(
        "PyTorch examples 744",
        GITHUB + "pytorch/examples/issues/744",
        "γ^t is missing in front of the discounted return",
        discounted_from_each_step,
        discount_in_front,
    ),
    FieldReport(
        "PyTorch examples 385",
        GITHUB + "pytorch/examples/issues/385",
        "the sum over an episode's steps should be divided by their number",
        rewards_to_go,
        mean_over_own_steps,
    ),
    FieldReport(
        "PyTorch examples 1422",
        GITHUB + "pytorch/examples/pull/1422",
        "the discounted return runs on from one worker's episode into the next one's",
        returns_across_workers,
        discounted_from_each_step,
    ),
    FieldReport(
        "PyTorch examples 1422, γ = 1",
        GITHUB + "pytorch/examples/pull/1422",
        "the same, where the return is not discounted",
        returns_across_workers_undiscounted,
        rewards_to_go,
    ),
    FieldReport(
        "ReinforcementZeroToAll 1",
        GITHUB + "hunkim/ReinforcementZeroToAll/issues/1",
        "future rewards are not summed",
        own_reward_discounted,
        discounted_from_each_step,
    ),
    FieldReport(
        "Stable-Baselines3 127",
        GITHUB + "DLR-RM/stable-baselines3/issues/127",
        "the sampled entropy has the wrong sign",
        sampled_entropy_minus,
        sampled_entropy_plus,
        "J + 0.1 entropy",
    ),
    FieldReport(
        "OpenSpiel 962",
        GITHUB + "google-deepmind/open_spiel/issues/962",
        "the entropy is added to the loss and should be taken off",
        entropy_added,
        entropy_subtracted,
        "J + 0.1 entropy",
    ),
    FieldReport(
        "Keras 194",
        GITHUB + "keras-team/keras-io/issues/194",
        "no gradient should flow through the value that is taken off",
        critic_left_in_the_graph,
        critic_detached,
    ),
    FieldReport(
        "Stable-Baselines3 651",
        GITHUB + "DLR-RM/stable-baselines3/issues/651",
        "a time limit counts as an end",
        limit_as_end,
        limit_goes_on,
    ),
    FieldReport(
        "Stable-Baselines3 1864",
        GITHUB + "DLR-RM/stable-baselines3/issues/1864",
        "the value of what follows is added at the wrong one of end and time limit",
        limit_goes_on,
        end_goes_on,
    ),
    FieldReport(
        "RoboVerse 814",
        GITHUB + "RoboVerseOrg/RoboVerse/pull/814",
        "the mask of the advantage estimate is read one step late",
        done_of_the_next_step,
        done_of_this_step,
    ),
    FieldReport(
        "Deep RL Hands-On 33",
        GITHUB + "PacktPublishing/Deep-Reinforcement-Learning-Hands-On/issues/33",
        "returns less values has the shape [N, N]; the answer was that the mean settles it",
        every_value_for_every_step,
        own_value_for_each_step,
    ),
    FieldReport(
        "Deep RL in Action 32",
        GITHUB + "DeepReinforcementLearning/DeepReinforcementLearningInAction/issues/32",
        "the softmax runs over the batch",
        softmax_over_the_batch,
        rewards_to_go,
    ),
    FieldReport(
        "pytorch-rl 2",
        GITHUB + "bentrevett/pytorch-rl/issues/2",
        "the critic has no influence on the policy's loss",
        critic_unused,
        value_as_weight,
    ),
)
