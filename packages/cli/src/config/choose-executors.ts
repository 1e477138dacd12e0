import type { Executor } from '@parsl-ts/core';

import { CommandError, ExitCode } from '../command-error.js';

/**
 * The executors that are named; all of them when none is. What is not chosen is never started, and so gets no blocks.
 *
 * @throws CommandError when there is no executor with such a label
 */
export function chooseExecutors(
  executors: readonly Executor[],
  labels: readonly string[],
): readonly Executor[] {
  const unknown = labels.find((label) => !executors.some((executor) => executor.label === label));
  if (unknown !== undefined) {
    const known = executors.map(({ label }) => `'${label}'`).join(', ');
    throw new CommandError(
      `--executor ${unknown}: the configuration has no such executor; it has ${known === '' ? 'none' : known}`,
      ExitCode.usage,
    );
  }
  return labels.length === 0 ? executors : executors.filter(({ label }) => labels.includes(label));
}
