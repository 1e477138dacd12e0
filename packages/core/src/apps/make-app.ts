import { isAbsolute } from 'node:path';
import { ConfigurationError } from '@parsl-ts/provider';
import type { AppFuture } from '../futures/app-future.js';
import type { AppDefinition, TaskSettings } from '../graph/task.js';
import { joinFunction } from '../kernel/join-body.js';
import { ExportedFunction, LocalFunction } from './app-function.js';
import {
  applyOptions,
  checkAppOptions,
  plainSettings,
  type AppFromOptions,
  type AppOptions,
  type CallOptions,
  type JoinAppOptions,
  type OptionsKind,
} from './app-options.js';
import { callSite } from './call-site.js';
import type { AnyFunction, App, CallParameters, JoinApp, Joined } from './app-types.js';

/** Takes the calls of apps. */
export interface TaskSubmitter {
  submit<T>(definition: AppDefinition, args: readonly unknown[], settings: TaskSettings): AppFuture<T>;
}

/** Finds the submitter at each call, so that apps can be made before there is one. */
export type FindSubmitter = () => TaskSubmitter;

/**
 * See `app`.
 *
 * @param entry the function that the user called, whose place names an app without a name
 */
export function makeApp<F extends AnyFunction>(
  find: FindSubmitter,
  entry: AnyFunction,
  fn: F,
  options: AppOptions = {},
): App<F> {
  checkFunction('app', fn);
  checkAppOptions('app', options);
  const name = options.name ?? nameOf(fn, entry);
  const run = new LocalFunction(name, fn, bundleOptions(options), options.context);
  return callable<CallParameters<F>, Awaited<ReturnType<F>>>(
    { find, definition: { run, join: false }, kind: 'with' },
    applyOptions(plainSettings(name), options),
  );
}

/** See `joinApp`, and {@link makeApp}. */
export function makeJoinApp<F extends AnyFunction>(
  find: FindSubmitter,
  entry: AnyFunction,
  fn: F,
  options: JoinAppOptions = {},
): JoinApp<F> {
  checkFunction('joinApp', fn);
  checkAppOptions('joinApp', options);
  const name = options.name ?? nameOf(fn, entry);
  const run = joinFunction(new LocalFunction(name, fn, {}, options.context));
  return callable<CallParameters<F>, Joined<ReturnType<F>>>(
    { find, definition: { run, join: true }, kind: 'joinWith' },
    applyOptions(plainSettings(name), options),
  );
}

/** See `appFrom`. */
export function makeAppFrom<F extends AnyFunction>(
  find: FindSubmitter,
  module: string | URL,
  name: string,
  options: AppFromOptions = {},
): App<F> {
  checkModule(module);
  if (typeof name !== 'string' || name === '') {
    throw new ConfigurationError('appFrom() takes the name of an exported function as its second argument', {
      owner: 'appFrom()',
    });
  }
  checkAppOptions('appFrom', options);
  const run = new ExportedFunction(name, String(module), bundleOptions(options), options.contextIndex ?? -1);
  return callable<CallParameters<F>, Awaited<ReturnType<F>>>(
    { find, definition: { run, join: false }, kind: 'with' },
    applyOptions(plainSettings(options.name ?? name), options),
  );
}

interface CallableParts {
  readonly find: FindSubmitter;
  readonly definition: AppDefinition;
  readonly kind: OptionsKind;
}

interface Callable<P extends readonly unknown[], R> {
  (...args: P): AppFuture<R>;
  with(options: CallOptions): Callable<P, R>;
}

function callable<P extends readonly unknown[], R>(
  parts: CallableParts,
  settings: TaskSettings,
): Callable<P, R> {
  const call = (...args: P): AppFuture<R> => parts.find().submit<R>(parts.definition, args, settings);
  const withOptions = (options: CallOptions): Callable<P, R> => {
    checkAppOptions(parts.kind, options);
    return callable<P, R>(parts, applyOptions(settings, options));
  };
  Object.defineProperty(call, 'name', { value: settings.name, configurable: true });
  return Object.assign(call, { with: withOptions });
}

function checkFunction(owner: string, fn: unknown): void {
  if (typeof fn !== 'function') {
    throw new ConfigurationError(`${owner}() takes a function, not a value of type ${typeof fn}`, {
      owner: `${owner}()`,
    });
  }
}

/** A path relative to the calling module cannot be told from here. */
function checkModule(module: unknown): void {
  if (module instanceof URL || (typeof module === 'string' && (isAbsolute(module) || URL.canParse(module)))) {
    return;
  }
  throw new ConfigurationError(
    `appFrom() takes a module's URL or absolute path, not ${typeof module === 'string' ? `'${module}'` : `a value of type ${typeof module}`}; write new URL('./tasks.js', import.meta.url)`,
    { owner: 'appFrom()' },
  );
}

/** Most functions of apps have no name, and are told apart by the place where the app was made. */
function nameOf(fn: AnyFunction, entry: AnyFunction): string {
  if (fn.name !== '') {
    return fn.name;
  }
  const site = callSite(entry);
  return site === undefined ? 'anonymous' : `anonymous at ${site}`;
}

function bundleOptions(options: { readonly module?: string; readonly external?: readonly string[] }) {
  return {
    ...(options.module === undefined ? {} : { module: options.module }),
    ...(options.external === undefined ? {} : { external: options.external }),
  };
}
