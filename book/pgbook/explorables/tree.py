"""Every trajectory of a small world as a path in a tree, for chapter 4."""

from pgbook.explorables.base import Explorable, Integer, Number, Switch


class TrajectoryTree(Explorable):
    """Choose one of 32 paths: its probability as a product, its logarithm as a stacked bar."""

    tag = "pg-tree"
    summary = "Choose one of 32 trajectories and see its probability as a product of factors."

    trajectory = Integer(14, 1, 32, help="which path, from the top")
    theta = Number(0.5, -3, 3, help="logit of going, in both places and at both steps")
    post_indices = Switch(False, help="leave out the factors of t = 0, as the post does")
