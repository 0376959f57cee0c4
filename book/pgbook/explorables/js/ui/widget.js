/** The same elements as Jupyter widgets: traits and properties follow each other (anywidget). */

import { kebab, snake } from "./properties.js";
/** @typedef {import("./element.js").PgElement} PgElement */

/**
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, call: () => void) => void} on
 * @property {(event: string, call: () => void) => void} off
 */

/** @param {{ model: Model, el: HTMLElement, signal?: AbortSignal }} context */
export function render({ model, el, signal }) {
  const element = /** @type {PgElement} */ (document.createElement(model.get("_element")));
  const names = Object.keys(element.kind.properties);
  const calls = names.map((name) => {
    const take = () => element.set(name, model.get(snake(name)));
    take();
    model.on(`change:${snake(name)}`, take);
    return /** @type {const} */ ([`change:${snake(name)}`, take]);
  });
  let waiting = false;
  element.addEventListener("pg-change", (event) => {
    const { name, value } = /** @type {CustomEvent} */ (event).detail;
    if (model.get(snake(name)) === value) return;
    model.set(snake(name), value);
    if (waiting) return;
    waiting = true; // one message a frame, however fast the slider moves
    requestAnimationFrame(() => {
      waiting = false;
      model.save_changes();
    });
  });
  for (const name of names) element.setAttribute(kebab(name), String(element.values[name]));
  el.replaceChildren(element);
  const end = () => {
    for (const [name, call] of calls) model.off(name, call);
    element.remove();
  };
  signal?.addEventListener("abort", end);
  return end;
}
