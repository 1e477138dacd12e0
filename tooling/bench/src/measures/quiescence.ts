import { setTimeout } from 'node:timers/promises';
import { cpuByRole, type RolePatterns } from '../processes/role.js';

const PERIOD_MS = 500;
/** What a process does that has nothing to do, at most, in a period. */
const NOTHING_MS = 5;

/** Resolves when the processes have come to rest: none of them uses the CPU any more. */
export async function quiescence(processes: RolePatterns): Promise<void> {
  for (let before = cpuByRole(processes); ;) {
    await setTimeout(PERIOD_MS);
    const after = cpuByRole(processes);
    if ([...after].every(([role, used]) => used - (before.get(role) ?? 0) < NOTHING_MS)) return;
    before = after;
  }
}
