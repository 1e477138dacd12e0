import type { Measure } from '../measure.js';
import { cpuFigures, withCpu } from './cpu-per-task.js';
import { runAll, timed } from './run-all.js';

/** Least number of tasks before those that are measured: enough for V8 to have compiled what a task passes through. */
const WARM_UP = 10_000;

/** How many no-op tasks go through in a second when all of them are submitted at once, and what they cost. */
export const throughput: Measure = {
  name: 'throughput',
  groups: [
    {
      title: 'No-op tasks, all at once',
      figures: [{ name: 'rate', title: 'tasks', unit: 'tasks/s', better: 'higher', digits: 0 }],
    },
    { title: 'What these cost, process by process', figures: cpuFigures },
  ],
  async take({ subject, scale, open }) {
    const tasks = Math.ceil(scale * subject.tasks);
    const session = await open();
    await runAll(session, Math.ceil(Math.max(scale * WARM_UP, tasks / 5)));
    let ms = 0;
    const cpu = await withCpu(subject.processes, tasks, async () => {
      ms = await timed(() => runAll(session, tasks));
    });
    return { rate: (1000 * tasks) / ms, ...cpu };
  },
};
