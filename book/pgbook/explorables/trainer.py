"""REINFORCE on CartPole, trained by the reader's browser."""

from pgbook.explorables.base import Choice, Explorable, Integer, Number, Switch

WEIGHTS = ("total_return", "reward_to_go", "reward_to_go_minus_mean", "leave_one_out")


class TrainerLab(Explorable):
    """Train a linear policy on CartPole in the browser: twelve seeds at every move of a slider."""

    tag = "pg-trainer"
    summary = "Train a policy on CartPole in your browser: move a slider and twelve runs retrain."

    learning_rate = Number(0.2, 0.002, 2, help="step size of Adam")
    episodes = Integer(16, 2, 64, help="N, episodes per update")
    gamma = Number(1.0, 0.8, 1, help="discount γ inside Ψ")
    psi = Choice("reward_to_go_minus_mean", WEIGHTS, help="Ψ, the weight on ∇log π")
    seed = Integer(0, 0, 999, help="the first of twelve seeds")
    mode = Choice("watch", ("watch", "trained"), help="what the cart shows")
    playing = Switch(True, help="whether the cart moves")
