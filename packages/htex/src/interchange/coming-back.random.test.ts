import { expect, test } from 'vitest';

import { FaultyRun } from '../testing/faulty-run.js';

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  'connections that break and interchanges that die lose no task, and run none twice (seed %i)',
  (seed) => {
    const run = new FaultyRun(seed);
    for (let step = 0; step < 1000 || run.crashes === 0; step++) run.step();
    run.settle();
    expect(run.succeeded).toBeGreaterThan(300);
  },
);
