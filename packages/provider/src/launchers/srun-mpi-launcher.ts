import { checkOptions, type SchemaOf } from '../check-options.js';
import type { Launcher, LaunchRequest } from '../launcher.js';
import { shellCommand } from '../shell-quote.js';
import { PROGRAM_LAUNCHER_OPTIONS, type ProgramLauncherOptions } from './launcher-options.js';
import { oneCopy } from './one-copy.js';
import { supervise } from './supervise.js';

/** Options of {@link SrunMpiLauncher}. `overrides` are arguments of `srun`. */
export type SrunMpiLauncherOptions = ProgramLauncherOptions;

const SCHEMA = PROGRAM_LAUNCHER_OPTIONS satisfies SchemaOf<SrunMpiLauncherOptions>;

/**
 * For commands that are MPI programs: each of the copies, `tasksPerNode` on each node, is a step of `srun` of its own, with
 * one rank for each core of its share of the node. `overrides` may say otherwise: `'--nodes=2 --ntasks=64'`,
 * `'--ntasks=16 --cpus-per-task=4'`. Waits for every copy; the job fails if any does, with the exit code of the first that
 * failed.
 */
export class SrunMpiLauncher implements Launcher {
  readonly label = 'srun-mpi';
  readonly carriesSecrets = true;
  readonly #overrides: readonly string[];

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: SrunMpiLauncherOptions = {}) {
    this.#overrides = checkOptions('SrunMpiLauncher', options, SCHEMA).overrides;
  }

  fragment({ command, tasksPerNode, nodesPerBlock }: LaunchRequest): string {
    const options = shellCommand(['--nodes=1', ...STEP_OPTIONS, ...this.#overrides]);
    const start = `srun "--ntasks=$parsl_ranks" ${options} ${oneCopy(command)}`;
    const copies = tasksPerNode * nodesPerBlock;
    return `parsl_ranks=$((\${SLURM_CPUS_ON_NODE:-1} / ${String(tasksPerNode)}))
[ "$parsl_ranks" -gt 0 ] || parsl_ranks=1
${supervise({ start, copies, tolerated: 0, signals: 'launcher' })}`;
  }
}

/**
 * Steps wait for each other unless each takes no more than its cores, and leaves the memory that all of them share. A rank
 * has one core: up to Slurm 21.08 and again since 23.11 it would have as many as the job asked for as cores of a task, which
 * are all that the step has.
 */
const STEP_OPTIONS = ['--cpus-per-task=1', '--exclusive', '--mem=0', '--export=ALL', '--input=none'];
