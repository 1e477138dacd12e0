import type { Measure } from '../measure.js';
import { quantile } from '../statistics.js';
import { runAll, timed } from './run-all.js';

const WARM_UP = 20_000;
const FEW = 10_000;
const MANY = 1_000_000;

/** Whether a great many tasks at once go through as quickly as a few. */
export const million: Measure = {
  name: 'million',
  long: true,
  groups: [
    {
      title: '1,000,000 no-op tasks at once, and 10,000 at once beside it',
      figures: [
        { name: 'many', title: '1,000,000', unit: 'tasks/s', better: 'higher', digits: 0 },
        { name: 'few', title: '10,000', unit: 'tasks/s', better: 'higher', digits: 0 },
        { name: 'ratio', title: 'ratio', unit: '', better: 'higher', digits: 2 },
      ],
    },
  ],
  async take({ scale, open }) {
    const [few, many] = [Math.ceil(scale * FEW), Math.ceil(scale * MANY)];
    const session = await open();
    await runAll(session, Math.ceil(scale * WARM_UP));
    const times: number[] = [];
    for (let i = 0; i < 5; i += 1) times.push(await timed(() => runAll(session, few)));
    const fewRate = (1000 * few) / quantile(times, 0.5);
    const manyRate = (1000 * many) / (await timed(() => runAll(session, many)));
    return { many: manyRate, few: fewRate, ratio: manyRate / fewRate };
  },
};
