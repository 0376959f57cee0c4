/**
 * A formula as a reader types it: p*(1-p)*(r0-r1), 2γ^2, log(pi)/3. It is read into a tree, given a
 * value and drawn; nothing is handed to the browser to run. `questions.py` reads the same.
 */

/**
 * A number, a name, a function or a minus of one tree, or an operator between two.
 * @typedef {[kind: string, left: any, right?: any]} Tree
 */
/** @typedef {{ kind: "number" | "name" | "sign" | "end", text: string, at: number }} Token */

const GREEK = "α alpha β beta γ gamma δ delta ε epsilon η eta θ theta κ kappa λ lambda μ mu ν nu " +
  "π pi ρ rho σ sigma τ tau φ phi ψ psi ω omega";
const SPELT = new Map(GREEK.split(" ").map((sign, i, all) => [all[i + 1], sign]));
const TOKEN = new RegExp(
  "(\\d+(?:[.,]\\d+)?(?:[eE][-+]?\\d+)?|[.,]\\d+)|([A-Za-zα-ω][A-Za-zα-ω0-9₀-₉_]*)|(\\*\\*|[-+*/^()−·×÷²³])",
  "y",
);
const SAME = new Map([["**", "^"], ["−", "-"], ["·", "*"], ["×", "*"], ["÷", "/"]]);
// what keyboards and autocorrection write
const LIKE = new Map([..."µϵϑ–—⋅"].map((sign, i) => [sign, "μεθ--*"[i]]));
const LONGEST = 200; // characters
/** @type {Map<string, (x: number) => number>} */
const FUNCTIONS = new Map([["log", Math.log], ["ln", Math.log], ["exp", Math.exp], ["sqrt", Math.sqrt]]);

/** What cannot be read, and where. */
export class Unread extends Error {
  /** @param {string} what @param {number} at the character, from 0 */
  constructor(what, at) {
    super(`At character ${at + 1}: ${what}.`);
  }
}

/** @param {string} typed @returns {Token[]} */
const split = (typed) => {
  if (typed.length > LONGEST) throw new Unread(`expected at most ${LONGEST} characters`, LONGEST);
  const text = typed.replace(/[^\w\s]/gu, (sign) => LIKE.get(sign) ?? sign);
  /** @type {Token[]} */
  const found = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at])) {
      at += 1;
      continue;
    }
    TOKEN.lastIndex = at;
    const [all, number, name, sign] = TOKEN.exec(text) ?? [""];
    if (!all) throw new Unread(`expected a number, a name or a sign, got “${text[at]}”`, at);
    if (sign === "²" || sign === "³") {
      found.push({ kind: "sign", text: "^", at }, { kind: "number", text: sign === "²" ? "2" : "3", at });
    } else if (number) found.push({ kind: "number", text: number.replace(",", "."), at });
    else if (name) found.push({ kind: "name", text: name, at });
    else found.push({ kind: "sign", text: SAME.get(sign) ?? sign, at });
    at += all.length;
  }
  return [...found, { kind: "end", text: "the end", at: text.length }];
};

/** A name as it is looked up: r_0 and r₀ are r0, gamma is γ.
 * @param {string} name */
const plain = (name) => name.replace(/_/g, "")
  .replace(/[₀-₉]/g, (digit) => String(digit.charCodeAt(0) - 0x2080))
  .replace(/^[a-z]+/, (word) => SPELT.get(word) ?? word);

/** The names that a run of letters is made of: γp is γ times p.
 * @param {string} run @param {string[]} known @returns {string[] | null} */
const parts = (run, known) => {
  const whole = plain(run);
  if (!whole || known.includes(whole)) return whole ? [whole] : [];
  for (let end = run.length - 1; end > 0; end -= 1) {
    const first = plain(run.slice(0, end));
    const rest = known.includes(first) && parts(run.slice(end), known);
    if (rest) return [first, ...rest];
  }
  return null;
};

/** Read a formula in the given names; what cannot be read is thrown as `Unread`.
 * @param {string} text @param {string[]} names @returns {Tree} */
