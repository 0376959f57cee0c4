/** The bundle's entry: registers every explorable, and is anywidget's module. */

import { Objective } from "./elements/objective.js";
import { define } from "./ui/element.js";
import { render } from "./ui/widget.js";

[Objective].forEach(define);

export default { render };
