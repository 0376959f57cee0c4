/** The book's palettes as CSS: the same shades as the page's, also where there is no page of ours. */

import categories from "../../../categories.json";
import palette from "../../../palette.json";

/** @typedef {keyof typeof palette} Term */

export { categories, palette };

/** @param {"light" | "dark"} theme @returns {string} declarations */
export function shades(theme) {
  const terms = Object.entries(palette).map(([name, term]) => `--pg-${name}:${term[theme]};`);
  return [...terms, ...categories.map((one, i) => `--pg-cat-${i}:${one[theme]};`)].join("");
}
