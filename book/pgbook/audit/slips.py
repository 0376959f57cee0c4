"""The slips that the auditor knows by name: what each does, the line that mends it, its chapter."""

import re
from dataclasses import dataclass

SITE = "https://policy-gradients.github.io/line-by-line"


@dataclass(frozen=True)
class Slip:
    """One slip.

    Attributes:
        name: as `Report.slips` gives it.
        says: what the loss does, in one sentence.
        mend: the line that mends it.
        page: where the book explains it, without the site's address.
    """

    name: str
    says: str
    mend: str
    page: str

    @property
    def link(self) -> str:
        """The address of the explanation."""
        return f"{SITE}/book/{self.page}"

    def mended(self, windows: bool) -> str:
        """Return the line that mends it; for windows, which have one objective, no other one."""
        return re.sub(r",? or audit\(.*", "", self.mend) if windows else self.mend


TABLE = """
wrong-sign
    the loss climbs where it should descend: it is the negative of a right one
    loss = -(log_prob * psi * mask).sum() / K
    06_policy_gradient_estimator.html#eq-surrogate
constant-factor
    the update is multiplied by a constant
    no harm to the direction; take it off or into the step size
    06_policy_gradient_estimator.html#eq-estimator
sum-over-batch
    episodes are added up where they should be averaged: the step grows with the batch
    (log_prob * psi * mask).sum() / K
    06_policy_gradient_estimator.html#eq-estimator
mean-over-padding
    the mean also runs over the padded length: the step shrinks with it
    (log_prob * psi * mask).sum(1).mean()
    07_reinforce.html#eq-absorbing
twice-averaged
    the sum is divided by the number of episodes twice
    (log_prob * psi * mask).sum() / K
    06_policy_gradient_estimator.html#eq-estimator
token-mean
    the sum is divided by the number of steps in the batch, which the episodes themselves decide
    (log_prob * psi * mask).sum() / K
    06_policy_gradient_estimator.html#eq-estimator
own-length-mean
    each episode's sum is divided by its own length: a long episode counts less in each step
    (log_prob * psi * mask).sum(1).mean()
    update_rules.html
longest-length-mean
    the sum is divided by the longest episode's length, which the episodes themselves decide
    (log_prob * psi * mask).sum() / (K * T)
    06_policy_gradient_estimator.html#eq-estimator
mask-forgotten
    steps after an episode's end take part in the loss
    (log_prob * psi * mask).sum()
    07_reinforce.html#eq-absorbing
mask-late
    the mask lags a step behind what it masks: a padded step is let in, or the first one left out
    logits[:, t], actions[:, t] and mask[:, t] belong together
    07_reinforce.html#eq-absorbing
first-step-only
    only the first step of an episode is in the loss: the sum over t is left out
    (log_prob * psi * mask).sum(1)
    05_dropping_the_dynamics.html#eq-policy-gradient
last-step-only
    only the last step of an episode is in the loss: the sum over t is left out
    (log_prob * psi * mask).sum(1)
    05_dropping_the_dynamics.html#eq-policy-gradient
first-step-dropped
    the first step of an episode is not in the loss
    let mask and log_prob begin at the same step
    05_dropping_the_dynamics.html#eq-policy-gradient
last-step-dropped
    the last step of an episode is not in the loss
    let mask and log_prob end at the same step
    05_dropping_the_dynamics.html#eq-policy-gradient
own-sample-mean
    the mean that is taken off contains the episode itself: the update is shorter by 1/K
    psi = returns - (returns.sum() - returns) / (K - 1)
    09_baselines.html#eq-own-sample
own-sample-mean-at-t
    the mean at t contains the episode itself, and the number that still run is chance
    take off the mean of the others that run, or a critic
    09_baselines.html#eq-own-sample
pooled-mean
    the mean that is taken off is pooled over all steps, whose number the episodes decide
    psi = returns - (returns.sum() - returns) / (K - 1)
    09_baselines.html#eq-pooled-mean
padded-mean
    the mean that is taken off counts the padded steps too
    (psi * mask).sum() / mask.sum(), or better the mean over the other episodes
    09_baselines.html#eq-pooled-mean
own-episode-mean
    an episode's own mean is taken off its steps: the action is in its own baseline
    take off what does not depend on the action: a critic, or the other episodes
    09_baselines.html#eq-baseline-zero-mean
everyones-return
    each episode is weighed with the mean return of all, as [K, 1] times [K], or mean times mean, is
    (log_prob * mask).sum(1) * returns, both of shape [K], before any mean
    06_policy_gradient_estimator.html#eq-estimator
largest-as-baseline
    the group's best return is taken off, and the episode itself may be the best
    psi = returns - (returns.sum() - returns) / (K - 1)
    09_baselines.html#eq-baseline-zero-mean
median-as-baseline
    the group's median is taken off, and the episode itself may be the median
    the median of the other episodes, or their mean
    09_baselines.html#eq-baseline-zero-mean
next-value-baseline
    the critic's value of the next state is taken off, and the action decides that state
    psi = returns_to_go - values
    09_baselines.html#eq-baseline-zero-mean
group-deviation
    returns are divided by their group's standard deviation, which they decide themselves
    leave the division out
    update_rules.html
pooled-deviation
    advantages are divided by the standard deviation over the batch's steps, which they decide
    leave the division out, or divide by a deviation of earlier batches
    update_rules.html
padded-deviation
    advantages are divided by a standard deviation that counts the padded steps too
    leave the division out
    update_rules.html
deviation-at-t
    reward-to-go is divided by the standard deviation of those that run at t
    leave the division out
    update_rules.html
own-episode-deviation
    an episode's steps are divided by their own standard deviation
    leave the division out
    update_rules.html
largest-as-scale
    returns are divided by the largest of the group, which they decide themselves
    leave the division out
    update_rules.html
discounted
    rewards are discounted, and the objective does not discount
    gamma = 1, or audit(loss, objective="J_gamma")
    10_actor_critic.html#eq-discounted-gradient
undiscounted
    rewards are not discounted, and the objective discounts
    returns with batch.gamma, or audit(loss, objective="J")
    10_actor_critic.html#eq-discounted-gradient
lost-discount
    rewards to go are discounted from t on, and the factor γ^t in front is left out
    psi = gamma**t * returns_to_go; windows of a stream want none: sampling="windows"
    10_actor_critic.html#eq-discounted-gradient
double-discount
    γ^t stands in front of a return that is discounted from the start already
    psi = gamma**t * returns_to_go, or the whole discounted return without it
    10_actor_critic.html#eq-discounted-gradient
reversed-discount
    the last reward is discounted least, the first most
    gamma**k * rewards[:, k]
    10_actor_critic.html#eq-discounted-gradient
own-discount
    rewards are discounted by a γ of the loss's own, which is not the batch's
    gamma = batch.gamma
    10_actor_critic.html#eq-discounted-gradient
immediate-reward
    an action is weighed with its own reward only, nothing that follows
    psi[t] = rewards[t:].sum()
    08_reward_to_go.html#eq-reward-to-go
own-reward-left-out
    the rewards to go begin one step late, without the action's own
    psi[t] = rewards[t:].sum()
    08_reward_to_go.html#eq-reward-to-go
past-rewards
    rewards are summed in the wrong direction: an action is weighed with what came before
    rewards.flip(1).cumsum(1).flip(1)
    08_reward_to_go.html#eq-causality
last-reward-only
    only the last reward counts
    returns = (rewards * mask).sum(1)
    01_objective.html#eq-return
first-reward-only
    only the first reward counts
    returns = (rewards * mask).sum(1)
    01_objective.html#eq-return
padded-rewards
    rewards of steps after an episode's end are counted
    returns = (rewards * mask).sum(1)
    07_reinforce.html#eq-absorbing
mean-reward
    the mean reward of an episode stands for its return: the goal is another
    returns = (rewards * mask).sum(1)
    01_objective.html#eq-return
rewards-normalised
    each reward is divided by the deviation of the batch's rewards, which they decide themselves
    rewards as they are, or over a deviation of earlier batches
    update_rules.html
one-step-critic
    after one reward the critic is believed, and it is wrong
    longer sums of rewards believe it less; the whole sum, not at all
    10_actor_critic.html#eq-gae-bias
two-step-critic
    after two rewards the critic is believed, and it is wrong
    longer sums of rewards believe it less; the whole sum, not at all
    10_actor_critic.html#eq-gae-bias
gae-lambda
    with λ < 1 the critic is believed in part, and it is wrong
    lam = 1 is unbiased whatever the critic says
    10_actor_critic.html#eq-gae-bias
end-forgotten
    the critic's value of what follows a true end is counted
    rewards + gamma * next_values * (1 - terminated)
    10_actor_critic.html#eq-gae-ends
cut-is-an-end
    an episode that a time limit cut counts as ended: what would follow is left out
    rewards + gamma * next_values * (1 - terminated), with truncated episodes going on
    10_actor_critic.html#eq-time-limit
window-rest-left-out
    what comes after a window's last step is left out
    psi from rewards and, at the window's end, gamma * next_values
    10_actor_critic.html#eq-time-limit
window-discount
    γ^t stands in front of the steps of a window, which all count the same in a stream
    psi without gamma**t in front
    10_actor_critic.html#eq-discounted-gradient
sum-over-steps
    steps are added up where a stream's average is meant: the update grows with the window
    (log_prob * psi).mean()
    06_policy_gradient_estimator.html#eq-estimator
probability
    the probability stands where its logarithm should: rare actions learn too slowly
    batch.log_prob, not its exp
    06_policy_gradient_estimator.html#eq-surrogate
squared-log-prob
    the logarithm of the probability is squared
    batch.log_prob
    06_policy_gradient_estimator.html#eq-surrogate
greedy-action
    the likeliest action is credited, not the one that was taken
    log_softmax(logits, -1).gather(-1, actions[..., None])
    03_log_derivative_trick.html#eq-score-expectation
softmax-axis
    the softmax runs over the episodes or the steps, not over the actions
    log_softmax(logits, -1)
    03_log_derivative_trick.html#eq-score-expectation
bare-logit
    the logit of the action stands where its log-probability should: no softmax
    log_softmax(logits, -1).gather(-1, actions[..., None])
    03_log_derivative_trick.html#eq-score-expectation
shifted-actions
    the action of the next step is credited in this step's state: the labels are off by one
    logits[:, t] belong to actions[:, t]
    04_trajectory_probability.html#eq-trajectory-probability
ratio-forgotten
    the old log-probabilities are not used: what the old policy did counts as the new one's
    ratio = (log_prob - old_log_prob).exp(), of whole episodes for exactness
    12_trust_regions.html#eq-importance-ratio
step-ratio
    each step has its own ratio, and states still come as the older policy met them
    small steps; a whole episode's ratio is exact, and loud
    12_trust_regions.html#eq-surrogate-step
clipped-ratio
    the clip lets no step pull that has gone too far: a brake, at the price of a turn
    small steps and few epochs
    12_trust_regions.html#eq-clip
clip-without-minimum
    the ratio is clipped without the minimum: what went too far the wrong way is not pulled back
    torch.min(ratio * psi, ratio.clamp(0.8, 1.2) * psi)
    12_trust_regions.html#eq-clip
geometric-ratio
    all tokens of an answer have the geometric mean of its ratios, which is no ratio of its chances
    the answer's ratio, or the token's
    12_trust_regions.html#eq-clip
clipped-weight
    the ratio is cut off and held fixed as a weight: frequent actions of the new policy count less
    small steps and few epochs
    12_trust_regions.html#eq-clip
entropy-bonus
    an entropy bonus is added: the update climbs another goal, with the states held fixed
    without it, or audit(loss, objective="J + 0.01 entropy")
    12_trust_regions.html
penalty-left-out
    the objective has a divergence or an entropy, and on average nothing of the update is theirs
    rewards - beta * (log_prob - ref_log_prob).detach(); a log-ratio as a loss pulls nowhere
    update_rules.html
entropy-penalty
    the entropy term has the wrong sign: the policy is pushed to certainty
    loss - c * entropy
    12_trust_regions.html
kl-k2-loss
    half the squared log-ratio to a reference is added to the loss
    a penalty in the rewards is exact: rewards - beta * (log_prob - ref_log_prob).detach()
    12_trust_regions.html#eq-fisher
kl-k3-loss
    the estimate r - 1 - log r of the divergence from a reference is added to the loss
    a penalty in the rewards is exact: rewards - beta * (log_prob - ref_log_prob).detach()
    12_trust_regions.html#eq-fisher
"""


def _parse(entry):
    name, says, mend, page = (line.strip() for line in entry)
    return Slip(name, says, mend, page)


_LINES = TABLE.strip().split("\n")
SLIPS: dict[str, Slip] = {
    slip.name: slip for slip in (_parse(_LINES[i : i + 4]) for i in range(0, len(_LINES), 4))
}
"""Every slip by its name."""

assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in SLIPS)
