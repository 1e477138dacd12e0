import {
  clusterOptions,
  integer,
  isLauncher,
  SingleNodeLauncher,
  value,
  word,
  type ClusterOptions,
  type ClusterSchema,
  type Launcher,
  type Option,
} from '@parsl-ts/provider';
import { PbsdshLauncher } from './pbsdsh-launcher.js';

/**
 * How long the output of a job that has ended is waited for where nothing else tells how it ended, in ms. PBS delivers it
 * before the job's end; a network file system may show it later.
 */
export const MISSING_PATIENCE_MS = 20_000;

/** The options that PBS Pro and Torque have in common. */
export interface PbsOptions extends ClusterOptions {
  /**
   * Queue that blocks are submitted to.
   *
   * @default the server's
   */
  readonly queue?: string;
  /**
   * Cores asked for on each node. Worker pools are told of it.
   *
   * @default 1
   */
  readonly cpusPerNode?: number;
  /**
   * Starts the worker pools of a block.
   *
   * @default new SingleNodeLauncher() for blocks of one node, else new PbsdshLauncher()
   */
  readonly launcher?: Launcher;
}

/** What {@link pbsOptions} gives. */
export type PbsSchema = Omit<ClusterSchema, 'launcher'> & {
  readonly queue: Option<string | undefined>;
  readonly cpusPerNode: Option<number>;
  readonly launcher: Option<Launcher | undefined>;
};

/** Schema of {@link PbsOptions}, to spread into that of a provider. `launcher` is `undefined` where it is left out. */
export function pbsOptions(label: string): PbsSchema {
  return {
    ...clusterOptions({ label, walltime: '00:20:00', directive: '#PBS', arrays: ['-J', '-t'] }),
    queue: word(),
    cpusPerNode: integer({ min: 1, default: 1 }),
    launcher: value<Launcher>('a Launcher', isLauncher),
  };
}

/** The launcher of blocks for which none is given: one that reaches all of their nodes. */
export function launcherFor(nodesPerBlock: number): Launcher {
  return nodesPerBlock === 1 ? new SingleNodeLauncher() : new PbsdshLauncher();
}
