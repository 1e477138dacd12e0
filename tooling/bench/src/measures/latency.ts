import type { Measure } from '../measure.js';
import { quantile } from '../statistics.js';

/** Enough for V8 to have compiled what a task passes through, in each of up to four processes. */
const WARM_UP = 4_000;
const TASKS = 3_000;

/** How long a no-op task takes from call to result when nothing else is under way: at the start of a run, and later. */
export const latency: Measure = {
  name: 'latency',
  figures: [
    {
      name: 'p50Start',
      title: 'one task at a time, first 3,000, p50',
      unit: 'ms',
      better: 'lower',
      digits: 3,
    },
    { name: 'p50', title: 'one task at a time, warm, p50', unit: 'ms', better: 'lower', digits: 3 },
    { name: 'p99', title: 'one task at a time, warm, p99', unit: 'ms', better: 'lower', digits: 3 },
  ],
  async take(open) {
    const { noop } = await open();
    await noop(0);
    const start = await timesOf(noop, TASKS);
    await timesOf(noop, WARM_UP - TASKS);
    const warm = await timesOf(noop, TASKS);
    return { p50Start: quantile(start, 0.5), p50: quantile(warm, 0.5), p99: quantile(warm, 0.99) };
  },
};

/** The times of `tasks` tasks, one after another, in ms. */
async function timesOf(noop: (x: number) => PromiseLike<number>, tasks: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < tasks; i += 1) {
    const begin = performance.now();
    await noop(i);
    times.push(performance.now() - begin);
  }
  return times;
}
