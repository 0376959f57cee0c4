// @ts-check
/* One figure or derivation alone on the screen, for a lecture: page.html?slide#its-id. Its keys work
   as on the page; Escape, or the button at its end, leads back to it. Without a script the address
   leads there as any other. */
(() => {
  "use strict";
  if (!new URLSearchParams(location.search).has("slide")) return;
  const root = document.documentElement;

  /** The figure with the id, or the moving lines that begin there or are the next after it.
   * @param {string} id @returns {HTMLElement | undefined} */
  const named = (id) => {
    const place = document.getElementById(id);
    if (!place || place.matches(".pg-shown, .pg-lines")) return place ?? undefined;
    const { DOCUMENT_POSITION_FOLLOWING: after } = Node;
    return [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".pg-lines"))].find(
      (walk) => place.compareDocumentPosition(walk) & after,
    );
  };

  const leave = () => location.assign(location.pathname + location.hash);

  const show = () => {
    const slide = named(decodeURIComponent(location.hash.slice(1)));
    document.querySelectorAll(".pg-slide").forEach((old) => old.classList.remove("pg-slide"));
    document.querySelectorAll(".pg-slide-end").forEach((old) => old.remove());
    root.classList.toggle("pg-slides", !!slide);
    if (!slide) return;
    const end = document.createElement("button");
    end.className = "pg-slide-end";
    end.type = "button";
    end.textContent = "Back to the page";
    end.addEventListener("click", leave);
    slide.append(end);
    slide.classList.add("pg-slide");
    const range = /** @type {HTMLElement | null} */ (slide.querySelector("input[type=range]"));
    range?.focus({ preventScroll: true });
  };

  addEventListener("hashchange", show);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("pg-slides")) leave();
  });
  addEventListener("load", show);
})();