export const read = (text, names) => {
  const tokens = split(text);
  const known = names.includes("e") ? names : [...names, "e"];
  let next = 0;
  const now = () => tokens[next];
  /** @param {string} signs */
  const is = (signs) => now().kind === "sign" && signs.includes(now().text);
  /** @param {string} what @returns {never} */
  const refuse = (what) => {
    const { kind, text: got, at } = now();
    throw new Unread(`expected ${what}, got ${kind === "end" ? got : `“${got}”`}`, at);
  };

  /** @returns {Tree} */
  const bracketed = () => {
    if (!is("(")) refuse("“(”");
    next += 1;
    const inside = sum();
    if (!is(")")) refuse("an operator or “)”");
    next += 1;
    return inside;
  };
  /** @returns {Tree} */
  const atom = () => {
    const { kind, text: word, at } = now();
    if (is("(")) return bracketed();
    if (kind !== "number" && kind !== "name") refuse("a number, a name or “(”");
    next += 1;
    if (kind === "number") return ["number", Number(word)];
    if (FUNCTIONS.has(word)) return [word, bracketed()];
    const found = parts(word, known);
    if (!found) {
      throw new Unread(`“${word}” is ${names.length ? `none of ${names.join(", ")}` : "no number"}`, at);
    }
    // The last name of a run is an atom of its own: in γp^2 only p is squared.
    tokens.splice(next, 0, ...found.slice(1).map((each) =>
      /** @type {Token} */ ({ kind: "name", text: each, at })));
    return ["name", found[0]];
  };
  /** @returns {Tree} */
  const power = () => {
    const base = atom();
    if (!is("^")) return base;
    next += 1;
    return ["^", base, signed()];
  };
  /** @returns {Tree} */
  const signed = () => {
    if (!is("-+")) return power();
    const minus = is("-");
    next += 1;
    return minus ? ["-", signed()] : signed();
  };
  /** A name or a bracket may follow without a sign. @returns {Tree} */
  const product = () => {
    let left = signed();
    for (;;) {
      if (is("*/")) {
        const sign = now().text;
        next += 1;
        left = [sign, left, signed()];
      } else if (now().kind === "name" || is("(")) left = ["*", left, power()];
      else return left;
    }
  };
  /** @returns {Tree} */
  const sum = () => {
    let left = product();
    while (is("+-")) {
      const sign = now().text;
      next += 1;
      left = [sign, left, product()];
    }
    return left;
  };
  const tree = sum();
  if (now().kind !== "end") refuse("an operator or the end");
  return tree;
};

/** What a formula comes to at a point. @param {Tree} tree @param {Record<string, number>} point
 * @returns {number} */
export const value = (tree, point) => {
  const [kind, left, right] = tree;
  if (kind === "number") return left;
  if (kind === "name") return point[left] ?? Math.E;
  const a = value(left, point);
  const applied = FUNCTIONS.get(kind);
  if (applied) return applied(a);
  if (right === undefined) return -a;
  const b = value(right, point);
  /** @type {Record<string, number>} */
  const results = { "+": a + b, "-": a - b, "*": a * b, "/": a / b, "^": a ** b };
  return results[kind];
};

const SPACE = "http://www.w3.org/1998/Math/MathML";
/** @param {string} tag @param {(string | Node)[]} inside */
const node = (tag, ...inside) => {
  const made = document.createElementNS(SPACE, tag);
  made.append(...inside);
  return made;
};
/** How tightly a formula holds together: a sum least. @param {Tree} tree */
const holds = ([kind, , right]) => {
  if (kind === "number" || kind === "name" || kind === "/" || FUNCTIONS.has(kind)) return 4;
  if (kind === "^") return 3;
  return kind === "*" || right === undefined ? 2 : 1;
};

/** A formula in a bracket, if it holds together less than is needed.
 * @param {Tree} tree @param {number} needed @returns {Node} */
const boxed = (tree, needed) => holds(tree) >= needed
  ? draw(tree)
  : node("mrow", node("mo", "("), draw(tree), node("mo", ")"));

/** A formula as MathML. @param {Tree} tree @returns {Node} */
export const draw = (tree) => {
  const [kind, left, right] = tree;
  if (kind === "number") return node("mn", String(left));
  if (kind === "name") {
    const [, word, index] = /** @type {RegExpExecArray} */ (/^(.+?)(\d*)$/.exec(left));
    return index ? node("msub", node("mi", word), node("mn", index)) : node("mi", word);
  }
  if (FUNCTIONS.has(kind)) {
    return node("mrow", node("mi", kind), node("mo", "("), draw(left), node("mo", ")"));
  }
  if (right === undefined) return node("mrow", node("mo", "−"), boxed(left, 2));
  if (kind === "/") return node("mfrac", draw(left), draw(right));
  if (kind === "^") return node("msup", boxed(left, left[0] === "/" ? 5 : 4), draw(right));
  if (kind === "*") return node("mrow", boxed(left, 2), node("mo", "·"), boxed(right, 3));
  return node("mrow", draw(left), node("mo", kind === "-" ? "−" : "+"), boxed(right, 2));
};
