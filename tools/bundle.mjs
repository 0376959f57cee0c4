/**
 * Bundle the explorables, twice from one source: an ES module of all for anywidget (`_esm`), and for
 * the built pages, which open from disk too, classic scripts: what all share, and one for each, so
 * that a page loads its own. And the script of the questions, for the built pages only.
 * Run: npm run build [-- folder]
 */

import { build } from "esbuild";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

const NOTICE = "/*! holds parts of D3 (https://d3js.org), copyright Mike Bostock, ISC licence: " +
  "see LICENSE-d3 */";
const root = fileURLToPath(new URL("..", import.meta.url));
const target = path.resolve(process.argv[2] ?? root);
const common = /** @satisfies {import("esbuild").BuildOptions} */ ({
  absWorkingDir: root,
  entryPoints: ["book/pgbook/explorables/js/index.js"],
  bundle: true,
  minify: true,
  banner: { js: NOTICE },
  charset: /** @type {const} */ ("utf8"),
  legalComments: /** @type {const} */ ("eof"),
  loader: { ".css": "text" },
  target: "es2022",
  logLevel: /** @type {const} */ ("warning"),
});

await build({
  ...common,
  format: "esm",
  outfile: path.join(target, "book/pgbook/explorables/static/explorables.js"),
});
const js = path.join(root, "book/pgbook/explorables/js");
const folder = path.join(js, "elements");
const sources = readdirSync(folder).sort().map((file) =>
  /** @type {const} */ ([file, readFileSync(path.join(folder, file), "utf8")]));

/** What elements import from d3 and from `ui`: module -> names. @type {Map<string, Set<string>>} */
const imported = new Map([["ui/element.js", new Set(["define"])]]);
for (const [, source] of sources) {
  for (const [, names, from] of source.matchAll(/^import \{([^}]+)\} from "(d3-.+|\.\.\/ui\/.+)";/gm)) {
    const module = from.replace("../", ""), known = imported.get(module) ?? new Set();
    names.split(",").forEach((name) => known.add(name.trim().split(" as ")[0]));
    imported.set(module, known);
  }
}
const modules = [...imported].sort().map(([module, names], i) =>
  /** @type {const} */ ([module, i, [...names].filter(Boolean).sort()]));
const shared = [
  ...modules.map(([module, i, names]) => {
    const from = module.startsWith("d3-") ? module : `./${module}`;
    return `import { ${names.map((name) => `${name} as ${name}_${i}`).join(", ")} } from "${from}";`;
  }),
  "globalThis.pgShared = {",
  ...modules.map(([module, i, names]) =>
    `"${module}": { ${names.map((name) => `${name}: ${name}_${i}`).join(", ")} },`),
  "};",
].join("\n");

await build({
  ...common,
  entryPoints: undefined,
  stdin: { contents: shared, resolveDir: js },
  format: "iife",
  outfile: path.join(target, "book/static/explorables/shared.js"),
});
/** Takes those modules from the script that has them. @type {import("esbuild").Plugin} */
const fromShared = {
  name: "from-shared",
  setup(each) {
    each.onResolve({ filter: /^d3-|\/ui\/[\w-]+\.js$/ }, ({ path: asked }) =>
      ({ path: asked.replace(/^.*\/ui\//, "ui/"), namespace: "shared" }));
    each.onLoad({ filter: /./, namespace: "shared" }, ({ path: module }) =>
      ({ contents: `module.exports = globalThis.pgShared["${module}"];` }));
  },
};
await Promise.all(sources.map(async ([file, source]) => {
  const tag = source.match(/^ {2}static tag = "(pg-[a-z-]+)";/m)?.[1];
  const kind = source.match(/^export class (\w+) extends PgElement/m)?.[1];
  if (!tag || !kind) return; // a part of other elements
  const contents = `import { ${kind} } from "./elements/${file}";` +
    `import { define } from "./ui/element.js"; define(${kind});`;
  await build({
    ...common,
    banner: {},
    entryPoints: undefined,
    stdin: { contents, resolveDir: js },
    plugins: [fromShared],
    format: "iife",
    outfile: path.join(target, `book/static/explorables/${tag}.js`),
  });
}));
await build({
  ...common,
  banner: {},
  entryPoints: ["book/pgbook/exercises/js/page.js"],
  format: "iife",
  outfile: path.join(target, "book/static/questions.js"),
});
