/** CartPole, drawn: the cart on its track, the pole, and the policy's push as an arrow. */

import { ANGLE_LIMIT, X_LIMIT } from "../engine/cartpole.js";
import { category } from "../ui/draw.js";

/**
 * @param {ReturnType<typeof import("../ui/draw.js").picture>} picture
 * @param {{ width: number, height: number, demo: import("./demo.js").Demo }} now
 */
export function drawScene(picture, { width, height, demo }) {
  const [x, , angle] = demo.state, ground = height - 48, middle = width / 2;
  const unit = (width - 70) / (2 * X_LIMIT), pole = height - 110;
  const cart = middle + Math.max(-X_LIMIT, Math.min(X_LIMIT, x)) * unit, hinge = ground - 26;
  const track = picture.layer("track");
  track.selectAll("line").data([
    [middle - X_LIMIT * unit - 24, ground, middle + X_LIMIT * unit + 24, ground],
    ...[-1, 1].map((side) => {
      const at = middle + side * (X_LIMIT * unit + 24);
      return [at, ground - 7, at, ground + 7];
    }),
  ]).join("line").attr("stroke", "var(--x-line)").attr("stroke-width", 2)
    .attr("x1", (d) => d[0]).attr("y1", (d) => d[1])
    .attr("x2", (d) => d[2]).attr("y2", (d) => d[3]);
  const reach = pole + 14;
  picture.layer("limits").selectAll("line").data([-1, 1]).join("line")
    .attr("stroke", "var(--x-muted)").attr("stroke-width", 1.5).attr("stroke-dasharray", "1 5")
    .attr("x1", cart).attr("y1", hinge)
    .attr("x2", (side) => cart + reach * Math.sin(side * ANGLE_LIMIT))
    .attr("y2", hinge - reach * Math.cos(ANGLE_LIMIT));
  const body = picture.layer("cart").attr("transform", `translate(${cart},${ground})`);
  body.selectAll("rect").data([0]).join("rect").attr("x", -27).attr("y", -28).attr("width", 54)
    .attr("height", 22).attr("rx", 4).attr("fill", "var(--x-ink)");
  body.selectAll("circle").data([-15, 15]).join("circle").attr("cx", (d) => d).attr("cy", -4)
    .attr("r", 5).attr("fill", "var(--x-paper)")
    .attr("stroke", "var(--x-ink)").attr("stroke-width", 2.5);
  picture.layer("pole").selectAll("line").data([0]).join("line").attr("stroke", "var(--x-muted)")
    .attr("stroke-width", 7).attr("stroke-linecap", "round").attr("x1", cart).attr("y1", hinge)
    .attr("x2", cart + pole * Math.sin(angle)).attr("y2", hinge - pole * Math.cos(angle));
  picture.layer("hinge").selectAll("circle").data([0]).join("circle").attr("r", 3.5)
    .attr("fill", "var(--x-paper)").attr("cx", cart).attr("cy", hinge);
  drawPush(picture, { cart, y: ground - 17, right: demo.right, foot: height - 12, middle });
  const caption = demo.fell ? `fell after ${demo.steps} steps` : String(demo);
  picture.layer("caption").selectAll("text").data([caption]).join("text").attr("x", middle)
    .attr("y", 12).attr("text-anchor", "middle").attr("class", "x-muted").text(String);
}

/**
 * The mean push as an arrow beside the cart; below, the two probabilities as a bar.
 * @param {ReturnType<typeof import("../ui/draw.js").picture>} picture
 * @param {{ cart: number, y: number, right: number, foot: number, middle: number }} at
 */
function drawPush(picture, { cart, y, right, foot, middle }) {
  const side = right >= 0.5 ? 1 : -1, length = Math.abs(2 * right - 1) * 38;
  const tail = cart + side * 32, head = tail + side * (length + 4), wing = head - side * 7;
  const push = picture.layer("push").attr("class", category(1));
  const arrow = `M${tail},${y}H${head}M${wing},${y - 6}L${head},${y}L${wing},${y + 6}`;
  push.selectAll("path").data([arrow]).join("path")
   .attr("class", "x-stroke").attr("stroke-width", 3).attr("d", String)
    .attr("opacity", Math.min(1, length / 8));
  const half = 70, split = middle + half - 2 * half * right;
  push.selectAll("rect").data([
    { from: middle - half, to: split - 1, opacity: 0.4 },
    { from: split + 1, to: middle + half, opacity: 1 },
  ]).join("rect").attr("class", "x-fill").attr("y", foot - 9).attr("height", 8).attr("rx", 2)
    .attr("x", (d) => d.from).attr("width", (d) => Math.max(0, d.to - d.from))
    .attr("opacity", (d) => d.opacity);
  push.selectAll("text").data([
    { x: middle - half - 9, anchor: "end", text: `← ${Math.round(100 * (1 - right))} %` },
    { x: middle + half + 9, anchor: "start", text: `${Math.round(100 * right)} % →` },
  ]).join("text").attr("class", "x-term").attr("y", foot).attr("x", (d) => d.x)
    .attr("text-anchor", (d) => d.anchor).text((d) => d.text);
}
