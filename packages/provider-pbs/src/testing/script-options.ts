import { SimpleLauncher } from '@parsl-ts/provider';
import type { PbsScriptOptions } from '../job-script.js';

/** Options of a small job with nothing special to it. */
export const SCRIPT_OPTIONS: PbsScriptOptions = {
  queue: undefined,
  account: undefined,
  walltime: '00:20:00',
  nodesPerBlock: 1,
  cpusPerNode: 1,
  memPerNodeGb: undefined,
  schedulerOptions: '',
  workerInit: '',
  launcher: new SimpleLauncher(),
};
