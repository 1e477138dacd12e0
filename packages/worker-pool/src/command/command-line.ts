import { type PoolKeys } from '@parsl-ts/wire';
import { Command, CommanderError, Option } from 'commander';

import { packageVersion } from '../pool/package-files.js';
import { type WorkerPoolOptions } from '../pool/options.js';
import { PoolExit, WorkerPoolError } from '../pool-error.js';
import { deviceSets } from '../resources/accelerators.js';
import { address, affinity, milliseconds, notNegative, positive, wholeNumber } from './option-values.js';
import { readKeys, takeKeys } from './read-keys.js';

const EXAMPLES = `
Examples:
  parsl-worker-pool --connect tcp://login1:54321 --key-file keys.json
  parsl-worker-pool --connect tcp://10.0.0.1:54321,tcp://login1:54321 --key-file keys.json \\
      --max-workers-per-node 8 --log-dir /scratch/me/logs
  ssh node17 parsl-worker-pool --connect tcp://login1:54321 --key-file - < keys.json

Exit codes:
  0 told to end, or drained      3 no interchange answered       6 the interchange has gone
  1 refused, or a fault          4 keys missing or wrong         7 not here, or Node.js is too old
  2 options make no sense        5 no worker could be started    130, 143 ended by a signal`;

function repeated<T>(
  read: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before) => [...(before ?? []), read(text)];
}

function command(): Command {
  return new Command('parsl-worker-pool')
    .description(
      'Runs tasks of a @parsl-ts run on this host: starts workers and registers them with the run.',
    )
    .version(packageVersion())
    .option(
      '--connect <addresses>',
      "addresses of the run's interchange, tcp://host:port, separated by commas or repeated; the first that answers is used",
      (text: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        ...text.split(',').map(address),
      ],
    )
    .addOption(
      new Option(
        '--key-file <file>',
        "the run's keys, a file that only you can read; - reads standard input",
      ).conflicts('unencrypted'),
    )
    .addOption(
      new Option(
        '--key-variable <name>',
        "the run's keys, in an environment variable that job scripts of the run set; it is removed at once",
      ).conflicts(['keyFile', 'unencrypted']),
    )
    .option('--unencrypted', 'talk in the clear, to an interchange that does not encrypt')
    .option('--block-id <id>', 'block that this pool belongs to', 'manual')
    .option('--cores-per-worker <n>', 'cores for each worker; less than 1 shares a core', positive, 1)
    .option('--mem-per-worker-gb <gb>', 'memory for each worker; also bounds its JavaScript heap', positive)
    .option('--max-workers-per-node <n>', 'at most so many workers', wholeNumber(1))
    .option(
      '--prefetch-capacity <n>',
      'tasks held ready beyond one per worker (default: as runtimes suggest)',
      wholeNumber(0),
    )
    .option(
      '--heartbeat-period-ms <ms>',
      'how often to tell the interchange that this pool lives',
      milliseconds,
      30_000,
    )
    .option(
      '--heartbeat-threshold-ms <ms>',
      'silence after which the interchange is taken for gone',
      milliseconds,
      120_000,
    )
    .option(
      '--drain-period-ms <ms>',
      'time after which to take no more tasks and to end when the last is done',
      milliseconds,
    )
    .option(
      '--walltime-ms <ms>',
      'how long this pool may run before whatever started it ends it; PARSL_BLOCK_END and SLURM_JOB_END_TIME say it too',
      positive,
    )
    .option(
      '--drain-before-end-ms <ms>',
      'how long before that to take no more tasks (default: a tenth of the time left, at most 5 minutes)',
      notNegative,
    )
    .option(
      '--cpu-affinity <way>',
      'bind workers to cores: none, block, block-reverse, alternating, list:0-3:4-7',
      affinity,
      'none',
    )
    .option(
      '--available-accelerators <devices>',
      'devices of one worker, such as 0 or 0,1; repeat for each worker',
      repeated((text) => text),
    )
    .addOption(
      new Option('--accelerator-count <n>', 'the same as --available-accelerators for each of 0 to n-1')
        .argParser(wholeNumber(1))
        .conflicts('availableAccelerators'),
    )
    .option('--address-probe-timeout-ms <ms>', 'how long to look for the interchange', milliseconds, 30_000)
    .option('--log-dir <dir>', "where logs and workers' output go (default: standard output and error)")
    .option(
      '--scratch-dir <dir>',
      "where to keep the run's functions (default: the system's directory for temporary files)",
    )
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES);
}

/**
 * Reads the arguments of `parsl-worker-pool`. Prints what `--help` and `--version` ask for.
 *
 * @returns `undefined` when there is nothing left to do.
 * @throws WorkerPoolError when they make no sense.
 */
export function parseCommandLine(args: readonly string[]): WorkerPoolOptions | undefined {
  const program = command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    const message = error.message.replace(/^error: /, '').replace(/\n/g, ' ');
    throw usage(`${message.replace(/\.$/, '')}; --help shows all options`, error);
  }
  const { keyFile, keyVariable, unencrypted, acceleratorCount, connect, availableAccelerators, ...rest } =
    program.opts<Parsed>();
  if (connect === undefined) {
    throw usage(
      '--connect is missing; give the address of the interchange, such as --connect tcp://login1:54321',
    );
  }
  const keys = givenKeys(keyFile, keyVariable);
  if (keys === undefined && unencrypted !== true) {
    throw new WorkerPoolError(
      'PARSL_POOL_KEYS',
      'no keys were given; use --key-file with the key file of the run, or --unencrypted if the run has encrypted: false',
      PoolExit.keys,
    );
  }
  const accelerators =
    availableAccelerators ?? (acceleratorCount === undefined ? undefined : deviceSets(acceleratorCount));
  return {
    ...rest,
    addresses: connect,
    ...(keys === undefined ? {} : { keys }),
    ...(accelerators === undefined ? {} : { availableAccelerators: accelerators }),
  };
}

function givenKeys(file: string | undefined, variable: string | undefined): PoolKeys | undefined {
  if (variable !== undefined) return takeKeys(variable);
  return file === undefined ? undefined : readKeys(file);
}

/** What commander makes of the arguments. */
interface Parsed extends Omit<WorkerPoolOptions, 'addresses' | 'keys'> {
  readonly connect?: readonly string[];
  readonly keyFile?: string;
  readonly keyVariable?: string;
  readonly unencrypted?: boolean;
  readonly acceleratorCount?: number;
}

function usage(message: string, cause?: unknown): WorkerPoolError {
  return new WorkerPoolError('PARSL_POOL_USAGE', message, PoolExit.usage, { cause });
}
