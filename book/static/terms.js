/* Light up coloured terms, and let the keyboard reach what scrolls. No module: pages open from
   disk too. The class of a term, tc-<its colour's name in TeX>, links it to the legend. */
(() => {
  "use strict";
  const root = document.documentElement;

  // A box that scrolls must be reachable by keyboard; one that does not must not be a stop.
  const boxes = new ResizeObserver((entries) => entries.forEach((e) => stop(e.target)));
  const stop = (target) => {
    const box = target.closest("[data-scroll]");
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", box.dataset.scroll);
    } else {
      ["tabindex", "role", "aria-label"].forEach((name) => box.removeAttribute(name));
    }
  };
  const watch = (selector, label) =>
    document.querySelectorAll(selector).forEach((box) => {
      box.dataset.scroll = label;
      boxes.observe(box);
      const inside = box.querySelector(".katex-html, svg, table");
      if (inside) boxes.observe(inside);
    });

  const legends = () => {
    const buttons = [...document.querySelectorAll(".pg-legend button")];
    const meaning = document.querySelector(".pg-legend-meaning");
    const rest = meaning ? meaning.textContent : "";
    const names = new Map(buttons.map((b) => [`tc-${b.dataset.tex}`, b.dataset.term]));
    let pressed = null;

    const show = (name) => {
      if (name) root.dataset.lit = name;
      else delete root.dataset.lit;
    };
    const press = (button) => {
      pressed = pressed === button.dataset.term ? null : button.dataset.term;
      buttons.forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.term === pressed)));
      meaning.textContent = pressed ? button.dataset.meaning + "." : rest;
      show(pressed);
    };
    const termAt = (target) => {
      const term = target.closest?.(".pg-legend button, [class*='tc-']");
      if (!term) return null;
      if (term.dataset.term) return term.dataset.term;
      return names.get([...term.classList].find((c) => c.startsWith("tc-"))) ?? null;
    };
    buttons.forEach((b) => b.addEventListener("click", () => press(b)));
    document.addEventListener("pointerover", (event) => show(termAt(event.target) ?? pressed));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && pressed) press(buttons.find((b) => b.dataset.term === pressed));
    });
  };

  watch(".pg-display", "equation, scrolls sideways");
  watch(".pg-figure", "figure, scrolls sideways");
  watch("main pre", "code, scrolls sideways");
  watch(".pst-scrollable-table-container", "table, scrolls sideways");
  legends();
  document.querySelectorAll("[data-print]").forEach((b) => b.addEventListener("click", () => print()));
  // Paper is light, whatever the screen is.
  let onScreen = "";
  addEventListener("beforeprint", () => {
    onScreen = root.dataset.theme;
    root.dataset.theme = "light";
  });
  addEventListener("afterprint", () => (root.dataset.theme = onScreen));
  // The theme leaves the book's name outside every landmark.
  document.getElementById("pst-primary-sidebar")?.setAttribute("role", "complementary");
})();
