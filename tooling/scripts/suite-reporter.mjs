import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportsDir } from './paths.mjs';

/** @import { Reporter, TestCase, TestModule } from 'vitest/node' */
/** @import { SuiteResult } from './suite-result.mjs' */

/**
 * Writes what became of a vitest run to `.reports/vitest-node{major}.json`, with the reasons of skipped tests, which
 * vitest's own JSON leaves out.
 *
 * @implements {Reporter}
 */
export class SuiteReporter {
  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   * @param {'passed' | 'failed' | 'interrupted'} end
   */
  onTestRunEnd(modules, unhandledErrors, end) {
    const major = process.versions.node.split('.')[0];
    mkdirSync(reportsDir, { recursive: true });
    const result = summarize(`vitest on Node ${major}`, modules, unhandledErrors);
    if (end === 'interrupted') result.failed.push('the run was interrupted');
    writeFileSync(join(reportsDir, `vitest-node${major}.json`), JSON.stringify(result, undefined, 2));
  }
}

/**
 * @param {string} suite
 * @param {readonly TestModule[]} modules
 * @param {readonly unknown[]} unhandledErrors
 * @returns {SuiteResult}
 */
export function summarize(suite, modules, unhandledErrors) {
  /** @type {SuiteResult} */
  const result = { suite, passed: 0, failed: [], skipped: [], unsteady: [] };
  for (const module of modules) {
    const file = `${module.project.name} ${module.relativeModuleId}`;
    const failedBefore = result.failed.length;
    const tests = [...module.children.allTests()];
    for (const test of tests) addTest(result, `${file} > ${test.fullName}`, test);
    if (tests.length === 0) result.failed.push(`${file} (ran no test)`);
    // An import or a hook failed: no test shows it.
    else if (!module.ok() && result.failed.length === failedBefore)
      result.failed.push(`${file} (outside of its tests)`);
  }
  if (unhandledErrors.length > 0)
    result.failed.push(`${unhandledErrors.length} unhandled error(s) outside of tests`);
  return result;
}

/**
 * @param {SuiteResult} result
 * @param {string} name
 * @param {TestCase} test
 */
function addTest(result, name, test) {
  const outcome = test.result();
  if (outcome.state === 'passed') {
    result.passed += 1;
    if (test.diagnostic()?.flaky === true) {
      result.unsteady.push({ name, reason: outcome.errors?.[0]?.message ?? 'unknown' });
    }
  } else if (outcome.state === 'failed') result.failed.push(name);
  else {
    const note = 'note' in outcome ? outcome.note : undefined;
    result.skipped.push({ name, reason: note ?? 'its condition does not hold here' });
  }
}
