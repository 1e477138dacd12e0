import { readdirSync, readFileSync } from 'node:fs';

import type { Sample } from './flatness.js';

/** What the processes of a run are. */
export const ROLES = ['submit', 'interchange', 'manager', 'worker'] as const;
export type Role = (typeof ROLES)[number];

/** A process of the run, and what it held over time. */
export class WatchedProcess {
  readonly role: Role;
  readonly pid: number;
  /** Memory that it held, in MB. */
  readonly memory: Sample[] = [];
  /** Descriptors that it had open. */
  readonly descriptors: Sample[] = [];

  constructor(role: Role, pid: number) {
    this.role = role;
    this.pid = pid;
  }

  /** Between the first and the last look at it, in ms. */
  get livedMs(): number {
    return (this.memory.at(-1)?.at ?? 0) - (this.memory[0]?.at ?? 0);
  }

  /** Looks at it, if it is still there. */
  look(at: number): void {
    try {
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
