/* The code of a page: all of it open or folded, remembered from page to page; what is linked to or
   searched for inside a fold opens it; paper shows the proofs; and copying keeps the focus. */
(() => {
  "use strict";
  const KEY = "pg-show-all-code";
  const folds = [...document.querySelectorAll("details.pg-fold")];
  const button = document.querySelector(".pg-code-switch");

  // Storage may be refused; the switch then works for this page.
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const remember = (all) => {
    try {
      if (all) localStorage.setItem(KEY, "yes");
      else localStorage.removeItem(KEY);
    } catch {
      /* refused */
    }
  };
  const show = (all) => {
    folds.forEach((fold) => (fold.open = all));
    button.setAttribute("aria-pressed", String(all));
  };

  const reveal = (inside) => {
    let moved = false;
    for (let d = inside?.closest("details"); d; d = d.parentElement.closest("details")) {
      moved ||= !d.open;
      d.open = true;
    }
    return moved;
  };
  const followLink = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));

  // The words of a search that stand nowhere but in folded code open it.
  const revealHits = () => {
    const hits = [...document.querySelectorAll("main .highlighted")];
    const word = (hit) => hit.textContent.toLowerCase();
    const inCode = (hit) => hit.closest("details.pg-fold");
    const read = new Set(hits.filter((hit) => !inCode(hit)).map(word));
    hits.filter((hit) => inCode(hit) && !read.has(word(hit))).forEach(reveal);
  };

  if (button) {
    button.hidden = false;
    if (stored(KEY)) show(true);
    button.addEventListener("click", () => {
      const all = button.getAttribute("aria-pressed") !== "true";
      // What the reader looks at stays where it is: no height above it may be a guess.
      document.documentElement.classList.add("pg-whole");
      const parts = [...document.querySelectorAll("main section > *")];
      const top = (part) => part.getBoundingClientRect().top;
      const seen = parts.find((part) => part.localName !== "section" && top(part) > 60);
      const before = seen && top(seen);
      show(all);
      remember(all);
      if (seen) scrollBy({ top: top(seen) - before, behavior: "instant" });
    });
  }
  if (location.hash && (reveal(followLink()) || stored(KEY))) followLink()?.scrollIntoView();
  addEventListener("hashchange", () => reveal(followLink()) && followLink().scrollIntoView());
  // Paper has no arrows: it shows every proof, and the code that is open.
  const proofs = [...document.querySelectorAll("details.pg-proof")];
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = proofs.filter((proof) => !proof.open);
    closed.forEach((proof) => (proof.open = true));
  });
  addEventListener("afterprint", () => closed.forEach((proof) => (proof.open = false)));
  // Sphinx keeps the words in one of two places, and marks all of them in one go, a little later.
  const searched = stored("sphinx_highlight_terms") ?? new URL(location).searchParams.get("highlight");
  if (searched) {
    new MutationObserver((_, observer) => {
      if (!document.querySelector("main .highlighted")) return;
      observer.disconnect();
      revealHits();
    }).observe(document.querySelector("main"), { childList: true, subtree: true });
  }
  // Copying selects a field of its own and then drops it: the focus would fall to the page.
  document.addEventListener("click", (event) => {
    const copy = event.composedPath().find((at) => at.classList?.contains("copybtn"));
    copy?.focus();
  });
})();
