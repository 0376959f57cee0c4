/** The survey of learning rates, drawn: a trail for each weight, the present one in colour. */

import { scaleLinear, scaleLog } from "d3-scale";
import { line, symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle } from "d3-shape";
import { THRESHOLD } from "../engine/reinforce.js";
import { FASTEST, SLOWEST } from "../engine/survey.js";
import { PSI_NAMES } from "../engine/weights.js";
import { axisX, axisY, category, MARGIN } from "../ui/draw.js";

const SHAPES = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond];
const SIGNS = "●■▲◆";

/**
 * The sign that stands for a weight, in a line of text.
 * @param {import("../engine/weights.js").PsiName} psi
 */
export const sign = (psi) => SIGNS[PSI_NAMES.indexOf(psi)];

/**
 * @param {ReturnType<typeof import("../ui/draw.js").picture>} picture
 * @param {import("../engine/survey.js").Survey} survey
 * @param {{ width: number, height: number }} room
 */
export function drawSurvey(picture, survey, { width, height }) {
  const { settings, size } = survey;
  if (!settings) return;
  const ticks = { ticks: () => [0.002, 0.02, 0.2, 2] };
  const x = Object.assign(scaleLog([SLOWEST, FASTEST], [MARGIN, width - 10]), ticks);
  const y = Object.assign(scaleLinear([0, size], [height - 48, 30]), {
    ticks: () => [0, size / 2, size],
  });
  axisY(picture.layer("y"), y, {
    x: MARGIN, label: `seeds that reach ${THRESHOLD}, of ${size}`, grid: width - 10 - MARGIN,
  });
  axisX(picture.layer("x"), x, { y: height - 48, label: "learning rate", format: String });
  picture.layer("now").selectAll("line").data([settings.learningRate]).join("line")
    .attr("stroke", "var(--x-ink)").attr("stroke-dasharray", "4 4")
    .attr("x1", (d) => x(d)).attr("x2", (d) => x(d)).attr("y1", y(0)).attr("y2", y(size));
  const path = line(/** @param {number[]} d */ (d) => x(d[0]), (d) => y(d[1]));
  for (const psi of PSI_NAMES) {
    const present = psi === settings.psi, trail = survey.trail(psi);
    const group = picture.layer(psi).attr("class", present ? category(0) : "x-muted");
    group.selectAll("path.x-stroke").data([trail]).join("path").attr("class", "x-stroke")
      .attr("stroke-width", present ? 2 : 1.25).attr("d", path);
    const mark = symbol(SHAPES[PSI_NAMES.indexOf(psi)], present ? 42 : 30)();
    group.selectAll("path.x-fill").data(trail).join("path").attr("class", "x-fill")
      .attr("d", mark).attr("transform", (d) => `translate(${x(d[0])},${y(d[1])})`);
  }
  picture.layer(settings.psi).raise();
}
