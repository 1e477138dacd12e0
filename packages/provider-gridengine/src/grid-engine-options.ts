import {
  clusterOptions,
  integer,
  list,
  word,
  type CheckedOptions,
  type ClusterOptions,
  type SchemaOf,
} from '@parsl-ts/provider';

/** Options of {@link GridEngineProvider}. `walltime` is `'00:10:00'` by default. */
export interface GridEngineProviderOptions extends ClusterOptions {
  /**
   * Queues in which a block may run, as `-q` takes them: `'all.q'`, `'long.q,gpu.q@@big'`.
   *
   * @default any queue
   */
  readonly queue?: string;
  /**
   * Project of the block (`-P`). `account` is the text that Grid Engine's accounting keeps with the job (`-A`).
   *
   * @default the scheduler's
   */
  readonly project?: string;
  /**
   * Parallel environment (`-pe`) that gives a block its slots; needed for more than one. Its `allocation_rule` decides
   * which hosts they are on, and must put `slotsPerNode` on each of `nodesPerBlock` hosts: `$pe_slots` for one host, the
   * number itself for several. A block that gets other hosts than these ends at once, and says so.
   *
   * @default none
   */
  readonly parallelEnvironment?: string;
  /**
   * Slots of each node, which are cores as a rule. Worker pools are told of them.
   *
   * @default 1
   */
  readonly slotsPerNode?: number;
  /**
   * Resource in which `memPerNodeGb` is asked for. Each slot asks for its share, as consumable resources are counted.
   *
   * @default 'mem_free'
   */
  readonly memoryResource?: string;
  /**
   * More resources (`-l`), a request each: `['gpu=1', 'arch=lx-amd64']`.
   *
   * @default []
   */
  readonly resources?: readonly string[];
}

/** What {@link GridEngineProviderOptions} are checked against. */
export const GRID_ENGINE_PROVIDER_SCHEMA = {
  ...clusterOptions({ label: 'gridengine', walltime: '00:10:00', directive: '#$', arrays: ['-t'] }),
  queue: word(),
  project: word(),
  parallelEnvironment: word(),
  slotsPerNode: integer({ min: 1, default: 1 }),
  memoryResource: word({ default: 'mem_free' }),
  resources: list(word(), { default: [] as readonly string[] }),
} satisfies SchemaOf<GridEngineProviderOptions>;

/** {@link GridEngineProviderOptions} that have been checked. */
export type CheckedGridEngineOptions = CheckedOptions<typeof GRID_ENGINE_PROVIDER_SCHEMA>;
