/** The bundle's entry: registers every explorable, and is anywidget's module. */

import { Lab } from "./elements/lab.js";
import { Objective } from "./elements/objective.js";
import { Trainer } from "./elements/trainer.js";
import { define } from "./ui/element.js";
import { render } from "./ui/widget.js";

[Lab, Objective, Trainer].forEach(define);

export default { render };
