import type { AnyFunction, BundleOptions, CodeBundle } from '@parsl-ts/bundler';
import type { TaskFunction } from '../executor.js';
import { contextIndexOf } from './context-parameter.js';
import { packExport, packFunction } from './shipping.js';

type Callable = (...args: unknown[]) => unknown;

/** The function of an app that was made from a function value. */
export class LocalFunction implements TaskFunction {
  readonly name: string;
  readonly fn: Callable;
  readonly contextIndex: number;
  readonly #original: AnyFunction;
  readonly #options: BundleOptions;
  #bundle: Promise<CodeBundle> | undefined;

  constructor(name: string, fn: AnyFunction, options: BundleOptions, context: boolean | undefined) {
    this.name = name;
    this.#original = fn;
    this.fn = asCallable(fn);
    this.contextIndex = contextIndexOf(fn, context);
    this.#options = options;
  }

  bundle(): Promise<CodeBundle> {
    this.#bundle ??= packFunction(this.#original, this.#options);
    return this.#bundle;
  }
}

/** The function of an app that was named by its module and export; it is never loaded in this process. */
export class ExportedFunction implements TaskFunction {
  readonly name: string;
  readonly fn = undefined;
  readonly contextIndex: number;
  readonly #url: string;
  readonly #options: BundleOptions;
  #bundle: Promise<CodeBundle> | undefined;

  constructor(name: string, url: string, options: BundleOptions, contextIndex: number) {
    this.name = name;
    this.#url = url;
    this.#options = options;
    this.contextIndex = contextIndex;
  }

  bundle(): Promise<CodeBundle> {
    this.#bundle ??= packExport(this.#url, this.name, this.#options);
    return this.#bundle;
  }
}

/** The app's type has checked the arguments by the time they get here. */
function asCallable(fn: AnyFunction): Callable {
  return fn as Callable;
}
