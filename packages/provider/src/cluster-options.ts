import { inspect } from 'node:util';
import { BLOCK_OPTIONS, blockLimits, type BlockOptions, type CheckedBlockOptions } from './block-options.js';
import type { CommandLineProviderSetup } from './command-line-provider.js';
import type { NodeResources } from './contract.js';
import type { Launcher } from './launcher.js';
import { walltimeMs } from './walltime-ms.js';
import { directives, integer, number, string, walltime, word, type Option } from './option-kinds.js';
import type { SchedulerDialect } from './scheduler-dialect.js';

/** The options that providers of clusters with a batch scheduler have in common. Each adds its scheduler's own words. */
export interface ClusterOptions extends BlockOptions {
  /**
   * Short name for log lines.
   *
   * @default the scheduler's name
   */
  readonly label?: string;
  /**
   * How long a block may run, `HH:MM:SS`. The scheduler ends it then, and it is replaced while work remains. Its worker
   * pools take no more tasks some time before that.
   *
   * @default depends on the provider
   */
  readonly walltime?: string;
  /**
   * Whose allocation is charged.
   *
   * @default the scheduler's
   */
  readonly account?: string;
  /**
   * Memory asked for on each node, in GB. Worker pools are told of it.
   *
   * @default what the scheduler gives
   */
  readonly memPerNodeGb?: number;
  /**
   * More lines for the scheduler in the job script, one directive a line, with or without what directives begin with:
   * `'--mail-type=END'` or `'#SBATCH --mail-type=END'`. They follow those that come from other options. Comments are left
   * out. PBS and Grid Engine must not be asked for an array (`-J`, `-t`): a block is one job.
   *
   * @default ''
   */
  readonly schedulerOptions?: string;
  /**
   * How long each of the scheduler's commands may take, in ms. It is killed then, with all that it started.
   *
   * @default 30000
   */
  readonly commandTimeoutMs?: number;
  /**
   * How often the scheduler is asked for states, in ms. Pools tell of themselves that they are there, so this is how long
   * it may take until the end of a block is noticed. Schedulers bear it better than users think to ask seldom.
   *
   * @default 10000
   */
  readonly pollIntervalMs?: number;
  /**
   * Jobs named in one command at most.
   *
   * @default 100
   */
  readonly jobsPerCommand?: number;
}

/** What a scheduler's own words are in {@link clusterOptions}. */
export interface ClusterDefaults {
  /** The scheduler's name. */
  readonly label: string;
  /** Walltime of a block, `HH:MM:SS`. */
  readonly walltime: string;
  /** What a directive in a job script begins with: `#SBATCH`. */
  readonly directive: string;
  /**
   * What lines begin with that other programs read in a job script by way of the scheduler: `#DW`.
   *
   * @default []
   */
  readonly otherDirectives?: readonly string[];
  /**
   * Options that make an array of a job, where a block cannot be one: `-J`.
   *
   * @default []
   */
  readonly arrays?: readonly string[];
}

/** What {@link clusterOptions} gives. */
export type ClusterSchema = typeof BLOCK_OPTIONS & {
  readonly label: Option<string>;
  readonly walltime: Option<string>;
  readonly account: Option<string | undefined>;
  readonly memPerNodeGb: Option<number | undefined>;
  readonly schedulerOptions: Option<string>;
  readonly commandTimeoutMs: Option<number>;
  readonly pollIntervalMs: Option<number>;
  readonly jobsPerCommand: Option<number>;
};

/** Schema of {@link ClusterOptions}, to spread into a provider's own schema. */
export function clusterOptions(defaults: ClusterDefaults): ClusterSchema {
  return {
    ...BLOCK_OPTIONS,
    label: string({ default: defaults.label, notEmpty: true }),
    walltime: walltime({ default: defaults.walltime }),
    account: word(),
    memPerNodeGb: number({ min: 0.001 }),
    schedulerOptions: directives(defaults.directive, {
      default: '',
      others: defaults.otherDirectives ?? [],
      arrays: defaults.arrays ?? [],
    }),
    commandTimeoutMs: integer({ min: 1, max: 3_600_000, default: 30_000 }),
    pollIntervalMs: integer({ min: 1, max: 3_600_000, default: 10_000 }),
    jobsPerCommand: integer({ min: 1, max: 1000, default: 100 }),
  };
}

/** {@link ClusterOptions} that have been checked one by one. */
export interface CheckedClusterOptions extends CheckedBlockOptions {
  readonly label: string;
  readonly nodesPerBlock: number;
  readonly memPerNodeGb: number | undefined;
  readonly walltime: string;
  readonly commandTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly jobsPerCommand: number;
  readonly launcher: Launcher;
}

/** What a scheduler adds to checked options. */
export interface ClusterParts {
  readonly dialect: SchedulerDialect;
  /** Cores of a node that a block asks for; `undefined`: worker pools find out. */
  readonly coresPerNode: number | undefined;
  /**
   * Whether the scheduler keeps job scripts where no other user can read them, so that they may hold the secret of a
   * request. The launcher has to carry it, too.
   */
  readonly keepsSecrets: boolean;
}

/**
 * Puts a provider's checked options and its dialect together, for the constructor of a `CommandLineProvider`.
 *
 * @throws ConfigurationError when the options contradict each other
 */
export function clusterSetup(
  owner: string,
  options: CheckedClusterOptions,
  { dialect, coresPerNode, keepsSecrets }: ClusterParts,
): CommandLineProviderSetup {
  return {
    label: options.label,
    dialect,
    asksFor: asksFor(owner, options),
    nodesPerBlock: options.nodesPerBlock,
    node: nodeResources(coresPerNode, options.memPerNodeGb),
    blocks: blockLimits(owner, options),
    carriesSecrets: keepsSecrets && options.launcher.carriesSecrets === true,
    walltimeMs: walltimeMs(options.walltime),
    pollIntervalMs: options.pollIntervalMs,
    commandTimeoutMs: options.commandTimeoutMs,
    idsPerCommand: options.jobsPerCommand,
  };
}

/** Options that a scheduler hears nothing of, or that no scheduler refuses. */
const NOT_ASKED: ReadonlySet<string> = new Set([
  ...[
    'label',
    'initBlocks',
    'minBlocks',
    'maxBlocks',
    'parallelism',
    'maxSubmissionsPerMinute',
    'workerInit',
  ],
  ...['launcher', 'commandTimeoutMs', 'pollIntervalMs', 'jobsPerCommand'],
]);

/** What each job asks for, in the words of the options. */
function asksFor(owner: string, options: CheckedClusterOptions): string {
  const asked = Object.entries(options).filter(
    ([name, value]: [string, unknown]) => !NOT_ASKED.has(name) && value !== undefined && value !== '',
  );
  return `${owner}(${inspect(Object.fromEntries(asked), { breakLength: Infinity, maxStringLength: 200 })})`;
}

/** What is known of a node from the options that ask for it. */
export function nodeResources(cores: number | undefined, memoryGb: number | undefined): NodeResources {
  return {
    ...(cores === undefined ? {} : { cores }),
    ...(memoryGb === undefined ? {} : { memoryGb }),
  };
}
