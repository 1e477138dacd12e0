import type { TaskFunction } from '../executor.js';
import { AppFuture } from '../futures/app-future.js';
import { isPromiseLike } from '../futures/promise-like.js';

/**
 * What the function of a join app returned, wrapped so that an executor does not wait for it. An `async` function has no
 * way to return a future itself, so that what its promise resolves to may be any value.
 */
export class JoinBody {
  readonly returned: unknown;
  readonly fromAsync: boolean;

  constructor(returned: unknown, fromAsync: boolean) {
    this.returned = returned;
    this.fromAsync = fromAsync;
  }

  /** What an executor says that the function of a join app returned. */
  static of(value: unknown): JoinBody {
    return value instanceof JoinBody ? value : new JoinBody(value, false);
  }
}

/** The function of a join app as its executor runs it: returns a {@link JoinBody}. */
export function joinFunction(body: TaskFunction): TaskFunction {
  const { fn } = body;
  return {
    name: body.name,
    fn: (...args) => {
      const returned = fn?.(...args);
      return isPromiseLike(returned) && !(returned instanceof AppFuture)
        ? returned.then((value) => new JoinBody(value, true))
        : new JoinBody(returned, false);
    },
    contextIndex: body.contextIndex,
    bundle: () => body.bundle(),
  };
}
