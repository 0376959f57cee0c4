/** The two pictures of "reward to text": answers with their probabilities, and a lesson's course. */

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { END, right } from "../engine/digits.js";
import { HALF, UPDATES } from "../engine/lesson.js";
import { axisX, axisY, category, fixed, ink, MARGIN } from "../ui/draw.js";

/** @typedef {{ answer: number[], probability: number, reward: number, right: boolean }} Answer */
/** @typedef {ReturnType<typeof import("../ui/draw.js").picture>} Picture */

export const LISTED = 8;
const ROW = 27, TOP = 42, TEXT = 92, EARNS = 78; // px: a row, the first, left and right of the bars
const NAME = 92; // px: room for a curve's name

/** "2 1 end", or "2 1 4 4 4 …" where it was cut off. @param {number[]} answer */
export const inWords = (answer) =>
  [...answer.map((token) => (token === END ? "end" : token)), ...(answer.includes(END) ? [] : ["…"])]
    .join(" ");

/**
 * The likeliest answers, one a row, and the rest together.
 * @param {Picture} picture @param {Answer[]} answers
 * @param {{ width: number, prompt: string }} room
 */
export function drawAnswers(picture, answers, { width, prompt }) {
  const rest = 1 - answers.reduce((sum, { probability }) => sum + probability, 0);
  const x = scaleLinear([0, 1], [TEXT, width - EARNS]), y = (/** @type {number} */ i) => TOP + i * ROW;
  const bottom = y(LISTED + 1) + 2;
  axisX(picture.layer("p"), x, { y: bottom, label: "probability", ticks: 3, grid: bottom - TOP + 4 });
  const heads = [
    [0, "start", `${[...prompt].join(" ")} → right: ${inWords(right(prompt))}`], [width, "end", "earns"],
  ];
  picture.layer("heads").selectAll("text").data(heads).join("text").attr("class", "x-muted")
    .attr("x", (d) => d[0]).attr("y", TOP - 14).attr("text-anchor", (d) => d[1]).text((d) => d[2]);
  const rows = [
    ...answers.map((each) => ({
      text: inWords(each.answer) + (each.right ? " ✓" : ""), p: each.probability,
      earns: fixed(each.reward, 2), right: each.right,
    })),
    ...(answers.length ? [{ text: "all others", p: Math.max(0, rest), earns: "", right: false }] : []),
  ];
  const layer = picture.layer("answers");
  const shade = (/** @type {{ right: boolean }} */ d) => (d.right ? category(0) : "x-muted");
  layer.selectAll("rect").data(rows).join("rect").attr("class", (d) => `x-fill ${shade(d)}`)
    .attr("x", TEXT).attr("y", (_, i) => y(i) + 4).attr("height", ROW - 9)
    .attr("width", (d) => Math.max(0, x(d.p) - TEXT));
  layer.selectAll("text.x-answer").data(rows).join("text")
    .attr("class", (d) => `x-answer ${d.right ? `x-term ${category(0)}` : ""}`)
    .attr("font-weight", (d) => (d.right ? 600 : null))
    .attr("x", 0).attr("y", (_, i) => y(i) + 18).text((d) => d.text);
  layer.selectAll("text.x-share").data(rows).join("text").attr("class", "x-share x-muted")
    .attr("x", (d) => x(d.p) + 5).attr("y", (_, i) => y(i) + 18).text((d) => fixed(d.p, 2));
  layer.selectAll("text.x-earns").data(rows).join("text").attr("class", "x-earns")
    .attr("text-anchor", "end").attr("x", width).attr("y", (_, i) => y(i) + 18).text((d) => d.earns);
}

/**
 * Right answers and mean reward, update by update.
 * @param {Picture} picture @param {import("../engine/lesson.js").Lesson} lesson
 * @param {{ width: number, height: number, upTo: number, shown: number, names: Record<string, string> }} what
 */
export function drawLesson(picture, lesson, { width, height, upTo, shown, names }) {
  const x = scaleLinear([0, UPDATES], [MARGIN, width - 8]), y = scaleLinear([0, 1], [height - 50, 48]);
  axisY(picture.layer("y"), y, { x: MARGIN, label: "share or reward", ticks: 5, grid: width - 8 - MARGIN });
  axisX(picture.layer("x"), x, { y: y(0), label: "updates", ticks: 6 });
  const halves = [[lesson.plan.first, 0], [lesson.plan.then, HALF]].map(([name, from]) =>
    ({ name: names[name], from: Number(from) }));
  picture.layer("halves").selectAll("text").data(halves).join("text").attr("class", "x-halo")
    .attr("text-anchor", "middle").attr("x", (d) => x(d.from + HALF / 2)).attr("y", 12)
    .text((d) => d.name);
  picture.layer("change").selectAll("line").data([HALF]).join("line").attr("stroke", "var(--x-ink)")
    .attr("x1", x).attr("x2", x).attr("y1", 0).attr("y2", y(0));
  picture.layer("now").selectAll("line").data([Math.max(0, shown)]).join("line")
    .attr("stroke", "var(--x-muted)").attr("stroke-dasharray", "2 4")
    .attr("x1", x).attr("x2", x).attr("y1", y(1)).attr("y2", y(0));
  const curves = [
    { name: "J: mean reward", values: lesson.rewards, shade: ink("objective"), wide: 1.5, mark: "" },
    { name: "right answers", values: lesson.right, shade: category(0), wide: 3, mark: " x-right" },
  ].map((each) => ({ ...each, values: each.values.slice(0, upTo + 1) }));
  const course = line(/** @param {number} _ @param {number} i */ (_, i) => x(i), y);
  const layer = picture.layer("curves");
  layer.selectAll("path").data(curves).join("path").attr("class", (d) => `x-stroke ${d.shade}${d.mark}`)
    .attr("stroke-width", (d) => d.wide).attr("d", (d) => course(d.values));
  const under = Math.ceil(NAME / (x(1) - x(0))); // updates over or under which a name stands
  const ends = curves.map(({ values }) => {
    const near = values.slice(-under).map(y);
    return { top: Math.min(...near), bottom: Math.max(...near) };
  });
  const [above, below] = ends[0].top <= ends[1].top ? [0, 1] : [1, 0];
  const close = ends[below].top - ends[above].top < 40;
  const low = ends[below].bottom + 18 > y(0) - 2; // where the axis has its numbers
  const over = ends[above].top - (close && low ? 26 : 8);
  const beside = low ? ends[above].top - 8 : ends[below].bottom + 18;
  const other = close ? beside : ends[below].top - 8;
  layer.selectAll("text").data(upTo > 0 ? curves : []).join("text")
    .attr("class", (d) => `x-halo x-term ${d.shade}${d.mark}`).attr("text-anchor", "end")
    .attr("x", Math.max(x(upTo) - 4, MARGIN + NAME))
    .attr("y", (_, i) => (i === above ? over : other))
    .text((d) => d.name);
  return { x, y };
}
