/**
 * What Stryker needs to try mutants on the tests of `tests/js`: a runner that holds the tests of
 * `node:test` in one process, so that a mutant costs its tests and no start, and a seeded sample.
 */

import { declareClassPlugin, declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  determineHitLimitReached, DryRunStatus, MutantRunStatus, TestStatus, toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

/** @typedef {import("@stryker-mutator/api/core").Mutant} Mutant */
/** @typedef {import("@stryker-mutator/api/test-runner").TestResult} TestResult */
/** @typedef {{ id: string, file: string, body: () => unknown, ms: number }} Case */
/** @typedef {{ nodeTest: { pattern: string } }} Options */

const global = /** @type {any} */ (globalThis);

/** Killed before any test: the modules cannot be loaded. @param {string} failureMessage */
const told = (failureMessage) => ({ killedBy: ["import"], failureMessage, nrOfTests: 0 });

/** `node:test` as the test files see it here: it only collects. */
const COLLECT = "export default (name, body) => globalThis.collect(name, body);" +
  "export const test = (name, body) => globalThis.collect(name, body);";
const HOOKS = "export const resolve = (name, context, next) => name === 'node:test'" +
  `? { url: "data:text/javascript,${encodeURIComponent(COLLECT)}", shortCircuit: true }` +
  ": next(name, context);";

class NodeTests {
  /** @param {Options} options */
  constructor(options) {
    this.pattern = new RegExp(options.nodeTest.pattern);
    /** @type {Case[]} */
    this.cases = [];
  }

  capabilities() {
    return { reloadEnvironment: false };
  }

  /** Import the test files of the sandbox, once a process. */
  async load() {
    if (this.cases.length) return;
    register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
    const folder = path.resolve("tests/js");
    for (const file of readdirSync(folder).sort().filter((name) => this.pattern.test(name))) {
      global.collect = (/** @type {string} */ name, /** @type {() => unknown} */ body) =>
        this.cases.push({ id: `${file}: ${name}`, file, body, ms: 0 });
      await import(pathToFileURL(path.join(folder, file)).href);
    }
  }

  /** @param {Case} each @returns {Promise<TestResult>} */
  async run(each) {
    const start = performance.now();
    const said = await Promise.resolve().then(each.body).then(() => null, String);
    each.ms = performance.now() - start;
    const base = { id: each.id, name: each.id, fileName: `tests/js/${each.file}`, timeSpentMs: each.ms };
    if (said === null) return { ...base, status: TestStatus.Success };
    return { ...base, status: TestStatus.Failed, failureMessage: said };
  }

  async dryRun() {
    await this.load();
    global.__stryker__ ??= {}; // a page brings its modules with its first test
    const tests = [];
    for (const each of this.cases) {
      global.__stryker__.currentTestId = each.id;
      tests.push(await this.run(each));
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: global.__stryker__.mutantCoverage };
  }

  /** @param {import("@stryker-mutator/api/test-runner").MutantRunOptions} options */
  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }) {
    global.__stryker__ ??= {};
    Object.assign(global.__stryker__, { hitLimit, hitCount: hitLimit ? 0 : undefined });
    if (mutantActivation === "static") global.__stryker__.activeMutant = activeMutant.id;
    const said = await this.load().then(() => null, String);
    if (said !== null) return { status: MutantRunStatus.Killed, ...told(said) };
    global.__stryker__.activeMutant = activeMutant.id;
    const wanted = this.cases.filter(({ id }) => testFilter?.includes(id) ?? true);
    const tests = [];
    for (const each of wanted.sort((a, b) => a.ms - b.ms)) { // the quick ones may do
      tests.push(await this.run(each));
      if (tests[tests.length - 1].status === TestStatus.Failed) break;
    }
    return toMutantRunResult(
      determineHitLimitReached(global.__stryker__.hitCount, hitLimit) ??
      { status: DryRunStatus.Complete, tests });
  }
}
/** @param {Options} options */
const makeRunner = (options) => new NodeTests(options);
makeRunner.inject = /** @type {const} */ (["options"]);

/** Lets a share of the mutants through; the others are not tried, and count nowhere. */
class Sample {
  static inject = /** @type {const} */ ([]);

  async init() {}

  /** @param {Mutant[]} mutants @returns {Promise<Record<string, any>>} */
  async check(mutants) {
    const share = Number(process.env.SAMPLE ?? 1), seed = process.env.SEED ?? "0";
    return Object.fromEntries(mutants.map(({ id, fileName, location, replacement }) => {
      const key = [seed, path.basename(fileName), JSON.stringify(location), replacement].join();
      const draw = createHash("sha256").update(key).digest().readUInt32BE() / 2 ** 32;
      const status = draw < share ? "passed" : "compileError";
      return [id, { status, reason: "not in the sample" }];
    }));
  }
}

export const strykerPlugins = [
  declareFactoryPlugin(PluginKind.TestRunner, "node-test", /** @type {any} */ (makeRunner)),
  declareClassPlugin(PluginKind.Checker, "sample", /** @type {any} */ (Sample)),
];
export const strykerValidationSchema = {
  properties: { nodeTest: { type: "object", properties: { pattern: { type: "string" } } } },
};
