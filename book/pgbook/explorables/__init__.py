"""Explorables: figures that the reader can push, in the built book and in a live notebook."""

from pgbook.explorables.baseline import Baseline
from pgbook.explorables.bias_variance import BiasVariance
from pgbook.explorables.causality import Causality
from pgbook.explorables.clip import Clip
from pgbook.explorables.compass import Compass
from pgbook.explorables.density import Density
from pgbook.explorables.dynamics import Dynamics
from pgbook.explorables.estimator import Estimator
from pgbook.explorables.group import Group
from pgbook.explorables.lab import Lab
from pgbook.explorables.ladder import Ladder
from pgbook.explorables.leash import Leash
from pgbook.explorables.log_derivative import LogDerivative
from pgbook.explorables.objective import Objective
from pgbook.explorables.old_data import OldData
from pgbook.explorables.reward_text import RewardToText
from pgbook.explorables.swap import Swap
from pgbook.explorables.trainer import TrainerLab
from pgbook.explorables.tree import TrajectoryTree

__all__ = [
    "Baseline",
    "BiasVariance",
    "Causality",
    "Clip",
    "Compass",
    "Density",
    "Dynamics",
    "Estimator",
    "Group",
    "Lab",
    "Ladder",
    "Leash",
    "LogDerivative",
    "Objective",
    "OldData",
    "RewardToText",
    "Swap",
    "TrainerLab",
    "TrajectoryTree",
]
