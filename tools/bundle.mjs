/**
 * Bundle the explorables, twice from one source: an ES module for anywidget (`_esm`) and a classic
 * script for the built pages, which works from disk too; and the script of the questions, for the
 * built pages only. Run: npm run build [-- folder]
 */

import { build } from "esbuild";
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
await build({
  ...common,
  format: "iife",
  outfile: path.join(target, "book/static/explorables.js"),
});
await build({
  ...common,
  banner: {},
  entryPoints: ["book/pgbook/exercises/js/page.js"],
  format: "iife",
  outfile: path.join(target, "book/static/questions.js"),
});
