import { readdirSync, readFileSync } from 'node:fs';

import type { Sample } from './flatness.js';

/** What the processes of a run are. */
export const ROLES = ['submit', 'interchange', 'manager', 'worker'] as const;
export type Role = (typeof ROLES)[number];

/** A process of the run, and what it held over time. */
export class WatchedProcess {
  readonly role: Role;
  readonly pid: number;
  /** When it started, in the host's own unit. */
  private readonly start: string;
  /** Memory that it held, in MB. */
  readonly memory: Sample[] = [];
  /** Descriptors that it had open. */
  readonly descriptors: Sample[] = [];

  /** @param start what {@link startOf} says of it */
  constructor(role: Role, pid: number, start: string) {
    this.role = role;
    this.pid = pid;
    this.start = start;
  }

  /** Between the first and the last look at it, in ms. */
  get livedMs(): number {
    return (this.memory.at(-1)?.at ?? 0) - (this.memory[0]?.at ?? 0);
  }

  /** Looks at it, if it is still there. */
  look(at: number): void {
    try {
      if (startOf(this.pid) !== this.start) return;
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
      const open = readdirSync(`/proc/${this.pid}/fd`).length;
      // One that has ended and was not waited for has no memory.
      if (!Number.isFinite(kilobytes)) return;
      this.memory.push({ at, value: kilobytes / 1024 });
      this.descriptors.push({ at, value: open });
    } catch {
      // It has gone meanwhile.
    }
  }
}

/**
 * When the process with this number started, in the host's own unit: numbers are given out again within minutes.
 *
 * @throws Error when there is none
 */
export function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in brackets, may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
