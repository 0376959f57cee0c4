/** What a reader has done: kept in the browser, exported, imported, forgotten. */

/** @typedef {{ tries: number, right: boolean, last: string }} State */
/** @typedef {Record<string, State>} Done exercise or question, "9.b", to what was done */

const KEY = "pg-progress-1"; // the number of the format
const ID = /^(\d+|[A-Z])\.(\d+|[a-z])$/;
/** Where the browser keeps nothing, it is kept as long as the page is open. @type {Done} */
let here = {};

/** Read a text that holds progress; what does not is thrown as an error that says so.
 * @param {string} text @returns {Done} */
export const parsed = (text) => {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Error("This is no file of progress: expected JSON.");
  }
  const done = found?.format === KEY && found.done;
  if (!done || typeof done !== "object" || Array.isArray(done)) {
    throw new Error(`This is no file of progress: expected the format ${KEY}.`);
  }
  for (const [id, state] of Object.entries(done)) {
    if (!ID.test(id) || typeof state?.right !== "boolean" || typeof state.last !== "string" ||
      !Number.isInteger(state.tries) || state.tries < 0) {
      throw new Error(`This file is damaged: its entry “${id.slice(0, 20)}” cannot be read.`);
    }
  }
  return done;
};

/** Progress as a text. @param {Done} done */
export const written = (done) => JSON.stringify({ format: KEY, done }, null, 1);

/** @returns {Done} */
export const load = () => {
  try {
    return parsed(localStorage.getItem(KEY) ?? written(here));
  } catch {
    return here;
  }
};

/** Keep it; gives whether the browser does. @param {Done} done */
export const keep = (done) => {
  here = done;
  try {
    localStorage.setItem(KEY, written(done));
    return true;
  } catch {
    return false;
  }
};

/** Note what was done. @param {string} id @param {Partial<State>} state */
export const note = (id, state) => {
  const done = load();
  return keep({ ...done, [id]: { ...(done[id] ?? { tries: 0, right: false, last: "" }), ...state } });
};

/** Forget one. @param {string} id */
export const drop = (id) => {
  const { [id]: _, ...rest } = load();
  return keep(rest);
};

/** Both together: what is right stays right, else what was tried more often stands.
 * @param {Done} own @param {Done} other @returns {Done} */
export const merged = (own, other) => {
  const all = { ...own };
  for (const [id, state] of Object.entries(other)) {
    const had = all[id];
    const more = !had || (state.right === had.right ? state.tries > had.tries : state.right);
    if (more) all[id] = state;
  }
  return all;
};
