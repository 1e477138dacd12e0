import type { Measure } from '../measure.js';

/** How long it takes from nothing but loaded modules to the result of a first task. */
export const firstResult: Measure = {
  name: 'first-result',
  groups: [
    {
      title: 'First result after the start',
      figures: [{ name: 'time', title: 'first result', unit: 'ms', better: 'lower', digits: 0 }],
    },
  ],
  async take({ open }) {
    const begin = performance.now();
    const { noop } = await open();
    await noop(1);
    return { time: performance.now() - begin };
  },
};
