import { isIPv6 } from 'node:net';

import {
  boolean,
  callable,
  checkOptions,
  ConfigurationError,
  either,
  integer,
  list,
  oneOf,
  port,
  string,
  value,
  type ExecutionProvider,
  type SchemaOf,
} from '@parsl-ts/provider';
import type { BlockErrorHandler } from '@parsl-ts/core';

import { checkBadNodes, type BadNodeOptions } from './bad-node-options.js';
import type { BadNodeRules } from './interchange/failure-watch.js';
import { SELECTOR_NAMES, type SelectorName } from './interchange/selector.js';
import { checkLocation, type WorkerPoolLocation } from './worker-pool-location.js';

/** Options of a `HighThroughputExecutor`. */
export interface HighThroughputExecutorOptions {
  /**
   * Name of the executor, unique in its kernel: letters, digits, `.`, `_` and `-`.
   *
   * @default 'htex'
   */
  readonly label?: string;
  /**
   * Gets the nodes on which worker pools run. Without one, the executor waits for pools that are started by hand.
   *
   * @default none
   */
  readonly provider?: ExecutionProvider;
  /**
   * Addresses or names of this host under which worker pools find the interchange, and on which alone it listens. `'*'`
   * listens on all; pools then try every IPv4 address of this host, and its name.
   *
   * @default `loopbackAddress` when all pools run on this host (`provider.onThisHost`) or `encrypted` is off, otherwise `'*'`
   */
  readonly address?: string | readonly string[];
  /**
   * IPv4 address that reaches this host from itself only. Pools on this host use it.
   *
   * @default '127.0.0.1'
   */
  readonly loopbackAddress?: string;
  /**
   * Port that worker pools connect to.
   *
   * @default a free one of `workerPortRange`
   */
  readonly workerPort?: number;
  /**
   * First and last port to choose from, both included.
   *
   * @default [54000, 55000]
   */
  readonly workerPortRange?: readonly [first: number, last: number];
  /**
   * Cores per worker: a node has as many workers as that gives. May be a fraction, for more workers than cores.
   *
   * @default 1
   */
  readonly coresPerWorker?: number;
  /**
   * Memory per worker, in GB. A node has no more workers than that gives, and it bounds the heap of each.
   *
   * @default no limit
   */
  readonly memPerWorkerGb?: number;
  /**
   * Workers per node at most.
   *
   * @default no limit
   */
  readonly maxWorkersPerNode?: number;
  /**
   * Tasks that a pool holds beyond those that its workers run.
   *
   * @default automatic: many for short tasks, none for long ones
   */
  readonly prefetchCapacity?: number;
  /**
   * Bytes of arguments, as they travel and with about 50 around those of each task, that may be outstanding at once: the
   * interchange holds them in memory. A task beyond that fails with a `TooManyTasksError`, unless it is the only one; wait
   * with `kernel.room()` to stay below.
   *
   * @default 2147483648
   */
  readonly maxOutstandingBytes?: number;
  /**
   * How often interchange and pools hear from each other at least, in ms.
   *
   * @default 30000
   */
  readonly heartbeatPeriodMs?: number;
  /**
   * After how much silence the other side is taken for lost, in ms. A broken connection is noticed at once.
   *
   * @default 120000
   */
  readonly heartbeatThresholdMs?: number;
  /**
   * After how long a pool takes no more tasks, finishes those it has and ends, in ms, although its block could go on: so
   * that pools are made anew now and then. For the end of blocks see `drainBeforeEndMs`.
   *
   * @default never
   */
  readonly drainPeriodMs?: number;
  /**
   * How long before the end of its block a pool takes no more tasks, in ms: it hands back those that have not started,
   * finishes the others if they end in time, and ends. Blocks end by the `walltime` of their provider.
   *
   * @default a tenth of the walltime, at most 300000
   */
  readonly drainBeforeEndMs?: number;
  /**
   * Whether traffic with worker pools is encrypted, and only pools that have the key file are let in.
   *
   * @default true
   */
  readonly encrypted?: boolean;
  /**
   * How workers are bound to cores: `none`, `block`, `alternating`, `block-reverse`, or `list:0,1:2,3` (cores of the
   * first worker, of the second, …).
   *
   * @default 'none'
   */
  readonly cpuAffinity?: string;
  /**
   * One set of devices per worker, such as `['0', '1']` or `['0,1', '2,3']`; a number counts devices from 0. Workers see
   * theirs as `CUDA_VISIBLE_DEVICES`, `ROCR_VISIBLE_DEVICES` and `ZE_AFFINITY_MASK`. Where one of these is set for the
   * block, numbers count among its devices. A node has no more workers than sets.
   *
   * @default none
   */
  readonly availableAccelerators?: number | readonly string[];
  /**
   * Which pools get tasks first: `spread`, those with the fewest tasks per worker; `random`; `block-id`, those of the
   * oldest block until they are full, so that later blocks become idle and can be given back.
   *
   * @default 'spread'
   */
  readonly managerSelector?: SelectorName | { readonly name: SelectorName };
  /**
   * When a pool gets no more tasks because they fail on it far more often than on others: its node has a full disk, a
   * broken device, a missing file system. Such a pool is held as with `holdManager`, and the log names it. `false`: never.
   *
   * @default { failureRatio: 10, minFailures: 10 }
   */
  readonly badNodes?: false | BadNodeOptions;
  /**
   * How long a pool may take to find an address under which it reaches the interchange, in ms.
   *
   * @default 30000
   */
  readonly addressProbeTimeoutMs?: number;
  /**
   * Decides whether the failures of blocks mean that the executor cannot work: throws then. Called when a submission has
   * failed, and when blocks have ended; not while it is being found out why one of them did.
   *
   * @default simpleErrorHandler
   */
  readonly blockErrorHandler?: BlockErrorHandler;
  /**
   * Directory for the logs of pools, on their hosts.
   *
   * @default the executor's directory of the run when all pools run on this host, otherwise none
   */
  readonly workerLogDir?: string;
  /**
   * Where nodes have the program `parsl-worker-pool`: `{ path: '/opt/parsl/bin/parsl-worker-pool' }`,
   * `{ module: 'nodejs/20' }`, `{ npx: true }`, or a module together with one of the others. A node that does not have it
   * says so in the block's log, and the block ends with exit code 7.
   *
   * @default where this host has it: this installation's program, run by this Node.js
   */
  readonly workerPool?: WorkerPoolLocation;
  /**
   * Starts the pool program, before its arguments: words of an argv, or the beginning of a line of `sh`. In place of
   * `workerPool`, for what that cannot say; nothing is looked for.
   *
   * @default none
   */
  readonly launchCommand?: string | readonly string[];
}

