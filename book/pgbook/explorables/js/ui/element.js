/**
 * The base of every explorable: a custom element with validated properties that paints at most once
 * a frame. It lives in the light DOM, so that the page's coloured terms and its labels reach it.
 */

import { expected, fits, kebab, parse } from "./properties.js";
import { ensureStyle } from "./style.js";
import { watchTheme } from "./theme.js";

/** @typedef {import("./properties.js").Property} Property */
/** @typedef {import("./properties.js").Value} Value */

const REST = 700; // ms without a change before it is told

const Base = /** @type {typeof HTMLElement} */ (globalThis.HTMLElement ?? class {});

export class PgElement extends Base {
  /** Its name in HTML. */
  static tag = "";
  /** What a screen reader calls it. */
  static label = "";
  /** @type {Record<string, Property>} */
  static properties = {};

  static get observedAttributes() {
    return Object.keys(this.properties).map(kebab);
  }

  constructor() {
    super();
    const { properties } = this.kind;
    /** @type {Record<string, Value>} */
    this.values = Object.fromEntries(Object.entries(properties).map(([k, p]) => [k, p.initial]));
    /** @type {Record<string, Value>} what reset goes back to */
    this.first = {};
    /** @type {Map<string, string>} property -> what is wrong with it */
    this.problems = new Map();
    /** Width in CSS pixels. */
    this.width = 0;
    this.frame = 0;
    this.running = false;
    this.onScreen = true;
    this.lastFrame = 0;
    this.life = new AbortController();
    /** @type {ReturnType<typeof import("./guess.js").guess> | undefined} what the reader may guess first */
    this.guess = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} a timer: what was changed is told when the hand rests */
    this.resting = undefined;
    /** @type {Set<() => void>} brings controls in step with properties, before each paint */
    this.followers = new Set();
  }

  /** @returns {typeof PgElement} */
  get kind() {
    return /** @type {typeof PgElement} */ (this.constructor);
  }

  /** Ends when the element leaves the page: pass it to every listener. */
  get signal() {
    return this.life.signal;
  }

  get reducedMotion() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  // --- for subclasses -------------------------------------------------------------------------

  /** Make the parts, once, inside `body`. @param {HTMLElement} _body */
  build(_body) {}

  /** Make the parts anew: what they are made from has changed. */
  rebuild() {
    if (!this.body) return;
    this.body.replaceChildren();
    this.followers.clear();
    this.build(this.body);
  }

  /** Draw everything from the properties. Called at most once a frame. */
  paint() {}

  /** One frame of something that moves, after `start()`. @param {number} _ms since the last one */
  tick(_ms) {}

  /** A property has a new value. @param {string} _name */
  changed(_name) {}

  /** Forget what is not a property (samples drawn, runs made). */
  forget() {}

  // --- properties -----------------------------------------------------------------------------

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    const property = this.kind.properties[name];
    if (!fits(property, value)) {
      const came = typeof value === "string" ? `“${value.slice(0, 40)}”` : String(value);
      this.problems.set(name, `${kebab(name)}: expected ${expected(property)}, got ${came}`);
      this.invalidate();
      return;
    }
    const known = !this.problems.delete(name) && Object.is(this.values[name], value);
    if (known) return;
    this.values[name] = /** @type {Value} */ (value);
    if (this.isConnected) this.reflect(name);
    this.changed(name);
    this.invalidate();
    this.dispatchEvent(new CustomEvent("pg-change", { detail: { name, value } }));
  }

  /** @param {string} name */
  reflect(name) {
    const text = String(this.values[name]);
    if (this.getAttribute(kebab(name)) !== text) this.setAttribute(kebab(name), text);
  }

  /** @param {string} attribute @param {string | null} _old @param {string | null} text */
  attributeChangedCallback(attribute, _old, text) {
    const { properties } = this.kind;
    const name = Object.keys(properties).find((key) => kebab(key) === attribute);
    if (!name) return;
    this.set(name, text === null ? properties[name].initial : parse(properties[name], text));
  }

  /** Back to how it opened. */
  reset() {
    this.forget();
    this.guess?.close();
    for (const [name, value] of Object.entries(this.first)) this.set(name, value);
    this.invalidate();
  }

  // --- life -----------------------------------------------------------------------------------

  connectedCallback() {
    this.life = new AbortController();
    this.first = { ...this.values };
    ensureStyle(this.getRootNode());
    this.classList.add("pg-x");
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", this.kind.label);
    this.alert = document.createElement("p");
    this.alert.setAttribute("role", "alert");
    this.alert.hidden = true;
    this.body = document.createElement("div");
    this.body.className = "pg-x-body";
    this.body.hidden = true; // what stood here keeps its room until the first picture is drawn
    this.said = document.createElement("p");
    this.said.className = "x-said";
    this.said.setAttribute("role", "status");
    this.append(this.alert, this.body);
    this.followers.clear();
    this.build(this.body);
    this.watch();
    this.tellChanges(this.body, this.said);
    this.invalidate();
  }

  disconnectedCallback() {
    this.life.abort();
    clearTimeout(this.resting);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  /**
   * Say the picture in words once the hand rests, for those who hear the page. What moves by itself
   * is silent. @param {HTMLElement} body @param {HTMLElement} said
   */
  tellChanges(body, said) {
    const tell = () => {
      const labels = [...body.querySelectorAll("svg")].map((svg) => svg.getAttribute("aria-label"));
      said.textContent = labels.join(" ");
    };
    for (const what of ["input", "change", "click"]) {
      body.addEventListener(what, () => {
        clearTimeout(this.resting);
        this.resting = setTimeout(tell, REST);
      }, { signal: this.signal });
    }
  }

  /** Watch width, theme and whether anyone can see it. */
  watch() {
    // One call may bring several entries, the newest last.
    const sizes = new ResizeObserver((entries) => {
      for (const { contentRect: { width } } of entries.slice(-1)) {
        if (width === this.width) return;
        this.width = width;
        this.invalidate();
      }
    });
    sizes.observe(this);
    const screen = new IntersectionObserver((entries) => {
      for (const entry of entries) this.onScreen = entry.isIntersecting;
      this.invalidate();
    }, { rootMargin: "100px" });
    screen.observe(this);
    document.addEventListener("visibilitychange", () => this.invalidate(), { signal: this.signal });
    this.signal.addEventListener("abort", () => [sizes, screen].forEach((o) => o.disconnect()));
    watchTheme(this.signal, (theme) => {
      this.dataset.pgTheme = theme;
      this.invalidate();
    });
  }

  /** Whether frames may run: off screen and in a hidden tab they rest. */
  get awake() {
    return this.onScreen && !document.hidden && this.isConnected;
  }

  /** Call `tick` every frame from now on. */
  start() {
    this.running = true;
    this.lastFrame = 0;
    this.invalidate();
  }

  stop() {
    this.running = false;
  }

  /** Paint in the next frame. */
  invalidate() {
    if (this.frame || !this.isConnected) return;
    this.frame = requestAnimationFrame((now) => this.onFrame(now));
  }

  /** @param {number} now */
  onFrame(now) {
    this.frame = 0;
    if (!this.alert || !this.body || !this.width) return;
    try {
      if (this.problems.size === 0) {
        const ms = this.lastFrame ? Math.min(now - this.lastFrame, 100) : 16;
        if (this.running && this.awake) this.tick(ms);
        this.followers.forEach((follow) => follow());
        this.paint();
      }
      this.say([...this.problems.values()].join(". "));
    } catch (error) {
      this.stop();
      this.say(`This figure stopped: ${error instanceof Error ? error.message : error}`);
      reportError(error);
    }
    this.lastFrame = now;
    if (this.running && this.awake && this.problems.size === 0) this.invalidate();
    else this.lastFrame = 0;
  }

  /** Show a message in place of the figure; none shows the figure. @param {string} message */
  say(message) {
    if (!this.alert || !this.body) return;
    const said = /** @type {HTMLElement} */ (this.said), first = said.parentNode !== this;
    if (!first && this.alert.textContent === message) return;
    if (first) this.replaceChildren(this.alert, this.body, said);
    this.alert.textContent = message;
    this.alert.hidden = !message;
    this.body.hidden = Boolean(message);
  }
}

/**
 * Give the properties their accessors and register the element, unless it is registered already (in
 * Jupyter every widget brings the bundle again).
 * @param {typeof PgElement} Kind
 */
export function define(Kind) {
  if (!globalThis.customElements || customElements.get(Kind.tag)) return;
  for (const name of Object.keys(Kind.properties)) {
    Object.defineProperty(Kind.prototype, name, {
      get() {
        return this.values[name];
      },
      set(value) {
        this.set(name, value);
      },
    });
  }
  customElements.define(Kind.tag, Kind);
}
