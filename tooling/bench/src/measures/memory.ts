import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Measure } from '../measure.js';
import { residentBytes } from '../processes/process-table.js';
import { findProcesses, type Processes } from '../processes/role.js';
import { withBusyWorkers } from './busy-workers.js';
import { quiescence } from './quiescence.js';
import { runAll } from './run-all.js';

const WARM_UP = 20_000;
const TASKS = 1_000_000;

/**
 * The memory that tasks take while they wait for workers which are busy: how much the processes grow. In the submit
 * process, after garbage has been collected.
 */
export const memory: Measure = {
  name: 'memory',
  long: true,
  groups: [
    {
      title: 'Memory for each of 1,000,000 tasks that wait, as the processes grow',
      figures: [
        { name: 'submit', title: 'submit', unit: 'bytes', better: 'lower', digits: 0 },
        { name: 'heap', title: 'of that, live heap', unit: 'bytes', better: 'lower', digits: 0 },
        { name: 'interchange', title: 'interchange', unit: 'bytes', better: 'lower', digits: 0 },
      ],
    },
  ],
  async take({ subject, workers, scale, open }) {
    const session = await open();
    await runAll(session, Math.ceil(scale * WARM_UP));
    const processes = findProcesses(subject.processes);
    return withBusyWorkers(session, workers, async () => {
      const before = await footprint(processes);
      const waiting = Array.from({ length: Math.ceil(scale * TASKS) }, (_, i) => session.noop(i));
      const after = await footprint(processes);
      const values: Record<string, number> = {};
      for (const [name, bytes] of after) values[name] = (bytes - (before.get(name) ?? 0)) / waiting.length;
      return values;
    });
  },
};

/** Bytes that processes take when nothing moves any more. */
async function footprint(processes: Processes): Promise<ReadonlyMap<string, number>> {
  await quiescence(processes);
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const bytes = new Map([
    ['submit', rss],
    ['heap', heapUsed + external],
  ]);
  const [interchange] = processes.get('interchange') ?? [];
  const resident = interchange === undefined ? undefined : residentBytes(interchange);
  if (resident !== undefined) bytes.set('interchange', resident);
  return bytes;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new TypeError('V8 does not show its garbage collector');
  // What a first collection has made unreachable, the second frees.
  Reflect.apply(collect, undefined, []);
  Reflect.apply(collect, undefined, []);
}
