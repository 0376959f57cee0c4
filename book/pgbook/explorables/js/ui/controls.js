/** Controls bound to an element's properties: both follow each other. Labels are real labels. */

/** @typedef {import("./element.js").PgElement} PgElement */
/** @typedef {import("./properties.js").NumberProperty} NumberProperty */
/** @typedef {import("./properties.js").ChoiceProperty} ChoiceProperty */

let names = 0;

/**
 * An HTML element with properties and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [given]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, given = {}, ...children) {
  const element = Object.assign(document.createElement(tag), given);
  element.append(...children);
  return element;
}

/**
 * Where a slider's value is written. No `<output>`: a label names the first control inside it, and
 * that would be one. Hidden from screen readers, which hear the value from the slider itself. It keeps
 * room for the widest of its texts, so that nothing moves while one drags. @param {string[]} texts
 */
export function valueShown(texts) {
  const shown = h("span", { className: "x-value", ariaHidden: "true" });
  shown.dataset.widest = widest(texts);
  return shown;
}

/** The longest of a few texts: what a place keeps room for. @param {string[]} texts */
const widest = (texts) => texts.reduce((most, each) => each.length > most.length ? each : most, "");

/**
 * A range input. On a logarithmic one equal ways are equal ratios, rounded to 2 digits.
 * @param {PgElement} el
 * @param {string} name of a number or integer property
 * @param {{ label: string, step?: number, log?: boolean, format?: (value: number) => string }} options
 */
export function slider(el, name, { label, step = 1, log = false, format = String }) {
  const property = /** @type {NumberProperty} */ (el.kind.properties[name]);
  const { min, max } = property;
  const input = h("input", { type: "range", min, max, step });
  if (log) Object.assign(input, { min: 0, max: 100, step: 1 });
  input.dataset.lmSuppressShortcuts = "true";
  input.dataset.pg = name;
  /** @param {number} at */
  const toValue = (at) => {
    const value = Number((min * (max / min) ** (at / 100)).toPrecision(2));
    const whole = property.type === "integer" ? Math.round(value) : value;
    return Math.min(max, Math.max(min, whole));
  };
  const places = Math.round((Number(input.max) - Number(input.min)) / Number(input.step));
  const shown = valueShown(Array.from({ length: places + 1 }, (_, i) => {
    const at = Number(input.min) + i * Number(input.step);
    return format(log ? toValue(at) : Number(at.toFixed(9)));
  }));
  input.addEventListener("input", () => {
    el.set(name, log ? toValue(Number(input.value)) : Number(input.value));
  }, { signal: el.signal });
  el.followers.add(() => {
    const value = Number(el.values[name]);
    const same = log ? toValue(Number(input.value)) === value : Number(input.value) === value;
    const at = log ? (100 * Math.log(value / min)) / Math.log(max / min) : value;
    if (!same) input.value = String(at);
    const low = Number(input.min), high = Number(input.max);
    input.style.setProperty("--x-at", `${(100 * (Number(input.value) - low)) / (high - low)}%`);
    shown.textContent = format(value);
    input.setAttribute("aria-valuetext", format(value));
  });
  return h("label", { className: "x-slider" }, h("span", {}, label), shown, input);
}

/**
 * One of a few, as radio buttons.
 * @param {PgElement} el
 * @param {string} name of a choice property
 * @param {{ label: string, names: Record<string, string> }} options what each choice is called
 */
export function choices(el, name, { label, names: called }) {
  const property = /** @type {ChoiceProperty} */ (el.kind.properties[name]);
  const group = `pg-x-${++names}`;
  const inputs = property.choices.map((value) => {
    const input = h("input", { type: "radio", name: group, value });
    input.dataset.lmSuppressShortcuts = "true";
    input.dataset.pg = name;
    input.addEventListener("change", () => el.set(name, value), { signal: el.signal });
    return input;
  });
  el.followers.add(() => inputs.forEach((input) => {
    input.checked = input.value === el.values[name];
  }));
  const labels = inputs.map((input) => h("label", {}, input, called[input.value] ?? input.value));
  return h("fieldset", {}, h("legend", {}, label), ...labels);
}

/**
 * One of many, as a menu.
 * @param {PgElement} el
 * @param {string} name of a choice property
 * @param {{ label: string, names: Record<string, string> }} options what each choice is called
 */
