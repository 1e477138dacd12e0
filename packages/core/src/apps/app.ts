import { defaultKernel } from '../kernel/default-kernel.js';
import type { AppFromOptions, AppOptions, JoinAppOptions } from './app-options.js';
import type { AnyFunction, App, ExportedAs, FunctionExport, JoinApp, JoinFunction } from './app-types.js';
import { makeApp, makeAppFrom, makeJoinApp } from './make-app.js';

/**
 * Makes an app: a function that runs as a task, here or on a worker, each time it is called. The call takes the
 * function's arguments, or futures of them, and returns a future at once.
 *
 * Where it runs on workers, the function is shipped with what it uses of its module and with its imports; it must not
 * use variables of an enclosing function, nor assign variables of its module. Apps can be made before `load()`, which
 * each call needs.
 *
 * The types of a generic function are lost; name them: `app(first<string>)`.
 *
 * @throws ConfigurationError when an option is wrong
 */
export function app<F extends AnyFunction>(fn: F, options?: AppOptions): App<F> {
  return makeApp(defaultKernel, app, fn, options);
}

/**
 * Makes a join app: a function that calls apps and returns a future or an array of futures. Its own future has their
 * values, once all of them have. It runs in the submit process, and may use whatever it likes there.
 *
 * @throws ConfigurationError when an option is wrong
 */
export function joinApp<F extends AnyFunction>(
  fn: F & JoinFunction<F>,
  options?: JoinAppOptions,
): JoinApp<F> {
  return makeJoinApp(defaultKernel, joinApp, fn, options);
}

/**
 * Makes an app of a function that a module exports, without loading the module in this process:
 * `appFrom<typeof import('./tasks.js').simulate>(new URL('./tasks.js', import.meta.url), 'simulate')`.
 *
 * With the type of the whole module instead, `appFrom<typeof import('./tasks.js')>(url, 'simulate')`, the name is
 * checked, but the types are those of all its functions together; a second type argument, `'simulate'`, makes them exact.
 *
 * @throws ConfigurationError when an option is wrong
 */
export function appFrom<F extends AnyFunction>(
  module: string | URL,
  name: string,
  options?: AppFromOptions,
): App<F>;
export function appFrom<M extends object, K extends FunctionExport<M> = FunctionExport<M>>(
  module: string | URL,
  name: K,
  options?: AppFromOptions,
): App<ExportedAs<M, K>>;
export function appFrom(module: string | URL, name: string, options?: AppFromOptions): App<AnyFunction> {
  return makeAppFrom(defaultKernel, module, name, options);
}
