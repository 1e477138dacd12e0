import { setTimeout } from 'node:timers/promises';
import type { Measure } from '../measure.js';
import { cpuByRole, findProcesses, ROLES } from '../processes/role.js';
import { runAll } from './run-all.js';

const WARM_UP = 1_000;
/** V8 collects garbage some 8 s after the last work, once. */
const SETTLE_MS = 12_000;
const PAUSE_MS = 500;
const IDLE_MS = 10_000;

/** What a run uses while it has nothing to do. */
export const idle: Measure = {
  name: 'idle',
  long: true,
  groups: [
    {
      title: 'CPU of a run that has nothing to do',
      figures: ROLES.map((role) => ({ name: role, title: role, unit: '% CPU', better: 'lower', digits: 3 })),
    },
  ],
  async take({ subject, scale, open }) {
    const session = await open();
    await runAll(session, Math.ceil(scale * WARM_UP));
    // Looking for them takes longer than the rest that is measured.
    const processes = findProcesses(subject.processes);
    await setTimeout(scale * SETTLE_MS);
    // The first look at them takes some ms, which would count for the process that looks.
    cpuByRole(processes);
    await setTimeout(scale * PAUSE_MS);
    const before = cpuByRole(processes);
    const begin = performance.now();
    await setTimeout(scale * IDLE_MS);
    const after = cpuByRole(processes);
    const ms = performance.now() - begin;
    return Object.fromEntries(
      [...after].map(([role, used]) => [role, (100 * (used - (before.get(role) ?? 0))) / ms]),
    );
  },
};
