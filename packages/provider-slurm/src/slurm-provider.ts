import {
  checkOptions,
  clusterSetup,
  CommandLineProvider,
  SingleNodeLauncher,
  SrunLauncher,
  type Launcher,
} from '@parsl-ts/provider';
import { slurmDialect } from './slurm-dialect.js';
import { SLURM_PROVIDER_SCHEMA, type SlurmProviderOptions } from './slurm-provider-options.js';

const OWNER = 'SlurmProvider';

/**
 * Runs each block as a job of Slurm, with the commands of Slurm on this host. Making one runs none of them: whether there
 * is accounting is found out with the first question about a job.
 */
export class SlurmProvider extends CommandLineProvider {
  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: SlurmProviderOptions = {}) {
    const checked = checkOptions(OWNER, options, SLURM_PROVIDER_SCHEMA);
    const launcher = checked.launcher ?? defaultLauncher(checked.nodesPerBlock);
    const complete = { ...checked, launcher };
    const { coresPerNode } = checked;
    // The node keeps the script in a directory that is its user's, the controller in one that is its own.
    const parts = { dialect: slurmDialect(complete), coresPerNode, keepsSecrets: true };
    super(clusterSetup(OWNER, complete, parts));
  }
}

function defaultLauncher(nodesPerBlock: number): Launcher {
  return nodesPerBlock === 1 ? new SingleNodeLauncher() : new SrunLauncher();
}
