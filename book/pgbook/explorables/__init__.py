"""Explorables: figures that the reader can push, in the built book and in a live notebook."""

from pgbook.explorables.lab import Lab
from pgbook.explorables.objective import Objective
from pgbook.explorables.trainer import TrainerLab

__all__ = ["Lab", "Objective", "TrainerLab"]
