import type { Measure } from '../measure.js';
import { quantile } from '../statistics.js';

const WARM_UP = 500;
const TASKS = 3_000;

/** How long a no-op task takes from call to result when nothing else is under way. */
export const latency: Measure = {
  name: 'latency',
  figures: [
    { name: 'p50', title: 'one task at a time, p50', unit: 'ms', better: 'lower', digits: 3 },
    { name: 'p99', title: 'one task at a time, p99', unit: 'ms', better: 'lower', digits: 3 },
  ],
  async take(open) {
    const { noop } = await open();
    for (let i = 0; i < WARM_UP; i += 1) await noop(i);
    const times: number[] = [];
    for (let i = 0; i < TASKS; i += 1) {
      const begin = performance.now();
      await noop(i);
      times.push(performance.now() - begin);
    }
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  },
};
