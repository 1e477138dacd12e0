import type { AppFuture } from '../futures/app-future.js';
import type { TaskContext } from '../task-context.js';
import type { CallOptions, JoinCallOptions } from './app-options.js';

/** Any function that can become an app. */
export type AnyFunction = (...args: never[]) => unknown;

/** Types that are passed as they are: nothing is looked for inside. */
type Opaque =
  | string
  | number
  | boolean
  | bigint
  | symbol
  | null
  | undefined
  | AnyFunction
  | Date
  | RegExp
  | Error
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBuffer
  | ArrayBufferView
  | PromiseLike<unknown>;

/** What a call accepts for a parameter of type `T`: the value, a future of it, or futures inside arrays and objects. */
export type AppArgument<T> =
  | T
  | PromiseLike<T>
  | (T extends Opaque ? never : T extends object ? { [K in keyof T]: AppArgument<T[K]> } : never);

/** What a call accepts for the parameters `P`. */
export type AppArguments<P extends readonly unknown[]> = { [K in keyof P]: AppArgument<P[K]> };

type IsAny<T> = 0 extends 1 & T ? true : false;

type IsContext<T> =
  IsAny<T> extends true
    ? false
    : [T] extends [never]
      ? false
      : [T] extends [TaskContext | undefined]
        ? [TaskContext] extends [T]
          ? true
          : false
        : false;

/** The parameters `P` without a last one of type {@link TaskContext}, which callers do not pass. */
export type WithoutContext<P extends readonly unknown[]> = number extends P['length']
  ? P
  : P extends readonly []
    ? P
    : P extends readonly [(infer Only)?]
      ? IsContext<Only> extends true
        ? []
        : P
      : P extends readonly [unknown, ...infer Rest]
        ? P extends readonly [...infer First, ...Rest]
          ? [...First, ...WithoutContext<Rest>]
          : never
        : P extends readonly [(infer First)?, ...infer Rest]
          ? [first?: First, ...rest: WithoutContext<Rest>]
          : P;

/** The parameters of a call of the app made from `F`. */
export type CallParameters<F extends AnyFunction> = AppArguments<WithoutContext<Parameters<F>>>;

/** A function that runs as a task each time it is called. */
export interface App<F extends AnyFunction> {
  /** Submits a task, and returns at once. */
  (...args: CallParameters<F>): AppFuture<Awaited<ReturnType<F>>>;
  /** The same app with other options for the calls made through it: `fn.with({ retries: 3 })(1)`. */
  with(options: CallOptions): App<F>;
}

/** What the function of a join app may return: a future or an array of them. */
export type JoinResult = PromiseLike<unknown> | readonly PromiseLike<unknown>[];

/** `unknown` if the function may be that of a join app, else a type that it does not have, which tells why. */
export type JoinFunction<F extends AnyFunction> =
  ReturnType<F> extends JoinResult
    ? unknown
    : { readonly error: 'the function of a join app returns a future or an array of futures' };

/** The value of a join app whose function returns `R`. */
export type Joined<R> =
  R extends PromiseLike<infer V>
    ? JoinedValue<V>
    : R extends readonly unknown[]
      ? { -readonly [K in keyof R]: Awaited<R[K]> }
      : never;

/** What the promise of an `async` function resolved to may still be an array of futures. */
type JoinedValue<V> = V extends readonly unknown[]
  ? V[number] extends PromiseLike<unknown>
    ? { -readonly [K in keyof V]: Awaited<V[K]> }
    : V
  : Awaited<V>;

/** A function that makes other tasks, and whose value is theirs. */
export interface JoinApp<F extends AnyFunction> {
  /** Submits a task, and returns at once. */
  (...args: CallParameters<F>): AppFuture<Joined<ReturnType<F>>>;
  /** The same app with other options for the calls made through it. */
  with(options: JoinCallOptions): JoinApp<F>;
}

/** Names of the functions that a module exports. */
export type FunctionExport<M> = { [K in keyof M]: M[K] extends AnyFunction ? K : never }[keyof M] & string;

/** The function that module `M` exports as `K`. */
export type ExportedAs<M, K extends keyof M> = M[K] extends AnyFunction ? M[K] : never;
