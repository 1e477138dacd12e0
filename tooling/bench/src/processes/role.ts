import { cpuMs, descendantsOf } from './process-table.js';

/** The processes a task passes through, in this order. */
export const ROLES = ['submit', 'interchange', 'manager', 'workers'] as const;

export type Role = (typeof ROLES)[number];

/** How the command lines of the processes of a subject look. Those that match none play no part. */
export type RolePatterns = Partial<Readonly<Record<Exclude<Role, 'submit'>, RegExp>>>;

/** Ids of the processes of a run, by their roles. */
export type Processes = ReadonlyMap<Role, readonly number[]>;

/** The processes of a run, which this process has started; it is the submit process itself. Takes several ms. */
export function findProcesses(patterns: RolePatterns): Processes {
  const children = descendantsOf(process.pid);
  const found = new Map<Role, readonly number[]>([['submit', [process.pid]]]);
  for (const role of ROLES) {
    const pattern = role === 'submit' ? undefined : patterns[role];
    if (pattern === undefined) continue;
    const pids = children.filter(({ command }) => pattern.test(command)).map(({ pid }) => pid);
    if (pids.length > 0) found.set(role, pids);
  }
  return found;
}

/** The CPU time that the processes of each role have used so far, in ms. Empty where it cannot be told. */
export function cpuByRole(processes: Processes): ReadonlyMap<Role, number> {
  const used = new Map<Role, number>();
  for (const [role, pids] of processes) {
    const times = pids.flatMap((pid) => cpuMs(pid) ?? []);
    if (times.length === pids.length)
      used.set(
        role,
        times.reduce((sum, time) => sum + time, 0),
      );
  }
  return used;
}