const selector = oneOf(SELECTOR_NAMES);

/** An IPv4 address or a name of a host. */
const ADDRESS = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Timers of Node.js wait no longer; with more they fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Highest number of a core that a pool takes. */
const MAX_CORE = 65_535;
const time = { min: 1, max: LONGEST_TIMER_MS };

const SCHEMA = {
  label: value('a name of letters, digits, `.`, `_` and `-`', isLabel, { default: 'htex' }),
  provider: value('an ExecutionProvider', isProvider),
  address: either(string({ notEmpty: true }), list(string({ notEmpty: true }))),
  loopbackAddress: value('an IPv4 address, or a name of this host', isAddress, { default: '127.0.0.1' }),
  workerPort: port(),
  workerPortRange: value('an array of two ports, 1 to 65535, the smaller one first', isPortRange, {
    default: [54_000, 55_000] as const,
  }),
  coresPerWorker: value('a number of more than 0', isPositive, { default: 1 }),
  memPerWorkerGb: value('a number of more than 0', isPositive),
  maxWorkersPerNode: integer({ min: 1 }),
  prefetchCapacity: integer({ min: 0 }),
  maxOutstandingBytes: integer({ min: 1, default: 2 ** 31 }),
  heartbeatPeriodMs: integer({ ...time, default: 30_000 }),
  heartbeatThresholdMs: integer({ ...time, default: 120_000 }),
  drainPeriodMs: integer(time),
  drainBeforeEndMs: integer({ ...time, min: 0 }),
  encrypted: boolean({ default: true }),
  cpuAffinity: value(
    "'none', 'block', 'alternating', 'block-reverse' or 'list:…' with cores for each worker, such as 'list:0,1:2,3'",
    isAffinity,
    { default: 'none' },
  ),
  availableAccelerators: either(integer({ min: 1 }), list(string({ notEmpty: true }))),
  managerSelector: either(
    selector,
    value(`an object with nothing but a name, ${selector.expected}`, isSelector),
    {
      default: 'spread' as const,
    },
  ),
  badNodes: value('false, or an object', isBadNodes, { default: {} }),
  addressProbeTimeoutMs: integer({ ...time, default: 30_000 }),
  blockErrorHandler: callable<BlockErrorHandler>(),
  workerLogDir: string({ notEmpty: true }),
  workerPool: value<WorkerPoolLocation>('an object', isObject),
  launchCommand: either(string({ notEmpty: true }), value('an array of words, the program first', isArgv)),
} satisfies SchemaOf<HighThroughputExecutorOptions>;

/** Options as the executor works with them. */
export interface HtexOptions extends Omit<
  ReturnType<typeof check>,
  'address' | 'managerSelector' | 'availableAccelerators' | 'badNodes'
