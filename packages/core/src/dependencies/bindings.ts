import { adopt, AppFuture, futureOutcome } from '../futures/app-future.js';
import { isPromiseLike } from '../futures/promise-like.js';
import type { DependencyResolver } from './dependency-resolver.js';
import { hasFutures, isPlainObject } from './find-futures.js';

type Container = unknown[] | Record<string, unknown>;

/** A place that takes something else once the futures have values. */
interface Slot {
  readonly container: Container;
  readonly key: string | number;
  /** A future, or a value that the resolver rebuilds. */
  readonly content: AppFuture<unknown> | { readonly rebuild: object };
}

/**
 * The futures among the arguments of a call, and the places that their values go to. Containers with futures in them are
 * copied once, at the call, so that neither the caller's objects are changed nor later changes by the caller seen;
 * arguments without futures are left as they are.
 */
export class Bindings {
  /** The arguments, for which the values of the futures are put in by {@link Bindings.fill}. */
  readonly args: unknown[];
  /** Every future found, once for each place. Foreign promises are wrapped. */
  readonly futures: AppFuture<unknown>[] = [];
  readonly #slots: Slot[] = [];
  readonly #copies = new Map<object, Container>();
  readonly #foreign = new Map<PromiseLike<unknown>, AppFuture<unknown>>();
  readonly #resolver: DependencyResolver | undefined;

  private constructor(args: readonly unknown[], resolver: DependencyResolver | undefined) {
    this.args = [...args];
    this.#resolver = resolver;
  }

  /** Finds the futures in `args`. `undefined` when there are none. */
  static of(args: readonly unknown[], resolver: DependencyResolver | undefined): Bindings | undefined {
    let bindings: Bindings | undefined;
    for (let index = 0; index < args.length; index++) {
      const value = args[index];
      // The common case, flat values, must cost next to nothing.
      if (typeof value === 'object' && value !== null && hasFutures(value, resolver)) {
        bindings ??= new Bindings(args, resolver);
        bindings.#bind(bindings.args, index, value);
      }
    }
    if (bindings !== undefined) {
      bindings.#copies.clear();
    }
    return bindings;
  }

  /** Puts the values of the futures into their places. All of them must have one. */
  fill(): void {
    for (const { container, key, content } of this.#slots) {
      put(
        container,
        key,
        content instanceof AppFuture ? futureOutcome(content) : this.#rebuild(content.rebuild),
      );
    }
  }

  /** Numbers of the tasks among the futures, each once. */
  taskIds(): readonly number[] {
    const ids = new Set<number>();
    for (const { taskId } of this.futures) {
      if (taskId !== undefined) {
        ids.add(taskId);
      }
    }
    return [...ids];
  }

  #bind(container: Container, key: string | number, value: unknown): void {
    if (typeof value !== 'object' || value === null) {
      put(container, key, value);
    } else if (isPromiseLike(value)) {
      const content = this.#asFuture(value);
      this.futures.push(content);
      this.#slots.push({ container, key, content });
    } else if (Array.isArray(value) || isPlainObject(value)) {
      put(container, key, this.#copy(value));
    } else {
      put(container, key, value);
      this.#bindDeep(container, key, value);
    }
  }

  #copy(original: unknown[] | Record<string, unknown>): Container {
    const known = this.#copies.get(original);
    if (known !== undefined) {
      return known;
    }
    const copy: Container = Array.isArray(original)
      ? new Array<unknown>(original.length)
      : emptyLike(original);
    this.#copies.set(original, copy);
    if (Array.isArray(original)) {
      for (let index = 0; index < original.length; index++) {
        this.#bind(copy, index, original[index]);
      }
    } else {
      for (const [key, child] of Object.entries(original)) {
        this.#bind(copy, key, child);
      }
    }
    return copy;
  }

  /** A value that only the resolver can enter: its futures are waited for, and it is rebuilt as a whole. */
  #bindDeep(container: Container, key: string | number, value: object): void {
    const resolver = this.#resolver;
    if (resolver === undefined || !hasFutures(value, resolver)) {
      return;
    }
    const seen = new Set<object>();
    const collect = (child: unknown): unknown => {
      if (typeof child !== 'object' || child === null || seen.has(child)) {
        return child;
      }
      seen.add(child);
      if (isPromiseLike(child)) {
        this.futures.push(this.#asFuture(child));
      } else if (Array.isArray(child) || isPlainObject(child)) {
        Object.values(child).forEach(collect);
      } else {
        resolver(child, collect);
      }
      return child;
    };
    collect(value);
    this.#slots.push({ container, key, content: { rebuild: value } });
  }

  #rebuild(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || !hasFutures(value, this.#resolver)) {
      return value;
    }
    if (isPromiseLike(value)) {
      return futureOutcome(this.#asFuture(value));
    }
    if (Array.isArray(value)) {
      return value.map((child) => this.#rebuild(child));
    }
    if (isPlainObject(value)) {
      const copy = emptyLike(value);
      for (const [key, child] of Object.entries(value)) {
        put(copy, key, this.#rebuild(child));
      }
      return copy;
    }
    return this.#resolver?.(value, (child) => this.#rebuild(child));
  }

  #asFuture(value: PromiseLike<unknown>): AppFuture<unknown> {
    if (value instanceof AppFuture) {
      return value;
    }
    let future = this.#foreign.get(value);
    if (future === undefined) {
      future = new AppFuture<unknown>(undefined, { name: 'a promise' }, undefined);
      this.#foreign.set(value, future);
      adopt(future, 'exec_done', value);
    }
    return future;
  }
}

function emptyLike(original: object): Record<string, unknown> {
  return Object.getPrototypeOf(original) === null ? nullObject() : {};
}

function nullObject(): Record<string, unknown> {
  const empty: Record<string, unknown> = {};
  Object.setPrototypeOf(empty, null);
  return empty;
}

function put(container: Container, key: string | number, value: unknown): void {
  // Not an assignment: a key may be '__proto__'.
  if (key === '__proto__') {
    Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    Reflect.set(container, key, value);
  }
}
