import { describe, expect, expectTypeOf, it } from 'vitest';
import type * as promiseLike from '../futures/promise-like.js';
import type * as taskState from '../graph/task-state.js';
import type { AppFuture } from '../futures/app-future.js';
import type { TaskContext } from '../task-context.js';
import { app, appFrom, joinApp } from './app.js';

interface Point {
  readonly x: number;
  readonly tags: readonly string[];
}

const future = <T>(): AppFuture<T> => {
  throw new Error('only its type matters');
};

/** Never called: the compiler is what tests here. */
function neverCalled(): void {
  const add = app((a: number, b = 1) => a + b);
  expectTypeOf(add(1)).toEqualTypeOf<AppFuture<number>>();
  add(future<number>(), Promise.resolve(2));
  // @ts-expect-error a string is no number
  add('1');
  // @ts-expect-error nor is a future of one
  add(future<string>());
  // @ts-expect-error an argument is missing
  add();
  // @ts-expect-error one too many
  add(1, 2, 3);

  const mean = app((xs: readonly number[]) => xs.length);
  mean([1, future<number>(), Promise.resolve(3)]);
  mean(future<number[]>());
  mean([future<number>()]);
  // @ts-expect-error a future of another type inside an array
  mean([future<string>()]);

  const move = app((p: Point, by?: { dx: number }) => ({ ...p, x: p.x + (by?.dx ?? 0) }));
  expectTypeOf(move({ x: future<number>(), tags: [future<string>(), 'b'] })).toEqualTypeOf<
    AppFuture<{ x: number; tags: readonly string[] }>
  >();
  move(future<Point>(), { dx: future<number>() });
  // @ts-expect-error a property of another type
  move({ x: future<string>(), tags: [] });
  // @ts-expect-error a property that does not exist
  move({ x: 1, tags: [], y: 2 });

  const pair = app((p: [number, string]) => p);
  pair([future<number>(), 'a']);
  // @ts-expect-error elements of a tuple in the wrong order
  pair(['a', 1]);

  const either = app((x: string | number[]) => x);
  either('a');
  either([future<number>()]);
  // @ts-expect-error neither of them
  either(5);

  const any = app((x: unknown) => x);
  any(future<number>());
  any({ deep: [future<number>()] });

  const variadic = app((...xs: number[]) => xs.length);
  variadic(1, future<number>(), 3);
  // @ts-expect-error a rest element of another type
  variadic(1, 'a');

  const when = app((at: Date, by: Map<string, number>) => [at, by] as const);
  when(new Date(), new Map());
  when(future<Date>(), future<Map<string, number>>());

  expectTypeOf(app(async (x: number) => Promise.resolve(String(x)))(1)).toEqualTypeOf<AppFuture<string>>();
  expectTypeOf(app(() => undefined)()).toEqualTypeOf<AppFuture<undefined>>();

  const first = <T>(xs: readonly T[]): T | undefined => xs[0];
  expectTypeOf(app(first<string>)([future<string>()])).toEqualTypeOf<AppFuture<string | undefined>>();

  const withContext = app((x: number, ctx: TaskContext) => x + ctx.taskId);
  expectTypeOf(withContext(1)).toEqualTypeOf<AppFuture<number>>();
  const withOptionalContext = app((x: number, y?: string, ctx?: TaskContext) => [x, y, ctx?.attempt]);
  withOptionalContext(1);
  withOptionalContext(1, future<string>());
  // @ts-expect-error the context is not for callers to pass
  withOptionalContext(1, 'a', { taskId: 0, attempt: 0, worker: '', signal: AbortSignal.abort() });
  app((ctx?: TaskContext) => ctx?.worker)();
  // @ts-expect-error a parameter of type any is no context
  app(Array.isArray)();

  add.with({ retries: 2, executors: ['a'], timeoutMs: 5, priority: 1, name: 'x' })(1);
  add.with({ executors: 'all' })(future<number>());
  // @ts-expect-error an unknown option
  add.with({ retires: 2 });
  // @ts-expect-error options do not change the parameters
  add.with({ retries: 2 })('a');
}

function neverCalledEither(): void {
  expectTypeOf(joinApp((x: number) => future<string>().then((s) => s.length + x))(1)).toEqualTypeOf<
    AppFuture<number>
  >();
  expectTypeOf(joinApp(() => [future<string>()])()).toEqualTypeOf<AppFuture<string[]>>();
  expectTypeOf(joinApp(() => [future<string>(), future<number>()] as const)()).toEqualTypeOf<
    AppFuture<[string, number]>
  >();
  expectTypeOf(joinApp(async () => Promise.resolve([future<string>()]))()).toEqualTypeOf<
    AppFuture<string[]>
  >();
  // @ts-expect-error a plain value is nothing to wait for
  joinApp(() => 5);
  // @ts-expect-error join apps run in the submit process
  joinApp(() => future<number>()).with({ executors: ['a'] });

  type Module = typeof taskState;
  type PromiseLikeModule = typeof promiseLike;
  expectTypeOf(appFrom<PromiseLikeModule['isPromiseLike']>('file:///a.js', 'isPromiseLike')(1)).toEqualTypeOf<
    AppFuture<boolean>
  >();
  expectTypeOf(appFrom<PromiseLikeModule>('file:///a.js', 'isPromiseLike')(1)).toEqualTypeOf<
    AppFuture<boolean>
  >();
  expectTypeOf(appFrom<PromiseLikeModule, 'isPromiseLike'>('file:///a.js', 'isPromiseLike')(1)).toEqualTypeOf<
    AppFuture<boolean>
  >();
  // @ts-expect-error not a function of the module
  appFrom<PromiseLikeModule>('file:///a.js', 'nope');
  // @ts-expect-error the module exports no function
  appFrom<Module>('file:///a.js', 'FINAL_TASK_STATES');

  const result = future<{ rows: { x: number }[]; name: string }>();
  expectTypeOf(result.get('rows').get(0).get('x')).toEqualTypeOf<AppFuture<number>>();
  // @ts-expect-error no such property
  result.get('nope');
  expectTypeOf(result).toExtend<AppFuture<{ name: string }>>();
  expectTypeOf(result).toExtend<AppFuture<unknown>>();
  expectTypeOf(Promise.all([future<number>(), future<string>()])).resolves.toEqualTypeOf<[number, string]>();
}

describe('the types of apps', () => {
  it('are checked by the compiler', () => {
    expect([neverCalled, neverCalledEither]).toHaveLength(2);
  });
});
