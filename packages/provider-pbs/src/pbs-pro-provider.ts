import { checkOptions, clusterSetup, CommandLineProvider, word, type SchemaOf } from '@parsl-ts/provider';
import { MISSING_PATIENCE_MS, pbsOptions, launcherFor, type PbsOptions } from './pbs-options.js';
import { pbsProDialect } from './pbs-pro-dialect.js';

/** Options of {@link PBSProProvider}. */
export interface PBSProProviderOptions extends PbsOptions {
  /**
   * What else each node must have, as PBS writes it: `'ngpus=2:model=milan'`.
   *
   * @default nothing
   */
  readonly selectOptions?: string;
  /**
   * How a block's nodes are chosen and shared: `'scatter:excl'` for different hosts with nobody else on them.
   *
   * @default 'scatter' for blocks of several nodes, else the server's
   */
  readonly place?: string;
}

const SCHEMA = {
  ...pbsOptions('pbspro'),
  selectOptions: word(),
  place: word(),
} satisfies SchemaOf<PBSProProviderOptions>;

/**
 * Blocks as jobs of PBS Pro or OpenPBS: `qsub`, `qstat`, `qdel`. Works with and without the server's job history; without
 * it, how a job ended is read from its output.
 */
export class PBSProProvider extends CommandLineProvider {
  /** @throws ConfigurationError for an unknown option or a wrong value */
  constructor(options: PBSProProviderOptions = {}) {
    const given = checkOptions('PBSProProvider', options, SCHEMA);
    const checked = { ...given, launcher: given.launcher ?? launcherFor(given.nodesPerBlock) };
    // Without it, PBS may put several nodes' chunks on one host.
    const place = checked.place ?? (checked.nodesPerBlock > 1 ? 'scatter' : undefined);
    const dialect = pbsProDialect({ ...checked, place });
    super({
      ...clusterSetup('PBSProProvider', checked, {
        dialect,
        coresPerNode: checked.cpusPerNode,
        keepsSecrets: true,
      }),
      missingPatienceMs: MISSING_PATIENCE_MS,
    });
  }
}
