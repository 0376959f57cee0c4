/**
 * What an explorable can be set to: validated properties, each also an attribute in kebab-case and a
 * trait in snake_case. A value that does not fit is refused with what was expected and what came.
 */

/**
 * @typedef {object} NumberProperty
 * @property {"number" | "integer"} type
 * @property {number} initial
 * @property {number} min
 * @property {number} max
 */
/** @typedef {{ type: "choice", initial: string, choices: readonly string[] }} ChoiceProperty */
/** @typedef {{ type: "boolean", initial: boolean }} BooleanProperty */
/** @typedef {{ type: "text", initial: string }} TextProperty */
/** @typedef {NumberProperty | ChoiceProperty | BooleanProperty | TextProperty} Property */
/** @typedef {number | string | boolean} Value */

/** @param {number} initial @param {number} min @param {number} max @returns {NumberProperty} */
export const number = (initial, min, max) => ({ type: "number", initial, min, max });

/** @param {number} initial @param {number} min @param {number} max @returns {NumberProperty} */
export const integer = (initial, min, max) => ({ type: "integer", initial, min, max });

/** @param {string} initial @param {readonly string[]} choices @returns {ChoiceProperty} */
export const choice = (initial, choices) => ({ type: "choice", initial, choices });

/** @param {boolean} initial @returns {BooleanProperty} */
export const boolean = (initial) => ({ type: "boolean", initial });

/** Anything in writing, such as JSON. @param {string} initial @returns {TextProperty} */
export const text = (initial) => ({ type: "text", initial });

/** @param {Property} property @returns {string} what it accepts, in words */
export function expected(property) {
  if (property.type === "choice") return `one of ${property.choices.join(", ")}`;
  if (property.type === "boolean") return "true or false";
  if (property.type === "text") return "text";
  const kind = property.type === "integer" ? "a whole number" : "a number";
  return `${kind} from ${property.min} to ${property.max}`;
}

/** @param {Property} property @param {unknown} value @returns {boolean} */
export function fits(property, value) {
  if (property.type === "choice") return property.choices.includes(String(value));
  if (property.type === "boolean") return typeof value === "boolean";
  if (property.type === "text") return typeof value === "string";
  return typeof value === "number" && value >= property.min && value <= property.max &&
    (property.type === "number" || Number.isInteger(value));
}

/**
 * Read an attribute. Text that is no number stays text, for `fits` to refuse.
 * @param {Property} property
 * @param {string} text
 * @returns {Value}
 */
export function parse(property, text) {
  if (property.type === "choice" || property.type === "text") return text;
  if (property.type === "boolean") return text === "true" || (text === "false" ? false : text);
  return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
}

/** @param {string} name camelCase @returns {string} kebab-case */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** @param {string} name camelCase @returns {string} snake_case */
export const snake = (name) => kebab(name).replaceAll("-", "_");
