import { userInfo } from 'node:os';
import { checkOptions, clusterSetup, CommandLineProvider, ConfigurationError } from '@parsl-ts/provider';
import { gridEngineDialect } from './grid-engine-dialect.js';
import { GRID_ENGINE_PROVIDER_SCHEMA, type GridEngineProviderOptions } from './grid-engine-options.js';
import { gridEngineScript } from './grid-engine-script.js';
import { QrshLauncher } from './qrsh-launcher.js';

/** The accounting comes late, and no host is heard of for half a minute after the qmaster was restarted. */
const MISSING_PATIENCE_MS = 120_000;

/** How much a host's clock may be behind this one's: where summer ends, local time is an hour behind itself. */
const CLOCKS_APART_MS = 2 * 3_600_000;

/** Runs blocks as jobs of Grid Engine: SGE and its successors, whose commands must be in `PATH`. */
export class GridEngineProvider extends CommandLineProvider {
  /** @throws ConfigurationError for an unknown option or a wrong value, and for several slots without an environment */
  constructor(options: GridEngineProviderOptions = {}) {
    const owner = 'GridEngineProvider';
    const checked = checkOptions(owner, options, GRID_ENGINE_PROVIDER_SCHEMA);
    const { nodesPerBlock, parallelEnvironment, slotsPerNode } = checked;
    if (parallelEnvironment === undefined && nodesPerBlock * slotsPerNode > 1) {
      const option = 'parallelEnvironment';
      const message = `option '${option}' of ${owner} is missing; a block of several slots needs one (qconf -spl lists them)`;
      throw new ConfigurationError(message, { owner, option });
    }
    // This user's jobs that started since, by the clocks of their hosts.
    const sinceMs = Date.now() - CLOCKS_APART_MS;
    const filter = { argv: ['-o', userInfo().username, '-b', minute(new Date(sinceMs))], sinceMs };
    const launcher = options.launcher ?? (nodesPerBlock > 1 ? new QrshLauncher() : checked.launcher);
    const block = { ...checked, launcher };
    const dialect = gridEngineDialect((request) => gridEngineScript(request, block), filter);
    super({
      ...clusterSetup(owner, checked, { dialect, coresPerNode: slotsPerNode, keepsSecrets: false }),
      // One list has all jobs.
      idsPerStatusCommand: Number.MAX_SAFE_INTEGER,
      missingPatienceMs: MISSING_PATIENCE_MS,
    });
  }
}

/** Local time as `qacct` takes it: 202611251600. The locale is one that writes years first. */
function minute(date: Date): string {
  return date.toLocaleString('sv').replaceAll(/\D/g, '').slice(0, 12);
}
