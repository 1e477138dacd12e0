import { setTimeout } from 'node:timers/promises';
import { cpuByRole, type Processes } from '../processes/role.js';

const PERIOD_MS = 500;
/** What a process does that has nothing to do, at most, in a period. */
const NOTHING_MS = 5;

/** Resolves when the processes have come to rest: but for workers, none of them uses the CPU any more. */
export async function quiescence(processes: Processes): Promise<void> {
  for (let before = cpuByRole(processes); ;) {
    await setTimeout(PERIOD_MS);
    const after = cpuByRole(processes);
    const isAtRest = [...after].every(
      ([role, used]) => role === 'workers' || used - (before.get(role) ?? 0) < NOTHING_MS,
    );
    if (isAtRest) return;
    before = after;
  }
}
