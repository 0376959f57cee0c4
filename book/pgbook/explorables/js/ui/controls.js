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
 * that would be one. Hidden from screen readers, which hear the value from the slider itself.
 */
export function valueShown() {
  return h("span", { className: "x-value", ariaHidden: "true" });
}

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
  const shown = valueShown();
  /** @param {number} at */
  const toValue = (at) => {
    const value = Number((min * (max / min) ** (at / 100)).toPrecision(2));
    const whole = property.type === "integer" ? Math.round(value) : value;
    return Math.min(max, Math.max(min, whole));
  };
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
 * Numbers under the figure: name -> what to call it, and the class of its colour.
 * @param {Record<string, { label: string, className?: string }>} entries
 */
export function readouts(entries) {
  /** @type {Record<string, HTMLElement>} */
  const values = {};
  const rows = Object.entries(entries).map(([name, { label, className = "" }]) => {
    values[name] = h("dd", { className });
    values[name].dataset.pgValue = name;
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
