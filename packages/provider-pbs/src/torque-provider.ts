import { checkOptions, clusterSetup, CommandLineProvider, word, type SchemaOf } from '@parsl-ts/provider';
import { MISSING_PATIENCE_MS, pbsOptions, launcherFor, type PbsOptions } from './pbs-options.js';
import { torqueDialect } from './torque-dialect.js';

/** Options of {@link TorqueProvider}. */
export interface TorqueProviderOptions extends PbsOptions {
  /**
   * What else each node must have, as Torque writes it after `nodes=2:ppn=4`: `'gpus=2:bigmem'`.
   *
   * @default nothing
   */
  readonly nodeOptions?: string;
}

const SCHEMA = { ...pbsOptions('torque'), nodeOptions: word() } satisfies SchemaOf<TorqueProviderOptions>;

/**
 * Blocks as jobs of Torque: `qsub`, `qstat`, `qdel`. Also for Slurm with the commands that it has for Torque's users; where
 * `qstat` does not tell how a job ended, its output does.
 */
export class TorqueProvider extends CommandLineProvider {
  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: TorqueProviderOptions = {}) {
    const given = checkOptions('TorqueProvider', options, SCHEMA);
    const checked = { ...given, launcher: given.launcher ?? launcherFor(given.nodesPerBlock) };
    super({
      ...clusterSetup('TorqueProvider', checked, {
        dialect: torqueDialect(checked),
        coresPerNode: checked.cpusPerNode,
        keepsSecrets: true,
      }),
      missingPatienceMs: MISSING_PATIENCE_MS,
    });
  }
}
