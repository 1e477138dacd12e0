import { constants } from 'node:os';
import type { JobStatus } from './contract.js';

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** Name of a signal (`SIGKILL`) by its number; `undefined` for a number that is none. */
export function signalName(number: number): string | undefined {
  return NAMES.get(number);
}

/**
 * How a job ended, by the exit code of its script. A shell that a signal ended, or whose last command a signal ended,
 * says so by an exit code of 128 and the signal's number.
 */
export function scriptEnd(exitCode: number): JobStatus {
  const signal = exitCode > 128 ? signalName(exitCode - 128) : undefined;
  return {
    state: exitCode === 0 ? 'completed' : 'failed',
    exitCode,
    ...(signal === undefined ? {} : { signal }),
  };
}
