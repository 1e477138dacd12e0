import { randomUUID } from 'node:crypto';
import type { AppFromOptions, AppOptions, JoinAppOptions } from '../apps/app-options.js';
import type {
  AnyFunction,
  App,
  ExportedAs,
  FunctionExport,
  JoinApp,
  JoinFunction,
} from '../apps/app-types.js';
import { makeApp, makeAppFrom, makeJoinApp, type TaskSubmitter } from '../apps/make-app.js';
import { KernelClosedError, NoDataFlowKernelError } from '../errors.js';
import type { BlockReport, Logger } from '../executor.js';
import { InlineExecutor } from '../executors/inline-executor.js';
import type { AppFuture } from '../futures/app-future.js';
import type { TaskCounts } from '../graph/task-graph.js';
import type { AppDefinition, TaskSettings } from '../graph/task.js';
import { withoutStack } from '../without-stack.js';
import { ExecutorPool } from './executor-pool.js';
import { checkConfig, giveBackExecutors, type CheckedConfig, type KernelConfig } from './kernel-config.js';
import { endWithProcess } from './process-end.js';
import type { RoomLimits } from './room.js';
import { makeRunDirectory } from './run-directory.js';
import { openRunLog, type RunLog } from './run-log.js';
import { TaskEngine } from './task-engine.js';
import type { TaskListener } from './task-event.js';

/** Label of the executor that runs the functions of join apps. */
const JOIN_LABEL = '_parsl_internal';

interface KernelParts {
  readonly config: CheckedConfig;
  readonly runId: string;
  readonly runDir: string;
  readonly log: RunLog;
}

/**
 * Runs the calls of apps as tasks: waits for what they depend on, gives them to executors, tries them again, and settles
 * their futures. Made by {@link DataFlowKernel.start}, or by `load()` for the kernel that apps use by default. Several
 * live side by side.
 */
export class DataFlowKernel implements TaskSubmitter {
  /** Identifies the run, also across hosts. */
  readonly runId: string;
  /** Absolute path of the run's directory. */
  readonly runDir: string;
  readonly #config: CheckedConfig;
  readonly #log: RunLog;
  readonly #pool: ExecutorPool;
  readonly #joinExecutor = new InlineExecutor({ label: JOIN_LABEL });
  readonly #engine: TaskEngine;
  readonly #closeListeners: (() => void)[] = [];
  #stopWatching: (() => void) | undefined;
  #open = true;
  /** Whether a signal is ending the process. */
  #forGood = false;
  #closing: Promise<void> | undefined;

