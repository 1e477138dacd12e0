import { checkOptions, string, type SchemaOf } from '@parsl-ts/provider';
import { count } from '../count-option.js';
import { UnsupportedOptionError } from '../errors.js';
import type { Executor, ExecutorContext, ExecutorTask, TaskPlace } from '../executor.js';
import { isPromiseLike } from '../futures/promise-like.js';
import { FunctionFiles } from './function-files.js';
import { InlineRun } from './inline-run.js';
import { ReadyQueue } from './ready-queue.js';
import { takesContext } from './task-call.js';

/** Options of an {@link InlineExecutor}. */
export interface InlineExecutorOptions {
  /** @default 'inline' */
  readonly label?: string;
  /**
   * How many `async` functions may be under way at once. A function that waits for another task of the same executor
   * needs a free place for that one. @default Infinity
   */
  readonly concurrency?: number;
}

/** For so long, in ms, tasks run before timers and sockets have their turn. */
const SLICE_MS = 4;

/**
 * Runs tasks on the event loop of this process: for `async` functions that wait for something, for closures, for tests.
 * Functions are called as they are and need not be shippable; arguments and results are passed as they are, not copied.
 *
 * A function that computes blocks the process. It cannot be stopped: when it has run out of time or was cancelled, its
 * task fails and the signal of its context fires, but a function that does not heed it goes on.
 */
export class InlineExecutor implements Executor {
  readonly label: string;
  readonly #concurrency: number;
  readonly #place: TaskPlace;
  readonly #queue = new ReadyQueue();
  readonly #running = new Map<ExecutorTask, InlineRun>();
  #files: FunctionFiles | undefined;
  #outstanding = 0;
  #scheduled = false;
  /** The task whose function is being called, unless it is one of `#running`. */
  #called: ExecutorTask | undefined;
  /** Why that task is to stop, if it is: a function may cancel its own task. */
  #stop: { readonly reason: unknown } | undefined;

  constructor(options: InlineExecutorOptions = {}) {
    const checked = checkOptions('InlineExecutor', options, OPTIONS);
    this.label = checked.label;
    this.#concurrency = checked.concurrency;
    this.#place = { worker: this.label };
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  /** With unlimited concurrency 1: there is one thread, whatever is under way. */
  get capacity(): number {
    return this.#concurrency === Infinity ? 1 : this.#concurrency;
  }

  start(context: ExecutorContext): Promise<void> {
    this.#files = new FunctionFiles(context.runDir);
    return Promise.resolve();
  }

  submit(task: ExecutorTask): void {
    this.#outstanding++;
    this.#queue.push(task);
    this.#schedule();
  }

  cancel(task: ExecutorTask, reason: unknown): void {
    const run = this.#running.get(task);
    if (run !== undefined) {
      run.stop(reason);
    } else if (task === this.#called) {
      this.#stop = { reason };
    } else if (this.#queue.remove(task)) {
      this.#outstanding--;
      task.failed(reason);
    }
  }

  close(): Promise<void> {
    const reason = new Error(`executor '${this.label}' was closed`);
    for (const run of [...this.#running.values()]) {
      run.stop(reason);
    }
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
      this.#outstanding--;
      task.failed(reason);
    }
    return Promise.resolve();
  }

  #schedule(): void {
    if (!this.#scheduled && this.#queue.size > 0 && this.#running.size < this.#concurrency) {
      this.#scheduled = true;
      setImmediate(this.#runSlice);
    }
  }

  readonly #runSlice = (): void => {
    this.#scheduled = false;
    const end = performance.now() + SLICE_MS;
    while (this.#running.size < this.#concurrency) {
      const task = this.#queue.shift();
      if (task === undefined) {
        return;
      }
      this.#run(task);
      if (performance.now() >= end) {
        break;
      }
    }
    this.#schedule();
  };

  #run(task: ExecutorTask): void {
    const { fn } = task.app;
    if (
      fn === undefined ||
      task.timeoutMs !== undefined ||
      task.stdout !== undefined ||
      task.stderr !== undefined ||
      takesContext(task)
    ) {
      this.#runWithCare(task);
      return;
    }
    this.#called = task;
    task.started(this.#place);
    let returned: unknown;
    let isPending: boolean;
    try {
      returned = fn(...task.args);
      isPending = isPromiseLike(returned);
    } catch (error) {
      this.#endCall();
      this.#outstanding--;
      task.failed(error);
      return;
    }
    const stop = this.#endCall();
    if (isPending) {
      const run = this.#track(task);
      run.wait(returned);
      if (stop !== undefined) {
        run.stop(stop.reason);
      }
    } else {
      this.#outstanding--;
      task.succeeded(returned);
    }
  }

  /** The called function has returned. Returns why its task is to stop, if it is. */
  #endCall(): { readonly reason: unknown } | undefined {
    const stop = this.#stop;
    this.#called = undefined;
    this.#stop = undefined;
    return stop;
  }

  /** A task that has a limit, wants a context, or has its function elsewhere. */
  #runWithCare(task: ExecutorTask): void {
    const run = this.#track(task);
    if (task.stdout !== undefined || task.stderr !== undefined) {
      const option = task.stdout === undefined ? 'stderr' : 'stdout';
      const instead = 'all its tasks write to the output of this process; use threads or HTEX to capture it';
      run.fail(new UnsupportedOptionError(this.label, option, instead));
    } else if (task.app.fn !== undefined) {
      run.call(task.app.fn);
    } else {
      run.callFrom(this.#filesOf().importFunction(task.app));
    }
  }

  #track(task: ExecutorTask): InlineRun {
    const run = new InlineRun(task, this.#place, () => {
      this.#running.delete(task);
      this.#outstanding--;
      this.#schedule();
    });
    this.#running.set(task, run);
    return run;
  }

  #filesOf(): FunctionFiles {
    if (this.#files === undefined) {
      throw new Error(`executor '${this.label}' was not started`);
    }
    return this.#files;
  }
}

const OPTIONS = {
  label: string({ notEmpty: true, default: 'inline' }),
  concurrency: count(Infinity),
} satisfies SchemaOf<InlineExecutorOptions>;
