import { Bindings } from '../dependencies/bindings.js';
import { JoinBodyError, JoinError, type FailedDependency } from '../errors.js';
import type { TaskGraph } from '../graph/task-graph.js';
import type { Task, Try } from '../graph/task.js';
import { futureOutcome, futurePhase, watchFuture, type FutureWatcher } from '../futures/app-future.js';
import { isPromiseLike } from '../futures/promise-like.js';
import type { JoinBody } from './join-body.js';

/** Waits for the futures that a join app returned. */
export class JoinWatcher implements FutureWatcher, Try {
  readonly place = undefined;
  readonly #graph: TaskGraph;
  readonly #task: Task;
  readonly #done: () => void;
  readonly #body: JoinBody;
  readonly #bindings: Bindings | undefined;
  #waitingFor = 0;

  /** @param done is called after the graph was told of the end in a later turn */
  constructor(graph: TaskGraph, task: Task, body: JoinBody, done: () => void) {
    this.#graph = graph;
    this.#task = task;
    this.#done = done;
    this.#body = body;
    this.#bindings = Bindings.of([body.returned], undefined);
  }

  /** Begins to wait; may tell the graph of the end at once. */
  start(): void {
    const { fromAsync, returned } = this.#body;
    if (!fromAsync && !isJoinable(returned)) {
      this.#graph.joinFailed(this.#task, new JoinBodyError(this.#task, nameOf(returned)));
      return;
    }
    for (const future of this.#bindings?.futures ?? []) {
      if (futurePhase(future) === 'waiting') {
        this.#waitingFor++;
        watchFuture(future, this);
      }
    }
    if (this.#waitingFor === 0) {
      this.#end();
    }
  }

  /** Gives up the futures that are waited for. */
  cancel(reason: unknown): void {
    for (const future of this.#bindings?.futures ?? []) {
      future.cancel(reason);
    }
  }

  futureSettled(): void {
    this.#waitingFor--;
    if (this.#waitingFor === 0) {
      this.#end();
      this.#done();
    }
  }

  #end(): void {
    const failures: FailedDependency[] = [];
    for (const future of this.#bindings?.futures ?? []) {
      if (futurePhase(future) === 'rejected') {
        failures.push({ taskId: future.taskId, name: future.name, error: futureOutcome(future) });
      }
    }
    const [first, ...others] = failures;
    if (first !== undefined) {
      this.#graph.joinFailed(this.#task, new JoinError(this.#task, [first, ...others]));
      return;
    }
    this.#bindings?.fill();
    const value = this.#bindings === undefined ? this.#body.returned : this.#bindings.args[0];
    this.#graph.joined(this.#task, value);
  }
}

function isJoinable(returned: unknown): boolean {
  return isPromiseLike(returned) || (Array.isArray(returned) && returned.every(isPromiseLike));
}

function nameOf(returned: unknown): string {
  if (Array.isArray(returned)) {
    return 'an array with something else in it';
  }
  return returned === undefined || returned === null ? String(returned) : `a ${typeof returned}`;
}
