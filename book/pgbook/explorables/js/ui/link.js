/** A setting in a page's address: `#pg-name?property=value&…`, what differs from how it opened. */

import { fits, kebab, parse } from "./properties.js";

/** @typedef {import("./element.js").PgElement} PgElement */

/** The address' last part for an element's setting. @param {PgElement} el */
export function hashOf(el) {
  const changed = Object.entries(el.values).filter(([name, value]) => value !== el.first[name]);
  const query = new URLSearchParams(changed.map(([name, value]) => [kebab(name), String(value)]));
  return `#${el.kind.tag}?${query}`;
}

/**
 * Put the setting into the address, and the address on the clipboard if the browser lets us.
 * @param {PgElement} el @returns {Promise<string>} what happened, in words
 */
export async function copyLink(el) {
  history.replaceState(history.state, "", hashOf(el));
  try {
    await navigator.clipboard.writeText(location.href);
    return "Copied.";
  } catch {
    return "The link is in the address bar.";
  }
}

/** Take the setting from the address, if it is of this element; what does not fit is left out.
 * @param {PgElement} el */
export function fromLink(el) {
  const [tag, query] = location.hash.slice(1).split("?");
  if (tag !== el.kind.tag || !query) return;
  const given = new URLSearchParams(query);
  for (const [name, property] of Object.entries(el.kind.properties)) {
    const text = given.get(kebab(name)), value = text === null ? null : parse(property, text);
    if (fits(property, value)) el.set(name, value);
  }
  document.documentElement.classList.add("pg-whole"); // the page lays out all that is above
  el.scrollIntoView({ block: "start" });
}
