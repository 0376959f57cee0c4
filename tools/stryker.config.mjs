/**
 * Mutants of the explorables' JavaScript: npm run mutants. In the environment: MUTANTS, which files
 * or folders under book/pgbook/explorables/js, by commas (all of them unless told); SAMPLE, the share
 * of their mutants that is tried, and SEED, which ones. It writes _build/mutants/<name>.json.
 */

import { statSync } from "node:fs";
import path from "node:path";

const home = "book/pgbook/explorables/js";
const asked = process.env.MUTANTS?.split(",") ?? ["engine", "ui", "elements"];
const files = asked.flatMap((name) => {
  const at = path.posix.join(home, name);
  return statSync(at).isDirectory() ? `${at}/**/*.js` : at;
});
const engineOnly = asked.every((name) => name.startsWith("engine"));

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions & { nodeTest: object }} */
export default {
  plugins: ["@stryker-mutator/typescript-checker", "./tools/mutants.mjs"],
  testRunner: "node-test",
  // what the engine computes is tested without a page, the rest in one
  nodeTest: { pattern: engineOnly ? "(?<!page|training)\\.test\\.mjs$" : "(page|lab)\\.test\\.mjs$" },
  // every check of the types takes seconds: only when asked for
  checkers: process.env.TYPES ? ["sample", "typescript"] : ["sample"],
  tsconfigFile: "tsconfig.json",
  mutate: files,
  ignorePatterns: [
    "**", `!${home}/**`, "!book/pgbook/{palette,categories}.json", "!book/pgbook/data/*.json", "!tests/js/**",
    "!book/pgbook/exercises/{js/*.js,questions.json}", "!tests/vectors/**", "!tools/bundle.mjs",
    "!tools/mutants.mjs", "!tools/stryker.config.mjs", "!package.json", "!tsconfig.json",
  ],
  tempDirName: "_build/mutants/sandbox",
  reporters: ["clear-text", "json"],
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
  jsonReporter: { fileName: `_build/mutants/${asked.join("+").replaceAll("/", "-")}.json` },
  concurrency: 1,
  timeoutMS: 20_000, // a loop without end is told by its count long before
  disableTypeChecks: false,
};
