import { inspect } from 'node:util';
import type { TaskState } from '../graph/task-state.js';
import { isPromiseLike } from './promise-like.js';
import { readPart } from './result-part.js';

/** What a future asks of its task while it is not settled. */
export interface FutureOrigin {
  readonly state: TaskState;
  cancel(reason: unknown): boolean;
}

/** Is told once when a future settles. Must not throw. */
export interface FutureWatcher {
  futureSettled(future: AppFuture<unknown>): void;
}

/** What a future knows of its task from the start; each field is documented at {@link AppFuture}. */
export interface FutureDescription {
  readonly name: string;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
}

const NO_OUTPUTS: readonly never[] = Object.freeze([]);

type Phase = 'waiting' | 'fulfilled' | 'rejected';

// What follows is for the kernel alone, and so not methods of the class.
/** Gives a future its value. The first outcome counts. */
export let fulfilFuture: (future: AppFuture<unknown>, state: TaskState, value: unknown) => void;
/** Makes a future fail. The first outcome counts. */
export let rejectFuture: (future: AppFuture<unknown>, state: TaskState, error: unknown) => void;
/** Calls the watcher when the future settles. The future must be waiting. */
export let watchFuture: (future: AppFuture<unknown>, watcher: FutureWatcher) => void;
/** Where a future stands. */
export let futurePhase: (future: AppFuture<unknown>) => Phase;
/** Value or error of a settled future. */
export let futureOutcome: (future: AppFuture<unknown>) => unknown;

/** As everything takes it, since the type of its value is that of the future. */
type Resolve = (value: never) => void;

/** Takes the `resolve` of a promise that is being made: one function for all of them, not one for each. */
let newResolve: Resolve = () => undefined;
const takeResolve = (resolve: Resolve): void => {
  newResolve = resolve;
};

const ignore = (): void => undefined;

/**
 * The result of a task that may not have ended yet: a promise. Await it, pass it to another app, or take a part of it
 * with {@link AppFuture.get}. Unlike other promises it never raises an unhandled rejection by merely existing: only a
 * promise taken from it, by `await` or `then`, can.
 */
export class AppFuture<T> extends Promise<T> {
  /** Number of the task in its kernel, from 0; `undefined` when it stands for a promise that is no task. */
  readonly taskId: number | undefined;
  readonly #description: FutureDescription;
  #origin: FutureOrigin | undefined;
  #phase: Phase = 'waiting';
  #state: TaskState = 'pending';
  #outcome: unknown = undefined;
  #watchers: FutureWatcher | FutureWatcher[] | undefined = undefined;
  #resolve: Resolve | undefined;

  /**
   * Futures are made by calling apps.
   *
   * @throws TypeError for anything else, such as `AppFuture.all()`
   */
  constructor(taskId: number | undefined, description: FutureDescription, origin: FutureOrigin | undefined) {
    if (typeof description !== 'object') {
      throw new TypeError('an AppFuture is made by calling an app; use Promise.all() and the like');
    }
    super(takeResolve);
    this.#resolve = newResolve;
    this.taskId = taskId;
    this.#description = description;
    this.#origin = origin;
  }

  static {
    fulfilFuture = (future, state, value) => {
      future.#settle('fulfilled', state, value);
    };
    rejectFuture = (future, state, error) => {
      future.#settle('rejected', state, error);
    };
    watchFuture = (future, watcher) => {
      future.#watch(watcher);
    };
    futurePhase = (future) => future.#phase;
    futureOutcome = (future) => future.#outcome;
    // By this `await`, `Promise.all` and `then` know a promise that they need not wrap: a third of the time and memory.
    Reflect.defineProperty(this.prototype, 'constructor', { value: Promise });
  }

  /** Name of the task. */
  get name(): string {
    return this.#description.name;
  }

  /** File that takes what the task writes to standard output; absolute. */
  get stdout(): string | undefined {
    return this.#description.stdout;
  }

  /** The same for standard error. */
  get stderr(): string | undefined {
    return this.#description.stderr;
  }

  /** Where the task stands. */
  get state(): TaskState {
    return this.#origin?.state ?? this.#state;
  }

  /** Whether the task has ended, in whatever way. */
  get done(): boolean {
    return this.#phase !== 'waiting';
  }

  /** Futures of the files that the task makes. Empty: no option of a call names such files so far. */
  get outputs(): readonly AppFuture<unknown>[] {
    return NO_OUTPUTS;
  }

