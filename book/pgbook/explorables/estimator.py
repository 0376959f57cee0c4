"""The estimator of chapter 6, to be pushed."""

from pgbook.explorables.base import Explorable, Integer, Switch


class Estimator(Explorable):
    """Move N: the cloud of estimates around the exact gradient, its ellipse, its error follow."""

    tag = "pg-estimator"
    summary = (
        "Move N, the trajectories in a batch: the cloud of sampled gradients shrinks around the "
        "exact one, and the measured error falls along a line that was known before."
    )

    episodes = Integer(10, 1, 1000, help="N, the trajectories in a batch")
    batches = Integer(200, 100, 1000, help="how many batches were drawn at each N")
    repeat = Switch(False, help="repeat the same 4 trajectories until there are N")
    magnify = Switch(False, help="enlarge the cloud by √N")
