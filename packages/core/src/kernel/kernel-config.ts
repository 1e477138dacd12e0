import {
  callable,
  checkOptions,
  ConfigurationError,
  integer,
  number,
  oneOf,
  string,
  value,
  type CheckedOptions,
  type SchemaOf,
} from '@parsl-ts/provider';
import type { DependencyResolver } from '../dependencies/dependency-resolver.js';
import type { Executor } from '../executor.js';
import { ThreadPoolExecutor } from '../executors/thread-pool-executor.js';
import type { RetryHandler } from '../graph/retry-policy.js';
import type { ScalingStrategy } from '../scaling/index.js';

/** From which level on lines are logged. `debug` has a line for every change of every task. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Configures a kernel. */
export interface KernelConfig {
  /**
   * Where tasks run. Each object serves one kernel, once. Labels are unique.
   * @default [new ThreadPoolExecutor()]
   */
  readonly executors?: readonly Executor[];
  /** How much the failures of a task may cost before it fails; without a `retryHandler` each costs 1. @default 0 */
  readonly retries?: number;
  /** Says what a failure costs. @default 1 each */
  readonly retryHandler?: RetryHandler;
  /** A task fails for good when so many of its tries have killed their workers, whatever `retries` says. @default 3 */
  readonly maxWorkerKills?: number;
  /**
   * Tasks that may be outstanding at once. Further calls throw a `TooManyTasksError` instead of filling the memory: a
   * task that waits takes about 1 kB in all, beside its arguments. Wait with `kernel.room()` to stay below.
   * @default 4000000
   */
  readonly maxOutstandingTasks?: number;
  /** Finds futures where the kernel does not look: in maps, sets and class instances. @default none */
  readonly dependencyResolver?: DependencyResolver;
  /** Directory in which each run makes its own, `000`, `001`, … @default 'runinfo' */
  readonly runDir?: string;
  /** When blocks are added and given back. @default 'simple' */
  readonly strategy?: ScalingStrategy;
  /** How often scaling is looked at although nothing has happened, in ms. @default 5000 */
  readonly strategyPeriodMs?: number;
  /** How long blocks are idle before they are given back, in ms. @default 120000 */
  readonly maxIdleTimeMs?: number;
  /** What goes into `parsl.log` of the run's directory; `false`: there is none. @default 'info' */
  readonly logging?: LogLevel | false;
  /**
   * What the end of an `await using` block does with tasks that have not ended: `cleanup` gives them up, `wait` waits
   * for them. @default 'cleanup'
   */
  readonly exitMode?: 'cleanup' | 'wait';
}

const LOG_LEVELS: readonly unknown[] = ['debug', 'info', 'warn', 'error'] satisfies LogLevel[];

const CONFIG = {
  executors: value('an array of executors', isExecutorList),
  retries: number({ min: 0, default: 0 }),
  retryHandler: callable<RetryHandler>(),
  maxWorkerKills: integer({ min: 1, default: 3 }),
  maxOutstandingTasks: integer({ min: 1, default: 4_000_000 }),
  dependencyResolver: callable<DependencyResolver>(),
  runDir: string({ notEmpty: true, default: 'runinfo' }),
  strategy: oneOf(['none', 'simple', 'htex-auto-scale'], { default: 'simple' }),
  strategyPeriodMs: integer({ min: 1, default: 5000 }),
  maxIdleTimeMs: integer({ min: 0, default: 120_000 }),
  logging: value("false, 'debug', 'info', 'warn' or 'error'", isLogging, { default: 'info' }),
  exitMode: oneOf(['cleanup', 'wait'], { default: 'cleanup' }),
} satisfies SchemaOf<KernelConfig>;

/** A configuration with its defaults, checked. */
export interface CheckedConfig extends Omit<CheckedOptions<typeof CONFIG>, 'executors'> {
  readonly executors: readonly Executor[];
}

/** Executors that were given to a kernel: they start and close once. */
const taken = new WeakSet<Executor>();

/**
 * Checks a configuration.
 *
 * @throws ConfigurationError that names the option, and the nearest valid spelling of one that does not exist
 */
export function checkConfig(config: KernelConfig | undefined): CheckedConfig {
  const checked = checkOptions('the configuration', config, CONFIG);
  const executors = checked.executors ?? [new ThreadPoolExecutor()];
  if (executors.length === 0) {
    throw problem('has no executor; leave it out to use the threads of this machine');
  }
  const labels = new Set<string>();
  for (const executor of executors) {
    if (labels.has(executor.label)) {
      throw problem(`has two executors with the label '${executor.label}'; give each its own`);
    }
    labels.add(executor.label);
    if (taken.has(executor)) {
      throw problem(`has executor '${executor.label}', which another kernel has used; make a new one`);
    }
  }
  for (const executor of executors) {
    taken.add(executor);
  }
  return { ...checked, executors };
}

/** Lets another kernel have these executors: the one that was to have them has not started any. */
export function giveBackExecutors(executors: readonly Executor[]): void {
  for (const executor of executors) {
    taken.delete(executor);
  }
}

function problem(what: string): ConfigurationError {
  return new ConfigurationError(`option 'executors' of the configuration ${what}`, {
    owner: 'the configuration',
    option: 'executors',
  });
}

function isExecutorList(given: unknown): given is readonly Executor[] {
  return Array.isArray(given) && given.every(isExecutor);
}

function isExecutor(given: unknown): given is Executor {
  if (typeof given !== 'object' || given === null) {
    return false;
  }
  const methods = ['start', 'submit', 'cancel', 'close'];
  return (
    typeof Reflect.get(given, 'label') === 'string' &&
    methods.every((method) => typeof Reflect.get(given, method) === 'function')
  );
}

function isLogging(given: unknown): given is LogLevel | false {
  return given === false || LOG_LEVELS.includes(given);
}
