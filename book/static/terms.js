/* Typeset the page's equations, and light up coloured terms. No module: pages open from disk too. */
(() => {
  "use strict";
  const root = document.documentElement;

  // The theme's class of each \textcolor is the whole link between source and page.
  const typeset = (element) => {
    const tex = element.textContent.trim();
    element.setAttribute("data-tex-source", tex);
    window.katex.render(tex, element, {
      displayMode: element.classList.contains("pg-display"),
      macros: { "\\textcolor": "\\htmlClass{tc-#1}{#2}" },
      trust: (context) => context.command === "\\htmlClass",
      strict: (code) => (code === "htmlExtension" ? "ignore" : "warn"),
      throwOnError: true,
    });
  };

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

  document.querySelectorAll(".pg-math").forEach((element) => {
    try {
      typeset(element);
    } catch (error) {
      console.error(`equation: ${error.message}`);
    }
    element.classList.add("pg-set");
  });
  watch(".pg-display", "equation, scrolls sideways");
  watch(".pg-figure", "figure, scrolls sideways");
  watch(".pst-scrollable-table-container", "table, scrolls sideways");
  legends();
  // The theme leaves the book's name outside every landmark.
  document.getElementById("pst-primary-sidebar")?.setAttribute("role", "complementary");
})();
