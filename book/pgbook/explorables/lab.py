"""The learning-curve lab: recorded curves to be compared, and curves trained while you watch."""

import json
from functools import lru_cache
from html import escape

import numpy as np
import traitlets
from tqdm import tqdm

from pgbook import plots
from pgbook.curves import Recorded, pack
from pgbook.explorables.base import Choice, Explorable, Integer, Number
from pgbook.explorables.live import Growing, controls

PSI = ("total_return", "reward_to_go", "reward_to_go_minus_mean")


class Lab(Explorable):
    """Move the learning rate, N, γ and Ψ: the recorded learning curves of five seeds follow."""

    tag = "pg-lab"
    summary = (
        "Move the learning rate, the batch, the discount and the weight, "
        "and see the learning curves of five seeds for each of 135 settings."
    )

    data = traitlets.Unicode(help="the recorded curves").tag(sync=True)
    live = traitlets.Unicode(help="curves trained here").tag(sync=True)
    psi = Choice("reward_to_go_minus_mean", PSI, help="Ψ, the weight")
    learning_rate = Number(0.1, 0, 10, help="of Adam")
    episodes = Integer(10, 1, 100_000, help="N, episodes in an update")
    gamma = Number(1.0, 0, 1, help="γ, the discount inside Ψ")

    def __init__(self, recorded: Recorded, **settings):
        self._recorded = recorded
        super().__init__(**settings)
        self.data = packed(recorded)

    @traitlets.validate("psi", "learning_rate", "episodes", "gamma")
    def _on_the_grid(self, proposal):
        """Refuse a value for which nothing was recorded."""
        name, value = proposal["trait"].name, proposal["value"]
        if value not in (values := self._recorded.axes[name]):
            raise traitlets.TraitError(f"{name}: expected one of {values}, got {value!r}")
        return value

    def to_html(self):
        """Return the custom element with the recorded curves inside."""
        data = escape(self.data)
        return super().to_html().replace(f"<{self.tag}", f'<{self.tag} data="{data}"', 1)

    def lay_over(self, train, *, seeds=(0, 1, 2), watch=tqdm, **setting):
        """Train a setting, on the grid or off it, and draw its curves over the recorded ones.

        An interrupt ends the training and leaves on the picture what is drawn.

        Args:
            train: called as train(seed=…, **setting); yields, after each update, the environment
                steps so far and the mean return of the last 100 episodes.
            seeds: one run each; they advance side by side.
            watch: draws a progress bar, called as tqdm is; None for no bar.
            **setting: psi, learning_rate, episodes, gamma.

        Returns:
            The curves on the recorded steps, a list for each seed, as far as each of them got.
        """
        growing = Growing(self._recorded.steps, [train(seed=seed, **setting) for seed in seeds])
        bar = watch(total=growing.total, unit=" steps") if watch else None
        try:
            for steps in growing:
                if bar is not None:
                    bar.update(steps)
                if growing.has_news():
                    self._draw(growing, setting)
        except KeyboardInterrupt:
            pass  # the reader has seen enough
        finally:
            if bar is not None:
                bar.close()
            self._draw(growing, setting)
        return growing.curves()

    def controls(self, train):
        """Return ipywidgets controls that train what they are set to; see `lay_over`."""
        return controls(lambda **setting: self.lay_over(train, **setting))

    def _draw(self, growing, setting):
        """Send what there is."""
        curves = growing.curves()
        reach = min(map(len, curves), default=0)
        _, lower, upper = plots.interval([curve[:reach] for curve in curves])
        words = ", ".join(f"{name} = {value}" for name, value in setting.items())
        self.live = json.dumps(
            {
                "label": f"{words}; seeds: {len(curves)}",
                "curves": [np.round(curve, 1).tolist() for curve in curves],
                "lower": np.round(lower, 1).tolist(),
                "upper": np.round(upper, 1).tolist(),
            }
        )


@lru_cache(maxsize=4)  # the bootstrap of 135 settings takes most of a second
def packed(recorded):
    """Return the recorded curves as the element reads them: its axes, and three long texts."""
    bounds = [plots.interval(recorded.at(**setting)) for setting in recorded.settings()]
    flat = recorded.curves.reshape(-1, len(recorded.steps))
    content = {
        "axes": recorded.axes,
        "steps": recorded.steps.tolist(),
        "seeds": len(recorded.seeds),
        "curves": "".join(map(pack, flat)),
        "lower": "".join(pack(lower) for _, lower, _ in bounds),
        "upper": "".join(pack(upper) for _, _, upper in bounds),
    }
    return json.dumps(content, separators=(",", ":"))
