/** The explorables' style, put into a page once. In the book it follows the page's variables. */

import { categories, palette, shades } from "./palette.js";
import rules from "./explorables.css";

const terms = Object.entries(palette).map(([name, { tex }]) =>
  `.pg-x .tc-${tex}{color:var(--pg-${name})}` +
  `[data-lit]:not([data-lit=${name}]) .pg-x svg .tc-${tex}{opacity:.2}`);
const others = categories.map((_, i) => `.pg-x .cat-${i}{color:var(--pg-cat-${i})}`);

/** @param {Node} root a document or a shadow root */
export function ensureStyle(root) {
  const place = root instanceof ShadowRoot ? root : document.head;
  if (place.querySelector("style[data-pg-x]")) return;
  const style = document.createElement("style");
  style.dataset.pgX = "";
  style.textContent = `.pg-x{${shades("light")}}.pg-x[data-pg-theme=dark]{${shades("dark")}}` +
    rules + [...terms, ...others].join("");
  place.append(style);
}
