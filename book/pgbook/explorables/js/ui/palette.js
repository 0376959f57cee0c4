/** The book's palette as CSS: the same shades as the page's, also where there is no page of ours. */

import palette from "../../../palette.json";

/** @typedef {keyof typeof palette} Term */

export { palette };

/** The colour of a term as a CSS value. @param {Term} term */
export const colour = (term) => `var(--pg-${term})`;

/** @param {"light" | "dark"} theme @returns {string} declarations */
export function shades(theme) {
  return Object.entries(palette).map(([name, term]) => `--pg-${name}:${term[theme]};`).join("");
}
