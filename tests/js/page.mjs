/**
 * A page without a browser: the explorables as they are bundled, mounted in jsdom, with a clock, a
 * width and media that the test sets. Each page is a fresh one: nothing is left over from another.
 */

import { build } from "esbuild";
import { JSDOM } from "jsdom";
import { fileURLToPath } from "node:url";

/** @typedef {import("../../book/pgbook/explorables/js/ui/element.js").PgElement} PgElement */

const HOME = fileURLToPath(new URL("../../book/pgbook/explorables/js", import.meta.url));
/** The bundle's entry, and modules that tests call directly. */
const ENTRY = `export * from "./index.js"; export { default } from "./index.js";` +
  ["ui/controls", "ui/guess", "ui/link", "ui/draw", "ui/drag", "ui/element", "ui/properties", "ui/theme", "ui/style",
    "elements/curves", "elements/cartpole_scene", "elements/survey-chart", "elements/demo",
    "elements/reward-text-views"]
    .map((name) => `export * from "./${name}.js";`).join("");
const { outputFiles: [{ text: SOURCE }] } = await build({
  stdin: { contents: ENTRY, resolveDir: HOME }, bundle: true, write: false, format: "iife",
  globalName: "bundle", loader: { ".css": "text" }, charset: "utf8",
});
/** What the bundle takes from a page. */
const TAKEN = [
  "document", "customElements", "HTMLElement", "ShadowRoot", "CustomEvent", "MutationObserver",
  "AbortController", "globalThis", "matchMedia", "ResizeObserver", "IntersectionObserver",
  "requestAnimationFrame", "cancelAnimationFrame", "performance", "reportError", "location",
  "history", "navigator", "setTimeout", "clearTimeout",
];

export class Page {
  constructor({ dark = false, calm = false, url = "https://book.example/page.html" } = {}) {
    const html = "<!doctype html><html><head></head><body></body></html>";
    const { window } = new JSDOM(html, { url });
    this.window = window;
    this.document = window.document;
    this.now = 1000;
    this.width = 720;
    this.media = { "(prefers-color-scheme: dark)": dark, "(prefers-reduced-motion: reduce)": calm };
    /** @type {Map<string, EventTarget & { matches: boolean }>} */
    this.queries = new Map();
    /** @type {Map<number, (now: number) => void>} */
    this.frames = new Map();
    /** @type {Map<number, { due: number, call: () => void }>} */
    this.timers = new Map();
    /** @type {{ kind: string, call: Function, options: any, seen: Element[], on: boolean }[]} */
    this.observers = [];
    /** @type {unknown[]} */
    this.errors = [];
    /** @type {[Element, unknown][]} */
    this.scrolled = [];
    const { scrolled } = this;
    window.Element.prototype.scrollIntoView = function (/** @type {unknown} */ how) {
      scrolled.push([this, how]);
    };
    Object.defineProperty(this.document, "hidden", { configurable: true, get: () => this.hidden });
    this.hidden = false;
    const { observers } = this;
    const watcher = (/** @type {string} */ kind) => class {
      constructor(/** @type {Function} */ call, /** @type {unknown} */ options) {
        this.own = { kind, call, options, seen: /** @type {Element[]} */ ([]), on: true };
        observers.push(this.own);
      }

      observe(/** @type {Element} */ element) {
        this.own.seen.push(element);
      }

      disconnect() {
        this.own.on = false;
      }
    };
    let frames = 0;
    const taken = /** @type {any} */ ({
      ...Object.fromEntries(TAKEN.map((name) => [name, /** @type {any} */ (window)[name]])),
      globalThis: { customElements: window.customElements, HTMLElement: window.HTMLElement },
      matchMedia: (/** @type {string} */ query) => this.query(query),
      ResizeObserver: watcher("size"),
      IntersectionObserver: watcher("view"),
      requestAnimationFrame: (/** @type {(now: number) => void} */ call) => {
        this.frames.set(++frames, call);
        return frames;
      },
      cancelAnimationFrame: (/** @type {number} */ id) => this.frames.delete(id),
      setTimeout: (/** @type {() => void} */ call, /** @type {number} */ ms) => {
        this.timers.set(++frames, { due: this.now + ms, call });
        return frames;
      },
      clearTimeout: (/** @type {number} */ id) => this.timers.delete(id),
      performance: { now: () => this.now += 0.01 },
      reportError: (/** @type {unknown} */ error) => this.errors.push(error),
    });
    const run = new Function(...TAKEN, `${SOURCE}; return bundle;`);
    /** What the modules export; `default` is anywidget's module. */
    this.modules = run(...TAKEN.map((name) => taken[name]));
  }

  /** A media query, one object each. @param {string} query */
  query(query) {
    const known = this.queries.get(query);
    if (known) return known;
    const { media } = this, made = Object.defineProperty(new this.window.EventTarget(), "matches", {
      get: () => media[/** @type {keyof typeof media} */ (query)] ?? false,
    });
    this.queries.set(query, /** @type {any} */ (made));
    return made;
  }

  /**
   * Tell every observer of a kind about an element; what was so before comes first, as it may.
   * @param {string} kind @param {{ isIntersecting?: boolean, contentRect?: { width: number } }} entry
   */
  tell(kind, entry) {
    const { isIntersecting, contentRect } = entry;
    const before = { isIntersecting: !isIntersecting, contentRect: { width: (contentRect?.width ?? 0) + 9 } };
    for (const { call } of this.observers.filter((each) => each.on && each.kind === kind)) {
      call([before, entry]);
    }
  }

  /** A new width for everything. @param {number} width */
  resize(width) {
    this.width = width;
    this.tell("size", { contentRect: { width } });
  }

  /** Let so many frames pass. */
  async frame(count = 1) {
    for (let i = 0; i < count; i++) {
      await Promise.resolve(); // mutation observers
      const due = [...this.frames.values()];
      this.frames.clear();
      this.now += 16;
      due.forEach((call) => call(this.now));
      for (const [id, timer] of this.timers) {
        if (timer.due > this.now) continue;
        this.timers.delete(id);
        timer.call();
      }
    }
  }

  /** Frames until nothing moves, `most` of them at most. */
  async rest(most = 400) {
    await this.frame(2);
    for (let i = 0; i < most && this.frames.size; i++) await this.frame();
  }

  /** Put an element on the page. @param {string} tag @param {Record<string, unknown>} [given] */
  mount(tag, given = {}) {
    const element = /** @type {PgElement} */ (this.document.createElement(tag));
    for (const [name, value] of Object.entries(given)) element.setAttribute(name, String(value));
    this.document.body.append(element);
    this.resize(this.width);
    return element;
  }
}

/** What is shown under a name of the readouts. @param {Element} element @param {string} name */
export const readout = (element, name) =>
  element.querySelector(`[data-pg-value="${name}"]`)?.textContent;

/** All numbers in view. @param {Element} element */
export const readouts = (element) => Object.fromEntries(
  [...element.querySelectorAll("[data-pg-value]")]
    .map((each) => [/** @type {HTMLElement} */ (each).dataset.pgValue, each.textContent]));