  private constructor({ config, runId, runDir, log }: KernelParts) {
    this.#config = config;
    this.runId = runId;
    this.runDir = runDir;
    this.#log = log;
    this.#pool = new ExecutorPool(config.executors);
    this.#engine = new TaskEngine({
      executors: this.#pool,
      joinExecutor: this.#joinExecutor,
      policy: config,
      dependencyResolver: config.dependencyResolver,
      maxOutstandingTasks: config.maxOutstandingTasks,
      runDir,
      logger: log.logger,
    });
  }

  /**
   * Starts a kernel.
   *
   * @throws ConfigurationError when the configuration is wrong; what an executor throws that cannot start
   */
  static async start(config?: KernelConfig): Promise<DataFlowKernel> {
    const checked = checkConfig(config);
    const kernel = new DataFlowKernel(await makeParts(checked));
    await kernel.#start();
    return kernel;
  }

  /** As the function `app`, with calls that go to this kernel. */
  app<F extends AnyFunction>(fn: F, options?: AppOptions): App<F> {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is looked for in the stack, not called
    return makeApp(() => this, this.app, fn, options);
  }

  /** As the function `joinApp`, with calls that go to this kernel. */
  joinApp<F extends AnyFunction>(fn: F & JoinFunction<F>, options?: JoinAppOptions): JoinApp<F> {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is looked for in the stack, not called
    return makeJoinApp(() => this, this.joinApp, fn, options);
  }

  /** As the function `appFrom`, with calls that go to this kernel. */
  appFrom<F extends AnyFunction>(module: string | URL, name: string, options?: AppFromOptions): App<F>;
  appFrom<M extends object, K extends FunctionExport<M> = FunctionExport<M>>(
    module: string | URL,
    name: K,
    options?: AppFromOptions,
  ): App<ExportedAs<M, K>>;
  appFrom(module: string | URL, name: string, options?: AppFromOptions): App<AnyFunction> {
    return makeAppFrom(() => this, module, name, options);
  }

  /** Takes a call of an app; apps do this. */
  submit<T>(definition: AppDefinition, args: readonly unknown[], settings: TaskSettings): AppFuture<T> {
    if (!this.#open) {
      throw new NoDataFlowKernelError(
        'the kernel was closed, and takes no more calls: close() it after the last one',
      );
    }
    return this.#engine.submit<T>(definition, args, settings);
  }

  /** Resolves when all tasks that were submitted so far have ended, in whatever way. */
  waitForCurrentTasks(): Promise<void> {
    return this.#engine.whenCurrentTasksEnd();
  }

  /**
   * Back-pressure for whoever makes calls faster than they are run: resolves when less than `limits` is outstanding, at
   * once if it is so. `for (const item of items) { await dfk.room(); results.push(step(item)); }` keeps memory bounded
   * however many items there are. Once the kernel closes it holds nobody back: the next call says that it was closed.
   *
   * @throws ConfigurationError that names the limit
   */
  room(limits?: RoomLimits): Promise<void> {
    return this.#engine.room.wait(limits);
  }

  /** Calls `listener` at each change of a task's state. Returns the function that ends it. Costs nothing without one. */
  on(listener: TaskListener): () => void {
    return this.#engine.on(listener);
  }

  /** How many tasks are in each state. */
  get taskCounts(): TaskCounts {
    return { ...this.#engine.graph.counts };
  }

  /** How many tasks have not ended. */
  get outstanding(): number {
    return this.#engine.graph.unsettled;
  }

  /**
   * The blocks of the executor with this label, in order of submission; empty when it has none.
   *
   * @throws ConfigurationError when there is no such executor; it names those that there are
   */
  blocks(label: string): readonly BlockReport[] {
    return this.#pool.blocks(label);
  }

  /** Calls `listener` once, when the kernel begins to close. What it throws is logged and ignored. */
  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  /**
   * Ends: tasks that have not ended fail with a `KernelClosedError`, executors stop, blocks are cancelled. Idempotent.
   *
   * @throws AggregateError of what executors throw that cannot be closed; everything else is closed all the same
   */
  close(): Promise<void> {
    this.#open = false;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#config.exitMode === 'wait' && this.#open) {
      await this.waitForCurrentTasks();
    }
    await this.close();
  }

  async #start(): Promise<void> {
    const { logger } = this.#log;
    const { strategy, strategyPeriodMs, maxIdleTimeMs, logging } = this.#config;
    const { runId, runDir } = this;
    logger.info({ runId, node: process.version, executors: this.#pool.labels }, 'run started');
    if (logging === 'debug') {
      this.#engine.on(logTasks(logger));
    }
    this.#stopWatching = endWithProcess({
      close: () => this.close(),
      closeForGood: () => this.#closeForGood(),
      closeNow: () => {
        this.#closeNow();
      },
    });
    const failed = (label: string, error: Error): void => {
      this.#engine.executorFailed(label, error);
    };
    try {
      const blockEnd = () => Promise.resolve(undefined);
      await this.#joinExecutor.start({ runDir, runId, logger, fatal: () => undefined, blockEnd });
      await this.#pool.start({
        runDir,
        runId,
        logger,
        strategy,
        strategyPeriodMs,
        maxIdleTimeMs,
        failed,
      });
    } catch (error) {
      logger.error({ error }, 'run did not start');
      await this.close().catch(() => undefined);
      if (this.#forGood) {
        await new Promise(() => undefined);
      }
      throw error;
    }
  }

  /** A program that heard of the end of its tasks would fail with that, and not end by the signal that it was sent. */
  #closeForGood(): Promise<void> {
    this.#forGood = true;
    this.#engine.fallSilent();
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const listener of this.#closeListeners) {
      try {
        listener();
      } catch (error) {
        this.#log.logger.error({ error }, 'a listener to the end of the kernel threw');
      }
    }
    this.#engine.abandonAll((task) =>
      withoutStack(() => new KernelClosedError(task, 'its kernel was closed')),
    );
    this.#engine.room.close();
    await this.#end();
  }

  async #end(): Promise<void> {
    const errors = [...(await this.#pool.close())];
    await this.#joinExecutor.close();
    this.#stopWatching?.();
    this.#log.logger.info({ tasks: this.taskCounts }, 'run ended');
    await this.#log.close();
    if (errors.length > 0) {
      throw new AggregateError(errors, 'the kernel was closed, but not everything in it could be');
    }
  }

  #closeNow(): void {
    this.#open = false;
    this.#pool.closeNow();
    this.#log.flushNow();
  }
}

/** @throws ConfigurationError when there can be no directory for the run; its executors are free for another one then */
async function makeParts(config: CheckedConfig): Promise<KernelParts> {
  try {
    const runDir = await makeRunDirectory(config.runDir);
    return { config, runId: randomUUID(), runDir, log: await openRunLog(runDir, config.logging) };
  } catch (error) {
    giveBackExecutors(config.executors);
    throw error;
  }
}

function logTasks(logger: Logger): TaskListener {
  return ({ task, from, to }) => {
    logger.debug({ task: task.taskId, name: task.name, attempt: task.attempt, from, to }, 'task');
  };
}