  /**
   * Gives the task up. One that has not started never runs; one that runs has the signal of its context aborted, and is
   * stopped by force where the executor can. The future fails with a `TaskCancelledError` as soon as nothing of the task
   * runs any more, and what depends on it fails with a `DependencyError`. For a future made by {@link AppFuture.get} the
   * whole task is given up.
   *
   * @param reason becomes the `cause` of the error
   * @returns whether there was anything to cancel
   */
  cancel(reason?: unknown): boolean {
    return this.#origin?.cancel(reason) ?? false;
  }

  /**
   * A future of one property or element of the result. It fails with a `ResultPropertyError` when the result does not
   * have it, and with the task's own error when the task fails.
   */
  get<K extends keyof T>(key: K): AppFuture<Awaited<T[K]>> {
    const derived = new AppFuture<Awaited<T[K]>>(this.taskId, { name: this.name }, this.#origin);
    const watcher: FutureWatcher = {
      futureSettled: () => {
        settlePart(derived, this, key);
      },
    };
    if (this.#phase === 'waiting') {
      this.#watch(watcher);
    } else {
      settlePart(derived, this, key);
    }
    return derived;
  }

  override get [Symbol.toStringTag](): string {
    return 'AppFuture';
  }

  /** Short in `console.log`. */
  [inspect.custom](): string {
    const task = this.taskId === undefined ? '' : ` of task ${String(this.taskId)}`;
    return `AppFuture${task} '${this.name}' (${this.state})`;
  }

  #watch(watcher: FutureWatcher): void {
    if (this.#watchers === undefined) {
      this.#watchers = watcher;
    } else if (Array.isArray(this.#watchers)) {
      this.#watchers.push(watcher);
    } else {
      this.#watchers = [this.#watchers, watcher];
    }
  }

  #settle(phase: Phase, state: TaskState, outcome: unknown): void {
    if (this.#phase !== 'waiting') {
      return;
    }
    this.#phase = phase;
    this.#state = state;
    this.#outcome = outcome;
    this.#origin = undefined;
    this.#settlePromise();
    if (this.#watchers !== undefined) {
      AppFuture.#notify(this);
    }
  }

  #settlePromise(): void {
    // The kernel settles a future with what its function returned, and the app's type says what that is.
    const resolve = this.#resolve as ((value: unknown) => void) | undefined;
    this.#resolve = undefined;
    if (this.#phase === 'fulfilled') {
      resolve?.(this.#outcome);
      return;
    }
    // Handled from now on, as far as this promise itself is concerned.
    this.then(undefined, ignore);
    resolve?.(Promise.reject(this.#outcome));
  }

  static readonly #settled: AppFuture<unknown>[] = [];
  static #notifying = false;

  /** Watchers settle further futures; a loop instead of recursion keeps long chains off the stack. */
  static #notify(future: AppFuture<unknown>): void {
    const settled = AppFuture.#settled;
    settled.push(future);
    if (AppFuture.#notifying) {
      return;
    }
    AppFuture.#notifying = true;
    try {
      for (let next = settled.pop(); next !== undefined; next = settled.pop()) {
        const watchers = next.#watchers;
        next.#watchers = undefined;
        if (Array.isArray(watchers)) {
          for (const watcher of watchers) {
            watcher.futureSettled(next);
          }
        } else {
          watchers?.futureSettled(next);
        }
      }
    } finally {
      AppFuture.#notifying = false;
    }
  }
}

function settlePart(part: AppFuture<unknown>, whole: AppFuture<unknown>, key: PropertyKey): void {
  const outcome = futureOutcome(whole);
  if (futurePhase(whole) === 'rejected') {
    rejectFuture(part, whole.state, outcome);
    return;
  }
  try {
    adopt(part, whole.state, readPart(whole, outcome, key));
  } catch (error) {
    rejectFuture(part, whole.state, error);
  }
}

/** Settles a future with a value, or with what becomes of a promise. */
export function adopt(future: AppFuture<unknown>, state: TaskState, value: unknown): void {
  if (!isPromiseLike(value)) {
    fulfilFuture(future, state, value);
    return;
  }
  const fail = (error: unknown): void => {
    rejectFuture(future, 'failed', error);
  };
  try {
    value.then((settled) => {
      // A promise of the language never has a promise for a value; others may.
      adopt(future, state, settled);
    }, fail);
  } catch (error) {
    // A promise of the language would not throw here, either. What it says first counts.
    fail(error);
  }
}
