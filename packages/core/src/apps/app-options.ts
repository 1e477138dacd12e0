import { resolve } from 'node:path';
import {
  boolean,
  checkOptions,
  either,
  integer,
  list,
  number,
  string,
  value,
  type OptionSchema,
  type SchemaOf,
} from '@parsl-ts/provider';
import type { TaskSettings } from '../graph/task.js';
import { AUTO } from '../kernel/task-logs.js';

/** What can be said of each call of an app: in its definition as a default, or by `fn.with({...})(args)`. */
export interface CallOptions {
  /** Labels of the executors that may run the task. @default all of them; the least loaded takes it */
  readonly executors?: 'all' | readonly string[];
  /** How much its failures may cost before the task fails; without a `retryHandler` each costs 1. @default the kernel's */
  readonly retries?: number;
  /** How long the function may run, in ms. Then it is stopped, by force where that can be. @default no limit */
  readonly timeoutMs?: number;
  /** Smaller runs sooner; tasks without one come last. @default none */
  readonly priority?: number;
  /** Cancels the task when it fires. @default none */
  readonly signal?: AbortSignal;
  /** Name of the task in messages and logs. @default the function's */
  readonly name?: string;
  /**
   * File that takes what the function writes to standard output, appended; it is opened where the task runs. `'auto'`: each
   * task has its own, `task_logs/0000/task_0007_NAME.stdout` in the run's directory; `AppFuture.stdout` is its path.
   * @default it is not captured
   */
  readonly stdout?: string;
  /** The same for standard error, `….stderr`. @default it is not captured */
  readonly stderr?: string;
}

/**
 * Options of a call of a join app, whose function always runs in the submit process. `retries` and `timeoutMs` are about
 * that function, not about the futures that it returns.
 */
export type JoinCallOptions = Omit<CallOptions, 'executors' | 'stdout' | 'stderr' | 'priority'>;

/** How an app is made. */
export interface AppOptions extends CallOptions {
  /** `import.meta.url` of the module that defines the function. @default found by looking */
  readonly module?: string;
  /** Packages that are not shipped with the function; they must be installed where it runs. @default [] */
  readonly external?: readonly string[];
  /**
   * Whether the last parameter of the function takes the `TaskContext`.
   * @default whether that parameter is named `ctx` or `taskContext`
   */
  readonly context?: boolean;
}

/** How a join app is made. Its function runs in the submit process, so that nothing is shipped. */
export interface JoinAppOptions extends JoinCallOptions {
  /** As of {@link AppOptions}. */
  readonly context?: boolean;
}

/** How an app is made of what a module exports. */
export interface AppFromOptions extends CallOptions {
  /** As of {@link AppOptions}. */
  readonly external?: readonly string[];
  /**
   * Position at which the function takes the `TaskContext`, from 0; the module is not loaded here, so that it cannot be
   * found out. @default it takes none
   */
  readonly contextIndex?: number;
}

const JOIN_CALL_OPTIONS = {
  retries: number({ min: 0 }),
  timeoutMs: number({ min: 1, max: 2 ** 31 - 1 }),
  signal: value('an AbortSignal', (given) => given instanceof AbortSignal),
  name: string({ notEmpty: true }),
} satisfies OptionSchema;

const CALL_OPTIONS = {
  ...JOIN_CALL_OPTIONS,
  executors: either(
    value("'all'", (given) => given === 'all'),
    value('an array of labels that is not empty', isLabelList),
  ),
  priority: number(),
  stdout: string({ notEmpty: true }),
  stderr: string({ notEmpty: true }),
} satisfies SchemaOf<CallOptions>;

function isLabelList(given: unknown): given is readonly string[] {
  return (
    Array.isArray(given) &&
    given.length > 0 &&
    given.every((label) => typeof label === 'string' && label !== '')
  );
}

const APP_OPTIONS = {
  ...CALL_OPTIONS,
  module: string({ notEmpty: true }),
  external: list(string({ notEmpty: true })),
  context: boolean(),
} satisfies SchemaOf<AppOptions>;

const JOIN_APP_OPTIONS = { ...JOIN_CALL_OPTIONS, context: boolean() } satisfies SchemaOf<JoinAppOptions>;

const APP_FROM_OPTIONS = {
  ...CALL_OPTIONS,
  external: list(string({ notEmpty: true })),
  contextIndex: integer({ min: 0 }),
} satisfies SchemaOf<AppFromOptions>;

/** Which options a call is checked against. */
export type OptionsKind = 'app' | 'joinApp' | 'appFrom' | 'with' | 'joinWith';

const SCHEMAS = {
  app: APP_OPTIONS,
  joinApp: JOIN_APP_OPTIONS,
  appFrom: APP_FROM_OPTIONS,
  with: CALL_OPTIONS,
  joinWith: JOIN_CALL_OPTIONS,
} satisfies Record<OptionsKind, OptionSchema>;

/**
 * Checks the options of an app or of `with`.
 *
 * @throws ConfigurationError that names the option
 */
export function checkAppOptions(kind: OptionsKind, options: unknown): void {
  checkOptions(kind.toLowerCase().endsWith('with') ? 'with()' : `${kind}()`, options, SCHEMAS[kind]);
}

/** `settings`, changed by what `options` say. */
export function applyOptions(settings: TaskSettings, options: CallOptions): TaskSettings {
  const { executors } = options;
  return {
    name: options.name ?? settings.name,
    executors: executors === undefined ? settings.executors : executors === 'all' ? undefined : executors,
    retries: options.retries ?? settings.retries,
    timeoutMs: options.timeoutMs ?? settings.timeoutMs,
    priority: options.priority ?? settings.priority,
    signal: options.signal ?? settings.signal,
    stdout: options.stdout === undefined ? settings.stdout : pathOf(options.stdout),
    stderr: options.stderr === undefined ? settings.stderr : pathOf(options.stderr),
  };
}

function pathOf(output: string): string {
  return output === AUTO ? AUTO : resolve(output);
}

/** The settings of a task about which nothing is said. */
export function plainSettings(name: string): TaskSettings {
  return {
    name,
    executors: undefined,
    retries: undefined,
    timeoutMs: undefined,
    priority: undefined,
    signal: undefined,
    stdout: undefined,
    stderr: undefined,
  };
}
