import { availableParallelism } from 'node:os';
import { checkOptions, ConfigurationError, integer, string, type SchemaOf } from '@parsl-ts/provider';
import { inspectValue } from '@parsl-ts/wire';
import type { Executor, ExecutorContext, ExecutorTask } from '../executor.js';
import { FunctionFiles, type FunctionFile } from './function-files.js';
import { ReadyQueue } from './ready-queue.js';
import type { ThreadReply } from './threads/thread-protocol.js';
import { ThreadRun } from './threads/thread-run.js';
import { Threads } from './threads/threads.js';

/** Options of a {@link ThreadPoolExecutor}. */
export interface ThreadPoolExecutorOptions {
  /** @default 'threads' */
  readonly label?: string;
  /** How many threads there may be, each with one task at a time. @default as many as the machine runs at once */
  readonly maxThreads?: number;
  /** How many threads start with the executor; the others start when there are tasks for them. @default 1 */
  readonly minThreads?: number;
}

/** What it has once it was started. */
interface Started {
  readonly threads: Threads;
  readonly files: FunctionFiles;
  readonly context: ExecutorContext;
}

/**
 * Runs tasks on worker threads of this process. Functions are shipped to them as they are to workers on other machines,
 * so that one that runs here also runs there. A task that is cancelled or runs out of time is stopped by ending its
 * thread; one that calls `process.exit()` ends its thread only. What a native addon does wrong concerns all threads.
 */
export class ThreadPoolExecutor implements Executor {
  readonly label: string;
  readonly #maxThreads: number;
  readonly #minThreads: number;
  readonly #queue = new ReadyQueue();
  /** Tasks whose function is being packed. */
  readonly #preparing = new Set<ExecutorTask>();
  readonly #runs = new Map<ExecutorTask, ThreadRun>();
  readonly #byNumber = new Map<number, ThreadRun>();
  #started: Started | undefined;
  #nextNumber = 0;
  #closed = false;

  constructor(options: ThreadPoolExecutorOptions = {}) {
    const checked = checkOptions('ThreadPoolExecutor', options, OPTIONS);
    this.label = checked.label;
    this.#maxThreads = checked.maxThreads ?? availableParallelism();
    this.#minThreads = checked.minThreads ?? 1;
    if (this.#minThreads > this.#maxThreads) {
      throw new ConfigurationError(
        `option 'minThreads' of ThreadPoolExecutor must be at most maxThreads, ${String(this.#maxThreads)}, not ${String(this.#minThreads)}`,
        { owner: 'ThreadPoolExecutor', option: 'minThreads' },
      );
    }
  }

  get outstanding(): number {
    return this.#preparing.size + this.#queue.size + this.#runs.size;
  }

  get capacity(): number {
    return this.#maxThreads;
  }

  async start(context: ExecutorContext): Promise<void> {
    const threads = await Threads.start({
      min: this.#minThreads,
      max: this.#maxThreads,
      began: (number) => {
        this.#byNumber.get(number)?.began();
      },
      failed: (error) => {
        this.#failed(error);
      },
    });
    this.#started = { threads, files: new FunctionFiles(context.runDir), context };
  }

  submit(task: ExecutorTask): void {
    if (this.#started === undefined || this.#closed) {
      task.failed(this.#closedError());
      return;
    }
    const { files } = this.#started;
    if (files.ready(task.app) === undefined) {
      this.#preparing.add(task);
      void this.#prepare(task, files);
    } else {
      this.#queue.push(task);
      this.#fill();
    }
  }

  cancel(task: ExecutorTask, reason: unknown): void {
    const run = this.#runs.get(task);
    if (run !== undefined) {
      run.stop(reason);
      return;
    }
    if (this.#preparing.delete(task) || this.#queue.remove(task)) {
      task.failed(reason);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#preparing) {
      task.failed(this.#closedError());
    }
    this.#preparing.clear();
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
      task.failed(this.#closedError());
    }
    await this.#started?.threads.close();
  }

  async #prepare(task: ExecutorTask, files: FunctionFiles): Promise<void> {
    try {
      await files.file(task.app);
    } catch (error) {
      if (this.#preparing.delete(task)) {
        task.failed(error);
      }
      return;
    }
    if (this.#preparing.delete(task)) {
      this.#queue.push(task);
      this.#fill();
    }
  }

  /** Gives tasks to threads that are free or can be started. Only so many: what waits here can be reordered. */
  #fill(): void {
    while (this.#started !== undefined && this.#runs.size < this.#maxThreads) {
      const task = this.#queue.shift();
      if (task === undefined) {
        return;
      }
      const file = this.#started.files.ready(task.app);
      if (file !== undefined) {
        this.#run(task, file, this.#started.threads);
      }
    }
  }

  #run(task: ExecutorTask, file: FunctionFile, threads: Threads): void {
    try {
      inspectValue(task.args, 'args');
    } catch (error) {
      task.failed(error);
      return;
    }
    const run = new ThreadRun(task, this.#nextNumber++, file);
    this.#runs.set(task, run);
    this.#byNumber.set(run.number, run);
    void this.#follow(run, threads.run(run));
  }

  async #follow(run: ThreadRun, replying: Promise<ThreadReply>): Promise<void> {
    let settle: () => void;
    try {
      const reply = await replying;
      settle = () => {
        run.replied(reply);
      };
    } catch (error) {
      await run.ended();
      settle = () => {
        run.lost(error);
      };
    }
    this.#runs.delete(run.task);
    this.#byNumber.delete(run.number);
    settle();
    this.#fill();
  }

  /** A thread that fails without a task is replaced; that none can be started is the end. */
  #failed(error: unknown): void {
    this.#started?.context.logger.error({ error }, 'a thread failed while it ran no task');
    if (this.#runs.size > 0 && this.#started?.threads.count === 0) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#started.context.fatal(cause);
    }
  }

  #closedError(): Error {
    return new Error(`executor '${this.label}' was closed`);
  }
}

const OPTIONS = {
  label: string({ notEmpty: true, default: 'threads' }),
  maxThreads: integer({ min: 1 }),
  minThreads: integer({ min: 0 }),
} satisfies SchemaOf<ThreadPoolExecutorOptions>;
