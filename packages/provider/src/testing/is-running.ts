import { readFileSync } from 'node:fs';

/** Whether a process runs; one that has ended and was not collected by its parent does not. Linux only. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
