/** The bundle's entry: registers every explorable, and is anywidget's module. */

import { Baseline } from "./elements/baseline.js";
import { BiasVariance } from "./elements/bias-variance.js";
import { Causality } from "./elements/causality.js";
import { Clip } from "./elements/clip.js";
import { Compass } from "./elements/compass.js";
import { Density } from "./elements/density.js";
import { Dynamics } from "./elements/dynamics.js";
import { Estimator } from "./elements/estimator.js";
import { Group } from "./elements/group.js";
import { Lab } from "./elements/lab.js";
import { Ladder } from "./elements/ladder.js";
import { Leash } from "./elements/leash.js";
import { LogDerivative } from "./elements/log-derivative.js";
import { Objective } from "./elements/objective.js";
import { OldData } from "./elements/old-data.js";
import { RewardToText } from "./elements/reward-text.js";
import { Swap } from "./elements/swap.js";
import { Trainer } from "./elements/trainer.js";
import { TrajectoryTree } from "./elements/trajectory_tree.js";
import { define } from "./ui/element.js";
import { render } from "./ui/widget.js";

[
  Baseline, BiasVariance, Causality, Clip, Compass, Density, Dynamics, Estimator, Group, Lab,
  Ladder, Leash, LogDerivative, Objective, OldData, RewardToText, Swap, Trainer, TrajectoryTree,
].forEach(define);

export default { render };
