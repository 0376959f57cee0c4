/** Light or dark, as the page says: the book, JupyterLab, Colab, else the system. */

/** @returns {"light" | "dark"} */
export function currentTheme() {
  const root = document.documentElement, lab = document.body?.dataset.jpThemeLight;
  const said = root.dataset.theme ?? root.getAttribute("theme");
  if (said === "dark" || said === "light") return said;
  if (lab) return lab === "true" ? "light" : "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/**
 * @param {AbortSignal} signal
 * @param {(theme: "light" | "dark") => void} tell now and on a change
 */
export function watchTheme(signal, tell) {
  const look = () => tell(currentTheme());
  const pages = new MutationObserver(look);
  const attributeFilter = ["data-theme", "theme", "data-jp-theme-light"];
  pages.observe(document.documentElement, { attributeFilter });
  if (document.body) pages.observe(document.body, { attributeFilter });
  signal.addEventListener("abort", () => pages.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look, { signal });
  look();
}
