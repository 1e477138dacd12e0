// Keeps the results of `.ci/run` and `.ci/nightly`.
//   node ci-report.mjs record PHASE EXIT_CODE REPORT   notes what became of a phase
//   node ci-report.mjs sum SUITE…                      prints the sum over .reports/SUITE.json; exit code 1 if any failed
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportsDir } from './paths.mjs';
import { countsLine, phaseResult, total } from './suite-result.mjs';

/** @import { SuiteResult } from './suite-result.mjs' */

const [action, ...args] = process.argv.slice(2);
if (action === 'record') record(args);
else if (action === 'sum') sum(args);
else throw new Error(`There is no action ${action}`);

/** @param {string[]} args */
function record([phase = '', exitCode = '', report = '-']) {
  const before = read('phases');
  const after = phaseResult(before, phase, Number(exitCode), report === '-' ? undefined : read(report));
  mkdirSync(reportsDir, { recursive: true });
  writeFileSync(join(reportsDir, 'phases.json'), JSON.stringify(after, undefined, 2));
}

/** @param {string[]} names */
function sum(names) {
  const suites = names.map(read);
  const all = total(suites);
  for (const suite of suites) console.log(`${suite.suite.padEnd(20)} ${countsLine(suite)}`);
  if (all.skipped.length > 0) console.log('\nSkipped:');
  for (const { name, reason } of all.skipped) console.log(`  ${name}\n    because ${reason}`);
  if (all.unsteady.length > 0)
    console.log('\nPassed only when tried again, which is a fault to be looked for:');
  for (const { name, reason } of all.unsteady) console.log(`  ${name}\n    first: ${reason}`);
  if (all.failed.length > 0) console.log('\nFailed:');
  for (const name of all.failed) console.log(`  ${name}`);
  console.log(`\n${countsLine(all)}`);
  process.exitCode = all.failed.length === 0 ? 0 : 1;
}

/**
 * @param {string} name
 * @returns {SuiteResult} empty, if nothing has been written
 */
function read(name) {
  try {
    return JSON.parse(readFileSync(join(reportsDir, `${name}.json`), 'utf8'));
  } catch {
    return { suite: name, passed: 0, failed: [], skipped: [], unsteady: [] };
  }
}
