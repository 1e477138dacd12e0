import type { Task } from '../graph/task.js';

/** Cancels tasks when their `AbortSignal` fires. One listener per signal, however many tasks share it. */
export class SignalRegistry {
  readonly #tasks = new Map<AbortSignal, Set<Task>>();
  readonly #listeners = new WeakMap<AbortSignal, () => void>();

  add(signal: AbortSignal, task: Task): void {
    const known = this.#tasks.get(signal);
    if (known !== undefined) {
      known.add(task);
      return;
    }
    const tasks = new Set([task]);
    const listener = (): void => {
      this.#tasks.delete(signal);
      for (const each of tasks) {
        each.cancel(signal.reason);
      }
    };
    this.#tasks.set(signal, tasks);
    this.#listeners.set(signal, listener);
    signal.addEventListener('abort', listener, { once: true });
  }

  remove(signal: AbortSignal, task: Task): void {
    const tasks = this.#tasks.get(signal);
    const listener = this.#listeners.get(signal);
    if (tasks?.delete(task) === true && tasks.size === 0 && listener !== undefined) {
      this.#tasks.delete(signal);
      signal.removeEventListener('abort', listener);
    }
  }
}
