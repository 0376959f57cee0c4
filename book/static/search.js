/* Search the book's sections. No module and no request: the page works from disk too. Beside it
   stands search-index.js: [address, title, [[anchor, title, words, terms in bold, {number: label}], ...]]
   a page. */
(() => {
  "use strict";
  const GREEK =
    "α alpha β beta γ gamma δ delta ε epsilon ϵ epsilon η eta θ theta κ kappa λ lambda μ mu ν nu " +
    "ξ xi π pi ρ rho σ sigma τ tau φ phi ϕ phi χ chi ψ psi ω omega ∇ nabla ∞ infinity";
  const names = new Map(GREEK.split(" ").map((sign, i, all) => [sign, all[i + 1]]));
  const SHOWN = 15;

  // γˆt in the index, γ^t or "gamma^t" as typed: one word, gamma^t.
  const plain = (text) =>
    text
      .toLowerCase()
      .replace(/ˆ/g, "^")
      .replace(/ˍ/g, "_")
      .replace(/[{}’]/g, (sign) => (sign === "’" ? "'" : ""))
      .replace(/[α-ωϵϕ∇∞]/g, (sign) => names.get(sign) ?? sign)
      .normalize("NFKD")
      .replace(/[\u0300-\u036f]/g, "");
  const WORD = /[\p{L}\p{N}@]+(?:[_^.'‐-][\p{L}\p{N}@]+)*/gu;
  const stem = (word) => (word.length > 3 ? word.replace(/(?:'s|(?<!s)s)$/, "") : word);
  // A word of several parts is found whole and by its parts: reward-to-go, log_prob, γ^t.
  const split = (word) => word.split(/[_^'‐-]/).filter(Boolean);
  const words = (text) =>
    (plain(text).match(WORD) ?? []).flatMap((word) => {
      const parts = split(word);
      return (parts.length > 1 ? [word, ...parts] : parts).map(stem);
    });

  const sections = [];
  const holds = new Map(); // word -> Map(section -> how strongly it is about the word)
  const note = (text, section, weight) => {
    const found = words(text);
    const share = weight || 1 / (1 + found.length / 150); // a word is rarer news in a long section
    for (const word of found) {
      if (!holds.has(word)) holds.set(word, new Map());
      const at = holds.get(word);
      const had = at.get(section) ?? { best: 0, often: 0 };
      at.set(section, {
        best: Math.max(had.best, weight),
        often: had.often + (weight ? 0 : share),
      });
    }
  };
  for (const [address, page, parts] of globalThis.pgIndex) {
    parts.forEach(([anchor, title, text, bold, equations], i) => {
      // A numbered chapter explains; the other pages use, and what ends a chapter does.
      const share = (/^\d/.test(page) ? 1.5 : 1) * (/^(exercises|what could)/i.test(title) ? 0.7 : 1);
      const section = { address, anchor: i ? anchor : "", page, title, text, bold, equations, share };
      sections.push(section);
      note(text, section, 0);
      note(bold, section, 3);
      for (const [tag, label] of Object.entries(equations)) note(`${tag} ${label}`, section, 4);
      note(title, section, i ? 6 : 7);
      if (i) note(page, section, 1);
    });
  }

  // A word that begins another stands for it, at a discount.
  const weigh = (word) => {
    const scores = new Map();
    for (const [held, at] of holds) {
      const near = held === word ? 1 : word.length > 2 && held.startsWith(word) ? 0.4 : 0;
      if (!near) continue;
      const rare = Math.log(1 + sections.length / at.size);
      for (const [section, { best, often }] of at) {
        const score = near * rare * (best + (2 * often) / (often + 1));
        scores.set(section, Math.max(scores.get(section) ?? 0, score));
      }
    }
    return scores;
  };
  const typed = (query) => [...new Set((plain(query).match(WORD) ?? []).map(stem))];
  const search = (query) => {
    const asked = typed(query);
    const total = new Map();
    for (const word of asked) {
      let scores = weigh(word);
      if (!scores.size) {
        // Nothing has the word as typed: take what has its parts.
        scores = new Map();
        for (const part of split(word).map(stem)) {
          for (const [s, score] of weigh(part)) scores.set(s, (scores.get(s) ?? 0) + score / 2);
        }
      }
      for (const [section, score] of scores) {
        const had = total.get(section) ?? { score: 0, hits: 0 };
        total.set(section, { score: had.score + score, hits: had.hits + 1 });
      }
    }
    const phrase = plain(query).trim();
    const many = asked.length > 1;
    return [...total]
      .map(([section, { score, hits }]) => {
        let all = score * (hits / asked.length) ** 3;
        if (many && plain(section.text).includes(phrase)) all += 4;
        if (many && plain(section.bold).includes(phrase)) all += 8;
        if (many && plain(section.title).includes(phrase)) all += 12;
        if (plain(section.title).trim().replace(/^the /, "") === phrase) all += 6;
        return [all * section.share, section];
      })
      .sort((a, b) => b[0] - a[0])
      .map(([, section]) => section);
  };

  // Indices of the mathematics as they are read, from ˆ and ˍ in the index.
  const INDEX = /([ˆˍ])(?:\{([^{}]*)\}|(.))/u;
  const write = (into, text) => {
    const found = INDEX.exec(text);
    if (!found) return into.append(text);
    into.append(text.slice(0, found.index));
    const box = document.createElement(found[1] === "ˆ" ? "sup" : "sub");
    write(box, found[2] ?? found[3]);
    into.append(box);
    write(into, text.slice(found.index + found[0].length));
  };
  const hit = (word, asked) =>
    words(word).some((part) =>
      asked.some((one) => part === one || (one.length > 2 && part.startsWith(one))),
    );
  const excerpt = (text, query) => {
    const asked = typed(query);
    const all = text.split(" ");
    const hits = all.map((word) => hit(word, asked));
    // The stretch with most hits.
    let start = 0;
    let most = -1;
    for (let i = 0; i < all.length; i += 1) {
      const count = hits.slice(i, i + 24).filter(Boolean).length;
      if (hits[i] && count > most) [start, most] = [Math.max(0, i - 6), count];
    }
    const p = document.createElement("p");
    if (start) p.append("… ");
    all.slice(start, start + 36).forEach((word, i) => {
      const box = hits[start + i] ? document.createElement("mark") : p;
      write(box, word);
      if (box !== p) p.append(box);
      p.append(" ");
    });
    if (start + 36 < all.length) p.append("…");
    return p;
  };

  const root = document.querySelector(".pg-search");
  const input = root.querySelector("input");
  const show = () => {
    const query = input.value.trim();
    const found = query ? search(query) : [];
    const says = root.querySelector(".pg-search-count");
    if (!query) says.textContent = "Type a word, a symbol or an equation's number.";
    else if (!found.length) says.textContent = `No section has “${query}”.`;
    else if (found.length > SHOWN) says.textContent = `The first ${SHOWN} of ${found.length} sections.`;
    else says.textContent = `${found.length} ${found.length > 1 ? "sections" : "section"}.`;
    root.querySelector("ol").replaceChildren(
      ...found.slice(0, SHOWN).map((section) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        const at = section.equations[query.replace(/[()]/g, "")] ?? section.anchor;
        link.href = section.address + (at && `#${at}`);
        write(link, section.title);
        const page = document.createElement("span");
        page.textContent = section.anchor ? section.page : "";
        item.append(link, " ", page, excerpt(section.text, query));
        return item;
      }),
    );
  };
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  input.addEventListener("input", show);
  input.focus();
  show();
})();
