import { userInfo } from 'node:os';
import { checkOptions, clusterSetup, CommandLineProvider, ConfigurationError } from '@parsl-ts/provider';
import { gridEngineDialect } from './grid-engine-dialect.js';
import { GRID_ENGINE_PROVIDER_SCHEMA, type GridEngineProviderOptions } from './grid-engine-options.js';
import { gridEngineScript } from './grid-engine-script.js';

/** Accounting comes late, and hosts are not heard of for half a minute after the qmaster was restarted. */
const MISSING_PATIENCE_MS = 120_000;

/** Runs blocks as jobs of Grid Engine: SGE 6.2 and its successors. Its commands must be in `PATH`, and SGE_ROOT be set. */
export class GridEngineProvider extends CommandLineProvider {
  /** @throws ConfigurationError for an unknown option or a wrong value, or for several slots without an environment */
  constructor(options: GridEngineProviderOptions = {}) {
    const owner = 'GridEngineProvider';
    const checked = checkOptions(owner, options, GRID_ENGINE_PROVIDER_SCHEMA);
    const { nodesPerBlock, parallelEnvironment, slotsPerNode } = checked;
    if (parallelEnvironment === undefined && nodesPerBlock * slotsPerNode > 1) {
      throw new ConfigurationError(
        `option 'parallelEnvironment' of ${owner} is missing; a block of several slots needs one (qconf -spl lists them)`,
        { owner, option: 'parallelEnvironment' },
      );
    }
    const { launcher } = checked;
    const dialect = gridEngineDialect({
      script: (request) => gridEngineScript(request, { ...checked, launcher }),
      user: userInfo().username,
      since: minute(new Date()),
    });
    super({
      ...clusterSetup(owner, checked, { dialect, coresPerNode: slotsPerNode, keepsSecrets: false }),
      // One list has all jobs.
      idsPerStatusCommand: Number.MAX_SAFE_INTEGER,
      missingPatienceMs: MISSING_PATIENCE_MS,
    });
  }
}

/** Year to minute, as Grid Engine's commands take local times. */
function minute(date: Date): string {
  const fields = [
    date.getFullYear(),
    date.getMonth() + 1,
    date.getDate(),
    date.getHours(),
    date.getMinutes(),
  ];
  return fields.map((field) => String(field).padStart(2, '0')).join('');
}