export function menu(el, name, { label, names: called }) {
  const property = /** @type {ChoiceProperty} */ (el.kind.properties[name]);
  const options = property.choices.map((value) => h("option", { value }, called[value] ?? value));
  const select = h("select", {}, ...options);
  select.dataset.lmSuppressShortcuts = "true";
  select.dataset.pg = name;
  select.addEventListener("change", () => el.set(name, select.value), { signal: el.signal });
  el.followers.add(() => {
    select.value = String(el.values[name]);
  });
  return h("label", { className: "x-menu" }, h("span", {}, label), select);
}

/**
 * One of many, typed: what is no choice yet is left alone until the hand goes elsewhere.
 * @param {PgElement} el
 * @param {string} name of a choice property whose choices are equally long
 * @param {string} label what to type
 */
export function typed(el, name, label) {
  const { choices: known } = /** @type {ChoiceProperty} */ (el.kind.properties[name]);
  const input = h("input", { type: "text", inputMode: "numeric", maxLength: known[0].length,
    autocomplete: "off", spellcheck: false });
  input.dataset.lmSuppressShortcuts = "true";
  input.dataset.pg = name;
  /** @type {unknown} what the input was last given */
  let last;
  const restore = () => {
    last = el.values[name];
    if (input.value !== last) input.value = String(last);
    input.removeAttribute("aria-invalid");
  };
  input.addEventListener("focus", () => input.select(), { signal: el.signal });
  input.addEventListener("mousedown", (event) => {
    event.preventDefault(); // a click takes all of it, where it would place a caret
    input.focus();
    input.select();
  }, { signal: el.signal });
  input.addEventListener("input", () => {
    if (!known.includes(input.value)) input.setAttribute("aria-invalid", "true");
    else {
      el.set(name, input.value);
      input.select(); // what is typed next takes its place
    }
  }, { signal: el.signal });
  input.addEventListener("blur", restore, { signal: el.signal });
  el.followers.add(() => {
    if (el.values[name] !== last || known.includes(input.value)) restore();
  });
  return h("label", { className: "x-typed" }, h("span", {}, label), input);
}

/**
 * A switch for a boolean property.
 * @param {PgElement} el
 * @param {string} name
 * @param {string} label
 */
export function toggle(el, name, label) {
  const input = h("input", { type: "checkbox" });
  input.dataset.pg = name;
  input.addEventListener("change", () => el.set(name, input.checked), { signal: el.signal });
  el.followers.add(() => {
    input.checked = Boolean(el.values[name]);
  });
  return h("label", { className: "x-toggle" }, input, label);
}

/**
 * A line of words that change: it keeps room for each of the samples, however they wrap.
 * @param {HTMLElement} line @param {string[]} samples texts as long as its words get
 */
export function steady(line, samples) {
  const ghosts = samples.map((text) => {
    const ghost = h("span", { className: "x-ghost", ariaHidden: "true" });
    ghost.dataset.text = text;
    return ghost;
  });
  return h("div", { className: "x-steady" }, line, ...ghosts);
}

/**
 * What few readers need, folded away until it is asked for.
 * @param {string} title @param {(Node | string)[]} children
 */
export function onRequest(title, ...children) {
  return h("details", { className: "x-more" }, h("summary", {}, title),
    h("div", { className: "x-controls" }, ...children));
}

/**
 * @param {PgElement} el
 * @param {string} text
 * @param {() => void} act
 * @param {string} [className]
 */
export function button(el, text, act, className = "") {
  const made = h("button", { type: "button", className }, text);
  made.addEventListener("click", act, { signal: el.signal });
  return made;
}

/** @param {PgElement} el */
export function resetButton(el) {
  return button(el, "Reset", () => el.reset(), "x-reset");
}

/**
 * Numbers over the figure: name -> what to call it, the class of its colour, and the widest
 * text that it will show, for which it keeps room.
 * @param {Record<string, { label: string, widest: string, className?: string }>} entries
 */
export function readouts(entries) {
  /** @type {Record<string, HTMLElement>} */
  const values = {};
  const rows = Object.entries(entries).map(([name, { label, widest: room, className = "" }]) => {
    values[name] = h("dd", { className });
    Object.assign(values[name].dataset, { pgValue: name, widest: room });
    return h("div", {}, h("dt", {}, label), values[name]);
  });
  const list = h("dl", { className: "x-readouts" }, ...rows);
  /** @param {Record<string, string>} texts */
  const show = (texts) => {
    for (const [name, text] of Object.entries(texts)) {
      if (values[name].textContent !== text) values[name].textContent = text;
    }
  };
  return { list, show };
}
