import type { Measure } from '../measure.js';
import { quantile } from '../statistics.js';
import { cpuFigures, withCpu } from './cpu-per-task.js';

const TASKS = 3_000;
/** Together with the first ones enough for V8 to have compiled what a task passes through, in all processes. */
const MORE_WARM_UP = 1_000;

/** How long a no-op task takes from call to result when nothing else is under way: at the start of a run, and later. */
export const latency: Measure = {
  name: 'latency',
  groups: [
    {
      title: 'One no-op task at a time',
      figures: [
        { name: 'p50Start', title: 'p50 of the first 3,000', unit: 'ms', better: 'lower', digits: 3 },
        { name: 'p50', title: 'p50', unit: 'ms', better: 'lower', digits: 3 },
        { name: 'p99', title: 'p99', unit: 'ms', better: 'lower', digits: 3 },
      ],
    },
    { title: 'What these cost, process by process', figures: cpuFigures },
  ],
  async take({ subject, scale, open }) {
    const tasks = Math.ceil(scale * TASKS);
    const { noop } = await open();
    await noop(0);
    const start = await timesOf(noop, tasks);
    await timesOf(noop, Math.ceil(scale * MORE_WARM_UP));
    let warm: number[] = [];
    const cpu = await withCpu(subject.processes, tasks, async () => {
      warm = await timesOf(noop, tasks);
    });
    return { p50Start: quantile(start, 0.5), p50: quantile(warm, 0.5), p99: quantile(warm, 0.99), ...cpu };
  },
};

/** The times of `tasks` tasks, one after another, in ms. */
async function timesOf(noop: (x: number) => PromiseLike<number>, tasks: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < tasks; i += 1) {
    const begin = performance.now();
    const result = await noop(i);
    times.push(performance.now() - begin);
    if (result !== i) throw new Error(`Task ${i} gave ${result}`);
  }
  return times;
}
