// @ts-check
/* A derivation, one line at a time. What stays glides to its new place, what goes is struck out,
   what is new stands on a wash. Where no script runs, the style shows all lines as a list. */
(() => {
  "use strict";
  if (!matchMedia("(scripting: enabled)").matches) return; // then the style does not know either
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  const GLIDE = { duration: 520, easing: "cubic-bezier(.45, .05, .2, 1)" };
  const NEAR = 9; // px between signs that share a bar: a relation has as much on each side

  /** @typedef {{ name: string, given: boolean, signs: Sign[] }} Term */
  /** @typedef {{ el: HTMLElement, text: string, colour: string, struck: boolean, term: Term | null }} Sign */
  /** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

  /** What an element says, without the characters that KaTeX adds to give a box its height.
   * @param {Node} node */
  const said = (node) => (node.textContent ?? "").replace(/[\u200b\s]+/g, "");

  /** The class of an element that begins so. @param {Element | null} el @param {string} start */
  const named = (el, start) => [...(el?.classList ?? [])].find((name) => name.startsWith(start));

  /** @type {WeakMap<Element, Sign[]>} */
  const read = new WeakMap();
  /** The signs of a line in the order in which they are read.
   * @param {Element} line @returns {Sign[]} */
  const signsOf = (line) => {
    const known = read.get(line);
    if (known) return known;
    /** @type {Sign[]} */
    const found = [];
    /** A term has the name that its author gives it, else its colour and its text.
     * @param {Element} el @param {Term | null} term */
    const visit = (el, term) => {
      const given = named(el, "pg-is-");
      const colour = named(el, "tc-");
      const name = given ?? (colour && `${colour} ${said(el)}`);
      const own = name && (!term || (given && !term.given)) ? { name, given: !!given, signs: [] } : term;
      const drawn = el.matches("svg, .frac-line");
      if (drawn || [...el.childNodes].some((node) => node.nodeType === 3 && said(node))) {
        const sign = {
          el: /** @type {HTMLElement} */ (el),
          text: said(el),
          colour: named(el.closest("[class*=tc-]"), "tc-") ?? "",
          struck: !!el.closest(".cancel-pad, .cancel-lap"),
          term: own,
        };
        own?.signs.push(sign);
        found.push(sign);
        if (!drawn) el.classList.add("pg-sign");
      } else {
        [...el.children].forEach((child) => visit(child, own));
      }
    };
    line.querySelectorAll(".pg-display .katex-html").forEach((html) => visit(html, null));
    read.set(line, found);
    return found;
  };

  /** Whether one sign can become another: they say the same, and what is struck is at its end.
   * @param {Sign} before @param {Sign} after */
  const same = (before, after) => before.text === after.text && (!before.struck || after.struck);

  /** Pair signs that say the same, as many as keep their order.
   * @param {Sign[]} before @param {Sign[]} after @returns {[Sign, Sign][]} */
  const align = (before, after) => {
    const longest = before.map(() => new Array(after.length + 1).fill(0));
    longest.push(new Array(after.length + 1).fill(0));
    for (let i = before.length - 1; i >= 0; i--) {
      for (let j = after.length - 1; j >= 0; j--) {
        longest[i][j] = same(before[i], after[j])
          ? 1 + longest[i + 1][j + 1]
          : Math.max(longest[i + 1][j], longest[i][j + 1]);
      }
    }
    /** @type {[Sign, Sign][]} */
    const pairs = [];
    for (let i = 0, j = 0; i < before.length && j < after.length; ) {
      if (same(before[i], after[j])) pairs.push([before[i++], after[j++]]);
      else if (longest[i + 1][j] >= longest[i][j + 1]) i++;
      else j++;
    }
    return pairs;
  };

  /** The terms of a line by name. @param {Sign[]} signs @returns {Map<string, Term[]>} */
  const termsOf = (signs) => {
    const found = new Map();
    for (const term of new Set(signs.flatMap((sign) => sign.term ?? []))) {
      found.set(term.name, [...(found.get(term.name) ?? []), term]);
    }
    return found;
  };

  /** Which signs of one line become which of another: a term becomes the one with its name, what
   * is left of a colour becomes what is left of it. A term that is there twice comes from one, or
   * goes into one: it splits, or merges.
   * @param {Sign[]} before @param {Sign[]} after */
  const match = (before, after) => {
    const old = termsOf(before);
    /** @type {[Sign, Sign][]} */
    const pairs = [];
    const followed = new Set();
    for (const [name, terms] of termsOf(after)) {
      const ends = terms.some((term) => term.signs[0]?.struck);
      const sources = (old.get(name) ?? []).filter((term) => ends || !term.signs[0]?.struck);
      const given = terms[0].given; // without a name of its own, a second one is another term
      const most = Math[given ? "max" : "min"](sources.length, terms.length);
      for (let i = 0; sources.length && i < most; i++) {
        const [a, b] = [sources, terms].map((list) => list[Math.min(i, list.length - 1)]);
        pairs.push(...align(a.signs, b.signs));
        followed.add(a).add(b);
      }
    }
    const left = [before, after].map((signs) => signs.filter(({ term }) => !followed.has(term)));
    for (const colour of new Set(left[0].map((sign) => sign.colour))) {
      const [a, b] = left.map((signs) => signs.filter((sign) => sign.colour === colour));
      pairs.push(...align(a, b));
    }
    const [from, to] = [0, 1].map((side) => new Set(pairs.map((pair) => pair[side])));
    return {
      pairs,
      leaving: before.filter((sign) => !from.has(sign)),
      entering: after.filter((sign) => !to.has(sign)),
    };
  };

  /** One box around each run of neighbours among the chosen signs.
   * @param {Sign[]} signs @param {Sign[]} chosen @returns {Box[]} */
  const runs = (signs, chosen) => {
    /** @type {Box[]} */
    const boxes = [];
    let open = false;
    for (const sign of signs) {
      const { left, top, right, bottom } = sign.el.getBoundingClientRect();
      const last = boxes.at(-1);
      const near = open && last && left < last.right + NEAR && right > last.left - NEAR &&
        top < last.bottom + NEAR && bottom > last.top - NEAR;
      open = chosen.includes(sign);
      if (open && near) {
        last.left = Math.min(last.left, left);
        last.top = Math.min(last.top, top);
        last.right = Math.max(last.right, right);
        last.bottom = Math.max(last.bottom, bottom);
      } else if (open) boxes.push({ left, top, right, bottom });
    }
    return boxes;
  };

  /** Draw a bar for each run of the chosen signs into the box of a line.
   * @param {HTMLElement} line @param {Sign[]} chosen @param {string} kind */
  const bars = (line, chosen, kind) => {
    const page = /** @type {HTMLElement} */ (line.querySelector(".pg-display"));
    const origin = page.getBoundingClientRect();
    return runs(signsOf(line), chosen).map((box) => {
      const bar = page.appendChild(document.createElement("span"));
      bar.className = kind;
      bar.style.left = `${box.left - origin.left + page.scrollLeft}px`;
      bar.style.top = `${box.top - origin.top}px`;
      bar.style.width = `${box.right - box.left}px`;
      bar.style.height = `${box.bottom - box.top}px`;
      return bar;
    });
  };

  /** @param {HTMLElement} walk */
  const start = (walk) => {
    const lines = /** @type {HTMLElement[]} */ ([...walk.querySelectorAll("li")]);
    const range = /** @type {HTMLInputElement} */ (walk.querySelector("input"));
    const number = /** @type {HTMLElement} */ (walk.querySelector(".pg-lines-count b"));
    const voice = /** @type {HTMLElement} */ (walk.querySelector(".pg-lines-said"));
    const all = /** @type {HTMLButtonElement} */ (walk.querySelector(".pg-lines-all"));
    const arrows = /** @type {HTMLButtonElement[]} */ ([...walk.querySelectorAll("[data-step]")]);
    /** @type {Animation[]} */
    let moves = [];
    let now = 0;

    /** Wash what is new in the line that is shown. */
    const wash = () => {
      walk.querySelectorAll(".pg-wash").forEach((bar) => bar.remove());
      if (!now || all.ariaPressed === "true") return [];
      const signs = signsOf(lines[now]);
      return bars(lines[now], match(signsOf(lines[now - 1]), signs).entering, "pg-wash");
    };

    /** End the motion: the line stands as it would without. */
    const rest = () => {
      moves.splice(0).forEach((move) => move.cancel());
      walk.classList.remove("pg-moving");
      walk.querySelectorAll(".pg-was").forEach((line) => line.classList.remove("pg-was"));
      walk.querySelectorAll(".pg-strike").forEach((bar) => bar.remove());
    };

    /** @param {Element} el @param {Keyframe[]} frames @param {KeyframeAnimationOptions} options */
    const move = (el, frames, options) =>
      moves.push(el.animate(frames, { ...GLIDE, fill: "both", ...options }));

    /** Let the signs of one line become those of another.
     * @param {HTMLElement} from @param {HTMLElement} to @param {Element[]} washes */
    const glide = (from, to, washes) => {
      const { pairs, leaving, entering } = match(signsOf(from), signsOf(to));
      const forward = lines.indexOf(from) < lines.indexOf(to);
      const strikes = forward ? bars(from, leaving, "pg-strike") : [];
      const wait = strikes.length ? 320 : 0;
      walk.classList.add("pg-moving");
      from.classList.add("pg-was");
      const paths = pairs.map(([a, b]) => {
        const [p, q] = [a.el.getBoundingClientRect(), b.el.getBoundingClientRect()];
        return { a: a.el, b: b.el, x: p.left - q.left, y: p.top - q.top, size: p.height / q.height };
      });
      const arrived = new Set();
      for (const { a, b, x, y, size } of paths) {
        const path = [{ transform: `translate(${x}px, ${y}px) scale(${size || 1})` },
          { transform: "none" }];
        if (arrived.has(b)) {
          const end = { transform: `translate(${-x}px, ${-y}px) scale(${1 / size || 1})`, opacity: 0 };
          move(a, [{ transform: "none", opacity: 1 }, end], { delay: wait });
        } else {
          move(a, [{ opacity: 0 }, { opacity: 0 }], { duration: 1 });
          move(b, path, { delay: wait });
        }
        arrived.add(b);
      }
      strikes.forEach((bar) => move(bar, [{ transform: "scaleX(0)" }, { transform: "none" }],
        { duration: 220 }));
      [...leaving.map((sign) => sign.el), ...strikes].forEach((el) =>
        move(el, [{ opacity: 1 }, { opacity: 0 }], { delay: wait, duration: 240 }));
      [...entering.map((sign) => sign.el), ...washes].forEach((el) =>
        move(el, [{ opacity: 0 }, { opacity: 1 }], { delay: wait + 280, duration: 320 }));
      const mine = moves;
      Promise.all(moves.map((each) => each.finished)).then(
        () => mine === moves && rest(),
        () => {}, // the next step came before the end of this one
      );
    };

    /** @param {number} to */
    const show = (to) => {
      const from = now;
      rest();
      moves = [];
      now = Math.min(Math.max(to, 0), lines.length - 1);
      lines.forEach((line, i) => {
        line.classList.toggle("pg-now", i === now);
        if (i === now) line.setAttribute("aria-current", "step");
        else line.removeAttribute("aria-current");
        line.querySelectorAll("p a").forEach((link) => {
          if (i === now) link.removeAttribute("tabindex");
          else link.setAttribute("tabindex", "-1");
        });
      });
      range.value = String(now + 1);
      range.setAttribute("aria-valuetext", `${now + 1} of ${lines.length}`);
      number.textContent = String(now + 1);
      arrows.forEach((arrow) => {
        const end = arrow.dataset.step === "1" ? lines.length - 1 : 0;
        arrow.setAttribute("aria-disabled", String(now === end));
      });
      const washes = wash();
      if (from === now) return;
      voice.textContent = lines[now].querySelector("p")?.textContent ?? "";
      if (!reduced.matches && all.ariaPressed === "false") glide(lines[from], lines[now], washes);
    };

    arrows.forEach((arrow) =>
      arrow.addEventListener("click", () => show(now + Number(arrow.dataset.step))));
    range.addEventListener("input", () => show(Number(range.value) - 1));
    walk.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || event.target === range || event.altKey || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      show(now + step);
    });
    all.addEventListener("click", () => {
      all.ariaPressed = String(walk.classList.toggle("pg-open"));
      show(now);
    });
    new ResizeObserver(() => moves.length || wash()).observe(walk);
    document.fonts.ready.then(() => moves.length || wash());
    show(0);
  };

  /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".pg-lines")).forEach(start);
})();
