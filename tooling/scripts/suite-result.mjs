/**
 * What became of one suite.
 *
 * @typedef {object} SuiteResult
 * @property {string} suite Its name, for people.
 * @property {number} passed
 * @property {string[]} failed What failed.
 * @property {{ name: string, reason: string }[]} skipped
 * @property {{ name: string, reason: string }[]} unsteady What passed only when it was tried again, and how it had failed.
 *   It counts as passed.
 */

/**
 * Adds suites up. A suite that ran nothing counts as one failure: otherwise a wrong path or a wrong filter would look
 * like success.
 *
 * @param {readonly SuiteResult[]} suites
 * @returns {SuiteResult}
 */
export function total(suites) {
  const checked = suites.map((one) =>
    one.passed + one.failed.length === 0 ? { ...one, failed: ['ran nothing'] } : one,
  );
  return {
    suite: 'total',
    passed: checked.reduce((sum, one) => sum + one.passed, 0),
    failed: checked.flatMap((one) => one.failed.map((name) => `${one.suite}: ${name}`)),
    skipped: checked.flatMap((one) =>
      one.skipped.map(({ name, reason }) => ({ name: `${one.suite}: ${name}`, reason })),
    ),
    unsteady: checked.flatMap((one) =>
      one.unsteady.map(({ name, reason }) => ({ name: `${one.suite}: ${name}`, reason })),
    ),
  };
}

/** @param {SuiteResult} result */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`;
}

/**
 * Notes what became of a phase among the phases before it. A phase with a suite of its own is counted there, and here
 * only if it failed although its suite shows nothing of it.
 *
 * @param {SuiteResult} phases
 * @param {string} name
 * @param {number} exitCode
 * @param {SuiteResult | undefined} suite
 * @returns {SuiteResult}
 */
export function phaseResult(phases, name, exitCode, suite) {
  if (exitCode !== 0 && (suite === undefined || suite.failed.length === 0)) {
    return { ...phases, failed: [...phases.failed, `${name} ended with exit code ${exitCode}`] };
  }
  return suite === undefined ? { ...phases, passed: phases.passed + 1 } : phases;
}
