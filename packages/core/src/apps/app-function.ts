import type { AnyFunction, BundleOptions, CodeBundle } from '@parsl-ts/bundler';
import type { TaskFunction } from '../executor.js';
import { contextIndexOf } from './context-parameter.js';
import { PackedOnce } from './packed-once.js';
import { packExport, packFunction } from './shipping.js';

type Callable = (...args: unknown[]) => unknown;

/** The function of an app that was made from a function value. */
export class LocalFunction implements TaskFunction {
  readonly name: string;
  readonly fn: Callable;
  readonly contextIndex: number;
  readonly #bundle: PackedOnce<CodeBundle>;

  constructor(name: string, fn: AnyFunction, options: BundleOptions, context: boolean | undefined) {
    this.name = name;
    this.fn = asCallable(fn);
    this.contextIndex = contextIndexOf(fn, context);
    this.#bundle = new PackedOnce(() => packFunction(fn, options));
  }

  bundle(): Promise<CodeBundle> {
    return this.#bundle.get();
  }
}

/** The function of an app that was named by its module and export; it is never loaded in this process. */
export class ExportedFunction implements TaskFunction {
  readonly name: string;
  readonly fn = undefined;
  readonly contextIndex: number;
  readonly #bundle: PackedOnce<CodeBundle>;

  constructor(name: string, url: string, options: BundleOptions, contextIndex: number) {
    this.name = name;
    this.contextIndex = contextIndex;
    this.#bundle = new PackedOnce(() => packExport(url, name, options));
  }

  bundle(): Promise<CodeBundle> {
    return this.#bundle.get();
  }
}

/** The app's type has checked the arguments by the time they get here. */
function asCallable(fn: AnyFunction): Callable {
  return fn as Callable;
}
