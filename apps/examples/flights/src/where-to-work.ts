import { parseArgs } from 'node:util';
import { HighThroughputExecutor } from '@parsl-ts/htex';
import { LocalProvider } from '@parsl-ts/provider-local';
import { SlurmProvider } from '@parsl-ts/provider-slurm';

/** What the program's arguments say. */
export interface Place {
  /** In words that follow "by". */
  readonly name: string;
  readonly executor: HighThroughputExecutor;
  /** Where the run keeps its logs and job scripts; `undefined`: in `runinfo`. */
  readonly runDir: string | undefined;
}

/**
 * On this machine: one block of worker processes, one process for each core. With `--slurm`, on a cluster: two blocks of
 * two nodes each. Nothing else differs.
 *
 * @param args `--slurm [--partition NAME] [--worker-pool PATH] [--run-dir PATH]`
 */
export function whereToWork(args: readonly string[]): Place {
  const { values } = parseArgs({
    args: [...args],
    options: {
      slurm: { type: 'boolean' },
      partition: { type: 'string' },
      'worker-pool': { type: 'string' },
      'run-dir': { type: 'string' },
    },
  });
  const runDir = values['run-dir'];
  if (values.slurm !== true) {
    const executor = new HighThroughputExecutor({ label: 'workers', provider: new LocalProvider() });
    return { name: 'the cores of this machine', executor, runDir };
  }
  const { partition, 'worker-pool': path } = values;
  const executor = new HighThroughputExecutor({
    label: 'workers',
    provider: new SlurmProvider({
      ...(partition === undefined ? {} : { partition }),
      nodesPerBlock: 2,
      initBlocks: 2,
      walltime: '00:10:00',
    }),
    // Where the nodes have the program `parsl-worker-pool`: where this host has it, unless told otherwise.
    ...(path === undefined ? {} : { workerPool: { path } }),
  });
  return { name: 'four nodes of a Slurm cluster', executor, runDir };
}
