import { checkOptions, type SchemaOf } from '../check-options.js';
import type { Launcher, LaunchRequest } from '../launcher.js';
import { shellCommand } from '../shell-quote.js';
import { PROGRAM_LAUNCHER_OPTIONS, type ProgramLauncherOptions } from './launcher-options.js';
import { oneCopy } from './one-copy.js';

/** Options of {@link SrunLauncher}. `overrides` are arguments of `srun`. */
export type SrunLauncherOptions = ProgramLauncherOptions;

const SCHEMA = PROGRAM_LAUNCHER_OPTIONS satisfies SchemaOf<SrunLauncherOptions>;

/**
 * Runs the copies on the nodes of a Slurm job, `tasksPerNode` on each, as one step of `srun`, which takes the place of
 * the job's shell. Every copy has the environment of the job script and may use all that the job has on its node, and so may
 * steps that tasks start there with `srun`. A copy that fails leaves the others alone; the job's exit code is the highest
 * of theirs.
 */
export class SrunLauncher implements Launcher {
  readonly label = 'srun';
  readonly carriesSecrets = true;
  readonly #overrides: readonly string[];

  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: SrunLauncherOptions = {}) {
    this.#overrides = checkOptions('SrunLauncher', options, SCHEMA).overrides;
  }

  fragment({ command, tasksPerNode, nodesPerBlock }: LaunchRequest): string {
    const size = [
      `--nodes=${String(nodesPerBlock)}`,
      `--ntasks=${String(tasksPerNode * nodesPerBlock)}`,
      `--ntasks-per-node=${String(tasksPerNode)}`,
    ];
    const options = shellCommand([...size, ...STEP_OPTIONS, ...this.#overrides]);
    return `SLURM_OVERLAP=1 exec srun ${CPUS_PER_TASK} ${options} ${OWN_STEPS} ${oneCopy(command)}\n`;
  }
}

/**
 * The copies' step would leave nothing to steps that tasks start with `srun`, which would wait for ever, if it did not let
 * itself be overlapped. Those are not to overlap each other. A variable, since `srun` before 20.11 knows no option for it.
 */
const OWN_STEPS = '/usr/bin/env -u SLURM_OVERLAP';

/** A step does not ask for the cores per task that its job asked for (since Slurm 22.05), and would get one. */
const CPUS_PER_TASK = '${SLURM_CPUS_PER_TASK:+"--cpus-per-task=$SLURM_CPUS_PER_TASK"}';

/**
 * What sites may have set otherwise: a worker pool is not one rank on one core, it needs the environment of the script
 * even if the job was not given the submitter's, and it does not end because another one has.
 */
const STEP_OPTIONS = ['--cpu-bind=none', '--export=ALL', '--input=none', '--kill-on-bad-exit=0', '--wait=0'];
