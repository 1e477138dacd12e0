import { parseArgs } from 'node:util';

import type { SampleOrder } from './sample.js';
import type { Size } from './size.js';

export const HELP = `Usage: npm run scale -- [OPTION]…

Runs a real executor and a real interchange against simulated worker pools: real connections, and workers that only answer.

  --managers N[,N…]    how many worker pools             (default 2048,8192,16384)
  --workers N[,N…]     workers of each; one number, or one for each of --managers   (default 32,32,64)
  --encrypted          encrypt the connections
  --tasks N            no-op tasks of a repetition       (default 200000)
  --repetitions N      of which the median is given      (default 3)
  --answer-ms MS       how long every task takes         (default 0)
  --apart              send each result in a message of its own
  --idle-ms MS         how long to watch the idle run    (default 5000)
  --processes N        processes that simulate pools     (default: one for every 4,096)
  --json FILE          write the figures there
  --profile DIR        write CPU profiles of the interchange there
`;

/** What the command line asks for. */
export interface ScaleOptions extends Omit<SampleOrder, 'size'> {
  readonly sizes: readonly Size[];
  readonly json: string | undefined;
  readonly help: boolean;
}

/** @throws Error that names the option that is wrong */
export function parseOptions(args: readonly string[]): ScaleOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      managers: { type: 'string', default: '2048,8192,16384' },
      workers: { type: 'string' },
      encrypted: { type: 'boolean', default: false },
      tasks: { type: 'string', default: '200000' },
      repetitions: { type: 'string', default: '3' },
      'answer-ms': { type: 'string', default: '0' },
      apart: { type: 'boolean', default: false },
      'idle-ms': { type: 'string', default: '5000' },
      processes: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const managers = numbers('managers', values.managers, 1);
  const workers = numbers('workers', values.workers ?? (managers.length === 3 ? '32,32,64' : '32'), 1);
  if (workers.length !== 1 && workers.length !== managers.length) {
    throw new Error(`--workers has ${workers.length} numbers and --managers ${managers.length}`);
  }
  return {
    sizes: managers.map((count, index) => ({
      managers: count,
      workersEach: workers[index] ?? workers[0] ?? 1,
    })),
    encrypted: values.encrypted,
    tasks: number('tasks', values.tasks, 1),
    repetitions: number('repetitions', values.repetitions, 1),
    answerMs: number('answer-ms', values['answer-ms'], 0),
    apart: values.apart,
    idleMs: number('idle-ms', values['idle-ms'], 1),
    processes: values.processes === undefined ? undefined : number('processes', values.processes, 1),
    ...{ json: values.json, profile: values.profile, help: values.help },
  };
}

function numbers(option: string, text: string, least: number): number[] {
  return text.split(',').map((each) => number(option, each, least));
}

function number(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
  throw new Error(`--${option} takes whole numbers from ${least} on, not '${text}'`);
}
