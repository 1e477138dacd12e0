import { readFileSync } from 'node:fs';

/** The children of a manager that are workers; the others guard it. */
export function workersOf(pid: number): number[] {
  return childrenOf(pid, 'worker.js');
}

/** The children of a process in whose command line this stands. */
export function childrenOf(pid: number, words: string): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return children
      .filter((child) => child !== '' && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(words))
      .map(Number);
  } catch {
    // It has gone meanwhile.
    return [];
  }
}

/** Sends a signal. Tells whether there was anybody to get it. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
