/**
 * Chapter 6: the sampling distribution of ĝ. Left, two components of the estimates of many batches
 * around the exact gradient, with the ellipse that Σ/N gives. Right, the error against N: an exact
 * line, and a measured dot for each N. A switch repeats a few trajectories instead of drawing N.
 */

import { Batches, CHI, logSlope, moments, voters, votes } from "../engine/estimator.js";
import { softmaxPolicy } from "../engine/mdp.js";
import { RANDOM_THETA, RANDOM_WORLD } from "../engine/worlds.js";
import { button, h, readouts, resetButton, slider, toggle } from "../ui/controls.js";
import { category, fixed, grouped, MARGIN, picture } from "../ui/draw.js";
import { PgElement } from "../ui/element.js";
import { boolean, integer } from "../ui/properties.js";
import { drawCloud, drawErrors, MOST } from "./estimator-chart.js";

const SIZES = [1, 3, 10, 30, 100, 300, MOST]; // N with a dot, beside the slider's own
const SHOWN = [0, 6]; // the first action in state 0: at step 0, and at step 1
const DISTINCT = 4; // trajectories that the switch repeats
const BUDGET = 8; // milliseconds of sampling in a frame

/** What does not change. */
function known() {
  const all = votes(RANDOM_WORLD, softmaxPolicy(RANDOM_WORLD, RANDOM_THETA));
  const { mean, covariance, trace } = moments(all), D = all.size, [i, j] = SHOWN;
  return {
    voters: voters(all, mean, RANDOM_WORLD.horizon * RANDOM_WORLD.actions),
    sigma: Math.sqrt(trace), length: Math.hypot(...mean), centre: [mean[i], mean[j]],
    xx: covariance[i * D + i], xy: covariance[i * D + j], yy: covariance[j * D + j],
  };
}
/** @typedef {ReturnType<typeof known>} Facts */
/** @type {Facts | null} */
let facts = null;
const fact = () => facts ??= known(); // computed when the first one is drawn

/** The share of the estimates within the ellipse that Σ/N gives, and its standard error, in per
 * cent. @param {Batches} batches */
function shareInside({ drawn, N }) {
  const { xx, xy, yy, centre } = fact(), area = xx * yy - xy * xy;
  const inside = drawn.filter(([a, b]) => {
    const x = a - centre[0], y = b - centre[1];
    return (N * (yy * x * x - 2 * xy * x * y + xx * y * y)) / area < CHI;
  });
  const share = inside.length / drawn.length;
  const error = Math.sqrt((share * (1 - share)) / drawn.length);
  return `${fixed(100 * share, 0)} ± ${fixed(100 * error, 1)} %`;
}

export class Estimator extends PgElement {
  static tag = "pg-estimator";
  static label = "Explorable: the estimator around the exact gradient";
  static properties = {
    episodes: integer(10, 1, MOST),
    batches: integer(200, 100, 1000),
    repeat: boolean(false),
    magnify: boolean(false),
  };

  /** @type {Map<string, Batches>} */
  drawn = new Map();

  /** @param {HTMLElement} body */
  build(body) {
    this.numbers = readouts({
      exact: { label: "exact error σ/√N", widest: "0.000", className: category(1) },
      measured: { label: "measured", widest: "0.000", className: category(0) },
      inside: { label: "in the ellipse", widest: "00.0 ± 0.0 %" },
      slope: { label: "slope of the dots from N = 10", widest: "−0.00" },
    });
    const figure = h("div");
    this.picture = picture(figure);
    const more = button(this, "Draw 100 more of each", () => {
      this.set("batches", Math.min(1000, Number(this.values.batches) + 100));
    }, "x-main");
    this.followers.add(() => {
      more.disabled = this.values.batches === 1000;
    });
    const toggles = h("div", { className: "x-row" },
      toggle(this, "repeat", `Repeat the same ${DISTINCT} trajectories, N / ${DISTINCT} times`),
      toggle(this, "magnify", "Enlarge the cloud by √N"));
    toggles.style.columnGap = "1.5rem";
    body.append(this.numbers.list, figure, h("div", { className: "x-controls" },
      slider(this, "episodes", { label: "N: trajectories", log: true, format: grouped }),
      slider(this, "batches", { label: "Batches of each size", step: 100, format: grouped }),
      toggles,
      h("div", { className: "x-row" }, more, resetButton(this)),
    ));
    this.start();
  }

  /** @param {string} name */
  changed(name) {
    if (name !== "magnify") this.start();
  }

  forget() {
    this.drawn.clear();
    this.start();
  }

  /** The batches of that size. @param {number} N */
  of(N) {
    const distinct = this.values.repeat ? DISTINCT : Infinity, key = `${N} of ${distinct}`;
    const found = this.drawn.get(key) ?? new Batches(fact().voters, N, { distinct, show: SHOWN });
    this.drawn.set(key, found);
    return found;
  }

  /** Sizes that still lack batches, the slider's first. */
  get missing() {
    const wanted = Number(this.values.batches);
    return [Number(this.values.episodes), ...SIZES].map((N) => this.of(N))
      .filter(({ drawn }) => drawn.length < wanted);
  }

  get done() {
    return this.missing.length === 0;
  }

  tick() {
    const end = performance.now() + BUDGET, wanted = Number(this.values.batches);
    for (const batches of this.missing) {
      while (batches.drawn.length < wanted && performance.now() < end) batches.draw();
    }
    if (this.done) this.stop();
  }

  paint() {
    const N = Number(this.values.episodes), own = this.of(N), { sigma } = fact();
    const wanted = Number(this.values.batches);
    const dots = SIZES.map((size) => this.of(size)).filter(({ drawn }) => drawn.length)
      .map((batches) => ({ x: batches.N, y: batches.error }));
    const tail = dots.filter(({ x }) => x >= 10), exact = sigma / Math.sqrt(N);
    this.numbers?.show({
      exact: fixed(exact, 3),
      measured: own.drawn.length ? fixed(own.error, 3) : "…",
      inside: own.drawn.length ? shareInside(own) : "…",
      slope: tail.length > 3 ? fixed(logSlope(tail), 2) : "…",
    });
    const says = `${Math.min(wanted, own.drawn.length)} estimates from ${N} trajectories each ` +
      `around the exact gradient. Exact error ${fixed(exact, 3)}, measured ${fixed(own.error, 3)}.`;
    const narrow = this.width < 600, gap = 50, top = 34;
    const side = narrow ? this.width - MARGIN - 8 : Math.round((this.width - gap) * 0.48 - MARGIN);
    const height = narrow ? 2 * side + 120 : side + 84;
    const scene = /** @type {ReturnType<typeof picture>} */ (this.picture);
    scene.size(this.width, height, says);
    const cloud = { x0: MARGIN, x1: MARGIN + side, y0: top, y1: top + side };
    drawCloud(scene, cloud, own, fact(), Boolean(this.values.magnify));
    const x0 = narrow ? MARGIN : 2 * MARGIN + side + gap, y0 = narrow ? top + side + 84 : top;
    const errors = { x0, x1: this.width - 22, y0, y1: height - 50 };
    drawErrors(scene, errors, dots, own, fact(), Boolean(this.values.repeat));
  }
}
