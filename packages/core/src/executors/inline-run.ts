import { AppTimeoutError } from '@parsl-ts/wire';
import type { ExecutorTask, TaskPlace } from '../executor.js';
import { isPromiseLike } from '../futures/promise-like.js';
import { callArguments } from './task-call.js';

type Callable = (...args: unknown[]) => unknown;

/** One task that is under way on the event loop. */
export class InlineRun {
  readonly #task: ExecutorTask;
  readonly #place: TaskPlace;
  readonly #ended: () => void;
  #settled = false;
  #timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;

  /** @param ended is called once, before the task is told how it ended */
  constructor(task: ExecutorTask, place: TaskPlace, ended: () => void) {
    this.#task = task;
    this.#place = place;
    this.#ended = ended;
  }

  /** Calls the function, under the task's time limit and with a context if it takes one. */
  call(fn: Callable): void {
    const task = this.#task;
    const { timeoutMs } = task;
    task.started(this.#place);
    const begin = performance.now();
    let returned: unknown;
    let isPending: boolean;
    try {
      returned = fn(...callArguments(task, () => this.#context()));
      isPending = isPromiseLike(returned);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (timeoutMs !== undefined) {
      this.#limit(timeoutMs, performance.now() - begin, isPending);
    }
    if (isPending) {
      this.wait(returned);
    } else {
      this.#succeed(returned);
    }
  }

  /** Calls a function that has to be loaded first. */
  callFrom(loading: Promise<Callable>): void {
    loading.then(
      (fn) => {
        if (!this.#settled) {
          this.call(fn);
        }
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  /** Ends with what comes of the promise that the function returned. */
  wait(returned: unknown): void {
    // What is a promise in name only may throw when it is waited for, and this one does not.
    Promise.resolve(returned).then(
      (value) => {
        this.#succeed(value);
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  /** Tells the function to stop, and fails the task with `reason` whether it heeds that or not. */
  stop(reason: unknown): void {
    this.#controller?.abort(reason);
    this.fail(reason);
  }

  fail(error: unknown): void {
    if (this.#end()) {
      this.#task.failed(error);
    }
  }

  #succeed(value: unknown): void {
    if (this.#end()) {
      this.#task.succeeded(value);
    }
  }

  /** Sees to the time limit of a function that has returned after `elapsed` ms, with a promise if it `isPending`. */
  #limit(timeoutMs: number, elapsed: number, isPending: boolean): void {
    if (elapsed > timeoutMs) {
      this.#expire(timeoutMs, 'it blocked the event loop and could not be stopped');
    } else if (!this.#settled && isPending) {
      // A function that has cancelled its own task has no time that could run out.
      this.#timer = setTimeout(() => {
        this.#expire(timeoutMs, 'its signal was aborted');
      }, timeoutMs - elapsed);
    }
  }

  #expire(timeoutMs: number, how: string): void {
    this.stop(new AppTimeoutError(timeoutMs, how));
  }

  #end(): boolean {
    if (this.#settled) {
      return false;
    }
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#ended();
    return true;
  }

  #context() {
    this.#controller = new AbortController();
    const { taskId, attempt } = this.#task;
    return { taskId, attempt, worker: this.#place.worker, signal: this.#controller.signal };
  }
}