> {
  /** `undefined`: no pool is held for its failures. */
  readonly badNodes: BadNodeRules | undefined;
  readonly addresses: readonly string[] | undefined;
  readonly selector: SelectorName;
  readonly accelerators: readonly string[];
}

const OWNER = 'HighThroughputExecutor';

/** @throws ConfigurationError for an unknown option or a wrong value, naming it */
export function checkHtexOptions(options: HighThroughputExecutorOptions | undefined): HtexOptions {
  const { address, managerSelector, availableAccelerators, badNodes, ...rest } = check(options);
  if (rest.heartbeatThresholdMs <= rest.heartbeatPeriodMs) {
    throw new ConfigurationError(
      `option 'heartbeatThresholdMs' of ${OWNER} is ${rest.heartbeatThresholdMs}; it must be more than ` +
        `'heartbeatPeriodMs', which is ${rest.heartbeatPeriodMs}`,
      { owner: OWNER, option: 'heartbeatThresholdMs' },
    );
  }
  if (rest.workerPool !== undefined) {
    checkLocation(rest.workerPool);
    if (rest.launchCommand !== undefined) {
      throw new ConfigurationError(
        `${OWNER} has both 'workerPool' and 'launchCommand', which say the same; leave one out`,
        { owner: OWNER, option: 'launchCommand' },
      );
    }
  }
  return {
    ...rest,
    badNodes: checkBadNodes(badNodes),
    addresses: address === undefined ? undefined : checkedAddresses(address),
    selector: typeof managerSelector === 'string' ? managerSelector : managerSelector.name,
    accelerators: acceleratorNames(availableAccelerators),
  };
}

function check(options: HighThroughputExecutorOptions | undefined) {
  return checkOptions(OWNER, options, SCHEMA);
}

function checkedAddresses(address: string | readonly string[]): readonly string[] {
  const addresses = typeof address === 'string' ? [address] : address;
  const wrong = addresses.find((each) => each !== '*' && !ADDRESS.test(each));
  if (addresses.length > 0 && wrong === undefined) return addresses;
  const what =
    wrong === undefined
      ? 'is an empty list'
      : `has '${wrong}', ${isIPv6(wrong) ? 'an IPv6 address' : 'which is neither a name nor an address'}`;
  throw new ConfigurationError(
    `option 'address' of ${OWNER} ${what}; give IPv4 addresses or names of this host, without a port, or '*'`,
    { owner: OWNER, option: 'address' },
  );
}

function acceleratorNames(available: number | readonly string[] | undefined): readonly string[] {
  if (typeof available !== 'number') return available ?? [];
  return Array.from({ length: available }, (_, device) => String(device));
}

function isLabel(given: unknown): given is string {
  return typeof given === 'string' && /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(given);
}

function isAddress(given: unknown): given is string {
  return typeof given === 'string' && ADDRESS.test(given);
}

function isPositive(given: unknown): given is number {
  return typeof given === 'number' && Number.isFinite(given) && given > 0;
}

function isPortRange(given: unknown): given is readonly [number, number] {
  if (!Array.isArray(given) || given.length !== 2) return false;
  const first: unknown = given[0];
  const last: unknown = given[1];
  return isPort(first) && isPort(last) && first <= last;
}

function isPort(given: unknown): given is number {
  return Number.isInteger(given) && Number(given) >= 1 && Number(given) <= 65_535;
}

function isAffinity(given: unknown): given is string {
  if (typeof given !== 'string') return false;
  if (!given.startsWith('list:')) return ['none', 'block', 'alternating', 'block-reverse'].includes(given);
  return given.slice('list:'.length).split(/[,:]/).every(isCoreRange);
}

/** Such as `3` or `0-3`. */
function isCoreRange(text: string): boolean {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  return first !== undefined && Number(first) <= Number(last) && Number(last) <= MAX_CORE;
}

function isArgv(given: unknown): given is readonly string[] {
  return (
    Array.isArray(given) && given.length > 0 && given.every((word) => typeof word === 'string' && word !== '')
  );
}

function isSelector(given: unknown): given is { readonly name: SelectorName } {
  if (typeof given !== 'object' || given === null) return false;
  return Object.keys(given).length === 1 && selector.read(Reflect.get(given, 'name')).ok;
}

function isBadNodes(given: unknown): given is false | BadNodeOptions {
  return given === false || isObject(given);
}

function isObject(given: unknown): given is object {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

/** Only the methods are looked at: an executor must not depend on the class of a third party's provider. */
function isProvider(given: unknown): given is ExecutionProvider {
  return (
    typeof given === 'object' &&
    given !== null &&
    ['submit', 'status', 'cancel'].every((method) => typeof Reflect.get(given, method) === 'function')
  );
}
