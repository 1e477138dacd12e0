import {
  boolean,
  clusterOptions,
  integer,
  isLauncher,
  value,
  word,
  type CheckedOptions,
  type ClusterOptions,
  type Launcher,
  type SchemaOf,
} from '@parsl-ts/provider';

/** Options of {@link SlurmProvider}. */
export interface SlurmProviderOptions extends ClusterOptions {
  /**
   * Partition, or several with commas between them.
   *
   * @default the cluster's
   */
  readonly partition?: string;
  /**
   * Quality of service.
   *
   * @default the account's
   */
  readonly qos?: string;
  /**
   * Features that nodes must have: `'haswell'`, `'gpu&fast'`.
   *
   * @default none
   */
  readonly constraint?: string;
  /**
   * Clusters to choose from, with commas between them, where one Slurm has several.
   *
   * @default the one that this host belongs to
   */
  readonly clusters?: string;
  /**
   * Cores asked for on each node. Worker pools are told of them. With `exclusive`, a block has all cores of its nodes, but
   * its pools use no more than these.
   *
   * @default with `exclusive` all cores of a node, without it one
   */
  readonly coresPerNode?: number;
  /**
   * Graphics cards asked for on each node.
   *
   * @default none
   */
  readonly gpusPerNode?: number;
  /**
   * Other generic resources asked for on each node: `'tmp:100G'`, `'gpu:a100:2'`.
   *
   * @default none
   */
  readonly gres?: string;
  /**
   * Whether a block has its nodes to itself.
   *
   * @default true
   */
  readonly exclusive?: boolean;
  /**
   * How long a block may run, `HH:MM:SS`. Slurm counts whole minutes, rounded up.
   *
   * @default '00:10:00'
   */
  readonly walltime?: string;
  /**
   * Starts the worker pools of a block.
   *
   * @default new SingleNodeLauncher() for blocks of one node, new SrunLauncher() for larger ones
   */
  readonly launcher?: Launcher;
}

/** What {@link SlurmProviderOptions} are checked against. */
export const SLURM_PROVIDER_SCHEMA = {
  ...clusterOptions({
    label: 'slurm',
    walltime: '00:10:00',
    directive: '#SBATCH',
    // For burst buffers.
    otherDirectives: ['#BB', '#BB_LUA', '#DW'],
  }),
  partition: word(),
  qos: word(),
  constraint: word(),
  clusters: word(),
  coresPerNode: integer({ min: 1 }),
  gpusPerNode: integer({ min: 1 }),
  gres: word(),
  exclusive: boolean({ default: true }),
  launcher: value<Launcher>('a Launcher', isLauncher),
} satisfies SchemaOf<SlurmProviderOptions>;

/** {@link SlurmProviderOptions} that have been checked, with their defaults. */
export type CheckedSlurmOptions = CheckedOptions<typeof SLURM_PROVIDER_SCHEMA> & {
  readonly launcher: Launcher;
};
