import type { Figure, Values } from '../measure.js';
import { cpuByRole, findProcesses, ROLES, type RolePatterns } from '../processes/role.js';

/** Figures of what tasks cost in CPU time, process by process. */
export const cpuFigures: readonly Figure[] = [...ROLES, 'total'].map((role) => ({
  name: `cpu-${role}`,
  title: role,
  unit: 'ms CPU per 1,000 tasks',
  better: 'lower',
  digits: 1,
}));

/** Runs tasks and tells what each 1,000 of them have cost. */
export async function withCpu(
  patterns: RolePatterns,
  tasks: number,
  run: () => Promise<void>,
): Promise<Values> {
  const processes = findProcesses(patterns);
  const before = cpuByRole(processes);
  await run();
  const after = cpuByRole(processes);
  const values: Record<string, number> = {};
  let total = 0;
  for (const [role, used] of after) {
    const perThousand = (1000 * (used - (before.get(role) ?? 0))) / tasks;
    values[`cpu-${role}`] = perThousand;
    total += perThousand;
  }
  return after.size === 0 ? values : { ...values, 'cpu-total': total };
}
