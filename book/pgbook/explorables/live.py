"""Train while the reader watches: curves that grow together, and the controls that start them."""

import time

import ipywidgets as widgets
import numpy as np

REDRAW = 0.2  # seconds between two pictures


class Growing:
    """Several runs that advance side by side, the one with the fewest steps first.

    So there is a mean over all seeds at any time, and an interrupt leaves a shorter picture, not a
    lopsided one. Iterate it for the newly taken environment steps, update by update.

    Args:
        grid: numbers of environment steps at which curves are drawn, [X].
        runs: iterators of (environment steps so far, value), one for each seed.
    """

    def __init__(self, grid, runs):
        self.grid, self.runs = np.asarray(grid), [iter(run) for run in runs]
        self.points = [[] for _ in self.runs]
        self.total = int(self.grid[-1]) * len(self.runs)
        self.drawn = time.monotonic()

    def __iter__(self):
        waiting = dict(enumerate(self.runs))
        while waiting:
            i = min(waiting, key=self._steps)
            point = next(waiting[i], None)
            if point is None:
                del waiting[i]
                continue
            before = self._steps(i)
            self.points[i].append(point)
            yield self._steps(i) - before

    def _steps(self, i):
        """Return how far a run has got, at most to the end of the grid."""
        return min(self.points[i][-1][0], int(self.grid[-1])) if self.points[i] else 0

    def curves(self):
        """Return each run's values on the grid as far as it got, straight lines between updates."""
        found = []
        for points in self.points:
            steps, values = np.array(points, dtype=float).reshape(-1, 2).T
            reached = self.grid[self.grid <= steps[-1]] if len(steps) else self.grid[:0]
            found.append(np.interp(reached, steps, values).tolist() if len(reached) else [])
        return found

    def has_news(self):
        """Whether it is time to draw again."""
        if time.monotonic() - self.drawn < REDRAW:
            return False
        self.drawn = time.monotonic()
        return True


class Controls(widgets.VBox):
    """Sliders, a button and a place for the progress bar."""

    def __repr__(self):
        return "Controls: run this cell in a live notebook to train a setting of your own."


def controls(train):
    """Return controls that call train(psi=…, learning_rate=…, episodes=…, gamma=…, seeds=…)."""
    wide = {"style": {"description_width": "9em"}, "layout": {"width": "32em"}}
    settings = {
        "psi": widgets.Dropdown(
            options=["total_return", "reward_to_go", "reward_to_go_minus_mean", "leave_one_out"],
            value="reward_to_go", description="weight Ψ", **wide,
        ),
        "learning_rate": widgets.FloatLogSlider(
            value=0.02, min=-4, max=0, description="learning rate", readout_format=".4f", **wide
        ),
        "episodes": widgets.IntSlider(
            value=20, min=2, max=200, description="batch N", continuous_update=False, **wide
        ),
        "gamma": widgets.FloatSlider(
            value=1.0, min=0.8, max=1.0, step=0.01, description="discount γ", **wide
        ),
    }  # fmt: skip
    number = widgets.IntSlider(value=3, min=1, max=10, description="seeds, from 0 on", **wide)
    button = widgets.Button(description="Train", button_style="primary", icon="play")
    below = widgets.Output()

    def start(_button):
        below.clear_output()
        button.disabled = True
        try:
            with below:
                chosen = {name: control.value for name, control in settings.items()}
                train(**chosen, seeds=range(number.value))
        finally:
            button.disabled = False

    button.on_click(start)
    return Controls([*settings.values(), number, button, below])
