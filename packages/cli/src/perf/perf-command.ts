import type { Command } from 'commander';

import { positive, repeated, wholeNumber } from '../option-values.js';
import { iterationPlan } from './iteration-plan.js';
import type { PerfOptions } from './perf-options.js';

/** What an executor sends as one payload, in bytes: 1 GiB, less what goes with it. */
const LARGEST_PAYLOAD = 2 ** 30 - 2 ** 10;

const bytes = wholeNumber(0, LARGEST_PAYLOAD);

const NOTES = `
Each iteration calls so many no-op tasks and waits for their results. --iterate says how many:
  estimate      10, then as many as are estimated to take --time, until an iteration nearly does
  exponential   10, 20, 40 and so on, until an iteration takes longer than --time
  10,1000,…     these numbers, whatever --time says

At most 100,000 tasks, or 256 MB of arguments and results, are outstanding at a time.

Examples:
  parsl-ts perf --time 10
  parsl-ts perf --config parsl.config.ts
  parsl-ts perf --config parsl.config.ts --executor gpu --arg-size 1000000 --iterate 100,1000
  parsl-ts perf --config parsl.config.ts --json > before.json`;

/** Adds `parsl-ts perf`. */
export function addPerfCommand(program: Command): void {
  program
    .command('perf')
    .description('Measures how many tasks a configuration runs in a second, and how long one takes.')
    .option(
      '--config <file>',
      'TypeScript or JavaScript module whose default export is a configuration, or a function that makes one (default: this machine, a worker for each core)',
    )
    .option('--time <seconds>', 'how long an iteration is meant to take', positive, 120)
    .option('--arg-size <bytes>', 'size of the argument of each task', bytes, 0)
    .option('--result-size <bytes>', 'size of the result of each task', bytes, 0)
    .option('--iterate <plan>', 'estimate, exponential, or numbers of tasks', iterationPlan, 'estimate')
    .option(
      '--executor <label>',
      'executor to measure; the others are not started; repeat it for several (default: all together)',
      repeated,
    )
    .option('--json', 'print the figures as JSON, when all are there')
    .allowExcessArguments(false)
    .addHelpText('after', NOTES)
    .action(async (options: PerfOptions) => {
      const { runPerf } = await import('./run-perf.js');
      await runPerf(options);
    });
}
